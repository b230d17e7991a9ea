"""La surveillance du journal n'entre pas dans la copie de la personne : elle regarde des professionnels."""

from securisation.socle.copie import exclure

exclure(
    "La surveillance des lectures par le délégué à la protection des données : elle porte sur des professionnels.",
    "synthese.Alerte",
)
exclure(
    "Lot de documents demandé par une responsable d'équipe : chaque document qui en sort est dans la liste des vôtres.",
    "synthese.LigneDeLot",
    dire=False,
)
