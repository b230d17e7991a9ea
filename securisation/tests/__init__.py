"""Preuves qui traversent tout le projet : la maison, les droits, les parcours au navigateur."""
