"""La fiche d'une convention, et celle d'une édition, figée : les mêmes rubriques, dites dans le même ordre par le même gabarit."""

from securisation.comptes.models import Fonction
from securisation.pilotage.edition import lecture

PERDU = "n’exerce plus la fonction"


def de_la_convention(convention, lecteurs=None):
    """Ce que dit une convention aujourd'hui ; `lecteurs` : les comptes qui la lisent, None quand cela ne se montre pas."""
    libelles = convention.libelles()
    fiche = [
        _rubrique("Période", lecture.jours(convention.du, convention.au)),
        _rubrique("Équipes", *libelles["equipes"], vide="Toutes"),
        _rubrique("Départements", *libelles["departements"], vide="Tous"),
        _rubrique("Publics qui comptent", *libelles["publics"], vide="Tous"),
        _rubrique("Origines qui comptent", *libelles["origines"], vide="Toutes"),
        *_de_ce_qui_est_paye(convention.objet_paye, libelles["objectifs"]),
    ]
    if lecteurs is not None:
        noms = [_lecteur(compte) for compte in lecteurs]
        fiche.append(_rubrique("Comptes qui lisent", *noms, vide="Aucun : personne ne lira ses éditions."))
    return fiche


def de_l_edition(definition):
    """Ce que couvre une édition : la convention figée avec elle."""
    figee = lecture.fiche(definition)
    fiche = [
        _rubrique("Financeur", figee["financeur"]),
        _rubrique("Convention", figee["convention"], suite=figee["convention_periode"]),
        _rubrique("Période du rapport", lecture.jours(figee["du"], figee["au"])),
        _rubrique("Territoire", *figee["territoire"]),
        _rubrique("Publics qui comptent", *figee["publics"]),
        _rubrique("Origines qui comptent", *figee["origines"]),
        *_de_ce_qui_est_paye(figee["objet_paye"], figee["objectifs"]),
    ]
    return [rubrique for rubrique in fiche if rubrique["noms"] or rubrique["texte"]]


def _de_ce_qui_est_paye(objet, objectifs):
    return [
        _rubrique("Ce qui est payé", texte=objet, large=True),
        _rubrique("Objectifs du programme régional (PRAPS)", *objectifs, vide="Aucun", large=True),
    ]


def _rubrique(nom, *noms, vide="", suite="", texte="", large=False):
    return {"nom": nom, "noms": noms, "vide": vide, "suite": suite, "texte": texte, "large": large}


def _lecteur(compte):
    return compte.nom_complet if compte.a_fonction(Fonction.Genre.FINANCEUR) else f"{compte.nom_complet}, {PERDU}"
