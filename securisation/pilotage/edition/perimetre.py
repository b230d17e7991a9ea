"""Ce qui compte dans une édition : figé à sa préparation, dans les mots et les clés du jour."""

from datetime import date

from securisation.pilotage.chiffres import Perimetre

SCHEMA = "perimetre/1"


def figer(convention, du, au):
    """Le dictionnaire JSON que l'édition garde : la convention, la période, ce qui compte, en clés et en mots."""
    return {
        "schema": SCHEMA,
        "convention": {
            "numero": convention.numero,
            "financeur": convention.financeur,
            "du": convention.du.isoformat(),
            "au": convention.au.isoformat(),
            "objet_paye": convention.objet_paye,
        },
        "cles": {
            "du": du.isoformat(),
            "au": au.isoformat(),
            "equipes": sorted(convention.equipes.values_list("pk", flat=True)),
            "departements": sorted(convention.departements.values_list("code", flat=True)),
            "publics": sorted(convention.publics.values_list("pk", flat=True)),
            "origines": sorted(convention.origines.values_list("pk", flat=True)),
        },
        "libelles": convention.libelles(),
    }


def perimetre(definition):
    """Le `Perimetre` des chiffres que cette définition dit."""
    cles = definition["cles"]
    listes = {nom: tuple(cles[nom]) for nom in ("equipes", "departements", "publics", "origines")}
    return Perimetre(date.fromisoformat(cles["du"]), date.fromisoformat(cles["au"]), **listes)
