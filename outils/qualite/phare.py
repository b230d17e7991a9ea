"""Lighthouse, profil téléphone : accessibilité, bonnes pratiques, vitesse d'affichage."""

import json
import subprocess

from outils.commun import Panne
from outils.installation import DOSSIER_MESUREURS, MESUREURS, trouver_chromium

ESSAIS = (
    3  # la vitesse simulée part d'un tracé réel : sur une machine occupée, un passage peut mentir, toujours vers le bas
)
VITESSE, PLEIN = 95, 100
DECALAGE = 0.05  # ce que la page déplace sous les yeux en s'affichant (CLS)


def mesurer(demandes):
    """{nom: relevé} de ces pages {nom, adresse, temoin} ; une page trop lente est repassée, son meilleur passage compte."""
    with _phare() as phare:
        return {demande["nom"]: _passer(phare, demande) for demande in demandes}


def _phare():
    commande = ["node", MESUREURS / "phare.mjs", DOSSIER_MESUREURS, trouver_chromium()]
    return subprocess.Popen(
        [str(mot) for mot in commande], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _passer(phare, demande):
    meilleur = None
    for passage in range(1, ESSAIS + 1):
        releve = _demander(phare, demande) | {"passages": passage}
        # Un tracé manqué se reprend ; trois de suite, la page est en défaut.
        if meilleur is None or releve.get("performance", -1) > meilleur.get("performance", -1):
            meilleur = releve
        if meilleur.get("performance", -1) >= VITESSE:
            break
    return meilleur | {"passages": passage}


def _demander(phare, demande):
    try:
        phare.stdin.write(json.dumps(demande) + "\n")
        phare.stdin.flush()
        ligne = phare.stdout.readline()
    except BrokenPipeError:
        ligne = ""
    if not ligne:
        raise Panne(f"Lighthouse s'est arrêté : {(phare.stderr.read().strip().splitlines() or ['sans message'])[-1]}")
    return json.loads(ligne)


def manques(releve):
    """Ce que Lighthouse reproche : une phrase par cible manquée."""
    if releve is None:
        return []
    if "erreur" in releve:
        return [f"Lighthouse : {releve['erreur']}"]
    cibles = {"accessibility": PLEIN, "best-practices": PLEIN, "performance": VITESSE}
    decale = [f"Lighthouse CLS {releve['cls']:.2f} (au plus {DECALAGE})"] if releve["cls"] > DECALAGE else []
    return decale + [
        f"Lighthouse {nom} {releve[nom]} ({', '.join(releve['manques'][nom]) or 'sans détail'})"
        for nom, cible in cibles.items()
        if releve[nom] < cible
    ]
