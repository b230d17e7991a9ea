"""La surveillance du journal n'entre pas dans la copie de la personne : elle regarde des professionnels."""

from securisation.socle.copie import exclure

exclure(
    "La surveillance des lectures par le délégué à la protection des données : elle porte sur des professionnels.",
    "synthese.Alerte",
)
