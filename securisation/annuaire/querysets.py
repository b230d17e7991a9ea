"""Requêtes nommées de l'annuaire."""

from django.db import models
from django.db.models import Q

A_RELIRE = "à relire"
A_SIGNALER = "signaler"  # le sens d'un mot de l'association que la garde signale


class SuppressionRefusee(Exception):
    """Un code déjà employé dans un dossier doit rester lisible : il se ferme, il ne se supprime pas."""

    def __init__(self):
        super().__init__("Un code du référentiel ne se supprime pas : il se ferme, et reste lisible dans les dossiers.")


class NomenclatureQuerySet(models.QuerySet):
    """Filtres communs à toutes les nomenclatures."""

    def ouverts(self):
        """Ce qui se propose encore à la saisie."""
        return self.filter(ferme_le__isnull=True)

    def fermes(self):
        """Ce qui ne se propose plus, et reste lisible dans les dossiers."""
        return self.filter(ferme_le__isnull=False)

    def corriges(self):
        """Ce que l'association a changé ou ajouté, relecture mise à part."""
        sans_correction = Q(champs_corriges__contained_by=["relecture"])
        return self.filter(~sans_correction | Q(propre_a_l_association=True))

    def a_relire(self):
        """Ce qu'un travailleur social de l'association doit relire avant la mise en service."""
        return self.ouverts().filter(relecture=A_RELIRE)

    def pour_axe(self, code):
        """Ce qui touche l'axe de ce code ; le modèle dit par quel chemin (`chemin_axe`)."""
        chemin = self.model.chemin_axe
        if not chemin:
            raise ValueError(f"{self.model.__name__} n'est pas rangé par axe.")
        return self.filter(**{chemin: [code] if chemin.endswith("__contains") else code})

    def libelles(self):
        """{code: libellé}, codes fermés compris : un dossier ancien reste lisible."""
        return dict(self.values_list("code", self.model.champ_libelle))

    def contenant(self, texte):
        """Recherche simple sur le code et le libellé ; un texte vide ne filtre rien."""
        if not texte:
            return self
        champ = self.model.champ_libelle
        return self.filter(Q(code__icontains=texte) | Q(**{f"{champ}__icontains": texte}))

    def delete(self):
        raise SuppressionRefusee


class PublicQuerySet(NomenclatureQuerySet):
    def a_la_saisie(self):
        """Ce qui se note d'une personne : ouvert, et dont le nom ne révèle pas la santé."""
        return self.ouverts().filter(revele_la_sante=False)


class EpciQuerySet(NomenclatureQuerySet):
    def par_code_postal(self):
        """{code postal: code de l'intercommunalité} ; un code partagé entre deux n'en désigne aucune et n'y est pas."""
        dites = {}
        for code, postaux in self.ouverts().values_list("code", "codes_postaux"):
            for postal in postaux:
                dites.setdefault(postal, set()).add(code)
        return {postal: codes.pop() for postal, codes in dites.items() if len(codes) == 1}
