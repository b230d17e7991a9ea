"""Les données de la coordination : copies pour la personne, invitations de partenaires."""

from securisation.socle.donnees import DOSSIER, TRACE, Donnees

DONNEES = {
    "Copie": Donnees(
        "droits",
        DOSSIER,
        mots={"contenu": "ce qui est remis (copie ou registre)"},
        sensible="contenu",
        technique=f"{TRACE} cle sha256 erreur",
        metier="parcours etat edition numero demande demandee_le demandee_par produite_le pages sceau",
    ),
    "FichierDeCopie": Donnees(
        "droits",
        DOSSIER,
        mots={"pdf": "copie en PDF", "donnees": "copie en JSON"},
        sensible="pdf donnees",
        metier="copie",
    ),
    "Invitation": Donnees(
        "accompagnement",
        DOSSIER,
        tiers="courriel",
        technique=f"{TRACE} empreinte code code_le essais arrivees arrivee_le",
        metier="accord etat le jusqu_au envoi compte",
    ),
}
