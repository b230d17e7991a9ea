"""Les filtres de l'agenda vivent dans l'adresse : on y revient, on les partage, ils marchent sans JavaScript."""

import datetime
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from securisation.socle import horloge
from securisation.synthese.agenda.lecture import DEBUT, GENRES

SEMAINE, LISTE = "semaine", "liste"
MOI, EQUIPE = "moi", "equipe"
JOURS_DE_LISTE = 30
UN_JOUR = datetime.timedelta(days=1)
WEEK_END = (5, 6)
BORNES = (datetime.date(2000, 1, 3), datetime.date(2099, 12, 20))


def par_defaut(vue):
    """Le jour montré quand l'adresse n'en dit pas : aujourd'hui ; le samedi et le dimanche, la semaine est celle qui vient."""
    jour = horloge.aujourd_hui()
    return jour + UN_JOUR * (7 - jour.weekday()) if vue == SEMAINE and jour.weekday() in WEEK_END else jour


@dataclass(frozen=True)
class Filtres:
    """Vue, à qui, genre (clé de GENRES ou ""), jour montré, curseur de la liste (moment, clé)."""

    jour: datetime.date
    vue: str = SEMAINE
    de: str = MOI
    genre: str = ""
    apres: tuple = DEBUT

    @property
    def du(self):
        """Premier jour montré : le lundi de la semaine ISO, même à cheval sur deux années, ou le jour lui-même."""
        return self.jour - UN_JOUR * self.jour.weekday() if self.vue == SEMAINE else self.jour

    @property
    def lu_du(self):
        """Premier jour lu : le samedi qui précède, quand la semaine montrée suit la fin de semaine où l'on est."""
        suit = self.du == par_defaut(SEMAINE) != horloge.aujourd_hui()
        return self.du - 2 * UN_JOUR if suit and self.vue == SEMAINE else self.du

    @property
    def avant(self):
        """Premier jour qui n'est plus montré."""
        return self.du + UN_JOUR * self.pas

    @property
    def pas(self):
        """Jours d'une page à la suivante."""
        return 7 if self.vue == SEMAINE else JOURS_DE_LISTE

    @property
    def genres(self):
        """Les genres lus."""
        return [self.genre] if self.genre else list(GENRES)

    def adresse(self, **champs):
        """L'adresse de la même page, ces champs changés ; une autre page repart du début, une autre vue de son jour par défaut."""
        if "vue" in champs and self.jour == par_defaut(self.vue):
            champs.setdefault("jour", par_defaut(champs["vue"]))
        voulu = replace(self, **({"apres": DEBUT} | champs))
        valeurs = {"vue": voulu.vue * (voulu.vue != SEMAINE), "de": voulu.de * (voulu.de != MOI), "genre": voulu.genre}
        valeurs["jour"] = voulu.jour.isoformat() if voulu.jour != par_defaut(voulu.vue) else ""
        if voulu.apres != DEBUT:
            valeurs["apres"] = f"{voulu.apres[0].timestamp():.0f}_{voulu.apres[1]}"
        return "?" + urlencode({nom: valeur for nom, valeur in valeurs.items() if valeur})

    def decale(self, pages):
        """L'adresse, tant de pages plus loin (ou plus tôt) ; "" hors des bornes."""
        jour = self.du + UN_JOUR * (self.pas * pages)
        return self.adresse(jour=jour) if BORNES[0] <= jour <= BORNES[1] else ""

    def segments(self):
        """Les trois rangées de choix : la vue, à qui, quel genre."""
        vues = {SEMAINE: "Semaine", LISTE: "Liste"}
        a_qui = {MOI: "Moi", EQUIPE: "Mon équipe"}
        return {
            "vues": [self._choix("vue", cle, mot) for cle, mot in vues.items()],
            "a_qui": [self._choix("de", cle, mot) for cle, mot in a_qui.items()],
            "genres": [self._choix("genre", cle, mot) for cle, mot in ({"": "Tout"} | GENRES).items()],
        }

    def _choix(self, nom, cle, mot):
        return {"libelle": mot, "url": self.adresse(**{nom: cle}), "ici": getattr(self, nom) == cle}


def lire_filtres(valeurs):
    """Les filtres d'une adresse ; une valeur qui n'a pas de sens est ignorée, jamais une erreur."""
    vue, de, genre = (valeurs.get(nom, "") for nom in ("vue", "de", "genre"))
    vue = LISTE if vue == LISTE else SEMAINE
    return Filtres(
        jour=lire_un_jour(valeurs.get("jour", "")) or par_defaut(vue),
        vue=vue,
        de=EQUIPE if de == EQUIPE else MOI,
        genre=genre if genre in GENRES else "",
        apres=_apres(valeurs.get("apres", "")),
    )


def lire_un_jour(texte):
    """Le jour d'une adresse (« 2026-11-24 »), ramené dans les bornes ; None s'il ne se lit pas."""
    try:
        jour = datetime.date.fromisoformat(texte)
    except ValueError:
        return None
    return min(max(jour, BORNES[0]), BORNES[1])


def _apres(texte):
    instant, _, cle = texte.partition("_")
    if not (
        instant.isdecimal() and instant.isascii() and len(instant) < 11 and cle[:1] in ("r", "e") and len(cle) < 21
    ):
        return DEBUT
    return datetime.datetime.fromtimestamp(int(instant), tz=datetime.UTC), cle
