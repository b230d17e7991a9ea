"""Les données de la sortie : étiquettes de chaque champ."""

from securisation.socle.donnees import DOSSIER, TRACE, Donnees

DONNEES = {
    "Sortie": Donnees(
        "accompagnement",
        DOSSIER,
        mots={"desaccord_de_la_personne": "désaccord de la personne sur le bilan"},
        sensible="parole_de_la_personne desaccord_de_la_personne",
        technique=TRACE,
        metier="parcours etat ouverte_le validee_le validee_par motif evaluateur_identique "
        "evaluateur_precision sans_parole remis_a_la_personne",
    ),
    "CotationSortie": Donnees(
        "accompagnement",
        DOSSIER,
        mots={
            "criticite": "niveau d’un axe à la sortie",
            "criticite_de_la_personne": "niveau d’un axe selon la personne",
            "parole": "ses mots sur un axe",
        },
        sensible="criticite criticite_de_la_personne parole",
        technique=TRACE,
        metier="sortie axe sans_avis_de_la_personne",
    ),
    "Risque": Donnees(
        "accompagnement",
        DOSSIER,
        mots={
            "risque": "risque qui demeure",
            "facteur": "facteur de rupture",
            "motif": "motif d’un risque sans relais",
            "relais": "relais après la sortie",
        },
        sensible="risque facteur motif signal_d_alerte",
        tiers="relais",
        technique=TRACE,
        metier="sortie action assume relais_confirme_le echeance",
    ),
    "Additif": Donnees(
        "accompagnement",
        DOSSIER,
        mots={"motif": "motif d’un additif au bilan", "texte": "additif au bilan"},
        sensible="motif texte",
        technique=TRACE,
        metier="sortie le par",
    ),
}
