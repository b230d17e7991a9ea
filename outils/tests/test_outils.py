"""Les outils disent ce qui cloche en une phrase, et ne nomment personne."""

import errno
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

import manage
from outils import commun, demo, installation, services
from outils.commun import PYTHON, RACINE, Panne

VERROUS = ["requirements.txt", "requirements-dev.txt"]


def lancer(*arguments, **env):
    return subprocess.run(
        [str(PYTHON), *arguments], cwd=RACINE, env={**os.environ, **env}, capture_output=True, text=True, timeout=60
    )


class TestVerrou:
    @pytest.mark.parametrize("nom", VERROUS)
    def test_donne_une_empreinte_a_chaque_paquet(self, nom):
        texte = (RACINE / nom).read_text()
        paquets = re.findall(r"^([a-z0-9\[\]_.-]+)==[^\n]*\n((?:    --hash[^\n]*\n)*)", texte, re.M)
        assert len(paquets) > 15
        assert [paquet for paquet, empreintes in paquets if "sha256:" not in empreintes] == []

    @pytest.mark.parametrize("nom", VERROUS)
    def test_ne_nomme_aucun_serveur(self, nom):
        assert re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", (RACINE / nom).read_text()) is None

    @pytest.mark.parametrize("nom", VERROUS)
    def test_suit_ce_qui_est_demande(self, nom):
        demandes = re.findall(r"^([A-Za-z0-9_-]+)", (RACINE / nom.replace(".txt", ".in")).read_text(), re.M)
        verrouilles = re.findall(r"^([a-z0-9-]+)==", (RACINE / nom).read_text(), re.M)
        assert {demande.replace("_", "-").lower() for demande in demandes if demande[0] != "-"} <= set(verrouilles)


class TestPort:
    def test_vaut_8000_par_defaut(self):
        assert demo.lire_port("") == 8000

    @pytest.mark.parametrize("texte", ["abc", "0", "65536", "-1", "80 80", "8０00", "1e3"])
    def test_refuse_ce_qui_n_est_pas_un_port(self, texte):
        with pytest.raises(Panne, match="n'est pas un port"):
            demo.lire_port(texte)

    def test_prend_le_suivant_et_le_dit_quand_il_est_pris(self, capsys):
        with socket.socket() as occupant:
            occupant.bind(("127.0.0.1", 0))
            occupant.listen()
            voulu = occupant.getsockname()[1]
            prise, port = demo.reserver_port(voulu)
            prise.close()
        assert port > voulu
        assert f"Le port {voulu} est déjà pris" in capsys.readouterr().out


class TestSockets:
    def test_restent_dans_le_projet_quand_le_chemin_est_court(self, monkeypatch, tmp_path):
        court = tmp_path / "p"
        court.mkdir()
        monkeypatch.setattr(commun, "LOCAL", court)
        monkeypatch.setattr(commun, "LONGUEUR_SOCKET", 500)
        assert commun.dossier_sockets() == court / "run"

    def test_vont_dans_un_dossier_court_prive_et_stable_sinon(self, monkeypatch, tmp_path):
        monkeypatch.setattr(commun, "LOCAL", tmp_path)
        monkeypatch.setattr(commun, "LONGUEUR_SOCKET", 10)
        dossier = commun.dossier_sockets()
        try:
            assert dossier == commun.dossier_sockets()
            assert len(os.fsencode(dossier)) < 40
            assert dossier.stat().st_mode & 0o077 == 0
        finally:
            dossier.rmdir()


class TestEnvironnement:
    def test_l_appelant_gagne_sur_les_services_locaux(self, monkeypatch):
        monkeypatch.setenv("DATABASE_URL", "postgresql://ailleurs/base")
        monkeypatch.delenv("DATABASE_URL_PROPRIETAIRE", raising=False)
        env = commun.environnement()
        assert env["DATABASE_URL"] == "postgresql://ailleurs/base"
        assert "DATABASE_URL_PROPRIETAIRE" not in env

    def test_les_deux_roles_sont_distincts_en_local(self, monkeypatch):
        monkeypatch.delenv("DATABASE_URL", raising=False)
        env = commun.environnement()
        assert "jalon_application@" in env["DATABASE_URL"]
        assert "jalon_proprietaire@" in env["DATABASE_URL_PROPRIETAIRE"]

    def test_l_empreinte_change_avec_le_verrou(self, tmp_path):
        verrou = tmp_path / "requirements.txt"
        verrou.write_text("a==1")
        avant = commun.empreinte(verrou)
        verrou.write_text("a==2")
        assert commun.empreinte(verrou) != avant


class TestServices:
    def test_pg_bindir_faux_est_dit(self, monkeypatch, tmp_path):
        monkeypatch.setenv("PG_BINDIR", str(tmp_path))
        with pytest.raises(Panne, match="initdb est absent"):
            services.dossier_binaires()

    def test_un_disque_plein_est_dit(self, tmp_path):
        journal = tmp_path / "initdb.log"
        journal.write_text('FATAL:  could not write to file "x": No space left on device\n')
        assert "le disque est plein" in str(services._echec("PostgreSQL", journal))

    def test_un_numero_de_processus_reattribue_n_est_pas_arrete(self):
        assert services.arreter_processus(os.getpid(), "valkey-server") is False


class TestInstallation:
    def test_un_chromium_absent_est_dit_avec_ce_qu_il_faut_installer(self, monkeypatch):
        monkeypatch.setattr(installation, "_chromium_present", lambda: False)
        monkeypatch.setattr(installation.shutil, "which", lambda nom: None)
        with pytest.raises(Panne, match="chromium"):
            installation.installer_chromium()

    def test_un_pango_absent_est_dit_avec_ce_qu_il_faut_installer(self, monkeypatch):
        monkeypatch.setattr(installation, "pango_present", lambda: False)
        monkeypatch.setattr(installation.shutil, "which", lambda nom: None)
        with pytest.raises(Panne, match="libpangoft2"):
            installation.installer_pango()


class TestPhrases:
    @pytest.mark.parametrize(
        ("erreur", "dite"),
        [
            (OperationalError('password authentication failed for user "x"'), "refuse le mot de passe"),
            (OperationalError("connection refused"), "ne répond pas"),
            (OperationalError("could not extend file: No space left on device"), "disque de la base"),
            (OperationalError('database "z" does not exist'), "n'existe pas"),
            (OSError(errno.ENOSPC, "No space left on device"), "Le disque est plein"),
            (OSError("cannot load library 'libpango-1.0-0'"), "Pango"),
            (ModuleNotFoundError("No module named 'django'", name="django"), "make demo"),
            (ImproperlyConfigured("SECRET_KEY manque."), "SECRET_KEY manque."),
        ],
    )
    def test_une_panne_tient_en_une_phrase(self, erreur, dite):
        assert dite in manage.phrase(erreur)
        assert "\n" not in manage.phrase(erreur)

    def test_un_defaut_du_programme_garde_sa_trace(self):
        assert manage.phrase(KeyError("x")) is None

    def test_une_base_eteinte_sort_avec_1_sans_trace(self):
        eteinte = "postgresql://x:y@127.0.0.1:1/z"
        fait = lancer("manage.py", "migrate", DATABASE_URL=eteinte, DATABASE_URL_PROPRIETAIRE=eteinte)
        assert fait.returncode == 1
        assert fait.stderr.strip().splitlines()[-1].startswith("Erreur : La base de données ne répond pas")
        assert "Traceback" not in fait.stderr

    def test_une_commande_inconnue_est_dite(self):
        fait = subprocess.run(
            [sys.executable, "outils/jalon.py", "danser"], cwd=RACINE, capture_output=True, text=True, timeout=60
        )
        assert fait.returncode == 2
        assert "demo, test, verifier" in fait.stderr


class TestMakefile:
    def test_chaque_cible_a_sa_commande(self):
        cibles = re.findall(r"\$\(JALON\) (\w+)", Path(RACINE / "Makefile").read_text())
        jalon = (RACINE / "outils" / "jalon.py").read_text()
        assert {"demo", "test", "verifier", "services", "manage", "arret", "propre"} <= set(cibles)
        assert [cible for cible in cibles if f"def commande_{cible}(" not in jalon] == []
