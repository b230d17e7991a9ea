"""Les trois phases d'un dossier écrit, en faits datés : (jour, rang, ligne, acte). Un acte reçoit la scène."""

from functools import partial

from diagnostics.models import Diagnostic, DominoExamine, FacteurRetenu
from interventions.models import Action, Contact, Intervention, Prolongation, Suspension
from securisation.annuaire.models import (
    Axe,
    Facteur,
    IssueDemarche,
    Levier,
    ModeAction,
    MotifNonSollicitation,
    MotifSortie,
    RisqueResiduel,
)
from securisation.socle import horloge
from securisation.synthese.reprise.codes import code
from sorties.models import Risque, Sortie

# Rangs d'un même jour : on reprend avant d'agir, on agit avant de suspendre, on valide en dernier.
OUVRIR, COTER, RETENIR, EXAMINER, VALIDER = 5, 6, 7, 8, 9
DEMARRER, REPRENDRE, AGIR, PROLONGER, NOTER, SUSPENDRE = 10, 11, 12, 13, 14, 15
SORTIR, RECOTER, RISQUER, DIRE, CLORE = 20, 21, 22, 23, 24


# -- diagnostic


def diagnostic(table, recit):
    """L'ouvrir, coter les axes, retenir les facteurs, examiner les suites, valider."""
    table.connaitre("ouvert_le", "valide_le", "priorite_de_la_personne", "axes", "dominos_examines")
    ouvert_le, valide_le = table.jour("ouvert_le", exige=True), table.jour("valide_le")
    jour = valide_le or ouvert_le
    yield ouvert_le, OUVRIR, table.ligne, _ouvrir_le_diagnostic
    axes = table.table("axes", exige=True)
    for nom in axes:
        axe = axes.table(nom, exige=True)
        axe.connaitre("criticite", "criticite_de_la_personne", "sans_avis", "facteurs", "parole", "points_d_appui")
        yield jour, COTER, axes.lignes[nom], partial(_coter, axes, nom)
        for facteur in axe.tables("facteurs"):
            yield jour, RETENIR, facteur.ligne, partial(_retenir, facteur, nom)
    for domino in table.tables("dominos_examines"):
        yield jour, EXAMINER, domino.ligne, partial(_examiner, domino)
    if valide_le:
        yield valide_le, VALIDER, table.lignes["valide_le"], partial(_valider_le_diagnostic, table)


def _ouvrir_le_diagnostic(scene):
    scene.pieces["diagnostic"] = Diagnostic(parcours=scene.parcours).ouvrir(par=scene.awa)


def _evaluation(scene, axes, nom):
    axe = Axe.objects.filter(code=nom).first()
    if axe is None:
        axes.refuser(nom, f"« {nom} » n'est pas un axe.")
    return scene.pieces["diagnostic"].evaluations.get(axe=axe)


def _coter(axes, nom, scene):
    table = axes[nom]
    _evaluation(scene, axes, nom).coter(par=scene.awa, **_cotes(table), points_d_appui=table.texte("points_d_appui"))


def _cotes(table):
    """Les niveaux et les mots d'un axe, à l'entrée comme à la sortie."""
    niveaux = {nom: table.niveau(nom) for nom in ("criticite", "criticite_de_la_personne")}
    return niveaux | {"sans_avis_de_la_personne": table.oui("sans_avis"), "parole": table.texte("parole")}


def _retenir(table, axe, scene):
    table.connaitre("code", "constate", "echeance", "note")
    evaluation = scene.pieces["diagnostic"].evaluations.get(axe__code=axe)
    FacteurRetenu(evaluation=evaluation, facteur=code(Facteur, table, "code")).retenir(
        par=scene.awa,
        constate=table.texte("constate"),
        echeance=table.jour("echeance"),
        note=table.texte("note"),
    )


def _examiner(table, scene):
    table.connaitre("de", "vers", "retenu", "note", "motif")
    bouts = {bout: code(Facteur, table, bout) for bout in ("de", "vers")}
    DominoExamine(diagnostic=scene.pieces["diagnostic"], **bouts).examiner(
        par=scene.awa, retenu=table.oui("retenu", exige=True), note=table.texte("note") or table.texte("motif")
    )


def _valider_le_diagnostic(table, scene):
    diagnostic = scene.pieces["diagnostic"]
    diagnostic.noter_priorite(par=scene.awa, priorite_de_la_personne=table.texte("priorite_de_la_personne"))
    diagnostic.valider(par=scene.awa)


# -- intervention


def intervention(table, recit):
    """La démarrer, inscrire les actions et leurs issues, suspendre, prolonger, noter les contacts."""
    table.connaitre(
        *("demarre_le", "duree_jours", "objectif", "declaration_absence_conflit_interet"),
        *("suspensions", "prolongations", "actions", "contacts_de_la_personne"),
    )
    demarre_le = table.jour("demarre_le", exige=True)
    yield demarre_le, DEMARRER, table.ligne, partial(_demarrer, table)
    for suspension in table.tables("suspensions"):
        yield from _suspension(suspension)
    for prolongation in table.tables("prolongations"):
        yield from _prolongation(prolongation)
    fin = _fin(recit)
    for action in table.tables("actions"):
        yield from _action(action, demarre_le, fin)
    for jour in table.suite("contacts_de_la_personne"):
        jour = table.en_jour("contacts_de_la_personne", jour)
        yield jour, NOTER, table.lignes["contacts_de_la_personne"], partial(_noter_le_contact, jour)


def _fin(recit):
    """Dernier jour où l'on peut encore noter : la validation de la sortie, sinon aujourd'hui."""
    sortie = recit.table("sortie")
    return (sortie.jour("validee_le") if sortie is not None else None) or horloge.aujourd_hui()


def _demarrer(table, scene):
    scene.pieces["intervention"] = Intervention(parcours=scene.parcours).demarrer(
        par=scene.awa,
        objectif=table.texte("objectif"),
        duree_jours=table.nombre("duree_jours"),
        declaration_absence_conflit_interet=table.oui("declaration_absence_conflit_interet", exige=True),
    )


def _suspension(table):
    table.connaitre("du", "au", "motif")
    piece = f"suspension:{table.ligne}"

    def suspendre(scene):
        suspension = Suspension(intervention=scene.pieces["intervention"])
        scene.pieces[piece] = suspension.suspendre(par=scene.awa, motif=table.texte("motif"))

    yield table.jour("du", exige=True), SUSPENDRE, table.ligne, suspendre
    if au := table.jour("au"):
        yield au, REPRENDRE, table.lignes["au"], lambda scene: scene.pieces[piece].reprendre(par=scene.awa)


def _prolongation(table):
    table.connaitre("jours", "demandee_le", "validee_le", "motif")
    piece = f"prolongation:{table.ligne}"

    def demander(scene):
        prolongation = Prolongation(intervention=scene.pieces["intervention"])
        champs = {"jours": table.nombre("jours"), "motif": table.texte("motif")}
        scene.pieces[piece] = prolongation.demander(par=scene.awa, **champs)

    yield table.jour("demandee_le", exige=True), PROLONGER, table.ligne, demander
    if validee_le := table.jour("validee_le"):
        yield (
            validee_le,
            NOTER,
            table.lignes["validee_le"],
            lambda scene: scene.pieces[piece].approuver(par=scene.gaelle),
        )


def _action(table, demarre_le, fin):
    table.connaitre(
        *("levier", "axe", "facteur", "mode", "intitule", "non_substitution", "reponse_attendue_le", "issue")
    )
    ns = table.table("non_substitution", exige=True)
    ns.connaitre("NS-1", "NS-2", "NS-3", "NS-4", "NS-5", "NS-3 justification", "NS-1 recherche")
    sollicite_le = _jour_ou_none(ns, "NS-2")
    inscrite_le = max(sollicite_le or demarre_le, demarre_le)
    piece = f"action:{table.ligne}"
    yield inscrite_le, AGIR, table.ligne, partial(_inscrire, table, ns, sollicite_le, piece)
    issue = table.table("issue")
    if issue is not None:
        issue.connaitre("code", "le", "note")
        attendue = table.jour("reponse_attendue_le")
        le = issue.jour("le") or (min(attendue, fin) if attendue and attendue <= horloge.aujourd_hui() else inscrite_le)
        yield max(le, inscrite_le), NOTER, table.lignes["issue"], partial(_noter_l_issue, issue, piece)


def _jour_ou_none(table, cle):
    """NS-2 est un jour, ou le code d'un motif de non-sollicitation."""
    valeur = table.exiger(cle)
    return None if str(valeur).startswith("MNS") else table.jour(cle)


def _inscrire(table, ns, sollicite_le, piece, scene):
    relais = ns.texte("NS-4")
    scene.pieces[piece] = Action(intervention=scene.pieces["intervention"]).inscrire(
        par=scene.awa,
        levier=code(Levier, table, "levier"),
        axe=code(Axe, table, "axe"),
        facteur=code(Facteur, table, "facteur"),
        mode=code(ModeAction, table, "mode"),
        intitule=table.texte("intitule"),
        ns1=ns.texte("NS-1"),
        ns1_precision=ns.texte("NS-1 recherche"),
        ns2_sollicite_le=sollicite_le,
        ns2_motif=None if sollicite_le else code(MotifNonSollicitation, ns, "NS-2"),
        ns3=ns.texte("NS-3"),
        ns3_justification=ns.texte("NS-3 justification"),
        ns4_relais="" if relais == "non" else relais.removeprefix("oui").lstrip(" :"),
        ns5=ns.oui("NS-5", exige=True),
        reponse_attendue_le=table.jour("reponse_attendue_le"),
    )


def _noter_l_issue(table, piece, scene):
    champs = {
        "issue": code(IssueDemarche, table, "code"),
        "issue_le": table.jour("le"),
        "issue_note": table.texte("note"),
    }
    scene.pieces[piece].noter_issue(par=scene.awa, **champs)


def _noter_le_contact(jour, scene):
    canal = scene.parcours.personne.canal_prefere or "téléphone"
    Contact(parcours=scene.parcours).noter(par=scene.bruno, le=jour, canal=canal, de_la_personne=True)


# -- sortie


def sortie(table, recit):
    """L'ouvrir, recoter, inscrire les risques, dire la parole, valider."""
    table.connaitre(
        *("ouverte_le", "validee_le", "motif", "evaluateur_identique", "axes", "risques_residuels"),
        *("parole_de_la_personne", "desaccord_de_la_personne", "remis_a_la_personne"),
    )
    ouverte_le, validee_le = table.jour("ouverte_le", exige=True), table.jour("validee_le")
    jour = validee_le or ouverte_le
    yield ouverte_le, SORTIR, table.ligne, _ouvrir_la_sortie
    yield jour, RECOTER, table.lignes.get("motif", table.ligne), partial(_cadrer, table)
    axes = table.table("axes", exige=True)
    for nom in axes:
        axes.table(nom, exige=True).connaitre("criticite", "criticite_de_la_personne", "sans_avis", "parole")
        yield jour, RECOTER, axes.lignes[nom], partial(_recoter, table, nom)
    for risque in table.tables("risques_residuels"):
        yield jour, RISQUER, risque.ligne, partial(_risquer, risque)
    if validee_le or "parole_de_la_personne" in table:
        yield jour, DIRE, table.lignes.get("parole_de_la_personne", table.ligne), partial(_dire, table)
    if validee_le:
        yield validee_le, CLORE, table.lignes["validee_le"], lambda scene: scene.pieces["sortie"].valider(par=scene.awa)


def _ouvrir_la_sortie(scene):
    scene.pieces["sortie"] = Sortie(parcours=scene.parcours).ouvrir(par=scene.awa)


def _evaluateur(table, scene):
    """Le même qu'à l'entrée, ou l'autre membre de l'équipe."""
    return scene.awa if table.oui("evaluateur_identique", exige=True) else scene.bruno


def _cadrer(table, scene):
    identique = table.oui("evaluateur_identique", exige=True)
    scene.pieces["sortie"].noter_cadre(
        par=scene.awa,
        motif=code(MotifSortie, table, "motif"),
        evaluateur_identique=identique,
        evaluateur_precision="" if identique else _evaluateur(table, scene).nom_complet,
    )


def _recoter(table, nom, scene):
    cotation = scene.pieces["sortie"].cotations.filter(axe__code=nom).first()
    if cotation is None:
        table["axes"].refuser(nom, f"« {nom} » n'est pas un axe coté à l'entrée.")
    cotation.recoter(par=_evaluateur(table, scene), **_cotes(table["axes"][nom]))


def _risquer(table, scene):
    table.connaitre("code", "facteur", "relais", "confirme_le", "motif", "signal_d_alerte", "echeance")
    assume = table.texte("relais").startswith("aucun")
    Risque(sortie=scene.pieces["sortie"]).inscrire(
        par=scene.awa,
        risque=code(RisqueResiduel, table, "code"),
        facteur=code(Facteur, table, "facteur") if table.get("facteur") else None,
        assume=assume,
        relais="" if assume else table.texte("relais"),
        relais_confirme_le=table.jour("confirme_le"),
        motif=table.texte("motif"),
        signal_d_alerte=table.texte("signal_d_alerte"),
        echeance=table.jour("echeance"),
    )


def _dire(table, scene):
    sortie = scene.pieces["sortie"]
    parole, desaccord = table.texte("parole_de_la_personne"), table.texte("desaccord_de_la_personne")
    mots = {"parole_de_la_personne": parole, "desaccord_de_la_personne": desaccord}
    sortie.noter_parole(par=scene.awa, sans_parole=not parole and not desaccord, **mots)
    sortie.noter_remise(par=scene.awa, remis_a_la_personne=table.suite("remis_a_la_personne"))
