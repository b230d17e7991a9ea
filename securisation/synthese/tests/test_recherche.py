"""Chercher un parcours : toutes les graphies d'un nom, d'un numéro, d'un téléphone ; jamais un dossier que l'on ne voit pas."""

import re

import pytest
from django.db import connection
from django.urls import reverse

from securisation.parcours.models import Ouverture, Parcours, Personne
from securisation.parcours.models.personne import cle_de_recherche
from securisation.parcours.roles import attribuer_role
from securisation.socle import rythme
from securisation.socle.models import Evenement
from securisation.socle.trace import hors_porte
from securisation.synthese import recherche
from securisation.synthese.recherche import chercher, lire_question
from securisation.synthese.tests.test_pages import entrer, requetes  # noqa: F401 (fixture)

ADRESSE = "/recherche/"
HOSTILES = [
    "%", "_", "\\", "%%%",
    "'; DROP TABLE parcours_personne; --", "' OR 1=1 --", '"', "$$", "(", "[a-z]+", "^", ".*", "?", "*", "{0}", "%(mot0)s",
    "\u202e", "\u200b", "\ufeff", "🙂", "é", "x" * 10_000, "é" * 10_000, "1" * 10_000, "P-" + "9" * 5_000, "+" + "1 " * 5_000, "a " * 5_000,
    "P-2026-0000", "P--", "-----", "\t\r\n", "０", "٠١٢٣٤٥٦٧٨٩", "<script>alert(1)</script>",
]  # fmt: skip


def trouves(professionnel, texte):
    """Les numéros que rend cette recherche, dans l'ordre."""
    return [ligne.numero for ligne in chercher(professionnel, lire_question(texte))[0]]


def nommer(parcours, **champs):
    """Change l'identité de la personne, hors de la porte : l'essai porte sur la recherche."""
    with hors_porte("essai"):
        for nom, valeur in champs.items():
            setattr(parcours.personne, nom, valeur)
        parcours.personne.save()
    return parcours


@pytest.fixture
def fatou(ouvrir_un_parcours, awa):
    return nommer(ouvrir_un_parcours(awa, nom="Diallo"), prenom="Fatou", nom="N’Diaye-Bâ", telephone="06 39 98 20 06")


class TestNoms:
    @pytest.mark.parametrize(
        "texte",
        [
            "fatou n'diaye",
            "N'DIAYE Fatou",
            "ndiaye",
            "n diaye",
            "diaye ba fatou",
            "fatou d",
            "FÀTOU",
            "Fatou   Ndiayeba",
            "fat diay",
            "ba",
        ],
    )
    def test_sans_accents_sans_ordre_sans_signes(self, fatou, awa, gaelle, texte):
        assert trouves(awa, texte) == trouves(gaelle, texte) == [fatou.numero]

    @pytest.mark.parametrize("texte", ["fatou diallo", "fatou martin", "b", "di", "diayes", "fatou zz"])
    def test_un_mot_de_trop_ou_faux_ne_trouve_rien(self, fatou, awa, gaelle, texte):
        assert trouves(awa, texte) == trouves(gaelle, texte) == []

    def test_un_pseudonyme_se_cherche_comme_un_nom(self, ouvrir_un_parcours, awa):
        code = nommer(ouvrir_un_parcours(awa, nom="X"), prenom="", nom="", pseudonyme="Léa-04 bis")
        assert trouves(awa, "lea 04") == trouves(awa, "bis LÉA") == [code.numero]

    def test_une_ligature_s_ouvre(self, ouvrir_un_parcours, awa):
        coeur = nommer(ouvrir_un_parcours(awa, nom="X"), prenom="Ægir", nom="Lecœur-Strauß")
        for texte in ("lecoeur", "LECŒUR", "aegir", "strauss"):
            assert trouves(awa, texte) == [coeur.numero]

    def test_ce_qui_commence_ainsi_vient_d_abord_puis_par_ordre_alphabetique(self, ouvrir_un_parcours, awa):
        noms = ("Natalie", "Zélie", "Ali", "Alice")
        poses = {nom: nommer(ouvrir_un_parcours(awa, nom="X"), prenom="", nom=nom).numero for nom in noms}
        assert trouves(awa, "ali") == [poses[nom] for nom in ("Ali", "Alice", "Natalie")]

    def test_ne_montre_que_cinquante_parcours_et_le_dit(self, ouvrir_un_parcours, awa, entrer, monkeypatch):  # noqa: F811
        monkeypatch.setattr(recherche, "MONTRES", 2)
        for rang in range(3):
            ouvrir_un_parcours(awa, nom=f"Martin{rang}")
        page = entrer(awa).get(ADRESSE, {"q": "martin"})
        assert len(page.context["lignes"]) == 2
        assert "Plus de cinquante parcours" in page.text

    def test_un_parcours_clos_se_trouve_aussi(self, fatou, awa):
        fatou.interrompre(par=awa, motif="souhait")
        assert trouves(awa, "ndiaye") == [fatou.numero]


class TestNumeros:
    @pytest.mark.parametrize(
        "forme",
        [
            "P-{a}-{n:04d}",
            "p-{a}-{n:04d}",
            "{a}-{n}",
            "{a} {n:04d}",
            "P{a}{n:04d}",
            "P-{n}",
            "{n:04d}",
            "{n}",
            "{a}/{n:06d}",
        ],
    )
    def test_toutes_les_ecritures_d_un_numero(self, fatou, awa, gaelle, forme):
        _, annee, rang = fatou.numero.split("-")
        texte = forme.format(a=annee, n=int(rang))
        assert fatou.numero in trouves(awa, texte)
        assert trouves(awa, texte) == trouves(gaelle, texte)

    def test_une_autre_annee_ou_un_autre_rang_ne_trouve_rien(self, fatou, awa):
        for texte in ("P-1999-0001", "P-2026-9999", "0", "P-0", "P"):
            assert trouves(awa, texte) == []


class TestTelephones:
    @pytest.mark.parametrize(
        "texte",
        ["0639982006", "06 39 98 20 06", "06.39.98.20.06", "06-39-98-20-06", "+33639982006", "+33 6 39 98 20 06", "0033 6 39 98 20 06",
         "+33 (0)6 39 98 20 06", "639982006", "０６ ３９ ９８ ２０ ０６", "06/39/98/20/06"],
    )  # fmt: skip
    @pytest.mark.parametrize("garde", ["06 39 98 20 06", "+33639982006", "0033.6.39.98.20.06", "+33 (0)6 39 98 20 06"])
    def test_toutes_les_graphies_des_deux_cotes(self, fatou, awa, gaelle, texte, garde):
        nommer(fatou, telephone=garde)
        assert trouves(awa, texte) == trouves(gaelle, texte) == [fatou.numero]

    @pytest.mark.parametrize("texte", ["0639982007", "982006", "06 39", "0639982006 0", "a0639982006"])
    def test_un_autre_numero_ou_un_bout_ne_trouve_rien(self, fatou, awa, texte):
        assert trouves(awa, texte) == []

    def test_le_resultat_et_le_journal_taisent_le_numero(self, fatou, awa, entrer):  # noqa: F811
        page = entrer(awa).get(ADRESSE, {"q": "06 39 98 20 06"})
        assert fatou.numero in page.text
        assert page.text.count("39 98 20") == 2  # ce qui est écrit : le champ, et la phrase qui le redit
        lue = Evenement.objects.get(action="recherche", acteur=awa)
        assert (lue.charge["termes"], lue.charge["numeros"]) == ("téléphone en …06", [fatou.numero])

    @pytest.mark.parametrize(
        "texte",
        ["P-2026-0042", "p 2026 0042", "P20260042", "2026-0042", "20260042", "P-42", "0042", "Diallo P-2026-0042"],
    )
    def test_un_numero_de_parcours_reste_entier_au_journal(self, texte):
        assert lire_question(texte).termes == texte

    @pytest.mark.parametrize(
        "texte",
        ["0639982006", "0639 982006", "+33 6 39 98 20 06", "639982006", "206399820", "P-0639982006", "P 639982006", "P-0639-982006",
         "20 26 00 42 12", "2026 0042 06", "2026-0042 06 39 98 20 06", "+2026 0042", "Diallo 06.39.98.20.06"],
    )  # fmt: skip
    def test_un_telephone_se_tait_meme_sous_l_air_d_un_numero(self, texte):
        termes = lire_question(texte).termes
        assert f"téléphone en …{texte[-2:]}" in termes
        assert not re.search(r"\d{3}", termes)


class TestDroits:
    def test_seul_ce_que_l_on_voit_repond(self, ouvrir_un_parcours, distribution):
        """La définition est `visibles_pour` : pour chaque compte, la recherche rend exactement ses homonymes."""
        awa, bruno, elsa = (distribution[nom] for nom in ("awa", "bruno", "elsa"))
        ouvert, autre, restreint, ailleurs = (ouvrir_un_parcours(qui, nom="Diallo") for qui in (awa, awa, awa, elsa))
        attribuer_role(ouvert, bruno, "intervenant", par=awa)
        restreint.restreindre(par=awa, restreint=True)
        for compte in distribution.values():
            attendus = set(Parcours.objects.visibles_pour(compte).values_list("numero", flat=True))
            assert set(trouves(compte, "diallo")) == attendus
            for parcours in (ouvert, autre, restreint, ailleurs):
                assert (parcours.numero in trouves(compte, parcours.numero)) == (parcours.numero in attendus)
                assert (parcours.numero in trouves(compte, "06 39 98 20 06")) == (parcours.numero in attendus)

    def test_le_delegue_trouve_ce_qu_il_a_ouvert_par_un_motif(self, fatou, hugo):
        assert trouves(hugo, fatou.numero) == []
        Ouverture(parcours=fatou).ouvrir(par=hugo, motif="Une lecture contestée à vérifier.")
        hugo = type(hugo).objects.get(pk=hugo.pk)
        assert trouves(hugo, "ndiaye") == trouves(hugo, fatou.numero) == [fatou.numero]

    @pytest.mark.parametrize("texte", ["numero", "ndiaye", "06 39 98 20 06"])
    def test_interdit_et_inconnu_ont_la_meme_reponse(self, fatou, elsa, entrer, texte):  # noqa: F811
        """Ni la page, ni le nombre de requêtes, ni le journal ne distinguent un dossier d'ailleurs d'un dossier qui n'existe pas."""
        client, faux = (
            entrer(elsa),
            {"numero": "P-1999-0001", "ndiaye": "ndiayz", "06 39 98 20 06": "06 39 98 20 96"}[texte],
        )
        vrai = fatou.numero if texte == "numero" else texte
        reponses = [requetes(client, ADRESSE, data={"q": question}) for question in (vrai, faux)]
        assert reponses[0][0] == reponses[1][0]
        pages = [
            re.sub("[A-Za-z0-9]{64}", "jeton", reponse.text).replace(question, "…")
            for (_, reponse), question in zip(reponses, (vrai, faux), strict=True)
        ]
        assert pages[0] == pages[1]
        assert [lue.charge["numeros"] for lue in Evenement.objects.filter(action="recherche", acteur=elsa)] == [[], []]

    def test_un_partenaire_est_renvoye_a_ses_partages(self, chloe, entrer):  # noqa: F811
        assert entrer(chloe).get(ADRESSE, {"q": "diallo"}).url == reverse("coordination:partages")

    def test_ouvrir_un_resultat_suit_le_rythme_des_lectures(self, fatou, awa, entrer, settings, monkeypatch):  # noqa: F811
        settings.RYTHME_DES_LECTURES = True
        monkeypatch.setattr(rythme, "PLAFOND", 0)
        client = entrer(awa)
        assert client.get(ADRESSE, {"q": "ndiaye"}).status_code == 200
        assert client.get(fatou.get_absolute_url()).status_code == 429


class TestPage:
    def test_coute_quatre_requetes_quel_que_soit_le_nombre(self, ouvrir_un_parcours, distribution, entrer):  # noqa: F811
        """Session, compte, recherche, journal."""
        awa, client = distribution["awa"], entrer(distribution["gaelle"])
        for nombre in (1, 12):
            for rang in range(nombre):
                ouvrir_un_parcours(awa, nom=f"Martin{rang}")
            for texte in ("martin", "rien-de-tel", "P-1999-0001", "0639982006"):
                assert requetes(client, ADRESSE, data={"q": texte})[0] == 4

    def test_s_inscrit_avec_ses_termes_et_les_numeros_montres(self, fatou, awa, entrer):  # noqa: F811
        client = entrer(awa)
        for texte in ("Ndiaye", "x" * 10_000, ""):
            client.get(ADRESSE, {"q": texte})
        lues = Evenement.objects.filter(action="recherche", acteur=awa).order_by("seq")
        assert [(lue.charge["termes"], lue.charge["numeros"]) for lue in lues] == [
            ("Ndiaye", [fatou.numero]),
            ("x" * 80, []),
        ]

    def test_l_ancienne_adresse_y_mene(self, awa, entrer):  # noqa: F811
        assert entrer(awa).get("/", {"q": "fatou d"}).url == f"{ADRESSE}?q=fatou+d"

    def test_le_champ_est_sur_chaque_page_et_garde_ce_qui_est_ecrit(self, fatou, awa, entrer):  # noqa: F811
        client = entrer(awa)
        for adresse in ("/", ADRESSE, fatou.get_absolute_url(), reverse("parcours:ouvrir")):
            assert client.get(adresse).text.count('id="cherche"') == 1
        assert 'value="&lt;b&gt;"' in client.get(ADRESSE, {"q": "<b>"}).text

    @pytest.mark.parametrize("texte", HOSTILES, ids=range(len(HOSTILES)))
    def test_rien_d_hostile_ne_casse_ni_ne_trouve(self, fatou, awa, gaelle, entrer, texte):  # noqa: F811
        assert trouves(awa, texte) == trouves(gaelle, texte) == []
        page = entrer(gaelle).get(ADRESSE, {"q": texte})
        assert page.status_code == 200
        assert "<script>alert" not in page.text

    def test_un_octet_nul_est_refuse(self, awa, entrer):  # noqa: F811
        assert entrer(awa).get(ADRESSE, {"q": "a\x00b"}).status_code == 422


class TestPlan:
    """Chaque façon de répondre, pour une équipe, se lit par son index : jamais la table des personnes en entier."""

    @pytest.mark.parametrize(
        ("texte", "index"),
        [
            ("fatou ndiaye", ["personne_nom_colle"]),
            ("fatou d", ["personne_nom_colle"]),
            ("ba", ["personne_cle_trigrammes"]),
            ("06 39 98 20 06", ["personne_cle_trigrammes", "personne_chiffres"]),
            ("P-2026-0042", ["personne_nom_colle", "parcours_parcours_numero"]),
        ],
    )
    def test_se_lit_par_index(self, fatou, gaelle, texte, index):
        question = lire_question(texte)
        valeurs = recherche.parametres(gaelle, etats=[], limite=1) | recherche._valeurs(question)
        lus = []
        with connection.cursor() as curseur:
            curseur.execute("SET LOCAL enable_seqscan = off")
            for condition in recherche._conditions(question):
                table = "parcours_parcours p" if condition.startswith("p.") else "parcours_personne n"
                curseur.execute(f"EXPLAIN SELECT id FROM {table} WHERE {condition}", valeurs)
                plan = " ".join(ligne for (ligne,) in curseur.fetchall())
                lus += [nom for nom in index if f" {nom}" in plan and "Seq Scan" not in plan]
        assert lus == index


def test_la_cle_d_une_personne_suit_son_nom(fatou):
    assert Personne.objects.get(pk=fatou.personne_id).cle == cle_de_recherche("Fatou N’Diaye-Bâ") == "fatou n diaye ba"
