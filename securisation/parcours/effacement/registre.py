"""Le registre des effacements : hors des dossiers et hors de la base, pour effacer de nouveau ce qu'une sauvegarde rendrait.

Une ligne JSON par effacement : numéro du certificat, empreinte du dossier (SHA-256 de sa clé publique), quand, par qui.
Aucun nom de personne accompagnée.
"""

import json
import os
from pathlib import Path

from django.conf import settings
from django.db import connection

from securisation.parcours.models import Effacement, Parcours


def ligne(effacement):
    """Ce que le registre dit d'un effacement fait."""
    return {
        "numero": effacement.numero,
        "dossier": effacement.empreinte_du_parcours,
        "efface_le": effacement.execute_le.isoformat(),
        "decide_par": [decision["compte"] for decision in effacement.certificat["decisions"]],
        "certificat": effacement.empreinte,
    }


def exporter():
    """Le registre entier, du plus ancien au plus récent (texte, une ligne JSON par effacement)."""
    faits = Effacement.objects.executes().order_by("execute_le", "pk")
    return "".join(json.dumps(ligne(fait), ensure_ascii=False) + "\n" for fait in faits)


def inscrire_au_fichier(effacement):
    """Ajoute la ligne au fichier que nomme le réglage JALON_REGISTRE_DES_EFFACEMENTS, une fois ; écrite sur le disque avant de rendre."""
    fichier = Path(settings.REGISTRE_DES_EFFACEMENTS)
    nouvelle = ligne(effacement)
    if any(connue["dossier"] == nouvelle["dossier"] for connue in lire_fichier(fichier)):
        return
    fichier.parent.mkdir(parents=True, exist_ok=True)
    with fichier.open("a", encoding="utf-8") as registre:
        registre.write(json.dumps(nouvelle, ensure_ascii=False) + "\n")
        registre.flush()
        os.fsync(registre.fileno())


def numero_connu(effacement):
    """Le numéro que le registre donne déjà à ce dossier, ou None : une panne entre le fichier et la base, un effacement rejoué."""
    lignes = lire_fichier(settings.REGISTRE_DES_EFFACEMENTS)
    voulu = effacement.empreinte_du_parcours
    return next((ligne["numero"] for ligne in lignes if ligne["dossier"] == voulu and libre(ligne["numero"])), None)


def libre(numero):
    """Vrai si aucun effacement de cette base ne porte ce numéro."""
    return not Effacement.objects.filter(numero=numero).exists()


def lire_fichier(fichier):
    """Les lignes d'un registre ; une dernière ligne coupée par une panne est ignorée, elle sera récrite."""
    if not Path(fichier).exists():
        return []
    return list(_lignes(Path(fichier).read_text(encoding="utf-8")))


def _lignes(texte):
    for brute in texte.splitlines():
        try:
            yield json.loads(brute)
        except ValueError:
            continue


def revenus(lignes):
    """[(parcours, ligne)] des dossiers effacés que cette base a de nouveau, après une restauration."""
    par_empreinte = {connue["dossier"]: connue for connue in lignes}
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT id, encode(sha256(convert_to(uuid::text, 'UTF8')), 'hex') FROM parcours_parcours "
            "WHERE encode(sha256(convert_to(uuid::text, 'UTF8')), 'hex') = ANY(%s) ORDER BY id",
            [list(par_empreinte)],
        )
        trouves = dict(curseur.fetchall())
    parcours = Parcours.objects.in_bulk(trouves)
    return [(parcours[cle], par_empreinte[empreinte]) for cle, empreinte in trouves.items()]
