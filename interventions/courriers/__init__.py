"""Les courriers que la personne signe : choisir un modèle, relire, produire en PDF et en ODT."""
