"""L'horloge du silence : quand une réponse est attendue, ce que vaut son absence, jusqu'à quand contester. Calcul pur, en jours civils.

Un délai en mois va de quantième à quantième ; le 31 devient le dernier jour d'un mois plus court. Le jour dit pour contester est
le plus prudent : ni le report d'un samedi ou d'un férié, ni le jour de plus d'un délai franc n'y sont ajoutés ; ils se disent.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

REJET, ACCORD = "rejet", "accord"
# Fériés à date fixe (code du travail, art. L. 3133-1). Les fêtes mobiles ne se devinent pas : la phrase invite à vérifier.
FERIES_FIXES = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
JOURS_CHOMES = {5: "un samedi", 6: "un dimanche"}


def ajouter_mois(jour, mois):
    """Le même quantième, `mois` mois plus tard (entier ≥ 0) ; le dernier jour du mois s'il n'a pas ce quantième."""
    rang = jour.year * 12 + jour.month - 1 + mois
    annee, numero = divmod(rang, 12)
    return date(annee, numero + 1, min(jour.day, calendar.monthrange(annee, numero + 1)[1]))


def reserve_du_jour(jour):
    """« un samedi », « un dimanche », « un jour férié » ; "" pour un jour ouvrable, sous réserve des fêtes mobiles."""
    if (jour.month, jour.day) in FERIES_FIXES:
        return "un jour férié"
    return JOURS_CHOMES.get(jour.weekday(), "")


@dataclass(frozen=True)
class Regle:
    """Ce que dit un levier : mois avant que le silence prenne effet, ce qu'il vaut, mois pour contester (None : non dit)."""

    mois: int
    effet: str
    recours_mois: int | None = None


@dataclass(frozen=True)
class Silence:
    """L'horloge d'une démarche ce jour-là. Toutes les dates sont des jours civils ; `contester_avant` vaut None s'il n'y en a pas."""

    depuis: date
    effet: str
    effet_le: date
    contester_avant: date | None
    jour: date

    @property
    def a_pris_effet(self):
        """Vrai dès le jour où l'absence de réponse vaut décision."""
        return self.jour >= self.effet_le

    @property
    def vaut_rejet(self):
        """Vrai si ce silence est un refus."""
        return self.effet == REJET

    @property
    def dernier_jour_de_reponse(self):
        """La veille du jour où le silence prend effet."""
        return self.effet_le - timedelta(days=1)

    @property
    def est_contestable(self):
        """Vrai si un refus est né et que le dernier jour pour contester n'est pas passé."""
        return self.a_pris_effet and self.contester_avant is not None and self.jour <= self.contester_avant

    @property
    def est_trop_tard(self):
        """Vrai si le dernier jour pour contester, compté au plus court, est passé."""
        return self.contester_avant is not None and self.jour > self.contester_avant

    @property
    def jours_pour_contester(self):
        """Jours restants, le dernier compris dans le délai ; négatif une fois passé, None si le délai n'est pas connu."""
        return None if self.contester_avant is None else (self.contester_avant - self.jour).days

    @property
    def reserve(self):
        """Ce qu'il faut dire du dernier jour : « un dimanche »… ; "" si rien."""
        return reserve_du_jour(self.contester_avant) if self.contester_avant else ""


def compter(depuis, regle, jour):
    """Le `Silence` d'une demande reçue complète le jour `depuis`, vu le jour `jour`."""
    effet_le = ajouter_mois(depuis, regle.mois)
    conteste = regle.effet == REJET and regle.recours_mois
    contester = ajouter_mois(effet_le, regle.recours_mois) if conteste else None
    return Silence(depuis, regle.effet, effet_le, contester, jour)


def de_l_action(action, jour):
    """Le `Silence` d'une démarche qui attend une réponse ; None si rien n'est demandé, si elle a une réponse, ou si le délai
    n'est pas renseigné, ou si le dossier est incomplet (le délai repart du jour où il est complet)."""
    regle, depuis = regle_du_levier(action.levier), action.complet_le or action.ns2_sollicite_le
    if regle is None or depuis is None or not action.attend_une_reponse or action.manque_une_piece:
        return None
    return compter(depuis, regle, jour)


def regle_du_levier(levier):
    """La `Regle` que porte un levier, ou None si son délai n'est pas renseigné."""
    if not levier.silence_mois:
        return None
    return Regle(levier.silence_mois, levier.silence_effet, levier.recours_mois)
