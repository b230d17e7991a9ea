"""Ce qui a changé entre deux versions d'un diagnostic : niveaux, facteurs, mots, axe par axe ; jamais un total."""

from diagnostics.models import Diagnostic
from diagnostics.presentation import echelle
from securisation.annuaire.models.situation import lisible
from securisation.socle import graphiques
from securisation.socle.templatetags.jalon import compte, date_moyenne, en_lettres


def precedente(diagnostic):
    """La version figée juste avant celle-ci sur le même parcours, ou None."""
    versions = Diagnostic.objects.filter(parcours=diagnostic.parcours_id, rang__lt=diagnostic.rang)
    return versions.exclude(etat=Diagnostic.Etat.BROUILLON).order_by("-rang").first()


def depuis_la_precedente(diagnostic):
    """Tout le contexte de la page « Ce qui a changé » ; `avant` vaut None quand il n'y a rien à comparer."""
    avant = precedente(diagnostic)
    if avant is None:
        return {"avant": None}
    noms, sensible = echelle(), diagnostic.parcours.a_accord("SENSIBLE")
    anciennes = {e.axe_id: e for e in avant.par_axe()}
    axes = [_axe(anciennes.get(e.axe_id), e, noms, sensible) for e in diagnostic.par_axe()]
    return {
        "avant": avant,
        "axes": axes,
        "sensible": sensible,
        "colonnes": [titre_de(avant), titre_de(diagnostic)],
        "resume": resume(axes),
        "radar": _radar(avant, diagnostic, axes),
        "radar_dit": _radar_dit(axes),
    }


def titre_de(diagnostic):
    """« Version 1, 3 mars 2026 », ou « Version 2, en cours »."""
    quand = date_moyenne(diagnostic.valide_le) if diagnostic.valide_le else "en cours"
    return f"Version {diagnostic.rang}, {quand}"


def _axe(avant, apres, noms, sensible):
    """Un axe avant et après : cotes du professionnel et de la personne, facteurs, points d'appui, mots."""
    niveaux = [avant and avant.criticite, apres.criticite]
    ecart = niveaux[1] - niveaux[0] if None not in niveaux else None
    facteurs = _facteurs(avant, apres, sensible)
    appuis = _tri(avant.appuis if avant else [], apres.appuis)
    parole = [avant.parole if avant else "", apres.parole]
    personne = [_avis(avant, noms), _avis(apres, noms)]
    return {
        "nom": apres.axe.libelle,
        "code": apres.axe.code,
        "cotes": [{"valeur": n, "mot": noms[n].libelle if n is not None else ""} for n in niveaux],
        "ecart": ecart,
        "mot": mot_de_l_ecart(ecart),
        "personne": personne,
        "facteurs": facteurs,
        "appuis": appuis,
        "parole": parole,
        "change": bool(ecart) or personne[0] != personne[1] or parole[0] != parole[1] or _bouge(facteurs, appuis),
    }


def _bouge(*tris):
    return any(tri["ajoutes"] or tri["leves"] for tri in tris)


def mot_de_l_ecart(ecart):
    """« Un niveau de mieux », « Deux niveaux de plus », « Sans changement » : l'écart en toutes lettres."""
    if ecart is None:
        return "Pas comparable"
    if ecart == 0:
        return "Sans changement"
    nombre = en_lettres(abs(ecart)).capitalize()
    return f"{nombre} niveau{'x' if abs(ecart) > 1 else ''} de {'mieux' if ecart < 0 else 'plus'}"


def _avis(evaluation, noms):
    if evaluation is None or not evaluation.personne_entendue:
        return "Non coté"
    niveau = evaluation.criticite_de_la_personne
    return "Ne se prononce pas" if niveau is None else f"{niveau} · {noms[niveau].libelle}"


def _facteurs(avant, apres, sensible):
    """Facteurs ajoutés, levés, gardés, par leur nom ; sans accord, ce qui révèle la santé n'y est pas : le taire n'est pas le lever."""
    noms = []
    for evaluation in (avant, apres):
        retenus = [retenu.facteur for retenu in evaluation.facteurs.all()] if evaluation else []
        retenus = [facteur for facteur in retenus if sensible or not facteur.revele_la_sante]
        noms.append({facteur.code: lisible(facteur.libelle) for facteur in retenus})
    tri = _tri(noms[0], noms[1])
    connus = noms[0] | noms[1]
    return {sorte: [connus[code] for code in codes] for sorte, codes in tri.items()}


def _tri(avant, apres):
    return {
        "ajoutes": [x for x in apres if x not in avant],
        "leves": [x for x in avant if x not in apres],
        "gardes": [x for x in apres if x in avant],
    }


def resume(axes):
    """« 1 axe va mieux, 2 axes s'aggravent, 2 axes gardent leur niveau. » ; les axes comptés, jamais leurs niveaux."""
    sortes = [
        (sum(a["ecart"] is not None and a["ecart"] < 0 for a in axes), "va mieux", "vont mieux"),
        (sum(a["ecart"] is not None and a["ecart"] > 0 for a in axes), "s’aggrave", "s’aggravent"),
        (sum(a["ecart"] == 0 for a in axes), "garde son niveau", "gardent leur niveau"),
        (sum(a["ecart"] is None for a in axes), "ne se compare pas", "ne se comparent pas"),
    ]
    dits = [f"{compte(n, 'axe,axes')} {un if n == 1 else plusieurs}" for n, un, plusieurs in sortes if n]
    return f"{', '.join(dits)}."


def _radar(avant, apres, axes):
    series = [
        {"nom": titre_de(avant), "valeurs": [a["cotes"][0]["valeur"] for a in axes], "creux": True},
        {"nom": titre_de(apres), "valeurs": [a["cotes"][1]["valeur"] for a in axes]},
    ]
    return graphiques.radar([a["nom"] for a in axes], series)


def _radar_dit(axes):
    dits = ", ".join(f"{a['nom']} {_dit(a['cotes'][0])} puis {_dit(a['cotes'][1])}" for a in axes)
    return f"Niveaux avant, puis après, de 0 au centre à 4 au bord : {dits}. Mêmes valeurs au tableau."


def _dit(cote):
    return "non coté" if cote["valeur"] is None else cote["valeur"]
