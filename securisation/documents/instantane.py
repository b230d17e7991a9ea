"""Lecture d'un instantané (docs/documents.md) : ce que tous les PDF d'un parcours ont en commun. Fonctions pures."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from .machine import empreinte
from .partenaire import est_pour_un_partenaire
from .typographie import jour

_PARIS = ZoneInfo("Europe/Paris")
NATURES = {
    "diagnostic": "Diagnostic", "plan": "Plan", "bilan": "Bilan", "copie": "Copie", "registre": "Registre",
    "facile": "Version facile à lire", "liaison": "Fiche de liaison", "attestation": "Attestation",
}  # fmt: skip


def page_de_garde(instantane: dict, titre: str, faits: list[dict]) -> dict:
    """Contexte `doc` de `pdf/base.html` : titre, numéro, personne, faits de la couverture, empreinte."""
    document, personne = instantane["document"], instantane["personne"]
    le = jour(document["date"])
    nature = NATURES[instantane["schema"].split("/")[0]]
    numero_complet = f"{nature} {document['numero']} du {le}"
    if est_pour_un_partenaire(instantane):
        numero_complet += ", copie pour un partenaire"
    annee = personne.get("annee_naissance")
    suite = [f"naissance en {annee}" if annee else "", personne.get("commune") or ""]
    return {
        "titre": titre,
        "parcours": instantane["parcours"]["numero"],
        "association": _association(instantane["association"]),
        "sujet": f"{titre}, parcours {instantane['parcours']['numero']}, document {document['numero']} du {le}",
        "date_iso": document["date"][:10],
        "numero": document["numero"],
        "numero_complet": numero_complet,
        "personne": personne["nom"],
        "personne_suite": ", ".join(filter(None, suite)),
        "faits": faits,
        "edition": "première édition" if document["edition"] == 1 else f"{document['edition']}e édition",
        "remplace": document.get("remplace") or "",
        "demande_le": moment(document["demande_le"]),
        "empreinte": empreinte(instantane),
        "pour_un_partenaire": est_pour_un_partenaire(instantane),
    }


def _association(association: dict) -> str:
    return ", ".join(filter(None, [association["nom"], association.get("equipe")]))


def moment(valeur: str) -> str:
    """« 5 novembre 2026 à 16 h 42 », à l'heure de Paris."""
    instant = datetime.fromisoformat(valeur)
    instant = instant.astimezone(_PARIS) if instant.tzinfo else instant
    return f"{jour(instant)} à {instant.hour}\u00a0h\u00a0{instant.minute:02d}"


def fait(cle: str, valeur, suite="") -> dict:
    """Une case de la couverture : clé, valeur (« non renseigné » si vide), précision."""
    return {"k": cle, "v": valeur or "non renseigné", "s": suite or ""}


def orientation(parcours: dict) -> dict:
    """Case « Orienté par » : l'orienteur s'il est nommé, sinon l'origine ; la première virgule coupe en deux lignes."""
    nom, _, suite = (parcours.get("orienteur") or parcours.get("origine") or "").partition(", ")
    return fait("Orientation par", nom, suite)


def referent(instantane: dict) -> dict:
    """Case « Référent » de la couverture, au titre choisi par la personne elle-même."""
    qui = instantane["referent"]
    return fait(qui.get("titre") or "Référent", qui.get("nom"), qui.get("telephone"))


def niveaux(instantane: dict) -> dict[int, str]:
    """Niveau → libellé de l'échelle figée dans l'instantané."""
    return {int(n["niveau"]): n["libelle"] for n in instantane["echelle"]}


def echelle_en_phrase(instantane: dict) -> str:
    """« 0 sécurisé, 1 à surveiller… »."""
    return ", ".join(f"{n} {libelle.lower()}" for n, libelle in sorted(niveaux(instantane).items()))


def cite(texte) -> str:
    """Les mots de la personne entre guillemets français, chaîne vide s'il n'y en a pas."""
    texte = (texte or "").strip()
    return f"« {texte} »" if texte else ""


def est_long(texte) -> bool:
    """Un propos de plus de 240 signes passe en petit corps."""
    return len(texte or "") > 240


def accord(n: int, singulier: str, pluriel: str) -> str:
    """Le mot accordé : zéro et un au singulier."""
    return pluriel if n > 1 else singulier


def partages(instantane: dict) -> list[dict]:
    """Les accords de partage en cours, prêts pour le tableau des copies."""
    return [
        {
            "qui": p["partenaire"],
            "quoi": "Extrait : " + ", ".join(p["axes"]) if p.get("axes") else "Documents désignés",
            "condition": "Accord de partage"
            + (f", jusqu’au {jour(p['jusqu_au'])}" if p.get("jusqu_au") else "")
            + ", retirable à tout moment.",
        }
        for p in instantane.get("partages", [])
    ]


def nom_court(libelle: str) -> str:
    """Le nom d'un levier sans sa précision : « CPAM — droits de base, IJ » donne « CPAM »."""
    return re.split(r" — | \(| : |, ", libelle, maxsplit=1)[0]


def revele_la_sante(donnees) -> bool:
    """Vrai si l'instantané nomme une valeur réservée : un facteur, une suite, une démarche ou un risque qui révèle la santé."""
    if isinstance(donnees, dict):
        return donnees.get("reserve") is True or any(revele_la_sante(valeur) for valeur in donnees.values())
    return isinstance(donnees, list) and any(revele_la_sante(valeur) for valeur in donnees)
