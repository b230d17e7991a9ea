"""Tout ce qui dépend d'un parcours, trouvé en suivant les clés étrangères : rien n'est à lister, une table de plus est prise."""

from django.db.models import CASCADE, PROTECT, RESTRICT, SET_NULL

from securisation.parcours.models import Parcours
from securisation.socle.cloison import lire_en_systeme

_PORTENT = (CASCADE, PROTECT, RESTRICT)
# Ce que disent les pages : « singulier,pluriel » par modèle, à défaut par app.
FAMILLES = {
    "parcours.entourage": "personne de l’entourage,personnes de l’entourage",
    "parcours.accord": "accord,accords",
    "parcours.preuveaccord": "papier signé,papiers signés",
    "parcours.rendezvous": "rendez-vous,rendez-vous",
    "parcours.presence": "présence à un rendez-vous,présences à un rendez-vous",
    "parcours.demande": "demande de la personne,demandes de la personne",
    "parcours.attribution": "droit d’un professionnel,droits de professionnels",
    "diagnostics": "élément de diagnostic,éléments de diagnostic",
    "interventions.piece": "pièce jointe,pièces jointes",
    "interventions.fichierdepiece": "fichier de pièce jointe,fichiers de pièces jointes",
    "interventions": "élément d’intervention,éléments d’intervention",
    "sorties": "élément de sortie,éléments de sortie",
    "documents": "document ou fichier,documents et fichiers",
    "coordination": "copie ou invitation,copies et invitations",
    "parcours.declarationinteret": "déclaration d’intérêt,déclarations d’intérêt",
    "parcours.conservation": "annonce de fin de conservation,annonces de fin de conservation",
    "parcours.ouverture": "ouverture motivée,ouvertures motivées",
    "parcours.echeance": "échéance,échéances",
    "parcours.qualification": "qualification,qualifications",
    "pilotage.parole": "phrase pour un rapport,phrases pour un rapport",
    "synthese.alerte": "alerte,alertes",
}
AUTRES = "autre élément du dossier,autres éléments du dossier"
FEMININS = {"personne", "fiche", "pièce", "demande", "copie", "déclaration", "annonce"}
FEMININS |= {"présence", "ouverture", "échéance", "qualification", "alerte", "phrase"}


def dependants(parcours):
    """{modèle: clés} de ce parcours et de tout ce qui en dépend, les parents avant leurs enfants. Lit en système."""
    trouves, a_suivre = {Parcours: {parcours.pk}}, [Parcours]
    while a_suivre:
        parent = a_suivre.pop(0)
        for champ, enfant in _liens(parent, _PORTENT):
            cles = set(enfant._base_manager.filter(**{f"{champ}__in": trouves[parent]}).values_list("pk", flat=True))
            if cles - trouves.get(enfant, set()):
                trouves[enfant] = trouves.pop(enfant, set()) | cles
                a_suivre.append(enfant)
    return trouves


def mentions(trouves):
    """[(modèle, champ, clés)] des lignes qui survivent et désignent une ligne qui part (clé mise à vide)."""
    return [(enfant, champ, cles) for parent, cles in trouves.items() for champ, enfant in _liens(parent, (SET_NULL,))]


def _liens(modele, genres):
    """(nom du champ, modèle) de chaque clé étrangère qui vise ce modèle, de l'un de ces genres."""
    liens = [lien for lien in modele._meta.get_fields(include_hidden=True) if lien.auto_created and not lien.concrete]
    return [
        (lien.field.name, lien.related_model)
        for lien in liens
        if getattr(lien, "on_delete", None) in genres and not lien.related_model.__name__.startswith("Historique")
    ]


def compter(parcours):
    """Ce qui partira, en nombres : {« singulier,pluriel »: nombre}, sans un mot du contenu."""
    with lire_en_systeme():
        trouves = dependants(parcours)
    comptes = {"parcours,parcours": 1, "fiche de la personne,fiches de la personne": int(est_seul(parcours))}
    for modele, cles in trouves.items():
        if modele is not Parcours and cles:
            nom = FAMILLES.get(modele._meta.label_lower) or FAMILLES.get(modele._meta.app_label, AUTRES)
            comptes[nom] = comptes.get(nom, 0) + len(cles)
    return {nom: nombre for nom, nombre in comptes.items() if nombre}


def partira(nom, nombre):
    """« éléments de diagnostic seront effacés » : le nom d'une famille, accordé au nombre, et le verbe qui va avec."""
    accord = "e" * (nom.split()[0].rstrip("s") in FEMININS) + "s" * (nombre > 1)
    return f"{nom} {'seront' if nombre > 1 else 'sera'} effacé{accord}"


def est_seul(parcours):
    """Vrai si la personne n'a pas d'autre parcours : elle s'efface avec celui-ci ; sinon elle reste, avec l'autre."""
    return not Parcours.objects.filter(personne=parcours.personne_id).exclude(pk=parcours.pk).exists()
