"""Les délais en mois, et ceux d'une demande de la personne : un mois, prolongeable de deux (RGPD, article 12.3)."""

import calendar
import datetime

MOIS_POUR_REPONDRE, MOIS_DE_PROLONGATION = 1, 2


def mois_apres(jour, mois):
    """Le même quantième `mois` mois plus tard ; le dernier jour du mois s'il n'existe pas (31 janvier → 28 février)."""
    annee, rang = divmod(jour.year * 12 + jour.month - 1 + mois, 12)
    dernier = calendar.monthrange(annee, rang + 1)[1]
    return datetime.date(annee, rang + 1, min(jour.day, dernier))


def echeance(recue_le, *, prolongee=False):
    """Dernier jour pour répondre (date) ; ni week-end ni jour férié ne la repoussent : le compte le plus strict."""
    return mois_apres(recue_le, MOIS_POUR_REPONDRE + (MOIS_DE_PROLONGATION if prolongee else 0))
