"""Modèles de la coordination."""
