"""La même page sous d'autres formes : petites largeurs, zoom, textes espacés, mouvement réduit, contraste forcé, impression."""

LARGEURS = (1280, 768, 390, 320)
# Ce que WCAG 1.4.12 demande de supporter.
ESPACEMENT = """() => {
  const feuille = new CSSStyleSheet();
  feuille.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
    p { margin-bottom: 2em !important; }`);
  document.adoptedStyleSheets.push(feuille);
}"""
SANS_ESPACEMENT = "() => { document.adoptedStyleSheets = []; }"
DEBORDE = """() => {
  const large = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= large) return "";
  const fautif = [...document.querySelectorAll("body *")].find((e) => {
    const cadre = e.getBoundingClientRect();
    return cadre.width && cadre.right > large + 1 && !e.closest(".visually-hidden");
  });
  return fautif ? fautif.outerHTML.slice(0, 120) : "un élément inconnu";
}"""
TRONQUE = """() => [...document.querySelectorAll("main button, main a.btn, main label, main h1, main h2, main .tag")]
  .filter((e) => e.offsetParent && !e.closest(".visually-hidden") && getComputedStyle(e).overflow !== "visible"
    && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1))
  .map((e) => e.outerHTML.slice(0, 120))"""
BOUGE = """() => [...document.querySelectorAll("*")].filter((e) => {
  const style = getComputedStyle(e);
  return parseFloat(style.animationDuration) > 0.01 && style.animationName !== "none" && style.animationIterationCount === "infinite";
}).map((e) => e.outerHTML.slice(0, 120))"""
INVISIBLE = """() => [...document.querySelectorAll("main button, main a.btn, main input:not([type=hidden])")]
  .filter((e) => e.offsetParent && !e.closest(".visually-hidden"))
  .filter((e) => { const s = getComputedStyle(e); return e.textContent.trim() && s.color === s.backgroundColor; })
  .map((e) => e.outerHTML.slice(0, 120))"""
IMPRIME = """() => [...document.querySelectorAll(".side, .sidecol, .topbar, .tabbar, .skip")].filter((e) =>
  getComputedStyle(e).display !== "none" && e.getBoundingClientRect().height > 1).map((e) => e.className)"""
RETOUR = """() => {
  const ici = location.pathname;
  const menu = document.querySelector(".side__nav a[aria-current], .tabbar a[aria-current]");
  const mene = [...document.querySelectorAll("main a[href], .side a[href], .topbar a[href], .entretien__haut a[href]")]
    .some((a) => new URL(a.href).origin === location.origin && new URL(a.href).pathname !== ici);
  return Boolean(menu || mene);
}"""


def fautes_de_forme(page):
    """Toutes les fautes de mise en page, en phrases ; la page est rendue à sa forme première."""
    largeur, hauteur = page.viewport_size["width"], page.viewport_size["height"]
    fautes = [*_structure(page), *_largeurs(page), *_espacement(page), *_reglages(page)]
    page.set_viewport_size({"width": largeur, "height": hauteur})
    return fautes


def _structure(page):
    titres = page.locator("h1").count()
    if titres != 1:
        yield f"{titres} titres h1"
    titre = page.title().removesuffix("– Jalon").strip()
    if not titre or titre == "Jalon":
        yield "page sans titre"
    if not page.evaluate(RETOUR):
        yield "aucun chemin de retour"


def _largeurs(page):
    # Un zoom de 200 % à 1280 points donne à la page 640 points.
    for large in (*LARGEURS, 640):
        page.set_viewport_size({"width": large, "height": 900})
        if element := page.evaluate(DEBORDE):
            yield f"déborde à {large} points : {element}"


def _espacement(page):
    page.evaluate(ESPACEMENT)
    for large in (1280, 390):
        page.set_viewport_size({"width": large, "height": 900})
        if element := page.evaluate(DEBORDE):
            yield f"déborde à {large} points, textes espacés : {element}"
        yield from (f"tronqué à {large} points, textes espacés : {e}" for e in page.evaluate(TRONQUE))
    page.evaluate(SANS_ESPACEMENT)


def _reglages(page):
    page.emulate_media(reduced_motion="reduce")
    yield from (f"bouge encore, mouvement réduit : {e}" for e in page.evaluate(BOUGE))
    page.emulate_media(reduced_motion="no-preference", forced_colors="active")
    yield from (f"illisible, contraste forcé : {e}" for e in page.evaluate(INVISIBLE))
    page.emulate_media(forced_colors="none", media="print")
    page.set_viewport_size({"width": 794, "height": 1123})  # une feuille A4
    yield from (f"imprimé pour rien : {e}" for e in page.evaluate(IMPRIME))
    if element := page.evaluate(DEBORDE):
        yield f"déborde de la feuille : {element}"
    page.emulate_media(media="screen")
