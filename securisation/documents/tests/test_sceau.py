"""Le sceau : ce qu'il prouve, ce qu'il ne rompt pas, et ce qui se dit quand il n'y en a pas."""

import io
import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import page
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.checks import run_checks
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

from securisation.documents import genres, machine, sceau, scellement, verification
from securisation.documents.models import Document, Fichier
from securisation.documents.tasks import produire_document
from securisation.documents.tests import instantanes
from securisation.documents.tests.test_machine import flux
from securisation.socle.horloge import instant
from securisation.socle.trace import hors_porte

AN = timedelta(days=365)


@pytest.fixture
def certificat(tmp_path, settings):
    """Règle un certificat : `certificat(du=…, duree=…, phrase=…)`, auto-signé ; rend son fichier."""

    def regler(du=None, duree=AN, phrase="phrase d'essai"):
        fichier = tmp_path / "sceau.p12"
        fichier.write_bytes(
            sceau.auto_signe("Association d'essai", du or instant() - timedelta(hours=1), duree, phrase)
        )
        fichier.chmod(0o600)
        settings.SCEAU, settings.SCEAU_PHRASE = str(fichier), phrase
        return fichier

    return regler


def signature(octets):
    """(intacte, couvre tout le fichier, genre) de la signature d'un PDF, jugée par pyHanko dans son fil : il y ouvre une boucle."""
    with ThreadPoolExecutor(1) as fil:
        return fil.submit(_juger, octets).result()


def _juger(octets):
    lecteur = PdfFileReader(io.BytesIO(octets))
    (posee,) = lecteur.embedded_signatures
    jugee = validate_pdf_signature(posee, ValidationContext(trust_roots=[posee.signer_cert]))
    couvre = jugee.coverage == SignatureCoverageLevel.ENTIRE_FILE
    return jugee.intact and jugee.valid, couvre, posee.sig_object["/SubFilter"]


def document_complet(code):
    instantane = {"diagnostic": lambda: instantanes.diagnostic("nadia"), "bilan": lambda: instantanes.bilan("jeanne")}
    return instantane[code]()


@pytest.fixture(scope="module", params=["diagnostic", "bilan"])
def nu_et_scelle(request):
    """Un document de chaque genre, avant et après le sceau."""
    tenue = sceau.tenir()
    nu = genres.produire(request.param, document_complet(request.param), cle="K7M4QX2P", tenue=tenue)
    return nu, tenue.sceller(nu)


class TestNormes:
    @pytest.mark.parametrize("norme", ["3a", "ua1"])
    def test_le_document_les_suit_avant_et_apres(self, nu_et_scelle, norme):
        for pdf in nu_et_scelle:
            rapport = page.validate_pdf_bytes(pdf.contenu, profile=norme)
            assert [(f.rule_id, f.message) for f in rapport.failures] == []

    def test_le_sceau_couvre_tout_le_fichier_sans_toucher_a_ce_qui_precede(self, nu_et_scelle):
        nu, scelle = nu_et_scelle
        assert signature(scelle.contenu) == (True, True, "/ETSI.CAdES.detached")
        assert scelle.contenu.startswith(nu.contenu)
        assert scelle.sha256 != nu.sha256 and scelle.sceau == "auto"

    @pytest.mark.parametrize("ou", [0.1, 0.5, 0.9])
    def test_un_octet_change_se_voit(self, nu_et_scelle, ou):
        nu, scelle = nu_et_scelle
        altere = bytearray(scelle.contenu)
        altere[int(len(nu.contenu) * ou)] ^= 1
        assert signature(bytes(altere))[0] is False

    def test_une_cle_a_courbes_scelle_aussi(self, nu_et_scelle, certificat, monkeypatch):
        monkeypatch.setattr(rsa, "generate_private_key", lambda **_: ec.generate_private_key(ec.SECP256R1()))
        certificat()
        assert signature(sceau.tenir().sceller(nu_et_scelle[0]).contenu)[:2] == (True, True)

    def test_la_cle_se_lit_une_fois_pour_tous_les_documents(self, nu_et_scelle, monkeypatch):
        """pyHanko la relirait et la revérifierait deux fois par document : un quart de seconde."""
        lues = []
        monkeypatch.setattr(signers.SimpleSigner, "sign_raw", lambda *_: lues.append(1))
        garde = sceau.auto_signe("Association d'essai", instant() - timedelta(hours=1), AN, "phrase")
        with ThreadPoolExecutor(1) as fil:  # pyHanko y ouvre une boucle
            scelles = [
                fil.submit(scellement.sceller, pdf.contenu, garde, "phrase").result() for pdf in nu_et_scelle[:1] * 2
            ]
        assert lues == [] and [signature(scelle)[0] for scelle in scelles] == [True, True]

    def test_un_ajout_apres_le_sceau_se_voit(self, nu_et_scelle):
        scelle = nu_et_scelle[1].contenu
        ajout = scelle + b"\n1 0 obj\n<<>>\nendobj\n"
        assert (signature(scelle)[1], signature(ajout)[1]) == (True, False)

    def test_le_papier_dit_ce_que_vaut_le_sceau_et_ou_verifier(self, nu_et_scelle):
        pages = PdfReader(io.BytesIO(nu_et_scelle[1].contenu)).pages
        texte = " ".join(" ".join(page.extract_text() for page in pages).split())
        assert "il ne prouve pas qui l’a produit" in texte
        assert "K7M4" in texte and "/verifier/" in texte

    def test_la_cle_n_est_pas_dans_les_donnees_jointes(self, nu_et_scelle):
        joints = [f for f in flux(nu_et_scelle[0].contenu) if f.startswith(b'{"association"')]
        assert len(joints) == 1
        assert b"K7M4QX2P" not in joints[0]

    def test_les_memes_entrees_redonnent_les_memes_octets(self):
        tenue, donnees = sceau.tenir(), document_complet("bilan")
        un, deux = (genres.produire("bilan", donnees, cle="K7M4QX2P", tenue=tenue).sha256 for _ in range(2))
        assert un == deux != genres.produire("bilan", donnees, cle="K7M4QX2Q", tenue=tenue).sha256

    @pytest.mark.parametrize("nom", ["A" * 200, "Anne-Sophie de la Tour " * 9, "Ng\u1ecdc \U00010900 " * 25])
    def test_un_nom_de_deux_cents_signes_tient_dans_les_normes(self, nom):
        donnees, tenue = document_complet("bilan"), sceau.tenir()
        donnees["personne"] |= {"nom": nom[:200], "appel": nom[:200]}
        scelle = tenue.sceller(genres.produire("bilan", donnees, cle="K7M4QX2P", tenue=tenue))
        for norme in ("3a", "ua1"):
            assert [f.rule_id for f in page.validate_pdf_bytes(scelle.contenu, profile=norme).failures] == []


class TestCertificat:
    def test_celui_d_essai_se_fait_une_fois_et_n_est_qu_a_nous(self, tmp_path, settings):
        settings.SCEAU_D_ESSAI = str(tmp_path / "a" / "sceau.p12")
        assert sceau.tenir().etat == "auto"
        fichier = Path(settings.SCEAU_D_ESSAI)
        assert stat.S_IMODE(fichier.stat().st_mode) == 0o600
        avant = fichier.read_bytes()
        assert sceau.tenir().pkcs12 == avant == fichier.read_bytes()
        assert [f.name for f in fichier.parent.iterdir()] == ["sceau.p12"]

    def test_deux_fils_qui_le_font_a_la_fois_tiennent_le_meme(self, tmp_path, settings, monkeypatch):
        settings.SCEAU_D_ESSAI = str(tmp_path / "sceau.p12")
        ensemble, auto_signe, relier = threading.Barrier(2, timeout=20), sceau.auto_signe, os.link

        def attendre(acte, *arguments):
            with suppress(threading.BrokenBarrierError):  # l'autre est tombé : le compte le dira
                ensemble.wait()
            return acte(*arguments)

        # Les deux ont vu qu'il manque avant que l'un l'écrive, et chacun a écrit le sien avant que l'un le pose.
        monkeypatch.setattr(sceau, "auto_signe", lambda *champs: attendre(auto_signe, *champs))
        monkeypatch.setattr(os, "link", lambda *chemins: attendre(relier, *chemins))
        with ThreadPoolExecutor(2) as fils:
            tenues = [a_venir.result() for a_venir in [fils.submit(sceau.tenir) for _ in range(2)]]
        assert [tenue.etat for tenue in tenues] == ["auto", "auto"]
        assert {tenue.pkcs12 for tenue in tenues} == {(tmp_path / "sceau.p12").read_bytes()}
        assert [(f.name, stat.S_IMODE(f.stat().st_mode)) for f in tmp_path.iterdir()] == [("sceau.p12", 0o600)]

    def test_sans_certificat_le_document_le_dit(self, settings):
        settings.SCEAU_D_ESSAI = ""
        tenue = sceau.tenir()
        assert tenue.sceller(machine.Pdf(b"%PDF-", 0, "")).contenu == b"%PDF-"
        assert tenue.phrase == "Sans sceau : cette installation n’a pas de certificat."

    @pytest.mark.parametrize(
        ("champs", "etat"),
        [
            ({"du": instant() - 2 * AN}, "echu"),
            ({"du": instant() + AN}, "futur"),
            ({}, "auto"),
        ],
    )
    def test_hors_de_ses_dates_il_ne_scelle_pas(self, certificat, champs, etat):
        certificat(**champs)
        tenue = sceau.tenir()
        pdf = tenue.sceller(machine.depuis_html('<html lang="fr"><head><title>a</title></head><body>a</body></html>'))
        assert (tenue.etat, pdf.sceau) == (etat, etat)
        assert (b"/ByteRange" in pdf.contenu) is (etat == "auto")

    def test_une_phrase_fausse_un_fichier_absent_ou_abime_se_disent(self, certificat, settings):
        fichier = certificat()
        settings.SCEAU_PHRASE = "une autre"
        assert sceau.tenir().etat == "illisible"
        fichier.write_bytes(b"abime")
        assert sceau.tenir().etat == "illisible"
        fichier.unlink()
        assert sceau.tenir().etat == "illisible"
        assert not fichier.exists()  # un certificat réglé ne se remplace jamais par un certificat d'essai

    def test_delivre_par_un_tiers_il_dit_aussi_qui(self, certificat, monkeypatch):
        certificat()
        du, au, _ = sceau._lire(sceau.tenir().pkcs12, "phrase d'essai")
        monkeypatch.setattr(sceau, "_lire", lambda *_: (du, au, False))
        assert sceau.tenir().etat == "certifie"
        assert "qui l’a produit" in sceau.tenir().phrase


class TestControle:
    def dits(self):
        return {m.id for m in run_checks(include_deployment_checks=True) if m.id.startswith("documents.")}

    def test_dit_ce_qui_manque(self, certificat, settings):
        assert self.dits() == {"documents.I002"}
        settings.SCEAU_D_ESSAI = ""
        assert self.dits() == {"documents.I001"}
        certificat(du=instant() - 2 * AN)
        assert self.dits() == {"documents.W001"}
        certificat(du=instant() + AN)
        assert self.dits() == {"documents.W002"}

    def test_avertit_trente_jours_avant_et_d_un_fichier_ouvert_a_tous(self, certificat):
        certificat(duree=timedelta(days=29)).chmod(0o644)
        assert self.dits() == {"documents.W004", "documents.W005", "documents.I002"}

    def test_avertit_d_un_fichier_illisible(self, certificat):
        certificat().unlink()
        assert self.dits() == {"documents.W003"}


@pytest.mark.django_db
class TestDocument:
    def demander(self, parcours, par, genre):
        with hors_porte("essai", par=par):
            return Document.demander(parcours=parcours, genre=genre, donnees={"mot": "bonjour"}, par=par)

    def test_le_fichier_range_est_le_fichier_scelle(self, parcours, awa, genre_essai):
        document = self.demander(parcours, awa, genre_essai)
        produire_document(document=document.pk)
        contenu = bytes(Fichier.objects.get(document=document).contenu)
        assert signature(contenu)[:2] == (True, True)
        assert verification.reconnaitre(Document.objects.get(pk=document.pk).sha256).numero == document.numero

    def test_sans_certificat_il_se_produit_et_le_dit(self, client, parcours, awa, genre_essai, settings):
        settings.SCEAU_D_ESSAI = ""
        document = self.demander(parcours, awa, genre_essai)
        produire_document(document=document.pk)
        document = Document.objects.get(pk=document.pk)
        assert (document.etat, document.sceau) == ("produit", "absent")
        client.force_login(awa)
        assert "Sans sceau" in client.get(f"/documents/{document.uuid}/").content.decode()

    def test_un_sceau_qui_echoue_laisse_le_document_a_produire(self, parcours, awa, genre_essai, monkeypatch):
        from securisation.documents.atelier import TravailArrete

        def tomber(*_args, **_champs):
            raise TravailArrete("essai")

        document = self.demander(parcours, awa, genre_essai)
        monkeypatch.setattr(sceau._SCELLEMENT, "faire", tomber)
        with pytest.raises(TravailArrete):
            produire_document(document=document.pk)
        assert Document.objects.get(pk=document.pk).etat == "demande"
