"""L'aide parle à chaque rôle avec les mots de l'écran ; le glossaire s'explique au pied des pages ; la déclaration se lit sans compte."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from securisation.annuaire import glossaire
from securisation.socle.routes import routes
from securisation.synthese import aide

pytestmark = pytest.mark.django_db
ECRANS = "\n".join(
    fichier.read_text(encoding="utf-8")
    for dossier in ("templates", "securisation", "interventions", "diagnostics", "sorties")
    for fichier in sorted(Path(settings.BASE_DIR, dossier).rglob("*"))
    if fichier.suffix in (".html", ".py") and "tests" not in fichier.parts and fichier.name != "aide.py"
)


@pytest.fixture
def en_awa(client, awa):
    """Le client de test, connecté comme Awa."""
    client.force_login(awa)
    return client


def _plat(texte):
    return texte.replace("&nbsp;", " ").replace("\u00a0", " ").replace("'", "’")


class TestAide:
    @pytest.mark.parametrize(
        ("compte", "nom"),
        [
            ("awa", "Référent, intervenant"),
            ("bruno", "Référent, intervenant"),
            ("gaelle", "Superviseur"),
            ("hugo", "Délégué à la protection des données"),
            ("ines", "Administrateur fonctionnel"),
            ("chloe", "Partenaire"),
            ("farid", "Financeur"),
            ("jean", "Direction"),
        ],
    )
    def test_s_ouvre_sur_le_role_du_compte(self, distribution, client, compte, nom):
        client.force_login(distribution[compte])
        reponse = client.get(reverse("synthese:aide"))
        assert reponse.status_code == 200
        assert reponse.context["role"].nom == nom

    @pytest.mark.parametrize("cle", aide.ROLES)
    def test_chaque_role_se_lit_en_moins_d_une_page_et_mene_quelque_part(self, en_awa, cle):
        role = aide.ROLES[cle]
        page = en_awa.get(reverse("synthese:aide_du_role", args=[cle])).content.decode()
        assert all(geste.nom in _plat(page) for geste in role.gestes)
        assert 2 <= len(role.gestes) <= 8
        assert sum(len(geste.comment) for geste in role.gestes) < 1200
        assert all(geste.adresse for geste in role.gestes if geste.route)

    @pytest.mark.parametrize(
        ("cle", "sujets"),
        [
            ("accompagner", "« Nouveau contact » « Mon calendrier » « Absences » « Joindre une pièce » « Écrire un courrier » "
             "« Mode entretien » « Feuille à imprimer (PDF) » cherche agenda"),
            ("superviser", "« Agenda » « Mon équipe » absence"),
            ("proteger", "recherches"),
            ("administrer", "courrier"),
        ],
    )  # fmt: skip
    def test_dit_ce_que_le_role_fait_chaque_jour(self, en_awa, cle, sujets):
        page = _plat(en_awa.get(reverse("synthese:aide_du_role", args=[cle])).text)
        dite = page[page.index("Ce que vous venez faire") : page.index("Ce que Jalon ne laisse pas faire")]
        for sujet in re.findall(r"« .+? »|\w+", sujets):
            assert sujet in dite, sujet

    def test_un_role_inconnu_est_introuvable(self, en_awa):
        assert en_awa.get(reverse("synthese:aide_du_role", args=["roi"])).status_code == 404

    def test_demande_un_compte(self, client):
        assert client.get(reverse("synthese:aide")).status_code == 302

    @pytest.mark.parametrize("cle", aide.ROLES)
    def test_ne_cite_que_des_mots_de_l_ecran(self, cle):
        role, ecrans = aide.ROLES[cle], _plat(ECRANS)
        textes = [role.pour, *(geste.comment for geste in role.gestes), *(mot for refus in role.refus for mot in refus)]
        cites = {cite for texte in textes for cite in re.findall(r"« (.+?) »", texte)}
        assert {cite for cite in cites if _plat(cite) not in ecrans} == set()


class TestGlossaire:
    def test_les_pages_et_les_mots_nommes_existent(self):
        connues = {route.nom for route in routes()}
        assert set(glossaire.PAGES) - connues == set()
        assert all(glossaire.mots_de(page) for page in glossaire.PAGES)

    def test_chaque_mot_sert_et_se_dit_en_peu(self):
        servis = {cle for cles in glossaire.PAGES.values() for cle in cles.split()}
        assert set(glossaire.GLOSSAIRE) - servis == set()
        assert all(20 < len(mot.sens) <= 140 and mot.sens.endswith(".") for mot in glossaire.GLOSSAIRE.values())

    def test_une_page_explique_ses_mots_et_eux_seuls(self, en_awa):
        page = en_awa.get(reverse("synthese:mes_parcours")).content.decode()
        assert re.findall(r"<dfn>(.+?)</dfn>", page) == [mot.nom for mot in glossaire.mots_de("synthese:mes_parcours")]

    def test_une_page_sans_mot_n_a_pas_de_tiroir_vide(self, en_awa):
        assert "Les mots de cette page" not in en_awa.get(reverse("comptes:sessions")).content.decode()

    def test_l_aide_porte_tout_le_glossaire_et_une_ancre_par_mot(self, en_awa):
        page = en_awa.get(reverse("synthese:aide")).content.decode()
        assert set(re.findall(r'id="mot-([a-z_]+)"', page)) == set(glossaire.GLOSSAIRE)


class TestAccessibilite:
    def test_se_lit_sans_compte_et_ne_promet_pas_ce_qui_n_a_pas_ete_fait(self, client):
        page = client.get(reverse("synthese:accessibilite"))
        assert page.status_code == 200
        texte = page.content.decode()
        assert "partiellement conforme" in texte and "Ce qui n’a pas été essayé" in texte and "NVDA" in texte
        assert "totalement conforme" not in texte

    @pytest.mark.parametrize("adresse", ["account_login", "synthese:accessibilite"])
    def test_est_au_pied_des_pages_ouvertes_a_tous(self, client, adresse):
        assert reverse("synthese:accessibilite") in client.get(reverse(adresse)).content.decode()

    def test_donne_l_adresse_reglee(self, client, settings):
        settings.CONTACT_ACCESSIBILITE = "acces@association.test"
        assert "mailto:acces@association.test" in client.get(reverse("synthese:accessibilite")).content.decode()
