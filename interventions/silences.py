"""L'horloge du silence : quand une réponse est attendue, ce que vaut son absence, jusqu'à quand contester. Calcul pur, en jours civils.

Un délai en mois va de quantième à quantième ; le 31 devient le dernier jour d'un mois plus court. Le jour dit pour contester est
le plus prudent : ni le report d'un samedi ou d'un férié, ni le jour de plus d'un délai franc n'y sont ajoutés ; ils se disent.
"""

from dataclasses import dataclass
from datetime import date

from securisation.parcours.delais import mois_apres
from securisation.socle.horloge import FERIES_FIXES
from securisation.socle.templatetags.jalon import compte, date_moyenne

REJET, ACCORD = "rejet", "accord"
JOURS_CHOMES = {5: "un samedi", 6: "un dimanche"}


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
    effet_le = mois_apres(depuis, regle.mois)
    conteste = regle.effet == REJET and regle.recours_mois
    contester = mois_apres(effet_le, regle.recours_mois) if conteste else None
    return Silence(depuis, regle.effet, effet_le, contester, jour)


def de_l_action(action, jour):
    """Le `Silence` d'une démarche qui attend une réponse ; None si rien n'est demandé ou si une réponse est connue, si le délai
    n'est pas renseigné, ou si le dossier est incomplet (le délai repart du jour où il est complet).
    """
    regle, depuis = regle_du_levier(action.levier), action.complet_le or action.ns2_sollicite_le
    if regle is None or depuis is None or not action.attend_une_reponse or action.manque_une_piece:
        return None
    return compter(depuis, regle, jour)


def regle_du_levier(levier):
    """La `Regle` que porte un levier, ou None si son délai n'est pas renseigné."""
    if not levier.silence_mois:
        return None
    return Regle(levier.silence_mois, levier.silence_effet, levier.recours_mois)


# -- en mots


def en_mots(action, jour):
    """Ce qu'une page dit du silence d'une démarche qui attend une réponse : {ton, titre, texte, dire, bref}, ou None.

    `dire` : la phrase à dire à la personne, vide quand rien n'est sûr. Le délai qui n'est pas renseigné se dit aussi.
    """
    if action.est_tue or not action.attend_une_reponse:
        return None
    if regle_du_levier(action.levier) is None:
        return _dit(
            "", "Délai de réponse non renseigné", "Aucune source n’est enregistrée pour ce levier : rien ne se calcule."
        )
    silence = de_l_action(action, jour)
    if silence is None:
        texte = "Le délai repart du jour où le dossier est complet : notez-le avec la réponse."
        return _dit(
            "soon",
            "Dossier incomplet : le silence ne court pas",
            texte,
            bref="Dossier incomplet, le silence ne court pas",
        )
    if not silence.a_pris_effet:
        return _avant(action, silence)
    return _rejet(action, silence) if silence.vaut_rejet else _accord(silence)


def _dit(ton, titre, texte, *, dire="", bref=""):
    return {"ton": ton, "titre": titre, "texte": texte, "dire": dire, "bref": bref}


def _avant(action, silence):
    effet_le, depuis = date_moyenne(silence.effet_le), date_moyenne(silence.depuis)
    suite, dite = "", "la loi dit alors que c’est accordé : nous demanderons une attestation"
    if silence.vaut_rejet:
        dite = "la loi dit alors que c’est refusé"
        if silence.contester_avant:
            suite = f" Ce rejet se contestera jusqu’au {_jour_pour_contester(silence)}{_devant(action)}."
            dite += f", et vous pourrez contester jusqu’au {date_moyenne(silence.contester_avant)}"
    dire = f"Votre demande est du {depuis}. La réponse doit venir avant le {effet_le}. Si rien n’est venu, {dite}."
    texte = f"Sans réponse ce jour-là, le silence vaudra {silence.effet}.{suite}"
    bref = f"Sans réponse le {effet_le}, vaudra {silence.effet}"
    return _dit("", f"Réponse attendue avant le {effet_le}", texte, dire=dire, bref=bref)


def _rejet(action, silence):
    titre, bref = _depuis(silence)
    if not silence.contester_avant:
        texte = (
            "Le délai pour contester n’est pas renseigné : faites-le vérifier sans attendre (point-justice, avocat)."
        )
        return _dit("late", titre, texte, dire="", bref=bref)
    dernier = date_moyenne(silence.contester_avant)
    if silence.est_trop_tard:
        texte = (
            f"Ce rejet se contestait jusqu’au {dernier}, compté au plus court. Ce délai ne vaut pas toujours, si l’accusé de "
            "réception ne le disait pas (CRPA, art. L. 112-6) : faites vérifier (point-justice, avocat)."
        )
        dire = f"La loi dit que c’est refusé depuis le {date_moyenne(silence.effet_le)}. Le délai pour contester semble passé : "
        return _dit("late", titre, texte, dire=dire + "vérifions-le avec un juriste.", bref=bref)
    reste = compte(silence.jours_pour_contester, "jour,jours")
    texte = f"Ce rejet se conteste jusqu’au {_jour_pour_contester(silence)}{_devant(action)}. Il reste {reste}."
    dire = (
        f"Vous n’avez pas eu de réponse : depuis le {date_moyenne(silence.effet_le)}, la loi dit que c’est refusé. "
        f"Vous pouvez contester jusqu’au {dernier}. Nous pouvons préparer le courrier ensemble."
    )
    return _dit("late", titre, texte, dire=dire, bref=f"{bref}, à contester jusqu’au {dernier}")


def _accord(silence):
    titre, bref = _depuis(silence)
    texte = "Une attestation de cet accord se demande par écrit (CRPA, art. L. 232-3)."
    dire = (
        f"Vous n’avez pas eu de réponse : depuis le {date_moyenne(silence.effet_le)}, la loi dit que c’est accordé. "
        "Nous pouvons demander une attestation ensemble."
    )
    return _dit("soon", titre, texte, dire=dire, bref=bref)


def _depuis(silence):
    effet = f"vaut {silence.effet} depuis le {date_moyenne(silence.effet_le)}"
    return f"Silence depuis le {date_moyenne(silence.depuis)} : {effet}", f"Silence : {effet}"


def _jour_pour_contester(silence):
    """Le jour, et ce qu'il faut en dire : le report d'un jour chômé ne se devine pas."""
    reserve = f" ({silence.reserve} : n’attendez pas ce jour)" if silence.reserve else ""
    return f"{date_moyenne(silence.contester_avant)}{reserve}"


def _devant(action):
    return f", devant {action.levier.recours_aupres}" if action.levier.recours_aupres else ""
