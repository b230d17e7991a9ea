"""Effacer un dossier : l'inventaire de ce qui en dépend, les étapes, le certificat, le registre et son rejeu."""
