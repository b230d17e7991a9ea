"""Un contenu hostile, où qu'on l'écrive, n'est que du texte dans le PDF ; la version entière est dans `make livrables`."""

import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from django.conf import settings

from securisation.tests import charges as corpus
from securisation.tests import hostiles

DOCUMENTS = 3  # par instantané, et un de plus dont les charges sont entières
# Un instantané dont aucun champ n'est long : ses charges entières vont dans le plus long.
SANS_LONG = {"personne": {"nom": "Nadia Benali", "appel": "Nadia"}, "parcours": {"numero": "P-1"}}


@pytest.fixture(scope="module")
def compte():
    """Trois documents d'un bilan et d'un diagnostic, puis un dont les charges sont entières, dans un processus à part."""
    commande = [sys.executable, "-m", "securisation.tests.hostiles", str(DOCUMENTS)]
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "securisation.settings"}
    fait = subprocess.run(commande, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, timeout=600)
    assert fait.returncode == 0, fait.stderr[-2000:]
    return json.loads(fait.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def veille():
    """Une seule pour le module : un crochet d'audit ne se retire pas."""
    return hostiles.Veille()


class TestContenusHostiles:
    def test_rien_ne_se_lit_ni_ne_sort(self, compte):
        assert (compte["acces"], compte["temoins"]) == ([], 0)

    def test_chaque_document_sort_quand_meme(self, compte):
        assert compte["refuses"] == [] and compte["documents"] == 2 * (DOCUMENTS + 1)

    def test_dans_les_bornes(self, compte):
        assert compte["secondes"] <= hostiles.SECONDES_MAX and compte["memoire"] <= hostiles.OCTETS_MAX

    def test_plus_de_trois_cents_charges_entieres_dans_un_champ_au_moins(self, compte):
        assert compte["charges"] == len(compte["entieres"]) == len(corpus.charges())
        assert sum(champs > 0 for champs in compte["entieres"]) >= 300

    def test_la_version_reduite_passe_chaque_paquet_dans_un_champ(self):
        """D'un document au suivant, il en passe moins qu'un bilan n'a de champs."""
        reunies = corpus.paquets(corpus.charges())
        assert all(any(charge in paquet for paquet in reunies) for charge in corpus.charges())
        (_, bilan), _ = hostiles.instantanes_des_essais()
        assert len(reunies) / DOCUMENTS <= len(hostiles.champs(bilan))

    def test_chaque_champ_de_texte_est_vise(self):
        (_, bilan), _ = hostiles.instantanes_des_essais()
        vises = {chemin[-1] for chemin in hostiles.champs(bilan)} | {c[-2] for c in hostiles.champs(bilan)}
        assert {
            "nom",
            "appel",
            "commune",
            "parole",
            "points_d_appui",
            "note",
            "priorite",
            "intitule",
            "relais",
            "signal",
        } <= vises
        assert not {"schema", "code", "demande_le"} & vises


@pytest.mark.parametrize(
    "instantane",
    [*(i for _, i in hostiles.instantanes_des_essais()), SANS_LONG],
    ids=["bilan", "diagnostic", "sans champ long"],
)
class TestVersionEntiere:
    """Ce que `make livrables` met dans les champs, sans rien en produire."""

    def test_chaque_charge_est_entiere_partout_ou_dans_un_champ_long(self, instantane):
        mince, toutes = hostiles.amincir(instantane), corpus.charges()
        compte, recus = hostiles.Compte(entieres=[0] * len(toutes), genres=["essai"], documents=1), {}
        for textes in hostiles.plan(mince, toutes):
            for chemin, texte in textes:
                recus.setdefault(chemin, set()).add(texte)
        hostiles._compter(recus, toutes, compte)
        longs = sum(hostiles._longueur(chemin) == hostiles.LONG for chemin in recus)
        attendus = {True: len(hostiles.champs(mince)), False: longs or 1}
        assert set(recus) == set(hostiles.champs(mince))
        for charge, champs in zip(toutes, compte.entieres, strict=True):
            coupee = len(charge) > hostiles.LONG and longs
            assert champs == (1 if coupee else attendus[len(charge) <= corpus.COURT]), charge[:40]
        assert compte.tenue

    def test_une_charge_jamais_entiere_ne_tient_pas(self, instantane):
        compte = hostiles.Compte(entieres=[9, 0], genres=["essai"], documents=1)
        assert not compte.tenue

    def test_poser_ne_touche_que_les_champs_vises(self, instantane):
        textes = next(hostiles.en_entier(hostiles.amincir(instantane), corpus.charges()))
        pose = hostiles.poser(instantane, textes)
        assert [hostiles._lire(pose, chemin) for chemin, _ in textes] == [texte for _, texte in textes]
        changes = {chemin for chemin, texte in hostiles._feuilles(pose) if texte != hostiles._lire(instantane, chemin)}
        assert changes == {chemin for chemin, _ in textes} and max(len(texte) for _, texte in textes) > corpus.COURT


class TestVeille:
    """Le compteur compte : sans cela, zéro accès ne prouverait rien."""

    @pytest.mark.parametrize(
        "geste",
        [
            lambda: Path("/etc/hostname").read_bytes(),
            lambda: os.listdir("/etc"),
            lambda: socket.getaddrinfo("127.0.0.1", 9),
            lambda: socket.socket().connect_ex(("127.0.0.1", 9)),
            lambda: subprocess.run(["true"], check=True),
            lambda: (
                Path(tempfile.gettempdir(), hostiles.TEMOIN).exists()
                or Path(tempfile.gettempdir(), hostiles.TEMOIN).read_text()
            ),
        ],
    )
    def test_elle_voit(self, veille, geste):
        veille.vus.clear()
        veille.ouverte = True
        try:
            geste()
        except OSError:
            pass  # l'essai d'ouvrir compte autant que de lire
        finally:
            veille.ouverte = False
        assert veille.vus

    def test_elle_ne_voit_que_pendant_le_rendu(self, veille):
        veille.vus.clear()
        Path("/etc/hostname").read_bytes()
        assert veille.vus == []

    def test_le_temoin_se_trouve_jusque_dans_un_flux_comprime(self):
        import zlib

        flux = b"1 0 obj\n<<>>\nstream\n" + zlib.compress(hostiles.SECRET.encode()) + b"\nendstream"
        assert hostiles._porte_le_temoin(flux) and not hostiles._porte_le_temoin(b"rien")
