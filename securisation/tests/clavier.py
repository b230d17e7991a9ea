"""Le clavier seul : avancer à la touche Tab, et vérifier à chaque arrêt que le focus se voit, suit la page et ne se perd pas."""

import pytest

# Ce que voit la personne à cet arrêt : où est l'élément, ce qui le recouvre, son contour et le fond autour de lui.
ARRET = """async () => {
  await new Promise((suite) => requestAnimationFrame(() => requestAnimationFrame(suite))); /* la page a défilé */
  const e = document.activeElement, avant = window.arretPrecedent;
  if (!e || e === document.body) { window.arretPrecedent = null; return null; }
  const cadre = e.getBoundingClientRect(), style = getComputedStyle(e);
  const x = (Math.max(cadre.left, 0) + Math.min(cadre.right, innerWidth)) / 2;
  const y = (Math.max(cadre.top, 0) + Math.min(cadre.bottom, innerHeight)) / 2;
  const dessus = document.elementFromPoint(x, y);
  let fond = e.parentElement;
  while (fond && /rgba\\(.*, 0\\)/.test(getComputedStyle(fond).backgroundColor)) fond = fond.parentElement;
  window.arretPrecedent = e;
  return {
    nom: (e.getAttribute("aria-label") || e.labels?.[0]?.innerText || e.innerText || e.name || e.tagName).trim().slice(0, 80),
    taille: [cadre.width, cadre.height],
    a_l_ecran: cadre.bottom > 0 && cadre.top < innerHeight && cadre.right > 0 && cadre.left < innerWidth,
    recouvert: !(dessus && (e.contains(dessus) || dessus.contains(e) || e.labels?.[0]?.contains(dessus))),
    contour: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    trait: style.outlineColor,
    fond: fond ? getComputedStyle(fond).backgroundColor : "rgb(255, 255, 255)",
    suit: !avant || !avant.isConnected || Boolean(avant.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING),
  };
}"""
COUPS = 90  # au-delà, l'élément ne s'atteint pas
CONTOUR, CONTRASTE = 2, 3  # points ; rapport (WCAG 2.2, 1.4.11 et 2.4.13)


def _clarte(couleur):
    """Luminance relative d'une couleur « rgb(r, g, b) » calculée par le navigateur (WCAG)."""
    canaux = [int(canal) / 255 for canal in couleur[couleur.index("(") + 1 : -1].split(",")[:3]]
    lineaires = [canal / 12.92 if canal <= 0.04045 else ((canal + 0.055) / 1.055) ** 2.4 for canal in canaux]
    return sum(part * canal for part, canal in zip((0.2126, 0.7152, 0.0722), lineaires, strict=True))


def contraste(une, autre):
    """Rapport de contraste de deux couleurs, de 1 à 21."""
    sombre, clair = sorted((_clarte(une), _clarte(autre)))
    return (clair + 0.05) / (sombre + 0.05)


class Clavier:
    """Une page tenue au clavier seul ; chaque arrêt du focus est constaté."""

    def __init__(self, page):
        self.page, self.arrets = page, 0

    def tab(self, touche="Tab"):
        """Un coup de Tab ; rend l'arrêt constaté, None quand le focus sort de la page."""
        self.page.keyboard.press(touche)
        arret = self.page.evaluate(ARRET)
        if arret is not None:
            self.arrets += 1
            constater_le_focus(arret)
        return arret

    def atteindre(self, cible, *, coups=COUPS):
        """Avance jusqu'à cet élément (un choix CSS ou un repère de page), dans l'ordre de la page ; échoue s'il ne s'atteint pas."""
        cible = self.page.locator(cible) if isinstance(cible, str) else cible
        for _ in range(coups):
            arret = self.tab()
            if arret is not None:
                assert arret["suit"], f"le focus remonte dans la page à « {arret['nom']} »"
            if cible.evaluate_all("tous => tous.includes(document.activeElement)"):
                return self
        return pytest.fail(f"{cible} ne s'atteint pas au clavier")

    def lien(self, nom):
        """Atteint ce lien et l'ouvre."""
        return self.atteindre(self.page.get_by_role("link", name=nom)).presser("Enter")

    def bouton(self, nom, touche="Enter"):
        """Atteint ce bouton et le presse."""
        return self.atteindre(self.page.get_by_role("button", name=nom)).presser(touche)

    def ecrire(self, nom, texte):
        """Atteint le champ de ce nom et y tape ce texte à la place de ce qu'il contient."""
        self.atteindre(f"[name={nom}]:not([type=hidden])").presser("ControlOrMeta+a")
        self.page.keyboard.type(texte)
        return self

    def presser(self, touche):
        """Presse une touche là où l'on est."""
        self.page.keyboard.press(touche)
        return self

    def faire_le_tour(self):
        """Tabule d'un bout à l'autre : rend les arrêts dans l'ordre ; échoue si le focus est piégé ou remonte."""
        self.page.evaluate("document.activeElement.blur(); window.arretPrecedent = null")
        vus = []
        for _ in range(3 * COUPS):
            arret = self.tab()
            if arret is None or not arret["suit"]:  # sorti, ou revenu au début
                return vus
            vus.append(arret["nom"])
        return pytest.fail(f"le focus ne sort pas de la page : {vus[-5:]}")


def constater_le_focus(arret):
    """Le focus se voit : à l'écran, sous rien, entouré d'un trait assez épais et assez contrasté."""
    nom = arret["nom"]
    assert min(arret["taille"]) > 1, f"« {nom} » prend le focus sans se voir"
    assert arret["a_l_ecran"] and not arret["recouvert"], f"« {nom} » prend le focus hors de la vue"
    assert arret["contour"] >= CONTOUR, f"« {nom} » prend le focus sans contour"
    assert contraste(arret["trait"], arret["fond"]) >= CONTRASTE, f"le contour de « {nom} » se confond avec le fond"
