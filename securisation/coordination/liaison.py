"""La fiche de liaison : pour un destinataire, ce qu'un accord de partage en cours permet, et rien d'autre. Instantané `liaison/1`.

Un accord nomme des axes : la fiche porte de chacun le niveau, la phrase du niveau, les constats et les mots de la personne, comme la
page du partenaire (`partage.py`), jamais une ligne réservée. La personne y est désignée comme là-bas.
"""

from diagnostics.instantane import commun
from diagnostics.models import Diagnostic
from securisation.coordination.partage import designation
from securisation.coordination.querysets import accords_de_partage
from securisation.documents.models import Document, Etat
from securisation.documents.partenaire import sans_reserve

_DE_L_AXE = ("code", "libelle", "niveau", "ancrage", "niveau_personne", "parole")
_DU_FACTEUR = ("code", "libelle", "constate", "echeance")
SANS_ACCORD = "Un accord de partage vient d’abord : à qui, quels axes, jusqu’à quand."
SANS_DIAGNOSTIC = "Un diagnostic validé vient d’abord : la fiche en dit les axes partagés."
LIMITE = "La personne a demandé de limiter l’usage de ses données : rien ne se partage."


def accords(parcours):
    """Les accords de partage qui courent ici et nomment des axes, par destinataire."""
    return accords_de_partage().filter(parcours=parcours).exclude(axes=[]).order_by("partenaire", "pk")


def destinataires(parcours):
    """Couples (clé de l'accord, destinataire) : une fiche pour chacun."""
    return [(str(accord.uuid), accord.partenaire) for accord in accords(parcours)]


def empechement(parcours, pour=""):
    """Pourquoi aucune fiche (ou pas celle de cet accord) ne se demande ; vide si elle se demande."""
    if parcours.limite_le:
        return LIMITE
    siens = accords(parcours)
    if not (siens.filter(uuid=pour) if pour else siens).exists():
        return SANS_ACCORD
    return "" if _diagnostic(parcours) else SANS_DIAGNOSTIC


def instantane(parcours, pour=""):
    """L'instantané entier de la fiche de cet accord (sans son bloc `document`)."""
    accord = accords(parcours).get(uuid=pour)
    entier = sans_reserve(commun(_diagnostic(parcours)))
    axes = [_axe(axe) for axe in entier["axes"] if axe["code"] in accord.axes]
    return {
        "schema": "liaison/1",
        "association": entier["association"],
        "parcours": {"numero": parcours.numero},
        "personne": {"nom": designation(parcours.personne)},
        "referent": entier["referent"],
        "echelle": entier["echelle"],
        "diagnostic": {"version": entier["diagnostic"]["version"], "valide_le": entier["diagnostic"]["valide_le"]},
        "accord": {
            "partenaire": accord.partenaire,
            "axes": [axe["libelle"] for axe in axes],
            "le": accord.le.isoformat(),
            "jusqu_au": accord.jusqu_au.isoformat(),
        },
        "axes": axes,
    }


def dernieres(parcours):
    """{clé de l'accord: sa dernière fiche qui vaut ou se prépare}, pour la page des partenaires."""
    fiches = Document.objects.filter(parcours=parcours, genre="liaison", etat__in=[Etat.PRODUIT, Etat.DEMANDE])
    return {fiche.pour: fiche for fiche in fiches.defer("donnees").order_by("edition")}


def _axe(axe):
    facteurs = [{cle: facteur[cle] for cle in _DU_FACTEUR} for facteur in axe["facteurs"]]
    return {cle: axe[cle] for cle in _DE_L_AXE} | {"facteurs": facteurs}


def _diagnostic(parcours):
    return Diagnostic.objects.filter(parcours=parcours, etat=Diagnostic.Etat.VALIDE).order_by("-rang").first()
