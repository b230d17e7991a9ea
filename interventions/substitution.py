"""Les cinq réponses de non-substitution qu'un levier laisse déduire : proposées, dites telles, enregistrées par la personne seule."""

from interventions import silences
from interventions.models import Action
from securisation.annuaire.models import Levier, ModeAction
from securisation.documents.instantane import nom_court
from securisation.socle import horloge

AVEC_LA_PERSONNE = "MA-2"
DE_DROIT_COMMUN = (Levier.Type.DROIT_COMMUN, Levier.Type.DROIT_COMMUN_SPECIALISE)


def leviers_pour(axe, *, sensible):
    """Les leviers ouverts en deux groupes {nom, leviers} : ceux de l'axe, puis les autres. `attend_l_accord` : à recueillir d'abord."""
    groupes = ([], [])
    for levier in Levier.objects.ouverts():
        levier.attend_l_accord = levier.revele_la_sante and not sensible
        groupes[axe.code not in levier.axes].append(levier)
    noms = (f"Leviers de l’axe {axe.libelle.lower()}", "Autres leviers")
    return [{"nom": nom, "leviers": leviers} for nom, leviers in zip(noms, groupes, strict=True)]


def levier_de(code):
    """Le levier ouvert de ce code ; None s'il n'existe pas."""
    return Levier.objects.ouverts().filter(code=code).first() if code else None


def proposer(levier):
    """{champ: (réponse, ce qui la justifie)} ; un champ absent ne se déduit pas. Sans justification, une simple commodité."""
    if levier is None:
        return {}
    return _l_action(levier) | _le_droit_commun(levier) | _l_apres(levier)


def _l_action(levier):
    mode = ModeAction.objects.ouverts().filter(code=AVEC_LA_PERSONNE).first()
    avec = {"ns3": (Action.Qui.ENSEMBLE, "Proposée : faire avec la personne.")}
    avec |= {"mode": (mode.pk, "")} if mode else {}
    return {"levier": (levier.pk, ""), "intitule": (nom_court(levier.libelle), "D’après le levier.")} | avec


def _le_droit_commun(levier):
    jour, regle = horloge.aujourd_hui(), silences.regle_du_levier(levier)
    deduit = {"ns2_sollicite_le": (jour, "")}
    if levier.type in DE_DROIT_COMMUN:
        deduit["ns1"] = (Action.Reponse.OUI, "Déduite : ce levier est de droit commun.")
    if regle:
        pourquoi = f"D’après le délai de ce levier, {regle.mois} mois pour une demande faite ce jour."
        deduit["reponse_attendue_le"] = (silences.compter(jour, regle, jour).effet_le, pourquoi)
    return deduit


def _l_apres(levier):
    """Qui continue : la structure qui porte le levier quand elle est seule ; ni soin ni décision réservée pour un guichet ordinaire."""
    if levier.type not in DE_DROIT_COMMUN:
        return {}
    portent = list(levier.structures.filter(fermee_le=None).values_list("nom", flat=True)[:2])
    relais = portent[0] if len(portent) == 1 else nom_court(levier.libelle)
    deduit = {"ns4": ("oui", "Déduite : ce service reste ouvert après nous."), "ns4_relais": (relais, "")}
    if levier.type == Levier.Type.DROIT_COMMUN and levier.axes and not levier.revele_la_sante:
        deduit["ns5"] = ("non", "Déduite : ce levier est une démarche sociale ou administrative.")
    return deduit
