"""Le diagnostic en phrases faciles à lire (`facile/1`), depuis son instantané. Fonctions pures."""

from diagnostics.models import Diagnostic
from securisation.annuaire.facile import FACTEURS, MOTS_DES_NIVEAUX, NIVEAUX
from securisation.documents import facile
from securisation.documents.facile import bloc, idees, partie, picto_de
from securisation.documents.instantane import nom_court
from securisation.documents.typographie import compte, jour


def rediger(donnees, axes):
    """(titre, parties, parole) d'un diagnostic sans ligne réservée ; `axes` : code → libellé facile à lire."""
    parties = [
        *partie("", [_introduction(donnees)]),
        *partie("Mes sujets", [_sujet(axe, axes, donnees["document"]["date"]) for axe in donnees["axes"]]),
        *partie("Ce qui m’aide", [_appuis(axe, axes) for axe in donnees["axes"]]),
        *facile.desaccord(donnees["diagnostic"].get("desaccord")),
        *partie(
            "Et après", [bloc("target", lignes=["Nous allons chercher des solutions.", "Nous le ferons ensemble."])]
        ),
        *facile.mes_droits(donnees),
    ]
    return "Ma situation", parties, donnees["diagnostic"].get("priorite")


def _introduction(donnees):
    lignes = ["Nous avons parlé de ma situation.", f"Nous avons regardé {compte(len(donnees['axes']), 'sujet')}."]
    lignes.append(f"Nous avons fini le {jour(donnees['diagnostic']['valide_le'])}.")
    lignes.append(facile.contact(donnees["referent"]))
    return bloc("flag", lignes=lignes, fort=combien_de_graves([axe.get("niveau") for axe in donnees["axes"]]))


def combien_de_graves(niveaux, moment="Aujourd’hui"):
    """« Aujourd'hui, deux sujets sont graves. » ; vide si rien n'est coté."""
    cotes = [niveau for niveau in niveaux if niveau is not None]
    graves = sum(niveau >= 3 for niveau in cotes)
    if not graves:
        return f"{moment}, aucun sujet n’est grave." if cotes else ""
    return f"{moment}, {compte(graves, 'sujet')} {'sont graves' if graves > 1 else 'est grave'}."


def _sujet(axe, axes, papier):
    niveau, avis = axe.get("niveau"), axe.get("niveau_personne")
    lignes = [NIVEAUX.get(niveau, "Nous n’avons pas encore regardé ce sujet.")]
    if avis is not None and avis != niveau:
        lignes.append(f"Mon avis : {MOTS_DES_NIVEAUX[avis]}.")
    for facteur in axe.get("facteurs", []):
        lignes.append(FACTEURS.get(facteur["code"]) or _nom(facteur))
        lignes.append(facile.date_a_retenir(facteur.get("echeance"), papier))
    return bloc(picto_de(axe["code"]), axes.get(axe["code"], axe["libelle"]), lignes)


def _nom(facteur):
    """Un constat que le référentiel ne dit pas en facile : le début de son libellé."""
    return (idees(nom_court(facteur["libelle"])) or ["Un point à traiter."])[0]


def _appuis(axe, axes):
    lignes = [idee for appui in axe.get("points_d_appui") or [] for idee in idees(appui)]
    return bloc(picto_de(axe["code"]), axes.get(axe["code"], axe["libelle"]) if lignes else "", lignes)


def empechement(parcours):
    """Pourquoi cette version ne se demande pas encore ; vide si elle se demande."""
    if facile.origines(parcours, "diagnostic").exists():
        return ""
    if parcours.diagnostics.filter(etat=Diagnostic.Etat.BROUILLON).exists():
        return "Elle se demande une fois le diagnostic validé."
    return "Elle redit le diagnostic, qui n’est pas encore fait."


facile.enregistrer(
    "diagnostic",
    lettre="DF",
    libelle="Diagnostic, version facile à lire",
    ordre=20,
    empechement=empechement,
    rediger=rediger,
    finalites=("ADHESION",),
)
