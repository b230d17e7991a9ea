"""Refus des mots de passe longs mais devinables, sans règle de composition."""

import re
import unicodedata

from django.core.exceptions import ValidationError

MOTS_COURANTS = (
    "motdepasse",
    "password",
    "azertyuiop",
    "qwertyuiop",
    "jalon",
    "bonjour",
    "soleil",
    "securisation",
    "association",
    "123456789",
    "abcdefgh",
)
CARACTERES_DISTINCTS_MINIMUM = 6
RESTE_MINIMUM = 8


def aplatir(texte):
    """Minuscules, sans accent, lettres et chiffres seulement."""
    sans_accent = unicodedata.normalize("NFKD", texte).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", sans_accent.lower())


class MotDePasseDevinable:
    """Refuse un mot de passe fait d'un mot courant ou de l'identité du compte, allongé par répétition."""

    def validate(self, password, user=None):
        """Lève ValidationError si, mots courants et identité ôtés, il ne reste presque rien."""
        reste = aplatir(password)
        for mot in self._mots(user):
            reste = reste.replace(mot, "")
        if len(set(password)) < CARACTERES_DISTINCTS_MINIMUM or (
            reste != aplatir(password) and len(reste) < RESTE_MINIMUM
        ):
            raise ValidationError(
                "Ce mot de passe est trop facile à deviner : essayez plusieurs mots sans rapport entre eux.",
                code="mot_de_passe_devinable",
            )

    def get_help_text(self):
        """Conseil affiché sous le champ."""
        return "Plusieurs mots sans rapport entre eux font un bon mot de passe ; évitez votre nom."

    @staticmethod
    def _mots(user):
        identite = (user.prenom, user.nom, user.email.partition("@")[0]) if user is not None else ()
        mots = [*MOTS_COURANTS, *(aplatir(mot) for mot in identite)]
        return sorted((mot for mot in mots if len(mot) > 2), key=len, reverse=True)
