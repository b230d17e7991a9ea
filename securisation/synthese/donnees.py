"""Les données de la surveillance du journal (alertes au délégué, vérifications) et des lots de documents."""

from securisation.socle.donnees import DOSSIER, GARDEE, PASSAGERE, Donnees

DONNEES = {
    "Alerte": Donnees(
        "journal",
        DOSSIER,
        mots={"note": "ce que le délégué a vérifié"},
        sensible="dit note",
        technique="id uuid version cle",
        metier="regle acteur parcours nombre du au levee_le etat astreinte_jusqu_au regardee_le regardee_par",
    ),
    "LotDeDocuments": Donnees(
        "accompagnement", PASSAGERE, technique="id uuid", metier="par genre choix total demande_le annule_le"
    ),
    "LigneDeLot": Donnees("accompagnement", PASSAGERE, technique="id lot rang", metier="parcours document etat raison"),
    "Controle": Donnees("journal", GARDEE, technique="id fait_le chaines maillons rupture"),
    "Veille": Donnees("journal", GARDEE, technique="id jusqu_au"),
}
