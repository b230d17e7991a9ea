"""Ce que le menu dit au délégué : combien d'alertes restent à regarder."""

from django import template

from securisation.synthese.alertes import a_regarder

register = template.Library()


@register.simple_tag
def alertes_a_regarder(professionnel):
    """Nombre d'alertes que personne n'a encore regardées, compté jusqu'à 99 ; 0 pour qui n'est pas délégué."""
    return a_regarder(professionnel) if professionnel.a_fonction("DPO") else 0
