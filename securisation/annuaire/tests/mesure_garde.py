"""Mesurer la garde sur ses deux corpus : la part des phrases médicales prises, la part des phrases ordinaires signalées.

    python -m securisation.annuaire.tests.mesure_garde            # les figures, par moitié et par genre
    python -m securisation.annuaire.tests.mesure_garde --echecs   # de plus, ce que la moitié de réglage manque

Les phrases de rang impair règlent le lexique ; celles de rang pair le contrôlent, et leurs échecs ne s'impriment pas.
"""

import re
import sys
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from securisation.annuaire.garde import examiner

CORPUS = Path(__file__).resolve().parent / "corpus"
RAPPEL_VISE, FAUSSES_ALERTES_ADMISES = 0.95, 0.03
ATTENDU = re.compile(r"\{([^{}]*)\}")
REGLAGE, CONTROLE = "réglage", "contrôle"


@dataclass(frozen=True)
class Phrase:
    """Une phrase d'un corpus : son genre, sa moitié, et les passages (début, fin) que la garde doit atteindre."""

    texte: str
    genre: str
    moitie: str
    attendus: tuple = ()

    @property
    def est_signalee(self):
        """Vrai si la garde en signale quoi que ce soit."""
        return bool(examiner(self.texte))

    @property
    def est_prise(self):
        """Vrai si une alerte touche l'un des passages attendus : signaler ailleurs ne compte pas."""
        alertes = examiner(self.texte)
        return any(a.position < fin and a.fin > debut for a in alertes for debut, fin in self.attendus)


@dataclass(frozen=True)
class Figure:
    """Combien de phrases répondent, sur combien."""

    trouvees: int
    total: int

    @property
    def part(self):
        return self.trouvees / self.total


@dataclass(frozen=True)
class Mesure:
    """Les figures d'une moitié ; `par_genre` : {genre: Figure}, médicales puis ordinaires."""

    moitie: str
    rappel: Figure
    fausses_alertes: Figure
    par_genre: dict

    @property
    def est_tenue(self):
        """Vrai si la garde atteint ce que l'on attend d'elle."""
        return self.rappel.part >= RAPPEL_VISE and self.fausses_alertes.part <= FAUSSES_ALERTES_ADMISES


def lire(nom):
    """Les phrases d'un corpus (« medicales », « ordinaires »), dans l'ordre."""
    phrases, genre = [], ""
    for ligne in (CORPUS / f"{nom}.txt").read_text(encoding="utf-8").splitlines():
        if ligne.startswith("=="):
            genre = ligne.strip("= ")
        elif ligne.strip() and not ligne.startswith("#"):
            phrases.append(phrase(ligne, genre, CONTROLE if len(phrases) % 2 else REGLAGE))
    return phrases


def phrase(ligne, genre, moitie):
    """Une ligne de corpus, ses accolades ôtées et retenues."""
    attendus, ote = [], 0
    for trouve in ATTENDU.finditer(ligne):
        attendus.append((trouve.start() - ote, trouve.end() - ote - 2))
        ote += 2
    return Phrase(ATTENDU.sub(r"\1", ligne), genre, moitie, tuple(attendus))


def mesurer():
    """{moitié: Mesure}, pour les deux moitiés."""
    medicales, ordinaires = lire("medicales"), lire("ordinaires")
    return {moitie: _mesure(moitie, medicales, ordinaires) for moitie in (REGLAGE, CONTROLE)}


def _mesure(moitie, medicales, ordinaires):
    medicales, ordinaires = ([p for p in phrases if p.moitie == moitie] for phrases in (medicales, ordinaires))
    return Mesure(
        moitie,
        _figure(medicales, prises),
        _figure(ordinaires, signalees),
        _par_genre(medicales, prises) | _par_genre(ordinaires, signalees),
    )


def prises(phrases):
    """Les phrases dont la garde touche le passage attendu."""
    return [p for p in phrases if p.est_prise]


def signalees(phrases):
    """Les phrases que la garde signale."""
    return [p for p in phrases if p.est_signalee]


def _figure(phrases, tri):
    return Figure(len(tri(phrases)), len(phrases))


def _par_genre(phrases, tri):
    return {genre: _figure(list(du_genre), tri) for genre, du_genre in groupby(phrases, lambda p: p.genre)}


def echecs_du_reglage():
    """Ce que la garde manque, puis ce qu'elle signale à tort, dans la moitié de réglage et dans elle seule (lignes)."""
    medicales, ordinaires = ([p for p in lire(nom) if p.moitie == REGLAGE] for nom in ("medicales", "ordinaires"))
    yield from (f"manquée [{p.genre}] {p.texte}" for p in medicales if not p.est_prise)
    yield from (f"à tort {[a.extrait for a in examiner(p.texte)]} {p.texte}" for p in signalees(ordinaires))


def en_lignes(mesures):
    """Les figures, une par ligne, pour un rapport."""
    for mesure in mesures.values():
        yield f"garde, moitié de {mesure.moitie} : {'tenue' if mesure.est_tenue else 'MANQUÉE'}"
        yield f"  médicales prises {_dite(mesure.rappel)} (au moins {RAPPEL_VISE:.0%})"
        yield f"  ordinaires signalées {_dite(mesure.fausses_alertes)} (au plus {FAUSSES_ALERTES_ADMISES:.0%})"
        yield from (f"    {genre} : {_dite(figure)}" for genre, figure in mesure.par_genre.items())


def _dite(figure):
    return f"{figure.trouvees} sur {figure.total}, {figure.part:.1%}".replace(".", ",")


if __name__ == "__main__":
    mesures = mesurer()
    lignes = [*en_lignes(mesures), *(echecs_du_reglage() if "--echecs" in sys.argv else ())]
    sys.stdout.write("\n".join(lignes) + "\n")
    sys.exit(not all(mesure.est_tenue for mesure in mesures.values()))
