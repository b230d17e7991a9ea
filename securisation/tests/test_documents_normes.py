"""Chaque genre de document, plein, vide, saturé et étrange : les deux normes, son schéma, et ce qu'il ne dit pas."""

import copy
import io
import json
import re
from xml.etree import ElementTree

import page
import pytest
from pypdf import PdfReader

from diagnostics import facile as facile_du_diagnostic
from interventions import facile as facile_du_plan
from interventions.echeances import echeances
from securisation.annuaire.facile import FACTEURS, RISQUES
from securisation.documents import genres, machine, partenaire, rendu, sceau, verification
from securisation.documents.machine import Pdf
from securisation.documents.tests import instantanes as essai
from securisation.documents.tests.schema import ecarts, lire
from sorties import facile as facile_du_bilan

ORIGINES = {
    "diagnostic": (essai.diagnostic, facile_du_diagnostic.rediger, "nadia"),
    "plan": (essai.plan, facile_du_plan.rediger, "karim"),
    "bilan": (essai.bilan, facile_du_bilan.rediger, "jeanne"),
}
# Ce qui dirait la santé : une attestation, une version facile à lire n'en portent aucun mot.
SANTE = re.compile(
    r"santé|médic|hôpital|hospital|maladie|soins?\b|MDPH|RQTH|AAH|invalidit|handicap|post-santé", re.IGNORECASE
)


def facile(genre, changer=lambda origine: origine):
    """La version facile à lire d'une origine, changée d'abord."""
    modele, rediger, nom = ORIGINES[genre]
    return essai.facile_de(changer(modele(nom)), rediger)


def saturee(instantane, texte):
    """Le même, un texte difficile partout où quelqu'un écrit."""
    v = copy.deepcopy(instantane)
    v["personne"]["nom"] = texte[:200]
    v["association"] = {"nom": texte[:200], "equipe": texte[:200]}
    for axe in v.get("axes", []):
        axe["parole"] = texte
    if "accord" in v:
        v["accord"]["partenaire"] = texte[:200]
    return v


def _long(v):
    return essai.saturer(v, essai.LONG)


def _etrange(v):
    return essai.saturer(v, essai.ETRANGE)


PLANS = {
    "karim": essai.plan,
    "nadia": lambda: essai.plan("nadia"),
    "vide": lambda: essai.vide(essai.plan()),
    "long": lambda: _long(essai.plan()),
    "etrange": lambda: _etrange(essai.plan()),
}
FACILES = {
    f"{genre}-{nom}": (lambda genre=genre, changer=changer: facile(genre, changer))
    for genre in ORIGINES
    for nom, changer in {"plein": copy.deepcopy, "vide": essai.vide, "long": _long, "etrange": _etrange}.items()
}
AUTRES = {
    "plein": lambda modele: modele(),
    "long": lambda modele: saturee(modele(), essai.LONG),
    "etrange": lambda modele: saturee(modele(), essai.ETRANGE),
}


def fautes(pdf: Pdf):
    """Les règles de PDF/A-3a et de PDF/UA-1 que ce fichier ne suit pas."""
    return [f.rule_id for n in ("3a", "ua1") for f in page.validate_pdf_bytes(pdf.contenu, profile=n).failures]


def complet(code, instantane):
    """Le document tel qu'il se range, avant son sceau : sa clé, son code QR, ce que vaut son sceau."""
    return genres.produire(code, instantane, cle=verification.tirer(), tenue=sceau.tenir())


def texte_de(pdf: Pdf):
    """Tout ce qui se lit dans le fichier : pages et métadonnées."""
    lu = PdfReader(io.BytesIO(pdf.contenu))
    return " ".join([*(p.extract_text() for p in lu.pages), str(lu.metadata)]), lu


@pytest.fixture
def bien_forme(monkeypatch):
    """Chaque HTML composé est du XML bien formé : une balise mal écrite ne se perd pas, et il se lit vite (`rendu.Page`)."""
    composer = machine.composer

    def relire(html):
        compose = composer(html)
        ElementTree.fromstring(compose)
        return compose

    monkeypatch.setattr(machine, "composer", relire)


@pytest.mark.usefixtures("bien_forme")
class TestNormes:
    @pytest.mark.parametrize("cas", PLANS)
    def test_un_plan(self, cas):
        assert fautes(complet("plan", PLANS[cas]())) == []

    @pytest.mark.parametrize("cas", FACILES)
    def test_une_version_facile_a_lire(self, cas):
        instantane = FACILES[cas]()
        assert fautes(complet(f"facile_{instantane['de']}", instantane)) == []

    @pytest.mark.parametrize("cas", AUTRES)
    def test_une_fiche_de_liaison(self, cas):
        assert fautes(complet("liaison", AUTRES[cas](essai.liaison))) == []

    @pytest.mark.parametrize("cas", AUTRES)
    def test_une_attestation(self, cas):
        assert fautes(complet("attestation", AUTRES[cas](essai.attestation))) == []

    @pytest.mark.parametrize("nom", ["Nadia Benali", "Marie-Anne de la Tour du Pin " * 7], ids=["court", "200 signes"])
    @pytest.mark.parametrize("au", [None, "2026-11-05"], ids=["en cours", "finie"])
    def test_une_attestation_tient_en_une_page(self, nom, au):
        instantane = essai.attestation(au=au)
        instantane["personne"]["nom"] = nom
        assert genres.produire("attestation", instantane).pages == 1

    def test_langue_titre_signets_et_donnees_jointes(self):
        _, lu = texte_de(genres.produire("plan", essai.plan()))
        assert lu.trailer["/Root"]["/Lang"] == "fr"
        assert lu.metadata.title == "Plan d’intervention P-2026-0147"
        assert [s.title for s in lu.outline[1] if not isinstance(s, list)][:2] == [
            "Objectif convenu avec Karim Traoré",
            "1 Le cadre temporel",
        ]
        assert json.loads(lu.attachments["donnees.json"][0]) == essai.plan()


class TestPages:
    """Une version facile à lire finit par ses droits, d'un tenant avec ce qui dit d'où elle vient."""

    @pytest.mark.parametrize("risques", range(6))
    @pytest.mark.parametrize("genre", ["bilan", "diagnostic", "plan"])
    def test_la_derniere_page_ne_porte_jamais_que_ce_papier(self, genre, risques):
        def allonger(origine):
            origine["diagnostic"]["desaccord"] = "Je ne suis pas d’accord. " * 3 * risques
            if genre == "bilan":
                origine["sortie"]["desaccord"] = "Je ne suis pas d’accord. " * 3 * risques
            return origine

        pages = PdfReader(io.BytesIO(genres.produire(f"facile_{genre}", facile(genre, allonger)).contenu)).pages
        fin = pages[-1].extract_text()
        assert all(mot in fin for mot in ("Mes droits", "Je garde ce papier", "C’est alors écrit", "Ce papier"))


# Ce que dit, et nulle part ailleurs, le début de la première partie de chacun.
PARTIES = {
    "bilan": (essai.bilan, "La même échelle est cotée"),
    "diagnostic": (essai.diagnostic, "La cote de la personne et celle du professionnel"),
    "plan": (essai.plan, "Plein : temps écoulé"),
}
NOM_LONG = "Marie-Antoinette de La Rochefoucauld-Montmorency d’Aubigné-Saint-Exupéry de Villeneuve-Bargemont"


def bilan_de_lignes_longues():
    """Un bilan dont la couverture déborde d'une page entière."""
    bilan, long = essai.bilan("jeanne"), ("La réponse est venue par courrier, après deux relances. " * 20)[:1000]
    for action in bilan["intervention"]["actions"]:
        action["issue"]["note"] = long
    for axe in bilan["axes"]:
        axe["parole"] = long
        for facteur in axe["facteurs"]:
            facteur["note"] = long
    return bilan


class TestSommaire:
    """Le numéro que dit le sommaire est celui de la page où mène son lien, où que tombe la couverture."""

    def verifier(self, genre, instantane):
        lu = PdfReader(io.BytesIO(genres.produire(genre, instantane).contenu))
        ancres = [ancre for ancre, _ in genres.genre(genre).contexte(instantane)["sommaire"]]
        menees = [lu.get_destination_page_number(lu.named_destinations[ancre]) + 1 for ancre in ancres]
        texte = " ".join(page.extract_text() for page in lu.pages[: menees[0]])
        assert [int(n) for n in re.findall(r"(?:\s+\.)+\s+(\d+)\b", texte)] == menees
        return menees

    @pytest.mark.parametrize("genre", PARTIES)
    def test_apres_une_couverture(self, genre):
        assert self.verifier(genre, PARTIES[genre][0]())[0] == 2

    @pytest.mark.parametrize("genre", PARTIES)
    def test_quand_la_couverture_deborde(self, genre):
        instantane = PARTIES[genre][0]()
        instantane["personne"] |= {"nom": NOM_LONG}
        self.verifier(genre, instantane)

    def test_quand_elle_deborde_de_plus_d_une_page(self):
        assert self.verifier("bilan", bilan_de_lignes_longues())[0] == 3

    @pytest.mark.parametrize("genre", PARTIES)
    def test_la_couverture_ne_se_compose_que_deux_fois(self, genre, caplog, monkeypatch):
        """Une fois, puis une autre quand les pages sont connues ; chaque autre page, une seule fois."""
        monkeypatch.setattr(machine._RENDU, "faire", lambda demande, secondes: rendu.travailler(demande, b""))
        with caplog.at_level("INFO", logger="weasyprint.progress"):
            pages = genres.produire(genre, PARTIES[genre][0]()).pages
        composees = re.findall(r"Creating layout - Page (\d+)$", caplog.text, re.MULTILINE)
        assert composees == [*(str(n) for n in range(1, pages + 1)), "1"]


class TestCouverture:
    """La couverture tient une page à elle ; quand elle déborde, la suite vient aussitôt après, sans page presque vide."""

    def pages(self, genre, **personne):
        instantane = PARTIES[genre][0]()
        instantane["personne"] |= personne
        lu = PdfReader(io.BytesIO(genres.produire(genre, instantane).contenu))
        return [re.sub(r"\s+", " ", page.extract_text()) for page in lu.pages]

    @pytest.mark.parametrize("genre", PARTIES)
    def test_la_premiere_partie_commence_la_page_deux(self, genre):
        couverture, suite, *_ = self.pages(genre)
        assert "Identification" in couverture and PARTIES[genre][1] not in couverture
        assert PARTIES[genre][1] in suite

    @pytest.mark.parametrize("genre", PARTIES)
    def test_un_nom_tres_long_ne_laisse_pas_une_page_presque_vide(self, genre):
        couverture, suite, *_ = self.pages(genre, nom=NOM_LONG, appel=NOM_LONG)
        assert "Identification" not in couverture and "Identification" in suite
        assert PARTIES[genre][1] in suite

    def test_une_couverture_courte_reste_seule_sur_sa_page(self):
        lu = PdfReader(io.BytesIO(genres.produire("bilan", essai.vide(essai.bilan())).contenu))
        assert "La même échelle" not in lu.pages[0].extract_text()

    def test_des_lignes_tres_longues_se_coupent_plutot_que_de_laisser_une_page_presque_vide(self):
        pdf = genres.produire("bilan", bilan_de_lignes_longues())
        assert fautes(pdf) == []
        assert min(len(page.extract_text()) for page in PdfReader(io.BytesIO(pdf.contenu)).pages) > 600


class TestSchemas:
    @pytest.mark.parametrize(
        "instantane",
        [
            *(modele(nom) for modele in (essai.diagnostic, essai.bilan) for nom in ("nadia", "jeanne")),
            essai.diagnostic("karim"), essai.plan(), essai.plan("nadia"), essai.vide(essai.plan()), essai.vide(essai.bilan()),
            essai.liaison(), essai.attestation(), essai.attestation(au="2026-11-05"), *(facile(genre) for genre in ORIGINES),
            *(facile(genre, essai.vide) for genre in ORIGINES),
            partenaire.copie_pour_un_partenaire(essai.bilan()), partenaire.copie_pour_un_partenaire(facile("bilan")),
        ],
        ids=lambda v: v["schema"],
    )  # fmt: skip
    def test_chaque_instantane_suit_le_sien(self, instantane):
        assert ecarts(instantane) == []

    @pytest.mark.parametrize("nom", ["diagnostic", "plan", "bilan", "facile", "liaison", "attestation", "courrier"])
    def test_un_schema_refuse_une_cle_de_trop_et_une_cle_qui_manque(self, nom):
        schema = lire(nom)
        assert schema["additionalProperties"] is False
        faux = {"schema": f"{nom}/1", "en_trop": 1}
        assert len(ecarts(faux)) == len(schema["required"])  # tout manque sauf `schema`, et une clé de trop


class TestPlan:
    def test_dit_le_levier_le_constat_qui_fait_et_la_reponse_attendue(self):
        actions = genres.genre("plan").contexte(essai.plan())["actions"]
        assert actions[1] | {"mode": ""} == {
            "numero": 2, "intitule": "Recherche d'un nouvel employeur d'apprentissage", "levier": "Mission locale", "mode": "",
            "ecart": "", "axe": "Trajectoire professionnelle / formation", "facteur": "Formation ou alternance interrompue",
            "qui": "La personne", "demandee": "26 sept.", "attendue": "23 nov. 2026", "relais": "mission locale", "mot": "En attente",
            "ton": "w", "le": "", "note": "", "ouverte": True, "continue": True, "reserve": False,
        }  # fmt: skip

    def test_annonce_les_dates_dans_l_ordre_silence_et_contestation_compris(self):
        dates = genres.genre("plan").contexte(essai.plan())["dates"]
        assert [e["le"] for e in dates] == sorted(e["le"] for e in dates)
        quoi = " ".join(e["quoi"] for e in dates)
        assert "Sans réponse, la demande est refusée" in quoi and "Dernier jour pour contester" in quoi
        assert "Terme de l’intervention" in quoi

    def test_une_date_passee_au_jour_du_plan_s_y_dit_passee(self):
        plan = essai.plan()
        passees = [e for e in echeances(plan) if e["le"] < plan["intervention"]["au"]]
        assert passees and len(passees) < len(echeances(plan))
        lu = " ".join(texte_de(genres.produire("plan", plan))[0].split())
        assert lu.count("passée au jour du plan") == len(passees)

    def test_la_copie_d_un_partenaire_ne_nomme_ni_demarche_ni_date_reservees(self):
        plan = essai.plan()
        assert any(a["reserve"] for a in plan["intervention"]["actions"])
        copie = genres.genre("plan").contexte(partenaire.copie_pour_un_partenaire(plan))
        assert not any(ligne["reserve"] for ligne in [*copie["actions"], *copie["dates"]])
        assert "allocation logement" not in str(copie)


class TestFacile:
    def test_ce_qui_touche_un_aidant_ne_dit_pas_qui_aide_qui(self):
        parties = facile("bilan", copy.deepcopy)["parties"]  # Jeanne est seule à aider sa mère
        titres = [b["titre"] for p in parties if p["titre"] == "Ce que je surveille" for b in p["blocs"]]
        assert "Une seule personne aide" in titres
        assert "m’aide" not in "".join((RISQUES["RR-12"], FACTEURS["ORG-02"]))

    @pytest.mark.parametrize(("genre", "avant"), [("diagnostic", True), ("bilan", True), ("plan", False)])
    def test_une_date_passee_au_jour_du_papier_n_est_plus_a_retenir(self, genre, avant):
        def dater(origine):
            origine["document"]["date"] = "2026-11-13"
            for axe in origine["axes"]:
                for facteur in axe["facteurs"]:
                    facteur["echeance"] = "2026-09-24"
            for risque in origine.get("sortie", {}).get("risques", []):
                risque["echeance"] = "2026-09-24"
            if genre == "plan":
                origine["intervention"] |= {"au": "2026-11-13", "terme": "2026-11-12"}
                for action in origine["intervention"]["actions"]:
                    action |= {"attendue_le": "2026-09-24", "issue": {}, "silence": None}
            return origine

        lu = str(facile(genre, dater)["parties"])
        assert "à retenir : le 24 septembre 2026" not in lu and "À retenir" not in lu
        assert ("Date passée : le 24 septembre 2026." in lu) is avant
        if genre == "plan":
            assert "Ce jour est passé." in lu and "La fin était prévue le 12 novembre 2026." in lu

    def test_une_date_du_jour_du_papier_reste_a_retenir(self):
        def dater(origine):
            for axe in origine["axes"]:
                for facteur in axe["facteurs"]:
                    facteur["echeance"] = origine["document"]["date"]
            return origine

        lu = str(facile("diagnostic", dater)["parties"])
        assert "Date à retenir : le" in lu and "Date passée" not in lu

    def test_une_idee_par_ligne_courte(self):
        lignes = [mot for p in facile("bilan", copy.deepcopy)["parties"] for b in p["blocs"] for mot in b["lignes"]]
        assert lignes and max(len(ligne.split()) for ligne in lignes) <= 22
        assert sum(len(ligne.split()) for ligne in lignes) / len(lignes) < 9

    @pytest.mark.parametrize("genre", ORIGINES)
    def test_ce_qui_revele_la_sante_n_y_est_pas(self, genre):
        modele, rediger, _ = ORIGINES[genre]
        origine = modele("karim") if genre != "bilan" else modele("nadia")
        origine["axes"][0].setdefault("facteurs", []).append(
            {"code": "ADM-03", "libelle": "Droits MDPH", "note": "Secretzyx", "reserve": True, "echeance": "2027-01-01"}
        )
        faite = essai.facile_de(origine, rediger)
        faite["parole"] = ""
        assert "MDPH" not in json.dumps(faite) and "Secretzyx" not in json.dumps(faite)

    def test_ne_se_dit_falc_qu_une_fois_relue(self):
        faite = facile("bilan")
        simple, _ = texte_de(genres.produire("facile_bilan", faite))
        relue, _ = texte_de(
            genres.produire("facile_bilan", faite | {"relecture": {"le": "2026-11-20", "avec": "un groupe"}})
        )
        assert "FALC" not in simple and "Pas encore relue par des personnes concernées" in simple
        assert "FALC" in relue and "20\xa0novembre\xa02026" in relue and "un groupe" in relue


class TestAttestation:
    def test_ne_dit_rien_de_la_sante_ni_du_dispositif(self):
        texte, lu = texte_de(genres.produire("attestation", essai.attestation()))
        assert SANTE.search(texte) is None and "dispositif" not in texte
        assert "prévention" not in texte.lower()
        assert SANTE.search(lu.attachments["donnees.json"][0].decode()) is None

    def test_une_fiche_de_liaison_ne_dit_pas_l_evenement_de_sante(self):
        texte, _ = texte_de(genres.produire("liaison", essai.liaison()))
        assert "événement de santé" not in texte and "Nadia" not in texte and "N.B." in texte
