"""La saisie d'un axe : son formulaire, son brouillon privé, et l'enregistrement qui en fait des transitions."""

import datetime

from diagnostics import dominos, nomenclature
from diagnostics.forms import SANS_AVIS, FormulaireAxe
from diagnostics.models import BrouillonAxe, DominoExamine, EvaluationAxe, FacteurRetenu
from securisation.annuaire.garde import refuses
from securisation.annuaire.models import Facteur
from securisation.annuaire.models.situation import lisible
from securisation.socle import horloge
from securisation.socle.refus import SaisieRefusee

PAS_DANS_LE_BROUILLON = {"csrfmiddlewaretoken", "jeton", "version", "action", "retirer", "ajout", "suite"}
VALEURS_MAX, SIGNES_MAX, TOTAL_MAX, CHIFFRES_MAX = 200, 5000, 40_000, 9
# Le mode entretien pose une question à la fois : le champ de l'axe que chacune remplit.
QUESTIONS = {"mots": "parole", "niveau": "criticite_de_la_personne", "appuis": "points_d_appui"}


class BrouillonRefuse(Exception):
    """La saisie porte un numéro ou un code qui ne se garde nulle part, ou plus de texte qu'un brouillon n'en garde : rien n'est coupé."""


# --- Le brouillon


def brouillon(evaluation, par):
    """Le brouillon de ce professionnel sur cet axe, ou None."""
    return BrouillonAxe.objects.filter(evaluation=evaluation, auteur=par).first()


def brouillons(diagnostic, par):
    """Mes brouillons sur ce diagnostic : {clé d'évaluation: brouillon}."""
    miens = BrouillonAxe.objects.filter(evaluation__diagnostic=diagnostic, auteur=par)
    return {brouillon.evaluation_id: brouillon for brouillon in miens}


def garder(evaluation, par, post, *, retirer=""):
    """Garde la saisie telle quelle, facteurs cochés compris, pour ce professionnel seul ; rend le brouillon."""
    evaluation.diagnostic.exiger_une_saisie_permise()
    if champ := QUESTIONS.get(post.get("question")):
        return _repondre(evaluation, par, champ, post.get(champ, ""))
    version = _version(evaluation, post.get("version", ""))
    saisie = {
        nom: post.getlist(nom)[:VALEURS_MAX] for nom in list(post)[:VALEURS_MAX] if nom not in PAS_DANS_LE_BROUILLON
    }
    codes = [*saisie.get("facteurs", []), *post.getlist("ajout")]
    saisie["facteurs"] = [code for code in dict.fromkeys(codes) if code and code != retirer][:VALEURS_MAX]
    valeurs = [valeur for valeurs in saisie.values() for valeur in valeurs]
    if sum(map(len, valeurs)) > TOTAL_MAX or any(len(v) > SIGNES_MAX or refuses(v) for v in valeurs):
        raise BrouillonRefuse()
    return BrouillonAxe.garder(evaluation, par, saisie=saisie, version=version)


def _repondre(evaluation, par, champ, valeur):
    """Range une seule réponse dans le brouillon, daté d'aujourd'hui ; le reste de la saisie n'y change pas, ni rien si elle est la même."""
    garde = brouillon(evaluation, par)
    if valeur.replace("\r\n", "\n") == reponse(evaluation, par, champ).replace("\r\n", "\n"):
        return garde
    if len(valeur) > SIGNES_MAX or refuses(valeur):
        raise BrouillonRefuse()
    saisie = dict(garde.saisie if garde else _en_saisie(evaluation)) | {champ: [valeur]}
    if not garde or not any(saisie.get("recueilli_le", [])):
        saisie["recueilli_le"] = [f"{horloge.aujourd_hui():%d/%m/%Y}"]
    version = garde.version if garde else evaluation.version
    return BrouillonAxe.garder(evaluation, par, saisie=saisie, version=version)


def reponse(evaluation, par, champ):
    """Ce que ce champ vaut pour ce professionnel, en texte : son brouillon, sinon ce qui est enregistré."""
    garde = brouillon(evaluation, par)
    connue = garde.saisie.get(champ) if garde else None
    return (connue or _en_saisie(evaluation)[champ])[0]


def _en_saisie(evaluation):
    """Ce qui est enregistré, sous la forme d'un brouillon : {champ: [textes]}."""
    depart = _de_la_base(evaluation, list(evaluation.facteurs.select_related("facteur")))
    codes = depart.pop("facteurs")
    for champ in FormulaireAxe.base_fields:
        if hasattr(evaluation, champ) and champ not in ("jeton", "version"):
            depart.setdefault(champ, getattr(evaluation, champ))
    return {nom: [_en_texte(valeur)] for nom, valeur in depart.items()} | {"facteurs": codes}


def _en_texte(valeur):
    if valeur is None:
        return ""
    return f"{valeur:%d/%m/%Y}" if isinstance(valeur, datetime.date) else str(valeur)


def _version(evaluation, envoyee):
    """La version que la page modifiait ; sans elle, celle d'aujourd'hui ; illisible, un refus."""
    if envoyee and not (envoyee.isascii() and envoyee.isdecimal() and len(envoyee) <= CHIFFRES_MAX):
        raise SaisieRefusee()
    return int(envoyee) if envoyee else evaluation.version


def abandonner(evaluation, par):
    """Efface le brouillon de ce professionnel sur cet axe."""
    BrouillonAxe.objects.filter(evaluation=evaluation, auteur=par).delete()


def geste(post):
    """Ce que demande un envoi qui n'enregistre pas : retirer un facteur, retenir une suite, ajouter ceux qui sont cochés ; vide sinon.

    Un facteur coché attend qu'on dise comment on le sait : « Enregistrer » l'ajoute d'abord.
    """
    if code := post.get("retirer"):
        return {"retirer": code, "ancre": "#t-facteurs"}
    if code := post.get("suite"):
        return {"suite": code, "ancre": "#t-suites"}
    coches = [code for code in post.getlist("ajout") if code]
    if coches or post.get("action") == "ajouter":
        return {"ancre": f"#f-{coches[0]}" if coches else "#t-facteurs"}
    return {}


# --- Le formulaire


def formulaire(evaluation, post=None, garde=None):
    """Le formulaire de l'axe : la saisie envoyée, sinon le brouillon, sinon ce qui est enregistré."""
    facteurs = {facteur.code: facteur for facteur in Facteur.objects.filter(axe=evaluation.axe_id)}
    retenus = list(evaluation.facteurs.select_related("facteur"))
    depart = _du_brouillon(garde) if garde else _de_la_base(evaluation, retenus)
    codes = post.getlist("facteurs") if post is not None else depart.pop("facteurs")
    codes = list(dict.fromkeys(codes))[:VALEURS_MAX]
    sensible = evaluation.diagnostic.parcours.a_accord("SENSIBLE")
    proposes = [
        f for f in facteurs.values() if f.est_ouvert and f.code not in codes and (sensible or not f.revele_la_sante)
    ]
    for facteur in facteurs.values():
        facteur.est_tu = not sensible and dominos.taire(facteur)
        facteur.nom = lisible(facteur.libelle)
    proposes = nomenclature.ranger(proposes, evaluation)
    options = {"facteurs": facteurs, "codes": codes, "proposes": proposes, "objet": evaluation, "initial": depart}
    form = FormulaireAxe(post, **options)
    form.sensible = sensible
    form.reserves = 0 if sensible else sum(f.est_ouvert and f.revele_la_sante for f in facteurs.values())
    return form


def _du_brouillon(garde):
    """Le brouillon redevient des valeurs de départ ; sa version est celle qu'il modifiait."""
    depart = {nom: valeurs[0] for nom, valeurs in garde.saisie.items() if valeurs and nom != "facteurs"}
    return depart | {"facteurs": garde.saisie.get("facteurs", []), "version": garde.version}


def _de_la_base(evaluation, retenus):
    depart = {"facteurs": [retenu.facteur.code for retenu in retenus]}
    if evaluation.sans_avis_de_la_personne:
        depart["criticite_de_la_personne"] = SANS_AVIS
    for retenu in retenus:
        for nom in FacteurRetenu.REPRIS:
            depart[f"{nom}_{retenu.facteur.code}"] = getattr(retenu, nom)
    return depart


# --- L'enregistrement


def enregistrer(evaluation, *, par, facteurs, version=None, **champs):
    """Enregistre l'axe et met ses facteurs à l'image de la page : retire, modifie, retient. Le brouillon s'efface."""
    evaluation.coter(par=par, version=version, **champs)
    retenus = {retenu.facteur.code: retenu for retenu in evaluation.facteurs.select_related("facteur")}
    for code in retenus.keys() - facteurs.keys():
        retenus[code].retirer(par=par)
    connus = {facteur.code: facteur for facteur in Facteur.objects.filter(code__in=facteurs.keys() - retenus.keys())}
    for code, valeurs in facteurs.items():
        if code not in retenus:
            FacteurRetenu(evaluation=evaluation, facteur=connus[code]).retenir(par=par, **valeurs)
        elif any(getattr(retenus[code], nom) != valeur for nom, valeur in valeurs.items()):
            retenus[code].modifier(par=par, **valeurs)
    abandonner(evaluation, par)


def suivante(evaluation):
    """L'évaluation de l'axe suivant, ou None après le dernier."""
    ordre = (evaluation.axe.ordre, evaluation.axe.code)
    voisines = EvaluationAxe.objects.filter(diagnostic=evaluation.diagnostic_id).select_related("axe")
    apres = [voisine for voisine in voisines if (voisine.axe.ordre, voisine.axe.code) > ordre]
    return min(apres, key=lambda voisine: (voisine.axe.ordre, voisine.axe.code), default=None)


def retenir_la_suite(diagnostic, code, *, par):
    """Retient d'un geste la suite proposée par ce lien du référentiel ; un code qui n'est plus proposé ne fait rien."""
    for lien in dominos.proposer(diagnostic):
        if lien.code == code:
            DominoExamine(diagnostic=diagnostic, de=lien.de, vers=lien.vers).examiner(par=par, retenu=True)
