"""Les données de la sortie : étiquettes de chaque champ."""

from securisation.socle.donnees import DOSSIER, TRACE, Donnees

DONNEES = {
    "Sortie": Donnees(
        "accompagnement",
        DOSSIER,
        sensible="parole_de_la_personne desaccord_de_la_personne",
        technique=TRACE,
        metier="parcours etat ouverte_le validee_le validee_par motif evaluateur_identique evaluateur_precision sans_parole remis_a_la_personne",
    ),
    "CotationSortie": Donnees(
        "accompagnement",
        DOSSIER,
        sensible="criticite criticite_de_la_personne parole",
        technique=TRACE,
        metier="sortie axe sans_avis_de_la_personne",
    ),
    "Risque": Donnees(
        "accompagnement",
        DOSSIER,
        sensible="risque facteur motif signal_d_alerte",
        tiers="relais",
        technique=TRACE,
        metier="sortie action assume relais_confirme_le echeance",
    ),
    "Additif": Donnees("accompagnement", DOSSIER, sensible="motif texte", technique=TRACE, metier="sortie le par"),
}
