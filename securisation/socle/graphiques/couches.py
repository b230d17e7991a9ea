"""Disposition en couches d'un petit graphe orienté (une douzaine de nœuds), sans dépendance.

Cycles ouverts, couches par plus long chemin, ordre par barycentres, places par moindres carrés dans chaque couche.
Déterministe : le même graphe donne toujours le même dessin.
"""

import itertools
from collections import defaultdict

RELAIS = 18  # épaisseur laissée au passage d'une flèche


def ouvrir_cycles(noeuds, aretes):
    """Arêtes sans cycle : celles qui refermeraient une boucle sont retournées. Rend (de, vers, retournee)."""
    sortants = defaultdict(list)
    for de, vers in aretes:
        sortants[de].append(vers)
    etat, rendu = {}, []

    def visiter(n):
        etat[n] = "ouvert"
        for vers in sortants[n]:
            retour = etat.get(vers) == "ouvert"
            rendu.append((vers, n, True) if retour else (n, vers, False))
            if vers not in etat:
                visiter(vers)
        etat[n] = "fini"

    for n in noeuds:
        if n not in etat:
            visiter(n)
    return rendu


def etager(noeuds, aretes):
    """Couche de chaque nœud : une de plus que son plus profond prédécesseur ; une source rejoint son premier effet."""
    avant, apres = defaultdict(list), defaultdict(list)
    for de, vers, _ in aretes:
        avant[vers].append(de)
        apres[de].append(vers)
    couche = {}

    def profondeur(n):
        if n not in couche:
            couche[n] = max((profondeur(p) + 1 for p in avant[n]), default=0)
        return couche[n]

    for n in noeuds:
        profondeur(n)
    for n in noeuds:
        if not avant[n] and apres[n]:
            couche[n] = min(couche[s] for s in apres[n]) - 1
    return couche


def relayer(noeuds, aretes, couche):
    """Couches ordonnées, avec un relais par couche traversée ; rend (couches, chemins, voisins)."""
    couches = [[] for _ in range(max(couche.values(), default=0) + 1)]
    for n in noeuds:
        couches[couche[n]].append(n)
    chemins, voisins = [], defaultdict(set)
    for de, vers, retournee in aretes:
        chemin = [de]
        for c in range(couche[de] + 1, couche[vers]):
            relais = (de, vers, c)
            couches[c].append(relais)
            couche[relais] = c
            chemin.append(relais)
        chemin.append(vers)
        for a, b in itertools.pairwise(chemin):
            voisins[a].add(b)
            voisins[b].add(a)
        chemins.append((chemin, retournee))
    return couches, chemins, voisins


def croisements(couches, voisins):
    """Nombre de croisements entre couches voisines."""
    total = 0
    for haut, bas in itertools.pairwise(couches):
        rang = {n: i for i, n in enumerate(bas)}
        liens = [(i, rang[v]) for i, n in enumerate(haut) for v in voisins[n] if v in rang]
        total += sum((a - c) * (b - d) < 0 for k, (a, b) in enumerate(liens) for c, d in liens[:k])
    return total


def ordonner(couches, voisins, passes=12):
    """Ordre dans chaque couche : barycentres descendants puis montants, le meilleur est gardé."""
    meilleur, score = [list(c) for c in couches], croisements(couches, voisins)
    courant = [list(c) for c in couches]
    for passe in range(passes):
        indices = range(1, len(courant)) if passe % 2 == 0 else range(len(courant) - 2, -1, -1)
        for i in indices:
            fixe = {n: k for k, n in enumerate(courant[i - 1 if passe % 2 == 0 else i + 1])}
            poids = {}
            for k, n in enumerate(courant[i]):
                places = [fixe[v] for v in voisins[n] if v in fixe]
                poids[n] = sum(places) / len(places) if places else k
            courant[i].sort(key=poids.get)
        if (c := croisements(courant, voisins)) < score:
            meilleur, score = [list(c) for c in courant], c
    return meilleur


def ecarter(voulus, ecarts):
    """Places au plus près des places voulues, la i-ième à `ecarts[i]` de la précédente ou plus (régression isotone)."""
    cumul = [sum(ecarts[1 : i + 1]) for i in range(len(voulus))]
    blocs = []
    for voulu, decalage in zip(voulus, cumul, strict=True):
        blocs.append([voulu - decalage, 1])
        while len(blocs) > 1 and blocs[-2][0] > blocs[-1][0]:
            (a, na), (b, nb) = blocs[-2], blocs.pop()
            blocs[-1] = [(a * na + b * nb) / (na + nb), na + nb]
    niveaux = [valeur for valeur, taille in blocs for _ in range(taille)]
    return [valeur + decalage for valeur, decalage in zip(niveaux, cumul, strict=True)]


def placer(couches, voisins, taille, entre, passes=24):
    """Centre de chaque nœud sur l'axe de sa couche ; le bord du premier est à 0."""
    demi = {n: (RELAIS if isinstance(n, tuple) else taille) / 2 for c in couches for n in c}
    ecarts = [[0, *(demi[a] + demi[b] + entre for a, b in itertools.pairwise(c))] for c in couches]
    place = {n: sum(e[: i + 1]) for c, e in zip(couches, ecarts, strict=True) for i, n in enumerate(c)}
    for passe in range(passes):
        paires = list(zip(couches, ecarts, strict=True))
        for couche, ecart in paires if passe % 2 == 0 else paires[::-1]:
            voulus = []
            for n in couche:
                autour = [place[v] for v in voisins[n]]
                voulus.append(sum(autour) / len(autour) if autour else place[n])
            place.update(zip(couche, ecarter(voulus, ecart), strict=True))
    origine = min((x - demi[n] for n, x in place.items()), default=0)
    return {n: x - origine for n, x in place.items()}


def disposer(noeuds, aretes, taille=1, entre=0):
    """Rend (couche par nœud, centre par nœud, chemins) ; un chemin est (points de passage, retourné)."""
    connus = set(noeuds)
    propres = [(a, b) for a, b in dict.fromkeys(map(tuple, aretes)) if a != b and a in connus and b in connus]
    ouvertes = ouvrir_cycles(noeuds, propres)
    couche = etager(noeuds, ouvertes)
    couches, chemins, voisins = relayer(noeuds, ouvertes, couche)
    return couche, placer(ordonner(couches, voisins), voisins, taille, entre), chemins
