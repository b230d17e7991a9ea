"""Image d'un enchaînement : boîtes reliées par des flèches, à partir de nœuds et d'arêtes.

Graphviz place les boîtes quand il est installé ; sinon la disposition en couches du socle. Le dessin est le nôtre dans
les deux cas, et aucun nom de nœud venu d'une saisie ne sort vers Graphviz.
"""

import itertools
import shutil
import subprocess

from securisation.socle.graphiques.couches import disposer
from securisation.socle.graphiques.mesures import couper, texte

LIMITE = 12
TONS = {
    "neutre": {"fond": "#ffffff", "trait": "#7b878a", "encre": "#4d5d62", "tirets": ""},
    "alerte": {"fond": "#fff3dc", "trait": "#b86e00", "encre": "#8a5200", "tirets": ""},
    "ok": {"fond": "#e6f2e8", "trait": "#22663b", "encre": "#22663b", "tirets": ""},
    "vide": {"fond": "#ffffff", "trait": "#6f7c80", "encre": "#4d5d62", "tirets": "4 3"},
}
LARGE, HAUT, MARGE, SIGNES = 158, 58, 6, 20
ENTRE = {"TB": (30, 34), "LR": (20, 36)}  # entre voisins d'une couche, entre couches


def domino(noeuds, aretes, sens="TB", graphviz=None):
    """Géométrie d'un enchaînement d'au plus douze nœuds.

    `noeuds` : {cle, titre, sous?, ton?} dans l'ordre de la vie ; `aretes` : couples de clés. `sens` : TB (vers le bas),
    LR (vers la droite) ou auto (LR jusqu'à quatre couches). `omis` compte les nœuds au-delà de la limite.
    """
    gardes = noeuds[:LIMITE]
    cles = {noeud["cle"]: i for i, noeud in enumerate(gardes)}
    liens = [(cles[a], cles[b]) for a, b in aretes if a in cles and b in cles]
    rangs = list(range(len(gardes)))
    if graphviz is None:
        graphviz = shutil.which("dot")
    if sens == "auto":
        sens = "LR" if max(disposer(rangs, liens)[0].values(), default=0) < 4 else "TB"
    rendu = _par_graphviz(graphviz, rangs, liens, sens) or _par_couches(rangs, liens, sens)
    centres, traces, (largeur, hauteur) = rendu
    boites = [_boite(noeud, *centres[i]) for i, noeud in enumerate(gardes)]
    return {
        "largeur": texte(largeur),
        "hauteur": texte(hauteur),
        "large": largeur > 360,
        "sens": sens,
        "noeuds": boites,
        "aretes": [{"d": d} for d in traces],
        "omis": len(noeuds) - len(gardes),
    }


def _boite(noeud, x, y):
    """Une boîte : titre sur deux lignes au plus, sous-titre sur une."""
    lignes, sous = couper(noeud["titre"], SIGNES, 2), couper(noeud.get("sous") or "", SIGNES + 3, 1)[0]
    total = len(lignes) + bool(sous)
    depart = y - 8.5 * (total - 1) + 5
    return TONS[noeud.get("ton") or "neutre"] | {
        "x": texte(x - LARGE / 2),
        "y": texte(y - HAUT / 2),
        "l": LARGE,
        "h": HAUT,
        "lignes": [{"x": texte(x), "y": texte(depart + 17 * i), "t": t} for i, t in enumerate(lignes)],
        "sous": {"x": texte(x), "y": texte(depart + 17 * len(lignes)), "t": sous} if sous else None,
    }


# ---------------------------------------------------------------- disposition maison


def _par_couches(rangs, liens, sens):
    """Centres des boîtes et tracés des flèches par la disposition en couches."""
    entre, couches = ENTRE[sens]
    travers, long = (LARGE, HAUT) if sens == "TB" else (HAUT, LARGE)
    couche, place, chemins = disposer(rangs, liens, travers, entre)

    def point(n):
        a, b = place[n] + MARGE, couche[n] * (long + couches) + long / 2 + MARGE
        return (a, b) if sens == "TB" else (b, a)

    ports = _ports(chemins, place, travers)
    traces = [_trace(*chemin, *port, point, sens, long / 2) for chemin, port in zip(chemins, ports, strict=True)]
    bouts = [point(n) for n in place] or [(0, 0)]
    taille = max(x for x, _ in bouts) + LARGE / 2 + MARGE, max(y for _, y in bouts) + HAUT / 2 + MARGE
    return {n: point(n) for n in rangs}, traces, taille


def _ports(chemins, place, travers):
    """Décalages (départ, arrivée) de chaque flèche sur le bord de ses boîtes : plusieurs ne se confondent pas."""
    bouts = {}
    for k, (chemin, _) in enumerate(chemins):
        bouts.setdefault((chemin[0], "bas"), []).append((place[chemin[1]], k))
        bouts.setdefault((chemin[-1], "haut"), []).append((place[chemin[-2]], k))
    ports = {}
    for (_, cote), fleches in bouts.items():
        pas = min(travers / (len(fleches) + 1), travers / 5)
        for i, (_, k) in enumerate(sorted(fleches)):
            ports[k, cote] = (i - (len(fleches) - 1) / 2) * pas
    return [(ports[k, "bas"], ports[k, "haut"]) for k in range(len(chemins))]


def _trace(chemin, retour, depart, arrivee, point, sens, demi):
    """Courbe d'un bord à l'autre en passant par les relais ; une arête retournée est tracée à rebours."""
    points = [_bord(point(chemin[0]), demi, depart, sens)]
    for relais in chemin[1:-1]:
        points += [_bord(point(relais), -demi, 0, sens), _bord(point(relais), demi, 0, sens)]
    points.append(_bord(point(chemin[-1]), -demi, arrivee, sens))
    points = points[::-1] if retour else points
    d = f"M{texte(points[0][0])},{texte(points[0][1])}"
    for (x1, y1), (x2, y2) in itertools.pairwise(points):
        mx, my = (x1 + x2) / 2, (y1 + y2) / 2
        courbe = ((x1, my), (x2, my), (x2, y2)) if sens == "TB" else ((mx, y1), (mx, y2), (x2, y2))
        d += " C" + " ".join(f"{texte(x)},{texte(y)}" for x, y in courbe)
    return d


def _bord(centre, demi, decalage, sens):
    x, y = centre
    return (x + decalage, y + demi) if sens == "TB" else (x + demi, y + decalage)


# ---------------------------------------------------------------- Graphviz


def _par_graphviz(commande, rangs, liens, sens):
    """Même rendu par `dot -Tplain` ; None si la commande manque, échoue ou tarde."""
    if not commande or not rangs:
        return None
    taille = f"width={LARGE / 72:.3f} height={HAUT / 72:.3f}"
    source = [f"digraph{{graph[rankdir={sens} nodesep=.3 ranksep=.45] node[shape=box {taille} fixedsize=true]"]
    source += [f"n{i};" for i in rangs] + [f"n{a}->n{b};" for a, b in liens if a != b] + ["}"]
    try:
        sortie = subprocess.run(
            [commande, "-Tplain"], input="\n".join(source), capture_output=True, text=True, timeout=5, check=True
        ).stdout
        return _lire_plain(sortie)
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None


def _lire_plain(sortie):
    """Centres et tracés lus dans la sortie « plain » : pouces, origine en bas à gauche."""
    centres, traces, largeur, hauteur = {}, [], 0.0, 0.0
    for ligne in sortie.splitlines():
        mots = ligne.split()
        if mots[0] == "graph":
            largeur, hauteur = float(mots[2]) * 72, float(mots[3]) * 72
        elif mots[0] == "node":
            centres[int(mots[1][1:])] = (float(mots[2]) * 72 + MARGE, hauteur - float(mots[3]) * 72 + MARGE)
        elif mots[0] == "edge":
            valeurs = [float(m) * 72 for m in mots[4 : 4 + 2 * int(mots[3])]]
            couples = zip(valeurs[::2], valeurs[1::2], strict=True)
            points = [f"{texte(x + MARGE)},{texte(hauteur - y + MARGE)}" for x, y in couples]
            courbes = (" ".join(points[i : i + 3]) for i in range(1, len(points) - 2, 3))
            traces.append(f"M{points[0]}" + "".join(f" C{courbe}" for courbe in courbes))
    return centres, traces, (largeur + 2 * MARGE, hauteur + 2 * MARGE)
