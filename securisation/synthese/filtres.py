"""Les filtres de « Mes parcours » vivent dans l'adresse : on les partage, on y revient, ils marchent sans JavaScript."""

import datetime
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from securisation.synthese.dus import EXAMINES, REMPLACE, SORTES
from securisation.synthese.liste import PHASES, PREMIER, TEMPS


@dataclass(frozen=True)
class Filtres:
    """Phase (clé de PHASES ou ""), temps (clé de TEMPS), sorte de dû (clé de SORTES, REMPLACE, « tout » ou ""), curseur (échéance, clé)."""

    phase: str = ""
    temps: str = ""
    faire: str = ""
    apres: tuple = PREMIER

    def adresse(self, **champs):
        """L'adresse de la même page, ces champs changés."""
        voulu = replace(self, **champs)
        valeurs = {"phase": voulu.phase, "temps": voulu.temps, "faire": voulu.faire}
        if voulu.apres != PREMIER:
            valeurs["apres"] = f"{voulu.apres[0].isoformat()}_{voulu.apres[1]}"
        return "?" + urlencode({nom: valeur for nom, valeur in valeurs.items() if valeur})

    @property
    def titre(self):
        """Ce que montre la liste : « En retard, intervention »."""
        if not self.temps:
            return "Parcours clos" if self.phase == "clos" else "Parcours en cours"
        return TEMPS[self.temps][0] + (f", {PHASES[self.phase][0].lower()}" if self.phase else "")

    def segments(self, comptes):
        """Les compteurs de phase, qui sont aussi les filtres de la liste ; les parcours clos ne sont pas comptés."""
        nombres = dict.fromkeys(PHASES) if self.temps else {**comptes.phases, "clos": None}
        tous = [("", "Tous", None if self.temps else comptes.total)]
        return [
            {
                "libelle": libelle,
                "url": self.adresse(phase=nom, apres=PREMIER),
                "nombre": None if nombre is None else comptes.dit(nombre),
                "ici": nom == self.phase,
            }
            for nom, libelle, nombre in [*tous, *((nom, PHASES[nom][0], nombres[nom]) for nom in PHASES)]
        ]

    def temps_comptes(self, comptes):
        """« En retard » et « d'ici 30 jours » : nombre, et l'adresse qui filtre la liste (ou lève ce filtre)."""
        nombres = {"retard": comptes.retards, "bientot": comptes.proches}
        return [
            {
                "cle": cle,
                "libelle": TEMPS[cle][0],
                "nombre": comptes.dit(nombre),
                "ici": cle == self.temps,
                "url": self.adresse(temps="" if cle == self.temps else cle, phase="", apres=PREMIER) + "#t-liste",
            }
            for cle, nombre in nombres.items()
        ]

    def sortes(self, comptes):
        """Les compteurs de « À faire », par sorte de dû, qui sont aussi ses filtres ; rien tant qu'il n'y en a qu'une."""
        de_plus = "+" if not self.faire and comptes.examines >= EXAMINES else ""
        trouvees = [
            {
                "libelle": libelle,
                "url": self.adresse(faire=cle),
                "nombre": f"{comptes.sortes[cle]}{de_plus}" if de_plus else comptes.sortes[cle],
                "ici": cle == self.faire,
            }
            for cle, (libelle, _) in SORTES.items()
            if cle in comptes.sortes
        ]
        if comptes.remplaces:
            nombre = sum(absent["nombre"] for absent in comptes.remplaces)
            remplace = {"libelle": "Remplacements", "url": self.adresse(faire=REMPLACE), "ici": self.faire == REMPLACE}
            trouvees.append(remplace | {"nombre": f"{nombre}{de_plus}" if de_plus else nombre})
        if len(trouvees) < 2 and self.faire not in (*SORTES, REMPLACE):
            return []
        tout = {"libelle": "Tout", "url": self.adresse(faire=""), "ici": self.faire not in (*SORTES, REMPLACE)}
        return [tout, *trouvees]


def lire_filtres(valeurs):
    """Les filtres d'une adresse ; une valeur qui n'a pas de sens est ignorée, jamais une erreur."""
    phase, temps, faire = (valeurs.get(nom, "") for nom in ("phase", "temps", "faire"))
    jour, _, cle = valeurs.get("apres", "").partition("_")
    try:
        apres = (datetime.date.fromisoformat(jour), min(int(cle), 2**62))
    except ValueError:
        apres = PREMIER
    return Filtres(
        phase if phase in PHASES else "",
        temps if temps in TEMPS else "",
        faire if faire in SORTES or faire in (REMPLACE, "tout") else "",
        apres,
    )
