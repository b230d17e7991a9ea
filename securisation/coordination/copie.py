"""La part de la coordination dans la copie de la personne : les partenaires invités à lire, les copies déjà remises."""

from securisation.coordination.models import Invitation
from securisation.socle.copie import exclure, part

exclure(
    "Secret d'un lien : il ouvrirait ce que vous partagez.",
    "coordination.Invitation.empreinte",
    "coordination.Invitation.code",
    dire=False,
)
exclure("Sert à vérifier la copie, où elle est imprimée.", "coordination.Copie.cle", dire=False)
exclure("Les fichiers d'une copie ne se recopient pas.", "coordination.FichierDeCopie", dire=False)


@part(
    "coordination",
    titre="Ce qui a été partagé ou remis",
    ordre=75,
    modeles=("coordination.Invitation", "coordination.Copie"),
)
def coordination(parcours, fiche):
    """Chaque invitation d'un partenaire, puis chaque copie ou registre déjà préparé."""
    invitations = Invitation.objects.filter(accord__parcours=parcours).select_related("accord", "compte").order_by("pk")
    for invitation in invitations:
        yield fiche(invitation, f"Invitation de {invitation.accord.partenaire}")
    for copie in parcours.copies.select_related("demandee_par").exclude(produite_le=None).order_by("pk"):
        yield fiche(copie, copie.get_contenu_display())
