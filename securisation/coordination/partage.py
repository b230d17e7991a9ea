"""Ce qu'un accord de partage ouvre à un partenaire : les axes et les documents qu'il nomme, pour une personne, en lecture seule.

Rien d'autre du parcours n'est lu : chaque requête nomme ses colonnes, et la base ne rend que ce parcours (`lire_un_parcours`).
"""

from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q

from diagnostics.models import Diagnostic, EvaluationAxe, FacteurRetenu
from securisation.annuaire.models import Ancrage, Criticite
from securisation.annuaire.models.situation import lisible
from securisation.coordination.querysets import partages_de
from securisation.documents.models import SANS_EDITION, Document, Etat
from securisation.parcours.models import Accord
from securisation.parcours.models.accord import SENSIBLE
from securisation.socle.refus import Introuvable

LISIBLES = (Etat.PRODUIT, Etat.REMPLACE)
NOM_DE_LA_COPIE = "{}-partenaire.pdf"


class PartageFerme(Introuvable):
    """Ce partage n'est pas, ou n'est plus, ouvert à ce compte : la même page dans tous les cas (404)."""

    titre = "Ce partage n’est pas ouvert"
    gabarit = "coordination/ferme.html"


class Partage:
    """Ce que la porte de lecture donne à une page de partenaire : un accord qui court et qui nomme ce compte."""

    partage = True
    introuvable = PartageFerme

    class objects:
        """Les partages d'un compte."""

        @staticmethod
        def visibles_pour(professionnel):
            """Les accords de partage ouverts à ce compte, avec de quoi nommer la personne a minima."""
            return partages_de(professionnel).select_related("parcours__personne").order_by("jusqu_au", "pk")


class DocumentPartage:
    """Ce que la porte donne à un téléchargement : un document, par son numéro exact, qu'un accord ouvert à ce compte nomme."""

    partage = True
    introuvable = PartageFerme

    class objects:
        """Les documents partagés avec un compte."""

        @staticmethod
        def visibles_pour(professionnel):
            """Les documents nommés par les partages de ce compte ; une autre édition du même document n'en est pas."""
            nomme = Func(OuterRef("numero"), F("documents"), template="(%(expressions)s))", arg_joiner=" = ANY(")
            nomme.output_field = BooleanField()
            accords = partages_de(professionnel).filter(parcours=OuterRef("parcours"))
            return _lisibles(Document.objects.all()).filter(Exists(accords.filter(nomme)))


def _lisibles(documents):
    """Ceux qui sont produits, et dont l'accord sensible, s'ils en dépendent, court encore."""
    sensible = Accord.objects.en_cours().filter(finalite__code=SENSIBLE, parcours=OuterRef("parcours"))
    documents = documents.exclude(genre__in=SANS_EDITION)  # un courrier, une fiche ont déjà leur destinataire
    return documents.filter(~Q(finalites__contains=[SENSIBLE]) | Exists(sensible), etat__in=LISIBLES)


def designation(personne):
    """Comment la personne se nomme chez un partenaire : son pseudonyme, sinon ses initiales."""
    return personne.pseudonyme or "".join(f"{mot[0].upper()}." for mot in (personne.prenom, personne.nom) if mot)


def lire_partage(accord):
    """Contexte de la page d'un partenaire : la personne a minima, les axes et les documents nommés."""
    diagnostic = Diagnostic.objects.filter(parcours=accord.parcours_id, etat=Diagnostic.Etat.VALIDE).order_by("-rang")
    dernier = diagnostic.values("pk", "valide_le").first() if accord.axes else None
    return {
        "accord": accord,
        "designation": designation(accord.parcours.personne),
        "numero": accord.parcours.numero,
        "valide_le": dernier and dernier["valide_le"],
        "axes": _axes(accord, dernier["pk"]) if dernier else [],
        "documents": _documents(accord),
    }


def _axes(accord, diagnostic):
    """Les axes nommés, dans l'ordre : niveau, phrase du niveau, facteurs, mots de la personne."""
    nommes = EvaluationAxe.objects.filter(diagnostic=diagnostic, axe__code__in=accord.axes).order_by("axe__ordre")
    nommes = list(nommes.values("pk", "axe_id", "axe__libelle", "criticite", "parole"))
    facteurs = _facteurs(accord, [axe["pk"] for axe in nommes])
    echelle = {c.niveau: c for c in Criticite.objects.ouverts()}
    phrases = {(a.axe_id, a.niveau): a.ancrage for a in Ancrage.objects.filter(axe__in=[a["axe_id"] for a in nommes])}
    for axe in nommes:
        niveau = echelle.get(axe["criticite"])
        axe["libelle"], axe["niveau"] = axe["axe__libelle"], niveau.libelle if niveau else ""
        axe["phrase"] = phrases.get((axe["axe_id"], axe["criticite"])) or (niveau.ancrage if niveau else "")
        axe["facteurs"] = facteurs.get(axe["pk"], [])
    return nommes


def _facteurs(accord, evaluations):
    """{évaluation: facteurs lisibles} ; ce qui révèle la santé se tait, sauf si la personne l'accepte encore."""
    retenus = FacteurRetenu.objects.filter(evaluation__in=evaluations).order_by("pk")
    if not accord.parcours.a_accord(SENSIBLE):
        retenus = retenus.filter(facteur__revele_la_sante=False)
    par_axe = {}
    for evaluation, libelle, constate in retenus.values_list("evaluation", "facteur__libelle", "constate"):
        par_axe.setdefault(evaluation, []).append({"libelle": lisible(libelle), "constate": constate})
    return par_axe


def _documents(accord):
    """Les documents que l'accord nomme, par leur numéro exact."""
    if not accord.documents:
        return []
    nommes = Document.objects.filter(parcours=accord.parcours_id, numero__in=accord.documents)
    lus = _lisibles(nommes).order_by("produit_le").only("uuid", "numero", "genre", "etat", "produit_le")
    return list(lus)
