"""La distribution de la démonstration : des personnes inventées, une par métier, toujours les mêmes."""

from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from securisation.comptes.models import Equipe, Fonction, Professionnel, Reglages

# Assez ancien pour que les dossiers repris, qui commencent dans le passé, trouvent les fonctions en place.
DEPUIS = date(2020, 1, 1)
LAVAL, NANTES = "Équipe de Laval", "Équipe de Nantes"
ASSOCIATION = "Association de démonstration"
EQUIPES = [
    {"nom": LAVAL, "territoire": "Mayenne", "places": 60, "association": ASSOCIATION},
    {"nom": NANTES, "territoire": "Loire-Atlantique", "places": 80, "association": ASSOCIATION},
]


@dataclass(frozen=True)
class Role:
    """Un compte de démonstration : qui, dans quelle équipe, avec quelle fonction, et ce qu'il montre."""

    code: str
    prenom: str
    nom: str
    metier: str
    presentation: str
    peut: list = field(default_factory=list)
    ne_peut_pas: str = ""
    equipe: str = ""
    fonction: str = ""

    @property
    def email(self):
        """Adresse du compte, dans un domaine réservé aux essais."""
        return f"{self.code}@exemple.test"

    @property
    def initiales(self):
        """Deux majuscules pour la pastille."""
        return self.prenom[0] + self.nom[0]


DISTRIBUTION = [
    Role(
        "awa",
        "Awa",
        "Diarra",
        "Référente de parcours",
        "Elle suit les parcours de l’équipe de Laval dont elle est référente.",
        ["Mener le diagnostic et l’intervention", "Recueillir un accord ou son retrait", "Préparer la sortie"],
        "N’approuve pas ses propres prolongations",
        equipe=LAVAL,
    ),
    Role(
        "bruno",
        "Bruno",
        "Kellermann",
        "Intervenant",
        "Il mène des actions dans les parcours où on l’a appelé.",
        ["Noter un contact", "Faire avancer ses démarches", "Suivre les échéances"],
        "Ne valide pas, ne clôture pas",
        equipe=LAVAL,
    ),
    Role(
        "gaelle",
        "Gaëlle",
        "Le Goff",
        "Superviseure",
        "Elle répond de l’équipe de Laval.",
        ["Lire les parcours de son équipe", "Approuver une prolongation", "Lire qui a fait quoi"],
        "N’ouvre pas un parcours restreint",
        equipe=LAVAL,
        fonction="SUPERVISEUR",
    ),
    Role(
        "elsa",
        "Elsa",
        "Rivoal",
        "Intervenante",
        "Elle travaille à Nantes, sans lien avec les parcours de Laval.",
        ["Ouvrir un parcours dans son équipe", "Lire le référentiel"],
        "Ne trouve aucun parcours de Laval, même avec son adresse",
        equipe=NANTES,
    ),
    Role(
        "chloe",
        "Chloé",
        "Vasseur",
        "Partenaire, bailleur social",
        "Elle ne voit que ce qu’une personne a accepté de lui montrer.",
        ["Lire ce qui lui est partagé"],
        "Perd l’accès dès que l’accord est retiré",
    ),
    Role(
        "driss",
        "Driss",
        "Benkirane",
        "Partenaire, organisme de prestations",
        "Personne ne lui a donné d’accord de partage.",
        ["Entrer avec son propre compte"],
        "Ne voit aucune personne",
    ),
    Role(
        "hugo",
        "Hugo",
        "Morel",
        "Délégué à la protection des données",
        "Il veille aux droits des personnes.",
        ["Entrer avec son propre compte"],
        "N’ouvre pas les parcours",
        fonction="DPO",
    ),
    Role(
        "farid",
        "Farid",
        "Amrani",
        "Financeur",
        "Il finance le dispositif.",
        ["Lire les éditions publiées de sa convention", "Les télécharger en PDF et en tableaux"],
        "Ne voit aucune personne",
        fonction="FINANCEUR",
    ),
    Role(
        "ines",
        "Inès",
        "Marchand",
        "Administratrice fonctionnelle",
        "Elle tient les comptes et le référentiel.",
        ["Ouvrir et fermer un compte", "Relire les nomenclatures", "Régler les durées"],
        "N’ouvre aucun parcours",
        fonction="ADMINISTRATEUR",
    ),
    Role(
        "jean",
        "Jean",
        "Tessier",
        "Direction",
        "Il dirige l’association.",
        ["Tenir les conventions", "Préparer, contrôler et publier une édition"],
        "Ne voit aucune personne",
        fonction="DIRECTION",
    ),
]
VISITE = [
    ("Awa : lire un parcours", "Ouvrez un dossier et reprenez son diagnostic."),
    ("Awa : faire avancer", "Notez un contact, puis l’issue d’une démarche."),
    ("Elsa : constater le refus", "Collez l’adresse du même dossier : la page est introuvable."),
    ("Gaëlle : retrouver la trace", "L’historique du dossier dit qui a changé quoi, avant et après."),
]


@transaction.atomic
def creer_distribution():
    """Crée ce qui manque de la distribution et rend {code: professionnel} ; ce qui existe n'est pas changé."""
    Reglages.objects.get_or_create(pk=1, defaults={"nom": ASSOCIATION})
    equipes = {e["nom"]: Equipe.objects.get_or_create(nom=e["nom"], defaults=e)[0] for e in EQUIPES}
    return {role.code: _creer(role, equipes) for role in DISTRIBUTION}


def _creer(role, equipes):
    """Crée un compte sans mot de passe utilisable, et sa fonction."""
    equipe = equipes.get(role.equipe)
    compte = Professionnel.objects.de_courriel(role.email).first()
    if compte is None:
        compte = Professionnel.objects.create_user(
            role.email, prenom=role.prenom, nom=role.nom, metier=role.metier, equipe=equipe
        )
    if role.fonction:
        Fonction.objects.get_or_create(
            professionnel=compte,
            genre=role.fonction,
            equipe=equipe if role.fonction == "SUPERVISEUR" else None,
            defaults={"du": DEPUIS},
        )
    return compte


def roles_ouverts():
    """Les rôles dont le compte existe et reste actif, dans l'ordre de la distribution."""
    adresses = set(Professionnel.objects.actifs().filter(email__in=_par_email()).values_list("email", flat=True))
    return [role for role in DISTRIBUTION if role.email in adresses]


def compte_de(code):
    """Le compte actif de ce code, ou None ; aucun autre compte que ceux de la distribution."""
    email = next((role.email for role in DISTRIBUTION if role.code == code), "")
    return Professionnel.objects.actifs().de_courriel(email).first() if email else None


def _par_email():
    return [role.email for role in DISTRIBUTION]
