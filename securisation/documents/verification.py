"""La vérification d'un document par qui l'a en main : son numéro et sa clé de contrôle, ou son fichier, et rien sur la personne.

Chaque app qui produit des documents numérotés inscrit son registre (`enregistrer_registre`). Les numéros se devinent : sans la clé, un
numéro juste et un numéro inconnu ont la même réponse, au même prix.
"""

import datetime
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from securisation.socle.cloison import lire_en_systeme

# Ni 0 et O, ni 1, I et L, ni U : huit signes parmi trente, six cents milliards de clés.
SIGNES = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LONGUEUR = 8
_REFERENCE = re.compile(rf"(?P<numero>[A-Z]{{1,3}}(?:-[0-9]{{1,9}}){{2,3}})-(?P<cle>[{SIGNES}]{{{LONGUEUR}}})")

VALIDE, REMPLACE, ANNULE = "valide", "remplace", "annule"


@dataclass(frozen=True)
class TracePublique:
    """Ce que la page publique peut dire d'un document ; rien n'y vient d'un dossier. `sceau` : ce que vaut le sceau, en clair."""

    numero: str
    cle: str
    libelle_du_genre: str
    date: datetime.date
    etat: str
    sha256: str
    remplace_par: str = ""
    sceau: str = ""

    @property
    def est_une_edition(self):
        """Vrai pour une édition de financeur : un PDF scellé, et des classeurs qui ne le sont pas."""
        return bool(re.fullmatch(r"E-[0-9]+-[0-9]+", self.numero))


@dataclass(frozen=True)
class _Registre:
    par_numero: Callable[[str], TracePublique | None]
    par_empreinte: Callable[[str], TracePublique | None]


_REGISTRES: dict[str, _Registre] = {}


def enregistrer_registre(fonction, *, par_empreinte=None) -> None:
    """Inscrit un registre : numéro → `TracePublique` ou None ; `par_empreinte` fait de même depuis le SHA-256 du fichier.

    Chaque fonction ne fait qu'une requête, que le document soit valable ou non, et ne lit que des colonnes indexées.
    """
    _REGISTRES[f"{fonction.__module__}.{fonction.__qualname__}"] = _Registre(fonction, par_empreinte or _aucun)


def _aucun(_sha256):
    return None


def tirer() -> str:
    """Une clé de contrôle neuve, tirée au sort."""
    return "".join(secrets.choice(SIGNES) for _ in range(LONGUEUR))


def reference(numero: str, cle: str) -> str:
    """« B-2026-0147-1-K7M4QX2P » : ce que porte l'adresse."""
    return f"{numero}-{cle}"


def adresse(numero: str, cle: str) -> str:
    """L'adresse entière de la page qui vérifie ce document, telle que le papier la porte."""
    return settings.ADRESSE_PUBLIQUE + reverse("documents:verifier", args=[reference(numero, cle)])


def carre(numero: str, cle: str) -> str:
    """Le code QR de cette adresse, en image `data:` PNG d’un point par carré : `pdf.css` la dessine nette à toute taille."""
    import segno

    return segno.make_qr(adresse(numero, cle), error="m").png_data_uri(scale=1, border=4)


def au_document(numero: str, cle: str, tenue) -> dict:
    """Ce que le bloc « Identification » ajoute à `doc` : le sceau et, si le document a une clé, de quoi le vérifier.

    `tenue` : l'état du certificat qui scellera ce fichier (`sceau.tenir()`).
    """
    if not cle:
        return {"sceau": tenue.phrase}
    lisible = f"{cle[:4]}\u00a0{cle[4:]}"
    return {"sceau": tenue.phrase, "carre": carre(numero, cle), "adresse": adresse(numero, cle), "cle": lisible}


def lire_la_reference(texte: str) -> tuple[str, str] | None:
    """(numéro, clé) d'une référence telle qu'on la tape ou la lit d'un code QR ; None si ce n'en est pas une."""
    lue = _REFERENCE.fullmatch(re.sub(r"\s", "", texte).upper())
    return (lue["numero"], lue["cle"]) if lue else None


def avec_ses_tirets(numero: str) -> str:
    """« df 2026 0002 1 » ou « DF – 2026 – 0002 – 1 », comme on le tape ou le dicte : les tirets remis à leur place."""
    return re.sub(r"[\s\-\u2010-\u2015]+", "-", numero.strip())


def trouver(numero: str, cle: str) -> TracePublique | None:
    """Le document de ce numéro si la clé est la sienne ; tous les registres sont lus, et la clé comparée, dans tous les cas."""
    trouves = _chercher("par_numero", numero)
    connue = trouves[0].cle if trouves else ""
    juste = secrets.compare_digest(connue.encode(), cle.encode())
    return trouves[0] if trouves and juste and connue else None


def juger(trace: TracePublique | None, sha256: str) -> tuple[TracePublique | None, str]:
    """(le document, le verdict) pour un fichier de cette empreinte, vérifié sur la page du document `trace` (None : aucun).

    « bon » : c'est ce fichier. « autre » : celui d'un autre document, rendu à sa place. « modifie » : pas celui qui est attendu.
    « inconnu » : aucun fichier produit ici.
    """
    if trace is not None and secrets.compare_digest(trace.sha256, sha256):
        return trace, "bon"
    reconnu = reconnaitre(sha256)
    if reconnu is not None:
        return reconnu, "autre" if trace is not None and trace.numero != reconnu.numero else "bon"
    return trace, "modifie" if trace is not None else "inconnu"


def reconnaitre(sha256: str) -> TracePublique | None:
    """Le document dont le fichier a cette empreinte : qui tient le fichier n'a pas besoin de la clé."""
    return next(iter(_chercher("par_empreinte", sha256)), None)


def _chercher(comment, valeur):
    with transaction.atomic(), lire_en_systeme():
        trouves = [getattr(registre, comment)(valeur) for registre in _REGISTRES.values()]
    return [trace for trace in trouves if trace is not None]
