"""Poser et retirer une absence, trouver qui remplace qui : toujours dans la même équipe, jamais au-delà."""

import uuid

from django.core.exceptions import ValidationError
from django.db import transaction

from securisation.comptes.models import Absence, Professionnel, jour_courant
from securisation.socle.journal import inscrire
from securisation.socle.refus import Introuvable

DUREE_MAX = 366  # jours


def comptes_de(par):
    """Les comptes dont `par` pose l'absence : le sien, et ceux des équipes qu'il supervise."""
    actifs = Professionnel.objects.actifs().filter(est_invite=False).exclude(equipe=None)
    return actifs.filter(pk=par.pk) | actifs.filter(equipe__in=par.equipes_supervisees)


def collegues_de(par):
    """Qui peut remplacer : les membres actifs de son équipe et de celles qu'il supervise."""
    equipes = {par.equipe_id, *par.equipes_supervisees} - {None}
    return Professionnel.objects.actifs().filter(equipe__in=equipes).order_by("prenom", "nom")


@transaction.atomic
def poser(*, par, du, au, compte=None, remplacant=None):
    """Pose une absence et son remplaçant ; elle n'ouvre ni ne ferme aucun dossier. Rend l'absence."""
    compte = compte or par
    if not comptes_de(par).filter(pk=compte.pk).exists():
        raise ValidationError(
            {"compte": "Vous posez votre absence, ou celle d’une personne de l’équipe que vous supervisez."}
        )
    if au < du:
        raise ValidationError({"au": "La fin d’une absence ne précède pas son début."})
    if (au - du).days >= DUREE_MAX or au < jour_courant():
        raise ValidationError({"au": "Une absence finit aujourd’hui ou plus tard, et dure un an au plus."})
    if remplacant is not None and (remplacant.pk == compte.pk or remplacant.equipe_id != compte.equipe_id):
        raise ValidationError({"remplacant": "Choisissez un autre membre de la même équipe."})
    Professionnel.objects.select_for_update(of=("self",)).get(
        pk=compte.pk
    )  # deux envois à la fois : l'un après l'autre
    if Absence.objects.entre(du, au).filter(compte=compte).exists():
        raise ValidationError({"du": "Une absence est déjà posée sur ces jours : retirez-la d’abord."})
    absence = Absence.objects.create(compte=compte, du=du, au=au, remplacant=remplacant, posee_par=par)
    inscrire("absence posée", par=par, compte=compte.pk, du=du, au=au, remplacant=remplacant and remplacant.pk)
    return absence


def retirer(cle, *, par):
    """Retire une absence de son compte, ou d'une équipe qu'on supervise ; toute autre est introuvable."""
    try:
        absence = visibles_a(par).filter(uuid=uuid.UUID(cle)).first()
    except ValueError:
        absence = None
    if absence is None:
        raise Introuvable()
    absence.delete()
    inscrire("absence retirée", par=par, compte=absence.compte_id, du=absence.du, au=absence.au)


def visibles_a(par):
    """Les absences que `par` tient : les siennes, et celles des équipes qu'il supervise, tant qu'elles durent."""
    return Absence.objects.filter(compte__in=comptes_de(par), au__gte=jour_courant()).avec_noms()


def de_l_equipe(par, du, au):
    """Absences de la période dans l'équipe de `par` et celles qu'il supervise, les comptes encore actifs seulement."""
    equipes = {par.equipe_id, *par.equipes_supervisees} - {None}
    return list(Absence.objects.entre(du, au).filter(compte__equipe__in=equipes, compte__is_active=True).avec_noms())
