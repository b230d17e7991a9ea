"""La machine PDF : ce qu'elle refuse de lire, ce qu'elle garantit."""

import re
import subprocess
import sys
import zlib
from datetime import UTC, datetime
from pathlib import Path

import page
import pytest
from django.conf import settings

from securisation.documents import machine
from securisation.documents.machine import BibliothequeManquante, RessourceRefusee, depuis_html

LE = datetime(2026, 11, 5, 15, 42, tzinfo=UTC)
POINT = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def en_page(corps, titre="Essai"):
    return f'<!doctype html><html lang="fr"><head><title>{titre}</title></head><body><main>{corps}</main></body></html>'


def flux(contenu):
    """Les flux décompressés d'un PDF."""
    for brut in re.findall(rb"/Filter /FlateDecode.*?\nstream\n(.*?)\nendstream", contenu, re.DOTALL):
        yield zlib.decompress(brut)


class TestRessources:
    @pytest.mark.parametrize(
        "adresse",
        [
            "file:///etc/passwd",
            "/etc/passwd",
            "../../manage.py",
            "https://ressources.invalid/../../manage.py",
            "http://127.0.0.1:9/image.png",
            "https://ressources.invalid.exemple.test/pdf.css",
            "data:text/plain;base64,YQ==",
            "data:image/svg+xml;base64,PHN2Zy8+",
            "icones/absente.svg",
        ],
    )
    def test_refuse_tout_ce_qui_n_est_pas_livre(self, adresse):
        with pytest.raises(RessourceRefusee):
            depuis_html(en_page(f'<p><img src="{adresse}" alt="x"></p>'))

    @pytest.mark.parametrize("style", ["url(file:///etc/passwd)", "url(https://exemple.test/a.png)"])
    def test_refuse_aussi_dans_une_feuille(self, style):
        with pytest.raises(RessourceRefusee):
            depuis_html(en_page(f"<style>p{{background:{style}}}</style><p>a</p>"))

    def test_accepte_une_image_en_ligne_et_une_icone_livree(self):
        pdf = depuis_html(en_page(f'<p><img src="{POINT}" alt="Point"><img src="icones/n2.svg" alt="Niveau 2"></p>'))
        assert pdf.pages == 1

    def test_toutes_les_ressources_livrees_existent(self):
        manquantes = [cle for cle, fichier in machine.ressources().items() if not fichier.is_file()]
        assert manquantes == []
        assert "pdf.css" in machine.ressources()


@pytest.fixture(scope="module")
def pdf():
    """Un petit document et ses données jointes."""
    return depuis_html(en_page("<h1>Titre</h1><p>Texte : été.</p>"), donnees={"clé": "valeur"}, le=LE)


class TestConformite:
    @pytest.mark.parametrize("norme", ["3a", "ua1"])
    def test_suit_pdf_a_et_pdf_ua(self, pdf, norme):
        rapport = page.validate_pdf_bytes(pdf.contenu, profile=norme)
        assert [(f.rule_id, f.message) for f in rapport.failures] == []

    def test_porte_ses_donnees(self, pdf):
        assert machine.en_json({"clé": "valeur"}) in list(flux(pdf.contenu))

    def test_n_ecrit_aucun_dictionnaire_python(self, pdf):
        assert [f for f in flux(pdf.contenu) if b"{'" in f] == []

    def test_aucun_flux_compresse_ne_finit_par_un_retour_chariot(self, pdf):
        assert b"\r\nendstream" not in pdf.contenu

    def test_redonne_les_memes_octets(self, pdf):
        encore = depuis_html(en_page("<h1>Titre</h1><p>Texte : été.</p>"), donnees={"clé": "valeur"}, le=LE)
        assert encore.sha256 == pdf.sha256

    def test_dit_ce_qu_aucune_police_ne_dessine(self):
        pdf = depuis_html(en_page("<p>Avant \U00010900\U00010901 après</p>"))
        assert page.is_pdf_compliant_bytes(pdf.contenu, profile="ua1")


class TestBibliotheque:
    def test_dit_en_francais_ce_qui_manque(self, monkeypatch):
        machine._weasyprint.cache_clear()
        monkeypatch.setitem(sys.modules, "weasyprint", None)
        try:
            with pytest.raises(BibliothequeManquante, match="Pango"):
                depuis_html(en_page("<p>a</p>"))
        finally:
            machine._weasyprint.cache_clear()

    def test_n_est_importee_qu_ici_et_au_premier_usage(self):
        fautifs = [
            str(f)
            for dossier in ("securisation", "diagnostics", "interventions", "sorties")
            for f in (Path(settings.BASE_DIR) / dossier).rglob("*.py")
            if re.search(r"^\s*(import|from) weasyprint", f.read_text(), re.MULTILINE) and f.name != "machine.py"
        ]
        assert fautifs == []
        code = "import sys, securisation.documents.machine; sys.exit('weasyprint' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], cwd=settings.BASE_DIR, check=False).returncode == 0
