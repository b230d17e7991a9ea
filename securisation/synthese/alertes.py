"""Les alertes, dans les mots du délégué : un fait, ce qui peut l'expliquer, où le vérifier."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from securisation.socle.refus import Introuvable
from securisation.socle.templatetags.jalon import compte, heure, moment
from securisation.synthese.models import DE_SOI, Alerte

TAILLE = 50
PLAFOND = 99
FAITS = {
    "nombreux": "a ouvert {dossiers} différents en une heure",
    "nuit": "a ouvert {dossiers} entre 22 h et 6 h",
    "nom": "a ouvert le parcours {numero}, d’une personne qui porte son nom de famille",
    "entourage": "a ouvert le parcours {numero}, où son nom figure dans l’entourage de la personne",
    "collegue": "a ouvert le parcours {numero}, d’une personne qui porte le nom d’un collègue",
    "recherche": "a fait {nombre} fois la même recherche en 24 heures, sans ouvrir ce qu’elle montrait",
    "justifiee": "a atteint cinquante dossiers en une heure et a dit pourquoi",
}
EXPLICATIONS = {
    "nombreux": "Une relecture d’équipe, la reprise du travail d’un collègue ou une réunion à préparer l’expliquent souvent. "
    "Regardez lesquels, et si un rôle ou l’équipe les y mène.",
    "nuit": "Une astreinte ou des horaires décalés l’expliquent souvent. Si c’est une astreinte, notez jusqu’à quand : "
    "les nuits suivantes ne feront plus d’alerte.",
    "nom": "C’est le plus souvent un homonyme. Sinon, une déclaration d’intérêts ou un parcours restreint s’imposent.",
    "entourage": "Ce peut être un homonyme. Sinon, une déclaration d’intérêts ou un parcours restreint s’imposent.",
    "collegue": "Ce peut être un homonyme. Si la personne travaille ici, son parcours doit être restreint.",
    "recherche": "Un rappel régulier ou un homonyme à trouver l’expliquent souvent. Le terme cherché n’est pas recopié ici.",
    "justifiee": "La limite s’est élevée pour une heure. Vérifiez que ce qui est dit correspond à ce qui a été ouvert.",
}
OU_LE_VOIR = {"recherche": "listes", "justifiee": "lectures"}


def sorte(alerte):
    """Le mot qui choisit les phrases : la règle, ou pour un proche ce qui rapproche."""
    return alerte.cle.partition(":")[0] if alerte.regle == "proche" else alerte.regle


def fait(alerte):
    """« a ouvert 34 dossiers différents en une heure »."""
    numero = alerte.parcours.numero if alerte.parcours else "effacé depuis"
    dossiers = compte(alerte.nombre, "dossier,dossiers")
    return FAITS[sorte(alerte)].format(dossiers=dossiers, nombre=alerte.nombre, numero=numero)


def quand(alerte):
    """« lundi 23 novembre 2026, de 2 h 10 à 2 h 45 »."""
    memes = timezone.localdate(alerte.du) == timezone.localdate(alerte.au)
    if heure(alerte.du) == heure(alerte.au) and memes:
        return moment(alerte.du)
    return (
        f"{moment(alerte.du)}, jusqu’à {heure(alerte.au)}"
        if memes
        else f"{moment(alerte.du)}, jusqu’au {moment(alerte.au)}"
    )


def dans_la_piste(alerte):
    """L'adresse de la piste d'audit, filtrée sur cet acteur et ces jours."""
    jours = {"du": timezone.localdate(alerte.du).isoformat(), "au": timezone.localdate(alerte.au).isoformat()}
    filtres = {
        "acteur": str(alerte.acteur.uuid),
        "nature": OU_LE_VOIR.get(alerte.regle, "lectures"),
        "periode": "dates",
    }
    if alerte.parcours:
        filtres["personne"] = alerte.parcours.numero
    return f"{reverse('synthese:piste')}?{urlencode(filtres | jours)}"


def liste(par, valeurs):
    """Contexte de la page des alertes : celles à regarder (ou déjà regardées), les plus récentes d'abord, cinquante par page."""
    etat = "regardee" if valeurs.get("etat") == "regardee" else "a_regarder"
    visibles = Alerte.objects.visibles_pour(par)
    alertes = visibles.filter(etat=etat).select_related("acteur", "parcours", "regardee_par").order_by("-pk")
    apres = valeurs.get("apres", "")
    if apres.isdecimal() and len(apres) < 18:
        alertes = alertes.filter(pk__lt=int(apres))
    lues = list(alertes[: TAILLE + 1])
    suivant = f"?{urlencode({'etat': etat, 'apres': lues[TAILLE - 1].pk})}" if len(lues) > TAILLE else ""
    lignes = [{"alerte": a, "fait": fait(a), "quand": quand(a), "regle": a.get_regle_display()} for a in lues[:TAILLE]]
    segments = [
        {"libelle": "À regarder", "url": "?", "ici": etat == "a_regarder", "nombre": a_regarder(par)},
        {"libelle": "Regardées", "url": "?etat=regardee", "ici": etat == "regardee"},
    ]
    return {"lignes": lignes, "suivant": suivant, "segments": segments, "etat": etat}


def a_regarder(par):
    """Nombre d'alertes que personne n'a regardées, compté jusqu'à 99."""
    return len(Alerte.objects.visibles_pour(par).a_regarder().values_list("pk", flat=True)[:PLAFOND])


def trouver(par, uuid):
    """Cette alerte, si ce compte peut la voir ; sinon elle est introuvable."""
    alerte = Alerte.objects.visibles_pour(par).filter(uuid=uuid).first()
    if alerte is None:
        raise Introuvable()
    return alerte


def detail(alerte, par):
    """Contexte de la page d'une alerte."""
    return {
        "alerte": alerte,
        "de_soi": DE_SOI if alerte.acteur_id == par.pk else "",
        "fait": fait(alerte),
        "quand": quand(alerte),
        "explication": EXPLICATIONS[sorte(alerte)],
        "piste": dans_la_piste(alerte),
    }
