"""La part du diagnostic dans la copie de la personne : chaque version validée, ses axes, ses facteurs, ses enchaînements."""

from diagnostics.models import Diagnostic
from securisation.annuaire.models import Criticite
from securisation.socle.copie import exclure, part

exclure(
    "Le brouillon privé d'un professionnel : il ne l'a pas enregistré, et personne d'autre ne le lit.",
    "diagnostics.BrouillonAxe",
)


@part(
    "diagnostic",
    titre="Votre diagnostic",
    ordre=40,
    modeles=(
        "diagnostics.Diagnostic",
        "diagnostics.EvaluationAxe",
        "diagnostics.FacteurRetenu",
        "diagnostics.DominoExamine",
    ),
)
def diagnostic(parcours, fiche):
    """Chaque version validée ; une version en cours d'écriture est annoncée, pas remise."""
    for version in parcours.diagnostics.select_related("valide_par").order_by("rang"):
        titre = f"Diagnostic, version {version.rang}"
        if version.etat == Diagnostic.Etat.BROUILLON:
            note = f"En cours d’écriture depuis le {version.ouvert_le:%d/%m/%Y} : il vous sera remis une fois validé."
            yield fiche(None, titre, note=note)
            continue
        axes = [_axe(evaluation, fiche) for evaluation in version.par_axe()]
        dominos = [fiche(d, "Un enchaînement examiné") for d in version.dominos.select_related("de", "vers", "lien")]
        yield fiche(version, titre, fiches=[*axes, *dominos])


def _axe(evaluation, fiche):
    facteurs = [fiche(f, f.facteur.libelle) for f in evaluation.facteurs.select_related("facteur")]
    return nommer_les_niveaux(fiche(evaluation, evaluation.axe.libelle, fiches=facteurs))


def nommer_les_niveaux(rendue):
    """La fiche, où chaque niveau se lit avec son mot (« 2, fragile »), comme à l'écran."""
    mots = dict(Criticite.objects.values_list("niveau", "libelle"))
    for champ in rendue["champs"]:
        if champ["nom"].startswith("criticite") and champ["lu"]:
            champ["lu"] = f"{champ['valeur']}, {mots[champ['valeur']].lower()}"
    return rendue
