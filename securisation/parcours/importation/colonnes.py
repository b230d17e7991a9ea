"""Les colonnes d'un tableau d'orientations : celles qu'on attend, celles qu'on sait lire, et comment on les reconnaît."""

import re
import unicodedata

PERSONNE = (
    "prenom",
    "nom",
    "pseudonyme",
    "annee_naissance",
    "commune",
    "code_postal",
    "adresse",
    "telephone",
    "courriel",
    "canal_prefere",
    "langue",
    "lecture",
    "foyer",
)
ORIENTATION = ("origine", "orienteur", "recue_le", "demande", "intervention_collective_prealable")
CONNUES = (*PERSONNE, *ORIENTATION)
ATTENDUES = ("prenom", "nom", "origine", "recue_le", "demande")
LIBELLES = {
    "prenom": "Prénom",
    "nom": "Nom",
    "pseudonyme": "Pseudonyme",
    "annee_naissance": "Année de naissance",
    "commune": "Commune",
    "code_postal": "Code postal",
    "adresse": "Adresse",
    "telephone": "Téléphone",
    "courriel": "Courriel",
    "canal_prefere": "Canal préféré",
    "langue": "Langue",
    "lecture": "Rapport à la lecture",
    "foyer": "Foyer",
    "origine": "Origine",
    "orienteur": "Orienteur",
    "recue_le": "Date de réception",
    "demande": "Demande",
    "intervention_collective_prealable": "Intervention collective préalable",
}


def nom_de_colonne(titre):
    """« Année de naissance » et « annee_naissance » désignent la même colonne."""
    plat = unicodedata.normalize("NFKD", titre).encode("ascii", "ignore").decode().lower()
    mots = [mot for mot in re.split(r"[^a-z0-9]+", plat) if mot and mot not in ("de", "la", "le")]
    return "_".join(mots)


TITRES = {nom_de_colonne(nom): nom for nom in CONNUES} | {nom_de_colonne(v): k for k, v in LIBELLES.items()}


def reconnaitre(titres):
    """Noms de colonnes d'une ligne de titres, dans l'ordre ; "" pour une colonne qu'on ne sait pas lire."""
    return [TITRES.get(nom_de_colonne(titre), "") for titre in titres]
