"""Ce qu'une page tait d'un risque tant que l'accord sur les données sensibles ne court pas : en mémoire, jamais en base."""

from interventions import reserve

RISQUE = "Risque réservé (accord à recueillir)"


def taire(risque):
    """Ôte du risque, en mémoire seulement, ce qui révèle la santé ; vrai (et `est_tu`) s'il le fallait."""
    risque.est_tu = risque.revele_la_sante
    if risque.est_tu:
        risque.risque.libelle = RISQUE
        if risque.facteur_id:
            reserve.taire_le_facteur(risque.facteur)
        if risque.action_id:
            reserve.taire(risque.action)
    return risque.est_tu
