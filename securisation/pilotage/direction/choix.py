"""Ce que l'adresse d'une page de pilotage choisit : une période, une équipe, un département ; rien d'un professionnel.

Les périodes sont celles d'un calendrier (année, semestre, trimestre) : deux périodes à un jour près diraient qui est entré ce jour-là.
"""

import calendar
import datetime
import re
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.db.models import Q

from securisation.annuaire.models import Departement
from securisation.comptes.models import Equipe
from securisation.pilotage.chiffres import Perimetre
from securisation.pilotage.models import Convention
from securisation.socle import horloge

ANNEES = 6
AUCUNE = (0,)  # la clé qu’aucune équipe ne porte : « vide » voudrait dire toutes
_PERIODE = re.compile(r"(\d{4})(?:-([ST])(\d))?")
MOIS_D_UNE_PART = {"S": 6, "T": 3}
NOMS = {"S": "semestre", "T": "trimestre"}
ORDINAUX = {1: "premier", 2: "deuxième", 3: "troisième", 4: "quatrième"}


@dataclass(frozen=True)
class Choix:
    """Une période du calendrier (« 2026 », « 2026-S1 », « 2026-T3 ») et, si l'on restreint, une équipe et un département."""

    periode: str
    equipe: int | None = None
    departement: str = ""
    permises: tuple = ()  # clés des équipes que ce compte lit ; vide : toutes

    @property
    def annee(self):
        """L'année de la période."""
        return int(self.periode[:4])

    @property
    def bornes(self):
        """(premier jour, dernier jour)."""
        annee, sorte, rang = _lire_la_periode(self.periode)
        if not sorte:
            return datetime.date(annee, 1, 1), datetime.date(annee, 12, 31)
        mois = MOIS_D_UNE_PART[sorte]
        fin = rang * mois
        return datetime.date(annee, fin - mois + 1, 1), datetime.date(annee, fin, calendar.monthrange(annee, fin)[1])

    @property
    def equipes(self):
        """Les clés d'équipes à compter ; vide : toutes."""
        return (self.equipe,) if self.equipe else self.permises

    @property
    def perimetre(self):
        """Le périmètre des chiffres."""
        du, au = self.bornes
        return Perimetre(du, au, equipes=self.equipes, departements=(self.departement,) if self.departement else ())

    @property
    def est_en_cours(self):
        """Vrai si la période n'est pas finie : ses nombres vont encore changer."""
        return self.bornes[1] >= horloge.aujourd_hui()

    def adresse(self, **champs):
        """L'adresse de la même page, ces choix changés."""
        voulu = replace(self, **champs)
        valeurs = {"periode": voulu.periode, "equipe": voulu.equipe, "departement": voulu.departement}
        return "?" + urlencode({nom: valeur for nom, valeur in valeurs.items() if valeur})


def lire(valeurs, par, *, annees_seules=False):
    """Le choix que dit l'adresse, pour ce compte ; une valeur qui n'a pas de sens, ou une équipe qu'il ne lit pas, est écartée."""
    permises = () if par.a_fonction("DIRECTION") else tuple(sorted(par.equipes_supervisees)) or AUCUNE
    periode, equipe = valeurs.get("periode", ""), valeurs.get("equipe", "")
    if not _est_une_periode(periode) or (annees_seules and len(periode) > 4):
        periode = str(horloge.aujourd_hui().year)
    connues = {str(cle): cle for cle, _ in equipes_de(par)}
    departement = valeurs.get("departement", "")
    connus = Departement.objects.filter(code=departement).exists() if departement else False
    return Choix(periode, connues.get(equipe), departement if connus else "", permises)


def equipes_de(par):
    """[(clé, nom)] des équipes dont ce compte lit les chiffres."""
    equipes = (
        Equipe.objects.all() if par.a_fonction("DIRECTION") else Equipe.objects.filter(pk__in=par.equipes_supervisees)
    )
    return list(equipes.values_list("pk", "nom"))


def proposes(par, *, annees_seules=False):
    """Ce que les listes de la page proposent : périodes, équipes, départements."""
    annee = horloge.aujourd_hui().year
    annees = [str(a) for a in range(annee, annee - ANNEES, -1)]
    parts = (
        [] if annees_seules else [f"{a}-{part}" for a in annees[:2] for part in ("S2", "S1", "T4", "T3", "T2", "T1")]
    )
    commencees = [p for p in parts if Choix(p).bornes[0] <= horloge.aujourd_hui()]
    return {
        "periodes": [(p, en_mots(p)) for p in [*annees, *commencees]],
        "equipes": equipes_de(par),
        "departements": _departements(),
    }


def _departements():
    """[(code, nom)] de ceux dont l'association tient une intercommunalité, ou une convention ; jamais ceux où il y a des parcours."""
    ouverts = Departement.objects.ouverts()
    siens = ouverts.filter(
        Q(epcis__isnull=False) | Q(pk__in=Convention.departements.through.objects.values("departement"))
    )
    return list((siens.distinct() if siens.exists() else ouverts).values_list("code", "libelle"))


def en_mots(periode):
    """« année 2026 », « premier semestre 2026 »."""
    annee, sorte, rang = _lire_la_periode(periode)
    return f"{ORDINAUX[rang]} {NOMS[sorte]} {annee}" if sorte else f"année {annee}"


def _lire_la_periode(periode):
    annee, sorte, rang = _PERIODE.fullmatch(periode).groups()
    return int(annee), sorte, int(rang or 0)


def _est_une_periode(periode):
    if not periode.isascii() or not _PERIODE.fullmatch(periode):
        return False
    annee, sorte, rang = _lire_la_periode(periode)
    finie = not sorte or 1 <= rang <= 12 // MOIS_D_UNE_PART[sorte]
    return finie and 2000 <= annee <= horloge.aujourd_hui().year
