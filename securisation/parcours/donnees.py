"""Les données d'un parcours et de la personne : étiquettes, et les traitements auxquels elles servent."""

from securisation.socle.donnees import CERTIFIEE, DOSSIER, GARDEE, PASSAGERE, TRACE, Donnees, Traitement

TRAITEMENTS = {
    "accompagnement": Traitement(
        "Accompagnement des parcours",
        "Prévenir, hors du soin, les ruptures après un événement de santé : droits, argent, logement, vie quotidienne, travail.",
        "Mission d’intérêt public du dispositif (RGPD, article 6.1.e) ; données de santé : consentement explicite (article 9.2.a).",
        "Personnes accompagnées ; leur entourage, pour ce qu’elles en disent.",
        "L’équipe du parcours ; un partenaire, pour ce qu’un accord nomme et tant qu’il court.",
        rang=1,
    ),
    "droits": Traitement(
        "Droits des personnes",
        "Répondre aux demandes d’accès, de rectification, de limitation, d’opposition et d’effacement ; tenir la durée de conservation.",
        "Obligation légale (RGPD, articles 12 à 22).",
        "Personnes accompagnées.",
        "L’équipe du parcours, son superviseur, le délégué à la protection des données.",
        rang=2,
    ),
    "import": Traitement(
        "Import de demandes",
        "Ouvrir des parcours depuis un tableau reçu, et rendre les lignes à corriger.",
        "Mission d’intérêt public du dispositif (RGPD, article 6.1.e).",
        "Personnes orientées.",
        "Qui a déposé le tableau.",
        rang=3,
    ),
}
_QUALIFICATION = (
    "parcours le facteurs_identifies droit_commun_mobilise_ou_mobilisable trajectoire_fragile_malgre_ces_mobilisations "
    "action_ciblee_necessaire releve_exclusivement_de_l_urgence decision orientation_proposee reponse_donnee_le publics"
)
_EFFACEMENT = (
    "parcours equipe origine etat demande_le demande_par pas_avant inventaire roles_retires etait_restreint superviseur_par superviseur_le "
    "dpo_par dpo_le etapes incident empreinte_du_parcours numero execute_le certificat empreinte"
)

DONNEES = {
    "Personne": Donnees(
        "accompagnement",
        DOSSIER,
        identite="prenom nom pseudonyme annee_naissance",
        contact="commune code_postal adresse telephone courriel canal_prefere langue",
        sensible="lecture foyer",
        technique=f"{TRACE} cle",
        metier="opposition_le",
    ),
    "Entourage": Donnees(
        "accompagnement",
        DOSSIER,
        mots={
            "nom": "nom d’un proche",
            "lien": "lien avec la personne",
            "role": "place auprès de la personne",
            "telephone": "téléphone d’un proche",
        },
        tiers="nom lien role telephone",
        technique=TRACE,
        metier="parcours",
    ),
    "Parcours": Donnees(
        "accompagnement",
        DOSSIER,
        mots={
            "demande": "demande reçue",
            "precisions_interruption": "précisions sur l’interruption",
            "personne": "la personne suivie",
            "motif_restriction": "motif de la restriction d’accès",
        },
        identite="personne",
        sensible="demande precisions_interruption motif_restriction",
        tiers="orienteur",
        technique=f"{TRACE} cle_import",
        metier="numero equipe restreint raison_restriction etat echeance recue_le origine intervention_collective_prealable clos_le "
        "limite_le motif_interruption derniere_nouvelle_le effacement_le",
    ),
    "Accord": Donnees(
        "accompagnement",
        DOSSIER,
        mots={
            "interprete": "interprète et sa langue",
            "partenaire": "partenaire destinataire",
            "professionnel": "compte du partenaire destinataire",
            "motif_du_retrait": "motif du retrait d’un accord",
            "temoin": "témoin d’un accord oral",
        },
        tiers="temoin interprete partenaire professionnel",
        sensible="motif_du_retrait",
        technique=f"{TRACE} preuve_sha256 empreinte_du_texte",
        metier="parcours finalite accorde le mode texte canal axes documents jusqu_au retire_le",
    ),
    "PreuveAccord": Donnees(
        "accompagnement",
        DOSSIER,
        mots={"contenu": "accord papier numérisé"},
        identite="contenu",
        metier="accord genre",
    ),
    "Qualification": Donnees(
        "accompagnement",
        DOSSIER,
        mots={"motif": "motif de la décision d’admission"},
        sensible="motif",
        technique=TRACE,
        metier=_QUALIFICATION,
    ),
    "Attribution": Donnees(
        "accompagnement", DOSSIER, technique="id", metier="permission user content_object echeance phase"
    ),
    "DeclarationInteret": Donnees(
        "accompagnement",
        DOSSIER,
        mots={"precisions": "précisions sur un conflit d’intérêts déclaré"},
        tiers="precisions",
        technique=TRACE,
        metier="parcours professionnel absence_de_conflit",
    ),
    "Echeance": Donnees("accompagnement", DOSSIER, technique="id", metier="parcours nature source date libelle"),
    "RendezVous": Donnees(
        "accompagnement",
        DOSSIER,
        mots={"lieu": "lieu d’un rendez-vous", "avec": "qui d’autre est attendu", "motif": "motif d’une annulation"},
        contact="lieu",
        tiers="avec",
        sensible="motif",
        technique=TRACE,
        metier="parcours genre etat debut duree",
    ),
    "Presence": Donnees("accompagnement", DOSSIER, technique=TRACE, metier="rendez_vous professionnel"),
    "Ouverture": Donnees(
        "accompagnement",
        DOSSIER,
        mots={"motif": "motif d’une lecture par le délégué"},
        sensible="motif",
        technique=TRACE,
        metier="parcours professionnel ouverte_le jusqu_au refermee_le",
    ),
    "Demande": Donnees(
        "droits",
        DOSSIER,
        sensible="texte reponse motif_prolongation motif_levee",
        technique=f"{TRACE} ecritures",
        metier="parcours genre etat recue_le moyen enregistree_par echeance prolongee_le decision repondue_le repondue_par levee_le",
    ),
    "Conservation": Donnees(
        "droits",
        DOSSIER,
        sensible="motif",
        technique=TRACE,
        metier="parcours etat annonce_le terme effacement jusqu_au archive_le archive_par",
    ),
    "Effacement": Donnees(
        "droits",
        CERTIFIEE,
        sensible="motif_du_refus",
        mots={"motif_du_refus": "motif du refus d’un effacement"},
        technique=TRACE,
        metier=_EFFACEMENT,
    ),
    "Importation": Donnees(
        "import", PASSAGERE, technique="id uuid", metier="par nom essai etat total lues depose_le fini_le erreur"
    ),
    "Lot": Donnees(
        "import",
        PASSAGERE,
        mots={"contenu": "lignes du tableau déposé"},
        identite="contenu",
        technique="id importation rang",
    ),
    "LigneImportee": Donnees(
        "import",
        PASSAGERE,
        mots={"raison": "ce qui empêche de reprendre une ligne"},
        identite="valeurs raison",
        technique="id importation numero cle",
        metier="sort parcours",
    ),
    "Compteur": Donnees("accompagnement", GARDEE, technique="annee dernier"),
}
