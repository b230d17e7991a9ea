#!/usr/bin/env python3
"""Commandes de Jalon ; une panne d'installation s'affiche en une phrase, code 1, sans trace."""

import errno
import os
import sys

PHRASES_BASE = (
    ("password authentication failed", "La base de données refuse le mot de passe : vérifiez DATABASE_URL."),
    ("no password supplied", "La base de données attend un mot de passe : complétez DATABASE_URL."),
    ("does not exist", "La base ou le compte indiqué par DATABASE_URL n'existe pas."),
    ("No space left on device", "Le disque de la base de données est plein : libérez de la place puis recommencez."),
    ("could not translate host name", "Le serveur de base de données est introuvable : vérifiez DATABASE_URL."),
    ("failed to resolve host", "Le serveur de base de données est introuvable : vérifiez DATABASE_URL."),
    ("too many clients", "La base de données n'accepte plus de connexion : réessayez dans un instant."),
    ("too many connections", "La base de données n'accepte plus de connexion : réessayez dans un instant."),
    ("pg_hba.conf", "La base de données refuse cette connexion : vérifiez le compte et l'adresse de DATABASE_URL."),
)
BASE_MUETTE = "La base de données ne répond pas : est-elle démarrée, et DATABASE_URL est-elle juste ?"
BIBLIOTHEQUE = (
    "Une bibliothèque du système manque pour produire les PDF (Pango) : lancez « make demo » ou installez {}."
)
PAQUETS_PANGO = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"


def phrase(erreur):
    """Phrase française pour une panne d'installation, ou None si l'erreur est un défaut du programme."""
    if isinstance(erreur, ModuleNotFoundError) and (erreur.name or "").split(".")[0] in ("django", "psycopg"):
        return f"Le paquet Python {erreur.name} manque : lancez « make demo », qui installe ce qu'il faut."
    if isinstance(erreur, ValueError) and type(erreur).__module__.startswith("dj_database_url"):
        return "L'adresse DATABASE_URL est illisible : écrivez postgresql://compte:mot-de-passe@serveur/base."
    if isinstance(erreur, OSError):
        return _phrase_systeme(erreur)
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.db import OperationalError
    except ModuleNotFoundError:
        return None
    if isinstance(erreur, ImproperlyConfigured):
        return f"Configuration à corriger : {erreur}"
    if isinstance(erreur, OperationalError):
        return _phrase_base(erreur)
    return None


def _phrase_systeme(erreur):
    if erreur.errno == errno.ENOSPC:
        return "Le disque est plein : libérez de la place puis recommencez."
    if "cannot load library" in str(erreur):
        return BIBLIOTHEQUE.format(PAQUETS_PANGO)
    return None


def _phrase_base(erreur):
    texte = str(erreur)
    trouvees = [dite for extrait, dite in PHRASES_BASE if extrait in texte]
    if trouvees:
        return trouvees[0]
    return BASE_MUETTE if getattr(erreur.__cause__, "sqlstate", None) is None else None


def principal():
    """Lance une commande Django ; une panne de base ou de réglage se dit en une phrase."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "securisation.settings")
    try:
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
    except Exception as erreur:
        dite = phrase(erreur)
        if dite is None:
            raise
        print(f"Erreur : {dite}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    principal()
