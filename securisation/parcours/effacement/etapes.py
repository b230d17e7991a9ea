"""Les étapes d'un effacement. Chacune tient dans une transaction et se rejoue sans effet double ; un arrêt reprend où il en était."""

from dataclasses import dataclass

from django.apps import apps
from django.db import models

from securisation.parcours.effacement import certificat, registre
from securisation.parcours.effacement.inventaire import dependants, est_seul, mentions
from securisation.parcours.effacement.mots import mots_et_cles
from securisation.parcours.models import Effacement, LigneImportee, Parcours, Personne
from securisation.socle import effacement as socle
from securisation.socle.outbox import devoir
from securisation.socle.trace import hors_porte

RAISON = "effacement décidé"
INCIDENT = (
    "Cette étape n’a pas abouti après plusieurs essais. Le dossier reste fermé, ce qui est fait est fait : relancez ; "
    "si elle échoue encore, prévenez l’administrateur avec le numéro de cette page."
)


@dataclass(frozen=True)
class Etape:
    """Une étape : son code, ce qu'elle fait en une phrase, et la fonction (effacement) → nombre de choses effacées."""

    code: str
    libelle: str
    faire: object


def _cesser_les_travaux(e):
    """Travaux en file, formulaires envoyés."""
    parcours = e.parcours
    _, cles = mots_et_cles(parcours)
    cites = {modele._meta.model_name: ids for modele, ids in dependants(parcours).items()}
    return socle.effacer_les_dus(cites, cles | {parcours.numero}) + socle.effacer_les_jetons(cles)


def _vider_les_sessions(e):
    """Sessions, messages à l'écran, cache."""
    mots, cles = mots_et_cles(e.parcours)
    return socle.effacer_des_sessions(mots | cles) + socle.effacer_du_cache(mots | cles)


def _vider_les_citations(e):
    """Recherches, listes et refus d'autres chaînes du journal ; lignes d'un tableau importé."""
    mots, cles = mots_et_cles(e.parcours)
    importees = LigneImportee.objects.filter(parcours=e.parcours_id).delete()[0]
    if est_seul(e.parcours):
        importees += LigneImportee.objects.filter(pk__in=_rejets_de(e.parcours.personne)).delete()[0]
    return importees + socle.effacer_les_citations(_titre(e), mots, cles)


def _rejets_de(personne):
    """Lignes rejetées d'un import qui portent les mêmes prénom et nom."""
    nom = " ".join(filter(None, (personne.prenom, personne.nom))).casefold()
    lignes = LigneImportee.objects.exclude(valeurs={}).only("pk", "valeurs")
    return [ligne.pk for ligne in lignes.iterator() if nom and ligne.appellation.casefold() == nom]


def _effacer_les_lignes(e):
    """Lignes, fichiers, droits : les enfants d'abord, et la personne si elle n'a pas d'autre parcours."""
    parcours = Parcours.objects.select_for_update(of=("self",)).filter(pk=e.parcours_id).first()
    if parcours is None:
        return 0
    trouves = dependants(parcours)
    for modele, champ, cles in mentions(trouves):
        _ordinaire(modele).filter(**{f"{champ}__in": cles}).update(**{champ: None})
    # Un effacement refusé autrefois porte un motif écrit : il part aussi, seul celui-ci reste.
    nombre = _retirer(Effacement, set(parcours.effacements.exclude(pk=e.pk).values_list("pk", flat=True)))
    if est_seul(parcours):
        nombre += _retirer(Personne, {parcours.personne_id})
    for modele, cles in reversed(trouves.items()):
        nombre += _retirer(modele, cles)
    return nombre


def _ordinaire(modele):
    return models.QuerySet(modele)


def _retirer(modele, cles):
    """Efface sans repasser par les règles de cascade de Django : tout ce qui dépend de ces lignes est déjà de la liste."""
    return _ordinaire(modele).filter(pk__in=cles)._raw_delete("default") or 0


def _effacer_l_historique(e):
    """Historique, y compris les lignes que la suppression vient de créer, puis les charges du journal."""
    titre, nombre = _titre(e), 0
    for label, ids in socle.objets_connus(e.parcours_id).items():
        modele = apps.all_models.get(label.split(".")[0], {}).get(label.split(".")[1])
        if modele is None or not hasattr(modele, "history"):
            continue
        if modele is Effacement:
            ids = [cle for cle in ids if cle != e.pk]
        if modele is Personne:
            ids = [cle for cle in ids if not Personne.objects.filter(pk=cle).exists()]
        nombre += socle.effacer_lignes(titre, modele, ids)
    return nombre + socle.effacer_la_chaine(titre)


def _certifier(e):
    """Le certificat est écrit ; le registre des effacements, hors de la base, le dit aussi."""
    donnees = certificat.composer(e)
    e.certifier(par=None, numero=donnees["numero"], certificat=donnees)
    registre.inscrire_au_fichier(e)
    return 1


def _titre(e):
    return socle.Titre("effacement", e.pk, e.parcours_id)


ETAPES = [
    Etape("travaux", "Travaux en file et formulaires envoyés", _cesser_les_travaux),
    Etape("sessions", "Sessions, messages et cache", _vider_les_sessions),
    Etape("citations", "Mentions ailleurs : recherches, refus, imports", _vider_les_citations),
    Etape("lignes", "Lignes, fichiers et droits", _effacer_les_lignes),
    Etape("historique", "Historique et journal", _effacer_l_historique),
    Etape("certificat", "Certificat et registre", _certifier),
]


def franchir(cle, rang):
    """Fait l'étape de ce rang si c'est bien la suivante, et demande celle d'après ; dans la transaction en cours.

    Rien ne se fait avant le jour dit : au terme, la conservation demandera l'étape. Un rejeu, lui, est mené par sa commande seule.
    """
    e = Effacement.objects.select_for_update(of=("self",)).filter(pk=cle).first()
    if e is None or e.est_fini or e.attend_son_jour or rang != len(e.etapes):
        return
    with hors_porte(RAISON, par=e.dpo_par):
        if e.etat == Effacement.Etat.DECIDE:
            e.commencer(par=None)
        etape = ETAPES[rang]
        nombre = etape.faire(e)
        if not e.est_fini:
            e.noter_etape(par=None, code=etape.code, nombre=nombre)
            if e.origine != Effacement.Origine.REJEU:
                devoir("effacer", effacement=e.pk, rang=rang + 1)


def interrompre(cle):
    """Après le dernier essai d'une étape : l'incident est dit sur la page, avec quoi faire."""
    e = Effacement.objects.select_for_update(of=("self",)).filter(pk=cle).first()
    if e is not None and e.etat in (Effacement.Etat.DECIDE, Effacement.Etat.EXECUTION):
        with hors_porte(RAISON):
            e.noter_incident(par=None, incident=INCIDENT)
