"""Ce qui se mesure sur une page ouverte : accessibilité, politique de contenu, poids, document rendu, mise en page."""

import json
import subprocess
from pathlib import Path

from outils.commun import RACINE, Panne
from outils.installation import VNU
from outils.qualite.navigateur import BUREAU, TELEPHONE
from outils.qualite.site import meme_hote

AXE = RACINE / "securisation" / "tests" / "vendor" / "axe.min.js"
REGLES_AXE = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PREMIERE, SUIVANTE = 120_000, 15_000  # octets reçus, en-têtes compris

# La plus longue attente entre un geste (touche, clic) et l'image qui y répond ; l'INP d'une visite courte.
ECOUTER = """() => {
  window.__gestes = [];
  new PerformanceObserver((liste) => { for (const e of liste.getEntries()) window.__gestes.push(e.duration); })
    .observe({ type: "event", durationThreshold: 16, buffered: true });
}"""


def reaction(page):
    """Millisecondes de la plus lente réponse à quatre gestes sans effet sur le dossier ; processeur ralenti quatre fois."""
    page.evaluate(ECOUTER)
    pilote = page.context.new_cdp_session(page)
    pilote.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    for touche in ("Tab", "Tab", "Shift+Tab"):
        page.keyboard.press(touche)
    page.locator("h1").first.click()
    page.wait_for_timeout(300)
    pilote.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    pilote.detach()
    return max(page.evaluate("window.__gestes"), default=0)


def fautes_axe(page):
    """Fautes d'accessibilité, au bureau et au téléphone : « règle : élément »."""
    fautes = []
    for ecran in (BUREAU, TELEPHONE):
        page.set_viewport_size(ecran)
        if page.evaluate("typeof window.axe?.run") != "function":
            page.evaluate(AXE.read_text(encoding="utf-8"))  # par le protocole de débogage : la politique reste active
        rapport = page.evaluate(f"axe.run(document, {{runOnly: {REGLES_AXE!r}}})")
        fautes += [f"axe {faute['id']} : {faute['nodes'][0]['html'][:120]}" for faute in rapport["violations"]]
    page.set_viewport_size(BUREAU)
    return list(dict.fromkeys(fautes))


def fautes_de_politique(page):
    """Violations de la politique de contenu que la page a subies."""
    return [f"CSP {faute}" for faute in page.evaluate("window.__violations || []")]


class Balance:
    """Pèse ce qu'une page fait venir par le réseau, en-têtes compris, et note les autres hôtes demandés."""

    def __init__(self, page, racine):
        self.octets, self.dehors = 0, set()
        page.on("request", lambda r: None if meme_hote(r.url, racine) else self.dehors.add(r.url))
        reseau = page.context.new_cdp_session(page)
        reseau.send("Network.enable")
        # Ce qui vient du cache compte zéro : l'octet vient du navigateur lui-même.
        reseau.on("Network.loadingFinished", lambda fin: self._ajouter(fin["encodedDataLength"]))

    def _ajouter(self, octets):
        self.octets += int(octets)

    def relever(self):
        """Les octets reçus depuis le dernier relevé."""
        octets, self.octets = self.octets, 0
        return octets


def peser(visiteur, fiche, adresse):
    """(première visite, visite suivante, hôtes étrangers) : le cache est vide, puis celui que la première a laissé."""
    entree = visiteur.entree(fiche.compte) if fiche.compte != "-" else None
    # Sans le veilleur hors ligne : ce qu'il demande lui-même échapperait à la balance.
    contexte = visiteur.navigateur.new_context(
        locale="fr-FR", viewport=TELEPHONE, storage_state=entree, service_workers="block"
    )
    try:
        page = contexte.new_page()
        balance, poids = Balance(page, visiteur.racine), []
        for _visite in range(2):
            page.goto(adresse, wait_until="networkidle")
            poids.append(balance.relever())
            page.goto("about:blank")  # une adresse à ancre ne se recharge pas depuis elle-même
    finally:
        contexte.close()
    return *poids, sorted(balance.dehors)


def fautes_de_poids(premiere, suivante, dehors):
    """Les cibles de poids manquées, en phrases."""
    fautes = [f"première visite de {premiere} octets (au plus {PREMIERE})"] if premiere > PREMIERE else []
    fautes += [f"visite suivante de {suivante} octets (au plus {SUIVANTE})"] if suivante > SUIVANTE else []
    return fautes + [f"demande à un autre hôte : {adresse}" for adresse in dehors]


def fautes_html(dossier):
    """{nom de page: fautes} des documents rangés dans ce dossier, par le vérificateur Nu."""
    documents = sorted(Path(dossier).glob("*.html"))
    commande = ["java", "-Xmx512m", "-jar", str(VNU), "--format", "json", "--stdout", "--exit-zero-always"]
    fait = subprocess.run([*commande, *map(str, documents)], capture_output=True, text=True)
    try:
        messages = json.loads(fait.stdout)["messages"]
    except (ValueError, KeyError):
        raise Panne(f"le vérificateur HTML n'a pas répondu : {fait.stderr.strip()[-300:] or 'sans message'}") from None
    fautes = {document.stem: [] for document in documents}
    for message in messages:
        if message["type"] == "non-document-error":
            raise Panne(f"le vérificateur HTML s'est arrêté : {message['message']}")
        if message["type"] == "error" or message.get("subType") == "warning":
            fautes[Path(message["url"]).stem].append(_phrase(message))
    return fautes


def _phrase(message):
    extrait = " ".join(message.get("extract", "").split())[-100:]
    return f"HTML ligne {message.get('lastLine', '?')} : {message['message']} ({extrait})"
