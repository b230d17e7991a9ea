"""Qui voit quels parcours. `visibles_pour` est la définition ; `liste_pour` est la même, tenue par deux index."""

from django.db.models import Exists, OuterRef, Q

from securisation.socle.trace import TraceQuerySet


class ParcoursQuerySet(TraceQuerySet):
    def visibles_pour(self, professionnel):
        """Parcours où ce professionnel a un rôle, et ceux, non restreints, des équipes qu'il supervise.

        Ni une autre fonction ni un superutilisateur n'ouvrent un dossier ; un partenaire (sans équipe) n'en voit aucun.
        """
        if not professionnel.is_authenticated or not professionnel.is_active:
            return self.none()
        from securisation.parcours.models import Attribution

        raisons = Q(pk__in=[])
        if professionnel.equipe_id:
            raisons |= Q(Exists(Attribution.objects.filter(content_object=OuterRef("pk"), user=professionnel)))
        if supervisees := professionnel.equipes_supervisees:
            raisons |= Q(equipe__in=supervisees, restreint=False)
        return self.filter(raisons)

    def liste_pour(self, professionnel):
        """Les mêmes parcours, par deux parcours d'index unis (rôle, équipe supervisée) : pour les listes."""
        from securisation.parcours.models import Attribution

        if not professionnel.is_authenticated or not professionnel.is_active:
            return self.none()
        par_role = Attribution.objects.filter(user=professionnel).values("content_object")
        if not professionnel.equipe_id:
            par_role = par_role.none()
        par_equipe = self.model.objects.filter(equipe__in=professionnel.equipes_supervisees, restreint=False).values(
            "pk"
        )
        return self.filter(pk__in=par_role.union(par_equipe))

    def en_cours(self):
        """Parcours qui ne sont pas figés."""
        return self.exclude(etat__in=self.model.FIGES)
