"""Le bornage : terme, jours restants et jalons d'une intervention. Calcul pur, en jours civils."""

from datetime import timedelta

from securisation.socle.graphiques import boite_de_temps
from securisation.socle.templatetags.jalon import compte

PREPARER_LA_SORTIE = timedelta(days=14)


def jours_suspendus(suspensions, *, jusqu_a=None, plafond=None):
    """Jours de suspension déjà comptés (entier ≥ 0).

    `suspensions` : couples (du, au), le jour `au` étant celui de la reprise ; `au` vaut None tant que la suspension
    court : elle compte alors jusqu'au jour `jusqu_a`, ou pas du tout si ce jour n'est pas donné. Au-delà de `plafond`
    jours en tout, le temps recommence à courir.
    """
    total = 0
    for du, au in suspensions:
        fin = au or jusqu_a or du
        total += max((fin - du).days, 0)
    return total if plafond is None else min(total, plafond)


def terme(demarre_le, duree_jours, suspensions=(), prolongations=(), *, jusqu_a=None, plafond=None):
    """Dernier jour de l'intervention (date) : début, durée, jours suspendus (plafonnés) et jours de prolongation approuvés."""
    suspendus = jours_suspendus(suspensions, jusqu_a=jusqu_a, plafond=plafond)
    return demarre_le + timedelta(days=duree_jours + suspendus + sum(prolongations))


def jours_restants(jour_du_terme, jour):
    """Jours avant le terme ; négatif une fois le terme passé."""
    return (jour_du_terme - jour).days


def jalons(demarre_le, jour_du_terme):
    """Dates repères d'une intervention, dans l'ordre : couples (date, libellé). Une intervention très courte n'en a pas."""
    duree = (jour_du_terme - demarre_le).days
    sortie = jour_du_terme - PREPARER_LA_SORTIE
    if duree < 2 * PREPARER_LA_SORTIE.days + 2:
        return []
    return [(demarre_le + timedelta(days=duree // 2), "Mi-parcours"), (sortie, "Préparer la sortie")]


def boite(intervention, jour):
    """Ce que `composants/boite_temps.html` attend, pour ce jour (dict) ; tout le calendrier y est aussi en phrases."""
    fin = intervention.terme_a_ce_jour
    # Une suspension levée le jour même n'a rien arrêté.
    arrets = [(arret.du, arret.au) for arret in intervention.suspensions.all() if (arret.au or jour) > arret.du]
    reperes = [{"date": le, "libelle": nom, "fait": le <= jour} for le, nom in jalons(intervention.demarre_le, fin)]
    jour_montre = intervention.terminee_le or jour
    return {
        "g": boite_de_temps(intervention.demarre_le, fin, jour_montre, reperes, arrets, intervention.terme_initial),
        "id": "temps",
        "terme": fin,
        "periode": "l’intervention",
        "suspendue": intervention.etat == intervention.Etat.SUSPENDUE,
        "titre": "Calendrier de l’intervention",
        "desc": " ".join(_phrases(intervention, fin, arrets, reperes)),
        "calendrier": list(_calendrier(intervention, jour, fin)),
    }


def _calendrier(intervention, jour, fin):
    """Le même calendrier en tableau, lignes {quoi, du, au, jours} : ce que l'image montre, en nombres."""
    yield {"quoi": "Durée prévue", "du": intervention.demarre_le, "jours": intervention.duree_jours}
    for arret in intervention.suspensions.all():
        jours = jours_suspendus([(arret.du, arret.au)], jusqu_a=jour)
        yield {"quoi": "Suspension", "du": arret.du, "au": arret.au, "jours": jours}
    for demande in intervention.prolongations.all():
        if demande.etat == demande.Etat.APPROUVEE:
            yield {"quoi": "Prolongation", "du": demande.decidee_le, "jours": demande.jours}
    yield {"quoi": "Terme", "du": fin, "jours": (fin - intervention.demarre_le).days, "total": True}


def _phrases(intervention, fin, arrets, reperes):
    yield f"Démarrée le {intervention.demarre_le:%d/%m/%Y}, terme le {fin:%d/%m/%Y}."
    for du, au in arrets:
        yield f"Suspendue du {du:%d/%m/%Y} au {au:%d/%m/%Y}." if au else f"Suspendue depuis le {du:%d/%m/%Y}."
    if intervention.jours_prolonges:
        yield f"Prolongée de {compte(intervention.jours_prolonges, 'jour,jours')}."
    for repere in reperes:
        yield f"{repere['libelle']} : {repere['date']:%d/%m/%Y}."
