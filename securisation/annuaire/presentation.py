"""Contexte de la page « Référentiel » : sommaire, filtre, lignes et adresses."""

from securisation.annuaire import catalogue
from securisation.annuaire.models import Axe

# Un axe en un mot, là où la place manque : les pointes d'un radar, une liste d'axes.
NOMS_COURTS = {"ADM": "Administratif", "BUD": "Budget", "LOG": "Logement", "ORG": "Quotidien", "PRO": "Travail"}


def contexte_du_referentiel(filtre, parametres, professionnel):
    """Tout ce que montre la page ; `parametres` est le QueryDict de l'adresse."""
    choisi = filtre.lire()
    sommaire = catalogue.sommaire()
    nom = choisi["nomenclature"]
    requete = catalogue.lignes(nom, etat=choisi["etat"], axe=choisi["axe"], texte=choisi["texte"])
    page = catalogue.page_de(requete, parametres.get("page"))
    return {
        "nomenclatures": sommaire,
        "ici": next(compte for compte in sommaire if compte.nom == nom),
        "a_relire": sum(compte.a_relire for compte in sommaire),
        "ouvertes": sum(compte.ouvertes for compte in sommaire),
        "segments": segments(parametres, choisi["etat"]),
        "axes": list(Axe.objects.ouverts()) if catalogue.modele_de(nom).chemin_axe else [],
        "choisi": choisi,
        "page": page,
        "precedent": adresse(parametres, page=page.previous_page_number()) if page.has_previous() else "",
        "suivant": adresse(parametres, page=page.next_page_number()) if page.has_next() else "",
        "filtres": parametres.urlencode(),
        "peut_relire": professionnel.a_fonction("ADMINISTRATEUR"),
    }


def segments(parametres, choisi):
    """Les états en compteurs qui filtrent."""
    return [
        {"libelle": libelle, "url": adresse(parametres, etat=etat, page=None), "ici": etat == choisi}
        for etat, libelle in catalogue.ETATS.items()
    ]


def adresse(parametres, **changes):
    """L'adresse courante avec ces paramètres changés ; None en retire un."""
    suite = parametres.copy()
    for nom, valeur in changes.items():
        suite.pop(nom, None)
        if valeur is not None:
            suite[nom] = valeur
    return f"?{suite.urlencode()}"
