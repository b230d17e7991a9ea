"""Ce qui peut citer un dossier hors de lui : les mots et les clés à chercher dans les sessions, l'outbox et les autres journaux."""

import itertools

from django.apps import apps

from securisation.parcours.effacement.inventaire import est_seul
from securisation.parcours.models import Entourage, Personne
from securisation.socle.effacement import objets_connus

NOMMENT = {Personne: ("nom", "pseudonyme", "telephone", "courriel"), Entourage: ("telephone",)}
LONGUEUR_MIN = 4  # au-dessous, un nom est aussi un mot courant : seul le nom complet est cherché


def mots_et_cles(parcours):
    """(mots, clés publiques) de ce parcours, passé compris : l'historique garde les noms d'avant."""
    mots, cles = {parcours.numero, parcours.numero.removeprefix("P-")}, {str(parcours.uuid)}
    # Une personne que rien n'a modifiée n'est pas dans la chaîne de son parcours : elle est ajoutée ici.
    connus = objets_connus(parcours.pk) | {Personne._meta.label_lower: [parcours.personne_id]}
    for label, ids in connus.items():
        modele = apps.all_models.get(label.split(".")[0], {}).get(label.split(".")[1])
        if modele is None or not hasattr(modele, "history") or (modele is Personne and not est_seul(parcours)):
            continue
        lignes = modele.history.filter(id__in=ids)
        if hasattr(modele, "uuid"):
            cles.update(str(cle) for cle in lignes.values_list("uuid", flat=True).distinct())
        if modele in NOMMENT:
            mots.update(itertools.chain.from_iterable(lignes.values_list(*NOMMENT[modele]).distinct()))
    if est_seul(parcours):
        mots.update(_noms_complets(parcours.personne_id))
    return {mot for mot in mots if len(mot) >= LONGUEUR_MIN}, cles


def _noms_complets(cle):
    """« Fatou Diallo », « Diallo Fatou » : tels qu'ils ont été écrits, puis changés."""
    couples = Personne.history.filter(id=cle).values_list("prenom", "nom").distinct()
    return {" ".join(ordre) for prenom, nom in couples if prenom and nom for ordre in ((prenom, nom), (nom, prenom))}
