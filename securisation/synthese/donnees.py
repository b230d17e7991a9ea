"""Les données de la surveillance du journal : alertes au délégué, vérifications."""

from securisation.socle.donnees import DOSSIER, GARDEE, Donnees

DONNEES = {
    "Alerte": Donnees(
        "journal",
        DOSSIER,
        mots={"note": "ce que le délégué a vérifié"},
        sensible="dit note",
        technique="id uuid version cle",
        metier="regle acteur parcours nombre du au levee_le etat astreinte_jusqu_au regardee_le regardee_par",
    ),
    "Controle": Donnees("journal", GARDEE, technique="id fait_le chaines maillons rupture"),
    "Veille": Donnees("journal", GARDEE, technique="id jusqu_au"),
}
