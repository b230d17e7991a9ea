"""Textes et nombres communs aux graphiques."""

MOIS = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]


def texte(x):
    """Nombre court à point décimal : 12.0 donne « 12 », 12.34 donne « 12.3 »."""
    court = f"{x:.1f}".rstrip("0").rstrip(".")
    return "0" if court == "-0" else court


def _morceaux(libelle, largeur):
    """Les mots du libellé ; un mot trop long est coupé au trait d'union, vers son milieu."""
    for mot in str(libelle).split():
        while len(mot) > largeur:
            coupe = max(min(largeur - 1, (len(mot) + 3) // 2), 1)
            yield mot[:coupe] + "-"
            mot = mot[coupe:]
        yield mot


def couper(libelle, largeur, lignes=3):
    """Découpe un libellé en lignes d'au plus `largeur` signes ; la dernière finit par « … » quand tout n'entre pas."""
    rendu = [""]
    for mot in _morceaux(libelle, largeur):
        if rendu[-1] and len(rendu[-1]) + 1 + len(mot) > largeur:
            rendu.append(mot)
        else:
            rendu[-1] = (rendu[-1] + " " + mot).strip()
    if len(rendu) <= lignes:
        return rendu
    fin = rendu[lignes - 1]
    return [*rendu[: lignes - 1], (fin if len(fin) < largeur else fin[: largeur - 1]) + "…"]


def jour_court(jour):
    """« 15 sept. »."""
    return f"{'1er' if jour.day == 1 else jour.day} {MOIS[jour.month - 1]}"
