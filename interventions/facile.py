"""Le plan d'intervention en phrases faciles à lire (`facile/1`), depuis son instantané. Fonctions pures."""

from itertools import groupby

from interventions import pdf
from interventions.echeances import echeances
from securisation.annuaire.facile import ISSUES, QUI
from securisation.documents import facile
from securisation.documents.facile import bloc, idees, partie, picto_de
from securisation.documents.instantane import nom_court
from securisation.documents.typographie import compte, jour


def rediger(donnees, axes):
    """(titre, parties, parole) d'un plan sans ligne réservée ; `axes` : code → libellé facile à lire."""
    i = donnees["intervention"]
    dates = [e for e in echeances(donnees) if e["le"] >= i["au"]]
    parties = [
        *partie("", [bloc("target", lignes=["Voici mon plan.", "Nous l’avons fait ensemble.", _contact(donnees)])]),
        *partie("Mon but", [bloc("flag", lignes=idees(i.get("objectif")))]),
        *partie("Le temps que nous avons", [_temps(i)]),
        *partie("Ce que nous faisons", [_demarche(a, i["au"]) for a in i.get("actions", [])]),
        *partie("Mes dates", _par_jour(dates, axes)),
        *facile.desaccord(donnees["diagnostic"].get("desaccord")),
        *facile.mes_droits(donnees),
    ]
    return "Mon plan", parties, donnees["diagnostic"].get("priorite")


def _par_jour(dates, axes):
    """Un pictogramme par jour, une ligne par chose attendue ce jour-là."""
    for le, siennes in groupby(dates, key=lambda e: e["le"]):
        lignes = [e["facile"] or f"À retenir : {axes.get(e['axe'], '').lower()}." for e in siennes]
        yield bloc("calendar", jour(le), lignes)


def _contact(donnees):
    return facile.contact(donnees["referent"])


def _temps(i):
    lignes = [
        f"Nous avons commencé le {jour(i['demarre_le'])}.",
        f"C’est prévu pour {compte(i['duree_jours'], 'jour')}.",
    ]
    if i.get("etat") == "suspendue":
        lignes.append("En ce moment, nous faisons une pause.")
    return bloc(
        "calendar",
        lignes=lignes,
        fort=f"La fin {'était' if i['terme'] < i['au'] else 'est'} prévue le {jour(i['terme'])}.",
    )


def _demarche(a, au):
    levier = nom_court(a.get("levier") or "")
    lignes = [QUI.get(a.get("qui"), ""), f"Nous demandons à : {levier}." if levier else ""]
    lignes.append(
        f"Demande faite le {jour(a['demandee_le'])}." if a.get("demandee_le") else "La demande n’est pas encore faite."
    )
    lignes += _reponse(a, au)
    if a.get("relais"):
        lignes.append(f"Après, c’est suivi par : {a['relais']}.")
    titre, *suite = idees(a["intitule"]) or ["Une démarche"]
    return bloc(picto_de(a.get("axe")), titre.removesuffix("."), [*suite, *lignes])


def _reponse(a, au):
    """L'issue, sinon la date attendue ; passée au jour du plan, elle le dit."""
    issue = (a.get("issue") or {}).get("code")
    if issue in ISSUES:
        return ISSUES[issue]
    if not a.get("attendue_le"):
        return []
    attendue = f"Réponse attendue avant le {jour(a['attendue_le'])}."
    return [attendue, "Ce jour est passé."] if a["attendue_le"] < au else [attendue]


def empechement(parcours):
    """Pourquoi cette version ne se demande pas encore ; vide si elle se demande."""
    if facile.origines(parcours, "plan").exists():
        return ""
    return pdf.empechement(parcours) or "Elle redit le plan d’intervention : demandez-le d’abord."


facile.enregistrer(
    "plan",
    lettre="IF",
    libelle="Plan d’intervention, version facile à lire",
    ordre=40,
    empechement=empechement,
    rediger=rediger,
    finalites=("ADHESION",),
)
