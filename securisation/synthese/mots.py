"""Les actes du journal qui ne sont ni une lecture ni une écriture de dossier, dits à la suite de qui les fait."""

ACTES = {
    "coordonnees": "a affiché les coordonnées",
    "recherche": "a cherché un parcours",
    "import_depose": "a déposé un tableau d’orientations",
    "import_fini": "a importé un tableau d’orientations",
    "effacement": ": un contenu est effacé",
    # connexions
    "connexion": "a ouvert une session",
    "déconnexion": "a fermé sa session",
    "demande arrêtée": ": une demande a été arrêtée avant toute page",
    "connexion refusée": ": une connexion a été refusée",
    "invitation refusée": ": un code d’invitation a été refusé",
    "confirmation": "a confirmé son identité",
    "sessions terminées": "a terminé des sessions de son compte",
    "mot de passe changé": "a changé son mot de passe",
    "moyen de connexion ajouté": "a ajouté un moyen de connexion",
    "moyen de connexion retiré": "a retiré un moyen de connexion",
    # droits et comptes
    "compte créé": "a créé un compte",
    "compte modifié": "a modifié un compte",
    "second facteur retiré": "a retiré le second facteur d’un compte",
    "fonction proposée": "a proposé une fonction",
    "fonction confiée": "a confié une fonction",
    "fonction refusée": "a refusé une fonction proposée",
    "comptes invités fermés": ": des comptes de partenaires sont fermés",
    "courriel non envoyé": ": un courriel à un compte n’est pas parti",
    # référentiel et annuaire
    "référentiel chargé": ": le référentiel est chargé",
    "nomenclature ajoutée": "a ajouté une ligne au référentiel",
    "nomenclature modifiée": "a modifié une ligne du référentiel",
    "nomenclature relue": "a relu une ligne du référentiel",
    "structure ajoutée": "a ajouté une structure à l’annuaire",
    "structure modifiée": "a modifié une structure de l’annuaire",
    "structure vérifiée": "a vérifié une structure de l’annuaire",
    "texte d'accord écrit": "a écrit un texte d’accord",
    "texte d'accord publié": "a publié un texte d’accord",
    # surveillance
    "piste": "a lu la piste d’audit",
    "alerte": ": une alerte est levée",
    "alerte regardée": "a regardé une alerte",
    "justification": "a dit pourquoi lire beaucoup de dossiers",
    "ancrage": ": le journal est ancré hors de la base",
}
# Les écritures dites autrement que par le début du docstring de leur transition.
TRANSITIONS = {
    ("parcours.attribution", "attribuer_role"): "attribue un rôle",
    ("parcours.attribution", "retirer_role"): "retire un rôle",
    ("parcours.attribution", "nommer_referent"): "nomme un référent",
    ("parcours.attribution", "ouvrir"): "devient référent du parcours",
    ("documents.document", "preparer"): "demande le document",
    ("documents.document", "produire"): "produit le document",
    ("documents.document", "produire_apres_coup"): "produit le document",
    ("documents.document", "relancer"): "redemande le document",
    ("parcours.parcours", "restreindre"): "change qui voit le parcours",
    ("parcours.personne", "modifier"): "met à jour la fiche de la personne",
    ("parcours.qualification", "prononcer"): "prononce la qualification",
    ("parcours.demande", "lever"): "lève la limitation ou l’opposition",
    ("parcours.effacement", "accepter"): "accepte l’effacement",
    ("parcours.effacement", "decider"): "ordonne l’effacement",
    ("diagnostics.facteurretenu", "modifier"): "corrige un facteur",
    ("diagnostics.dominoexamine", "examiner"): "examine une suite possible",
    ("diagnostics.diagnostic", "valider"): "valide le diagnostic",
    ("sorties.sortie", "noter_parole"): "note la parole de la personne",
    ("sorties.sortie", "valider"): "valide la sortie",
}
# Un même acte, plusieurs contenus : la page d'où l'export est parti le dit.
EXPORTS = {
    "synthese:exporter_piste": "la piste d’audit",
    "synthese:exporter_liste": "sa liste « mes parcours »",
    "registre des effacements": "le registre des effacements",
    "coordination:copie_pdf": "une copie remise à la personne (PDF)",
    "coordination:copie_json": "une copie remise à la personne (JSON)",
    "journal": "le journal",
}


def acte_dit(action, charge):
    """« a ouvert une session », « a exporté la piste d’audit » ; "" pour une lecture, une écriture ou un acte sans mot."""
    if action == "export":
        return f"a exporté {EXPORTS.get(charge.get('page') or charge.get('genre'), 'des données')}"
    return ACTES.get(action, "")
