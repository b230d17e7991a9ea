"""Les filtres de « Mes parcours » vivent dans l'adresse : on les partage, on y revient, ils marchent sans JavaScript."""

import datetime
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from securisation.synthese.liste import PHASES, PREMIER

LONGUEUR_MAX = 80


@dataclass(frozen=True)
class Filtres:
    """Phase (clé de PHASES ou ""), recherche (nom ou numéro), curseur (échéance, clé)."""

    phase: str = ""
    q: str = ""
    apres: tuple = PREMIER

    def adresse(self, **champs):
        """L'adresse de la même page, ces champs changés."""
        voulu = replace(self, **champs)
        valeurs = {"phase": voulu.phase, "q": voulu.q}
        if voulu.apres != PREMIER:
            valeurs["apres"] = f"{voulu.apres[0].isoformat()}_{voulu.apres[1]}"
        return "?" + urlencode({nom: valeur for nom, valeur in valeurs.items() if valeur})

    def segments(self, comptes):
        """Les compteurs, qui sont aussi les filtres ; les parcours clos ne sont pas comptés."""
        tous = [{"libelle": "Tous", "url": self.adresse(phase="", apres=PREMIER), "nombre": comptes.dit(comptes.total)}]
        for nom, (libelle, _) in PHASES.items():
            nombre = None if nom == "clos" else comptes.dit(comptes.phases[nom])
            tous.append(
                {
                    "libelle": libelle,
                    "url": self.adresse(phase=nom, apres=PREMIER),
                    "nombre": nombre,
                    "ici": nom == self.phase,
                }
            )
        tous[0]["ici"] = not self.phase
        return tous


def lire_filtres(valeurs):
    """Les filtres d'une adresse ; une valeur qui n'a pas de sens est ignorée, jamais une erreur."""
    phase = valeurs.get("phase", "")
    jour, _, cle = valeurs.get("apres", "").partition("_")
    try:
        apres = (datetime.date.fromisoformat(jour), min(int(cle), 2**62))
    except ValueError:
        apres = PREMIER
    return Filtres(phase if phase in PHASES else "", valeurs.get("q", "").strip()[:LONGUEUR_MAX], apres)
