"""Le PDF du diagnostic, depuis les dossiers fictifs."""

import page
import pytest

from diagnostics import pdf
from securisation.documents import genres, sceau, verification
from securisation.documents.tests import instantanes as essai

CAS = {
    "nadia": lambda: essai.diagnostic("nadia"),
    "jeanne": lambda: essai.diagnostic("jeanne"),
    "vide": lambda: essai.vide(essai.diagnostic()),
    "long": lambda: essai.saturer(essai.diagnostic(), essai.LONG),
    "etrange": lambda: essai.saturer(essai.diagnostic(), essai.ETRANGE),
}


class TestProduire:
    @pytest.mark.parametrize("cas", CAS)
    def test_suit_les_deux_normes(self, cas):
        contenu = genres.produire("diagnostic", CAS[cas](), cle=verification.tirer(), tenue=sceau.tenir()).contenu
        fautes = [f.rule_id for n in ("3a", "ua1") for f in page.validate_pdf_bytes(contenu, profile=n).failures]
        assert fautes == []

    def test_redonne_le_meme_fichier(self):
        premier, second = (genres.produire("diagnostic", essai.diagnostic()).sha256 for _ in range(2))
        assert premier == second


class TestContexte:
    def test_dit_les_axes_par_leur_libelle_de_referentiel(self):
        assert [a["libelle"] for a in pdf.contexte(essai.diagnostic())["axes"]] == [
            "Administratif et juridique", "Budget", "Logement et conditions matérielles",
            "Organisation fonctionnelle du quotidien", "Trajectoire professionnelle / formation",
        ]  # fmt: skip

    def test_resume_sans_total_ni_moyenne(self):
        assert pdf.contexte(essai.diagnostic())["resultat"] == "Quatre axes critiques, un axe à surveiller"

    def test_met_les_plus_graves_et_les_plus_proches_d_abord(self):
        premiers = pdf.contexte(essai.diagnostic("jeanne"))["urgences"]
        assert premiers[0]["axe"] == "Organisation fonctionnelle du quotidien"

    def test_separe_les_enchainements_retenus_des_ecartes(self):
        liens = pdf.contexte(essai.diagnostic())["liens"]
        assert len(liens["retenus"]) == 4
        assert [d["motif"] for d in liens["ecartes"]] == ["Aucune procédure engagée."]

    def test_l_image_dit_comment_chaque_constat_est_connu(self):
        retenus = [{"de_code": "LOG-01", "vers_code": "LOG-02"}]
        axes = [{"facteurs": [{"code": "LOG-01", "constate": "dit par la personne"}]}]
        etats = pdf.etats_a_l_entree(retenus, axes)
        assert etats == {"LOG-01": ("alerte", "Dit par la personne"), "LOG-02": ("vide", "À prévenir")}

    def test_reste_lisible_quand_tout_manque(self):
        contexte = pdf.contexte(essai.vide(essai.diagnostic()))
        assert contexte["resultat"] == "Les cinq axes restent à coter"
        assert contexte["domino"] is None
