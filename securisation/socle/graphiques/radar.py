"""Toile d'araignée."""

import math

from securisation.socle.graphiques.mesures import couper, texte

AVANT, APRES = "#b86e00", "#0f5b5e"
SIGNES = 15  # par ligne de libellé


def radar(axes, series, maxi=4, largeur=372, hauteur=304, rayon=106):
    """Toile d'araignée de 0 (centre) à `maxi` (bord).

    `axes` : libellés. `series` : dictionnaires {nom, valeurs, couleur?, creux?} ; `creux` dessine en pointillé à
    marqueurs vides ; une valeur None n'a pas de marqueur et ouvre le tracé.
    """
    if len(axes) < 3:
        raise ValueError("Un radar demande au moins trois axes.")
    n = len(axes)
    largeur = max(largeur, 2 * math.ceil(max(_portee(libelle, i, n, rayon) for i, libelle in enumerate(axes))))
    cx, cy = largeur / 2, hauteur / 2

    def point(i, v):
        angle = -math.pi / 2 + 2 * math.pi * i / n
        return cx + rayon * v / maxi * math.cos(angle), cy + rayon * v / maxi * math.sin(angle)

    def suite(points):
        return " ".join(f"{texte(x)},{texte(y)}" for x, y in points)

    return {
        "largeur": largeur,
        "hauteur": hauteur,
        "cx": texte(cx),
        "cy": texte(cy),
        "anneaux": [{"points": suite(point(i, v) for i in range(n))} for v in range(1, maxi + 1)],
        "rayons": [{"x": texte(x), "y": texte(y)} for x, y in (point(i, maxi) for i in range(n))],
        "etiquettes": [_etiquette(libelle, i, n, cx, cy, rayon) for i, libelle in enumerate(axes)],
        "series": [_serie(serie, rang, point, suite, maxi) for rang, serie in enumerate(series)],
        "graduations": [_graduation(v, point(n - 1, v), point(0, v)) for v in range(1, maxi + 1)],
    }


def _graduation(v, dernier, premier):
    """Chiffre au milieu de l'arête entre le dernier et le premier axe : jamais sous un marqueur."""
    return {"x": texte((dernier[0] + premier[0]) / 2), "y": texte((dernier[1] + premier[1]) / 2 + 4), "v": v}


def _portee(libelle, i, n, rayon):
    """Distance du centre au bout d'un libellé : l'image s'élargit pour qu'aucun ne soit rogné."""
    cosinus = abs(math.cos(-math.pi / 2 + 2 * math.pi * i / n))
    large = 7.6 * max(map(len, couper(libelle, SIGNES)))
    return large / 2 if cosinus < 0.1 else (rayon + 16) * cosinus + large


def _etiquette(libelle, i, n, cx, cy, rayon):
    """Libellé d'un axe, coupé en lignes et tenu hors de la toile."""
    angle = -math.pi / 2 + 2 * math.pi * i / n
    x, y = cx + (rayon + 16) * math.cos(angle), cy + (rayon + 16) * math.sin(angle)
    ancre = "middle" if abs(math.cos(angle)) < 0.1 else ("start" if math.cos(angle) > 0 else "end")
    lignes = couper(libelle, SIGNES)
    haut, bas = math.sin(angle) < -0.9, math.sin(angle) > 0.9
    y += -16 * (len(lignes) - 1) if haut else 12 if bas else 5 - 8 * (len(lignes) - 1)
    return {"ancre": ancre, "lignes": [{"x": texte(x), "y": texte(y + 16 * k), "t": t} for k, t in enumerate(lignes)]}


def _serie(serie, rang, point, suite, maxi):
    """Tracé d'une série : contour fermé si toutes les valeurs sont connues, sinon morceaux ouverts."""
    creux = serie.get("creux", False)
    couleur = serie.get("couleur") or (AVANT if creux else APRES)
    valeurs = [None if v is None else min(max(v, 0), maxi) for v in serie["valeurs"]]
    points = [None if v is None else point(i, v) for i, v in enumerate(valeurs)]
    complet = all(points)
    morceaux = [[points[i - 1], p] for i, p in enumerate(points) if p and points[i - 1]]
    return {
        "nom": serie["nom"],
        "couleur": couleur,
        "creux": creux,
        "contour": suite(points) if complet else "",
        "morceaux": [] if complet else [suite(m) for m in morceaux],
        "marqueurs": [{"x": texte(p[0]), "y": texte(p[1])} for p in points if p],
        "rang": rang,
    }
