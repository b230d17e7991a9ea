"""Les éditions d'un financeur : la préparer, la contrôler, la publier, la lire en page, en PDF et en classeur."""
