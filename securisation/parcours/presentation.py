"""Ce que la page des accords montre : l'état de chaque finalité, sa preuve, ses suites, en mots."""

from securisation.socle.templatetags.jalon import date_moyenne

NOMS = {
    "INFORMATION": "information remise",
    "ADHESION": "adhésion au dispositif",
    "PARTAGE": "partage",
    "SENSIBLE": "données sensibles",
    "CONTACT": "contact",
    "STATISTIQUES": "statistiques",
}


def phrase_de_fin(accord):
    """« L'accord de partage avec la CAF finit le 3 décembre 2026 »."""
    nom = {
        "ADHESION": "L'adhésion au dispositif",
        "PARTAGE": f"L'accord de partage avec {accord.partenaire}",
        "CONTACT": f"L'accord de contact par {accord.canal}",
        "SENSIBLE": "L'accord sur les données sensibles",
    }.get(accord.finalite.code, f"L'accord « {accord.finalite.libelle} »")
    return f"{nom[:150]} finit le {date_moyenne(accord.jusqu_au)}"
