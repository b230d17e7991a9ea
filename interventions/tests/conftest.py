"""Un parcours diagnostiqué, puis en intervention, construits par les transitions ; et de quoi remonter le temps."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from securisation.annuaire.models import (
    Axe,
    Facteur,
    IssueDemarche,
    Levier,
    ModeAction,
    MotifNonSollicitation,
)
from securisation.socle import horloge


def jour(ecart=0):
    """Aujourd'hui plus `ecart` jours."""
    return timezone.localdate() + datetime.timedelta(days=ecart)


def au_jour(ecart):
    """Fait comme si l'on était `ecart` jours plus tard (ou plus tôt), à la même heure, même par-dessus un changement d'heure."""
    return horloge.reprise_au(timezone.localtime() + datetime.timedelta(days=ecart))


def adresse(nom, objet, *autres):
    """Adresse d'une page de l'intervention."""
    return reverse(f"interventions:{nom}", args=[objet.uuid, *autres])


def diagnostiquer(parcours, par, facteurs=("LOG-01", "BUD-05")):
    """Ouvre et valide un diagnostic qui retient ces facteurs, chacun sur son axe."""
    from diagnostics.dominos import proposer
    from diagnostics.models import Diagnostic, DominoExamine, FacteurRetenu

    diagnostic = Diagnostic(parcours=parcours).ouvrir(par=par)
    for evaluation in diagnostic.evaluations.select_related("axe"):
        codes = [code for code in facteurs if code.startswith(evaluation.axe.code)]
        evaluation.coter(par=par, criticite=3 if codes else 1, sans_avis_de_la_personne=True)
        for code in codes:
            retenu = FacteurRetenu(evaluation=evaluation, facteur=Facteur.objects.get(code=code))
            retenu.retenir(par=par, constate="constaté")
    diagnostic.noter_priorite(par=par, priorite_de_la_personne="Garder le logement.")
    for propose in proposer(diagnostic):
        domino = DominoExamine(diagnostic=diagnostic, de=propose.de, vers=propose.vers)
        domino.examiner(par=par, retenu=False, note="Sans objet.")
    return diagnostic.valider(par=par)


def demarrer(parcours, par, **champs):
    """Démarre l'intervention d'un parcours diagnostiqué."""
    from interventions.models import Intervention

    donnees = {"objectif": "Sécuriser le bail.", "declaration_absence_conflit_interet": True, "duree_jours": 90}
    return Intervention(parcours=parcours).demarrer(par=par, **(donnees | champs))


@pytest.fixture
def diagnostique(parcours_admis, awa):
    """Le parcours de Mme Diallo, diagnostic validé : LOG-01 et BUD-05 retenus."""
    diagnostiquer(parcours_admis, awa)
    parcours_admis.refresh_from_db()
    return parcours_admis


@pytest.fixture
def intervention(diagnostique, awa):
    """L'intervention de Mme Diallo, démarrée aujourd'hui pour 90 jours."""
    return demarrer(diagnostique, awa)


@pytest.fixture
def reponses(db):
    """Les réponses d'une action juste, sur le logement."""
    return {
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


@pytest.fixture
def action(intervention, awa, reponses):
    """Une action en cours, sur le logement."""
    from interventions.models import Action

    return Action(intervention=intervention).inscrire(par=awa, **reponses)


@pytest.fixture
def issues(db):
    """Issues de démarche par code."""
    return {issue.code: issue for issue in IssueDemarche.objects.all()}


@pytest.fixture
def motif_non_sollicite(db):
    """Un motif de non-sollicitation."""
    return MotifNonSollicitation.objects.get(code="MNS-04")


@pytest.fixture
def connecte(client, settings):
    """Connecte un professionnel : `connecte(awa)`."""

    def ouvrir(professionnel):
        client.force_login(professionnel, backend=settings.AUTHENTICATION_BACKENDS[0])
        return client

    return ouvrir
