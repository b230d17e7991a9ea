"""Un code du référentiel, ou un refus qui nomme la ligne."""


def code(modele, table, cle):
    """L'objet de ce code (Levier « L-FSL »), fermé ou non : un dossier ancien garde ses codes."""
    valeur = str(table.exiger(cle))
    trouve = modele.objects.filter(code=valeur).first()
    if trouve is None:
        table.refuser(cle, f"« {valeur} » n'est pas un code du référentiel ({modele._meta.verbose_name}).")
    return trouve
