"""Le certificat d'effacement en PDF, par la machine des documents, scellé à chaque téléchargement ; seule la date du sceau change."""

from securisation.comptes.models import Reglages
from securisation.documents import machine, sceau
from securisation.parcours.effacement.presentation import certificat as contexte_du_certificat
from securisation.socle.templatetags.jalon import date_longue, date_moyenne

GABARIT = "parcours/pdf/certificat.html"


def certificat(effacement):
    """Le PDF scellé du certificat (documents.machine.Pdf) ; il porte ses données en pièce jointe."""
    tenue = sceau.tenir()
    contexte = contexte_du_certificat(effacement)
    le = contexte["efface_le"]
    doc = {
        "titre": "Certificat d’effacement",
        "sceau": tenue.phrase,
        "sujet": "Ce qui a été effacé, quand, et qui l’a décidé. Aucun contenu du dossier.",
        "personne": f"Dossier effacé le {date_longue(le)}",
        "association": Reglages.actuels().nom,
        "numero_complet": effacement.numero,
        "date_iso": le.date().isoformat(),
        "faits": [
            {"k": "Certificat", "v": effacement.numero},
            {"k": "Origine", "v": effacement.certificat["origine"]},
            {"k": "Demandé le", "v": date_moyenne(contexte["demande_le"])},
            {"k": "Effacé le", "v": date_moyenne(le)},
        ],
    }
    return tenue.sceller(machine.produire(GABARIT, contexte | {"doc": doc}, donnees=effacement.certificat, le=le))
