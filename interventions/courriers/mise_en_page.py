"""Un courrier en blocs, les mêmes pour le PDF et l'ODT. Fonction pure de l'instantané `courrier/1`."""

from securisation.documents.typographie import jour


def blocs(instantane):
    """Suite de (genre, lignes) dans l'ordre de lecture ; genres : serre, droite, corps, objet, petit."""
    personne, document = instantane["personne"], instantane["document"]
    yield "serre", [personne["nom"], *personne["adresse"]]
    yield "droite", instantane["destinataire"]
    yield (
        "droite",
        [
            f"{instantane['lieu']}, le {jour(instantane['le'])}"
            if instantane["lieu"]
            else f"Le {jour(instantane['le'])}"
        ],
    )
    yield "objet", [f"Objet : {instantane['objet']}"]
    for paragraphe in instantane["texte"].split("\n\n"):
        if paragraphe.strip():
            yield "corps", paragraphe.strip().splitlines()
    yield "droite", [personne["nom"], "Signature :", "", ""]
    if equipe := instantane["equipe"]:
        qui = ", ".join(filter(None, (equipe["qui"], equipe["nom"], equipe["association"])))
        yield "petit", [f"Courrier préparé avec {qui}."]
    yield "petit", [f"Référence à rappeler : {document['numero']}"]
