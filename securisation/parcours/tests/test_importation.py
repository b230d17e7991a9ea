"""L'import d'un tableau : ce qui se crée, ce qui se refuse et pourquoi, ce qui n'est jamais gardé."""

import csv
import datetime
import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from securisation.parcours import importation
from securisation.parcours.importation import execution
from securisation.parcours.models import Parcours, Personne
from securisation.socle import horloge

EXEMPLE = Path(__file__).parent / "orientations.csv"
TITRES = "prenom;nom;origine;recue_le;demande"
JUSTE = "Ana;Roux;OR-04;2026-10-05;Deux loyers de retard."
LE_22_NOVEMBRE = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def le_22_novembre():
    """Le tableau d'exemple date de l'automne 2026 : il se lit ce jour-là."""
    with horloge.reprise_au(LE_22_NOVEMBRE):
        yield


def lire(contenu):
    """Les lignes d'un contenu (texte ou octets)."""
    octets = contenu.encode() if isinstance(contenu, str) else contenu
    return list(importation.lire(io.BytesIO(octets)))


def importer(contenu, par, *, essai=False):
    """Importe un contenu d'un seul lot et rend les résultats."""
    return importation.importer_lot(lire(contenu), par=par, controle=importation.Controle(), vues={}, essai=essai)


def raison_de(cellules, par):
    """La raison de refus d'une seule ligne sous les titres courts."""
    (resultat,) = importer(f"{TITRES}\n{cellules}\n", par)
    assert resultat.sort == execution.REFUSEE
    return resultat.raison


def table():
    """Le tableau d'exemple, en rangées de texte."""
    with EXEMPLE.open(encoding="utf-8", newline="") as flux:
        return list(csv.reader(flux, delimiter=";"))


def en_xlsx(rangees):
    classeur = openpyxl.Workbook()
    for rangee in rangees:
        classeur.active.append(rangee)
    flux = io.BytesIO()
    classeur.save(flux)
    return flux.getvalue()


def en_ods(rangees):
    document, feuille = OpenDocumentSpreadsheet(), Table(name="Orientations")
    for rangee in rangees:
        ligne = TableRow()
        for cellule in rangee:
            case = TableCell(valuetype="string")
            case.addElement(P(text=cellule))
            ligne.addElement(case)
        feuille.addElement(ligne)
    document.spreadsheet.addElement(feuille)
    flux = io.BytesIO()
    document.save(flux)
    return flux.getvalue()


def en_zip(**pieces):
    flux = io.BytesIO()
    with zipfile.ZipFile(flux, "w", zipfile.ZIP_DEFLATED) as archive:
        for nom, contenu in pieces.items():
            archive.writestr(nom.replace("__", "/").replace("_xml", ".xml"), contenu)
    return flux.getvalue()


def toute_la_base():
    """Tout le texte de toutes les tables, journal et historique compris."""
    with connection.cursor() as curseur:
        textes = []
        for nom in connection.introspection.table_names(curseur):
            curseur.execute(f'SELECT string_agg(t::text, chr(10)) FROM "{nom}" t')
            textes.append(curseur.fetchone()[0] or "")
    return "\n".join(textes)


class TestExemple:
    def test_cree_les_24_lignes_justes_et_refuse_les_7_autres(self, awa):
        resultats = importer(EXEMPLE.read_bytes(), awa)
        assert [r.sort for r in resultats[:24]] == ["creee"] * 24
        assert [r.sort for r in resultats[24:]] == ["refusee"] * 3 + ["doublon"] + ["refusee"] * 3
        assert Parcours.objects.count() == 24

    def test_dit_pourquoi_chaque_ligne_est_refusee(self, awa):
        raisons = [r.raison for r in importer(EXEMPLE.read_bytes(), awa)[24:]]
        attendues = [
            ["Prénom manquant"],
            ["Année de naissance impossible"],
            ["Canal préféré inconnu", "Origine : code inconnu", "Date de réception impossible", "oui ou non"],
            ["identique à la ligne 2"],
            ["Nom : commence comme une formule", "Demande : commence comme une formule"],
            ["numéro de sécurité sociale", "contenu médical (pathologie)", "Formulation proposée", "arrêt de travail"],
            ["4 colonnes au lieu de 12"],
        ]
        for raison, mots in zip(raisons, attendues, strict=True):
            assert [mot for mot in mots if mot not in raison] == []

    def test_une_seconde_fois_ne_cree_rien(self, awa):
        importer(EXEMPLE.read_bytes(), awa)
        resultats = importer(EXEMPLE.read_bytes(), awa)
        assert [r for r in resultats if r.sort == "creee"] == []
        assert "déjà importée, parcours P-2026-" in resultats[0].raison
        assert Parcours.objects.count() == 24

    def test_un_essai_dit_la_meme_chose_et_n_ecrit_rien(self, awa):
        avant = toute_la_base()
        essai = [(r.sort, r.raison) for r in importer(EXEMPLE.read_bytes(), awa, essai=True)]
        assert toute_la_base() == avant
        assert essai == [(r.sort, r.raison) for r in importer(EXEMPLE.read_bytes(), awa)]

    @pytest.mark.parametrize("ecrire", [en_xlsx, en_ods], ids=["xlsx", "ods"])
    def test_se_lit_aussi_en_classeur(self, awa, ecrire):
        resultats = importer(ecrire(table()), awa)
        assert [r.sort for r in resultats[:24]] == ["creee"] * 24
        assert "creee" not in {r.sort for r in resultats[24:]}

    def test_reconnait_la_meme_ligne_d_un_format_a_l_autre(self, awa):
        importer(EXEMPLE.read_bytes(), awa)
        assert "creee" not in {r.sort for r in importer(en_xlsx(table()), awa)}

    def test_se_lit_en_cp1252_et_avec_des_virgules(self, awa):
        flux = io.StringIO()
        csv.writer(flux).writerows(table())
        resultats = importer(flux.getvalue().encode("cp1252"), awa)
        assert [r.sort for r in resultats].count("creee") == 24
        assert Personne.objects.filter(prenom="Élodie").exists()

    def test_deux_equipes_importent_chacune_la_leur(self, awa, elsa):
        importer(f"{TITRES}\n{JUSTE}\n", awa)
        assert [r.sort for r in importer(f"{TITRES}\n{JUSTE}\n", elsa)] == ["creee"]


class TestNumeroDeSecuriteSociale:
    NIR = "1 75 04 44 109 012 34"

    @pytest.mark.parametrize(
        "ecrit", [NIR, NIR.replace(" ", ""), NIR.replace(" ", "."), "１７５０４４４１０９０１２３４"]
    )
    def test_est_retire_des_la_lecture_dans_toute_colonne(self, ecrit):
        for colonne in range(5):
            cellules = JUSTE.split(";")
            cellules[colonne] = f"x {ecrit} y"
            (ligne,) = lire(f"{TITRES}\n{';'.join(cellules)}\n")
            assert ligne.numeros_masques == [TITRES.split(";")[colonne]]
            assert "109" not in str(vars(ligne)) and "１０９" not in str(vars(ligne))

    def test_est_retire_aussi_d_un_nombre_de_tableur(self):
        (ligne,) = lire(en_xlsx([TITRES.split(";"), ["Ana", 175044410901234, "OR-04", "2026-10-05", "x"]]))
        assert ligne.numeros_masques == ["nom"] and "1750444" not in str(vars(ligne))

    def test_n_est_nulle_part_dans_la_base_apres_l_import(self, awa):
        importer(EXEMPLE.read_bytes(), awa)
        tout = toute_la_base()
        assert "44 109" not in tout and "morphine" not in tout
        # Un bout de cinq chiffres se trouve un jour dans une microseconde ou un UUID : ceux-là ôtés, il ne doit être nulle part.
        hasards = r"\d\d:\d\d:\d\d\.\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{40,}"
        assert "17504" not in re.sub(hasards, "", tout)

    def test_n_est_pas_dans_le_fichier_des_rejets(self, awa):
        flux = io.StringIO()
        rejets = [
            (r.ligne.numero, importation.a_garder(r.ligne), r.raison) for r in importer(EXEMPLE.read_bytes(), awa)
        ]
        importation.ecrire_rejets(flux, rejets)
        assert "44 109" not in flux.getvalue() and "morphine" not in flux.getvalue()
        assert "numéro de sécurité sociale" in flux.getvalue()

    def test_un_telephone_n_en_est_pas_un(self, awa):
        (ligne,) = lire(f"{TITRES};telephone\n{JUSTE};+33 6 39 98 20 01\n")
        assert ligne.numeros_masques == []
        assert [r.sort for r in importer(f"{TITRES};telephone\n{JUSTE};+33 6 39 98 20 01\n", awa)] == ["creee"]


class TestLigne:
    @pytest.mark.parametrize(
        ("cellules", "raison"),
        [
            ("Ana;Roux;OR-04;2026-10-05", "4 colonnes au lieu de 5"),
            ("Ana;Roux;OR-04;2026-10-05;x;y", "6 colonnes au lieu de 5"),
            ("Ana;Roux;;2026-10-05;x", "Origine"),
            ("Ana;Roux;OR-04;;x", "Date de réception"),
            ("Ana;Roux;OR-04;2030-01-01;x", "Date de réception"),
            ("Ana;Roux;OR-04;05/10/1800;x", "Date de réception"),
            ("Ana;Roux;OR-04;9999-12-31;x", "Date de réception"),
            (f"{'A' * 81};Roux;OR-04;2026-10-05;x", "Prénom"),
            (f"Ana;Roux;OR-04;2026-10-05;{'x' * 4001}", "Demande"),
            ("An\x00a;Roux;OR-04;2026-10-05;x", "Prénom"),
            ("@Ana;Roux;OR-04;2026-10-05;x", "formule"),
            ("Ana;-2+3;OR-04;2026-10-05;x", "formule"),
            ("Ana;Roux;=OR-04;2026-10-05;x", "formule"),
            ("An\u0430;Roux;OR-04;2026-10-05;x", "Prénom : un mot mêle deux alphabets"),
            ("Ana;Roux;OR-04;2026-10-05;d\u00e9press\u0456on", "Demande"),
        ],
    )
    def test_refuse(self, awa, cellules, raison):
        assert raison in raison_de(cellules, awa)
        assert Parcours.objects.count() == 0

    def test_accepte_emoji_et_ote_les_marques_invisibles(self, awa):
        (resultat,) = importer(f"{TITRES}\n\u202eAna\u200b;Roux 🌿;OR-04;05/10/2026;x\n", awa)
        assert resultat.parcours.personne.appellation == "Ana Roux 🌿"

    def test_accepte_un_nom_tout_en_cyrillique(self, awa):
        (resultat,) = importer(f"{TITRES}\nМария;Иванова;OR-04;05/10/2026;x\n", awa)
        assert resultat.parcours.personne.appellation == "Мария Иванова"

    def test_accepte_un_pseudonyme_sans_prenom(self, awa):
        assert [r.sort for r in importer(f"{TITRES};pseudonyme\n;;OR-04;2026-10-05;x;A-12\n", awa)] == ["creee"]

    def test_rend_son_zero_a_un_code_postal_de_tableur(self, awa):
        rangees = [[*TITRES.split(";"), "code_postal"], [*JUSTE.split(";"), 1000]]
        (resultat,) = importer(en_xlsx(rangees), awa)
        assert resultat.parcours.personne.code_postal == "01000"

    def test_une_ligne_en_defaut_n_arrete_pas_les_autres(self, awa):
        sorts = [r.sort for r in importer(f"{TITRES}\n;;;;x\n{JUSTE}\n", awa)]
        assert sorts == ["refusee", "creee"]

    def test_sans_equipe_tout_est_refuse(self, chloe):
        (resultat,) = importer(f"{TITRES}\n{JUSTE}\n", chloe)
        assert resultat.sort == "refusee" and "droits" in resultat.raison


class TestFichierHostile:
    @pytest.mark.parametrize(
        ("contenu", "phrase"),
        [
            (b"", "vide"),
            (b"\n\n;;;\n", "vide"),
            (TITRES.encode(), "ligne de titres"),
            (b"a;b;c\n1;2;3\n", "Il manque des colonnes"),
            (b"prenom;nom\nA;B\n", "origine, recue_le, demande"),
            (f"prenom;{TITRES}\n".encode(), "en double"),
            (b"x" * (10 * 1024 * 1024 + 1), "10 Mo"),
            (b"%PDF-1.7\n" + b"x" * 50, "pas un tableau"),
            (b"\x7fELF" + b"\x00" * 900, "pas un tableau"),
            (b"\xd0\xcf\x11\xe0" + b"x" * 900, "ancien format"),
            (f'{TITRES}\n"Ana;Roux;OR-04;2026-10-05;x\n'.encode(), "guillemets"),
            (f'{TITRES}\n"{"x" * 200_000}"\n'.encode(), "guillemets"),
            (b"PK\x03\x04" + b"x" * 900, "abîmé"),
            (en_zip(document_xml="<a/>"), "pas un classeur"),
            (en_zip(xl__workbook_xml="<a/>"), "abîmé"),
            (en_zip(xl__workbook_xml='<!DOCTYPE a [<!ENTITY b "c">]><a/>'), "entités"),
            (en_zip(xl__workbook_xml="<a/>", xl__sharedStrings_xml=b"0" * (41 * 1024 * 1024)), "démesuré"),
            (en_zip(**{f"p{n}": "" for n in range(2001)}), "démesuré"),
        ],
        ids=lambda valeur: valeur if isinstance(valeur, str) else "",
    )
    def test_une_phrase_francaise(self, contenu, phrase):
        with pytest.raises(importation.FichierRefuse) as refus:
            lire(contenu)
        assert phrase in refus.value.messages[0]

    def test_un_classeur_qui_repete_une_ligne_un_million_de_fois(self):
        cellule = "<table:table-cell><text:p>x</text:p></table:table-cell>"
        corps = f'<table:table-row table:number-rows-repeated="1000000">{cellule}</table:table-row>'
        xml = f'<office:d xmlns:office="o" xmlns:table="t" xmlns:text="x"><table:table>{corps}</table:table></office:d>'
        with pytest.raises(importation.FichierRefuse, match="démesuré"):
            lire(en_zip(mimetype="application/vnd.oasis.opendocument.spreadsheet", content_xml=xml))

    def test_une_formule_de_classeur_est_refusee(self, awa):
        rangees = [TITRES.split(";"), ["Ana", '=HYPERLINK("http://exemple.test";"x")', "OR-04", "2026-10-05", "x"]]
        assert "formule" in importer(en_xlsx(rangees), awa)[0].raison

    def test_plus_de_50_000_lignes(self, monkeypatch):
        monkeypatch.setattr("securisation.parcours.importation.lecture.LIGNES_MAX", 3)
        with pytest.raises(importation.FichierRefuse, match="3 lignes"):
            lire(f"{TITRES}\n" + f"{JUSTE}\n" * 4)


class TestRejets:
    @pytest.mark.parametrize("debut", ["=1+1", "+33", "-2", "@x", "\t=1", " =1"])
    def test_neutralise_les_formules(self, debut):
        flux = io.StringIO()
        importation.ecrire_rejets(flux, [(2, {"nom": debut}, "raison")])
        ligne = next(csv.DictReader(io.StringIO(flux.getvalue()), delimiter=";"))
        assert ligne["nom"].startswith("'") and ligne["raison"] == "raison" and ligne["ligne"] == "2"

    def test_se_corrige_et_se_redepose(self, awa):
        (refus,) = importer(f"{TITRES}\n;Roux;OR-04;2026-10-05;x\n", awa)
        flux = io.StringIO()
        importation.ecrire_rejets(flux, [(2, importation.a_garder(refus.ligne) | {"prenom": "Ana"}, refus.raison)])
        assert [r.sort for r in importer("\ufeff" + flux.getvalue(), awa)] == ["creee"]


class TestCommande:
    def test_rend_le_compte_et_le_sort_de_chaque_ligne(self, awa, capsys, tmp_path):
        call_command("importer_orientations", EXEMPLE, par=awa.email, rejets=tmp_path / "rejets.csv")
        dit = capsys.readouterr().out
        assert "31 lignes lues : 24 créées, 7 refusées, dont 1 en doublon." in dit
        assert "ligne 2 : créée, parcours P-2026-0001" in dit and "ligne 32 : refusée, 4 colonnes" in dit
        assert "44 109" not in dit + (tmp_path / "rejets.csv").read_text()
        assert len((tmp_path / "rejets.csv").read_text().splitlines()) == 8

    def test_un_essai_n_ecrit_rien(self, awa, capsys):
        call_command("importer_orientations", EXEMPLE, essai=True)
        assert "24 créées" in capsys.readouterr().out
        assert Parcours.objects.count() == 0

    def test_un_lot_perdu_se_relance_sans_doublon(self, awa, capsys, monkeypatch):
        monkeypatch.setattr(importation, "TAILLE_DU_LOT", 10)
        lots = iter([execution.importer_lot, execution.importer_lot])

        def tombe(*args, **options):
            return next(lots)(*args, **options)

        monkeypatch.setattr(importation, "importer_lot", tombe)
        with pytest.raises((StopIteration, RuntimeError)):
            call_command("importer_orientations", EXEMPLE)
        assert Parcours.objects.count() == 20
        monkeypatch.setattr(importation, "importer_lot", execution.importer_lot)
        call_command("importer_orientations", EXEMPLE)
        assert Parcours.objects.count() == 24

    @pytest.mark.parametrize(
        ("options", "phrase"),
        [
            ({"fichier": "absent.csv"}, "ne s'ouvre pas"),
            ({"par": "x@y.fr"}, "a l'adresse"),
            ({"par": "chloe@exemple.test"}, "a l'adresse"),
        ],
    )
    def test_une_phrase_quand_on_se_trompe(self, awa, options, phrase):
        fichier = options.pop("fichier", str(EXEMPLE))
        with pytest.raises(CommandError, match=phrase):
            call_command("importer_orientations", fichier, **options)

    def test_les_parcours_sont_a_qui_les_importe(self, awa, capsys):
        call_command("importer_orientations", EXEMPLE, par=awa.email)
        assert Parcours.objects.visibles_pour(awa).count() == 24
        assert timezone.localdate(Parcours.objects.first().cree_le) == LE_22_NOVEMBRE.date()
