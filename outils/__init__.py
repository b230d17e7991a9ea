"""Installation, services locaux et commandes du développeur : bibliothèque standard seule."""
