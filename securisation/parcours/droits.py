"""La table des droits : chaque mot (ce qu'une transition demande) et qui le peut. `docs/droits.md` est imprimé d'ici.

Rôles sur un parcours : REFERENT, COORDONNATEUR, INTERVENANT, LECTEUR. SUPERVISEUR : de l'équipe du parcours, sauf parcours restreint.
PROFESSIONNEL : tout membre d'une équipe, pour les actes qui n'ont pas encore de parcours.
"""

REFERENT, COORDONNATEUR, INTERVENANT, LECTEUR = "referent", "coordonnateur", "intervenant", "lecteur"
SUPERVISEUR, PROFESSIONNEL = "superviseur", "professionnel"
ROLES = {
    REFERENT: "Référent de parcours",
    COORDONNATEUR: "Coordonnateur",
    INTERVENANT: "Intervenant",
    LECTEUR: "Lecteur",
}
_CONDUIRE = frozenset({REFERENT, COORDONNATEUR})
_AGIR = _CONDUIRE | {INTERVENANT}
_VOIR = _AGIR | {LECTEUR, SUPERVISEUR}

DROITS = {
    # parcours
    "ouvrir_parcours": frozenset({PROFESSIONNEL}),
    "voir_parcours": _VOIR,
    "modifier_personne": _AGIR,
    "reveler_coordonnees": _AGIR,
    "voir_historique": _CONDUIRE | {SUPERVISEUR},
    "qualifier": _CONDUIRE,
    "repondre": _CONDUIRE,
    "recueillir_accord": _AGIR,
    "retirer_accord": _AGIR,
    "attribuer_role": frozenset({REFERENT, SUPERVISEUR}),
    "restreindre": frozenset({REFERENT, SUPERVISEUR}),
    "interrompre": _CONDUIRE,
    # diagnostic
    "ouvrir_diagnostic": _AGIR,
    "renseigner_diagnostic": _AGIR,
    "valider_diagnostic": _CONDUIRE,
    # intervention
    "demarrer_intervention": _CONDUIRE,
    "conduire_action": _AGIR,
    "noter_contact": _AGIR,
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
    "demander_document": _AGIR,
    "telecharger_document": _VOIR,
}
