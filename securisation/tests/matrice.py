"""La matrice des droits : chaque route × chaque méthode × chaque sujet × chaque relation au dossier, attendue d'après les tables.

Un sujet est un compte et les places qu'il tient ; une relation, deux dossiers (en intervention, clos) et qui y a encore sa place. L'attendu
vient du genre d'accès de la route, de son mot, et de la table des droits ; jamais d'une liste écrite ici.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from django.urls import reverse

from securisation.annuaire.models import Finalite
from securisation.comptes.models import Fonction, Professionnel
from securisation.coordination.models import Invitation
from securisation.coordination.partage import Partage
from securisation.documents.models import Document
from securisation.parcours import droits
from securisation.parcours.models import Accord, Conservation, Demande, Effacement, Importation, Ouverture, Parcours
from securisation.parcours.roles import attribuer_role
from securisation.socle import horloge
from securisation.socle.routes import routes
from securisation.socle.trace import hors_porte
from securisation.tests import dossiers

METHODES = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PERMISES = ("GET", "HEAD", "POST")
# Ce que reçoit qui a le droit : une page, une suite, un refus d'état ou de saisie ; jamais une panne.
PAGES = {200, 202, 204, 302, 405, 409, 422}
# Pages qui n'existent qu'une fois ce dont elles parlent : une qualification, le rôle de quelqu'un, une version validée.
SELON_LE_DOSSIER = {"parcours:repondre"}

# Chaque sujet et sa place sur un dossier de Laval où il est à sa place.
SUJETS = {
    "referent": {droits.REFERENT},
    "coordonnateur": {droits.COORDONNATEUR},
    "intervenant": {droits.INTERVENANT},
    "lecteur": {droits.LECTEUR},
    "superviseur": {droits.SUPERVISEUR, droits.RESPONSABLE},
    "superviseur_d_ailleurs": set(),
    "collegue": set(),
    "collegue_d_ailleurs": set(),
    "partenaire": set(),
    "invite": set(),
    "financeur": set(),
    "dpo": {droits.DPO},
    "delegue": {droits.DPO, droits.DELEGUE},
    "administrateur": set(),
    "direction": set(),
    "superutilisateur": set(),
    "ferme": set(),
    "anonyme": set(),
}
SANS_SESSION = {"anonyme", "ferme"}
# Deux places qui décident sans ouvrir le dossier ; et ce que chacune voit pourtant, par modèle.
SANS_VOIR = {droits.RESPONSABLE, droits.DPO}
VOIENT = {
    Demande: set(droits.ROLES) | {droits.SUPERVISEUR, droits.DELEGUE, droits.DPO},
    Effacement: {droits.RESPONSABLE, droits.DPO},
    Conservation: {droits.RESPONSABLE, droits.DPO},
}
COMPTES = {
    "referent": "awa", "intervenant": "bruno", "superviseur": "gaelle", "collegue_d_ailleurs": "elsa", "partenaire": "chloe",
    "financeur": "farid", "dpo": "hugo", "administrateur": "ines", "direction": "jean",
}  # fmt: skip
FONCTION = {"superviseur_d_ailleurs": "superviseur", "delegue": "dpo"}
RELATIONS = ("le_sien", "partage", "partage_retire", "restreint", "etranger")


@dataclass
class Relation:
    """Un dossier sous cette relation : un objet de chaque modèle, et le mot qui ne doit pas en sortir."""

    nom: str
    canari: str
    objets: dict = field(default_factory=dict)

    def places(self, sujet):
        """Les places du sujet sur ce dossier."""
        if self.nom == "etranger":
            ailleurs = {"superviseur_d_ailleurs": SUJETS["superviseur"], "dpo": {droits.DPO}, "delegue": {droits.DPO}}
            return ailleurs.get(sujet, set())
        return SUJETS[sujet] - ({droits.SUPERVISEUR} if self.nom == "restreint" else set())


@dataclass(frozen=True)
class Case:
    """Une case : cette requête, par ce sujet, sur un dossier de cette relation (None : la route n'en reçoit aucun)."""

    route: object
    methode: str
    relation: object
    fragment: bool = False

    def __str__(self):
        dossier = self.relation.nom if self.relation else "-"
        return f"{self.methode}{' htmx' if self.fragment else ''} {self.route.nom} ({dossier})"


class Monde:
    """Tous les sujets, et un dossier par relation."""

    def __init__(self, distribution):
        self.comptes = {sujet: distribution[nom] for sujet, nom in COMPTES.items()}
        laval, nantes = distribution["awa"].equipe, distribution["elsa"].equipe
        for sujet, equipe in (
            ("coordonnateur", laval), ("lecteur", laval), ("collegue", laval), ("ferme", laval),
            ("superviseur_d_ailleurs", nantes), ("referent_d_ailleurs", nantes), ("intervenant_d_ailleurs", nantes),
        ):  # fmt: skip
            self.comptes[sujet] = _compte(sujet, equipe)
        self.comptes["superutilisateur"] = Professionnel.objects.create_superuser(
            "super@exemple.test", prenom="S", nom="U"
        )
        self.comptes["delegue"] = _compte("delegue", None)
        hier = horloge.aujourd_hui() - timedelta(days=1)
        for sujet, genre, equipe in (("superviseur_d_ailleurs", "SUPERVISEUR", nantes), ("delegue", "DPO", None)):
            Fonction.objects.create(professionnel=self.comptes[sujet], genre=genre, equipe=equipe, du=hier)
        self.relations = [self._construire(nom) for nom in RELATIONS]

    def _construire(self, nom):
        relation = Relation(nom, f"Canari{RELATIONS.index(nom)}zyx")
        garde, dossiers.CANARI = dossiers.CANARI, relation.canari
        ailleurs = "_d_ailleurs" if nom == "etranger" else ""
        referent, intervenant = self.comptes[f"referent{ailleurs}"], self.comptes[f"intervenant{ailleurs}"]
        superviseur = self.comptes[f"superviseur{ailleurs}"]
        try:
            for objets in (
                dossiers.clos(referent, intervenant, superviseur),
                dossiers.suspendue(referent, intervenant),
            ):
                relation.objets |= objets
                self._placer(relation, objets[Parcours])
            relation.objets[Importation] = Importation.objects.create(
                par=referent, nom=f"{relation.canari}.csv", depose_le=horloge.maintenant()
            )
        finally:
            dossiers.CANARI = garde
        return relation

    def _placer(self, relation, parcours):
        """Donne les rôles, puis met le parcours dans sa relation."""
        if relation.nom == "etranger":
            return
        referent = self.comptes["referent"]
        for sujet in ("coordonnateur", "lecteur"):
            attribuer_role(parcours, self.comptes[sujet], sujet, par=referent)
        if relation.nom.startswith("partage") and not parcours.est_fige:
            accord = Accord(parcours=parcours, finalite=Finalite.objects.get(code="PARTAGE"))
            champs = {"partenaire": "Bailleur", "professionnel": self.comptes["partenaire"], "axes": ["LOG"]}
            champs["documents"] = [relation.objets[Document].numero]
            accord.recueillir(
                par=referent, le=horloge.aujourd_hui(), jusqu_au=horloge.aujourd_hui(), mode="oral", **champs
            )
            relation.objets[Partage] = accord
            self._inviter(relation, accord)
            if relation.nom == "partage_retire":
                accord.retirer(par=referent)
        if relation.nom == "restreint":
            parcours.restreindre(par=referent, restreint=True)
        Ouverture(parcours=parcours).ouvrir(par=self.comptes["delegue"], motif="Vérifier une plainte reçue ce matin.")

    def _inviter(self, relation, accord):
        """L'invité entre par l'accord qui court ; celui d'un accord retiré n'est le compte de personne."""
        if relation.nom == "partage":
            invitation = Invitation(accord=accord)
            invitation.inviter(par=self.comptes["referent"], courriel="a@b.test", jusqu_au=horloge.aujourd_hui())
            with hors_porte("essai"):
                self.comptes["invite"] = invitation.accueillir(par=None).compte

    def cases(self):
        """Toutes les cases d'un sujet, dans l'ordre des routes ; l'administration de Django a ses propres règles."""
        for route in routes():
            if route.acces is None:
                continue
            for relation in self.relations if route.acces[0] == "objet" else [None]:
                yield from (Case(route, methode, relation) for methode in METHODES)
                yield from (Case(route, methode, relation, fragment=True) for methode in ("GET", "POST"))

    def adresse(self, case):
        """L'adresse de la route pour le dossier de la relation ; une valeur que rien ne porte pour le reste."""
        connues = {"professionnel": self.comptes["intervenant"].uuid, "code": "LOG-01"}
        objet = case.relation.objets.get(case.route.modele) if case.relation else None
        if objet is not None:
            connues["uuid"] = objet.uuid
        return reverse(case.route.nom, kwargs=case.route.valeurs(**connues))

    def visibles(self, sujet):
        """Les mots qu'une page rendue à ce sujet peut porter."""
        return {r.canari for r in self.relations if r.places(sujet) - SANS_VOIR or lit_le_partage(sujet, r)}


def _compte(sujet, equipe):
    return Professionnel.objects.create_user(f"{sujet}@exemple.test", prenom="X", nom=sujet, equipe=equipe)


def lit_le_partage(sujet, relation):
    """Vrai pour le partenaire que l'accord nomme et pour l'invité qu'il a fait entrer, tant qu'il court."""
    return sujet in ("partenaire", "invite") and relation.nom == "partage"


def voit(case, sujet):
    """Vrai si l'objet de cette case est visible de ce sujet."""
    if case.route.modele is Importation:
        return sujet == "referent" and case.relation.nom != "etranger"
    if getattr(case.route.modele, "partage", False):
        return lit_le_partage(sujet, case.relation)
    places = case.relation.places(sujet)
    demandeur = sujet == "referent" and case.route.modele is Effacement and case.relation.nom != "etranger"
    return bool(places & VOIENT.get(case.route.modele, places - SANS_VOIR)) or demandeur


def attendu(case, sujet, table):
    """Codes permis pour cette case : `table` donne, par mot, les places permises."""
    if sujet in SANS_SESSION:
        if case.route.acces[0] == "public":
            return PAGES | {404}
        return {204} if case.fragment else {302}
    if case.methode not in PERMISES:
        return {405}
    genre, modele, mot = case.route.acces
    if sujet == "invite" and genre != "public" and not getattr(modele, "partage", False):
        return {404, 405} if case.methode == "POST" else {404}
    if genre == "objet":
        return _attendu_d_un_objet(case, sujet, table.get(mot))
    if genre == "fonction":
        a_la_fonction = FONCTION.get(sujet, sujet).upper() in case.route.acces[1]
        return PAGES | {404} if a_la_fonction else {403}
    return PAGES | {403, 404}


def _attendu_d_un_objet(case, sujet, permises):
    if not voit(case, sujet):
        return {404, 405} if case.methode == "POST" else {404}  # une page qui ne reçoit rien le dit avant de chercher
    places = case.relation.places(sujet)
    if permises is not None and not places & permises:
        return {403}
    # Un envoi vide : le formulaire est à corriger, l'acte a son propre mot, ce qu'il désigne n'existe pas, ou rien ne se reçoit.
    selon = {403, 404} if case.methode == "POST" else set()
    selon |= {404} if case.route.nom in SELON_LE_DOSSIER else set()
    return PAGES | selon | ({403} if case.route.modele is Effacement else set())  # deux décideurs, chacun à son tour
