"""Le bornage : terme, jours restants et jalons d'une intervention. Calcul pur, en jours civils."""

from datetime import timedelta

from securisation.socle.graphiques import boite_de_temps
from securisation.socle.templatetags.jalon import compte, date_moyenne

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


def ecart_au_terme(fin, jour_du_terme):
    """« 4 jours après le terme du 7 nov. 2026 » : de combien une intervention finie s'est écartée de son terme."""
    ecart = (fin - jour_du_terme).days
    if not ecart:
        return "le jour du terme"
    sens = "après" if ecart > 0 else "avant"
    return f"{compte(abs(ecart), 'jour,jours')} {sens} le terme du {date_moyenne(jour_du_terme)}"


def jalons(demarre_le, jour_du_terme):
    """Dates repères d'une intervention, dans l'ordre : couples (date, libellé). Une intervention très courte n'en a pas."""
    duree = (jour_du_terme - demarre_le).days
    sortie = jour_du_terme - PREPARER_LA_SORTIE
    if duree < 2 * PREPARER_LA_SORTIE.days + 2:
        return []
    return [(demarre_le + timedelta(days=duree // 2), "Mi-parcours"), (sortie, "Préparer la sortie")]


def boite(intervention, jour):
    """Ce que `composants/boite_temps.html` attend, pour ce jour (dict) ; tout le calendrier y est aussi en phrases.

    Une intervention finie se montre telle qu'elle était le jour de sa fin.
    """
    fin, finie = intervention.terme_a_ce_jour, intervention.fin
    jour = finie["le"] if finie else jour
    # Une suspension levée le jour même n'a rien arrêté.
    arrets = [(arret.du, arret.au) for arret in intervention.suspensions.all() if (arret.au or jour) > arret.du]
    reperes = [{"date": le, "libelle": nom, "fait": le <= jour} for le, nom in jalons(intervention.demarre_le, fin)]
    reperes = [repere for repere in reperes if repere["fait"] or not finie]
    g = boite_de_temps(intervention.demarre_le, fin, jour, reperes, arrets, intervention.terme_initial)
    return {
        "g": _a_la_fin(g, finie["mot"]) if finie else g,
        "fini": finie,
        "id": "temps",
        "terme": fin,
        "periode": "l’intervention",
        "suspendue": not finie and intervention.etat == intervention.Etat.SUSPENDUE,
        "titre": "Calendrier de l’intervention",
        "desc": " ".join(_phrases(intervention, fin, arrets, reperes, finie)),
        "calendrier": list(_calendrier(intervention, jour, fin)),
    }


def _a_la_fin(g, mot):
    """La géométrie d'une intervention finie : son dernier jour à la place d'aujourd'hui, et rien qui reste à courir."""
    dernier, *autres = g["reperes"]
    return g | {"prolonge": None, "reperes": [dernier | {"t": mot}, *autres]}


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


def _phrases(intervention, fin, arrets, reperes, finie):
    yield f"Démarrée le {intervention.demarre_le:%d/%m/%Y}, terme le {fin:%d/%m/%Y}."
    if finie:
        yield f"{finie['mot']} le {finie['le']:%d/%m/%Y}, {finie['ecart']}."
    for du, au in arrets:
        yield f"Suspendue du {du:%d/%m/%Y} au {au:%d/%m/%Y}." if au else f"Suspendue depuis le {du:%d/%m/%Y}."
    if intervention.jours_prolonges:
        yield f"Prolongée de {compte(intervention.jours_prolonges, 'jour,jours')}."
    for repere in reperes:
        yield f"{repere['libelle']} : {repere['date']:%d/%m/%Y}."
