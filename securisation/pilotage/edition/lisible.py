"""Ce qu'une édition laisse encore lire aujourd'hui : sa page, et ses fichiers quand ils se produisent, n'en montrent pas plus."""

from securisation.pilotage import mots
from securisation.pilotage.models.edition import Etat


def contenu(edition):
    """Ses nombres, et les seuls mots que leur personne permet encore ; None une fois l'édition retirée.

    Les mots d'une édition fictive ne sont de personne : ils restent.
    """
    if edition.etat == Etat.RETIREE:
        return None
    figes = edition.contenu.get("mots", [])
    return edition.contenu | {"mots": figes if edition.fictive else mots.encore_permis(figes)}


def changements(edition):
    """Ce qui change depuis l'édition corrigée : {"lignes", "avant"} ; None si elle n'en corrige pas, ou si elle est retirée.

    Si l'édition corrigée est retirée, ses nombres (« avant ») se taisent.
    """
    if not edition.corrige or edition.etat == Etat.RETIREE:
        return None
    if edition.corrige.etat != Etat.RETIREE:
        return {"lignes": edition.changements, "avant": True}
    tus = [{cle: valeur for cle, valeur in change.items() if cle != "avant"} for change in edition.changements]
    return {"lignes": tus, "avant": False}
