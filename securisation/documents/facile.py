"""Les versions faciles à lire : des phrases courtes, une idée par ligne, tirées de l'instantané du document d'origine.

Chaque étage écrit les siennes (`facile.py` de l'app) ; ce module tient leur forme commune, `facile/1`. Fonctions pures, sauf
`de_l_origine`.
"""

import re

from securisation.annuaire.facile import PICTOS

from . import instantane as lu
from .genres import enregistrer_genre
from .models import Document, Etat
from .partenaire import sans_reserve
from .typographie import en_date, jour

GENRES = {"diagnostic": "facile_diagnostic", "plan": "facile_plan", "bilan": "facile_bilan"}
SIMPLE, FALC = "Version facile à lire", "Facile à lire et à comprendre (FALC)"
PICTO = "flag"
_FIN_D_IDEE = re.compile(r"(?<=[.!?…])\s+|\s*;\s*|\n+")


def idees(texte) -> list[str]:
    """Un texte libre, une idée par ligne, chacune avec sa majuscule et son point."""
    morceaux = (morceau.strip() for morceau in _FIN_D_IDEE.split(texte or ""))
    return [_phrase(morceau) for morceau in morceaux if morceau]


def _phrase(texte: str) -> str:
    return texte[:1].upper() + texte[1:] + ("" if texte[-1] in ".!?…:»" else ".")


def bloc(picto: str, titre: str = "", lignes=(), *, fort: str = "", alerte: dict | None = None) -> dict:
    """Un pictogramme, ce qu'il montre, une idée par ligne ; `fort` : la ligne à retenir ; `alerte` : ce qui doit faire agir."""
    return {
        "picto": picto,
        "titre": titre,
        "lignes": [ligne for ligne in lignes if ligne],
        "fort": fort,
        "alerte": alerte,
    }


def alerte(si, alors, telephone="") -> dict:
    """Ce que la personne peut reconnaître, ce qu'elle fait alors, et le numéro à appeler."""
    return {"si": idees(si), "alors": [ligne for ligne in alors if ligne], "telephone": telephone or ""}


def partie(titre: str, blocs) -> list[dict]:
    """Une partie et ses blocs ; rien si elle est vide."""
    blocs = [b for b in blocs if b["titre"] or b["lignes"] or b["fort"] or b["alerte"]]
    return [{"titre": titre, "blocs": blocs}] if blocs else []


def picto_de(axe: str) -> str:
    """Le pictogramme d'un axe, par son code."""
    return PICTOS.get(axe, PICTO)


def contact(referent: dict, *, etait: bool = False) -> str:
    """« Mon contact est Awa Diarra. » ; vide si personne n'est nommé."""
    return f"Mon contact {'était' if etait else 'est'} {referent['nom']}." if referent.get("nom") else ""


def date_a_retenir(le, papier) -> str:
    """« Date à retenir : le 24 septembre 2026. » ; avant le jour du papier, elle se dit passée. Vide sans date."""
    if not le:
        return ""
    return f"Date {'passée' if en_date(le) < en_date(papier) else 'à retenir'} : le {jour(le)}."


def desaccord(texte) -> list[dict]:
    """Ce que la personne n'accepte pas, dans ses mots ; rien si elle n'a rien dit."""
    if not (texte or "").strip():
        return []
    return partie("Je ne suis pas d’accord", [bloc("message", lignes=["Je l’ai dit.", lu.cite(texte)])])


def mes_droits(donnees: dict, *, apres: str = "") -> list[dict]:
    """Ce que chaque version rappelle : le papier est à elle, elle peut dire non ; « appeler » ne se dit qu’avec un numéro."""
    referent = donnees["referent"]
    appel = {"si": [], "alors": [], "telephone": referent["telephone"]} if referent.get("telephone") else None
    verbe, nom = "appeler" if appel else "demander de l’aide à", referent.get("nom") or "l’association"
    qui = f"Je peux {verbe} {nom}."
    return partie(
        "Mes droits",
        [
            bloc("paper", lignes=["Je garde ce papier.", "Je choisis à qui je le montre."]),
            bloc(
                "message", lignes=["Je peux dire que je ne suis pas d’accord.", "C’est alors écrit dans mon dossier."]
            ),
            bloc("heart", lignes=[qui, apres], alerte=appel),
        ],
    )


# -- de l'origine à l'instantané


def origines(parcours, genre: str):
    """Les documents de ce genre qui valent ou se préparent, le dernier d'abord : c'est lui que la version facile à lire redit."""
    vivants = Document.objects.filter(parcours=parcours, genre=genre, etat__in=[Etat.PRODUIT, Etat.DEMANDE])
    return vivants.order_by("-edition")


def de_l_origine(parcours, genre: str, rediger) -> dict | None:
    """L'instantané `facile/1` du document de ce genre ; None sans document. `rediger(donnees, axes)` → (titre, parties, parole).

    La relecture déjà déclarée vaut tant que pas un mot ne change.
    """
    from securisation.annuaire.models import Axe

    source = origines(parcours, genre).first()
    if source is None:
        return None
    donnees = sans_reserve(source.donnees)
    titre, parties, parole = rediger(donnees, dict(Axe.objects.values_list("code", "libelle_facile_a_lire")))
    faite = {
        "schema": "facile/1", "de": genre, "origine": source.numero, "le": donnees["document"]["date"],
        "association": donnees["association"], "parcours": {"numero": parcours.numero},
        "personne": {"nom": donnees["personne"]["nom"]}, "titre": titre, "parties": parties, "parole": parole or "",
    }  # fmt: skip
    return faite | {"relecture": _relecture_deja_faite(parcours, genre, faite)}


def _relecture_deja_faite(parcours, genre, faite):
    derniere = origines(parcours, GENRES[genre]).first()
    if derniere is None or any(derniere.donnees.get(cle) != valeur for cle, valeur in faite.items()):
        return None
    return derniere.donnees["relecture"]


# -- de l'instantané au gabarit


def contexte(instantane: dict) -> dict:
    """Contexte entier de `documents/pdf/facile.html`, au schéma `facile/1`."""
    relecture = instantane.get("relecture")
    nature = FALC if relecture else SIMPLE
    doc = lu.page_de_garde(instantane | {"personne": instantane["personne"]}, instantane["titre"], [])
    relue = f"{nature}. Relue le {jour(relecture['le'])} avec {relecture['avec']}." if relecture else ""
    return {
        "doc": doc,
        "nature": nature,
        "relue": relue or f"{nature}. Pas encore relue par des personnes concernées.",
        "origine": instantane["origine"],
        "le": jour(instantane["le"]),
        "association": instantane["association"]["nom"],
        "parties": instantane["parties"],
        "parole": lu.cite(instantane.get("parole")),
    }


def enregistrer(genre: str, *, lettre: str, libelle: str, ordre: int, empechement, rediger, finalites=()) -> None:
    """Déclare la version facile à lire d'un genre."""
    enregistrer_genre(
        GENRES[genre],
        lettre=lettre,
        libelle=libelle,
        gabarit="documents/pdf/facile.html",
        contexte=contexte,
        finalites=finalites,
        refaire=lambda parcours, pour="": de_l_origine(parcours, genre, rediger),
        role="Des phrases courtes et des images, pour la personne. Ce qui révèle la santé n’y est pas.",
        ordre=ordre,
        empechement=lambda parcours, pour="": empechement(parcours),
    )
