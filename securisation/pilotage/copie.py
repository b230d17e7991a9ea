"""La part du pilotage dans la copie de la personne : ses mots proposés pour un rapport."""

from securisation.socle.copie import exclure, part

exclure(
    "Ce que votre parcours apporte aux chiffres, en codes : il est refait de votre dossier, qui est dans cette copie.",
    "pilotage.Fait",
    dire=False,
)
exclure(
    "Qu’une édition a compté ce parcours : un nombre sans sens, qui ne sert qu’à la comparer aux suivantes.",
    "pilotage.EmpreinteDEdition",
    dire=False,
)


@part("paroles", titre="Vos mots pour un rapport", ordre=72, modeles=("pilotage.Parole",))
def paroles(parcours, fiche):
    """Chaque phrase proposée, et ce qu'elle est devenue."""
    for parole in parcours.paroles.select_related("axe", "proposee_par", "relue_par").order_by("pk"):
        yield fiche(parole, "Une phrase de vous")
