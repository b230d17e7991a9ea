"""Les données de l'intervention : étiquettes de chaque champ."""

from securisation.socle.donnees import DOSSIER, TRACE, Donnees

DONNEES = {
    "Intervention": Donnees(
        "accompagnement",
        DOSSIER,
        mots={"objectif": "objectif de l’accompagnement"},
        sensible="objectif",
        technique=TRACE,
        metier="parcours diagnostic etat demarre_le duree_jours terme terminee_le",
    ),
    "Action": Donnees(
        "accompagnement",
        DOSSIER,
        mots={
            "facteur": "facteur de rupture",
            "intitule": "intitulé d’une action",
            "ns4_relais": "relais après la sortie",
        },
        sensible="facteur intitule ns1_precision ns3_justification ns5_precision issue_note",
        tiers="ns4_relais",
        technique=TRACE,
        metier="intervention etat levier axe mode ns1 ns2_sollicite_le ns2_motif ns3 ns5 reponse_attendue_le complet_le issue issue_le",
    ),
    "Contact": Donnees(
        "accompagnement",
        DOSSIER,
        mots={"note": "note d’un contact"},
        sensible="note",
        technique=TRACE,
        metier="parcours intervention le canal de_la_personne abouti par",
    ),
    "Piece": Donnees(
        "accompagnement",
        DOSSIER,
        mots={"intitule": "intitulé d’une pièce jointe", "motif_du_retrait": "motif du retrait d’une pièce"},
        sensible="intitule motif_du_retrait",
        technique=f"{TRACE} sha256 octets",
        metier="parcours action etat recue_le genre versee_par retiree_le retiree_par",
    ),
    "FichierDePiece": Donnees(
        "accompagnement", DOSSIER, mots={"contenu": "pièce jointe"}, sensible="contenu", metier="piece"
    ),
    "Suspension": Donnees(
        "accompagnement",
        DOSSIER,
        mots={"motif": "motif d’une suspension"},
        sensible="motif",
        technique=TRACE,
        metier="intervention du au",
    ),
    "Prolongation": Donnees(
        "accompagnement",
        DOSSIER,
        mots={"motif": "motif d’une prolongation", "motif_decision": "motif de la décision sur une prolongation"},
        sensible="motif motif_decision",
        technique=TRACE,
        metier="intervention etat jours demandee_le demandee_par decidee_le decidee_par",
    ),
    "Derogation": Donnees(
        "accompagnement",
        DOSSIER,
        mots={"motif": "motif d’une dérogation"},
        sensible="motif",
        technique=TRACE,
        metier="intervention le jusqu_au accordee_par",
    ),
}
