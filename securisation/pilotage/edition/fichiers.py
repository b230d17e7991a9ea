"""Les fichiers d'une édition publiée : un PDF, et ses tableaux en CSV, XLSX et ODS ; produits une fois, figés ensuite."""

from securisation.documents import sceau
from securisation.pilotage.edition import classeur, pdf
from securisation.pilotage.models import Edition, FichierDEdition
from securisation.pilotage.models.edition import SORTIES, Etat
from securisation.socle.refus import Introuvable, Refus

ECHEC = "Les fichiers n'ont pas pu être produits. Relancez leur production ; l'édition, elle, est bien publiée."


class PasEncorePret(Refus):
    """Le fichier est demandé avant d'être produit (409)."""

    titre = "Ce fichier n’est pas encore prêt"
    que_faire = (
        "Il se produit en quelques secondes après la publication. La page de l’édition le propose dès qu’il est prêt."
    )


class EditionRetiree(Refus):
    """L'édition est retirée : ses fichiers ne se téléchargent plus (409)."""

    titre = "Cette édition est retirée"
    que_faire = "Sa page dit pourquoi, et si une autre la remplace."


def produire(numero):
    """Produit les fichiers qui manquent à l'édition de cette clé ; rejouable, et sans effet si elle est retirée."""
    edition = Edition.objects.select_related("corrige").filter(pk=numero, etat__in=SORTIES).first()
    if edition is None or edition.etat == Etat.RETIREE:
        return
    faits = set(edition.fichiers.values_list("genre", flat=True))
    if "pdf" not in faits:
        fait = pdf.produire(edition)
        dit = sceau.Etat(fait.sceau).label
        FichierDEdition.garder(
            edition, genre="pdf", octets=fait.contenu, genre_mime="application/pdf", pages=fait.pages, sceau=dit
        )
    for genre in FichierDEdition.TABLEAUX:
        if genre not in faits:
            ecrit = classeur.produire(edition, genre)
            FichierDEdition.garder(edition, genre=genre, octets=ecrit.octets, genre_mime=ecrit.genre_mime)
    if edition.erreur:
        edition.echouer("")


def noter_l_echec(numero):
    """Après le dernier essai : la page le dit, avec de quoi relancer."""
    for edition in Edition.objects.filter(pk=numero, etat__in=SORTIES):
        edition.echouer(ECHEC)


def trouver(edition, genre):
    """Le fichier de ce genre d'une édition sortie ; introuvable, pas encore prêt ou retiré sinon."""
    if genre not in FichierDEdition.Genre.values or not edition.est_sortie:
        raise Introuvable()
    if edition.etat == Etat.RETIREE:
        raise EditionRetiree(edition.motif_retrait)
    fichier = edition.fichiers.filter(genre=genre).first()
    if fichier is None:
        raise PasEncorePret()
    return fichier
