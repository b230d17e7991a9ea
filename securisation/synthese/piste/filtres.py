"""Les filtres de la piste d'audit vivent dans l'adresse : on les partage, on y revient, ils marchent sans JavaScript."""

import datetime
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.utils import timezone

from securisation.comptes.models import Professionnel
from securisation.parcours.models import Parcours
from securisation.parcours.models.personne import cle_de_recherche
from securisation.socle import horloge

LONGUEUR_MAX = 80
HOMONYMES = 20
DELEGUE = "DPO"
PREMIER_JOUR = datetime.date(2000, 1, 1)
PERIODES = {
    "7": "7 derniers jours",
    "30": "30 derniers jours",
    "365": "12 derniers mois",
    "tout": "Depuis le début",
    "dates": "Entre deux dates",
}
PAR_DEFAUT = "30"
MOYENS = ["mot de passe changé", "moyen de connexion ajouté", "moyen de connexion retiré"]
COMPTES = [
    "compte créé",
    "compte modifié",
    "second facteur retiré",
    "fonction proposée",
    "fonction confiée",
    "fonction refusée",
    "comptes invités fermés",
    "courriel non envoyé",
    "absence posée",
    "absence retirée",
    "lien d’agenda créé",
    "lien d’agenda révoqué",
]
PILOTAGE = ["action collective notée", "action collective corrigée", "action collective retirée"]
REFERENTIEL = [
    "référentiel chargé",
    "nomenclature ajoutée",
    "nomenclature modifiée",
    "nomenclature relue",
    "délai vérifié",
    "mot de la garde ajouté",
    "mot de la garde retiré",
    "structure ajoutée",
    "structure modifiée",
    "structure vérifiée",
    "texte d'accord écrit",
    "texte d'accord publié",
]
EDITIONS = [
    "convention créée",
    "convention modifiée",
    "édition préparée",
    "édition recontrôlée",
    "édition contrôlée",
    "édition publiée",
    "fichiers d'édition redemandés",
    "édition retirée",
    "édition écartée",
]
NATURES = {
    "ecritures": ("Écritures", ["creation", "modification", "suppression", "import_depose", "import_fini", "lot demandé", "lot annulé"]),
    "lectures": ("Lectures d’un dossier", ["lecture", "telechargement", "coordonnees"]),
    "listes": ("Listes et recherches", ["liste", "recherche", "agenda lu par son lien", "document vérifié"]),
    "refus": (
        "Refus",
        ["refus", "demande refusée", "demande arrêtée", "connexion refusée", "invitation refusée", "fichier refusé"],
    ),
    "connexions": (
        "Connexions",
        ["connexion", "déconnexion", "connexion refusée", "confirmation", "sessions terminées", *MOYENS],
    ),
    "comptes": ("Droits et comptes", [*COMPTES, *MOYENS]),
    "exports": ("Exports", ["export"]),
    "effacements": ("Effacements", ["effacement"]),
    "referentiel": ("Référentiel et annuaire", REFERENTIEL),
    "pilotage": ("Pilotage", PILOTAGE),
    "editions": ("Conventions et éditions", EDITIONS),
    "surveillance": ("Surveillance", ["piste", "alerte", "alerte regardée", "justification", "ancrage"]),
}  # fmt: skip
SYSTEME, EXTERIEUR = "systeme", "exterieur"
MICRO = datetime.timedelta(microseconds=1)
ORIGINE = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Filtres:
    """Ce que l'adresse demande, valeurs sans sens écartées. `chaines` et `acteurs` : ce que `lire_filtres` en a compris."""

    periode: str = PAR_DEFAUT
    du: datetime.date | None = None
    au: datetime.date | None = None
    personne: str = ""
    acteur: str = ""
    nature: str = ""
    apres: tuple | None = None
    avant: tuple | None = None
    chaines: tuple | None = None  # clés des parcours nommés ; None : tous
    acteurs: tuple = field(default=(), compare=False)  # (clé, uuid, nom) de qui peut être choisi

    @property
    def curseur(self):
        """La place (quand, chaîne, rang) d'où la page repart, ou None."""
        return self.avant or self.apres

    @property
    def bornes(self):
        """(depuis, jusqu'à) : deux moments ; le dernier jour est compris."""
        jour = horloge.aujourd_hui()
        if self.periode == "dates":
            return _minuit(self.du or PREMIER_JOUR), _minuit((self.au or jour) + datetime.timedelta(days=1)) - MICRO
        fin = _minuit(jour + datetime.timedelta(days=1)) - MICRO
        if self.periode == "tout":
            return _minuit(PREMIER_JOUR), fin
        return _minuit(jour - datetime.timedelta(days=int(self.periode))), fin

    @property
    def actifs(self):
        """Vrai si autre chose que la période par défaut est demandé."""
        return bool(self.personne or self.acteur or self.nature or self.periode != PAR_DEFAUT)

    def adresse(self, **champs):
        """L'adresse de la même page, ces champs changés."""
        voulu = replace(self, **champs)
        valeurs = {nom: getattr(voulu, nom) for nom in ("personne", "acteur", "nature")}
        valeurs["periode"] = voulu.periode if voulu.periode != PAR_DEFAUT else ""
        if voulu.periode == "dates":
            valeurs |= {"du": voulu.du and voulu.du.isoformat(), "au": voulu.au and voulu.au.isoformat()}
        valeurs |= {"apres": _ecrire(voulu.apres), "avant": _ecrire(voulu.avant)}
        return "?" + urlencode({nom: valeur for nom, valeur in valeurs.items() if valeur})

    @property
    def acteur_cle(self):
        """Clé du professionnel choisi, ou None."""
        return next((cle for cle, uuid, _ in self.acteurs if uuid == self.acteur), None)


def lire_filtres(valeurs, par):
    """Les filtres d'une adresse, pour ce compte ; une valeur qui n'a pas de sens est ignorée, jamais une erreur."""
    acteurs = tuple((cle, str(uuid), f"{prenom} {nom}".strip()) for cle, uuid, prenom, nom in _acteurs(par))
    acteur, personne = valeurs.get("acteur", ""), valeurs.get("personne", "").strip()[:LONGUEUR_MAX]
    connus = {uuid for _, uuid, _ in acteurs} | {SYSTEME, EXTERIEUR}
    periode, nature = valeurs.get("periode", PAR_DEFAUT), valeurs.get("nature", "")
    avant = _curseur(valeurs.get("avant", ""))
    return Filtres(
        periode=periode if periode in PERIODES else PAR_DEFAUT,
        du=_jour(valeurs.get("du", "")),
        au=_jour(valeurs.get("au", "")),
        personne=personne,
        acteur=acteur if acteur in connus else "",
        nature=nature if nature in NATURES else "",
        avant=avant,
        apres=None if avant else _curseur(valeurs.get("apres", "")),
        chaines=tuple(_parcours_nommes(par, personne)) if personne else None,
        acteurs=acteurs,
    )


def _acteurs(par):
    """Qui peut être choisi, par ordre alphabétique : les membres des équipes supervisées ; pour le délégué, chaque compte."""
    comptes = Professionnel.objects.order_by("nom", "prenom", "pk")
    if not par.a_fonction(DELEGUE):
        comptes = comptes.filter(equipe__in=par.equipes_supervisees)
    return comptes.values_list("pk", "uuid", "prenom", "nom")


def _parcours_nommes(par, texte):
    """Clés des parcours que ce texte désigne : un numéro exact, ou un nom parmi ceux que `par` voit ; vingt au plus.

    Le délégué ne cherche que par numéro : il surveille les accès sans apprendre qui est suivi.
    """
    delegue = par.a_fonction(DELEGUE)
    trouves = Parcours.objects.all() if delegue else Parcours.objects.visibles_pour(par)
    cle = cle_de_recherche(texte)
    if texte.upper().startswith("P-"):
        trouves = trouves.filter(numero=texte.upper())
    elif delegue or not cle:
        return []
    else:
        trouves = trouves.filter(personne__cle__contains=cle)
    return trouves.order_by("-pk").values_list("pk", flat=True)[:HOMONYMES]


def _minuit(jour):
    return timezone.make_aware(datetime.datetime.combine(jour, datetime.time.min))


def _jour(texte):
    """Un jour de l'adresse (« 2026-11-22 », ou « 22/11/2026 » comme on l'écrit), ou None."""
    for forme in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            jour = datetime.datetime.strptime(texte.strip(), forme).date()  # noqa: DTZ007 (un jour, sans heure)
        except ValueError:
            continue
        return jour if PREMIER_JOUR <= jour <= datetime.date(2100, 1, 1) else None
    return None


def _ecrire(curseur):
    if curseur is None:
        return ""
    quand, chaine, seq = curseur
    return f"{(quand - ORIGINE) // MICRO}_{chaine}_{seq}"


def _curseur(texte):
    """(quand, chaîne, rang) d'un curseur d'adresse, ou None."""
    try:
        instant, chaine, seq = (int(mot) for mot in texte.split("_"))
        quand = ORIGINE + MICRO * instant
    except (ValueError, OverflowError):
        return None
    return (quand, chaine, seq) if max(abs(chaine), abs(seq)) < 2**62 else None
