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
from securisation.pilotage.models import Collective
from securisation.pilotage.tests.collectives import une_collective
from securisation.socle import horloge
from securisation.socle.routes import routes
from securisation.socle.trace import hors_porte
from securisation.tests import dossiers

METHODES = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PERMISES = ("GET", "HEAD", "POST")
AUTRES = [(methode, False) for methode in METHODES if methode not in ("GET", "POST")] + [("GET", True), ("POST", True)]
# Pages qui n'existent qu'une fois ce dont elles parlent : une qualification, le rôle de quelqu'un, une version validée.
SELON_LE_DOSSIER = {"parcours:repondre", "parcours:preuve", "pilotage:retirer_mot"}
# Ce qu'aucun sujet n'a : un mot de passe ou un facteur à redemander (403), un facteur ou une clé enregistrés (404), une alerte ou une
# ligne de nomenclature de ce nom (404).
SELON_LE_COMPTE = {
    "account_reauthenticate": {403}, "mfa_reauthenticate": {403}, "mfa_reauthenticate_webauthn": {403},
    "mfa_deactivate_totp": {404}, "mfa_download_recovery_codes": {404}, "mfa_view_recovery_codes": {404},
    "mfa_edit_webauthn": {404}, "mfa_remove_webauthn": {404}, "synthese:alerte": {404}, "annuaire:marquer_relu": {404},
    "annuaire:verifier_delai": {404}, "pilotage:retenir_mot": {404}, "pilotage:ecarter_mot": {404},
    # Une convention ou une édition de ce numéro.
    "pilotage:convention": {404}, "pilotage:modifier_convention": {404}, "pilotage:preparer": {404}, "pilotage:controle": {404},
    "pilotage:recontroler": {404}, "pilotage:publier": {404}, "pilotage:corriger": {404}, "pilotage:retirer": {404},
    "pilotage:ecarter": {404}, "pilotage:edition": {404}, "pilotage:refaire": {404}, "pilotage:telecharger": {404},
}  # fmt: skip
# Fermée hors de la démonstration ; ouverte par la seule clé que porte l'adresse.
SANS_REPONSE = {"comptes:demo", "synthese:flux_agenda"}
# Un mot de passe se choisit avant de se changer ; confirmer mène à la page du moyen que le compte a.
REDIRIGENT = {"account_change_password", "comptes:confirmer"}
MENENT_AILLEURS = {"account_login", "account_logout", "mfa_authenticate", "mfa_login_webauthn"}
# Qui n'est d'aucune équipe et n'a aucune fonction n'a pas de liste : ce qui lui est partagé ; un financeur, ses éditions.
SANS_LISTE = {"partenaire", "superutilisateur", "financeur"}
LISTES_DE_PARCOURS = {"synthese:mes_parcours", "synthese:recherche", "synthese:contact", "synthese:prevoir"}
# L'aide du rôle que la matrice demande (celle des partenaires) : un financeur n'a que la sienne.
D_UN_AUTRE_ROLE = "synthese:aide_du_role"
# Un brouillon gardé sans être enregistré se dit par son propre code.
BROUILLON = "diagnostics:brouillon"
# Ouvrir un parcours est le mot d'un professionnel d'équipe ; noter une action collective aussi.
D_UNE_EQUIPE = {"parcours:ouvrir", "parcours:importer", "pilotage:noter_collective"}
# Une action collective se lit à la direction et chez qui supervise, et s'écrit par l'équipe.
A_L_EQUIPE = {"pilotage:corriger_collective", "pilotage:retirer_collective"}

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
    "direction": {droits.DIRECTION},
    "superutilisateur": set(),
    "ferme": set(),
    "anonyme": set(),
}
SANS_SESSION = {"anonyme", "ferme"}
EN_EQUIPE = {
    "referent", "coordonnateur", "intervenant", "lecteur", "superviseur", "superviseur_d_ailleurs", "collegue", "collegue_d_ailleurs",
}  # fmt: skip
# Trois places qui décident sans ouvrir le dossier ; et ce que chacune voit pourtant, par modèle.
SANS_VOIR = {droits.RESPONSABLE, droits.DPO, droits.DIRECTION}
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
            relation.objets[Collective] = une_collective(referent)
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

    def cases(self, sujet):
        """Les cases d'un sujet, dans l'ordre des routes ; l'administration de Django a ses propres règles.

        Lire et envoyer, partout ; les sept autres façons de demander à tour de rôle : entre tous les sujets, chaque route et relation
        les rencontre toutes.
        """
        tour = list(SUJETS).index(sujet)
        for route in (route for route in routes() if route.acces is not None):
            for relation in self.relations if route.acces[0] == "objet" else [None]:
                tour += 1
                methode, fragment = AUTRES[tour % len(AUTRES)]
                yield from (Case(route, "GET", relation), Case(route, "POST", relation))
                yield Case(route, methode, relation, fragment)

    def adresse(self, case):
        """L'adresse de la route pour le dossier de la relation ; une valeur que rien ne porte pour le reste."""
        ailleurs = "_d_ailleurs" if case.relation and case.relation.nom == "etranger" else ""
        connues = {
            "professionnel": self.comptes[f"intervenant{ailleurs}"].uuid,
            "role": "partager",
            "code": "MC-DEM" if case.route.nom == "interventions:ecrire_courrier" else "LOG-01",
        }
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
    if case.route.modele is Collective:
        return sujet == "direction" or ecrit_la_collective(case, sujet)
    if getattr(case.route.modele, "partage", False):
        return lit_le_partage(sujet, case.relation)
    places = case.relation.places(sujet)
    # L'effacement d'ici est annoncé par la durée de conservation : aucun sujet ne l'a demandé.
    return bool(places & VOIENT.get(case.route.modele, places - SANS_VOIR))


def ecrit_la_collective(case, sujet):
    """Vrai pour un membre de l'équipe qui a mené l'action : celle de Laval, ou celle d'ailleurs."""
    ailleurs = case.relation.nom == "etranger"
    return sujet in EN_EQUIPE and ailleurs == sujet.endswith("_d_ailleurs")


def recues(vue):
    """Les méthodes que la vue déclare recevoir (`require_…`, classe d'allauth) ; celles de la porte si elle n'en dit rien."""
    while vue is not None:
        if classe := getattr(vue, "view_class", None):
            return {m for m in PERMISES if hasattr(classe, "get" if m == "HEAD" else m.lower())}
        for nom, case in zip(vue.__code__.co_freevars, vue.__closure__ or (), strict=True):
            if nom == "request_method_list":
                return set(case.cell_contents)
        vue = getattr(vue, "__wrapped__", None)
    return set(PERMISES)


def attendu(case, sujet, table):
    """Codes permis pour cette case : `table` donne, par mot, les places permises."""
    genre, modele, mot = case.route.acces
    if sujet in SANS_SESSION and genre != "public":
        return {204} if case.fragment else {302}
    if case.methode not in PERMISES:
        return {405}
    if genre == "public":
        return _attendu_d_une_page_publique(case, sujet)
    # Qui n'a rien à y voir le lit avant, ou après, que la page ait dit ne rien recevoir.
    refusee = set() if case.methode in recues(case.route.vue) else {405}
    if sujet == "invite" and not getattr(modele, "partage", False):
        return {404} | refusee
    if genre == "objet":
        return _attendu_d_un_objet(case, sujet, table.get(mot), refusee)
    if genre == "fonction":
        a_la_fonction = FONCTION.get(sujet, sujet).upper() in modele
        return _attendu_d_une_page(case) if a_la_fonction else {403} | refusee
    if sujet == "financeur" and (not case.route.vue.a_tous or case.route.nom == D_UN_AUTRE_ROLE):
        return {404 if case.route.nom == D_UN_AUTRE_ROLE else 403} | refusee
    if case.route.nom in D_UNE_EQUIPE and sujet not in EN_EQUIPE:
        return {403}
    if case.route.nom in LISTES_DE_PARCOURS and sujet in SANS_LISTE:
        return {302}
    return _attendu_d_une_page(case)


def attendu_sans_confirmation(case):
    """Codes permis à qui a la fonction mais n'a pas confirmé qui il est depuis un quart d'heure : rien de l'objet n'est cherché."""
    if case.methode not in recues(case.route.vue):
        return {405}
    if case.fragment:
        return {204}
    return {403} if case.methode == "POST" else {302}


def _attendu_d_une_page_publique(case, sujet):
    """Ouverte à tous ; ce qui suppose une session, ou son absence, mène ailleurs."""
    if case.route.nom in SANS_REPONSE:
        return {404} if case.methode in recues(case.route.vue) else {404, 405}
    if case.methode not in recues(case.route.vue):
        return {405}
    mene = {204} if case.fragment and (sujet in SANS_SESSION or case.route.nom == "account_logout") else {302}
    if case.route.nom in MENENT_AILLEURS:
        return {200} | mene
    # Le lien et le code d'une invitation ne s'échangent pas sous un compte ordinaire.
    deja = (
        case.route.nom == "coordination:arriver" and sujet not in SANS_SESSION | {"invite"} and case.methode == "POST"
    )
    return {409} if deja else {200}


def _attendu_d_une_page(case):
    """Une liste, une page de fonction ou de compte, ouverte à ce sujet."""
    if case.methode not in recues(case.route.vue):
        return {405} | SELON_LE_COMPTE.get(case.route.nom, set())
    if case.route.nom in SELON_LE_COMPTE:
        return SELON_LE_COMPTE[case.route.nom]
    if case.methode == "POST":
        return {200, 302, 409, 422}  # une saisie vide : à corriger, ou une suite
    return {302} if case.route.nom in REDIRIGENT else {200}


def _attendu_d_un_objet(case, sujet, permises, refusee):
    if not voit(case, sujet):
        return {404} | refusee
    if case.route.nom in A_L_EQUIPE and not ecrit_la_collective(case, sujet):
        return {403} | refusee
    places = case.relation.places(sujet)
    if permises is not None and not places & permises:
        return {403} | refusee
    if refusee:
        return refusee
    # Un envoi vide : le formulaire est à corriger, l'acte a son propre mot, ou ce qu'il désigne n'existe pas.
    selon = {403, 404, 422} | ({204} if case.fragment else set()) if case.methode == "POST" else set()
    selon |= {404} if case.route.nom in SELON_LE_DOSSIER else set()
    selon |= {202} if case.route.nom == BROUILLON and case.methode == "POST" else set()
    return (
        {200, 302, 409} | selon | ({403} if case.route.modele is Effacement else set())
    )  # deux décideurs, chacun à son tour
