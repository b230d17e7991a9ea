"""Le PDF d'une édition publiée, par la machine des documents : les mêmes figures que la page, les tableaux à côté."""

import math

from securisation.comptes.models import Reglages
from securisation.documents import machine, sceau
from securisation.documents.instantane import accord
from securisation.documents.verification import au_document
from securisation.pilotage.edition import lecture, lisible, presentation
from securisation.socle.templatetags.jalon import date_moyenne

GABARIT = "pilotage/pdf/edition.html"


def produire(edition):
    """Le PDF (machine.Pdf), scellé par le certificat qui vaut aujourd'hui ; ses données sont jointes."""
    tenue = sceau.tenir()
    return tenue.sceller(composer(edition, tenue))


def composer(edition, tenue):
    """Le PDF d'avant le sceau ; `tenue` : le certificat qu'il annonce."""
    donnees = pieces_jointes(edition)
    dit = contexte(edition, donnees)
    dit["doc"] |= au_document(edition.numero, edition.cle, tenue)
    return machine.produire(GABARIT, dit, donnees=donnees, le=edition.publiee_le)


def pieces_jointes(edition):
    """Ce qui voyage dans le fichier (docs/edition.schema.json) : l'édition, ce qui la définit, ses nombres tels que la page les dit."""
    definition = {cle: valeur for cle, valeur in edition.definition.items() if cle != "cles"}
    return {
        "schema": "edition/1",
        "edition": {
            "numero": edition.numero,
            "du": edition.du.isoformat(),
            "au": edition.au.isoformat(),
            "publiee_le": edition.publiee_le.isoformat(),
            "fictive": edition.fictive,
            "remplace": edition.corrige.numero if edition.corrige else "",
            "mot": edition.mot,
            "changements": (lisible.changements(edition) or {"lignes": []})["lignes"],
        },
        "definition": definition,
        "contenu": lecture.publie(lisible.contenu(edition)),
    }


def contexte(edition, donnees):
    """Ce que le gabarit montre."""
    figures = lecture.presenter(lisible.contenu(edition))
    fiche = lecture.fiche(edition.definition)
    sections = [*(chapitre["titre"] for chapitre in figures["chapitres"]), "Méthode et limites", "Identification"]
    return {
        "doc": _couverture(edition, fiche),
        "edition": edition,
        "changements": lisible.changements(edition),
        "fiche": fiche,
        "essentiel": _rangees(figures["essentiel"], 3),
        "chapitres": figures["chapitres"],
        "refuses": figures["refuses"],
        "mots": figures["mots"],
        "textes": presentation.textes(edition),
        "sommaire": [(f"s{rang}", titre) for rang, titre in enumerate(sections, 1)],
        "rang_methode": len(figures["chapitres"]) + 1,
        "empreinte": machine.empreinte(donnees),
    }


def _rangees(elements, par):
    return [elements[rang * par : (rang + 1) * par] for rang in range(math.ceil(len(elements) / par))]


def _couverture(edition, fiche):
    le = date_moyenne(edition.publiee_le)
    return {
        "titre": "Rapport de financeur",
        "parcours": edition.numero,
        "association": Reglages.actuels().nom,
        "sujet": f"{lecture.titre_de(edition)}, édition {edition.numero} du {le}. Aucune personne n’y est nommée.",
        "date_iso": edition.publiee_le.date().isoformat(),
        "numero": edition.numero,
        "numero_complet": f"Édition {edition.numero} du {le}",
        "personne": lecture.titre_de(edition),
        "faits": [
            {"k": "Édition", "v": edition.numero, "s": f"publiée le {le}"},
            {"k": "Financeur", "v": fiche["financeur"]},
            {"k": "Convention", "v": fiche["convention"], "s": fiche["convention_periode"]},
            {"k": "Territoire", "v": ", ".join(fiche["territoire"][:3]), "s": _suite(fiche["territoire"][3:])},
        ],
    }


def _suite(restes):
    return f"et {len(restes)} {accord(len(restes), 'autre', 'autres')}" if restes else ""
