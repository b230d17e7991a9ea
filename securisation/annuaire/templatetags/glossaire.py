"""Le glossaire dans les pages : ce qu'une page emploie s'explique à son pied."""

from django import template

from securisation.annuaire.glossaire import mots_de

register = template.Library()


@register.inclusion_tag("composants/mots.html", takes_context=True)
def mots_de_la_page(context):
    """« Les mots de cette page », repliés ; rien quand elle n'en demande pas, ou sur un refus."""
    trouvee = getattr(context.get("request"), "resolver_match", None)
    return {"mots": [] if context.get("refus") else mots_de(trouvee.view_name) if trouvee else []}
