"""Contexte des pages du référentiel : sommaire, filtre, lignes et adresses ; les mots de l'association pour la garde."""

from django.urls import reverse_lazy

from securisation.annuaire import catalogue
from securisation.annuaire.models import Axe, TermeDeGarde

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


# -- la liste de l'association pour la garde

PAGE_D_UN_TERME = {
    "titre": "Ajouter un mot à la garde",
    "intro": "La garde en tient compte dès la page suivante. Elle avertit, elle n’empêche pas d’enregistrer ; les numéros "
    "de sécurité sociale et les codes médicaux restent toujours refusés.",
    "bouton": "Ajouter à la liste",
    "retour_url": reverse_lazy("annuaire:garde"),
    "retour": "Mots de la garde",
}


def contexte_de_la_garde(parametres, professionnel):
    """Les mots en vigueur, ou les retirés (`etat=retires` dans l'adresse), par pages."""
    retires = parametres.get("etat") == "retires"
    termes = TermeDeGarde.objects
    requete = termes.retires() if retires else termes.en_vigueur().order_by("-sens", "forme")
    page = catalogue.page_de(requete.select_related("ecrit_par", "retire_par"), parametres.get("page"))
    return {
        "page": page,
        "retires": retires,
        "segments": [
            {"libelle": "En vigueur", "url": adresse(parametres, etat=None, page=None), "ici": not retires},
            {"libelle": "Retirés", "url": adresse(parametres, etat="retires", page=None), "ici": retires},
        ],
        "precedent": adresse(parametres, page=page.previous_page_number()) if page.has_previous() else "",
        "suivant": adresse(parametres, page=page.next_page_number()) if page.has_next() else "",
        "peut_ecrire": professionnel.a_fonction("ADMINISTRATEUR"),
    }
