"""Fabriquer ce qui est remis à la personne : l'instantané `copie/1` ou `registre/1`, puis ses deux fichiers, PDF et JSON.

Le schéma est dans docs/copie.schema.json. L'instantané ne se garde nulle part ailleurs que dans les fichiers, retirés après sept jours.
"""

import json
from functools import partial

from django.db import transaction

from securisation.comptes.models import Reglages
from securisation.coordination.registre import JOURS_GARDES, designer, lire_registre
from securisation.documents import genres
from securisation.socle import horloge
from securisation.socle.cloison import lire_un_parcours
from securisation.socle.copie import RAISONS_DITES, Redaction, parts

# Ce que la copie ne rend pas et qui n'est pas un champ : dit à la personne, comme les exclusions déclarées par chaque étage.
AUSSI_TU = [
    "Les diagnostics et les bilans en cours d’écriture : ils vous sont remis une fois validés.",
    "Les versions passées d’un texte corrigé : le délégué à la protection des données vous les donne si vous les demandez.",
]


def fabriquer(copie):
    """(Pdf, octets du JSON) de cette copie ; ne lit que ce parcours, derrière le mur de la base."""
    with transaction.atomic(), lire_un_parcours(copie.parcours_id):
        donnees = instantane(copie)
    pdf = genres.produire_scelle(copie.contenu, donnees, cle=copie.cle)
    return pdf, json.dumps(donnees, ensure_ascii=False, indent=1).encode()


def instantane(copie):
    """L'instantané entier : en-tête commun à tous les documents, rubriques pour une copie complète, et le registre d'accès."""
    parcours = copie.parcours
    entete = {
        "schema": f"{copie.contenu}/1",
        "document": _document(copie),
        "association": {"nom": parcours.equipe.association, "equipe": parcours.equipe.nom},
        "parcours": {"numero": parcours.numero, "ouvert_le": parcours.recue_le.isoformat()},
        "personne": _personne(parcours.personne),
    }
    registre = {"registre": {"jours_gardes": JOURS_GARDES, "jours": _registre(parcours)}}
    if copie.contenu == copie.Contenu.REGISTRE:
        return entete | registre
    return entete | {"rubriques": _rubriques(parcours), "tu": [*AUSSI_TU, *RAISONS_DITES]} | registre


def _document(copie):
    return {
        "numero": copie.numero,
        "edition": copie.edition,
        "date": horloge.aujourd_hui().isoformat(),
        "demande_le": copie.demandee_le.isoformat(),
        "remplace": None,
    }


def _personne(personne):
    return {"nom": personne.appellation, "annee_naissance": personne.annee_naissance, "commune": personne.commune}


def _rubriques(parcours):
    fiche = Redaction(partial(designer, nommer=Reglages.actuels().registre_nomme))
    return [{"code": p.code, "titre": p.titre, "fiches": list(p.corps(parcours, fiche))} for p in parts()]


def _registre(parcours):
    jours, _ = lire_registre(parcours, jours=JOURS_GARDES)
    return [
        {
            "le": jour.le.isoformat(),
            "lignes": [
                {"qui": ligne.qui, "faits": ligne.faits, "nombre": ligne.nombre, "pourquoi": ligne.pourquoi}
                for ligne in jour.lignes
            ],
        }
        for jour in jours
    ]
