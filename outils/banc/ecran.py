"""L'écran d'un petit téléphone : ce que l'on attend de voir et de voir répondre, processeur ralenti quatre fois, à 1,6 Mbit/s."""

import statistics

from outils.qualite.mesures import reaction
from outils.qualite.navigateur import PATIENCE, TELEPHONE, chromium

PASSAGES = 5
RALENTI, OCTETS_PAR_SECONDE = 4, 200_000  # 1,6 Mbit/s ; sans latence ajoutée
REGARDEES = (
    "Mes parcours, intervenante",
    "Un parcours",
    "Recherche par nom, intervenante",
    "Historique, première page",
)
OBSERVER = """
window.__lcp = 0; window.__cls = 0;
new PerformanceObserver((l) => l.getEntries().forEach((e) => { window.__lcp = e.startTime; }))
  .observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((l) => l.getEntries().forEach((e) => { if (!e.hadRecentInput) window.__cls += e.value; }))
  .observe({ type: "layout-shift", buffered: true });
"""


def regarder(site):
    """{page: {lcp, inp (ms), cls, document, script (octets reçus)}} : médiane de cinq visites, cache vide à chacune."""
    choisies = [page for page in site.pages if page.nom in REGARDEES]
    with chromium() as navigateur:
        return {page.nom: _mediane([_visiter(navigateur, site, page) for _ in range(PASSAGES)]) for page in choisies}


def _mediane(visites):
    return {nom: statistics.median(visite[nom] for visite in visites) for nom in visites[0]}


def _visiter(navigateur, site, page):
    racine = f"http://127.0.0.1:{site.port}"
    contexte = navigateur.new_context(locale="fr-FR", viewport=TELEPHONE, service_workers="block")
    try:
        contexte.add_cookies([{"name": "jalon_session", "value": site.reperes["sessions"][page.qui], "url": racine}])
        onglet = contexte.new_page()
        onglet.set_default_timeout(PATIENCE)
        onglet.add_init_script(OBSERVER)
        recus = _ralentir(contexte.new_cdp_session(onglet))
        onglet.goto(racine + page.adresses[0], wait_until="networkidle")
        vus = {nom: onglet.evaluate(f"window.__{nom}") for nom in ("lcp", "cls")}
        return vus | {"inp": reaction(onglet), "document": recus["Document"], "script": recus["Script"]}
    finally:
        contexte.close()


def _ralentir(pilote):
    """Ralentit cet onglet ; rend {genre de ressource: octets reçus}, tenu à jour."""
    recus, genres = dict.fromkeys(("Document", "Script"), 0), {}
    pilote.send("Network.enable")
    pilote.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 0,
            "downloadThroughput": OCTETS_PAR_SECONDE,
            "uploadThroughput": OCTETS_PAR_SECONDE,
        },
    )
    pilote.send("Emulation.setCPUThrottlingRate", {"rate": RALENTI})
    pilote.on("Network.responseReceived", lambda e: genres.update({e["requestId"]: e["type"]}))

    def finir(e):
        genre = genres.get(e["requestId"])
        if genre in recus:
            recus[genre] += int(e["encodedDataLength"])

    pilote.on("Network.loadingFinished", finir)
    return recus


def ecrans(resultat):
    """Le tableau des écrans, en Markdown."""
    lignes = [
        "| Écran ralenti | plus grand élément (LCP, s) | plus lente réaction (INP, ms) | déplacement (CLS) | page (ko) | scripts (ko) |",
        "|" + "---|" * 6,
    ]
    for nom, vu in resultat["ecrans"].items():
        cases = [f"{vu['lcp'] / 1000:.2f}", f"{vu['inp']:.0f}", f"{vu['cls']:.3f}"]
        cases += [f"{vu[genre] / 1000:.1f}" for genre in ("document", "script")]
        lignes.append(f"| {nom} | " + " | ".join(case.replace(".", ",") for case in cases) + " |")
    return "\n".join(lignes)


def mesures_des_buts(resultat):
    """(but, mesure, tenu) du but 14, dans l'ordre de son texte."""
    vus = resultat["ecrans"]
    liste = vus[REGARDEES[0]]["document"]
    buts = [("lcp", "LCP ≤ 1,0 s", 1000, "{:.0f} ms"), ("inp", "INP ≤ 100 ms", 100, "{:.0f} ms")]
    buts += [("cls", "CLS ≤ 0,05", 0.05, "{:.3f}"), ("script", "scripts ≤ 50 ko", 50_000, "{:.0f} octets")]
    for nom, but, au_plus, forme in buts:
        pire = max(vus, key=lambda page: vus[page][nom])
        mesure = forme.format(vus[pire][nom]).replace(".", ",")
        yield but, f"{mesure} au pire ({pire.lower()})", vus[pire][nom] <= au_plus
    yield "liste ≤ 10 ko compressée", f"{liste:.0f} octets", liste <= 10_000
