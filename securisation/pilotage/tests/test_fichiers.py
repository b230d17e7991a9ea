"""Les fichiers d'une édition : PDF aux normes, tableaux qui disent la même chose en trois formats, leur suivi, et ceux d'avant le CSV."""

import io
import zipfile
from importlib import import_module

import page as normes
import pytest
from django.db import connection
from openpyxl import load_workbook

from securisation.pilotage.edition import classeur, fichiers, pdf
from securisation.pilotage.models import FichierDEdition
from securisation.socle import outbox
from securisation.socle.models import Du, Evenement
from securisation.socle.tableur import titre_sur

from .test_vues import ENVOI, adresse, de_jean, en_rangees, entrer

pytestmark = pytest.mark.django_db


class TestFichiers:
    def test_le_pdf_suit_les_deux_normes(self, avec_fichiers):
        octets = bytes(avec_fichiers.fichiers.get(genre="pdf").contenu)
        for norme in ("3a", "ua1"):
            rapport = normes.validate_pdf_bytes(octets, profile=norme)
            assert [(f.rule_id, f.message) for f in rapport.failures] == [], norme

    def test_le_classeur_dit_les_memes_nombres_que_la_page(self, avec_fichiers):
        octets = bytes(avec_fichiers.fichiers.get(genre="xlsx").contenu)
        livre = load_workbook(io.BytesIO(octets))
        assert livre.sheetnames[0] == "Lire ces nombres"
        lus = {ligne[0].value: [c.value for c in ligne[1:]] for feuille in livre for ligne in feuille.iter_rows()}
        assert lus["CAF : RSA, prime d’activité, aides au logement"] == [120, "≤ 10", 20, 75, "protégé"]
        assert lus["Parcours accompagnés"][-1] == 240
        assert "Départements" not in livre.sheetnames

    @pytest.mark.parametrize(("combien", "suite"), [(3, ""), (4, "et 1 autre"), (5, "et 2 autres")])
    def test_le_pdf_accorde_les_lieux_qu_il_ne_nomme_pas(self, publiee, combien, suite):
        publiee.definition["libelles"] |= {"equipes": [], "departements": [f"Lieu {n}" for n in range(combien)]}
        faits = pdf.contexte(publiee, {})["doc"]["faits"]
        assert faits[-1] == {"k": "Territoire", "v": "Lieu 0, Lieu 1, Lieu 2", "s": suite}

    def test_le_csv_est_le_classeur_feuille_apres_feuille(self, client, farid, avec_fichiers):
        """Mêmes titres, mêmes rangées, mêmes nombres, dans le même ordre ; un seul fichier."""
        livre = load_workbook(io.BytesIO(bytes(avec_fichiers.fichiers.get(genre="xlsx").contenu)))
        reponse = entrer(client, farid).get(adresse("telecharger", avec_fichiers, "csv"))
        assert reponse["Content-Type"] == "text/csv; charset=utf-8"
        lues = [rangee for rangee in en_rangees(reponse) if rangee]
        attendues = []
        for feuille in classeur.feuilles(avec_fichiers):
            onglet = livre[titre_sur(feuille.titre)]
            dites = [[str(c.value) for c in ligne if c.value is not None] for ligne in onglet.iter_rows()]
            attendues += [[feuille.titre], *(dite for dite in dites if dite)]
        assert lues == attendues and len(lues) > 40
        assert ["Parcours accompagnés", "parcours", "240"] in lues

    def test_l_ods_est_un_classeur(self, avec_fichiers):
        octets = bytes(avec_fichiers.fichiers.get(genre="ods").contenu)
        assert zipfile.ZipFile(io.BytesIO(octets)).read("mimetype") == b"application/vnd.oasis.opendocument.spreadsheet"


class TestRelancer:
    def test_apres_un_echec_les_fichiers_se_produisent_et_l_acte_est_au_journal(
        self, client, jean, publiee, solder, monkeypatch
    ):
        with monkeypatch.context() as panne:
            panne.setattr(outbox, "ESSAIS_MAX", 1)
            panne.setattr(fichiers.pdf, "produire", lambda edition: 1 / 0)
            assert [outbox.solder(numero) for numero in outbox.a_solder()] == [False]
        page = de_jean(client, jean).get(adresse("edition", publiee)).content.decode()
        assert "Les fichiers n’ont pas été produits" in page and "Relancez leur production" in page
        assert not publiee.fichiers.exists()
        client.post(adresse("refaire", publiee), ENVOI)
        solder()
        publiee.refresh_from_db()
        assert publiee.erreur == ""
        assert sorted(publiee.fichiers.values_list("genre", flat=True)) == ["csv", "ods", "pdf", "xlsx"]
        maillon = Evenement.objects.get(action="fichiers d'édition redemandés")
        assert (maillon.acteur_id, maillon.objet, maillon.charge["numero"]) == (jean.pk, publiee.pk, publiee.numero)
        page = client.get(adresse("edition", publiee)).content.decode()
        assert "été produit" not in page and "Télécharger le PDF" in page


class TestParueAvantLeCsv:
    @pytest.fixture
    def ancienne(self, publiee, solder, monkeypatch):
        """Une édition parue quand il n'y avait que deux classeurs."""
        with monkeypatch.context() as avant:
            avant.setattr(FichierDEdition, "TABLEAUX", ("xlsx", "ods"))
            solder()
        assert publiee.fichiers.count() == 3
        return publiee

    def test_se_lit_et_ne_se_dit_pas_incomplete(self, client, farid, ancienne):
        page = entrer(client, farid).get(adresse("edition", ancienne)).content.decode()
        assert "Télécharger le PDF" in page and "Tableaux ODS" in page and "Tableaux CSV" not in page
        assert "every 2s" not in page and "se préparent" not in page and "été produit" not in page
        assert client.get(adresse("telecharger", ancienne, "ods")).status_code == 200
        assert client.get(adresse("telecharger", ancienne, "csv")).status_code == 409

    def test_recoit_le_sien_a_la_mise_a_jour_et_garde_les_autres(self, client, jean, farid, ancienne, solder):
        avant = dict(ancienne.fichiers.values_list("genre", "sha256"))
        migration = import_module("securisation.pilotage.migrations.0009_csv")
        with connection.cursor() as curseur:
            for _ in range(2):
                curseur.execute(migration.RATTRAPER)
        du = Du.objects.get(fait_le=None)
        assert (du.genre, du.ids, du.par) == ("produire_edition", {"edition": ancienne.pk}, jean.pk)
        solder()
        apres = dict(ancienne.fichiers.values_list("genre", "sha256"))
        assert apres == avant | {"csv": apres["csv"]}
        assert "Tableaux CSV" in entrer(client, farid).get(adresse("edition", ancienne)).content.decode()
        with connection.cursor() as curseur:
            curseur.execute(migration.RATTRAPER)
        assert not Du.objects.filter(fait_le=None).exists()

    def test_un_rattrapage_qui_echoue_se_dit_et_se_relance(self, client, jean, ancienne, solder):
        fichiers.noter_l_echec(ancienne.pk)
        page = de_jean(client, jean).get(adresse("edition", ancienne)).content.decode()
        assert "Un fichier n’a pas été produit" in page and adresse("refaire", ancienne) in page
        client.post(adresse("refaire", ancienne), ENVOI)
        solder()
        page = client.get(adresse("edition", ancienne)).content.decode()
        assert "Un fichier n’a pas été produit" not in page and "Tableaux CSV" in page


class TestFichiersEnCours:
    def test_la_page_se_suit_seule_sans_une_lecture_de_plus(self, client, farid, publiee, solder):
        page = entrer(client, farid).get(adresse("edition", publiee)).content.decode()
        assert "Cette page se met à jour seule" in page and "rechargez" not in page
        lues = Evenement.objects.filter(action="lecture").count()
        sonde = client.get(adresse("edition", publiee), headers={"HX-Request": "true"}).content.decode()
        assert "every 2s" in sonde and "environ 240" not in sonde
        solder()
        sonde = client.get(adresse("edition", publiee), headers={"HX-Request": "true"}).content.decode()
        assert "every 2s" not in sonde and "Télécharger le PDF" in sonde and "data-hx-swap-oob" in sonde
        assert Evenement.objects.filter(action="lecture").count() == lues
