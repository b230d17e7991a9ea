"""Les sessions ouvertes par un compte, et les appareils d'où il est déjà entré."""

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone

from .professionnel import Professionnel


class Session(AbstractBaseSession):
    """Une session de navigateur et le compte qui l'a ouverte : la ligne effacée, la session est finie."""

    compte = models.ForeignKey(Professionnel, on_delete=models.CASCADE, related_name="sessions", null=True)

    class Meta(AbstractBaseSession.Meta):
        verbose_name = "session"
        verbose_name_plural = "sessions"

    @classmethod
    def get_session_store_class(cls):
        """Le magasin qui lit cette table."""
        from securisation.comptes.sessions import SessionStore

        return SessionStore


class Appareil(models.Model):
    """Un navigateur d'où ce compte est déjà entré, reconnu à un témoin dont seule l'empreinte est gardée."""

    compte = models.ForeignKey(Professionnel, on_delete=models.CASCADE, related_name="appareils")
    empreinte = models.CharField(max_length=64)
    vu_le = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "appareil connu"
        verbose_name_plural = "appareils connus"
        constraints = [
            models.UniqueConstraint(
                fields=["compte", "empreinte"],
                name="comptes_appareil_une_fois",
                violation_error_message="Cet appareil est déjà connu.",
            )
        ]

    def __str__(self):
        return f"appareil {self.pk}"
