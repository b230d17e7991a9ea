"""La part des documents dans la copie de la personne : leur liste ; chacun se remet à part, tel qu'il a été produit."""

from securisation.annuaire.models import Finalite
from securisation.socle.copie import exclure, part

exclure(
    "Vos documents entiers (diagnostic, bilan) : chacun se remet à part, avec ses données jointes.",
    "documents.Document.donnees",
    "documents.Fichier",
)
exclure("Sert à vérifier le document, où elle est imprimée.", "documents.Document.cle", dire=False)
exclure("Dit par le titre.", "documents.Document.genre", dire=False)
exclure("Un lien d'un objet du dossier à l'autre.", "documents.Document.pour", dire=False)
exclure("Sert à ne pas produire deux fois le même document.", "documents.Document.source", dire=False)


@part("documents", titre="Vos documents", ordre=70, modeles=("documents.Document",))
def documents(parcours, fiche):
    """Chaque document : genre, numéro, dates, pages, empreintes."""
    accords = dict(Finalite.objects.values_list("code", "libelle"))
    for document in parcours.documents.select_related("demande_par").order_by("demande_le", "pk"):
        rendue = fiche(document, document.libelle)
        for champ in rendue["champs"]:
            if champ["nom"] == "finalites":
                champ["lu"] = ", ".join(accords.get(code, code) for code in document.finalites)
        yield rendue
