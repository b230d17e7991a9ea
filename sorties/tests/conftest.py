"""Une sortie ouverte sur le parcours de Mme Diallo, puis complète ; et de quoi la compléter pièce à pièce."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from interventions.tests.conftest import demarrer, diagnostiquer
from securisation.annuaire.models import Axe, Facteur, IssueDemarche, Levier, ModeAction, MotifSortie, RisqueResiduel
from sorties.models import Risque, Sortie


def jour(ecart=0):
    """Aujourd'hui plus `ecart` jours."""
    return timezone.localdate() + datetime.timedelta(days=ecart)


def adresse(nom, objet):
    """Adresse d'une page de la sortie."""
    return reverse(f"sorties:{nom}", args=[objet.uuid])


def erreurs(reponse):
    """Ce que le formulaire rendu refuse."""
    return reponse.context["form"].errors


@pytest.fixture
def navigateur(client, awa):
    """Awa connectée."""
    client.force_login(awa)
    return client


@pytest.fixture
def en_intervention(parcours_admis, awa):
    """Le parcours de Mme Diallo en intervention : LOG-01 et BUD-05 retenus, logement et budget à 3."""
    diagnostiquer(parcours_admis, awa)
    demarrer(parcours_admis, awa)
    parcours_admis.refresh_from_db()
    return parcours_admis


def inscrire_action(parcours, par, **champs):
    """Une démarche FSL ; sans issue, elle attend encore sa réponse."""
    from interventions.models import Action

    reponses = {
        "levier": Levier.objects.get(code="L-FSL"),
        "axe": Axe.objects.get(code="LOG"),
        "facteur": Facteur.objects.get(code="LOG-01"),
        "mode": ModeAction.objects.get(code="MA-2"),
        "intitule": "Dossier FSL maintien",
        "ns1": "oui",
        "ns2_sollicite_le": jour(),
        "ns3": "la personne avec le dispositif",
        "ns4_relais": "Service social départemental",
        "reponse_attendue_le": jour(40),
    }
    return Action(intervention=parcours.intervention).inscrire(par=par, **(reponses | champs))


@pytest.fixture
def action(en_intervention, awa):
    """Une démarche en attente de réponse."""
    return inscrire_action(en_intervention, awa)


def aboutir(action, par):
    """La démarche reçoit un accord."""
    return action.noter_issue(par=par, issue=IssueDemarche.objects.get(code="DEM-OK"), issue_le=jour())


@pytest.fixture
def sortie(en_intervention, awa):
    """Ouverte par awa, encore vide, sans démarche."""
    return Sortie(parcours=en_intervention).ouvrir(par=awa)


def recoter_partout(sortie, par, **niveaux):
    """Cote les cinq axes (1 par défaut ; `LOG=3`), la personne au même niveau."""
    for cotation in sortie.par_axe():
        niveau = niveaux.get(cotation.axe.code, 1)
        cotation.recoter(par=par, criticite=niveau, criticite_de_la_personne=niveau)


def inscrire_risque(sortie, par, code="RR-07", facteur="LOG-01", **champs):
    """Un risque sur le logement, relais confirmé aujourd'hui."""
    donnees = {
        "risque": RisqueResiduel.objects.get(code=code),
        "facteur": Facteur.objects.select_related("axe").get(code=facteur) if facteur else None,
        "relais": "Service social départemental",
        "relais_confirme_le": jour(),
        "signal_d_alerte": "Une mensualité non payée",
    }
    return Risque(sortie=sortie).inscrire(par=par, **(donnees | champs))


def noter_le_reste(sortie, par):
    """Motif, évaluateur, mots de la personne, copies remises."""
    sortie.noter_cadre(par=par, motif=MotifSortie.objects.get(code="SOR-02"), evaluateur_identique=True)
    sortie.noter_parole(par=par, parole_de_la_personne="Je sais qui appeler.", desaccord_de_la_personne="")
    sortie.noter_remise(par=par, remis_a_la_personne=["bilan"])


def completer(sortie, par):
    """Rend la sortie prête à valider."""
    recoter_partout(sortie, par)
    noter_le_reste(sortie, par)
    return sortie


@pytest.fixture
def complete(sortie, awa):
    """La même, prête à valider."""
    return completer(sortie, awa)


@pytest.fixture
def validee(complete, awa):
    """La même, validée : le parcours est clos."""
    return complete.valider(par=awa)
