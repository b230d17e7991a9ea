"""La part de la sortie dans la copie de la personne : le bilan validé, ses cotes, ses risques, ses additifs."""

from diagnostics.copie import nommer_les_niveaux
from securisation.socle.copie import part
from sorties.models import Sortie


@part(
    "sortie",
    titre="Votre sortie",
    ordre=60,
    modeles=("sorties.Sortie", "sorties.CotationSortie", "sorties.Risque", "sorties.Additif"),
)
def sortie(parcours, fiche):
    """Le bilan une fois validé ; en cours d'écriture, il est annoncé, pas remis."""
    bilan = Sortie.objects.filter(parcours=parcours).select_related("motif", "validee_par").first()
    if bilan is None:
        return
    if bilan.etat == Sortie.Etat.BROUILLON:
        note = f"Bilan en cours d’écriture depuis le {bilan.ouverte_le:%d/%m/%Y} : il vous sera remis une fois validé."
        yield fiche(None, "Le bilan", note=note)
        return
    cotes = [nommer_les_niveaux(fiche(cote, cote.axe.libelle)) for cote in bilan.par_axe()]
    risques = [fiche(risque, risque.risque.libelle) for risque in bilan.liste_des_risques()]
    additifs = [fiche(additif, f"Additif du {additif.le:%d/%m/%Y}") for additif in bilan.liste_des_additifs()]
    yield fiche(bilan, "Le bilan", fiches=[*cotes, *risques, *additifs])
