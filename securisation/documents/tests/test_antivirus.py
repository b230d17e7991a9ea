"""L'antivirus, par un faux clamd sur une prise locale : ce qu'il trouve se refuse, et dans le doute rien ne se garde."""

import contextlib
import socket
import struct
import threading

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from securisation.documents import antivirus, numerisation
from securisation.socle.journal import dire_qui
from securisation.socle.models import Evenement

PDF = b"%PDF-1.7\n3 0 obj<</Type/Page/Parent 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
VIRUS = b"stream: Win.Test.EICAR_HDB-1 FOUND\0"


class FauxClamd(threading.Thread):
    """Une prise locale qui lit un INSTREAM entier, le garde dans `recu`, et répond ce qu'on lui a dit."""

    def __init__(self, prise, reponse):
        super().__init__(daemon=True)
        self.prise, self.reponse, self.commande, self.recu = prise, reponse, b"", b""

    def run(self):
        with contextlib.suppress(OSError):
            client, _ = self.prise.accept()
            with client, client.makefile("rb") as lu:
                self.commande = lu.read(10)
                while longueur := struct.unpack(">I", lu.read(4))[0]:
                    self.recu += lu.read(longueur)
                client.sendall(self.reponse)


@pytest.fixture
def clamd(tmp_path, settings):
    """Donne `clamd(reponse)` : un faux analyseur qui répond ceci, configuré."""
    prises = []

    def ouvrir(reponse, *, tcp=False):
        prise = socket.socket(socket.AF_INET if tcp else socket.AF_UNIX)
        prise.bind(("127.0.0.1", 0) if tcp else str(tmp_path / f"clamd{len(prises)}"))
        prise.listen(1)
        prises.append(prise)
        nom = prise.getsockname()
        settings.ANTIVIRUS = f"tcp:127.0.0.1:{nom[1]}" if tcp else f"unix:{nom}"
        faux = FauxClamd(prise, reponse)
        faux.start()
        return faux

    yield ouvrir
    for prise in prises:
        prise.close()


def lire(octets=PDF):
    return numerisation.lire(SimpleUploadedFile("courrier.pdf", octets))


class TestAnalyseur:
    @pytest.mark.parametrize("tcp", [False, True])
    def test_un_fichier_sain_se_garde_et_l_analyseur_l_a_lu_en_entier(self, clamd, tcp):
        faux = clamd(b"stream: OK\0", tcp=tcp)
        gros = PDF.replace(b"trailer", b"% " + b"x" * 200_000 + b"\ntrailer")
        assert lire(gros).contenu == gros
        assert (faux.commande, faux.recu) == (b"zINSTREAM\0", gros)

    def test_sans_analyseur_rien_ne_s_ouvre(self, settings, monkeypatch):
        monkeypatch.setattr(antivirus.socket, "socket", lambda *a: pytest.fail("aucune prise ne s'ouvre"))
        settings.ANTIVIRUS = ""
        assert lire().contenu == PDF

    @pytest.mark.parametrize(
        "reponse",
        [
            b"",
            b"stream: OK",
            b"stream: OK\n\0",
            b"stream: OK\0stream: X FOUND\0",
            b"INSTREAM size limit exceeded. ERROR\0",
            b"UNKNOWN COMMAND\0",
            b"x" * 5_000,
            b"\xff\xfe\0",
        ],
    )
    def test_une_reponse_inattendue_est_un_refus(self, clamd, reponse):
        clamd(reponse)
        with pytest.raises(ValidationError, match=r"n’a pas été gardé. Réessayez"):
            lire()

    @pytest.mark.parametrize(
        "adresse", ["unix:/introuvable", "tcp:127.0.0.1:1", "tcp:127.0.0.1:99999", "clamd", "unix:"]
    )
    def test_injoignable_ou_mal_ecrit_est_un_refus(self, settings, adresse):
        settings.ANTIVIRUS = adresse
        with pytest.raises(ValidationError, match=r"n’a pas été gardé. Réessayez"):
            lire()

    def test_muet_il_ne_retient_pas_la_page(self, tmp_path, settings, monkeypatch):
        monkeypatch.setattr(antivirus, "DELAI", 0.2)
        with socket.socket(socket.AF_UNIX) as prise:
            prise.bind(str(tmp_path / "muet"))
            prise.listen(1)
            settings.ANTIVIRUS = f"unix:{tmp_path / 'muet'}"
            with pytest.raises(ValidationError, match="Réessayez"):
                lire()


@pytest.mark.django_db
class TestTrace:
    def test_un_virus_se_refuse_et_s_inscrit_sans_le_contenu(self, clamd, distribution):
        clamd(VIRUS)
        dire_qui(distribution["awa"], "essai")
        with pytest.raises(ValidationError, match="malveillant"):
            lire()
        trace = Evenement.objects.get(action="fichier refusé")
        assert trace.charge == {"signature": "Win.Test.EICAR_HDB-1"}
        assert (trace.acteur, trace.chaine) == (distribution["awa"], -distribution["awa"].pk)

    def test_un_nom_de_signature_hostile_n_entre_pas_au_journal(self, clamd):
        clamd(b"stream: \xc3\xa9\x01 FOUND\0")
        with pytest.raises(ValidationError):
            lire()
        assert not Evenement.objects.filter(action="fichier refusé").exists()
