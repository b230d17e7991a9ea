"""« Je remplace » dans « Mes parcours » : ce qui est dû des parcours d'un absent, marqué et compté, sans un droit de plus."""

import datetime

import pytest
from django.urls import reverse

from securisation.comptes import absences
from securisation.comptes.models import Absence, Professionnel
from securisation.parcours.roles import attribuer_role, retirer_role
from securisation.socle import horloge
from securisation.synthese import resume
from securisation.synthese.dus import lire_comptes
from securisation.synthese.tests.test_pages import entrer, requetes  # noqa: F401 (fixture)

pytestmark = pytest.mark.django_db
JOUR = datetime.timedelta(days=1)


@pytest.fixture
def devoir(ouvrir_un_parcours):
    """Un parcours à qui ne manque que ce dû : nature, jours d'ici là."""

    def poser(nature, jours, par, **options):
        parcours = ouvrir_un_parcours(par, **options)
        parcours.lever_echeance("qualification")
        parcours.poser_echeance(nature, horloge.aujourd_hui() + jours * JOUR, f"Dû {nature}")
        return parcours

    return poser


@pytest.fixture
def awa_absente(awa, bruno):
    """Awa s'absente dix jours, Bruno la remplace."""
    return absences.poser(par=awa, du=horloge.aujourd_hui(), au=horloge.aujourd_hui() + 10 * JOUR, remplacant=bruno)


def marques(compte, **options):
    """Ce que lit ce compte : (qui, pour qui ou None), dans l'ordre de la page."""
    return [(due["qui"], due["pour"] and due["pour"]["nom"]) for due in lire_comptes(compte, **options).a_faire]


class TestCeQuiEstMarque:
    def test_les_parcours_de_l_absent_sont_marques_et_les_miens_ne_le_sont_pas(self, devoir, awa, bruno, awa_absente):
        devoir("terme", 1, awa, nom="Sien", intervenant=bruno)
        devoir("terme", 2, bruno, nom="Mien")
        commun = devoir("terme", 3, bruno, nom="Commun")
        attribuer_role(commun, awa, "intervenant", par=bruno)
        assert marques(bruno) == [("Fatou Sien", "Awa Diarra"), ("Fatou Mien", None), ("Fatou Commun", None)]
        assert marques(awa)[0] == ("Fatou Sien", None)

    def test_la_page_le_dit_et_le_compte(self, devoir, awa, bruno, entrer, awa_absente):  # noqa: F811
        devoir("terme", 1, awa, nom="Sien", intervenant=bruno)
        devoir("terme", 2, bruno, nom="Mien")
        page = entrer(bruno).get("/")
        texte = page.text.replace("\xa0", " ")
        fin = awa_absente.au
        assert f"Pour Awa Diarra, en absence jusqu’au {fin.day}" in texte
        assert "Vous remplacez Awa Diarra" in texte
        assert "1 échéance à suivre" in texte
        segments = {s["libelle"]: s for s in page.context["sortes"]}
        assert segments["Remplacements"]["nombre"] == 1
        filtree = entrer(bruno).get("/" + segments["Remplacements"]["url"])
        assert [due["qui"] for due in filtree.context["comptes"].a_faire] == ["Fatou Sien"]
        assert [s["libelle"] for s in filtree.context["sortes"] if s["ici"]] == ["Remplacements"]

    def test_ils_entrent_dans_les_nombres_du_resume(self, devoir, awa, bruno, awa_absente):
        devoir("terme", -1, awa, intervenant=bruno)
        assert resume.nombres(bruno, horloge.aujourd_hui())[0].endswith("échéance en retard")

    def test_deux_absents_chacun_son_nom(self, devoir, awa, bruno, gaelle, awa_absente):
        jour = horloge.aujourd_hui()
        Absence.objects.create(compte=gaelle, du=jour, au=jour, remplacant=bruno, posee_par=gaelle)
        devoir("terme", 1, awa, nom="Un", intervenant=bruno)
        devoir("terme", 2, gaelle, nom="Deux", intervenant=bruno)
        assert marques(bruno, faire="remplace") == [("Fatou Un", "Awa Diarra"), ("Fatou Deux", "Gaëlle Le Goff")]
        assert {r["nom"]: r["nombre"] for r in lire_comptes(bruno).remplaces} == {"Awa Diarra": 1, "Gaëlle Le Goff": 1}

    def test_un_referent_absent_passe_devant_un_intervenant_absent(self, devoir, awa, bruno, gaelle, awa_absente):
        jour = horloge.aujourd_hui()
        Absence.objects.create(compte=gaelle, du=jour, au=jour, remplacant=bruno, posee_par=gaelle)
        parcours = devoir("terme", 1, awa, nom="Un", intervenant=bruno)
        attribuer_role(parcours, gaelle, "coordonnateur", par=awa)
        assert marques(bruno) == [("Fatou Un", "Awa Diarra")]


class TestJamaisAuDela:
    def test_rien_de_ce_que_je_ne_vois_pas(self, devoir, awa, bruno, entrer, awa_absente):  # noqa: F811
        devoir("terme", 1, awa, nom="Zola")
        page = entrer(bruno).get("/")
        assert "Zola" not in page.text
        assert "rien à suivre" in page.text
        assert page.context["comptes"].remplaces[0]["nombre"] == 0
        assert "Zola" not in entrer(bruno).get("/", {"faire": "remplace"}).text

    def test_un_parcours_restreint_ou_je_ne_suis_pas_nomme_n_y_est_pas(self, devoir, awa, bruno, gaelle):
        """La superviseure qui remplace perd le restreint ; l'intervenant qui y est nommé le garde."""
        jour = horloge.aujourd_hui()
        Absence.objects.create(compte=awa, du=jour, au=jour, remplacant=gaelle, posee_par=awa)
        devoir("terme", 1, awa, nom="Ouvert")
        ferme = devoir("terme", 2, awa, nom="Ferme", intervenant=bruno)
        ferme.restreindre(par=awa, restreint=True)
        assert marques(gaelle, faire="remplace") == [("Fatou Ouvert", "Awa Diarra")]
        Absence.objects.update(remplacant=bruno)
        assert marques(bruno, faire="remplace") == [("Fatou Ferme", "Awa Diarra")]

    def test_un_role_retire_mord_aussitot(self, devoir, awa, bruno, awa_absente):
        parcours = devoir("terme", 1, awa, intervenant=bruno)
        retirer_role(parcours, bruno, par=awa)
        assert marques(bruno) == marques(bruno, faire="remplace") == []

    @pytest.mark.parametrize("cas", ["finie", "a_venir", "autre_equipe", "compte_ferme", "retiree", "un_autre"])
    def test_rien_n_est_marque(self, cas, devoir, awa, bruno, elsa, gaelle, awa_absente):
        devoir("terme", 1, awa, intervenant=bruno)
        jour, la_sienne = horloge.aujourd_hui(), Absence.objects.filter(pk=awa_absente.pk)
        if cas == "autre_equipe":  # l'absente a changé d'équipe depuis, les rôles d'avant avec elle
            Professionnel.objects.filter(pk=awa.pk).update(equipe=elsa.equipe)
        elif cas == "compte_ferme":
            Professionnel.objects.filter(pk=awa.pk).update(is_active=False)
        elif cas == "retiree":
            la_sienne.delete()
        else:
            bornes = {"finie": (-5, -1), "a_venir": (1, 5), "un_autre": (0, 5)}[cas]
            la_sienne.update(du=jour + bornes[0] * JOUR, au=jour + bornes[1] * JOUR)
            la_sienne.update(remplacant=gaelle if cas == "un_autre" else bruno)
        comptes = lire_comptes(bruno)
        assert comptes.remplaces == []
        assert [due["pour"] for due in comptes.a_faire] in ([None], [])

    def test_une_autre_equipe_n_apprend_rien(self, devoir, awa, elsa, entrer, awa_absente):  # noqa: F811
        devoir("terme", 1, awa)
        texte = entrer(elsa).get("/", {"faire": "remplace"}).text
        assert "Awa Diarra" not in texte


class TestCout:
    def test_cinq_requetes_que_l_on_remplace_ou_non(self, devoir, awa, bruno, entrer):  # noqa: F811
        client = entrer(bruno)
        for rang in range(3):
            devoir("terme", rang, awa, nom=f"N{rang}", intervenant=bruno)
        assert requetes(client, "/")[0] == 5
        absences.poser(par=awa, du=horloge.aujourd_hui(), au=horloge.aujourd_hui() + JOUR, remplacant=bruno)
        for rang in range(12):
            devoir("terme", rang, awa, nom=f"M{rang}", intervenant=bruno)
        nombre, page = requetes(client, "/")
        assert nombre == 5
        assert page.context["comptes"].remplaces[0]["nombre"] == 15
        assert requetes(client, reverse("synthese:mes_parcours"), data={"faire": "remplace"})[0] == 5
