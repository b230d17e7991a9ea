"""Les droits de la personne : ses demandes, la copie de son dossier, le registre de qui l'a vu."""
