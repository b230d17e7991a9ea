"""La machine PDF : ce qu'elle refuse de lire, ce qu'elle garantit."""

import base64
import io
import re
import struct
import subprocess
import sys
import time
import zlib
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import page
import pytest
from django.conf import settings
from fontTools.ttLib import TTFont
from PIL import Image
from pypdf import PdfReader

from securisation.documents import atelier, machine, rendu
from securisation.documents.atelier import TravailArrete
from securisation.documents.machine import ContenuDemesure, depuis_html
from securisation.documents.rendu import BibliothequeManquante, RessourceRefusee

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
        pdf = depuis_html(en_page(f'<p><img src="{POINT}" alt="Point"><img src="icones/n2.png" alt="Niveau 2"></p>'))
        assert pdf.pages == 1

    def test_toutes_les_ressources_livrees_existent(self):
        manquantes = [cle for cle, fichier in rendu.ressources().items() if not fichier.is_file()]
        assert manquantes == []
        assert "pdf.css" in rendu.ressources()

    def test_d_un_document_rien_ne_reste_apres_lui(self):
        """Dans un processus à part, qui n'a rien rendu d'autre : ni boîte, ni page, ni contexte de mise en page."""
        corps = "<p>Secret de Nadia <img src='icones/jalon.svg' alt='Alerte'> <img src='icones/n2.png' alt='Deux'></p>"
        preuve = (
            "import gc; from securisation.documents import rendu\n"
            f"assert rendu.rendre({en_page(corps)!r})[1] == 1\n"
            "from weasyprint import document, layout; from weasyprint.formatting_structure import boxes\n"
            "siens = (boxes.Box, document.Document, layout.LayoutContext)\n"
            "gc.collect(); assert not [o for o in gc.get_objects() if issubclass(type(o), siens)]\n"
        )
        subprocess.run([sys.executable, "-c", preuve], cwd=settings.BASE_DIR, check=True)


class TestBalises:
    """`balises.css` remplace la feuille de base de WeasyPrint : pour toute balise de nos gabarits, elle doit valoir la même chose."""

    ESSAYEES = (
        "<h1>Un</h1><h2>Deux</h2><h3>Trois</h3><h4>Quatre</h4><h5>Cinq</h5><h6>Six</h6><div>d</div><hr/><blockquote><p>Cité.</p></blockquote>"
        "<p>Un <b>b</b> <strong>s</strong> <em>e</em> <i>i</i> <small>p</small> <sub>s</sub><sup>s</sup> <mark>m</mark> <a href='#x'>a</a>"
        " <span>s</span><br/>ligne <q>cité</q> <u>u</u> <s>s</s> <code>c</code> <abbr title='t'>ab</abbr></p><pre>a  b</pre>"
        "<ul><li>un</li></ul><ol><li>un</li><li>deux</li></ol><dl><dt>t</dt><dd>d</dd></dl><article><section id='x'>s</section></article>"
        "<figure><svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><title>t</title><path d='M0 0h9v9z'/></svg>"
        "<figcaption>f</figcaption></figure>"
        "<table><caption>c</caption><colgroup><col/></colgroup><thead><tr><th>h</th></tr></thead><tbody><tr><td>d</td></tr></tbody>"
        "<tfoot><tr><td>f</td></tr></tfoot></table><aside>a</aside><address>a</address><details><summary>s</summary>d</details>"
        f"<img src='{POINT}' alt='Point'/>"
    )
    DE_LA_PAGE = {"html", "head", "title", "body", "main", "meta", "style"}
    DE_DESSIN = {
        "g",
        "text",
        "tspan",
        "rect",
        "circle",
        "line",
        "polyline",
        "polygon",
        "path",
        "defs",
        "marker",
        "pattern",
        "desc",
    }

    @pytest.mark.parametrize(
        "feuille", [(), ("@page{@top-right{content:'haut'}}td{padding:1mm}ul{padding:0}h2{font-size:15pt}",)]
    )
    def test_chaque_balise_vaut_ce_qu_elle_valait(self, feuille):
        weasyprint = rendu._weasyprint()[0]
        polices, _, page_de = rendu._atelier()
        feuilles = [weasyprint.CSS(string=texte) for texte in feuille]

        def ecrire(page):
            norme = {"pdf_variant": rendu.VARIANTE}
            lue = page.render(font_config=polices, stylesheets=feuilles, **norme)
            return lue.write_pdf(pdf_identifier=b"x" * 16, **norme)

        html = en_page(self.ESSAYEES)
        assert ecrire(page_de(html)) == ecrire(
            weasyprint.HTML(string=html, base_url=rendu.BASE, url_fetcher=rendu._weasyprint()[2])
        )

    def test_aucun_gabarit_n_en_emploie_une_autre(self):
        dossier = settings.BASE_DIR / "templates"
        inclus = [dossier / "parcours" / "_nombres.html", *(dossier / "composants" / "graphiques").glob("*.svg")]
        gabarits = [
            f for f in dossier.rglob("*") if f.is_file() and f.suffix in (".html", ".svg") and f.parent.name == "pdf"
        ] + inclus
        assert len(gabarits) > 15
        employees = {balise for f in gabarits for balise in re.findall(r"<([a-z][a-z0-9]*)", f.read_text())}
        essayees = set(re.findall(r"<([a-z][a-z0-9]*)", self.ESSAYEES))
        assert employees - essayees - self.DE_LA_PAGE - self.DE_DESSIN == set()


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

    @pytest.mark.parametrize(("mode", "point"), [("RGB", (12, 0, 0)), ("L", 12), ("LA", (200, 12))])
    def test_une_image_non_plus(self, mode, point):
        """Un point de cette couleur finit par 0x0D à tout taux : un code QR sur deux cent trente en fait autant."""
        self.encode_en_hexadecimal(dessin("PNG", Image.new(mode, (1, 1), point)))

    def test_une_photographie_non_plus(self):
        self.encode_en_hexadecimal(dessin("JPEG", Image.new("RGB", (1, 1), (200, 30, 60)), fin=b"\r"))

    def encode_en_hexadecimal(self, image):
        octets = depuis_html(en_page(f'<h1>Titre</h1><p><img src="{image}" alt="Un point"></p>')).contenu
        assert b"/ASCIIHexDecode" in octets and b"\r\nendstream" not in octets
        assert all(page.is_pdf_compliant_bytes(octets, profile=norme) for norme in ("ua1", "3a"))
        (lue,) = PdfReader(io.BytesIO(octets)).pages[0].images
        origine = Image.open(io.BytesIO(base64.b64decode(image.split(",")[1])))
        assert lue.image.convert("RGBA").getpixel((0, 0)) == origine.convert("RGBA").getpixel((0, 0))

    def test_le_flux_d_objets_non_plus(self):
        """Celui-là est comprimé en dernier : quatre cents petits fichiers en feraient finir deux ou trois par 0x0D."""

        class Document:
            essais, metadata = [], SimpleNamespace()

            def write_pdf(self, finisher, **_):
                self.essais.append(finisher.keywords["de_plus"])
                return b"stream\nxx\r\nendstream" if len(self.essais) < 3 else b"stream\nxx\nendstream"

        assert rendu._ecrire(Document(), list) == b"stream\nxx\nendstream" and Document.essais == [0, 1, 2]

    def test_un_second_essai_porte_encore_les_donnees(self, monkeypatch):
        classe, essais = rendu._weasyprint()[0].document.Document, []
        ecrire = classe.write_pdf

        def mal_finir(document, **options):
            essais.append(ecrire(document, **options))
            return essais[-1] + b"\r\nendstream" if len(essais) == 1 else essais[-1]

        monkeypatch.setattr(classe, "write_pdf", mal_finir)
        octets, _pages = rendu.rendre(en_page("<h1>Titre</h1>"), '{"clé":1}', LE)
        assert len(essais) == 2 and '{"clé":1}'.encode() in list(flux(octets))
        assert page.is_pdf_compliant_bytes(octets, profile="3a")

    def test_un_objet_de_plus_deplace_le_flux_sans_rompre_les_normes(self, monkeypatch):
        finir = rendu._finir
        monkeypatch.setattr(rendu, "_finir", lambda document, pdf, de_plus: finir(document, pdf, de_plus + 1))
        nu, _pages = rendu.rendre(en_page("<h1>Titre</h1><p>Texte</p>"))
        monkeypatch.setattr(rendu, "_finir", finir)
        assert nu != rendu.rendre(en_page("<h1>Titre</h1><p>Texte</p>"))[0]
        assert all(page.is_pdf_compliant_bytes(nu, profile=norme) for norme in ("ua1", "3a"))

    def test_redonne_les_memes_octets(self, pdf):
        encore = depuis_html(en_page("<h1>Titre</h1><p>Texte : été.</p>"), donnees={"clé": "valeur"}, le=LE)
        assert encore.sha256 == pdf.sha256

    def test_dit_ce_qu_aucune_police_ne_dessine(self):
        pdf = depuis_html(en_page("<p>Avant \U00010900\U00010901 après</p>"))
        assert page.is_pdf_compliant_bytes(pdf.contenu, profile="ua1")

    def test_un_signe_que_le_dessin_decompose_se_dit_aussi_et_redonne_les_memes_octets(self):
        """« ำ » se dessine en deux signes : celui qui manque n'est pas celui qui est écrit. Appris, il ne change pas le fichier."""
        neuf, appris = (depuis_html(en_page("<p>Avant \u0e33 été</p>")) for _ in range(2))
        assert neuf.sha256 == appris.sha256
        assert all(page.is_pdf_compliant_bytes(neuf.contenu, profile=norme) for norme in ("ua1", "3a"))
        lu = PdfReader(io.BytesIO(neuf.contenu)).pages[0].extract_text()
        assert "non imprimables" in lu and "été" in lu

    def test_les_lettres_que_nos_polices_n_ont_pas_prennent_celle_de_secours(self):
        """Une plage qui déclare plus que son fichier ne dessine priverait un nom de la police de secours : « Dương » serait mutilé."""
        noms = "Dương Thị Trương, Əliyev, Mɛnsah, Ţurcan, Łódź"
        pdf = depuis_html(en_page(f"<h1>{noms}</h1><p>{noms}</p>"))
        assert PdfReader(io.BytesIO(pdf.contenu)).pages[0].extract_text().replace("\n", " ").count(noms) == 2
        assert all(page.is_pdf_compliant_bytes(pdf.contenu, profile=norme) for norme in ("ua1", "3a"))

    def test_deux_polices_n_ont_jamais_la_meme_famille_et_la_meme_graisse(self):
        """WeasyPrint les confondrait : « Łódź » s'est dessiné « Œdˢ », et ne suivait plus aucune des deux normes."""
        feuille = rendu.ressources()[rendu.FEUILLE].read_text()
        faces = re.findall(r"@font-face\{(font-family:[^;]+;font-weight:\d+)", feuille)
        assert len(faces) == len(set(faces)) == 6

    def test_chaque_police_dessine_toute_la_plage_qu_elle_declare(self):
        feuille = rendu.ressources()[rendu.FEUILLE].read_text()
        faces = re.findall(r"@font-face\{[^}]*url\((fonts/[^)]+)\);unicode-range:([^}]+)\}", feuille)
        assert len(faces) == feuille.count("@font-face") == 6
        for fichier, plages in faces:
            bornes = [[int(b, 16) for b in plage.removeprefix("U+").split("-")] for plage in plages.split(",")]
            declares = {signe for b in bornes for signe in range(b[0], b[-1] + 1)}
            assert declares <= set(TTFont(rendu.ressources()[fichier]).getBestCmap()), fichier

    def test_un_accent_qui_manque_a_une_lettre_rare_n_efface_pas_les_autres(self, monkeypatch):
        """« ễ » manque d'un accent que « ê » porte aussi : le nom devient une mention, la phrase française reste entière."""

        def essayer(html, *_):
            return html, ({"\u0302"} if "\u1ec5" in html else set())

        monkeypatch.setattr(rendu, "_essayer", essayer)
        monkeypatch.setattr(rendu, "_ABSENTS", set())
        assert rendu.rendre("<p>Nguy\u1ec5n, peut-être</p>") == f"<p>Nguy{rendu.ILLISIBLE}n, peut-être</p>"
        assert (
            rendu.rendre("<p>Tr\u1ea7n</p>") == "<p>Tr\u1ea7n</p>"
        )  # il porte le même accent : rien ne dit qu'il manque


class TestEtabli:
    def test_apres_chaque_travail_il_rend_ce_qui_ne_sert_plus(self):
        """Dans un processus à part : ce réglage du ramasse-miettes ne se défait pas."""
        preuve = (
            "import gc, weakref; from securisation.documents.etabli import _balayer\n"
            "class Noeud: pass\n"
            "_balayer(); assert gc.get_freeze_count()\n"
            "boucle = Noeud(); boucle.soi = boucle; reste = weakref.ref(boucle); del boucle\n"
            "assert reste(); _balayer(); assert reste() is None\n"
        )
        subprocess.run([sys.executable, "-c", preuve], cwd=settings.BASE_DIR, check=True)

    def test_un_travail_profond_ne_prend_ni_ne_rend_sa_pile_sans_cesse(self):
        """Où qu'il oscille : sans le bloc, une profondeur au moins passe et repasse une limite de la pile."""
        preuve = (
            "from resource import RUSAGE_SELF, getrusage; from securisation.documents.etabli import _d_un_bloc\n"
            "def descendre(n): return n and descendre(n - 1)\n"
            "def osciller(depuis):\n"
            "    if depuis: return osciller(depuis - 1)\n"
            "    for _ in range(2000): descendre(5)\n"
            "def travailler(demande, corps):\n"
            "    avant = getrusage(RUSAGE_SELF).ru_minflt\n"
            "    for depuis in range(0, 300, 4): osciller(depuis)\n"
            "    return getrusage(RUSAGE_SELF).ru_minflt - avant\n"
            "travailler(0, 0); print(_d_un_bloc(travailler)(0, 0))\n"
        )
        dit = subprocess.run([sys.executable, "-c", preuve], cwd=settings.BASE_DIR, check=True, capture_output=True)
        assert int(dit.stdout) < 500  # sans le bloc, plusieurs milliers avec CPython 3.11


def dessin(forme, image, fin=b""):
    """Cette image en `data:`, ces octets derrière elle."""
    octets = io.BytesIO()
    image.save(octets, format=forme)
    return f"data:image/{forme.lower()};base64," + base64.b64encode(octets.getvalue() + fin).decode()


def png(largeur, hauteur):
    """Une image blanche de cette taille, en `data:` : peu d'octets, beaucoup de points."""

    def bloc(genre, octets):
        return struct.pack(">I", len(octets)) + genre + octets + struct.pack(">I", zlib.crc32(genre + octets))

    ligne, compression = b"\0" * (1 + (largeur + 7) // 8), zlib.compressobj(9)
    points = b"".join(compression.compress(ligne) for _ in range(hauteur)) + compression.flush()
    entete = bloc(b"IHDR", struct.pack(">IIBBBBB", largeur, hauteur, 1, 0, 0, 0, 0))
    octets = b"\x89PNG\r\n\x1a\n" + entete + bloc(b"IDAT", points) + bloc(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(octets).decode()


class TestBornes:
    """Un contenu hostile n'arrête que le processus qui le rend ; le document d'après se produit comme si de rien n'était."""

    def encore(self):
        assert depuis_html(en_page("<p>La suite.</p>")).pages == 1

    def test_une_image_de_cent_megapixels_est_refusee_avant_d_etre_ouverte(self):
        with pytest.raises(RessourceRefusee):
            depuis_html(en_page(f'<p><img src="{png(10_000, 10_000)}" alt="x"></p>'))
        self.encore()

    def test_le_temps_est_borne(self, monkeypatch):
        self.encore()
        debut = time.monotonic()
        with monkeypatch.context() as presse:
            presse.setattr(machine, "secondes_pour", lambda html: 1)
            with pytest.raises(ContenuDemesure, match="raccourcissez"):
                depuis_html(en_page("<p>mot</p>" * 50_000))
        assert time.monotonic() - debut < 2 * atelier.PATIENCE
        self.encore()

    def test_la_memoire_est_bornee(self):
        petit = atelier.Atelier("rendu", octets=320 * 1024 * 1024)
        try:
            with pytest.raises(TravailArrete):
                petit.faire({"html": en_page("mot " * 30_000_000), "donnees": None, "le": None}, secondes=60)
        finally:
            petit.arreter()
        self.encore()

    def test_un_processus_tue_entre_deux_documents_se_releve(self):
        self.encore()
        machine._RENDU._processus.kill()
        machine._RENDU._processus.wait()
        self.encore()

    def test_le_processus_ne_garde_ni_reglage_ni_secret_de_l_application(self):
        self.encore()
        environ = Path(f"/proc/{machine._RENDU._processus.pid}/environ").read_text()
        noms = {ligne.split("=")[0] for ligne in environ.split("\0") if ligne}
        assert noms <= {*atelier.ENVIRONNEMENT, "TMPDIR"}
        assert not any(nom.startswith(("JALON", "SECRET", "DATABASE")) for nom in noms)

    def test_un_tres_long_texte_a_plus_de_temps_jusqu_a_un_terme(self):
        assert [machine.secondes_pour("x" * n) for n in (1_000, 150_000, 450_000, 10**7)] == [10, 10, 30, 100]

    def test_quarante_pages_se_produisent(self):
        assert depuis_html(en_page("<p>Un fait de l’historique, dit en une ligne ou deux. </p>" * 3_000)).pages >= 40


class TestBibliotheque:
    def test_dit_en_francais_ce_qui_manque(self, monkeypatch):
        rendu._weasyprint.cache_clear()
        monkeypatch.setitem(sys.modules, "weasyprint", None)
        try:
            with pytest.raises(BibliothequeManquante, match="Pango"):
                rendu.rendre(en_page("<p>a</p>"))
        finally:
            rendu._weasyprint.cache_clear()

    def test_n_est_importee_qu_ici_et_au_premier_usage(self):
        fautifs = [
            str(f)
            for dossier in ("securisation", "diagnostics", "interventions", "sorties")
            for f in (Path(settings.BASE_DIR) / dossier).rglob("*.py")
            if re.search(r"^\s*(import|from) weasyprint", f.read_text(), re.MULTILINE) and f.name != "rendu.py"
        ]
        assert fautifs == []
        code = "import sys, securisation.documents.machine; sys.exit('weasyprint' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], cwd=settings.BASE_DIR, check=False).returncode == 0
