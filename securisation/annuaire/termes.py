"""La liste de l'association, prête pour la garde : relue de la base quand elle a changé, gardée en mémoire sinon."""

from securisation.annuaire.garde import Propres
from securisation.annuaire.models import TermeDeGarde
from securisation.annuaire.querysets import A_SIGNALER
from securisation.socle.refus import Introuvable

_lus = (None, Propres())


def termes_propres():
    """Les mots de l'association (Propres). Une requête pour la version ; une seconde si elle a changé, ici ou ailleurs."""
    global _lus
    version = TermeDeGarde.objects.version()
    if version != _lus[0]:
        _lus = (version, _lire())
    return _lus[1]


def _lire():
    lus = list(TermeDeGarde.objects.en_vigueur().values_list("sens", "forme", "suggestion"))
    return Propres.de(
        a_signaler={forme: suggestion for sens, forme, suggestion in lus if sens == A_SIGNALER},
        a_laisser=[forme for sens, forme, _ in lus if sens != A_SIGNALER],
    )


def terme_a_retirer(cle):
    """La ligne de cette clé, verrouillée pour la transaction ; inconnue : introuvable."""
    terme = TermeDeGarde.objects.select_for_update(of=("self",)).filter(pk=cle).first()
    if terme is None:
        raise Introuvable
    return terme
