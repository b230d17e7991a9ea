"""Les données du pilotage : des conventions et des nombres protégés, jamais une personne accompagnée."""

from securisation.socle.donnees import DOSSIER, GARDEE, TRACE, Donnees, Traitement

TRAITEMENTS = {
    "pilotage": Traitement(
        "Pilotage et éditions de financeur",
        "Rendre compte aux financeurs par des nombres protégés, figés et vérifiables.",
        "Intérêt légitime de l’association (RGPD, article 6.1.f) ; statistiques (article 89) sur des nombres sans personne reconnaissable.",
        "Aucune personne accompagnée ; les comptes qui préparent, publient et lisent.",
        "La direction ; le financeur, pour les éditions publiées de ses conventions.",
    ),
    "activite": Traitement(
        "Activité des équipes",
        "Dire ce que les équipes font pour des groupes et des territoires : évaluation quinquennale, rapports d’activité.",
        "Intérêt légitime de l’association (RGPD, article 6.1.f).",
        "Professionnels qui notent ; aucune personne accompagnée n’y est désignée.",
        "L’équipe, son superviseur, la direction.",
    ),
}


def _lien(nom):
    return Donnees("pilotage", GARDEE, technique=f"id convention {nom}")


DONNEES = {
    "Convention": Donnees(
        "pilotage",
        GARDEE,
        technique="id uuid version",
        metier="numero financeur du au objet_paye equipes departements objectifs publics origines lecteurs enregistree_le "
        "enregistree_par",
    ),
    "Convention_equipes": _lien("equipe"),
    "Convention_departements": _lien("departement"),
    "Convention_objectifs": _lien("objectifpraps"),
    "Convention_publics": _lien("public"),
    "Convention_origines": _lien("origine"),
    "Convention_lecteurs": _lien("professionnel"),
    "Edition": Donnees(
        "pilotage",
        GARDEE,
        technique="id uuid cle erreur registre_vu",
        metier="convention numero du au etat fictive definition contenu rapport corrige mot changements preparee_le preparee_par "
        "controlee_le publiee_le publiee_par retiree_le retiree_par motif_retrait",
    ),
    "EmpreinteDEdition": Donnees("pilotage", GARDEE, technique="id empreintes accompagne", metier="edition parcours"),
    "FichierDEdition": Donnees(
        "pilotage",
        GARDEE,
        technique="id taille sha256 genre_mime sceau",
        metier="edition genre contenu pages produit_le",
    ),
    "Fait": Donnees(
        "pilotage",
        DOSSIER,
        mots={"cle": "entier tiré du numéro public, pour l’arrondi"},
        technique="cle compte",
        metier="parcours equipe_id departement epci recue_le admis_le refuse_le fini_le bilan_le origine orientation fin niveaux duree "
        "cadre demarches publics facteurs dominos leviers delais moyens risques relais",
    ),
    "Cumul": Donnees("pilotage", GARDEE, technique="nature groupe code cle", metier="mois equipe_id n"),
    "Passage": Donnees("pilotage", GARDEE, technique="id jusqu_a sel"),
    "Collective": Donnees(
        "activite",
        GARDEE,
        mots={
            "precisions": "précisions sur une action collective",
            "partenaires": "structures partenaires d’une action",
        },
        technique="id uuid version",
        metier="equipe etat le nature commune code_postal heures preparation participants professionnels partenaires objectifs aller_vers "
        "precisions notee_le notee_par modifiee_le modifiee_par raison",
    ),
    "Parole": Donnees(
        "accompagnement",
        DOSSIER,
        mots={"texte": "phrase de la personne pour un rapport", "motif": "pourquoi une phrase est écartée"},
        sensible="texte",
        technique=TRACE,
        metier="parcours etat axe proposee_le proposee_par relue_le relue_par motif",
    ),
}
