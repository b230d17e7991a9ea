"""Les données des comptes, de la connexion et du journal : celles des professionnels, pas des personnes accompagnées."""

from securisation.socle.donnees import COMPTE, GARDEE, JOURNAL, PASSAGERE, SESSION, Donnees, Traitement

TRAITEMENTS = {
    "comptes": Traitement(
        "Comptes et connexions",
        "Donner à chaque professionnel son accès, et le protéger : mot de passe, second facteur, sessions.",
        "Intérêt légitime de l’association, sécurité du traitement (RGPD, articles 6.1.f et 32).",
        "Professionnels, partenaires invités.",
        "L’administrateur fonctionnel ; chacun pour son compte.",
    ),
    "journal": Traitement(
        "Journal des accès",
        "Prouver qui a vu ou changé quoi, trouver une lecture anormale, montrer à la personne qui a ouvert son dossier.",
        "Obligation légale de sécurité (RGPD, articles 5.2 et 32).",
        "Professionnels ; personnes accompagnées, par leurs dossiers.",
        "Le superviseur pour son équipe, le délégué à la protection des données, la personne pour son dossier.",
    ),
}

DONNEES = {
    "Equipe": Donnees("comptes", GARDEE, technique="id", metier="nom territoire places association"),
    "Professionnel": Donnees(
        "comptes",
        COMPTE,
        identite="prenom nom metier",
        contact="email",
        technique="id uuid password last_login is_superuser groups user_permissions",
        metier="equipe is_active est_invite resume_voulu resume_le cree_le",
    ),
    "Professionnel_groups": Donnees("comptes", COMPTE, technique="id professionnel group"),
    "Professionnel_user_permissions": Donnees("comptes", COMPTE, technique="id professionnel permission"),
    "Fonction": Donnees("comptes", COMPTE, technique="id", metier="professionnel genre equipe du au"),
    "PropositionDeFonction": Donnees(
        "comptes",
        COMPTE,
        technique="id",
        metier="professionnel genre equipe du proposee_par proposee_le decidee_par decidee_le etat",
    ),
    "Reglages": Donnees(
        "comptes",
        GARDEE,
        technique="id",
        metier="nom duree_intervention_jours prolongation_max_jours prolongations_max suspensions_max_jours registre_nomme",
    ),
    "Session": Donnees("comptes", SESSION, technique="session_key session_data expire_date", metier="compte"),
    "Appareil": Donnees("comptes", COMPTE, technique="id empreinte vu_le", metier="compte"),
    "Absence": Donnees("comptes", COMPTE, technique="id uuid", metier="compte du au remplacant posee_par posee_le"),
    "LienAgenda": Donnees("comptes", COMPTE, technique="id empreinte cree_le lu_le", metier="compte"),
    # ce que tiennent les bibliothèques
    "sessions.Session": Donnees("comptes", SESSION, technique="session_key session_data expire_date"),
    "account.EmailAddress": Donnees("comptes", COMPTE, contact="email", technique="id user verified primary"),
    "account.EmailConfirmation": Donnees("comptes", PASSAGERE, technique="id email_address created sent key"),
    "mfa.Authenticator": Donnees("comptes", COMPTE, technique="id user type data created_at last_used_at"),
    "admin.LogEntry": Donnees(
        "comptes",
        COMPTE,
        technique="id action_time content_type object_id action_flag",
        metier="user object_repr change_message",
    ),
    "auth.Permission": Donnees("comptes", GARDEE, technique="id name content_type codename"),
    "auth.Group": Donnees("comptes", GARDEE, technique="id name permissions"),
    "auth.Group_permissions": Donnees("comptes", GARDEE, technique="id group permission"),
    "contenttypes.ContentType": Donnees("comptes", GARDEE, technique="id app_label model"),
    "guardian.UserObjectPermission": Donnees("comptes", COMPTE, technique="id permission content_type object_pk user"),
    "guardian.GroupObjectPermission": Donnees(
        "comptes", COMPTE, technique="id permission content_type object_pk group"
    ),
    # le socle ne nomme aucun métier : ses tables se disent ici
    "socle.Evenement": Donnees(
        "journal",
        JOURNAL,
        mots={"charge": "détail de chaque acte"},
        sensible="charge",
        technique="chaine seq",
        metier="quand fait_le acteur action motif modele objet",
    ),
    "socle.Du": Donnees("journal", PASSAGERE, technique="id genre ids du_le essais fait_le erreur par"),
    "socle.Jeton": Donnees("journal", PASSAGERE, technique="valeur acteur suite cree_le"),
    "socle.LectureRecente": Donnees("journal", PASSAGERE, technique="acteur chaine vu_le"),
    "socle.Elargissement": Donnees("journal", PASSAGERE, technique="id acteur accorde_le"),
}
