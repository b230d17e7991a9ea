"""Contrôle de déploiement : le certificat qui scelle les documents vaut, se lit, n'échoit pas sous trente jours, et n'est qu'à nous."""

from pathlib import Path

from django.conf import settings
from django.core.checks import Info, Tags, Warning, register

from securisation.socle.horloge import instant

from . import sceau

_DEFAUTS = {
    sceau.Etat.ECHU: ("Le certificat du sceau est échu : les documents se produisent sans sceau.", "documents.W001"),
    sceau.Etat.FUTUR: (
        "Le certificat du sceau ne vaut pas encore : les documents n'ont pas de sceau.",
        "documents.W002",
    ),
    sceau.Etat.ILLISIBLE: (
        "Le certificat du sceau ne se lit pas (fichier absent, phrase secrète fausse, ou sans clé) : les documents n'ont pas de sceau.",
        "documents.W003",
    ),
}
_REMEDE = (
    "JALON_SCEAU : un PKCS#12 qui vaut aujourd'hui ; JALON_SCEAU_PHRASE : sa phrase secrète (docs/configuration.md)."
)


@register(Tags.security, deploy=True)
def surveiller_le_sceau(app_configs=None, **kwargs):
    """Avertit d'un certificat échu, illisible, lisible d'autrui, ou à renouveler ; dit seulement qu'il n'y en a pas."""
    tenue = sceau.tenir()
    if tenue.etat in _DEFAUTS:
        phrase, numero = _DEFAUTS[tenue.etat]
        return [Warning(phrase, hint=_REMEDE, id=numero)]
    if tenue.etat == sceau.Etat.ABSENT:
        return [
            Info(
                "Aucun certificat : les documents se produisent sans sceau, et le disent.",
                hint=_REMEDE,
                id="documents.I001",
            )
        ]
    return list(_reserves(tenue))


def _reserves(tenue):
    """Ce qu'il y a à dire d'un certificat qui scelle : il échoit bientôt, d'autres le lisent, il n'identifie personne."""
    if tenue.au - instant() < sceau.PREAVIS:
        yield Warning(f"Le certificat du sceau échoit le {tenue.au:%d/%m/%Y}.", hint=_REMEDE, id="documents.W004")
    if settings.SCEAU and Path(settings.SCEAU).stat().st_mode & 0o077:
        phrase = "Le fichier du certificat est lisible d'autres comptes : sa clé aussi."
        yield Warning(phrase, hint="chmod 600", id="documents.W005")
    if tenue.etat == sceau.Etat.AUTO:
        phrase = "Le certificat du sceau s'est signé lui-même : il prouve l'intégrité, pas l'identité."
        yield Info(phrase, hint=_REMEDE, id="documents.I002")
