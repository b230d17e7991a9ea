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
        mots={
            "criticite": "niveau d’un axe",
            "criticite_de_la_personne": "niveau d’un axe selon la personne",
            "parole": "ses mots sur un axe",
        },
        sensible="criticite criticite_de_la_personne parole points_d_appui",
        technique=TRACE,
        metier="diagnostic axe sans_avis_de_la_personne recueilli_le",
    ),
    "FacteurRetenu": Donnees(
        "accompagnement",
        DOSSIER,
        mots={"facteur": "facteur de rupture", "note": "précision sur un facteur"},
        sensible="facteur note",
        technique=TRACE,
        metier="evaluation constate echeance accord_a_recueillir",
    ),
    "DominoExamine": Donnees(
        "accompagnement",
        DOSSIER,
        mots={
            "de": "facteur qui en entraîne un autre",
            "vers": "facteur entraîné par un autre",
            "note": "précision sur un enchaînement",
        },
        sensible="de vers note",
        technique=TRACE,
        metier="diagnostic lien retenu",
    ),
    "BrouillonAxe": Donnees(
        "accompagnement",
        DOSSIER,
        mots={"saisie": "brouillon d’un axe pas encore enregistré"},
        sensible="saisie",
        technique="id version",
        metier="evaluation auteur enregistre_le",
    ),
}
