"""Boîte de temps : une période bornée, ses jalons, ses suspensions, son terme."""

from securisation.socle.graphiques.mesures import jour_court, texte


def boite_de_temps(debut, terme, aujourdhui, jalons=(), suspensions=(), terme_initial=None):
    """Période bornée, en pourcentages de la largeur : le texte garde sa taille du téléphone au grand écran.

    `jalons` : {date, libelle, fait?} ; `suspensions` : couples (du, au), `au` None si elle court encore ;
    `terme_initial` : le terme d'avant prolongation. Après le terme, l'échelle va jusqu'à aujourd'hui.
    """
    if terme < debut:
        raise ValueError("Le terme précède le début.")
    fin = max(terme, aujourdhui)
    total = max((fin - debut).days, 1)

    def part(jour):
        return min(max(100 * (jour - debut).days / total, 0), 100)

    ici, borne = part(aujourdhui), part(terme)
    marques, rangs = _marques(jalons, part)
    base = 26 + 18 * rangs
    return {
        "hauteur": base + 48,
        "y": {"trait": base - 6, "piste": base, "milieu": base + 6, "bas": base + 20, "dates": base + 36},
        "marques": marques,
        "fait": texte(min(ici, borne)),
        "ici": texte(ici),
        "suspendu": [_bande(part(du), part(au or aujourdhui)) for du, au in suspensions],
        "prolonge": _bande(max(part(terme_initial), ici), borne) if terme_initial and ici < borne else None,
        "depasse": _bande(borne, 100) if aujourdhui > terme else None,
        "reperes": _reperes(debut, terme, ici, borne, jalons, part),
        **_jours(debut, terme, aujourdhui),
    }


def _jours(debut, terme, aujourdhui):
    """Jours restants (négatifs après le terme), au total, écoulés."""
    ecoule = (min(aujourdhui, terme) - debut).days
    return {
        "reste": (terme - aujourdhui).days,
        "total": (terme - debut).days,
        "ecoule": ecoule,
        "echu": aujourdhui > terme,
    }


def _bande(gauche, droite):
    """Morceau de piste, jamais invisible."""
    return {"x": texte(gauche), "l": texte(max(droite - gauche, 0.6))}


def _ancre(pourcent, marge=15):
    return "start" if pourcent < marge else "end" if pourcent > 100 - marge else "middle"


def _marques(jalons, part):
    """Jalons sur la piste ; deux libellés trop proches se superposent sur deux rangs."""
    rendu, dernier, rang, rangs = [], -100.0, 0, 1
    for jalon in sorted(jalons, key=lambda j: j["date"]):
        x = part(jalon["date"])
        rang = (rang + 1) % 2 if x - dernier < 45 else 0
        rangs, dernier = max(rangs, rang + 1), x
        rendu.append(
            {"x": texte(x), "ancre": _ancre(x), "rang": rang, "fait": jalon.get("fait", False), "t": jalon["libelle"]}
        )
    for marque in rendu:
        marque["y"] = 16 + 18 * (rangs - 1 - marque["rang"])
        marque["tx"] = {"start": "0", "end": "100"}.get(marque["ancre"], marque["x"])
    return rendu, rangs if rendu else 0


def _reperes(debut, terme, ici, borne, jalons, part):
    """Dates sous la piste, par importance ; `large` : seulement quand l'écran est large, pour ne rien superposer."""
    candidats = [(ici, "Aujourd’hui", True), (borne, jour_court(terme), False), (0.0, jour_court(debut), False)]
    candidats += [(part(j["date"]), jour_court(j["date"]), False) for j in jalons]
    poses, rendu = [], []
    for x, libelle, fort in candidats:
        ecart = min((abs(x - autre) for autre in poses), default=100)
        if ecart < 12:
            continue
        poses.append(x)
        rendu.append({"x": texte(x), "ancre": _ancre(x), "t": libelle, "fort": fort, "large": ecart < 30})
    return rendu
