"""Le certificat d'effacement : numéro, dates, nombres, décideurs, empreintes ; pas un mot du dossier."""

import re

from django.conf import settings
from django.db import connection
from django.utils import timezone

from securisation.parcours.effacement import registre
from securisation.parcours.models import Effacement
from securisation.socle import horloge


def numero_suivant(annee):
    """« E-2026-0001 » : le numéro suivant de l'année ; la transaction en cours tient la suite.

    Après une restauration, le registre hors de la base en connaît que la base a oubliés : aucun ne resert.
    """
    with connection.cursor() as curseur:
        curseur.execute("SELECT pg_advisory_xact_lock(hashtext('parcours_effacement_numero'))")
        curseur.execute("SELECT numero FROM parcours_effacement WHERE numero LIKE %s", [f"E-{annee}-%"])
        connus = [numero for (numero,) in curseur.fetchall()]
    connus += [str(ligne.get("numero")) for ligne in registre.lire_fichier(settings.REGISTRE_DES_EFFACEMENTS)]
    rangs = [int(lu[1]) for numero in connus if (lu := re.fullmatch(rf"E-{annee}-([0-9]+)", numero))]
    return f"E-{annee}-{max(rangs, default=0) + 1:04d}"


def composer(effacement):
    """Les données du certificat d'un effacement dont toutes les étapes sont franchies ({clé: texte, nombre ou liste})."""
    moment = horloge.maintenant()
    seq, tete = _tete(effacement.parcours_id)
    return {
        "numero": effacement.numero or registre.numero_connu(effacement) or numero_suivant(moment.year),
        "dossier": effacement.empreinte_du_parcours,
        "origine": effacement.get_origine_display(),
        "demande_le": timezone.localtime(effacement.demande_le).isoformat(),  # le jour d'ici, non celui de Greenwich
        "decisions": _decisions(effacement),
        "efface_le": moment.isoformat(),
        "inventaire": effacement.inventaire,
        "etapes": effacement.etapes,
        "journal": {"maillons": seq, "tete": tete},
    }


def _decisions(effacement):
    """Qui a décidé, à quel titre, quand ; vide pour un effacement rejoué."""
    prises = [
        ("Superviseur de l’équipe", effacement.superviseur_par, effacement.superviseur_le),
        ("Délégué à la protection des données", effacement.dpo_par, effacement.dpo_le),
    ]
    return [
        {"titre": titre, "par": par.nom_complet, "compte": str(par.uuid), "le": le.isoformat()}
        for titre, par, le in prises
        if par is not None
    ]


def _tete(chaine):
    """(rang, empreinte hexadécimale) de la fin de la chaîne : ce qui reste vérifiable de la vie du dossier."""
    with connection.cursor() as curseur:
        curseur.execute("SELECT seq, encode(empreinte, 'hex') FROM socle_tete WHERE chaine = %s", [chaine])
        return curseur.fetchone()


def relire(effacement):
    """Vrai si l'empreinte gardée est bien celle du certificat, tel qu'écrit le jour de l'effacement."""
    return effacement.empreinte == Effacement.empreinte_de(effacement.certificat)
