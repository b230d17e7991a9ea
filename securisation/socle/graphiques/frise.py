"""Frise : plusieurs pistes de temps l'une sous l'autre."""

from datetime import date, timedelta

from securisation.socle.graphiques.mesures import MOIS, couper, jour_court, texte


def frise(debut, fin, lignes, aujourdhui=None, largeur=658, marge=150, pas=19):
    """Lignes de temps superposées, mois en tête, à largeur fixe (PDF et écran large).

    `lignes` : {libelle, fort?, vide?, segments: [{du, au, genre, texte?}], points: [{le, genre}]}.
    Genres de segment : plein, hachure, tirets, trait, retard, attente. Genres de point : debut, fin, attente, attendu, losange.
    """
    if fin <= debut:
        fin = debut + timedelta(days=1)
    droite, haut = 14, 30
    total = (fin - debut).days

    def x(jour):
        return marge + (largeur - marge - droite) * min(max((jour - debut).days / total, 0), 1)

    hauteur = haut + pas * len(lignes) + 8
    rendu = [_ligne(ligne, haut + pas * i, x, largeur) for i, ligne in enumerate(lignes)]
    trait = aujourdhui and {"x": texte(x(aujourdhui)), "t": jour_court(aujourdhui), "ancre": "middle"}
    ecrite = aujourdhui and (x(aujourdhui) - 24, x(aujourdhui) + 24)
    if trait and x(aujourdhui) > largeur - 60:
        trait |= {"ancre": "end", "tx": str(largeur)}
        ecrite = (largeur - 48, largeur)
    return {
        "largeur": largeur,
        "hauteur": hauteur,
        "bas": hauteur - 4,
        "marge": marge,
        "droite": largeur - droite,
        "mois": _mois(debut, fin, x, ecrite),
        "lignes": rendu,
        "aujourdhui": trait,
    }


def _mois(debut, fin, x, ecrite):
    """Premier jour de chaque mois ; le nom n'est écrit que s'il a la place et ne touche pas la date du jour (`ecrite`, ses bords)."""
    rendu, jour, annee = [], date(debut.year, debut.month, 1), None
    while jour <= fin:
        suivant = date(jour.year + jour.month // 12, jour.month % 12 + 1, 1)
        gauche, bord = x(max(jour, debut)), x(min(suivant, fin))
        nom = f"{MOIS[jour.month - 1]} {jour.year}" if jour.year != annee else MOIS[jour.month - 1]
        touche = ecrite and gauche + 4 < ecrite[1] and gauche + 4 + 6.2 * len(nom) > ecrite[0]
        lisible = bord - gauche > 6.2 * len(nom) + 4 and not touche
        annee = jour.year if lisible else annee
        rendu.append({"x": texte(gauche), "tx": texte(gauche + 4), "t": nom if lisible else "", "trait": jour > debut})
        jour = suivant
    return rendu


def _ligne(ligne, y, x, largeur):
    """Une piste : ses segments, ses points, ou le mot qui dit qu'elle est vide."""
    segments = [_segment(s, x, largeur) for s in ligne.get("segments", ())]
    points = [{"genre": p["genre"], "x": texte(x(p["le"]))} for p in ligne.get("points", ())]
    return {
        "y": y,
        "texte_y": texte(y + 11.5),
        "axe_y": texte(y + 7.5),
        "t": couper(ligne["libelle"], 24, 1)[0],
        "fort": ligne.get("fort", False),
        "vide": "" if segments or points else ligne.get("vide", "Aucune"),
        "segments": segments,
        "points": points,
    }


def _segment(segment, x, largeur):
    """Un morceau de piste ; son texte va dedans s'il tient sur un fond plein, sinon à droite, sinon à gauche."""
    gauche, mot = x(segment["du"]), segment.get("texte", "")
    longueur = max(x(segment["au"]) - gauche, 2)
    place = 6.2 * len(mot) + 12
    dedans = longueur > place and segment["genre"] == "plein"
    a_droite = gauche + longueur + place < largeur
    tx, ancre = (
        (gauche + 8, "start") if dedans else (gauche + longueur + 6, "start") if a_droite else (gauche - 6, "end")
    )
    return {
        "genre": segment["genre"],
        "x": texte(gauche),
        "l": texte(longueur),
        "x2": texte(gauche + longueur),
        "t": mot,
        "dedans": dedans,
        "tx": texte(tx),
        "ancre": ancre,
    }
