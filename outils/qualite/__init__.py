"""Regarder et mesurer chaque page de la démonstration : `make captures`, `make qualite`."""
