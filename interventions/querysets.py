"""Ce qu'on lit des interventions."""

from django.db.models import F, Q

from securisation.socle import horloge
from securisation.socle.trace import TraceQuerySet


class SuspensionQuerySet(TraceQuerySet):
    def en_cours(self):
        """Celle qui n'a pas encore de reprise."""
        return self.filter(au=None)


class DerogationQuerySet(TraceQuerySet):
    def valables(self):
        """Celles qui permettent aujourd'hui d'inscrire une action."""
        jour = horloge.aujourd_hui()
        return self.filter(le__lte=jour, jusqu_au__gte=jour)


class ActionQuerySet(TraceQuerySet):
    def visibles_pour(self, professionnel):
        """Les démarches visibles, chacune avec ce qui la nomme et ce qui dit si elle révèle la santé."""
        avec = ("facteur", "levier__delai_verifie_par", "axe", "mode", "issue")
        return super().visibles_pour(professionnel).select_related(*avec)

    def ouvertes(self):
        """Démarches dont une réponse ou un effet reste à venir."""
        return self.filter(etat="ouverte")

    def qui_attendent(self, levier):
        """Démarches ouvertes par ce levier, là où l'intervention court encore, avec de quoi les dater."""
        vivantes = self.ouvertes().filter(levier=levier, intervention__etat__in=["en_cours", "suspendue"])
        return vivantes.select_related("levier", "issue", "intervention__parcours").order_by("pk")

    def pour_page(self):
        """Actions avec tout ce qu'une page en dit, les réponses attendues les plus proches d'abord."""
        return self.select_related("levier", "axe", "facteur", "mode", "issue", "ns2_motif").order_by(
            F("reponse_attendue_le").asc(nulls_last=True), "pk"
        )


class ContactQuerySet(TraceQuerySet):
    def de_la_personne(self):
        """Contacts venus de la personne : les seuls qui déplacent la durée de conservation."""
        return self.filter(de_la_personne=True)

    def de_l_intervention(self, intervention):
        """Contacts notés depuis le démarrage, les plus récents d'abord."""
        return (
            self.filter(Q(intervention=intervention) | Q(le__gte=intervention.demarre_le))
            .select_related("par")
            .order_by("-le", "-pk")
        )


class PieceQuerySet(TraceQuerySet):
    def visibles_pour(self, professionnel):
        """Les pièces visibles, chacune avec la démarche qui dit si elle révèle la santé."""
        return super().visibles_pour(professionnel).select_related("action__facteur", "action__levier")

    def pour_page(self):
        """Les pièces gardées, la dernière reçue d'abord, sans leurs octets, avec ce qu'une page en dit."""
        return self.filter(etat="gardee").select_related("action__facteur", "action__levier", "versee_par")
