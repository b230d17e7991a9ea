"""Ce qui suit la fin d'un accord : l'annoncer avant ; cacher puis effacer ce que couvrait l'accord sur les données sensibles."""

from django.apps import apps
from django.db.models import Exists, OuterRef, TextField
from django.db.models.functions import Cast

from securisation.documents import genres
from securisation.documents.models import PARTAGE, Document, Etat
from securisation.parcours.consequences import couverts
from securisation.parcours.models.accord import BIENTOT, Accord
from securisation.parcours.models.parcours import Echeance, Parcours
from securisation.socle import horloge
from securisation.socle.effacement import Titre, effacer_lignes
from securisation.socle.outbox import devoir
from securisation.socle.trace import hors_porte

FICHE_FERMEE = "L’accord de partage dont dépend cette fiche a cessé : elle ne se télécharge plus."
RETIRE = "Contient des données dont l’accord est retiré : son contenu est effacé."


def cacher_le_sensible(accord, par):
    """Dans la transaction du retrait : lignes et documents couverts disparaissent de toutes les pages ; leur historique devient dû."""
    parcours, objets = accord.parcours, {}
    with hors_porte("retirer", par=par):
        for couvert in couverts():
            objets[couvert.modele._meta.label_lower] = couvert.cles(parcours)
            presents = couvert.objets(parcours)
            if couvert.avant:
                couvert.avant(parcours, list(presents))
            presents.delete()
        parcours.lever_echeance("accord", source="SENSIBLE")
        objets["documents.document"] = _annuler_les_documents(parcours, par)
    devoir("effacer_sensible", accord=accord.pk, objets={nom: cles for nom, cles in objets.items() if cles})


def _annuler_les_documents(parcours, par):
    """Annule et vide les documents qui nomment ces valeurs ; la pièce qui valait est redemandée, sans elles. Rend leurs clés."""
    touches = list(Document.objects.filter(parcours=parcours).qui_revelent_la_sante().order_by("pk"))
    a_refaire = {document.genre for document in touches if document.etat in (Etat.PRODUIT, Etat.DEMANDE)}
    for document in touches:
        document.annuler(par=par, raison=RETIRE, effacer=True)
    for code in sorted(a_refaire):
        donnees = _a_refaire(genres.genre(code), parcours)
        if donnees is not None:
            Document.demander(parcours=parcours, genre=code, donnees=donnees, par=par)
    return [document.pk for document in touches]


def _a_refaire(genre, parcours):
    """L'instantané qui remplace un document vidé ; None si ce genre ne se refait pas, ou si la page « Documents » le refuserait."""
    if genre.refaire is None or (genre.empechement and parcours.empechement(genre)):
        return None
    return genre.refaire(parcours)


def annuler_les_fiches(parcours, accords, par=None):
    """Annule les fiches de liaison qui dépendent de ces accords de partage ; dans une transition, ou hors d'elle."""
    siennes = Document.objects.filter(parcours=parcours, pour__in=[str(a.uuid) for a in accords])
    fiches = list(siennes.filter(finalites__contains=[PARTAGE]).exclude(etat=Etat.ANNULE))
    if fiches:
        with hors_porte("fin d'un partage", par=par):
            for fiche in fiches:
                fiche.annuler(par=par, raison=FICHE_FERMEE)


def annuler_les_fiches_echues():
    """Annule les fiches de liaison dont l'accord a fini de lui-même ; d'ici là, elles ne se téléchargent déjà plus."""
    courants = Accord.objects.en_cours().annotate(cle=Cast("uuid", TextField()))
    vives = Document.objects.filter(finalites__contains=[PARTAGE]).exclude(etat=Etat.ANNULE)
    for fiche in vives.filter(~Exists(courants.filter(cle=OuterRef("pour")))).select_related("parcours"):
        with hors_porte("fin d'un partage"):
            fiche.annuler(par=None, raison=FICHE_FERMEE)


def effacer_l_historique(accord, objets):
    """Efface ce que l'historique et le journal gardaient de ces objets ({« app.modele »: clés}) ; se rejoue sans effet double."""
    titre = Titre("accord_retire", accord.pk, accord.parcours_id)
    return sum(effacer_lignes(titre, apps.get_model(nom), cles) for nom, cles in objets.items())


def annoncer_les_fins():
    """Met dans « À faire » les accords qui finissent dans les quinze jours ; rend leur nombre. Se rejoue sans effet double.

    Une adhésion ou un accord sensible échus restent à faire ; un partage ou un contact échus finissent d'eux-mêmes.
    """
    jour = horloge.aujourd_hui()
    dits = set(Echeance.objects.filter(nature="fin_accord").values_list("source", flat=True))
    finissent = Accord.objects.en_cours(jour).filter(jusqu_au__lte=jour + BIENTOT)
    vivants = finissent.exclude(parcours__etat__in=Parcours.FIGES).select_related("finalite", "parcours")
    annonces = [a for a in vivants.iterator() if a.source not in dits and not a.est_renouvele]
    for accord in annonces:
        accord.annoncer_la_fin()
    for du in Echeance.objects.filter(nature="fin_accord", date__lt=jour):
        echu = (
            Accord.objects.filter(pk=du.source.removeprefix("accord:")).values_list("finalite__code", flat=True).first()
        )
        if echu not in ("ADHESION", "SENSIBLE"):
            du.delete()
    return len(annonces)
