"""Qui voit quels parcours : `visibles_pour` est la définition. « Mes parcours » en a sa lecture par index, tenue égale par un test."""

from django.db.models import Exists, OuterRef, Q

from securisation.socle.trace import TraceQuerySet


class ParcoursQuerySet(TraceQuerySet):
    def visibles_pour(self, professionnel):
        """Parcours où il a un rôle, ceux, non restreints, des équipes qu'il supervise, ceux qu'il a ouverts comme délégué.

        Ni une autre fonction ni un superutilisateur n'ouvrent un dossier ; un partenaire (sans équipe) n'en voit aucun.
        """
        if not professionnel.is_authenticated or not professionnel.is_active:
            return self.none()
        from securisation.parcours.models import Attribution, Ouverture

        raisons = Q(pk__in=[])
        if professionnel.equipe_id:
            raisons |= Q(Exists(Attribution.objects.filter(content_object=OuterRef("pk"), user=professionnel)))
        if supervisees := professionnel.equipes_supervisees:
            raisons |= Q(equipe__in=supervisees, restreint=False)
        if professionnel.a_fonction("DPO"):
            ouvertes = Ouverture.objects.en_cours().filter(parcours=OuterRef("pk"), professionnel=professionnel)
            raisons |= Q(Exists(ouvertes))
        return self.filter(raisons)

    def pour_les_chiffres(self):
        """Parcours qui peuvent compter dans un chiffre : ceux dont la personne ne s'est pas opposée aux statistiques."""
        return self.filter(personne__opposition_le=None)

    def de_la_personne(self, donnees):
        """Parcours de qui pourrait être cette personne : mêmes prénom et nom (ou pseudonyme), ou même nom et même année."""
        from securisation.parcours.models.personne import cle_de_recherche

        prenom, nom, pseudonyme, annee = (donnees.get(c) for c in ("prenom", "nom", "pseudonyme", "annee_naissance"))
        cle = cle_de_recherche(f"{prenom or ''} {nom or ''}") or cle_de_recherche(pseudonyme)
        if not cle:
            return self.none()
        pareils = Q(personne__cle=cle)
        if prenom and nom:  # un pseudonyme peut suivre
            pareils |= Q(personne__cle__startswith=f"{cle} ")
        if nom and annee:
            pareils |= Q(personne__nom__iexact=nom, personne__annee_naissance=annee)
        return self.filter(pareils).select_related("personne").order_by("-pk")
