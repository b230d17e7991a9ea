"""Preuves des outils : aucune ne demande de base."""
