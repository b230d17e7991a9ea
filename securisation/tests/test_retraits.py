"""Ce qu'un retrait entraîne d'un étage à l'autre : pages, historique, documents en file et déjà produits."""

import pytest
from django.db import connection
from django.urls import reverse

from diagnostics.models import DominoExamine, FacteurRetenu
from interventions.models import Action
from securisation.annuaire.models import Axe, Facteur, Finalite, Levier, ModeAction, RisqueResiduel
from securisation.documents import genres
from securisation.documents.machine import Pdf
from securisation.documents.models import Document, Etat, Fichier
from securisation.documents.tasks import produire_document
from securisation.parcours.consequences import consequences, couverts
from securisation.parcours.models import Accord
from securisation.socle import horloge, outbox
from securisation.socle.models import Du
from securisation.socle.trace import hors_porte
from securisation.socle.verification import verifier
from securisation.tests import dossiers
from securisation.tests.dossiers import Parcours, verser
from sorties.models import Risque, Sortie

pytestmark = pytest.mark.django_db
SECRET = "Attend la décision de la MDPH"


@pytest.fixture
def sensible(distribution):
    """Un dossier en sortie qui garde, à chaque étage, une valeur sous l'accord sensible ; son bilan produit les nomme."""
    objets = dossiers.construire("en_sortie", distribution)
    awa, sortie = distribution["awa"], objets[Sortie]
    facteur = Facteur.objects.get(code="ADM-03")
    with hors_porte("essai", par=awa):
        evaluation = sortie.entree.evaluations.get(axe__code="ADM")
        retenu = FacteurRetenu(evaluation=evaluation, facteur=facteur, constate="constaté", note=SECRET)
        retenu.save()
        suite = Facteur.objects.get(code="BUD-04")
        DominoExamine(diagnostic=sortie.entree, de=facteur, vers=suite, retenu=True, note=SECRET).save()
        reponses = {"levier": Levier.objects.get(code="L-FSL"), "axe": Axe.objects.get(code="ADM"), "ns1": "oui"}
        reponses |= {"mode": ModeAction.objects.get(code="MA-2"), "ns3": "la personne seule", "intitule": SECRET}
        reponses |= {"ns2_sollicite_le": horloge.aujourd_hui(), "reponse_attendue_le": horloge.aujourd_hui()}
        action = Action(intervention=sortie.parcours.intervention, facteur=facteur, **reponses)
        action.save()
        verser(sortie.parcours, awa, action=action, intitule=SECRET)
        risque = RisqueResiduel.objects.exclude(axes__contains=["ADM"]).filter(revele_la_sante=False).first()
        Risque(sortie=sortie, risque=risque, action=action, relais="CCAS", signal_d_alerte=SECRET).save()
    action._devoir()
    sortie.parcours.poser_echeance("reponse", horloge.aujourd_hui(), f"Réponse : {SECRET}", action.source)
    return objets


@pytest.fixture
def accord(sensible):
    return sensible[Parcours].accords.get(finalite__code="SENSIBLE")


def ou_se_lit(texte):
    """Les tables du dossier où ce texte se lit encore, historique compris."""
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        tables = [nom for (nom,) in curseur.fetchall() if nom.split("_")[0] not in ("django", "annuaire", "auth")]
        trouvees = []
        for nom in tables:
            curseur.execute(f'SELECT EXISTS (SELECT FROM "{nom}" t WHERE t::text LIKE %s)', [f"%{texte}%"])
            if curseur.fetchone()[0]:
                trouvees.append(nom)
    return trouvees


def solder():
    """Ce que fait le travailleur."""
    while dus := outbox.a_solder():
        assert all(outbox.solder(numero) for numero in dus)


def faux_pdf(*_, **__):
    return Pdf(b"%PDF-1.7", 1, "0" * 64)


class TestSensible:
    def test_les_comptes_se_disent_avant(self, accord):
        dits = {ligne["texte"].split(" ")[0].rstrip("s"): ligne.get("chiffre") for ligne in consequences(accord)}
        compte = {couvert.modele: couvert.objets(accord.parcours).count() for couvert in couverts()}
        assert [dits["risque"], dits["pièce"], dits["démarche"], dits["enchaînement"], dits["facteur"]] == list(
            compte.values()
        )
        assert min(compte.values()) >= 1

    def test_les_comptes_s_accordent(self, accord):
        phrases = [ligne["texte"] for ligne in consequences(accord)]
        demarche, risque = (next(p for p in phrases if p.startswith(mot)) for mot in ("démarche", "risque"))
        assert demarche.startswith(("démarche sera effacée", "démarches seront effacées"))
        assert risque.startswith(("risque sera effacé", "risques seront effacés"))

    def test_se_cache_aussitot_puis_s_efface_partout(self, accord, awa, monkeypatch):
        monkeypatch.setattr(genres, "produire_scelle", faux_pdf)
        assert len(ou_se_lit(SECRET)) >= 8
        accord.retirer(par=awa)
        vivantes = [nom for nom in ou_se_lit(SECRET) if "historique" not in nom]
        assert vivantes == []
        solder()
        assert ou_se_lit(SECRET) == []
        assert not any(couvert.cles(accord.parcours) for couvert in couverts())
        assert verifier().ruptures == []

    @pytest.mark.parametrize("avant", ["court", "échu", "jamais donné"])
    def test_un_refus_efface_aussi(self, accord, awa, avant, laisser_finir, monkeypatch):
        monkeypatch.setattr(genres, "produire_scelle", faux_pdf)
        if avant == "échu":
            laisser_finir(accord.parcours, "SENSIBLE")
        if avant == "jamais donné":
            with hors_porte("un dossier repris"):
                Accord.objects.en_masse().filter(pk=accord.pk).delete()
        Accord(parcours=accord.parcours, finalite=accord.finalite).refuser(par=awa, le=horloge.aujourd_hui())
        solder()
        assert ou_se_lit(SECRET) == []

    def test_rejouer_l_effacement_ne_fait_rien_de_plus(self, accord, awa):
        accord.retirer(par=awa)
        du = Du.objects.get(genre="effacer_sensible")
        assert outbox.solder(du.pk)
        genre, _ = outbox._travail("effacer_sensible")
        genre(**du.ids)
        assert verifier().ruptures == []

    def test_le_reste_du_dossier_demeure(self, sensible, accord, awa):
        avant = FacteurRetenu.objects.filter(facteur__revele_la_sante=False).count(), sensible[Risque].pk
        accord.retirer(par=awa)
        assert FacteurRetenu.objects.count() == avant[0]
        assert Risque.objects.filter(pk=avant[1]).exists()

    @pytest.mark.parametrize("phase", ["intervention", "sortie"])
    def test_un_plan_ne_se_refait_que_si_la_page_le_permettrait(self, sensible, accord, awa, phase):
        parcours = accord.parcours
        with hors_porte("le plan les nomme", par=awa):
            donnees = genres.genre("plan").refaire(parcours)
            plan = Document.demander(parcours=parcours, genre="plan", donnees=donnees, par=awa)
            Parcours.objects.en_masse().filter(pk=parcours.pk).update(etat=phase)
        assert SECRET in str(plan.donnees)
        Accord.objects.get(pk=accord.pk).retirer(par=awa)
        etats = list(Document.objects.filter(parcours=parcours, genre="plan").order_by("edition").values_list("etat"))
        assert etats == [(Etat.ANNULE,), (Etat.DEMANDE,)][: 1 if phase == "sortie" else 2]

    def test_un_document_produit_ne_se_telecharge_plus_et_se_refait_sans_elles(self, sensible, accord, awa, client):
        diagnostic = Document.objects.get(parcours=sensible[Parcours], genre="diagnostic")
        with hors_porte("le document les nomme"):
            donnees = genres.genre("diagnostic").refaire(diagnostic.parcours) | {
                "document": diagnostic.donnees["document"]
            }
            Document.objects.en_masse().filter(pk=diagnostic.pk).update(donnees=donnees, finalites=["SENSIBLE"])
        assert SECRET in str(donnees)
        accord.retirer(par=awa)
        diagnostic.refresh_from_db()
        suivant = Document.objects.get(parcours=diagnostic.parcours, genre="diagnostic", edition=diagnostic.edition + 1)
        assert (diagnostic.etat, suivant.etat) == (Etat.ANNULE, Etat.DEMANDE)
        assert not Fichier.objects.filter(document=diagnostic).exists()
        assert SECRET not in str(suivant.donnees)
        client.force_login(awa)
        assert client.get(reverse("documents:telecharger", args=[diagnostic.uuid])).status_code == 409
        assert "dont l’accord est retiré" in client.get(reverse("documents:suivi", args=[diagnostic.uuid])).text

    def test_echu_le_document_attend_sans_s_effacer(self, sensible, awa, client, laisser_finir):
        document = sensible[Document]
        with hors_porte("essai"):
            Document.objects.en_masse().filter(pk=document.pk).update(finalites=["SENSIBLE"])
        client.force_login(awa)
        adresse = reverse("documents:telecharger", args=[document.uuid])
        assert client.get(adresse).status_code == 200
        laisser_finir(sensible[Parcours], "SENSIBLE")
        assert client.get(adresse).status_code == 409
        assert "ne se télécharge plus" in client.get(reverse("documents:suivi", args=[document.uuid])).text


class TestAdhesion:
    @pytest.fixture
    def demande(self, distribution, awa):
        """Un diagnostic validé dont le document attend le travailleur."""
        objets = dossiers.diagnostic_ouvert(awa, distribution["bruno"])
        objets[dossiers.Diagnostic].valider(par=awa)
        return Document.objects.get(parcours=objets[Parcours], genre="diagnostic")

    def test_un_document_en_file_s_annule_au_moment_de_produire(self, demande, awa, monkeypatch):
        monkeypatch.setattr(genres, "produire_scelle", lambda *_, **__: pytest.fail("rien ne se produit"))
        adhesion = demande.parcours.accords.get(finalite__code="ADHESION")
        assert next(ligne for ligne in consequences(adhesion) if "document en cours" in ligne["texte"])["chiffre"] == 1
        adhesion.retirer(par=awa)
        produire_document(demande.pk)
        demande.refresh_from_db()
        assert demande.etat == Etat.ANNULE and "cessé avant la production" in demande.erreur

    def test_retiree_pendant_la_production_le_fichier_n_est_pas_range(self, demande, awa, monkeypatch):
        def produire(*_, **__):
            demande.parcours.accords.get(finalite__code="ADHESION").retirer(par=awa)
            return faux_pdf()

        monkeypatch.setattr(genres, "produire_scelle", produire)
        produire_document(demande.pk)
        demande.refresh_from_db()
        assert demande.etat == Etat.ANNULE and not Fichier.objects.filter(document=demande).exists()

    def test_echue_le_document_s_annule_puis_se_relance_au_renouvellement(self, demande, awa, laisser_finir, client):
        laisser_finir(demande.parcours, "ADHESION")
        produire_document(demande.pk)
        demande.refresh_from_db()
        assert demande.etat == Etat.ANNULE
        client.force_login(awa)
        relancer = reverse("documents:relancer", args=[demande.uuid])
        assert client.post(relancer).status_code == 409
        adhesion = Accord(parcours=demande.parcours, finalite=Finalite.objects.get(code="ADHESION"))
        adhesion.recueillir(par=awa, le=horloge.aujourd_hui(), mode="écrit signé")
        assert client.post(relancer).status_code == 302
        demande.refresh_from_db()
        assert demande.etat == Etat.DEMANDE

    def test_le_bilan_ne_depend_pas_de_l_adhesion(self, distribution):
        assert "ADHESION" not in dossiers.construire("clos", distribution)[Document].finalites
