"""Gabarits communs : balises et filtres de la charte."""
