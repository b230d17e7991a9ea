"""Imprime la table des droits dans docs/droits.md : la table, et chaque acte tel qu'il est déclaré."""

from itertools import groupby
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from securisation.parcours import droits
from securisation.socle.transitions import NOUVEAU, REGISTRE

FICHIER = Path(settings.BASE_DIR) / "docs" / "droits.md"
QUI = droits.ROLES | {
    droits.SUPERVISEUR: "Superviseur de l'équipe",
    droits.RESPONSABLE: "Responsable de l'équipe",
    droits.DPO: "Délégué à la protection des données",
    droits.DELEGUE: "Délégué, dossier ouvert",
    droits.DIRECTION: "Direction",
    droits.PROFESSIONNEL: "Membre d'une équipe",
}
# Les rôles s'écrivent par `roles.py`, hors des transitions : leurs actes, et le mot de chacun.
ACTES_DES_ROLES = {
    "attribuer_role": "attribuer_role",
    "retirer_role": "attribuer_role",
    "nommer_referent": "nommer_referent",
}
ENTETE = """# Qui peut quoi

Imprimé par `make manage ARGS="imprimer_droits"` depuis la table des droits et les transitions déclarées ; ne se modifie pas à la main.
Un test échoue quand cette page n'est plus à jour.

- Un rôle se tient **sur un parcours**, pour un membre actif d'une équipe. Le superviseur a sa place sur les parcours de son équipe,
  sauf les parcours restreints. Un membre d'une équipe peut ouvrir un parcours, et en devient le référent.
- Le responsable de l'équipe est son superviseur, parcours restreints compris : il décide d'un effacement sans ouvrir le dossier.
- Le délégué à la protection des données répond aux demandes sans ouvrir le dossier. Une ouverture motivée le lui fait lire quatre heures,
  au journal et au su de la supervision ; il n'y écrit rien, sauf nommer un référent à un parcours qui n'en a plus.
- Partenaire, financeur, administrateur fonctionnel, direction, superutilisateur et compte fermé n'ont ici aucun droit.
- Qui n'est que financeur n'ouvre, hors de ses conventions et de leurs éditions publiées, que l'accueil, son compte, l'aide et les pages
  publiques : toute autre page lui est refusée, tout dossier introuvable. Sa fonction finie ou à venir, ses éditions lui sont fermées aussi.
- Sans rôle ni place, un parcours est **introuvable** (404). Visible mais sans le droit d'agir : **refusé** (403).
- Un parcours clos, interrompu ou non admis est figé : seuls les actes marqués « oui » à la colonne « figé » s'y font encore.
  Rôles et restriction en sont, déclaration d'intérêts comprise : un dossier clos garde un référent, et peut quitter la vue de l'équipe.
- Qui change d'équipe perd ses rôles sur les parcours de l'ancienne ; la base les retire, l'historique le dit.
- « par un autre acte » : l'acte n'a pas de bouton ; un autre acte l'entraîne, avec les droits de celui-là.
"""


class Command(BaseCommand):
    """Écrit la page, ou dit si elle est à jour."""

    requires_system_checks = ()
    help = "Imprime la table des droits dans docs/droits.md ; avec --verifier, dit seulement si elle est à jour."

    def add_arguments(self, parser):
        parser.add_argument("--verifier", action="store_true", help="ne rien écrire ; code 1 si la page est à refaire")

    def handle(self, *args, verifier=False, **options):
        """Compare, puis écrit s'il le faut."""
        texte = page()
        a_jour = FICHIER.exists() and FICHIER.read_text(encoding="utf-8") == texte
        if verifier and not a_jour:
            raise CommandError("docs/droits.md n'est pas à jour : lancez imprimer_droits.", returncode=1)
        if not a_jour:
            FICHIER.write_text(texte, encoding="utf-8")
        self.stdout.write(f"docs/droits.md {'était à jour' if a_jour else 'est écrit'} : {len(REGISTRE)} actes.")


def page():
    """Le texte de docs/droits.md."""
    return "\n".join([ENTETE, *_table_des_mots(), *_actes()])


def _table_des_mots():
    """Un mot par ligne, une colonne par rôle ou place."""
    yield "## Les mots\n"
    yield _ligne("Mot", *QUI.values())
    yield _ligne("---", *[":-:"] * len(QUI))
    for mot, permis in droits.DROITS.items():
        yield _ligne(f"`{mot}`", *("oui" if place in permis else "" for place in QUI))
    yield ""


def _actes():
    """Un tableau par app, dans l'ordre de la maison, puis des modèles et de leurs actes tels qu'ils sont écrits."""
    for application in apps.get_app_configs():
        regles = [regle for regle in REGISTRE if regle.modele.split(".")[0] == application.label]
        if regles:
            yield f"## {application.verbose_name}\n"
            yield _ligne("Objet", "Acte", "De", "Vers", "Accord", "Figé", "Qui")
            yield _ligne(*["---"] * 7)
            for modele, suite in groupby(regles, lambda regle: regle.modele):
                yield from (_acte(apps.get_model(modele), regle) for regle in suite)
            if application.label == "parcours":
                yield from (_acte_de_role(acte, mot) for acte, mot in ACTES_DES_ROLES.items())
            yield ""


def _acte(modele, regle):
    etats = dict(modele._meta.get_field("etat").choices) if hasattr(modele, "possibles") else {}
    de = ", ".join("nouveau" if etat == NOUVEAU else str(etats.get(etat, etat)) for etat in regle.de)
    vers = str(etats.get(regle.vers, regle.vers or "inchangé"))
    fige = "oui" if regle.apres_cloture else ""
    return _ligne(modele.__name__, f"`{regle.nom}`", de or "tout état", vers, _accord(regle), fige, _qui(regle))


def _acte_de_role(acte, mot):
    return _ligne("Attribution", f"`{acte}`", "tout état", "inchangé", "", "oui", _places(mot))


def _accord(regle):
    if callable(regle.finalite):
        return "selon l'acte"
    return ", ".join([regle.finalite] if isinstance(regle.finalite, str) else regle.finalite or ())


def _qui(regle):
    if regle.permission is None:
        return "par un autre acte"
    return _places(regle.permission)


def _places(mot):
    permis = droits.DROITS[mot]
    return ", ".join(nom for place, nom in QUI.items() if place in permis)


def _ligne(*cases):
    return f"| {' | '.join(cases)} |"
