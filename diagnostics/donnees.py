"""Les données du diagnostic : étiquettes de chaque champ."""

from securisation.socle.donnees import DOSSIER, TRACE, Donnees

DONNEES = {
    "Diagnostic": Donnees(
        "accompagnement",
        DOSSIER,
        sensible="priorite_de_la_personne desaccord_de_la_personne",
        technique=TRACE,
        metier="parcours rang etat ouvert_le valide_le valide_par sans_priorite",
    ),
    "EvaluationAxe": Donnees(
        "accompagnement",
        DOSSIER,
        sensible="criticite criticite_de_la_personne parole points_d_appui",
        technique=TRACE,
        metier="diagnostic axe sans_avis_de_la_personne",
    ),
    "FacteurRetenu": Donnees(
        "accompagnement",
        DOSSIER,
        sensible="facteur note",
        technique=TRACE,
        metier="evaluation constate echeance accord_a_recueillir",
    ),
    "DominoExamine": Donnees(
        "accompagnement", DOSSIER, sensible="de vers note", technique=TRACE, metier="diagnostic lien retenu"
    ),
    "BrouillonAxe": Donnees(
        "accompagnement", DOSSIER, sensible="saisie", technique="id version", metier="evaluation auteur enregistre_le"
    ),
}
