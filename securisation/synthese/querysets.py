"""Les alertes que le délégué à la protection des données regarde ; les lots d'une responsable d'équipe."""

from django.db import models

PRETS = ["produit", "remplace"]


def sorts(vers=""):
    """{"prets", "en_cours", "manques"} → ce qui retient ces lignes d'un lot ; `vers` : le chemin qui y mène (« lignes__ »)."""

    def dit(**criteres):
        return models.Q(**{vers + cle: valeur for cle, valeur in criteres.items()})

    return {
        "prets": dit(document__etat__in=PRETS),
        "en_cours": dit(etat="attente") | dit(document__etat="demande"),
        "manques": ~dit(etat="attente") & (dit(document=None) | dit(document__etat__in=["echec", "annule"])),
    }


class AlerteQuerySet(models.QuerySet):
    def visibles_pour(self, professionnel):
        """Toutes pour le délégué à la protection des données, aucune pour qui que ce soit d'autre."""
        return self if professionnel.is_authenticated and professionnel.a_fonction("DPO") else self.none()

    def a_regarder(self):
        """Celles que personne n'a encore regardées."""
        return self.filter(etat="a_regarder")


class LotQuerySet(models.QuerySet):
    def visibles_pour(self, professionnel):
        """Ses propres lots : un lot n'est montré qu'à qui l'a demandé, tant qu'il supervise une équipe."""
        if not professionnel.is_active or not professionnel.equipes_supervisees:
            return self.none()
        return self.filter(par=professionnel)

    def avec_comptes(self):
        """Avec `prets` et `restent` (documents prêts, restant à faire), le dernier demandé d'abord : compter oublie l'ordre du modèle."""
        de = sorts("lignes__")
        comptes = self.annotate(
            prets=models.Count("lignes", filter=de["prets"]), restent=models.Count("lignes", filter=de["en_cours"])
        )
        return comptes.order_by("-demande_le", "-pk")


class LigneDeLotQuerySet(models.QuerySet):
    SORTS = sorts()

    def du_sort(self, sort):
        """Celles qui sont prêtes, qui ont manqué ou qui restent à faire (clé de SORTS)."""
        return self.filter(self.SORTS[sort])

    def pour_page(self):
        """Avec ce qu'une ligne montre : le parcours, la personne, le document sans son contenu."""
        return self.select_related("parcours__personne", "document").defer("document__donnees")
