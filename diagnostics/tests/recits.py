"""De quoi raconter un diagnostic dans un test : l'ouvrir, le remplir, le mener jusqu'à la validation, visiter ses pages."""

from django.urls import reverse

from diagnostics.dominos import proposer
from diagnostics.models import Diagnostic, DominoExamine, FacteurRetenu
from securisation.annuaire.models import Facteur


def ouvrir(parcours, par):
    """Ouvre un diagnostic ; ses cinq axes sont vides."""
    return Diagnostic(parcours=parcours).ouvrir(par=par)


def axe(diagnostic, code):
    """L'évaluation de cet axe."""
    return diagnostic.evaluations.get(axe__code=code)


def coter_partout(diagnostic, par, **niveaux):
    """Cote les cinq axes (1 par défaut ; `LOG=3`), la personne au même niveau."""
    for evaluation in diagnostic.par_axe():
        niveau = niveaux.get(evaluation.axe.code, 1)
        evaluation.coter(par=par, criticite=niveau, criticite_de_la_personne=niveau)


def retenir(diagnostic, code, par, **champs):
    """Retient ce facteur sur son axe."""
    facteur = Facteur.objects.get(code=code)
    retenu = FacteurRetenu(evaluation=diagnostic.evaluations.get(axe=facteur.axe_id), facteur=facteur)
    return retenu.retenir(par=par, **{"constate": "constaté", **champs})


def examiner(diagnostic, de, vers, par, retenu=True, note=""):
    """Examine la suite entre deux codes de facteurs."""
    bouts = {"de": Facteur.objects.get(code=de), "vers": Facteur.objects.get(code=vers)}
    return DominoExamine(diagnostic=diagnostic, **bouts).examiner(par=par, retenu=retenu, note=note)


def remplir(diagnostic, par):
    """Mène le diagnostic au point d'être validé : logement critique, une dette locative, ses suites retenues."""
    coter_partout(diagnostic, par, LOG=3)
    retenir(diagnostic, "LOG-01", par)
    for lien in proposer(diagnostic):
        DominoExamine(diagnostic=diagnostic, de=lien.de, vers=lien.vers).examiner(par=par, retenu=True)
    return diagnostic.noter_priorite(par=par, priorite_de_la_personne="Garder le logement.")


def page(nom, objet):
    """L'adresse de cette page du diagnostic."""
    return reverse(f"diagnostics:{nom}", args=[objet.uuid])


def saisie(evaluation, *codes, **champs):
    """Ce qu'envoie la page d'un axe."""
    envoi = {"version": evaluation.version, "criticite": "3", "criticite_de_la_personne": "4", "parole": "J'ai honte."}
    envoi |= {"facteurs": list(codes), "action": "suite"} | {f"constate_{code}": "document vu" for code in codes}
    return envoi | champs
