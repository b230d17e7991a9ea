"""L'accord sur les données sensibles fini sans être retiré : tout est gardé, rien n'est nommé ; renouvelé, tout revient."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from diagnostics.models import DominoExamine, FacteurRetenu
from interventions.models import Action
from securisation.annuaire.models import Axe, Facteur, IssueDemarche, Levier, ModeAction, RisqueResiduel
from securisation.parcours.models import Accord
from securisation.socle import horloge
from securisation.socle.trace import hors_porte
from securisation.socle.transitions import AccordManquant
from securisation.synthese.dossier import lire_dossier
from securisation.tests import dossiers
from securisation.tests.dossiers import Parcours
from sorties.models import Risque

pytestmark = pytest.mark.django_db
# Ce que l'accord couvre, et qui ne doit se lire nulle part : nom et code du facteur, levier, mots écrits.
SECRET, SIGNE, ISSUE = "Suivre le dossier rue des Tilleuls", "Un courrier jaune", "Pièce bleue demandée"
COUVERTS = (SECRET, SIGNE, ISSUE, "ADM-03", "Droits MDPH", "MDPH / MDA", "inaptitude")


def garnir(intervention, par, sortie=None):
    """Une démarche et, à la sortie, deux risques, qui révèlent la santé ; rend la démarche."""
    facteur, diagnostic = Facteur.objects.get(code="ADM-03"), intervention.diagnostic
    jour = horloge.aujourd_hui()
    with hors_porte("essai", par=par):
        evaluation = diagnostic.evaluations.get(axe__code="ADM")
        FacteurRetenu(evaluation=evaluation, facteur=facteur, constate="constaté", note=SECRET).save()
        suite = Facteur.objects.get(code="BUD-04")
        DominoExamine(diagnostic=diagnostic, de=facteur, vers=suite, retenu=True, note=SECRET).save()
        action = Action(intervention=intervention, facteur=facteur, intitule=SECRET, ns1="oui", ns3="la personne seule")
        action.levier, action.axe = Levier.objects.get(code="L-MDPH"), Axe.objects.get(code="ADM")
        action.mode, action.ns2_sollicite_le = ModeAction.objects.get(code="MA-2"), jour
        action.reponse_attendue_le, action.issue_note = jour, ISSUE
        action.issue, action.issue_le = IssueDemarche.objects.get(code="DEM-ATT"), jour
        action.save()
        action._devoir()
        if sortie:
            sans_facteur = {"relais": "CCAS", "signal_d_alerte": SIGNE, "sortie": sortie}
            autre = RisqueResiduel.objects.filter(axes__contains=["ADM"], revele_la_sante=False).first()
            Risque(risque=autre, action=action, **sans_facteur).save()
            Risque(risque=RisqueResiduel.objects.get(code="RR-17"), **sans_facteur).save()
    return action


@pytest.fixture
def garni(distribution):
    """`garni("echue")` : les objets d'un dossier à ce moment, garni ; l'accord sensible y court."""

    def construire(moment):
        objets = dossiers.construire(moment, distribution)
        intervention = objets[Parcours].intervention
        objets[Action] = garnir(intervention, distribution["awa"], getattr(objets[Parcours], "sortie", None))
        return objets

    return construire


def pages(parcours, action):
    """Les adresses qui se lisent, à ce moment du dossier."""
    intervention, sortie = parcours.intervention, getattr(parcours, "sortie", None)
    yield reverse("interventions:detail", args=[intervention.uuid])
    yield reverse("interventions:action", args=[action.uuid])
    yield reverse("synthese:parcours", args=[parcours.uuid])
    yield reverse("synthese:historique", args=[parcours.uuid])
    yield reverse("synthese:mes_parcours")
    if sortie is None:
        yield reverse("interventions:choisir_facteur", args=[intervention.uuid])
    else:
        for nom in ("detail", "risques", "relire"):
            yield reverse(f"sorties:{nom}", args=[sortie.uuid])
        yield reverse("sorties:recoter", args=[sortie.cotations.get(axe__code="ADM").uuid])


def nommes(client, url):
    """Ce que cette page nomme de ce que l'accord couvre."""
    reponse = client.get(url)
    assert reponse.status_code == 200, url
    texte = reponse.content.decode()
    return [mot for mot in COUVERTS if mot in texte]


def renouveler(parcours, par):
    finalite = parcours.accords.get(finalite__code="SENSIBLE").finalite
    Accord(parcours=parcours, finalite=finalite).recueillir(par=par, le=horloge.aujourd_hui(), mode="oral")


@pytest.mark.parametrize("moment", ["echue", "en_sortie"])
class TestLesPages:
    def test_se_taisent_puis_disent_tout_de_nouveau(self, moment, garni, client, awa, laisser_finir):
        objets = garni(moment)
        parcours = objets[Parcours]
        client.force_login(awa)
        adresses = list(pages(parcours, objets[Action]))
        avant = {url: nommes(client, url) for url in adresses}
        laisser_finir(parcours, "SENSIBLE")
        assert {url: mots for url in adresses if (mots := nommes(client, url))} == {}
        renouveler(parcours, awa)
        assert {url: nommes(client, url) for url in adresses} == avant
        sans_nom = {reverse("sorties:detail", args=[parcours.sortie.uuid])} if moment == "en_sortie" else set()
        assert {url for url, mots in avant.items() if not mots} == sans_nom

    def test_se_taisent_quand_l_accord_n_a_jamais_ete_recueilli(self, moment, garni, client, awa):
        objets = garni(moment)
        with hors_porte("un dossier repris"):
            Accord.objects.en_masse().filter(parcours=objets[Parcours], finalite__code="SENSIBLE").delete()
        client.force_login(awa)
        adresses = pages(objets[Parcours], objets[Action])
        assert {url: mots for url in adresses if (mots := nommes(client, url))} == {}

    def test_une_demarche_de_plus_ne_coute_pas_une_requete_de_plus(self, moment, garni, client, awa, laisser_finir):
        objets = garni(moment)
        parcours = objets[Parcours]
        laisser_finir(parcours, "SENSIBLE")
        client.force_login(awa)
        compter = lambda: [self._requetes(client, url) for url in pages(parcours, objets[Action])]  # noqa: E731
        compter()
        avant = compter()
        with hors_porte("essai", par=awa):
            action = Action.objects.select_related("intervention").get(pk=objets[Action].pk)
            for rang in range(3):
                action.pk, action.id, action.uuid, action._state.adding = (
                    None,
                    None,
                    f"0190f3a0-0000-7000-8000-00000000000{rang}",
                    True,
                )
                action.save()
        assert [apres - nombre for apres, nombre in zip(compter(), avant, strict=True) if apres > nombre] == []

    def _requetes(self, client, url):
        with CaptureQueriesContext(connection) as lues:
            client.get(url)
        return len(lues)


class TestLesActes:
    @pytest.mark.parametrize("page", ["modifier_action", "noter_issue"])
    @pytest.mark.parametrize("envoi", ["get", "post"])
    def test_d_une_demarche_menent_aux_accords(self, garni, client, awa, laisser_finir, page, envoi):
        objets = garni("echue")
        laisser_finir(objets[Parcours], "SENSIBLE")
        client.force_login(awa)
        reponse = getattr(client, envoi)(reverse(f"interventions:{page}", args=[objets[Action].uuid]))
        texte = reponse.content.decode()
        assert reponse.status_code == 409
        assert reverse("parcours:accords", args=[objets[Parcours].uuid]) in texte
        assert [mot for mot in COUVERTS if mot in texte] == []

    def test_d_une_demarche_se_refusent_a_la_porte_d_ecriture(self, garni, awa, laisser_finir):
        action = garni("echue")[Action]
        action = Action.objects.get(pk=action.pk)
        laisser_finir(action.intervention.parcours, "SENSIBLE")
        abandon = IssueDemarche.objects.get(code="DEM-ABN")
        with pytest.raises(AccordManquant):
            action.noter_issue(par=awa, issue=abandon, issue_le=horloge.aujourd_hui())
        with pytest.raises(AccordManquant):
            action.modifier(par=awa, intitule="Autre chose")
        renouveler(action.intervention.parcours, awa)
        assert action.noter_issue(par=awa, issue=abandon, issue_le=horloge.aujourd_hui()).etat == "close"

    def test_une_action_ne_s_inscrit_pas_sur_un_facteur_tu(self, garni, client, awa, laisser_finir):
        objets = garni("echue")
        laisser_finir(objets[Parcours], "SENSIBLE")
        client.force_login(awa)
        intervention = objets[Parcours].intervention
        reponse = client.get(reverse("interventions:inscrire_action", args=[intervention.uuid, "ADM-03"]))
        assert reponse.status_code == 409
        assert reverse("parcours:accords", args=[objets[Parcours].uuid]) in reponse.content.decode()

    @pytest.mark.parametrize("page", ["risque", "retirer_risque"])
    def test_d_un_risque_menent_aux_accords(self, garni, client, awa, laisser_finir, page):
        objets = garni("en_sortie")
        parcours = objets[Parcours]
        laisser_finir(parcours, "SENSIBLE")
        client.force_login(awa)
        for risque in parcours.sortie.risques.filter(signal_d_alerte=SIGNE):
            texte = (reponse := client.get(reverse(f"sorties:{page}", args=[risque.uuid]))).content.decode()
            assert reponse.status_code == 409
            assert [mot for mot in COUVERTS if mot in texte] == []
            with pytest.raises(AccordManquant):
                risque.modifier(par=awa, relais="PASS")

    def test_un_autre_risque_ne_propose_pas_le_facteur_tu(self, garni, client, awa, laisser_finir):
        objets = garni("en_sortie")
        client.force_login(awa)
        url = reverse("sorties:inscrire_risque", args=[objets[Parcours].sortie.uuid])
        assert "Droits MDPH" in client.get(url).content.decode()
        laisser_finir(objets[Parcours], "SENSIBLE")
        assert "Droits MDPH" not in client.get(url).content.decode()


def test_sans_accord_un_levier_qui_revele_la_sante_se_refuse_sur_son_champ(distribution, client, awa, laisser_finir):
    parcours = dossiers.construire("echue", distribution)[Parcours]
    laisser_finir(parcours, "SENSIBLE")
    facteur = parcours.intervention.facteurs_retenus().filter(revele_la_sante=False).first()
    client.force_login(awa)
    jour = f"{horloge.aujourd_hui() + datetime.timedelta(days=9):%d/%m/%Y}"
    envoi = {"intitule": "Demander un droit", "levier": Levier.objects.get(code="L-CAF").pk, "ns1": "oui", "ns2": "oui"}
    envoi |= {"mode": ModeAction.objects.get(code="MA-2").pk, "ns2_sollicite_le": f"{horloge.aujourd_hui():%d/%m/%Y}"}
    envoi |= {"reponse_attendue_le": jour, "ns3": "la personne seule", "ns4": "non", "ns5": "non"}
    url = reverse("interventions:inscrire_action", args=[parcours.intervention.uuid, facteur.code])
    reponse = client.post(url, envoi)
    assert list(reponse.context["form"].errors) == ["levier"]
    assert "Demander un droit" in reponse.content.decode()


def test_le_dossier_lu_d_un_coup_ne_porte_rien_de_couvert(garni, laisser_finir):
    parcours = garni("echue")[Parcours]
    assert SECRET in str(lire_dossier(parcours))
    laisser_finir(parcours, "SENSIBLE")
    dossier = str(lire_dossier(parcours))
    assert [mot for mot in COUVERTS if mot in dossier] == []
