"""D'un dossier écrit à une suite de faits datés : qui fait quoi, quel jour, à quelle ligne du fichier."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from securisation.annuaire.models import Finalite, Levier, Origine
from securisation.comptes.models import Professionnel
from securisation.parcours.droits import INTERVENANT
from securisation.parcours.models import Accord, Entourage, Parcours, Qualification
from securisation.parcours.models.qualification import CRITERES
from securisation.parcours.roles import attribuer_role
from securisation.synthese.reprise import phases
from securisation.synthese.reprise.codes import code

PERSONNE = (
    *("prenom", "nom", "pseudonyme", "annee_naissance", "commune", "code_postal", "adresse", "telephone", "courriel"),
    *("canal_prefere", "langue", "lecture", "foyer"),
)
ACCORD = ("mode", "canal", "partenaire")


@dataclass(frozen=True)
class Fait:
    """Un acte à un jour ; `rang` ordonne les actes d'un même jour, `ligne` est celle du fichier."""

    jour: date
    rang: int
    ligne: int
    acte: Callable


def raconter(recit):
    """Les faits d'un dossier (générateur de Fait, à trier)."""
    recit.connaitre(
        *("code", "personne", "orientation", "qualification", "consentements", "diagnostic", "nouvelle_version"),
        *("intervention", "sortie"),
    )
    yield from _arrivee(recit)
    yield from _accords(recit)
    for nom, raconte in (
        ("diagnostic", phases.diagnostic),
        ("nouvelle_version", phases.diagnostic),
        ("intervention", phases.intervention),
        ("sortie", phases.sortie),
    ):
        table = recit.table(nom)
        if table is not None:
            yield from (Fait(*fait) for fait in raconte(table, recit))


# -- orientation et qualification


def _arrivee(recit):
    personne = recit.table("personne", exige=True).connaitre(*PERSONNE, "entourage")
    orientation = recit.table("orientation", exige=True)
    recue_le = orientation.jour("recue_le", exige=True)
    yield Fait(recue_le, 0, orientation.ligne, partial(_orienter, personne, orientation))
    for proche in personne.tables("entourage"):
        yield Fait(recue_le, 1, proche.ligne, partial(_entourer, proche))
    qualification = recit.table("qualification")
    if qualification is not None:
        jour = qualification.jour("le", exige=True)
        yield Fait(jour, 3, qualification.ligne, partial(_qualifier, qualification))


def _orienter(personne, orientation, scene):
    orientation.connaitre("recue_le", "origine", "orienteur", "demande", "intervention_collective_prealable")
    scene.parcours = Parcours.orienter(
        par=scene.awa,
        cle_import=scene.cle,
        personne={
            nom: personne[nom] if nom == "annee_naissance" else personne.texte(nom)
            for nom in PERSONNE
            if nom in personne
        },
        orientation={
            "recue_le": orientation.jour("recue_le"),
            "origine": code(Origine, orientation, "origine"),
            "orienteur": orientation.texte("orienteur"),
            "demande": orientation.texte("demande").strip(),
            "intervention_collective_prealable": orientation.oui("intervention_collective_prealable"),
        },
    )
    attribuer_role(scene.parcours, scene.bruno, INTERVENANT, par=scene.awa)


def _entourer(proche, scene):
    proche.connaitre("nom", "lien", "role", "telephone")
    champs = {nom: proche.texte(nom) for nom in proche}
    Entourage(parcours=scene.parcours).inscrire(par=scene.awa, **champs)


def _qualifier(table, scene):
    questions = (*CRITERES, "releve_exclusivement_de_l_urgence")
    table.connaitre("le", *questions, "decision", "motif", "orientation_proposee", "reponse_donnee_le", "publics")
    levier = code(Levier, table, "orientation_proposee") if table.get("orientation_proposee") else None
    Qualification(parcours=scene.parcours).prononcer(
        par=scene.awa,
        decision=table.texte("decision"),
        motif=table.texte("motif"),
        orientation_proposee=levier,
        reponse_donnee_le=table.jour("reponse_donnee_le"),
        publics=[str(code) for code in table.suite("publics")],
        **{question: table.oui(question, exige=True) for question in questions},
    )


# -- accords


def _accords(recit):
    for table in recit.tables("consentements"):
        table.connaitre("finalite", "le", *ACCORD, "compte", "axes", "jusqu_au", "retire_le", "motif_du_retrait")
        piece = f"accord:{table.ligne}"
        yield Fait(table.jour("le", exige=True), 4, table.ligne, partial(_recueillir, table, piece))
        if retire_le := table.jour("retire_le"):
            yield Fait(retire_le, 30, table.lignes["retire_le"], partial(_retirer, table, piece))


def _recueillir(table, piece, scene):
    accord = Accord(parcours=scene.parcours, finalite=code(Finalite, table, "finalite"))
    champs = {nom: table.texte(nom) for nom in ACCORD}
    jours = {nom: table.jour(nom) for nom in ("le", "jusqu_au")}
    # Un compte de partenaire que cette installation ne connaît pas laisse le destinataire par son seul nom.
    compte = Professionnel.objects.partenaires().de_courriel(table.texte("compte")).first()
    scene.pieces[piece] = accord.recueillir(
        par=scene.awa, axes=table.suite("axes"), professionnel=compte, **champs, **jours
    )


def _retirer(table, piece, scene):
    scene.pieces[piece].retirer(par=scene.awa, motif=table.texte("motif_du_retrait"))
