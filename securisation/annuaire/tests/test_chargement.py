"""`charger_referentiel` : idempotent, ferme sans supprimer, garde les corrections de l'association."""

import csv
import shutil
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from securisation.annuaire.chargement import DOSSIERS, charger
from securisation.annuaire.models import Criticite, Facteur, Levier, LienDomino, ObjectifPraps, Origine
from securisation.annuaire.querysets import SuppressionRefusee
from securisation.comptes.models import Professionnel

pytestmark = pytest.mark.django_db


@pytest.fixture
def awa():
    return Professionnel.objects.create_user("awa.annuaire@exemple.test", "un mot de passe long", prenom="Awa", nom="D")


@pytest.fixture
def copie(tmp_path):
    """Une copie du référentiel que le test peut changer."""
    for dossier in DOSSIERS:
        shutil.copytree(dossier, tmp_path, dirs_exist_ok=True)
    return tmp_path


def reecrire(dossier, nom, changer):
    chemin = dossier / f"{nom}.csv"
    with chemin.open(encoding="utf-8", newline="") as flux:
        lignes = list(csv.DictReader(flux))
    entetes, lignes = list(lignes[0]), changer(lignes)
    with chemin.open("w", encoding="utf-8", newline="") as flux:
        redacteur = csv.DictWriter(flux, entetes)
        redacteur.writeheader()
        redacteur.writerows(lignes)


def changer_ligne(code, **valeurs):
    return lambda lignes: [ligne | valeurs if ligne["code"] == code else ligne for ligne in lignes]


class TestCharger:
    def test_recharger_ne_change_rien(self):
        charger()
        second = charger()
        assert len(second["facteurs"].inchanges) == 62
        assert len(second["leviers"].inchanges) == 60
        assert sum(len(b.crees) + len(b.mis_a_jour) + len(b.fermes) + len(b.gardes) for b in second.values()) == 0

    def test_cree_un_code_nouveau(self, copie):
        charger()
        reecrire(copie, "origines", lambda lignes: [*lignes, {"code": "OR-50", "libelle": "Maison de quartier"}])
        assert charger((copie,))["origines"].crees == ["OR-50"]
        assert Origine.objects.ouverts().last().code == "OR-50"

    def test_lit_les_types(self):
        charger()
        assert Levier.objects.get(code="L-CPAM").axes == ["ADM", "BUD"]
        assert Facteur.objects.get(code="ADM-03").revele_la_sante
        assert LienDomino.objects.get(code="D01").vers.code == "BUD-01"
        assert list(Criticite.objects.values_list("delai_jours", flat=True)) == [None, None, 30, 7, 3]
        assert ObjectifPraps.objects.get(numero=8).reserve.startswith("révèle la santé")

    def test_ferme_un_code_retire_et_le_rouvre_s_il_revient(self, copie):
        charger()
        reecrire(copie, "origines", lambda lignes: lignes[1:])
        assert charger((copie,))["origines"].fermes == ["OR-01"]
        assert Origine.objects.get(code="OR-01").ferme_le is not None
        assert not Origine.objects.ouverts().filter(code="OR-01").exists()
        assert "OR-01" in charger()["origines"].mis_a_jour
        assert Origine.objects.get(code="OR-01").est_ouvert

    def test_met_a_jour_ce_que_personne_n_a_corrige(self, copie):
        charger()
        reecrire(copie, "origines", changer_ligne("OR-03", libelle="Dispositif d'appui"))
        assert charger((copie,))["origines"].mis_a_jour == ["OR-03"]
        assert Origine.objects.get(code="OR-03").libelle == "Dispositif d'appui"

    def test_garde_la_correction_champ_par_champ(self, awa):
        charger()
        levier = Levier.objects.get(code="L-FSL")
        assert levier.corriger(par=awa, libelle="FSL de la Mayenne", type="DC") == ["libelle"]
        bilan = charger()["leviers"]
        assert bilan.gardes == ["L-FSL"]
        assert Levier.objects.get(code="L-FSL").libelle == "FSL de la Mayenne"

    def test_garde_un_code_ferme_ou_ajoute_par_l_association(self, awa):
        charger()
        Origine.objects.get(code="OR-19").corriger(par=awa, ferme_le="2026-01-02")
        Origine(code="OR-90", libelle="Maison de quartier", propre_a_l_association=True).save()
        assert charger()["origines"].fermes == []
        assert not Origine.objects.get(code="OR-19").est_ouvert
        assert Origine.objects.get(code="OR-90").est_ouvert

    def test_la_relecture_tient_tant_que_le_texte_ne_change_pas(self, awa, copie):
        charger()
        Facteur.objects.get(code="ADM-04").marquer_relu(par=awa)
        assert charger()["facteurs"].mis_a_jour == []
        assert not Facteur.objects.get(code="ADM-04").est_a_relire
        reecrire(copie, "facteurs", changer_ligne("ADM-04", libelle="Texte livré neuf"))
        charger((copie,))
        assert Facteur.objects.get(code="ADM-04").est_a_relire

    def test_une_ligne_fausse_ne_change_rien_et_se_nomme(self, copie):
        charger()
        reecrire(copie, "facteurs", changer_ligne("ADM-01", criticite_indicative="5", libelle="X"))
        with pytest.raises(CommandError, match=r"facteurs\.csv, ligne 2"):
            call_command("charger_referentiel", dossier=copie)
        assert Facteur.objects.get(code="ADM-01").libelle != "X"

    def test_la_commande_imprime_les_comptes(self, awa):
        sortie = StringIO()
        call_command("charger_referentiel", stdout=sortie)
        Levier.objects.get(code="L-FSL").corriger(par=awa, libelle="FSL")
        call_command("charger_referentiel", stdout=sortie)
        assert "créés" in sortie.getvalue()
        assert "gardés : L-FSL" in sortie.getvalue()


class TestNomenclature:
    def test_ne_se_supprime_pas(self):
        charger()
        with pytest.raises(SuppressionRefusee):
            Origine.objects.all().delete()
        with pytest.raises(SuppressionRefusee):
            Origine.objects.first().delete()

    def test_se_range_par_axe(self):
        charger()
        assert set(Facteur.objects.pour_axe("PRO").values_list("axe__code", flat=True)) == {"PRO"}
        assert "L-FT" in Levier.objects.pour_axe("PRO").values_list("code", flat=True)
        with pytest.raises(ValueError, match="pas rangé par axe"):
            Origine.objects.pour_axe("PRO")

    def test_compte_ce_qui_reste_a_relire(self):
        charger()
        assert Facteur.objects.a_relire().count() == 37
        assert Facteur.objects.get(code="ADM-04") in Facteur.objects.a_relire()
