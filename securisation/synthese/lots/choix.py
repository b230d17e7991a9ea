"""Ce qu'un lot contiendrait : les parcours d'une équipe, d'une phase, d'une période, et pourquoi certains n'auront pas de document."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from diagnostics.models import Diagnostic
from securisation.documents import genres
from securisation.documents.models import Document
from securisation.parcours.models import Accord, Parcours
from securisation.socle.refus import DroitRefuse
from securisation.socle.transitions import AccordManquant, EtatRefuse
from sorties.models import Sortie

MAXIMUM = 500  # documents d'un lot
PERIODES = {"recue_le": "Demande reçue", "clos_le": "Parcours clos"}
FERME = "Ce dossier est fermé pour effacement."
HORS_DE_L_EQUIPE = "Ce parcours n’est plus parmi ceux que vous supervisez, ou il est restreint."
RIEN_A_FIGER = "La pièce dont ce document est fait n’existe pas encore."
# Ce que l'on sait dire d'un coup, sans bâtir l'instantané de chaque parcours : les parcours qui ont la pièce.
PIECES = {
    "diagnostic": lambda cles: Diagnostic.objects.filter(parcours__in=cles, etat=Diagnostic.Etat.VALIDE),
    "bilan": lambda cles: Sortie.objects.filter(parcours__in=cles, etat=Sortie.Etat.VALIDEE),
}


@dataclass(frozen=True)
class Choix:
    """Un genre de document et les parcours voulus : équipe (clé), phase (état, ou ""), période sur la réception ou la clôture."""

    genre: str
    equipe: int
    phase: str = ""
    sur: str = "recue_le"
    du: date | None = None
    au: date | None = None

    def parcours(self, par):
        """Les parcours voulus que ce compte supervise, par numéro ; un parcours restreint n'en est jamais."""
        bornes = {f"{self.sur}__gte": self.du, f"{self.sur}__lte": self.au, "etat": self.phase}
        supervises = Q(equipe=self.equipe, equipe__in=par.equipes_supervisees, restreint=False)
        visibles = Parcours.objects.visibles_pour(par).filter(supervises)
        return visibles.filter(**{nom: borne for nom, borne in bornes.items() if borne}).order_by("pk")


def possibles():
    """Les genres qui se produisent par lots : ceux qui se refont d'un parcours, sans destinataire à nommer."""
    return [g for g in genres.tous() if g.refaire and not g.destinataires]


def refus_prevus(genre, parcours):
    """{clé: pourquoi} pour ceux de ces parcours dont ce document ne sortirait pas aujourd'hui, comme le dit leur page « Documents »."""
    choisi, cles = genres.genre(genre), [p.pk for p in parcours]
    refus = _sans_la_piece(choisi, parcours)
    for code in choisi.finalites:
        ont = set(
            Accord.objects.en_cours().filter(parcours__in=cles, finalite__code=code).values_list("parcours", flat=True)
        )
        refus = dict.fromkeys([cle for cle in cles if cle not in ont], Parcours.accord_demande(code, "Il")) | refus
    return refus | {p.pk: FERME for p in parcours if p.effacement_le}


def deja_prets(genre, cles):
    """Combien de ces parcours (clés) ont déjà ce document. Un dossier changé depuis en aura un autre : le savoir les bâtirait tous."""
    valables = Document.objects.filter(parcours__in=cles, genre=genre, etat=Document.Etat.PRODUIT)
    return valables.values("parcours").distinct().count()


def _sans_la_piece(choisi, parcours):
    if choisi.code in PIECES:
        ont = set(PIECES[choisi.code]([p.pk for p in parcours]).values_list("parcours_id", flat=True))
        return {p.pk: choisi.role for p in parcours if p.pk not in ont}
    raisons = ((p.pk, _empechement(choisi, p)) for p in parcours)
    return {cle: raison for cle, raison in raisons if raison}


def _empechement(choisi, parcours):
    """Pourquoi ce document ne se fait pas de ce parcours, "" s'il se fait."""
    if choisi.empechement:
        return choisi.empechement(parcours, "")
    return "" if choisi.refaire(parcours) else choisi.role or RIEN_A_FIGER


def exiger(genre, parcours, par):
    """Refuse ce qui ne doit pas sortir, relu maintenant, et rend l'instantané du document."""
    choisi = genres.genre(genre)
    if parcours.effacement_le:
        raise EtatRefuse(FERME)
    if parcours.restreint or not Parcours.autorise(par, "demander_document", parcours):
        raise DroitRefuse(HORS_DE_L_EQUIPE)
    donnees = None if choisi.empechement and choisi.empechement(parcours, "") else choisi.refaire(parcours)
    if not donnees:
        raise EtatRefuse(_empechement(choisi, parcours) or RIEN_A_FIGER)
    for code in choisi.finalites:
        if not parcours.a_accord(code):
            raise AccordManquant(Parcours.accord_demande(code, "Il"))
    return donnees
