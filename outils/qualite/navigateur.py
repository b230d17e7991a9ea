"""Un visiteur : il ouvre une page sous un compte et y arrive par des gestes, ceux qui se lisent dans `pages.py`."""

from contextlib import contextmanager

from playwright.sync_api import sync_playwright

from outils.commun import Panne
from outils.installation import trouver_chromium

BUREAU, TELEPHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PATIENCE = 30_000  # millisecondes : une machine chargée est lente, elle n'est pas en défaut
OREILLE = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (e) =>
  window.__violations.push(`${e.effectiveDirective} : ${e.blockedURI || e.sourceFile}`));
"""


@contextmanager
def chromium():
    """Le chromium de la machine, fermé à la sortie."""
    chemin = trouver_chromium()
    if chemin is None:
        raise Panne("chromium manque : installez le paquet chromium, ou donnez son chemin par JALON_CHROMIUM.")
    arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--lang=fr-FR"]
    with sync_playwright() as pilote:
        navigateur = pilote.chromium.launch(executable_path=chemin, args=arguments)
        try:
            yield navigateur
        finally:
            navigateur.close()


class Visiteur:
    """Ouvre les pages de la liste ; une connexion par compte, gardée d'une page à l'autre."""

    def __init__(self, navigateur, racine):
        self.navigateur, self.racine, self.entrees = navigateur, racine, {}

    def entree(self, compte):
        """Le témoin de session de ce compte de démonstration, obtenu d'un clic la première fois."""
        if compte not in self.entrees:
            contexte = self.navigateur.new_context(locale="fr-FR")
            page = contexte.new_page()
            page.set_default_timeout(PATIENCE)
            page.goto(f"{self.racine}/demonstration/")
            page.locator(f"button[name=compte][value={compte}]").click()
            page.wait_for_url(lambda adresse: "/demonstration/" not in adresse)
            self.entrees[compte] = contexte.storage_state()
            contexte.close()
        return self.entrees[compte]

    @contextmanager
    def ouvrir(self, fiche, ecran=BUREAU, **reglages):
        """La page de cette fiche, arrivée ; `page.reponses` garde les documents que le serveur a rendus."""
        if fiche.compte != "-":
            reglages["storage_state"] = self.entree(fiche.compte)
        reglages = {"locale": "fr-FR", "timezone_id": "Europe/Paris", "viewport": ecran, **reglages}
        contexte = self.navigateur.new_context(**reglages)
        try:
            page = contexte.new_page()
            page.set_default_timeout(PATIENCE)
            page.add_init_script(OREILLE)
            page.reponses = []
            page.on("response", lambda reponse: _garder(page, reponse))
            self._arriver(page, fiche)
            yield page
        except Exception as erreur:
            phrase = str(erreur).splitlines()[0]
            raise Panne(
                f"la page « {fiche.nom} » ne s'ouvre pas comme sa ligne le dit ({page.url} : {phrase})."
            ) from erreur
        finally:
            contexte.close()

    def _arriver(self, page, fiche):
        depart, *gestes = fiche.chemin.split(" > ")
        page.goto(self.racine + depart)
        for geste in gestes:
            verbe, _, quoi = geste.partition(" ")
            GESTES[verbe](self, page, quoi)
            page.wait_for_load_state()
        page.evaluate("document.fonts.ready")

    def _comme(self, page, compte):
        """Rouvre la même adresse sous un autre compte."""
        page.context.clear_cookies()
        page.context.add_cookies(self.entree(compte)["cookies"])
        page.goto(page.url)

    def _ailleurs(self, page, texte):
        """Envoie le même formulaire, autrement rempli, depuis un autre onglet : celui-ci est périmé."""
        autre = page.context.new_page()
        autre.goto(page.url)
        _remplir(self, autre, texte)
        _envoyer(self, autre, "")
        autre.wait_for_load_state()
        autre.close()


def _garder(page, reponse):
    if reponse.request.is_navigation_request() and reponse.frame == page.main_frame:
        page.reponses.append(reponse)


def _suivre(_visiteur, page, nom):
    """Clique ce lien ; le corps de la page d'abord, le menu ensuite."""
    dans = page.locator("main").get_by_role("link", name=nom)
    (dans if dans.count() else page.get_by_role("link", name=nom)).first.click()


def _presser(_visiteur, page, nom):
    page.get_by_role("button", name=nom).first.click()


def _envoyer(_visiteur, page, _rien):
    """Presse le bouton du formulaire de la page."""
    page.locator("main form[method=post] button[type=submit].btn-primary:visible").last.click()


def _menu(_visiteur, page, nom):
    """Ouvre le menu des autres actions et suit cette entrée."""
    page.locator("details.menu > summary").first.click()
    page.locator("details.menu").get_by_role("link", name=nom).first.click()


def _aller(visiteur, page, adresse):
    page.goto(visiteur.racine + adresse)


def _deplier(_visiteur, page, nom):
    page.locator("main details > summary").filter(has_text=nom).first.click()


def _sous(_visiteur, page, suite):
    page.goto(page.url.partition("?")[0] + suite)


def _remplir(_visiteur, page, texte):
    """Écrit dans la première zone de texte de la page, à la suite de ce qui y est."""
    zone = page.locator("main textarea:visible, main input[type=text]:visible").first
    zone.fill(f"{zone.input_value()} {texte}".strip())


def _couper(_visiteur, page, _rien):
    page.context.set_offline(True)


GESTES = {
    "lien": _suivre,
    "bouton": _presser,
    "envoyer": _envoyer,
    "menu": _menu,
    "aller": _aller,
    "sous": _sous,
    "déplier": _deplier,
    "remplir": _remplir,
    "coupure": _couper,
    "comme": Visiteur._comme,
    "ailleurs": Visiteur._ailleurs,
}
