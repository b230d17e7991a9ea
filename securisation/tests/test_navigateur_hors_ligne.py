"""Au navigateur, sans réseau : ce qui est tapé reste dans la page, rien d'un dossier ne reste sur l'appareil, la page le dit.

Le script, le garde et les avis sont les vrais ; la page qui les porte est un formulaire nu, servi sans base de données.
"""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from playwright.sync_api import expect

PATIENCE = 60_000  # millisecondes
MOTS = "Appelée au sujet du loyer, elle rappelle jeudi."
GENRES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html; charset=utf-8", ".svg": "image/svg+xml"}
PAGE = """<!DOCTYPE html><html lang="fr"><head><title>Noter un contact</title></head><body><main>{avis}
<h1>Noter un contact</h1><a href="/parcours/">Le parcours</a>
<form method="post" action="/contact/"><textarea name="note"></textarea><button type="submit">Enregistrer</button></form>
</main><script src="/static/app.js" defer></script></body></html>"""


class Servi(BaseHTTPRequestHandler):
    """Un formulaire, ses fichiers, et ce qu'il reçoit."""

    recus = []

    def do_GET(self):
        dossier = settings.BASE_DIR / "static" if self.path.startswith("/static/") else settings.WHITENOISE_ROOT
        nom = self.path.removeprefix("/static/").removeprefix("/")
        if nom and "/" not in nom and (dossier / nom).is_file():
            return self._rendre((dossier / nom).read_bytes(), GENRES[(dossier / nom).suffix])
        return self._rendre(PAGE.format(avis=render_to_string("composants/reseau.html")).encode(), GENRES[".html"])

    def do_POST(self):
        self.recus.append(self.rfile.read(int(self.headers["Content-Length"])))
        self._rendre(b"", GENRES[".html"], statut=303, Location="/parcours/")

    def _rendre(self, corps, genre, *, statut=200, **entetes):
        self.send_response(statut)
        entetes |= {"Content-Type": genre, "Content-Length": str(len(corps)), "Cache-Control": "no-store"}
        for nom, valeur in entetes.items():
            self.send_header(nom, valeur)
        self.end_headers()
        self.wfile.write(corps)

    def log_message(self, *_):
        """Rien à dire."""


@pytest.fixture
def saisie(browser, browser_context_args):
    """La page du formulaire, garde en place, à moitié écrite."""
    Servi.recus.clear()
    serveur = ThreadingHTTPServer(("127.0.0.1", 0), Servi)
    threading.Thread(target=serveur.serve_forever, daemon=True).start()
    contexte = browser.new_context(**browser_context_args | {"service_workers": "allow"})
    page = contexte.new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page.goto(f"http://127.0.0.1:{serveur.server_port}/contact/")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.fill("textarea", MOTS)
    yield page
    contexte.close()
    serveur.shutdown()


def couper(page, *, sait=True):
    """Coupe le réseau ; `sait` faux : le navigateur se croit en ligne, seul l'envoi manqué peut dire la panne."""
    if not sait:
        page.evaluate("Object.defineProperty(navigator, 'onLine', { get: () => true })")
    page.context.set_offline(True)


@pytest.mark.parametrize("sait", [True, False], ids=["le_navigateur_le_sait", "seul_l_envoi_manque_le_dit"])
def test_un_envoi_sans_reseau_laisse_le_texte_et_le_bouton(saisie, sait):
    adresse = saisie.url
    couper(saisie, sait=sait)
    saisie.get_by_role("button", name="Enregistrer").click()
    expect(saisie.locator("#hors-ligne-envoi")).to_be_visible()
    assert (saisie.url, saisie.locator("textarea").input_value(), Servi.recus) == (adresse, MOTS, [])
    saisie.context.set_offline(False)
    expect(saisie.locator("#en-ligne")).to_be_visible()
    saisie.get_by_role("button", name="Enregistrer").click()
    saisie.wait_for_url("**/parcours/")
    assert len(Servi.recus) == 1


@pytest.mark.parametrize("sait", [True, False], ids=["le_navigateur_le_sait", "seul_l_envoi_manque_le_dit"])
@pytest.mark.parametrize("jeton", ["", "0192aaaa-0000-7000-8000-000000000001"], ids=["sans_jeton", "a_jeton"])
def test_l_avis_ne_promet_que_ce_que_le_jeton_tient(saisie, sait, jeton):
    """L'envoi est peut-être arrivé, sa réponse perdue : jamais « rien n'est parti », et « une fois » seulement avec un jeton."""
    if jeton:
        champ = f'<input type="hidden" name="jeton" value="{jeton}">'
        saisie.evaluate("champ => document.forms[0].insertAdjacentHTML('beforeend', champ)", champ)
    couper(saisie, sait=sait)
    saisie.get_by_role("button", name="Enregistrer").click()
    avis = saisie.locator("#hors-ligne-envoi")
    expect(avis).to_contain_text("n’a pas pu être confirmé")
    assert "ne comptera qu’une fois" in avis.inner_text() if jeton else "une fois" not in avis.inner_text()
    assert "rien n’est parti" not in avis.inner_text()


def test_un_lien_sans_reseau_ne_quitte_pas_la_saisie(saisie):
    adresse = saisie.url
    couper(saisie, sait=False)
    saisie.get_by_role("link", name="Le parcours").click()
    expect(saisie.locator("#hors-ligne-lien")).to_be_visible()
    assert (saisie.url, saisie.locator("textarea").input_value()) == (adresse, MOTS)


def test_une_page_ouverte_sans_reseau_dit_quoi_faire_et_rien_d_autre_n_est_garde(saisie):
    gardes = saisie.evaluate(
        """async () => { const vus = [];
        for (const nom of await caches.keys()) for (const d of await (await caches.open(nom)).keys()) vus.push(new URL(d.url).pathname);
        return [vus.sort(), localStorage.length, sessionStorage.length]; }"""
    )
    assert gardes == [["/static/hors-ligne.css", "/static/hors-ligne.html"], 0, 0]
    couper(saisie)
    autre = saisie.context.new_page()
    autre.goto(saisie.url.replace("/contact/", "/parcours/"))
    expect(autre.locator("h1")).to_have_text("Vous êtes hors ligne")
    assert MOTS not in autre.content()


def test_le_vrai_site_sert_le_garde_et_le_navigateur_l_accepte(
    browser, browser_context_args, live_server, connecter, awa
):
    """Sans erreur de console : le garde est à la racine du site, aucun en-tête n'élargit ce qu'il surveille."""
    contexte, erreurs = browser.new_context(**browser_context_args | {"service_workers": "allow"}), []
    page = contexte.new_page()
    page.on("console", lambda message: message.type == "error" and erreurs.append(message.text))
    connecter(page, awa).goto(live_server.url)
    garde = page.evaluate(
        """patience => Promise.race([
            navigator.serviceWorker.ready.then((garde) => [garde.scope, garde.active.scriptURL]),
            new Promise((rien) => setTimeout(rien, patience, [])),
        ])""",
        PATIENCE // 3,
    )
    contexte.close()
    assert garde == [f"{live_server.url}/", f"{live_server.url}/hors-ligne.js"]
    assert erreurs == []
