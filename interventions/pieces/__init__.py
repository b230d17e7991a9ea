"""Les pièces jointes d’un parcours : les lister, en joindre une, la lire, la retirer."""
