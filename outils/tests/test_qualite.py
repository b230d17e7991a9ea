"""La liste des pages est lisible et complète ; le verrou des mesureurs ne nomme aucun serveur ; une cible manquée se dit."""

import json
import re

import pytest

from outils import installation
from outils.commun import RACINE, Panne
from outils.qualite import mesures, pages, phare, rapport
from outils.qualite.navigateur import GESTES
from outils.qualite.site import meme_hote

VERROU = json.loads((RACINE / "outils" / "qualite" / "package-lock.json").read_text(encoding="utf-8"))
DEMANDES = json.loads((RACINE / "outils" / "qualite" / "package.json").read_text(encoding="utf-8"))


class TestListe:
    def test_donne_plus_de_trente_captures_et_tous_les_etats(self):
        fiches = pages.fiches()
        assert len(fiches) * 2 >= 60
        assert {fiche.etat for fiche in fiches} == set(pages.STATUTS)

    def test_ne_nomme_une_page_qu_une_fois(self):
        noms = [fiche.nom for fiche in pages.fiches()]
        assert sorted(set(noms)) == sorted(noms)

    def test_part_toujours_d_une_adresse_et_par_des_gestes_connus(self):
        for fiche in pages.fiches():
            depart, *gestes = fiche.chemin.split(" > ")
            assert depart.startswith("/"), fiche
            assert {geste.split()[0] for geste in gestes} <= set(GESTES), fiche

    def test_une_page_part_de_celle_qu_elle_nomme(self):
        chemins = {fiche.nom: fiche.chemin for fiche in pages.fiches()}
        assert chemins["historique"].startswith(chemins["parcours"] + " > ")

    def test_un_nom_inconnu_se_dit(self):
        with pytest.raises(Panne, match="page inconnue : nulle-part"):
            pages.choisir(["nulle-part"])

    def test_ce_qui_envoie_ou_coupe_n_est_ni_pese_ni_passe_au_phare(self):
        fiches = {fiche.nom: fiche for fiche in pages.fiches()}
        assert fiches["parcours"].passe_le_phare and not fiches["conflit"].adressable
        assert not any(fiches[nom].passe_le_phare for nom in ("ouvrir-erreur", "hors-ligne", "parcours-introuvable"))


class TestVerrou:
    def test_epingle_ce_qui_est_demande(self):
        racine = VERROU["packages"][""]["dependencies"]
        assert racine == DEMANDES["dependencies"]
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in racine.values())

    def test_donne_une_empreinte_a_chaque_paquet_et_ne_nomme_aucun_serveur(self):
        paquets = {nom: paquet for nom, paquet in VERROU["packages"].items() if nom}
        assert len(paquets) > 100
        assert [nom for nom, paquet in paquets.items() if not paquet.get("integrity", "").startswith("sha512-")] == []
        assert [nom for nom, paquet in paquets.items() if "resolved" in paquet] == []

    def test_sans_java_ni_droits_la_panne_dit_quoi_installer(self, monkeypatch):
        monkeypatch.setattr(installation, "_marche", lambda *_: False)
        monkeypatch.setattr(installation, "est_root", lambda: False)
        with pytest.raises(Panne, match="default-jre-headless et nodejs et npm"):
            installation.installer_mesureurs()


class TestCibles:
    def test_un_poids_de_trop_et_un_autre_hote_se_disent(self):
        fautes = mesures.fautes_de_poids(130_000, 16_000, ["https://ailleurs.test/x.js"])
        assert len(fautes) == 3
        assert mesures.fautes_de_poids(120_000, 15_000, []) == []

    def test_une_note_sous_la_cible_dit_ce_qui_la_baisse(self):
        notes = {"accessibility": 98, "best-practices": 100, "performance": 94, "cls": 0.06}
        releve = notes | {"manques": {"accessibility": ["label"], "best-practices": [], "performance": []}}
        assert phare.manques(releve) == [
            "Lighthouse CLS 0.06 (au plus 0.05)",
            "Lighthouse accessibility 98 (label)",
            "Lighthouse performance 94 (sans détail)",
        ]
        assert phare.manques({"erreur": "page introuvable"}) == ["Lighthouse : page introuvable"]

    @pytest.mark.parametrize(
        ("passages", "attendu"),
        [
            ([{"erreur": "tracé"}, {"performance": 97}], {"performance": 97, "passages": 2}),
            ([{"performance": 90}, {"erreur": "tracé"}, {"performance": 93}], {"performance": 93, "passages": 3}),
            ([{"erreur": "tracé"}] * 3, {"erreur": "tracé", "passages": 3}),
        ],
    )
    def test_un_trace_manque_se_reprend_trois_fois_au_plus(self, monkeypatch, passages, attendu):
        suite = iter(passages)
        monkeypatch.setattr(phare, "_demander", lambda *_: dict(next(suite)))
        assert phare._passer(None, {}) == attendu

    def test_le_tableau_marque_la_page_manquee(self):
        propre = {"fiche": pages.Fiche("a", "awa", "plein", "/"), "axe": [], "html": [], "csp": [], "formes": []}
        propre |= {"poids": (1000, 500, []), "phare": None, "reaction": 24}
        texte = rapport.tableau([propre, {**propre, "html": ["HTML ligne 3 : faute"]}], (["tenue"], True))
        tenue, manquee = [ligne for ligne in texte.splitlines() if ligne.startswith("| a ")]
        assert tenue.endswith("| tenue |") and manquee.endswith("| **manquée** |")
        assert rapport.fautes([{**propre, "html": ["HTML ligne 3 : faute"]}]) == ["a : HTML ligne 3 : faute"]

    @pytest.mark.parametrize(
        ("adresse", "attendu"),
        [("http://127.0.0.1:8700/x", True), ("data:image/png;base64,", True), ("http://127.0.0.1:1/x", False)],
    )
    def test_un_autre_port_est_un_autre_hote(self, adresse, attendu):
        assert meme_hote(adresse, "http://127.0.0.1:8700") is attendu
