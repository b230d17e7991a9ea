"""L'ouverture motivée d'un dossier par le délégué à la protection des données, et ce que la superviseure en voit."""
