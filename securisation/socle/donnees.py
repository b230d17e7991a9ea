"""Ce que l'application garde de qui, pour quoi, combien de temps : une étiquette par champ de chaque modèle.

Chaque app tient sa table `DONNEES` dans `donnees.py`, et ses `TRAITEMENTS` ; l'historique d'un modèle hérite de ses étiquettes. Un essai
refuse un champ sans étiquette. La même table imprime le registre des traitements (RGPD, article 30).
"""

from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module

from django.apps import apps

TRACE = "id uuid version cree_le modifie_le"


class Etiquette(StrEnum):
    """Ce qu'un champ dit, et de qui."""

    IDENTITE = "identite"
    CONTACT = "contact"
    SENSIBLE = "sensible"
    TIERS = "tiers"
    TECHNIQUE = "technique"
    METIER = "metier"

    @property
    def libelle(self):
        """Le mot du registre."""
        return LIBELLES[self]


LIBELLES = {
    Etiquette.IDENTITE: "Identité",
    Etiquette.CONTACT: "Coordonnées",
    Etiquette.SENSIBLE: "Vie privée, parfois santé",
    Etiquette.TIERS: "Autres personnes",
    Etiquette.TECHNIQUE: "Technique",
    Etiquette.METIER: "Suivi et organisation",
}


@dataclass(frozen=True)
class Regle:
    """Combien de temps une donnée se garde, et ce qui l'efface (phrases)."""

    conservation: str
    effacement: str


DOSSIER = Regle(
    "Deux ans après les dernières nouvelles de la personne",
    "Effacée avec le dossier, historique et charges du journal compris",
)
JOURNAL = Regle("Vie du dossier, puis sans contenu", "Charge vidée avec le dossier ; le maillon reste, sans contenu")
PASSAGERE = Regle("Quelques jours : le temps du travail", "Purgée seule, et retirée avec le dossier qu’elle cite")
COMPTE = Regle(
    "Durée du compte, puis le temps des dossiers qu’il a suivis", "Compte fermé, jamais supprimé : sa trace fait preuve"
)
SESSION = Regle("Douze heures au plus", "Effacée à la déconnexion ou à l’échéance")
GARDEE = Regle(
    "Sans limite de durée : rien n’y désigne une personne accompagnée",
    "Il n’y a rien à effacer : des nombres, des dates, et ce que l’association écrit de son organisation",
)

CERTIFIEE = Regle(
    "Un effacement refusé ou sans objet : vie du dossier ; un effacement fait, sans limite : il ne désigne aucune personne accompagnée",
    "Ce qui a été refusé part avec le dossier, motif, historique et journal compris ; reste un certificat : nombres, dates, qui a décidé",
)


@dataclass(frozen=True)
class Traitement:
    """Une ligne du registre : pour quoi, sur quelle base légale, de qui, vu par qui ; `rang` : sa place, les personnes d'abord."""

    nom: str
    finalite: str
    base_legale: str
    personnes: str
    destinataires: str
    rang: int = 9


@dataclass(frozen=True)
class Donnees:
    """Les étiquettes d'un modèle : des noms de champs séparés par des espaces, sous l'étiquette qui les dit.

    `mots` : {champ: mot du registre}, quand le nom que l'écran donne au champ ne se comprend pas seul.
    """

    traitement: str
    regle: Regle
    identite: str = ""
    contact: str = ""
    sensible: str = ""
    tiers: str = ""
    technique: str = ""
    metier: str = ""
    mots: dict = field(default_factory=dict, hash=False)

    def par_champ(self):
        """{champ: Etiquette} ; un champ nommé deux fois garde la dernière, que l'essai refuse."""
        return {nom: etiquette for etiquette in Etiquette for nom in getattr(self, etiquette.value).split()}

    def champs(self):
        """Tous les noms écrits, doubles compris."""
        return [nom for etiquette in Etiquette for nom in getattr(self, etiquette.value).split()]


@dataclass
class Tables:
    """Tout ce que les apps ont déclaré : {« app.Modele »: Donnees}, {code: Traitement}."""

    donnees: dict = field(default_factory=dict)
    traitements: dict = field(default_factory=dict)


def tables():
    """Réunit les tables de chaque app ; une clé sans point est un modèle de l'app."""
    reunies = Tables()
    for app in apps.get_app_configs():
        try:
            module = import_module(f"{app.name}.donnees")
        except ModuleNotFoundError as manque:
            if manque.name != f"{app.name}.donnees":
                raise
            continue
        if module.__name__ == __name__:
            continue
        reunies.traitements |= getattr(module, "TRAITEMENTS", {})
        for nom, donnees in module.DONNEES.items():
            reunies.donnees[nom if "." in nom else f"{app.label}.{nom}"] = donnees
    return reunies


def modeles_etiquetes():
    """Tout modèle dont la base tient une table, hors historiques (qui héritent)."""
    return [
        modele for modele in apps.get_models(include_auto_created=True) if not modele.__name__.startswith("Historique")
    ]


def champs_de(modele):
    """Noms des champs qui ont une colonne ou une table de lien."""
    return [champ.name for champ in modele._meta.get_fields() if champ.concrete and not champ.auto_created] + [
        champ.name for champ in modele._meta.fields if champ.auto_created
    ]


def fautes(reunies=None, modeles=None):
    """Ce qui manque ou dépasse, chacun avec la ligne à écrire ; vide quand tout est étiqueté."""
    reunies, restes = reunies or tables(), []
    presents = {modele._meta.label: modele for modele in (modeles or modeles_etiquetes())}
    for label, modele in presents.items():
        ou = f"{modele._meta.app_config.name.replace('.', '/')}/donnees.py"
        donnees, champs = reunies.donnees.get(label), champs_de(modele)
        if donnees is None:
            restes.append(
                f'{label} : sans étiquette. Écrire dans {ou} : "{modele.__name__}": Donnees(…, metier="{" ".join(champs)}")'
            )
            continue
        ecrits = donnees.champs()
        restes += [
            f"{label}.{nom} : sans étiquette. L'ajouter à « {modele.__name__} » dans {ou}."
            for nom in champs
            if nom not in ecrits
        ]
        restes += [
            f"{label}.{nom} : étiquette d'un champ qui n'existe pas ({ou})." for nom in ecrits if nom not in champs
        ]
        restes += [f"{label}.{nom} : étiqueté deux fois ({ou})." for nom in set(ecrits) if ecrits.count(nom) > 1]
        if donnees.traitement not in reunies.traitements:
            restes.append(f"{label} : le traitement « {donnees.traitement} » n'est déclaré nulle part.")
    restes += [
        f"{label} : étiquettes d'un modèle qui n'existe pas." for label in reunies.donnees if label not in presents
    ]
    return restes


def registre():
    """Le registre des traitements : {"traitements": [{traitement, categories, durees, modeles}]}, de quoi faire page et document."""
    reunies = tables()
    modeles = {modele._meta.label: modele for modele in modeles_etiquetes()}
    lignes = []
    for code, traitement in sorted(reunies.traitements.items(), key=lambda paire: paire[1].rang):
        siens = [
            (modeles[label], d) for label, d in reunies.donnees.items() if d.traitement == code and label in modeles
        ]
        lignes.append(
            {
                "code": code,
                "traitement": traitement,
                "categories": _categories(siens),
                "durees": list(dict.fromkeys((d.regle.conservation, d.regle.effacement) for _, d in siens)),
                "modeles": len(siens),
                "champs": sum(len(d.champs()) for _, d in siens),
            }
        )
    return {"traitements": lignes}


def _categories(siens):
    """[(libellé de l'étiquette, champs en clair)] des données d'un traitement ; les faits de gestion se comptent, le technique se tait."""
    trouves, de_gestion = {}, 0
    for modele, donnees in siens:
        for nom, etiquette in donnees.par_champ().items():
            de_gestion += etiquette is Etiquette.METIER
            if etiquette not in (Etiquette.TECHNIQUE, Etiquette.METIER):
                champ = modele._meta.get_field(nom)
                mot = donnees.mots.get(nom) or str(champ.verbose_name)
                trouves.setdefault(etiquette, {})[mot if mot.isupper() else mot[:1].lower() + mot[1:]] = None
    lues = [(etiquette.libelle, list(trouves[etiquette])) for etiquette in Etiquette if etiquette in trouves]
    return [*lues, (Etiquette.METIER.libelle, [f"{de_gestion} champs : états, dates, nombres, décisions, qui a agi"])]


def en_texte():
    """Le registre des traitements en Markdown, tel que l'imprime `manage.py imprimer_registre`."""
    parties = [
        "# Registre des traitements",
        "Imprimé par `make manage ARGS=imprimer_registre` depuis les étiquettes de chaque champ ; un essai le tient à jour.",
    ]
    for ligne in registre()["traitements"]:
        traitement = ligne["traitement"]
        lignes = [
            f"- **Pour quoi** : {traitement.finalite}",
            f"- **Base légale** : {traitement.base_legale}",
            f"- **De qui** : {traitement.personnes}",
            f"- **Vu par** : {traitement.destinataires}",
            *(f"- **{libelle}** : {', '.join(champs)}" for libelle, champs in ligne["categories"]),
            *(
                f"- **Combien de temps** : {conservation}. {effacement}."
                for conservation, effacement in ligne["durees"]
            ),
        ]
        parties += [f"## {traitement.nom}", "\n".join(lignes)]
    return "\n\n".join(parties) + "\n"
