"""Les pages de l'import : déposer, suivre, revenir, télécharger les rejets."""

import datetime
import io
from pathlib import Path

import pytest
from celery import current_app
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from securisation.parcours.importation import tableurs
from securisation.parcours.importation.colonnes import CONNUES, reconnaitre
from securisation.parcours.models import Importation, LigneImportee, Lot, Parcours
from securisation.parcours.models import importation as modele
from securisation.parcours.roles import attribuer_role
from securisation.parcours.tasks import importer
from securisation.socle import horloge, outbox
from securisation.socle.models import Du

EXEMPLE = Path(__file__).parent / "orientations.csv"
LE_22_NOVEMBRE = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
DEPOT = "/parcours/importer/"


@pytest.fixture(autouse=True)
def le_22_novembre():
    """Le tableau d'exemple date de l'automne 2026 : il se lit ce jour-là."""
    with horloge.reprise_au(LE_22_NOVEMBRE):
        yield


@pytest.fixture
def awa_connectee(client, awa, settings):
    client.force_login(awa, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def deposer(client, contenu=None, nom="orientations.csv", **champs):
    """Dépose un fichier (celui d'exemple) et rend la réponse."""
    contenu = EXEMPLE.read_bytes() if contenu is None else contenu
    return client.post(DEPOT, {"fichier": SimpleUploadedFile(nom, contenu)} | champs)


def lire(reponse):
    """Le texte d'une page, espaces insécables ramenées à des espaces."""
    return reponse.content.decode().replace("\u00a0", " ").replace("\u202f", " ")


def tout_solder():
    """Fait ce que ferait le travailleur, jusqu'à ce que rien ne soit dû."""
    while dus := list(Du.objects.filter(genre="importer", fait_le=None).values_list("pk", flat=True)):
        for numero in dus:
            assert outbox.solder(numero)


class TestDeposer:
    def test_mene_au_suivi_et_rien_n_est_cree_avant_le_travailleur(self, awa_connectee):
        reponse = deposer(awa_connectee)
        depot = Importation.objects.get()
        assert reponse.status_code == 302 and reponse["Location"] == depot.get_absolute_url()
        assert (depot.total, depot.lues, Parcours.objects.count()) == (31, 0, 0)
        assert "En attente" in depot.get_etat_display()

    def test_le_meme_envoi_deux_fois_ne_fait_qu_un_depot(self, awa_connectee):
        jeton = "0198c0de-0000-7000-8000-000000000001"
        premier, second = deposer(awa_connectee, jeton=jeton), deposer(awa_connectee, jeton=jeton)
        assert premier["Location"] == second["Location"]
        assert Importation.objects.count() == 1

    @pytest.mark.parametrize(
        ("contenu", "phrase"),
        [
            (b"", "est vide"),
            (b"a;b\n1;2\n", "Il manque des colonnes"),
            (b"%PDF-1.7 xx", "pas un tableau"),
            (b"PK\x03\x04" + b"\x00" * 99, "abîmé"),
            (b"x" * (10 * 1024 * 1024 + 1), "10 Mo"),
        ],
        ids=["vide", "colonnes", "pdf", "zip", "gros"],
    )
    def test_un_fichier_illisible_revient_avec_une_phrase(self, awa_connectee, contenu, phrase):
        reponse = deposer(awa_connectee, contenu)
        assert reponse.status_code == 422 and phrase in reponse.content.decode()
        assert not Importation.objects.exists() and not Lot.objects.exists()

    def test_sans_fichier(self, awa_connectee):
        reponse = awa_connectee.post(DEPOT, {"essai": "on"})
        assert reponse.status_code == 422 and "Choisissez un fichier" in reponse.content.decode()

    def test_est_refuse_sans_equipe(self, client, chloe, settings):
        client.force_login(chloe, backend=settings.AUTHENTICATION_BACKENDS[0])
        assert client.get(DEPOT).status_code == 403
        assert deposer(client).status_code == 403

    def test_la_page_coute_un_nombre_fixe_de_requetes(self, awa_connectee, django_assert_max_num_queries):
        deposer(awa_connectee)
        with django_assert_max_num_queries(12):
            assert awa_connectee.get(DEPOT).status_code == 200


class TestModele:
    def test_se_telecharge_et_se_relit(self, awa_connectee):
        assert reverse("parcours:modele_import") in lire(awa_connectee.get(DEPOT))
        reponse = awa_connectee.get(reverse("parcours:modele_import"))
        assert reponse["Content-Type"].startswith("text/csv") and "modele" in reponse["Content-Disposition"]
        (titres,) = reponse.content.decode("utf-8-sig").splitlines()
        assert tuple(reconnaitre(titres.split(";"))) == CONNUES
        ligne = ";".join(
            {"prenom": "Ana", "nom": "Roux", "origine": "OR-04", "recue_le": "2026-10-05"}.get(c, "") for c in CONNUES
        )
        assert deposer(awa_connectee, reponse.content + ligne.encode()).status_code == 302


class TestSuivre:
    def test_montre_l_avancement_puis_le_sort_de_chaque_ligne(self, awa_connectee, monkeypatch):
        monkeypatch.setattr("securisation.parcours.importation.TAILLE_DU_LOT", 10)
        page = deposer(awa_connectee)["Location"]
        assert outbox.solder(Du.objects.get(genre="importer", fait_le=None).pk)
        milieu = lire(awa_connectee.get(page))
        assert 'max="31" value="10"' in milieu and Parcours.objects.count() == 10
        tout_solder()
        fin = lire(awa_connectee.get(page))
        assert "24 créées" in fin and "7 refusées" in fin and "dont 1 doublon" in fin
        assert "Canal préféré inconnu" in fin and "44 109" not in fin

    def test_le_fichier_depose_est_efface_a_la_fin(self, awa_connectee):
        deposer(awa_connectee)
        assert Lot.objects.count() == 1
        tout_solder()
        assert not Lot.objects.exists()
        assert LigneImportee.objects.count() == 31

    def test_rendu_par_htmx_il_n_est_qu_un_cadre(self, awa_connectee):
        page = deposer(awa_connectee)["Location"]
        cadre = awa_connectee.get(page, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in cadre and "every 2s" in cadre

    def test_un_essai_annonce_et_ne_cree_rien(self, awa_connectee):
        page = deposer(awa_connectee, essai="on")["Location"]
        tout_solder()
        fin = lire(awa_connectee.get(page))
        assert "24 seraient créées" in fin and "7 seraient refusées" in fin and "rien n’est enregistré" in fin
        assert "Serait créée" in lire(awa_connectee.get(f"{page}?voir=creees"))
        assert Parcours.objects.count() == 0

    def test_deposer_deux_fois_ne_cree_rien_de_plus(self, awa_connectee):
        for _fois in range(2):
            page = deposer(awa_connectee)["Location"]
            tout_solder()
        assert "0 créée" in lire(awa_connectee.get(page))
        assert Parcours.objects.count() == 24

    def test_une_ligne_creee_montre_le_nom_tant_que_son_parcours_se_voit(self, awa_connectee, awa, bruno):
        page = deposer(awa_connectee)["Location"]
        tout_solder()
        parcours = LigneImportee.objects.filter(sort="creee").first().parcours
        creees = lire(awa_connectee.get(f"{page}?voir=creees"))
        assert f"{parcours.personne.appellation}, {parcours.numero}" in creees
        attribuer_role(parcours, bruno, "referent", par=awa)
        apres = lire(awa_connectee.get(f"{page}?voir=creees"))
        assert parcours.numero not in apres and parcours.personne.appellation not in apres

    def test_personne_d_autre_ne_voit_l_import(self, awa_connectee, client, gaelle, elsa, chloe, settings):
        page = deposer(awa_connectee)["Location"]
        tout_solder()
        for autre in (gaelle, elsa, chloe):
            client.force_login(autre, backend=settings.AUTHENTICATION_BACKENDS[0])
            assert client.get(page).status_code == 404
            assert client.get(f"{page}rejets/").status_code == 404

    @pytest.mark.parametrize("suite", ["?voir=creees", "?voir=x&apres=9999999999999999999999", "?apres=-1", "?apres=٣"])
    def test_une_adresse_etrange_ne_casse_rien(self, awa_connectee, suite):
        page = deposer(awa_connectee)["Location"]
        tout_solder()
        assert awa_connectee.get(page + suite).status_code == 200

    def test_les_lignes_se_lisent_page_par_page(self, awa_connectee, monkeypatch):
        monkeypatch.setattr("securisation.parcours.importation.presentation.PAR_PAGE", 5)
        page = deposer(awa_connectee)["Location"]
        tout_solder()
        assert "?voir=rejets&amp;apres=30" in lire(awa_connectee.get(page))
        assert "Ligne 32" in awa_connectee.get(f"{page}?voir=rejets&apres=30").content.decode()

    def test_la_page_coute_un_nombre_fixe_de_requetes(self, awa_connectee, django_assert_max_num_queries):
        page = deposer(awa_connectee)["Location"]
        tout_solder()
        with django_assert_max_num_queries(12):
            awa_connectee.get(f"{page}?voir=creees")


class TestPanne:
    def test_un_lot_qui_tombe_se_reprend_sans_doublon(self, awa_connectee, monkeypatch):
        monkeypatch.setattr("securisation.parcours.importation.TAILLE_DU_LOT", 10)
        deposer(awa_connectee)
        vrai, coups = modele.LigneImportee.noter.__func__, iter([True])

        def tombe_une_fois(cls, *args):
            if next(coups, False):
                raise RuntimeError("coupure")
            return vrai(cls, *args)

        monkeypatch.setattr(modele.LigneImportee, "noter", classmethod(tombe_une_fois))
        assert not outbox.solder(Du.objects.get(genre="importer", fait_le=None).pk)
        assert Parcours.objects.count() == 0 and Importation.objects.get().lues == 0
        tout_solder()
        assert Parcours.objects.count() == 24

    def test_apres_cinq_essais_la_page_dit_quoi_faire(self, awa_connectee, monkeypatch):
        page = deposer(awa_connectee)["Location"]

        def tombe(*args):
            raise RuntimeError("coupure")

        monkeypatch.setattr(modele.LigneImportee, "noter", tombe)
        numero = Du.objects.get(genre="importer", fait_le=None).pk
        for _essai in range(outbox.ESSAIS_MAX):
            assert not outbox.solder(numero)
        assert not Lot.objects.exists()
        assert "déposez le même fichier de nouveau" in lire(awa_connectee.get(page))

    def test_un_travail_deja_fait_ne_se_refait_pas(self, awa_connectee):
        deposer(awa_connectee)
        tout_solder()
        importer(importation=Importation.objects.get().pk, rang=0)
        assert Parcours.objects.count() == 24 and LigneImportee.objects.count() == 31


class TestRejets:
    def test_se_telecharge_sans_numero_ni_formule(self, awa_connectee):
        page = deposer(awa_connectee)["Location"]
        tout_solder()
        reponse = awa_connectee.get(f"{page}rejets/")
        lignes = reponse.content.decode("utf-8-sig").splitlines()
        assert reponse["Content-Type"].startswith("text/csv") and "attachment" in reponse["Content-Disposition"]
        assert len(lignes) == 8 and lignes[0].endswith('"ligne";"raison"')
        assert "44 109" not in reponse.content.decode() and ";=HYPER" not in reponse.content.decode()

    @pytest.mark.parametrize("format", ["xlsx", "ods"])
    def test_se_corrige_dans_un_classeur_et_se_redepose(self, awa_connectee, format):
        page = deposer(awa_connectee)["Location"]
        tout_solder()
        reponse = awa_connectee.get(f"{page}rejets/", {"format": format})
        assert reponse["Content-Disposition"].endswith(f'.{format}"')
        lues = list(tableurs.lire(io.BytesIO(reponse.content)))
        assert len(lues) == 8 and lues[0][1][-2:] == ["ligne", "raison"]
        suite = deposer(awa_connectee, reponse.content, nom=f"rejets.{format}")
        tout_solder()
        assert "refusée" in lire(awa_connectee.get(suite["Location"]))

    def test_un_format_inconnu_est_refuse(self, awa_connectee):
        page = deposer(awa_connectee)["Location"]
        assert awa_connectee.get(f"{page}rejets/", {"format": "exe"}).status_code == 422

    def test_les_imports_anciens_sont_effaces(self, awa_connectee):
        deposer(awa_connectee)
        tout_solder()
        with horloge.reprise_au(LE_22_NOVEMBRE + datetime.timedelta(days=31)):
            deposer(awa_connectee)
        assert Importation.objects.count() == 1 and Parcours.objects.count() == 24

    def test_ils_s_effacent_seuls_chaque_heure(self, awa_connectee):
        deposer(awa_connectee)
        tout_solder()
        (entree,) = [e for e in current_app.conf.beat_schedule.values() if e["task"] == "parcours.purger_les_imports"]
        assert entree["schedule"] == 3600.0
        for jours, restent in ((29, 1), (31, 0)):
            with horloge.reprise_au(LE_22_NOVEMBRE + datetime.timedelta(days=jours)):
                current_app.tasks[entree["task"]]()
            assert Importation.objects.count() == restent
