"""La page publique : elle répond à qui tient le document, ne dit rien à qui devine, et rien de personne."""

import hashlib
from datetime import date

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from securisation.documents import verification
from securisation.documents.models import Document, Fichier
from securisation.documents.tasks import produire_document
from securisation.socle import flots
from securisation.socle.envois import ENVOI_MAX
from securisation.socle.models import Evenement
from securisation.socle.trace import hors_porte

pytestmark = pytest.mark.django_db
RIEN = "Aucun document ne répond à ce numéro et à cette clé."


@pytest.fixture(autouse=True)
def limiteur_neuf():
    cache.clear()
    flots.oublier()


def demander(parcours, par, mot="bonjour"):
    with hors_porte("essai", par=par):
        document = Document.demander(parcours=parcours, genre="essai", donnees={"mot": mot}, par=par)
    produire_document(document=document.pk)
    return Document.objects.get(pk=document.pk)


@pytest.fixture
def document(parcours, awa, genre_essai, settings):
    """Un document produit, sans sceau : ces essais ne parlent pas du sceau."""
    settings.SCEAU_D_ESSAI = ""
    return demander(parcours, awa)


def ouvrir(client, reference):
    reponse = client.get(reverse("documents:verifier", args=[reference]))
    assert reponse.status_code == 200
    return reponse.content.decode()


def deposer(client, octets, reference=None):
    adresse = reverse("documents:verifier", args=[reference] if reference else [])
    return client.post(adresse, {"fichier": SimpleUploadedFile("essai.pdf", octets)}).content.decode()


def octets_de(document):
    return bytes(Fichier.objects.get(document=document).contenu)


class TestNumeroEtCle:
    def test_un_document_valable_se_dit_sans_rien_de_la_personne(self, client, document, parcours, awa):
        page = ouvrir(client, document.reference)
        assert document.numero in page and "Valable" in page and "Sans sceau" in page
        personne = parcours.personne
        tus = {
            personne.nom,
            personne.prenom,
            personne.commune,
            awa.nom,
            parcours.equipe.nom,
            str(parcours.uuid),
            "bonjour",
        }
        assert [mot for mot in tus - {"", None} if mot in page] == []

    def test_l_adresse_imprimee_est_celle_de_la_page(self, client, document, settings):
        adresse = document.adresse_de_verification
        assert adresse == f"{settings.ADRESSE_PUBLIQUE}/verifier/{document.numero}-{document.cle}"

    def test_un_document_remplace_nomme_sa_suite(self, client, document, parcours, awa):
        suivant = demander(parcours, awa, mot="bonsoir")
        page = ouvrir(client, document.reference)
        assert "Remplacé" in page and suivant.numero in page and suivant.cle not in page
        assert "Valable" in ouvrir(client, suivant.reference)

    def test_un_document_annule_se_dit_annule_meme_sans_son_fichier(self, client, document):
        with hors_porte("essai"):
            document.annuler(par=None, raison="essai", effacer=True)
        assert "Annulé" in ouvrir(client, document.reference)

    @pytest.mark.parametrize("forme", ["{}-ABCDEFGH", "{}", "{}-", "B-2999-0001-1-ABCDEFGH"])
    def test_sans_la_cle_un_numero_juste_ne_se_distingue_pas(self, client, document, forme):
        page = ouvrir(client, forme.format(document.numero))
        assert RIEN in page
        inconnu = ouvrir(client, "Z-2999-0001-1-ABCDEFGH")
        assert _sans_jeton(page) == _sans_jeton(inconnu)

    def test_une_cle_fausse_et_un_numero_inconnu_coutent_les_memes_requetes(
        self, client, document, connection_requetes
    ):
        faux, inconnu = f"{document.numero}-ABCDEFGH", "Z-2999-0001-1-ABCDEFGH"
        connection_requetes(client, inconnu)  # la première ouverture crée les compteurs du limiteur
        assert connection_requetes(client, faux) == connection_requetes(client, inconnu)

    def test_un_document_pas_encore_produit_est_inconnu(self, client, parcours, awa, genre_essai):
        with hors_porte("essai", par=awa):
            document = Document.demander(parcours=parcours, genre="essai", donnees={"mot": "a"}, par=awa)
        assert RIEN in ouvrir(client, document.reference)

    def test_un_document_d_avant_les_cles_ne_s_ouvre_pas_par_une_cle_vide(self, client, document):
        with hors_porte("essai"):
            Document.objects.en_masse().filter(pk=document.pk).update(cle="")
        assert verification.trouver(document.numero, "") is None

    def test_un_courrier_ne_dit_pas_d_ou_il_vient(self, client, document, monkeypatch):
        from securisation.documents import genres

        champs = vars(genres.genre("essai")) | {"identifie": False}
        genres.enregistrer_genre(champs.pop("code"), **champs)
        assert RIEN in ouvrir(client, f"{document.numero}-{document.cle}")
        assert "n’est pas reconnu" in deposer(client, octets_de(document))

    def test_le_formulaire_mene_a_la_page(self, client, document):
        cle = f"{document.cle[:4]} {document.cle[4:]}".lower()
        for saisie in ({"numero": document.numero.lower(), "cle": cle}, {"numero": document.adresse_de_verification}):
            reponse = client.post(reverse("documents:verifier"), saisie)
            assert (reponse.status_code, reponse["Location"]) == (302, f"/verifier/{document.reference}")

    @pytest.mark.parametrize("entre", [" ", " – ", "\u2011"])
    def test_le_numero_se_tape_avec_des_espaces(self, client, document, entre):
        tape = document.numero.lower().replace("-", entre)
        reponse = client.post(reverse("documents:verifier"), {"numero": tape, "cle": document.cle.lower()})
        assert reponse.url == reverse("documents:verifier", args=[document.reference])

    def test_une_saisie_sans_forme_est_rendue_avec_ce_qu_on_attend(self, client):
        reponse = client.post(reverse("documents:verifier"), {"numero": "n'importe quoi", "cle": "ABC"})
        assert reponse.status_code == 422
        assert "tels qu’ils sont imprimés" in reponse.text and "importe quoi" in reponse.text


class TestFichier:
    def test_le_bon_fichier_se_reconnait_avec_ou_sans_numero(self, client, document):
        for reference in (None, document.reference):
            page = deposer(client, octets_de(document), reference)
            assert "C’est bien ce fichier" in page and document.numero in page

    def test_un_octet_change_et_ce_n_est_plus_lui(self, client, document):
        altere = bytearray(octets_de(document))
        altere[len(altere) // 2] ^= 1
        assert "Ce n’est pas le fichier de ce document" in deposer(client, bytes(altere), document.reference)
        page = deposer(client, bytes(altere))
        assert "n’est pas reconnu" in page and document.numero not in page

    def test_le_fichier_d_un_autre_document_est_nomme(self, client, document, parcours, awa):
        autre = demander(parcours, awa, mot="bonsoir")
        page = deposer(client, octets_de(autre), document.reference)
        assert "celui d’un autre document" in page and autre.numero in page

    def test_avec_une_cle_fausse_le_fichier_parle_pour_lui_seul(self, client, document):
        assert "n’est pas reconnu" in deposer(client, b"%PDF-", f"{document.numero}-ABCDEFGH")

    def test_son_empreinte_suffit_quand_le_navigateur_la_calcule(self, client, document):
        adresse = reverse("documents:verifier")
        empreinte = hashlib.sha256(octets_de(document)).hexdigest()
        assert "C’est bien ce fichier" in client.post(adresse, {"empreinte": empreinte}).text
        for fausse in ("z" * 64, "a" * 63, "a" * 65):
            assert client.post(adresse, {"empreinte": fausse}).status_code == 422

    def test_sans_fichier_la_page_le_demande(self, client):
        reponse = client.post(reverse("documents:verifier"), {"empreinte": ""})
        assert reponse.status_code == 422 and "Choisissez un fichier" in reponse.text

    def test_un_fichier_demesure_n_est_ecrit_nulle_part(self, client, monkeypatch):
        monkeypatch.setattr("securisation.socle.envois.ENVOI_MAX", 100_000)
        monkeypatch.setattr(
            "django.core.files.uploadhandler.TemporaryFileUploadHandler.new_file",
            lambda *_args, **_champs: pytest.fail("écrit sur le disque"),
        )
        fichier = SimpleUploadedFile("gros.pdf", b"x" * 200_000)
        reponse = client.post(reverse("documents:verifier"), {"fichier": fichier})
        assert reponse.status_code == 422 and "trop lourd" in reponse.text
        assert ENVOI_MAX == 32 * 1024 * 1024

    def test_rien_n_est_garde_de_ce_qu_on_depose(self, client, document):
        avant = Fichier.objects.count()
        deposer(client, b"%PDF-1.7 un mot secret")
        assert Fichier.objects.count() == avant
        dernier = Evenement.objects.filter(action="document vérifié").latest("pk")
        assert "secret" not in str(dernier.charge) and dernier.charge == {"etat": "", "verdict": "inconnu"}


class TestRythme:
    def test_au_dela_de_trente_par_minute_on_attend(self, client, document):
        adresse = reverse("documents:verifier", args=[f"{document.numero}-ABCDEFGH"])
        assert [client.get(adresse).status_code for _ in range(31)] == [200] * 30 + [429]
        assert client.get(reverse("documents:verifier", args=[document.reference])).status_code == 429
        assert client.get(reverse("documents:verifier")).status_code == 200

    @pytest.mark.parametrize("comment", ["par recherches", "par envois"])
    @pytest.mark.parametrize("preuve_d_origine", [True, False])
    @pytest.mark.usefixtures("trois_par_minute")
    def test_la_limite_atteinte_rien_du_corps_n_est_lu(self, document, comment, preuve_d_origine):
        """Ni le fichier, ni la preuve d'origine, qui est dedans ; avant la limite, le même envoi est lu."""
        client, page = Client(enforce_csrf_checks=preuve_d_origine), reverse("documents:verifier")
        client.get(page)
        avant, refuse = Corps(), Corps()
        assert avant.envoyer(client, page).status_code == (403 if preuve_d_origine else 200) and avant.lu > 0
        for _ in range(2):
            client.post(page) if comment == "par envois" else client.get(f"{page}{document.numero}-ABCDEFGH")
        if comment == "par recherches":
            client.get(f"{page}{document.numero}-ABCDEFGH")
        reponse = refuse.envoyer(client, page)
        assert (reponse.status_code, refuse.lu) == (429, 0)
        assert "Attendez un quart d’heure" in reponse.text
        charge = Evenement.objects.filter(action="refus").latest("pk").charge
        assert (charge["genre"], charge["statut"]) == ("TropDeVerifications", 429)
        assert client.get(page).status_code == 200

    @pytest.mark.usefixtures("trois_par_minute")
    def test_un_flot_refuse_n_emplit_pas_le_journal(self, client, awa, document, monkeypatch):
        """Cinq refus par minute, puis le compte de ceux qui se sont tus ; qui a un compte s'inscrit toujours."""
        minute, page = [1000.0], reverse("documents:verifier")
        monkeypatch.setattr(flots.time, "monotonic", lambda: minute[0])
        refus = Evenement.objects.filter(action="refus", chaine=0).order_by("seq")
        statuts = [client.post(page).status_code for _ in range(43)]
        assert statuts == [200] * 3 + [429] * 40
        assert [e.charge["tues"] for e in refus.all()] == [0] * flots.PAR_MINUTE
        minute[0] += flots.MINUTE
        assert client.post(page).status_code == 429
        assert refus.last().charge["tues"] == 40 - flots.PAR_MINUTE
        client.force_login(awa)
        assert {client.post(page).status_code for _ in range(10)} == {429}
        siens = Evenement.objects.filter(action="refus", acteur=awa)
        assert siens.count() == 10 and not any("tues" in e.charge for e in siens)

    @pytest.mark.usefixtures("trois_par_minute")
    def test_chercher_par_numero_ne_coute_pas_deux_recherches(self, client, document):
        for _ in range(3):
            reponse = client.post(reverse("documents:verifier"), {"numero": document.numero, "cle": document.cle})
            assert client.get(reponse.url).status_code == 200
        assert client.get(reponse.url).status_code == 429

    def test_la_verification_s_inscrit_sans_dire_laquelle(self, client, document):
        ouvrir(client, document.reference)
        dernier = Evenement.objects.filter(action="document vérifié").latest("pk")
        assert (dernier.chaine, dernier.acteur_id, dernier.charge) == (0, None, {"etat": "valide", "verdict": ""})


class TestCles:
    def test_sont_tirees_au_sort_sans_signe_ambigu(self):
        cles = {verification.tirer() for _ in range(500)}
        assert len(cles) == 500
        assert not set("".join(cles)) & set("01OILU")

    def test_chaque_document_a_la_sienne(self, document, parcours, awa):
        assert len({document.cle, demander(parcours, awa, mot="b").cle, ""}) == 3

    def test_la_reference_se_lit_comme_on_la_tape(self):
        assert verification.lire_la_reference(" b-2026-0147-1-k7m4 qx2p ") == ("B-2026-0147-1", "K7M4QX2P")
        assert verification.lire_la_reference("E-2026-001-K7M4QX2P") == ("E-2026-001", "K7M4QX2P")
        assert verification.lire_la_reference("B-2026-0147-1") is None

    def test_le_code_qr_porte_l_adresse(self):
        import segno

        attendu = segno.make_qr(verification.adresse("E-2026-001", "K7M4QX2P"), error="m")
        assert verification.carre("E-2026-001", "K7M4QX2P") == attendu.png_data_uri(scale=1, border=4)


class TestRegistres:
    def test_une_autre_app_inscrit_le_sien(self, client, monkeypatch):
        monkeypatch.setattr(verification, "_REGISTRES", dict(verification._REGISTRES))
        trace = verification.TracePublique(
            "E-2026-001", "K7M4QX2P", "Édition d’essai", date(2026, 11, 5), "valide", "a" * 64
        )
        verification.enregistrer_registre(lambda numero: trace if numero == trace.numero else None)
        page = ouvrir(client, "E-2026-001-K7M4QX2P")
        assert "Édition d’essai" in page and "novembre" in page
        assert RIEN in ouvrir(client, "E-2026-001-K7M4QX2Q")
        assert verification.reconnaitre("a" * 64) is None


@pytest.fixture
def trois_par_minute(settings):
    """Le limiteur de la page, au plus court."""
    bornes = {"verification": "3/m/ip", "envoi_a_verifier": "3/m/ip"}
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | bornes


class Corps:
    """Un envoi de 32 Mo annoncés, qui compte les octets qu'on lui demande."""

    lu = 0

    def read(self, taille=-1):
        self.lu += 1
        return b""

    readline = read

    def envoyer(self, client, page):
        """Poste ce corps vers cette page."""
        genre = "multipart/form-data; boundary=borne"
        return client.generic("POST", page, b"x", genre, **{"wsgi.input": self, "CONTENT_LENGTH": str(ENVOI_MAX)})


def _sans_jeton(page):
    import re

    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)
    return re.sub(r'value="[0-9a-f-]{36}"', "", page)


@pytest.fixture
def connection_requetes():
    """Compte les requêtes d'une ouverture de la page."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def compter(client, reference):
        with CaptureQueriesContext(connection) as faites:
            ouvrir(client, reference)
        return [r["sql"].split(" ")[0] for r in faites.captured_queries]

    return compter
