"""Géométrie des graphiques : Python calcule, les gabarits `composants/graphiques/*.svg` dessinent.

Même tracé sur la page et dans le PDF. Toute coordonnée rendue est un texte à point décimal (la langue française
écrirait une virgule) ; aucun style en ligne. Un graphique est toujours accompagné d'un tableau ou de phrases.
"""

from securisation.socle.graphiques.barres import barres
from securisation.socle.graphiques.enchainement import domino
from securisation.socle.graphiques.flux import flux
from securisation.socle.graphiques.frise import frise
from securisation.socle.graphiques.periode import boite_de_temps
from securisation.socle.graphiques.radar import radar

__all__ = ["barres", "boite_de_temps", "domino", "flux", "frise", "radar"]
