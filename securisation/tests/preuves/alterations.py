"""Ce qu'un faussaire ferait d'un journal : chaque genre d'altération, sur un extrait en mémoire et dans la base, avec l'endroit attendu.

Le faussaire est le plus fort qui soit : il coupe les déclencheurs, récrit les têtes, refait les empreintes ; il n'a pas la clé des ancres.
"""

import copy
import hashlib
import json
import re

from outils.verifier_hors_ligne import dire
from securisation.parcours.models import Entourage
from securisation.socle import ancrage, extrait
from securisation.socle.journal import inscrire
from securisation.tests.distribution import admettre, construire_parcours

COLONNES = {"quand": 2, "fait_le": 3, "acteur": 4, "action": 5, "motif": 6, "modele": 7, "objet": 8}
SITUEE = re.compile(r"chaîne (-?\d+), maillon (\d+)")
ENTRE = re.compile(r"entre (\d+) et (\d+)")


def ouvrir_les_ancres(settings, dossier):
    """Un dossier d'ancres et une clé à soi."""
    settings.ANCRES, settings.CLE_ANCRES = dossier / "ancres", dossier / "cle.pem"
    ancrage.creer_cle()


def journal_ancre(awa, bruno, *, parcours=2):
    """Deux dossiers, leurs écritures et leurs lectures, ancrés à plusieurs moments ; rend leurs clés."""
    cles = []
    for rang in range(parcours):
        dossier = construire_parcours(awa, intervenant=bruno, nom=f"Personne {rang}")
        cles.append(dossier.pk)
        ancrage.ancrer()
        admettre(dossier, awa)
        inscrire("lecture", parcours=dossier, objet=dossier, par=bruno, page="synthese:parcours")
        inscrire("recherche", par=awa, termes="née à Laval « l'été »", numeros=[dossier.numero])
    ancrage.ancrer()
    Entourage(parcours=dossier).inscrire(par=awa, nom="Une proche", lien="sœur")
    inscrire("lecture", parcours=dossier, objet=dossier, par=awa, page="synthese:parcours")
    ancrage.ancrer()
    ancrage.ancrer()  # la dernière ancre atteste aussi l'inscription de l'avant-dernière
    return cles


def extraire_avant_l_inscription():
    """L'extrait juste après la dernière ancre, avant que le journal l'ait citée : chaque maillon a un témoin."""
    lignes = extraire()
    dernier = max(i for i, ligne in enumerate(lignes) if ligne.get("maillon", [None])[0] == 0)
    tete = next(i for i, ligne in enumerate(lignes) if ligne.get("tete", [None])[0] == 0)
    lignes[tete]["tete"][1:] = [lignes[dernier]["maillon"][1] - 1, lignes[dernier]["precedente"]]
    lignes[-1]["fin"]["maillons"] -= 1
    del lignes[dernier]
    return lignes


def extraire():
    """L'extrait, tel qu'il se relit d'un fichier."""
    return [json.loads(json.dumps(ligne, ensure_ascii=False)) for ligne in extrait.lignes()]


class Extrait:
    """Un extrait en mémoire, et de quoi l'altérer : chaque altération rend (lignes, chaîne, premier et dernier rang attendus)."""

    def __init__(self, lignes):
        self.lignes = lignes
        self.chaines = {}
        for place, ligne in enumerate(lignes):
            if "maillon" in ligne:
                self.chaines.setdefault(ligne["maillon"][0], []).append(place)
        self.tetes = {ligne["tete"][0]: place for place, ligne in enumerate(lignes) if "tete" in ligne}
        self.histoires = [place for place, ligne in enumerate(lignes) if "histoire" in ligne]
        self.cites = {}
        for ligne in lignes:
            charge = json.loads(ligne.get("charge") or "{}") if "maillon" in ligne else {}
            if "histoire" in charge:
                self.cites.setdefault((ligne["maillon"][7], charge["histoire"]), []).append(ligne["maillon"][:2])

    def tirer(self, des):
        """Une chaîne et un rang (à partir de 1), au sort."""
        chaine = des.choice(sorted(self.chaines))
        return chaine, des.randint(1, len(self.chaines[chaine]))

    def copie(self, *places):
        """Les lignes, celles de ces places copiées pour être changées sans toucher l'extrait."""
        lignes = list(self.lignes)
        for place in places:
            lignes[place] = copy.deepcopy(lignes[place])
        return lignes

    def place(self, chaine, rang):
        """Où est ce maillon."""
        return self.chaines[chaine][rang - 1]

    def rechainer(self, lignes, chaine, rang):
        """Refait, comme il se doit, les empreintes de la chaîne à partir de ce rang, et sa tête."""
        places = self.chaines[chaine]
        for i in range(rang - 1, len(places)):
            ligne = lignes[places[i]] = copy.deepcopy(lignes[places[i]])
            ligne["precedente"] = lignes[places[i - 1]]["empreinte"] if i else ""
            if ligne["sel"]:
                sceau = hashlib.sha256(bytes.fromhex(ligne["sel"]) + ligne["charge"].encode())
                ligne["empreinte_charge"] = sceau.hexdigest()
            hache = bytes.fromhex(ligne["precedente"]) + bytes.fromhex(ligne["empreinte_charge"])
            ligne["empreinte"] = hashlib.sha256(hache + dire(ligne["maillon"]).encode()).hexdigest()
        lignes[self.tetes[chaine]] = {"tete": [chaine, len(places), lignes[places[-1]]["empreinte"]]}
        return lignes


def autre(valeur, des):
    """Une autre valeur du même genre."""
    if valeur is None:
        return des.randint(1, 9)
    return valeur + des.choice((-1, 1)) if isinstance(valeur, int) else valeur + des.choice(("x", " ", "é", "0"))


def autre_hexa(texte, des):
    """La même empreinte, un chiffre changé."""
    if not texte:
        return "00"
    rang = des.randrange(len(texte))
    return texte[:rang] + des.choice([c for c in "0123456789abcdef" if c != texte[rang]]) + texte[rang + 1 :]


# -- en mémoire : chaque fonction « alterer_ » est un genre


def alterer_une_colonne(extrait, des):
    """Changer une colonne hachée d'un maillon."""
    chaine, rang = extrait.tirer(des)
    place = extrait.place(chaine, rang)
    lignes = extrait.copie(place)
    colonne = des.choice(list(COLONNES.values()))
    lignes[place]["maillon"][colonne] = autre(lignes[place]["maillon"][colonne], des)
    return lignes, chaine, rang, rang


def alterer_la_charge(extrait, des):
    """Changer le contenu d'un maillon, ou son sel."""
    chaine, rang = extrait.tirer(des)
    place = extrait.place(chaine, rang)
    lignes = extrait.copie(place)
    if des.random() < 0.5:
        lignes[place]["charge"] = lignes[place]["charge"][:-1] + ', "ajout": 1}'
    else:
        lignes[place]["sel"] = autre_hexa(lignes[place]["sel"], des)
    return lignes, chaine, rang, rang


def alterer_une_empreinte(extrait, des):
    """Changer une des trois empreintes d'un maillon."""
    chaine, rang = extrait.tirer(des)
    place = extrait.place(chaine, rang)
    lignes = extrait.copie(place)
    nom = des.choice(("empreinte_charge", "precedente", "empreinte"))
    lignes[place][nom] = autre_hexa(lignes[place][nom], des)
    return lignes, chaine, rang, rang


def alterer_le_rang(extrait, des):
    """Donner à un maillon un autre rang."""
    chaine, rang = extrait.tirer(des)
    place = extrait.place(chaine, rang)
    lignes = extrait.copie(place)
    lignes[place]["maillon"][1] += des.choice((-1, 1, 7))
    return lignes, chaine, rang - 1, rang + 7


def effacer_sans_le_dire(extrait, des):
    """Vider un contenu sans effacement inscrit."""
    chaine, rang = extrait.tirer(des)
    place = extrait.place(chaine, rang)
    lignes = extrait.copie(place)
    lignes[place] |= {"efface": True, "charge": '{"effacee": true}', "sel": None}
    return lignes, chaine, rang, rang


def supprimer_un_maillon(extrait, des):
    """Retirer un maillon du milieu ou du début."""
    chaine = des.choice([c for c, places in extrait.chaines.items() if len(places) > 1])
    rang = des.randint(1, len(extrait.chaines[chaine]) - 1)
    lignes = extrait.copie()
    del lignes[extrait.place(chaine, rang)]
    return lignes, chaine, rang, rang + 1


def doubler_un_maillon(extrait, des):
    """Inscrire deux fois le même maillon : une fourche."""
    chaine, rang = extrait.tirer(des)
    lignes = extrait.copie()
    lignes.insert(extrait.place(chaine, rang), lignes[extrait.place(chaine, rang)])
    return lignes, chaine, rang, rang


def echanger_deux_maillons(extrait, des):
    """Échanger ce que disent deux maillons de la même chaîne."""
    chaine = des.choice([c for c, places in extrait.chaines.items() if len(places) > 1])
    un, deux = sorted(des.sample(range(1, len(extrait.chaines[chaine]) + 1), 2))
    places = extrait.place(chaine, un), extrait.place(chaine, deux)
    lignes = extrait.copie(*places)
    lignes[places[0]], lignes[places[1]] = lignes[places[1]], lignes[places[0]]
    lignes[places[0]]["maillon"][1], lignes[places[1]]["maillon"][1] = un, deux
    return lignes, chaine, un, un


def echanger_entre_chaines(extrait, des):
    """Échanger deux maillons de chaînes différentes."""
    une, autre_chaine = sorted(des.sample(sorted(extrait.chaines), 2))
    rangs = des.randint(1, len(extrait.chaines[une])), des.randint(1, len(extrait.chaines[autre_chaine]))
    places = extrait.place(une, rangs[0]), extrait.place(autre_chaine, rangs[1])
    lignes = extrait.copie(*places)
    lignes[places[0]], lignes[places[1]] = lignes[places[1]], lignes[places[0]]
    lignes[places[0]]["maillon"][:2], lignes[places[1]]["maillon"][:2] = [une, rangs[0]], [autre_chaine, rangs[1]]
    return lignes, une, rangs[0], rangs[0]


def couper_la_fin(extrait, des):
    """Retirer les derniers maillons d'une chaîne."""
    chaine, rang = extrait.tirer(des)
    partis = set(extrait.chaines[chaine][rang - 1 :])
    return [ligne for place, ligne in enumerate(extrait.lignes) if place not in partis], chaine, rang - 1, rang


def couper_la_fin_et_la_tete(extrait, des):
    """Retirer les derniers maillons et récrire la tête : seule une ancre le dit."""
    lignes, chaine, _, rang = couper_la_fin(extrait, des)
    reste = [ligne for ligne in lignes if "maillon" in ligne and ligne["maillon"][0] == chaine]
    neuve = [{"tete": [chaine, rang - 1, reste[-1]["empreinte"]]}] if reste else []
    rang_de_la_tete = next(i for i, ligne in enumerate(lignes) if ligne.get("tete", [None])[0] == chaine)
    return lignes[:rang_de_la_tete] + neuve + lignes[rang_de_la_tete + 1 :], chaine, rang, rang


def rechainer_un_mensonge(extrait, des):
    """Changer un maillon puis refaire toutes les empreintes qui suivent, tête comprise : seule une ancre le dit."""
    chaine, rang = extrait.tirer(des)
    place = extrait.place(chaine, rang)
    lignes = extrait.copie(place)
    colonne = des.choice(["charge", *COLONNES])
    if colonne == "charge":
        lignes[place]["charge"] = lignes[place]["charge"][:-1] + ', "ajout": 1}'
    else:
        lignes[place]["maillon"][COLONNES[colonne]] = autre(lignes[place]["maillon"][COLONNES[colonne]], des)
    return extrait.rechainer(lignes, chaine, rang), chaine, rang, rang


def recrire_une_tete(extrait, des):
    """Changer, retirer ou inventer une tête."""
    chaine = des.choice(sorted(extrait.tetes))
    place, dernier = extrait.tetes[chaine], len(extrait.chaines[chaine])
    lignes = extrait.copie(place)
    geste = des.choice(("rang", "empreinte", "retrait", "ajout"))
    if geste == "rang":
        lignes[place]["tete"][1] += des.choice((-1, 1))
    elif geste == "empreinte":
        lignes[place]["tete"][2] = autre_hexa(lignes[place]["tete"][2], des)
    elif geste == "retrait":
        del lignes[place]
    else:
        chaine, dernier = max(extrait.chaines) + 1, 1
        lignes.insert(place, {"tete": [chaine, 1, "00" * 32]})
    return lignes, chaine, dernier - 1, dernier + 1


def changer_l_historique(extrait, des):
    """Changer ou retirer une ligne d'historique."""
    place = des.choice(extrait.histoires)
    chaine, rang = extrait.cites[tuple(extrait.lignes[place]["histoire"])][0]
    lignes = extrait.copie(place)
    if des.random() < 0.5:
        lignes[place]["texte"] = lignes[place]["texte"].replace("20", "21", 1) + " "
    else:
        del lignes[place]
    return lignes, chaine, rang, rang


GENRES = [
    alterer_une_colonne,
    alterer_la_charge,
    alterer_une_empreinte,
    alterer_le_rang,
    effacer_sans_le_dire,
    supprimer_un_maillon,
    doubler_un_maillon,
    echanger_deux_maillons,
    echanger_entre_chaines,
    couper_la_fin,
    couper_la_fin_et_la_tete,
    rechainer_un_mensonge,
    recrire_une_tete,
    changer_l_historique,
]


def situee(ruptures, chaine, premier, dernier):
    """Vrai si une rupture dite nomme cette chaîne et ces rangs ; « entre a et b » doit contenir le premier."""
    for rupture in ruptures:
        lieu, entre = SITUEE.match(rupture), ENTRE.search(rupture)
        if lieu is None or int(lieu[1]) != chaine:
            continue
        if (int(entre[1]) <= premier <= int(entre[2])) if entre else (premier <= int(lieu[2]) <= dernier):
            return True
    return False
