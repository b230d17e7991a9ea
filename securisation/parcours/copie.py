"""La part du parcours dans la copie de la personne : elle, son entourage, ses accords, ses demandes, ce qui est attendu."""

from securisation.annuaire.models import Public
from securisation.annuaire.presentation import NOMS_COURTS
from securisation.parcours.models import Personne
from securisation.socle.copie import exclure, part

exclure(
    "Recopié d'un autre champ pour chercher ou pour trier.",
    "parcours.Personne.cle",
    "parcours.Parcours.echeance",
    "parcours.Parcours.cle_import",
    "parcours.Echeance.nature",
    "parcours.Echeance.source",
    dire=False,
)
exclure(
    "Pourquoi l'accès à votre dossier a été restreint : ce motif peut nommer quelqu'un d'autre. Le délégué à la protection des données "
    "vous répond là-dessus.",
    "parcours.Parcours.motif_restriction",
)
exclure(
    "Le numéro de téléphone des personnes de votre entourage : c'est le leur. Ce que vous avez dit d'elles est dans cette copie.",
    "parcours.Entourage.telephone",
)
exclure(
    "Ce qu'un professionnel a précisé de ses propres liens, s'il a déclaré un conflit d'intérêts : cela le concerne, lui.",
    "parcours.DeclarationInteret.precisions",
)
exclure("Rangs du journal, redits par le registre d'accès.", "parcours.Demande.ecritures", dire=False)
exclure(
    "Pourquoi le délégué à la protection des données a lu votre dossier : ce motif peut nommer quelqu'un d'autre. Demandez-le-lui.",
    "parcours.Ouverture.motif",
)
exclure("Le papier que vous avez signé : il se remet à part, tel qu'il a été numérisé.", "parcours.PreuveAccord")
exclure(
    "Le détail technique d'un effacement : son certificat se remet à part.",
    *(
        f"parcours.Effacement.{nom}"
        for nom in (
            "inventaire", "roles_retires", "etait_restreint", "etapes", "incident", "empreinte_du_parcours", "certificat", "empreinte",
        )
    ),
)  # fmt: skip
exclure(
    "Droit d'accès d'un professionnel, dit par son rôle.",
    "parcours.Attribution",
    dire=False,
)
exclure(
    "Tableau déposé par un professionnel, effacé après trente jours ; ce qui vous concerne est devenu votre parcours.",
    "parcours.Importation",
    "parcours.LigneImportee",
    "parcours.Lot",
    dire=False,
)


@part("personne", titre="Vous", ordre=10, modeles=("parcours.Personne", "parcours.Entourage"))
def personne(parcours, fiche):
    """Identité, coordonnées, préférences ; puis l'entourage, tel que la personne l'a dit."""
    yield fiche(Personne.objects.get(pk=parcours.personne_id), "Identité et coordonnées")
    for proche in parcours.entourage.order_by("pk"):
        yield fiche(proche, "Une personne de votre entourage")


@part(
    "parcours",
    titre="Votre parcours",
    ordre=20,
    modeles=("parcours.Parcours", "parcours.Qualification", "parcours.DeclarationInteret", "parcours.Echeance"),
)
def dossier(parcours, fiche):
    """La demande reçue, la décision d'admission, qui accompagne la personne, ce qui est attendu."""
    yield fiche(parcours, "La demande et où en est le parcours")
    if hasattr(parcours, "qualification"):
        yield _dire_les_codes(
            fiche(parcours.qualification, "La décision d’admission"), "publics", Public.objects.libelles()
        )
    roles = parcours.attributions.select_related("user", "permission").order_by("pk")
    accompagnent = [(attribution.permission.name, fiche.designer(attribution.user)) for attribution in roles]
    yield fiche(None, "Qui vous accompagne", plus=accompagnent)
    for declaration in parcours.declarations.select_related("professionnel").order_by("pk"):
        yield fiche(declaration, "Déclaration de conflit d’intérêts")
    attendu = [(echeance.libelle, f"{echeance.date:%d/%m/%Y}") for echeance in parcours.echeances.all()]
    if attendu:
        yield fiche(None, "Ce qui est attendu", plus=attendu)


@part("rendez_vous", titre="Vos rendez-vous", ordre=25, modeles=("parcours.RendezVous", "parcours.Presence"))
def rendez_vous(parcours, fiche):
    """Chaque rendez-vous, visite ou concertation, et les professionnels attendus."""
    for objet in parcours.rendez_vous.avec_presents():
        presents = ", ".join(fiche.designer(compte) for compte in objet.professionnels)
        yield fiche(objet, objet.get_genre_display(), plus=[("Professionnels attendus", presents)])


@part("accords", titre="Vos accords", ordre=30, modeles=("parcours.Accord",))
def accords(parcours, fiche):
    """Chaque accord donné, avec sa preuve, sa durée et son retrait."""
    for accord in parcours.accords.select_related("finalite", "professionnel").order_by("le", "pk"):
        yield _dire_les_codes(fiche(accord, accord.finalite.libelle), "axes", NOMS_COURTS)


def _dire_les_codes(fiche, nom, libelles):
    """La même fiche, les codes de ce champ dits par leur libellé."""
    for champ in fiche["champs"]:
        if champ["nom"] == nom:
            champ["lu"] = ", ".join(libelles.get(code, code) for code in champ["valeur"])
    return fiche


@part(
    "demandes",
    titre="Vos demandes et leurs suites",
    ordre=80,
    modeles=("parcours.Demande", "parcours.Ouverture", "parcours.Conservation", "parcours.Effacement"),
)
def demandes(parcours, fiche):
    """Chaque demande et sa réponse, datées ; les ouvertures du délégué ; ce qui touche à la durée de conservation."""
    for demande in parcours.demandes.select_related("enregistree_par", "repondue_par").order_by("recue_le", "pk"):
        yield fiche(demande, demande.get_genre_display())
    for ouverture in parcours.ouvertures.select_related("professionnel").order_by("pk"):
        yield fiche(ouverture, "Lecture du dossier par le délégué à la protection des données")
    for conservation in parcours.conservations.select_related("archive_par").order_by("pk"):
        yield fiche(conservation, "Fin de conservation")
    for effacement in parcours.effacements.order_by("pk"):
        yield fiche(effacement, "Effacement demandé")
