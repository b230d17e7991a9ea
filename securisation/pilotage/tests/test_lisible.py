"""Ce qui sort d'une édition : rien d'une édition retirée, aucun mot repris, aucun nombre écrit à la main, des données à leur schéma."""

import io
import json
import re
from copy import deepcopy

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from securisation.documents.tests.schema import ecarts
from securisation.pilotage import calcul as vrai_calcul
from securisation.pilotage import faits
from securisation.pilotage.edition import actes, classeur, fictif, forms, lecture, lisible, pdf
from securisation.pilotage.edition.perimetre import perimetre
from securisation.pilotage.tests.test_mots import PHRASE, accorder, proposer
from securisation.pilotage.tests.test_vues import adresse, de_jean, entrer
from securisation.socle.cloison import lire_en_systeme

pytestmark = pytest.mark.django_db
AUTRE = "Une phrase que plus personne ne permet."


@pytest.fixture
def corrigee(publiee, jean, calcul, solder):
    """L'édition qui corrige `publiee` : vingt demandes de moins."""
    calcul.contenu = fictif.contenu(moins=20)
    nouvelle = actes.corriger(publiee.uuid, par=jean, mot="Des demandes comptées deux fois.")
    solder()
    nouvelle = actes.publier(nouvelle.uuid, par=jean)
    publiee.refresh_from_db()
    return actes.trouver(nouvelle.uuid, par=jean)


@pytest.fixture
def citee(controlee, jean, parcours_admis, awa):
    """Une édition publiée qui cite une phrase retenue, et une autre qui n'est à personne."""
    accorder(parcours_admis, awa)
    dite = proposer(parcours_admis, awa)
    with lire_en_systeme():
        dite.retenir(par=jean)
    faits.rafraichir()
    controlee.contenu["mots"] = [{"texte": PHRASE, "axe": "LOG"}, {"texte": AUTRE, "axe": ""}]
    controlee.save()
    controlee.paraitre(par=jean)
    return controlee


def jointes(edition):
    """Les données jointes au PDF gardé de cette édition."""
    lu = PdfReader(io.BytesIO(bytes(edition.fichiers.get(genre="pdf").contenu)))
    return json.loads(lu.attachments["donnees.json"][0])


class TestRetiree:
    def test_une_correction_retiree_ne_montre_ni_avant_ni_apres(self, client, farid, jean, corrigee):
        page = entrer(client, farid).get(adresse("edition", corrigee)).content.decode()
        assert ">Avant<" in page and "<td>310</td>" in page and "290" in page
        actes.retirer(corrigee.uuid, par=jean, motif_retrait="Erreur.")
        page = client.get(adresse("edition", corrigee)).content.decode()
        assert re.search(r"\b(310|290)\b", page) is None, "un nombre entier : trois chiffres se trouvent dans un jeton"
        assert "Ce qui change depuis" not in page and "comptées deux fois" not in page

    def test_les_nombres_d_une_edition_corrigee_puis_retiree_se_taisent(self, client, farid, jean, publiee, corrigee):
        actes.retirer(publiee.uuid, par=jean, motif_retrait="Erreur.")
        page = entrer(client, farid).get(adresse("edition", corrigee)).content.decode()
        assert "Ce qui change depuis" in page and "290" in page
        assert "<td>310</td>" not in page and ">Avant<" not in page
        donnees = pdf.pieces_jointes(actes.trouver(corrigee.uuid, par=jean))
        assert ecarts(donnees) == [] and len(donnees["edition"]["changements"]) == 4
        assert all(set(change) == {"tableau", "ligne", "apres"} for change in donnees["edition"]["changements"])


class TestMotsRepris:
    def test_la_page_et_les_fichiers_n_en_gardent_que_les_permis(self, client, farid, citee):
        page = entrer(client, farid).get(adresse("edition", citee)).content.decode()
        assert PHRASE in page and AUTRE not in page
        assert pdf.pieces_jointes(citee)["contenu"]["mots"] == [PHRASE]
        assert [PHRASE] in classeur.feuilles(citee)[-1].lignes

    def test_un_accord_retire_les_tait_a_la_page_suivante(self, client, farid, citee, parcours_admis, awa):
        parcours_admis.accords.get(finalite__code="PAROLE").retirer(par=awa)
        page = entrer(client, farid).get(adresse("edition", citee)).content.decode()
        assert PHRASE not in page and "Les mots des personnes" not in page
        assert pdf.pieces_jointes(citee)["contenu"]["mots"] == []
        assert classeur.feuilles(citee)[-1].titre != "Mots des personnes"

    def test_une_phrase_retiree_aussi(self, citee, parcours_admis, awa):
        parcours_admis.paroles.get().retirer(par=awa)
        assert lisible.contenu(citee)["mots"] == []

    def test_les_mots_inventes_d_une_edition_fictive_restent(self, citee):
        citee.fictive = True
        assert len(lisible.contenu(citee)["mots"]) == 2


class TestPublie:
    @pytest.fixture
    def reel(self, controlee):
        """Un contenu du vrai calcul, sur ce qu'il y a (rien : tout y est refusé)."""
        return vrai_calcul.preparer(perimetre(controlee.definition), [])[0]

    def test_un_tableau_refuse_ne_porte_que_son_titre_et_sa_raison(self, reel):
        assert all(tableau["refus"] for tableau in reel["tableaux"])
        sorti = lecture.publie(reel)
        assert sorti["tableaux"] == []
        assert {cle for refus in sorti["refuses"] for cle in refus} == {"titre", "pourquoi"}

    def test_les_codes_d_une_ligne_reunie_ne_sortent_pas(self, publiee):
        contenu = deepcopy(publiee.contenu)
        lignes = next(t for t in contenu["tableaux"] if t["code"] == "origines")["lignes"]
        lignes[-1] |= {"code": "autres", "libelle": "Autres réponses, réunies", "codes": ["OR-12", "OR-99"]}
        publiee.contenu = contenu
        classe = [cellule for f in classeur.feuilles(publiee) for ligne in f.lignes for cellule in ligne]
        assert "OR-99" not in json.dumps(pdf.pieces_jointes(publiee)) and "OR-99" not in str(classe)

    def test_la_piece_jointe_suit_son_schema(self, avec_fichiers):
        lues = jointes(avec_fichiers)
        assert ecarts(lues) == []
        assert {t["forme"] for t in lues["contenu"]["tableaux"]} == {"nombre", "liste", "multiple", "croise", "flux"}
        assert lues["contenu"]["refuses"] and "cles" not in lues["definition"]

    def test_celle_d_une_correction_aussi(self, corrigee, solder):
        solder()
        lues = jointes(corrigee)
        assert ecarts(lues) == [] and lues["edition"]["changements"][0]["avant"]

    @pytest.mark.parametrize("en_trop", ["codes", "univers"])
    def test_le_schema_refuse_ce_qui_ne_doit_pas_sortir(self, publiee, en_trop):
        donnees = pdf.pieces_jointes(publiee)
        (donnees["contenu"]["tableaux"][3]["lignes"][0] if en_trop == "codes" else donnees["contenu"]["tableaux"][3])[
            en_trop
        ] = ["x"]
        assert ecarts(donnees) == [
            f"$.contenu.tableaux[3]{'.lignes[0]' if en_trop == 'codes' else ''} : en trop : {en_trop}"
        ]

    def test_le_classeur_d_un_tableau_refuse_ne_dit_que_sa_raison(self, avec_fichiers):
        livre = load_workbook(io.BytesIO(bytes(avec_fichiers.fichiers.get(genre="xlsx").contenu)))
        refus = [
            c.value for ligne in livre["Lire ces nombres"].iter_rows() for c in ligne if "Départements" in str(c.value)
        ]
        assert len(refus) == 1 and refus[0].startswith("Départements : ")


class TestNiNomNiNombre:
    @pytest.mark.parametrize(
        "texte",
        ["Vingt demandes oubliées.", "Il manquait 3 dossiers.", "Il manquait ٣ dossiers.", "Une DOUZAINE d’oublis.", "½ des fins.",
         "Cent-deux demandes.", "Quatre-vingts lignes.", "Des milliers de lignes.", "Dix\u200bsept dossiers et ⅻ autres."],
    )  # fmt: skip
    @pytest.mark.parametrize(("acte", "champ"), [("corriger", "mot"), ("retirer", "motif_retrait")])
    def test_un_nombre_est_refuse_et_la_saisie_reste(self, texte, acte, champ, client, jean, publiee):
        reponse = de_jean(client, jean).post(adresse(acte, publiee), {champ: texte})
        assert reponse.status_code == 422
        assert "porte un nombre" in reponse.content.decode() and texte in reponse.context["form"][champ].value()
        publiee.refresh_from_db()
        assert publiee.etat == "publiee" and not publiee.corrections.exists()

    @pytest.mark.parametrize(
        "texte", ["Mme Dupont nous a signalé un oubli.", "Un oubli de M. Traoré.", "Madame L’Hostis a écrit."]
    )
    def test_une_civilite_et_son_nom_sont_refuses(self, texte):
        saisi = forms.FormulaireCorrection({"mot": texte})
        assert not saisi.is_valid() and "nomme quelqu’un" in str(saisi.errors)

    @pytest.mark.parametrize(
        "texte",
        ["Deux équipes avaient été oubliées.", "Remplacée par E-2026-002.", "Une seule erreur, de période.",
         "La CAF a centralisé ses envois.", "Madame et monsieur ont été comptés deux fois."],
    )  # fmt: skip
    def test_le_reste_passe(self, texte):
        assert forms.nombre_ecrit(texte) == ""
        assert forms.FormulaireRetrait({"motif_retrait": texte}).is_valid()

    def test_une_correction_deja_en_preparation_se_montre_et_le_texte_reste(self, client, jean, publiee):
        deja = actes.corriger(publiee.uuid, par=jean, mot="Un mot.")
        session = de_jean(client, jean)
        assert session.get(adresse("corriger", publiee)).headers["Location"] == deja.get_absolute_url()
        reponse = session.post(adresse("corriger", publiee), {"mot": "Un autre mot."})
        assert reponse.status_code == 422 and "déjà en préparation" in reponse.text
        assert reponse.context["form"]["mot"].value() == "Un autre mot."

    def test_la_garde_relit(self, client, jean, publiee):
        reponse = de_jean(client, jean).post(
            adresse("retirer", publiee), {"motif_retrait": "Une dépression y était dite."}
        )
        assert reponse.status_code == 422 and "formulation_confirmee" in reponse.content.decode()
