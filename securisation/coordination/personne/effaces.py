"""Ce que les pages des droits disent d'un effacement : où sa décision se prend, et la trace de la demande partie avec le dossier."""

from django.urls import reverse
from django.utils import timezone

from securisation.parcours import delais
from securisation.parcours.models import Demande, Effacement

MONTREES = 50


def traces(par):
    """Les demandes parties avec leur dossier : le certificat, et jusqu'à quand la personne doit l'apprendre. Aucun contenu."""
    faits = Effacement.objects.visibles_pour(par).executes().filter(origine=Effacement.Origine.PERSONNE)
    return [
        {"effacement": fait, "avant": delais.echeance(timezone.localdate(fait.demande_le))} for fait in faits[:MONTREES]
    ]


def decision(demande, par):
    """L'effacement ouvert pour cette demande : où le décider, ou le suivre ({url, mot, icone}) ; None s'il n'y en a pas."""
    if demande.genre != Demande.Genre.EFFACEMENT:
        return None
    ouvert = Effacement.objects.visibles_pour(par).ouverts().filter(parcours=demande.parcours_id).first()
    if ouvert is None:
        return None
    ouvert.parcours = demande.parcours
    if {"accepter", "decider"} & set(ouvert.possibles(par)) and ouvert.superviseur_par_id != par.pk:
        adresse = reverse("parcours:decider_effacement", args=[ouvert.uuid])
        return {"url": adresse, "mot": "Décider de l’effacement", "icone": "gavel"}
    return {"url": ouvert.get_absolute_url(), "mot": "Suivre l’effacement", "icone": "trash"}


def a_une_suite(contexte):
    """Vrai si le cadre « La suite » d'une demande a au moins une ligne : répondre a son bouton en tête de page, pas ici."""
    demande, voit = contexte["demande"], contexte["voit"]
    dans_le_dossier = voit and demande.est_a_traiter and demande.genre in ("acces", "rectification")
    gestes = contexte["actes"] & {"prolonger", "lever", "retirer"}
    return bool(gestes or contexte["efface"] or contexte["decision"] or dans_le_dossier or not voit)
