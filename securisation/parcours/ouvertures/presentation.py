"""Ce que les pages d'une restriction et d'une ouverture motivée écrivent : qui voit encore, qui a ouvert."""

import re

from securisation.comptes.models import Professionnel
from securisation.parcours import droits
from securisation.parcours.models import Ouverture
from securisation.parcours.models.ouverture import DUREE
from securisation.parcours.ouvertures.forms import NUMERO

PAR_PAGE = 50
HEURES = int(DUREE.total_seconds() // 3600)
PAGE_D_OUVERTURE = {
    "titre": "Ouvrir un dossier par un motif écrit",
    "intro": (
        f"Le dossier se lit pendant {HEURES} heures, sans rien y écrire. Qui, quand et pourquoi sont inscrits au journal, "
        "et la supervision de l’équipe le voit."
    ),
    "bouton": "Ouvrir en lecture",
    "retour": "Ouvertures motivées",
}
# La même phrase, sur le même ton, que le numéro existe ou non.
OUVERT = (
    "Demande inscrite au journal. Si ce numéro est celui d’un parcours, il est dans la liste ci-dessous. "
    "Sinon, le formulaire a gardé votre motif."
)
TAPE = "ouverture_tapee"  # en session : ce qui a été tapé quand rien ne s'est ouvert


def ouvrir_ou_garder(session, *, par, numero, motif):
    """Ouvre le dossier de ce numéro ; si rien ne s'ouvre, la saisie attend dans la session que le formulaire revienne."""
    if Ouverture.par_numero(par=par, numero=numero, motif=motif) is None:
        session[TAPE] = {"numero": numero, "motif": motif}


def deja_tape(request):
    """Ce que le formulaire montre d'abord : le numéro que porte l'adresse, sinon ce qui a été tapé sans rien ouvrir."""
    tape = request.session.pop(TAPE, {})
    numero = request.GET.get("numero", "")
    return tape | {"numero": numero} if re.fullmatch(NUMERO, numero) else tape


def tableau(visibles, par, apres):
    """Les ouvertures visibles, la plus récente d'abord, 50 par page, avant la clé `apres` (texte de l'adresse)."""
    if apres.isascii() and apres.isdigit() and len(apres) < 18:
        visibles = visibles.filter(pk__lt=int(apres))
    lues = list(visibles.recentes()[: PAR_PAGE + 1])
    dpo = par.a_fonction("DPO")
    return {
        "lignes": [
            {"ouverture": o, "lisible": o.est_en_cours and o.professionnel_id == par.pk} for o in lues[:PAR_PAGE]
        ],
        "suivant": f"?apres={lues[PAR_PAGE - 1].pk}" if len(lues) > PAR_PAGE else "",
        "dpo": dpo,
    }


def restriction(parcours):
    """La page qui restreint, ou lève la restriction : qui voit encore, nommément, et qui ne voit plus."""
    fonctions = Professionnel.objects.actifs().filter(
        fonctions__genre="SUPERVISEUR", fonctions__equipe=parcours.equipe_id
    )
    superviseurs = _noms(
        p for p in fonctions.distinct().prefetch_related("fonctions") if parcours.equipe_id in p.equipes_supervisees
    )
    if parcours.restreint:
        texte = f"La supervision de l’équipe le voit de nouveau{f' : {superviseurs}' if superviseurs else ''}."
        return {"titre": "Lever la restriction", "consequences": [{"texte": texte}], "bouton": "Lever la restriction"}
    roles = list(parcours.attributions.select_related("user", "permission").order_by("pk"))
    nommes = ", ".join(f"{a.user.nom_complet} ({droits.ROLES[a.permission.codename].lower()})" for a in roles)
    suites = [
        {"chiffre": len(roles), "texte": f"{'le voient' if len(roles) > 1 else 'le voit'} encore : {nommes}."},
        {"texte": f"La supervision de l’équipe ne le voit plus{f' : {superviseurs}' if superviseurs else ''}."},
        {
            "texte": f"Le délégué à la protection des données peut l’ouvrir {HEURES} heures, par un motif écrit que la supervision lit."
        },
    ]
    rappel = "Si l’une de ces personnes est concernée, retirez-lui d’abord son rôle : la restriction ne l’écarte pas."
    return {
        "titre": "Restreindre ce parcours",
        "consequences": suites,
        "bouton": "Restreindre",
        "avertissement": rappel,
    }


def _noms(comptes):
    return ", ".join(compte.nom_complet for compte in comptes)
