"""La table des droits : chaque mot (ce qu'une transition demande) et qui le peut. `docs/droits.md` est imprimé d'ici.

Rôles sur un parcours : REFERENT, COORDONNATEUR, INTERVENANT, LECTEUR. SUPERVISEUR : de l'équipe du parcours, sauf parcours restreint.
PROFESSIONNEL : tout membre d'une équipe, pour les actes qui n'ont pas encore de parcours.
RESPONSABLE : le superviseur de l'équipe, parcours restreint compris, pour décider d'un effacement sans ouvrir le dossier.
DPO : le délégué à la protection des données, pour les demandes de la personne seulement ; il n'ouvre pas le dossier pour autant.
DIRECTION : la direction, pour les phrases que des personnes acceptent de voir citées ; elle n'ouvre aucun dossier.
DELEGUE : le même, là où une ouverture motivée court ; il lit, et nomme un référent à qui n'en a plus.
"""

REFERENT, COORDONNATEUR, INTERVENANT, LECTEUR = "referent", "coordonnateur", "intervenant", "lecteur"
SUPERVISEUR, RESPONSABLE, PROFESSIONNEL, DPO, DELEGUE = "superviseur", "responsable", "professionnel", "dpo", "delegue"
DIRECTION = "direction"
ROLES = {
    REFERENT: "Référent de parcours",
    COORDONNATEUR: "Coordonnateur",
    INTERVENANT: "Intervenant",
    LECTEUR: "Lecteur",
}
_CONDUIRE = frozenset({REFERENT, COORDONNATEUR})
_AGIR = _CONDUIRE | {INTERVENANT}
_VOIR = _AGIR | {LECTEUR, SUPERVISEUR, DELEGUE}

DROITS = {
    # parcours
    "ouvrir_parcours": frozenset({PROFESSIONNEL}),
    "voir_parcours": _VOIR,
    "modifier_personne": _AGIR,
    "reveler_coordonnees": _AGIR,
    "voir_historique": _CONDUIRE | {SUPERVISEUR, DELEGUE},
    "ouvrir_par_motif": frozenset({DPO}),
    "refermer_ouverture": frozenset({DELEGUE}),
    "nommer_referent": frozenset({DELEGUE}),
    "qualifier": _CONDUIRE,
    "repondre": _CONDUIRE,
    "recueillir_accord": _AGIR,
    "retirer_accord": _AGIR,
    "inviter_partenaire": _CONDUIRE,
    "attribuer_role": frozenset({REFERENT, SUPERVISEUR}),
    "restreindre": frozenset({REFERENT, SUPERVISEUR}),
    "interrompre": _CONDUIRE,
    "prevoir_rendez_vous": _AGIR,
    "annuler_rendez_vous": _AGIR,
    "noter_rendez_vous": _AGIR,
    # demandes de la personne sur ses données
    "voir_demandes": _AGIR | {SUPERVISEUR, DPO},
    "enregistrer_demande": _AGIR,
    "repondre_demande": _CONDUIRE | {SUPERVISEUR, DPO},
    "refuser_demande": frozenset({DPO}),
    "prolonger_demande": frozenset({DPO}),
    "lever_demande": _CONDUIRE | {SUPERVISEUR, DPO},
    "voir_registre": _AGIR | {SUPERVISEUR},
    "remettre_copie": _CONDUIRE,
    # effacement et conservation : deux décisions, deux personnes
    "demander_effacement": _CONDUIRE | {DPO},
    "accepter_effacement": frozenset({RESPONSABLE}),
    "decider_effacement": frozenset({DPO}),
    "refuser_effacement": frozenset({RESPONSABLE, DPO}),
    "relancer_effacement": frozenset({RESPONSABLE, DPO}),
    "archiver_parcours": frozenset({RESPONSABLE, DPO}),
    # diagnostic
    "ouvrir_diagnostic": _AGIR,
    "renseigner_diagnostic": _AGIR,
    "valider_diagnostic": _CONDUIRE,
    # intervention
    "demarrer_intervention": _CONDUIRE,
    "conduire_action": _AGIR,
    "noter_contact": _AGIR,
    "verser_piece": _AGIR,
    "retirer_piece": _AGIR,
    "suspendre_intervention": _CONDUIRE,
    "demander_prolongation": _CONDUIRE,
    "decider_prolongation": frozenset({SUPERVISEUR}),
    "deroger_au_terme": frozenset({SUPERVISEUR}),
    # sortie
    "ouvrir_sortie": _CONDUIRE,
    "renseigner_sortie": _AGIR,
    "valider_sortie": _CONDUIRE,
    "ecrire_additif": _CONDUIRE,
    # documents
    "demander_document": _AGIR | {SUPERVISEUR},
    "telecharger_document": _VOIR,
    # pilotage : les mots des personnes ; ce que fait une équipe, sans parcours
    "proposer_parole": _CONDUIRE,
    "retirer_parole": _CONDUIRE,
    "relire_parole": frozenset({DIRECTION}),
    "noter_action_collective": frozenset({PROFESSIONNEL}),
    # surveillance du journal
    "regarder_alerte": frozenset({DPO}),
}

# Ce qui s'écrit encore quand la personne a demandé de limiter le traitement (RGPD, article 18) : répondre à ses demandes, suivre
# ses accords, noter ses nouvelles, arrêter, protéger l'accès. Tout autre acte est refusé, quel que soit le droit.
PROTECTEURS = frozenset(
    {
        "enregistrer_demande", "repondre_demande", "refuser_demande", "prolonger_demande", "lever_demande", "remettre_copie",
        "recueillir_accord", "retirer_accord", "noter_contact", "interrompre", "attribuer_role", "restreindre", "demander_document",
        "ouvrir_par_motif", "refermer_ouverture", "nommer_referent", "annuler_rendez_vous", "retirer_parole",
        # lire
        "voir_parcours", "voir_historique", "voir_demandes", "voir_registre", "reveler_coordonnees", "telecharger_document",
        "demander_effacement", "accepter_effacement", "decider_effacement", "refuser_effacement", "relancer_effacement",
        "archiver_parcours",
    }
)  # fmt: skip

# Ce qui se fait encore sur un dossier fermé pour effacement : le décider, ou le refuser, et dire à la personne ce qu'il en est.
SUR_UN_FERME = frozenset(
    {
        "accepter_effacement", "decider_effacement", "refuser_effacement", "relancer_effacement", "voir_parcours",
        "voir_historique", "voir_demandes", "repondre_demande",
    }
)  # fmt: skip
