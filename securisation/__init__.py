"""Jalon : le rez-de-chaussée, les services communs et le toit de la maison ; les trois phases sont à côté."""

from .celery import app as celery_app

__all__ = ["celery_app"]
