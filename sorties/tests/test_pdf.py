"""Le PDF du bilan, depuis les dossiers fictifs."""

import page
import pytest

from interventions import cadre
from securisation.documents import genres, sceau, verification
from securisation.documents.tests import instantanes as essai
from securisation.documents.typographie import en_lettres
from sorties import pdf

CAS = {
    "nadia": lambda: essai.bilan("nadia"),
    "jeanne": lambda: essai.bilan("jeanne"),
    "vide": lambda: essai.vide(essai.bilan()),
    "long": lambda: essai.saturer(essai.bilan(), essai.LONG),
    "etrange": lambda: essai.saturer(essai.bilan(), essai.ETRANGE),
}


class TestProduire:
    @pytest.mark.parametrize("cas", CAS)
    def test_suit_les_deux_normes(self, cas):
        contenu = genres.produire("bilan", CAS[cas](), cle=verification.tirer(), tenue=sceau.tenir()).contenu
        fautes = [f.rule_id for n in ("3a", "ua1") for f in page.validate_pdf_bytes(contenu, profile=n).failures]
        assert fautes == []

    def test_redonne_le_meme_fichier(self):
        premier, second = (genres.produire("bilan", essai.bilan()).sha256 for _ in range(2))
        assert premier == second


class TestContexte:
    def test_compare_l_entree_et_la_sortie(self):
        contexte = pdf.contexte(essai.bilan())
        assert [a["evolution"] for a in contexte["axes"]] == ["−\u00a02", "−\u00a01", "−\u00a01", "Stable", "−\u00a01"]
        assert contexte["resume"] == (
            "Quatre axes sur cinq étaient critiques à l’entrée. Aucun ne l’est à la sortie. "
            "Deux risques restent, chacun avec un relais qui a confirmé."
        )

    def test_dit_la_rupture_et_le_risque_sans_relais(self):
        assert pdf.contexte(essai.bilan("jeanne"))["resume"] == (
            "Quatre axes sur cinq étaient critiques ou en rupture à l’entrée. Aucun ne l’est à la sortie. "
            "Deux risques restent : 1 avec un relais qui a confirmé, 1 assumé sans relais."
        )

    def test_distingue_assume_et_pas_encore_confirme(self):
        bilan = essai.bilan("jeanne")
        for risque in bilan["sortie"]["risques"]:
            risque.update(relais="Service social", confirme_le=None, motif="")
        assert pdf.contexte(bilan)["resume"].endswith("2 avec un relais qui n’a pas encore confirmé.")

    def test_nomme_un_constat_sans_demarche_ni_risque(self):
        bilan = essai.bilan()
        bilan["intervention"]["actions"], bilan["sortie"]["risques"] = [], []
        facteurs = [f for a in bilan["axes"] for f in a["facteurs"]]
        assert pdf.contexte(bilan)["orphelins"].count(" ; ") == 3
        assert pdf.contexte(bilan)["orphelins"].endswith(f"{en_lettres(len(facteurs) - 3)} autres, en partie 1")

    @pytest.mark.parametrize(("risques", "cites"), [(1, 3), (2, 1), (3, 0), (6, 0)])
    def test_plus_la_couverture_dit_de_risques_moins_elle_cite_de_constats(self, risques, cites):
        bilan = essai.bilan()
        bilan["intervention"]["actions"] = []
        bilan["sortie"]["risques"] = [{"code": "X", "libelle": "Dette"}] * risques
        facteurs = [f for a in bilan["axes"] for f in a["facteurs"]]
        assert pdf.contexte(bilan)["orphelins"].count(" ; ") == cites
        assert en_lettres(len(facteurs) - cites) in pdf.contexte(bilan)["orphelins"]

    def test_ne_met_pas_un_constat_reserve_en_couverture(self):
        bilan = essai.bilan()
        bilan["intervention"]["actions"], bilan["sortie"]["risques"] = [], []
        for facteur in (facteurs := [f for a in bilan["axes"] for f in a["facteurs"]]):
            facteur["reserve"] = True
        attendu = f"{en_lettres(len(facteurs))} constats, en partie 1"
        assert pdf.contexte(bilan)["orphelins"] == attendu

    def test_garde_un_sigle_et_un_seul_point(self):
        bilan = essai.bilan()
        bilan["sortie"]["risques"][0] |= {"facteur_libelle": "DTR à compléter", "signal": "Un courrier ?"}
        risque = pdf.contexte(bilan)["risques"][0]
        assert (risque["facteur"], risque["signal"]) == ("DTR à compléter", "Un courrier ?")

    def test_un_parcours_d_un_jour_se_dit_en_un_jour(self):
        assert cadre.dates("2026-11-22", "2026-11-22") == "22 novembre 2026"

    def test_compte_les_moyens(self):
        assert [chiffre for chiffre, _ in pdf.contexte(essai.bilan())["moyens"]] == [
            "5 sur 5",
            "4 sur 5",
            "5 sur 5",
            "0",
        ]

    def test_ne_compte_de_relais_que_pour_ce_qui_continue(self):
        actions = [{"relais": "CAF", "issue": {"code": code}} for code in ("DEM-REF", "DEM-ABN", "DEM-OK", "DEM-ATT")]
        actions += [{"relais": "", "issue": {"code": "DEM-OK"}}, {"relais": "", "issue": {"code": ""}}]
        assert pdf.moyens(actions)[2] == ("2 sur 3", "démarches qui continuent sans nous, avec un relais nommé")
        assert pdf.moyens(actions[:2])[2] == ("0", "démarche à suivre après nous")

    def test_garde_le_desaccord_mot_pour_mot(self):
        contexte = pdf.contexte(essai.bilan("jeanne"))
        assert contexte["desaccord"] == "« La cote du quotidien est plus haute que ce que vous écrivez. »"

    def test_raconte_suspension_et_prolongation(self):
        cadre = pdf.contexte(essai.bilan("jeanne"))["cadre"]
        assert [e["quoi"] for e in cadre["evenements"]] == ["Suspension", "Prolongation"]
        assert cadre["phrase"].endswith(
            "Terme au 3 novembre 2026, après 1 suspension (14 jours) et 1 prolongation validée (30 jours)."
        )

    def test_dit_quand_l_evaluateur_a_change(self):
        assert pdf.contexte(essai.bilan("jeanne"))["identique"] is False

    def test_reste_lisible_quand_tout_manque(self):
        contexte = pdf.contexte(essai.vide(essai.bilan()))
        assert contexte["resume"].endswith("La sortie n’a pas été cotée. Aucun risque résiduel n’a été relevé.")
        assert contexte["moyens"] == []
