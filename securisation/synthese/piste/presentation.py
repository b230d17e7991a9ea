"""De la piste lue à ce que la page écrit."""

from securisation.socle.templatetags.jalon import nombre
from securisation.synthese.piste import lecture
from securisation.synthese.piste.filtres import DELEGUE, EXTERIEUR, NATURES, PERIODES, SYSTEME


def contexte_de_la_piste(par, filtres):
    """Contexte des gabarits `synthese/piste.html` et `synthese/_evenements.html`."""
    page = lecture.lire_piste(par, filtres)
    total = None if filtres.curseur else compte_dit(*lecture.compter(par, filtres))
    return {
        "filtres": filtres,
        "traits": page.traits,
        "total": total,
        "borne": page.borne,
        "suivant": filtres.adresse(apres=page.suivant, avant=None) if page.suivant else "",
        "precedent": filtres.adresse(avant=page.precedent, apres=None) if page.precedent else "",
        "export": filtres.adresse(avant=None, apres=None),
        "choix": choix(par, filtres),
        "etat": lecture.lire_etat(),
        "delegue": par.a_fonction(DELEGUE),
    }


def dossiers_montres(traits):
    """Clés des parcours dont ces événements montrent un contenu : avant et après, paroles, ce dont il s'agit."""
    return {trait.chaine for trait in traits if trait.visible and (trait.champs or trait.textes or trait.sujet)}


def compte_dit(total, exact):
    """« 12 événements », « 1 000+ événements »."""
    return f"{nombre(total)}{'' if exact else '+'} événement{'s' if total > 1 else ''}"


def choix(par, filtres):
    """Les listes des filtres : suites de (valeur, libellé, choisi)."""
    acteurs = [("", "Tous"), *((uuid, nom) for _, uuid, nom in filtres.acteurs), (SYSTEME, "Tâches automatiques")]
    if not par.a_fonction(DELEGUE):
        acteurs.append((EXTERIEUR, "Hors de l’équipe"))
    natures = [("", "Toutes"), *((cle, libelle) for cle, (libelle, _) in NATURES.items())]
    return {
        "periode": [(cle, mot, cle == filtres.periode) for cle, mot in PERIODES.items()],
        "acteur": [(cle, mot, cle == filtres.acteur) for cle, mot in acteurs],
        "nature": [(cle, mot, cle == filtres.nature) for cle, mot in natures],
    }
