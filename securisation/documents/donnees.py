"""Les données d'un document : son instantané et son fichier partent avec le dossier."""

from securisation.socle.donnees import DOSSIER, TRACE, Donnees

DONNEES = {
    "Document": Donnees(
        "accompagnement",
        DOSSIER,
        mots={"donnees": "données dont un document est fait"},
        sensible="donnees",
        technique=f"{TRACE} cle source empreinte sha256 erreur",
        metier="parcours genre edition numero etat demande_le demande_par produit_le pages pour sceau finalites",
    ),
    "Fichier": Donnees(
        "accompagnement", DOSSIER, mots={"contenu": "document produit"}, sensible="contenu", metier="document"
    ),
}
