"""Le bornage : terme, jours restants et jalons d'une intervention. Calcul pur, en jours civils."""

from datetime import timedelta

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
