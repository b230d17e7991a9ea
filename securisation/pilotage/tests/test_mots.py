"""Les mots des personnes : mot pour mot, sous leur accord, relus sans voir le dossier, jamais attribuables."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from securisation.annuaire.models import Axe, Finalite
from securisation.parcours.models import Accord, Entourage
from securisation.pilotage import conventions, faits, mots
from securisation.pilotage.chiffres import Perimetre
from securisation.pilotage.edition import fictif
from securisation.pilotage.edition.perimetre import figer
from securisation.pilotage.models import Edition, EmpreinteDEdition, Fait, Parole
from securisation.socle import confirmation, horloge
from securisation.socle.cloison import lire_en_systeme
from securisation.socle.models import Evenement
from securisation.socle.refus import DroitRefuse
from securisation.socle.transitions import AccordManquant, EtatRefuse

pytestmark = pytest.mark.django_db
PHRASE = "On m’a rappelée, et j’ai gardé mon bail."


@pytest.fixture
def accordee(parcours_admis, awa):
    """Le parcours, l'accord sur ses mots recueilli."""
    accorder(parcours_admis, awa)
    return parcours_admis


@pytest.fixture
def entrer(client):
    """`entrer(awa)` : le client, connecté à ce compte, qui vient de confirmer qui il est."""

    def connecter(compte):
        client.force_login(compte)
        session = client.session
        session[confirmation.CONFIRME_LE] = horloge.montre()
        session.save()
        return client

    return connecter


def accorder(parcours, par):
    """Recueille l'accord de la personne pour ses mots."""
    accord = Accord(parcours=parcours, finalite=Finalite.objects.get(code="PAROLE"))
    return accord.recueillir(par=par, le=horloge.aujourd_hui(), mode="oral")


def proposer(parcours, par, texte=PHRASE, **champs):
    """Propose cette phrase."""
    return Parole(parcours=parcours).proposer(par=par, texte=texte, **champs)


def adresse(parcours):
    """La page des mots de ce parcours."""
    return reverse("pilotage:mots_du_parcours", args=[parcours.uuid])


class TestProposer:
    def test_demande_l_accord_de_la_personne(self, parcours_admis, awa, entrer):
        with pytest.raises(AccordManquant):
            proposer(parcours_admis, awa)
        page = entrer(awa).get(adresse(parcours_admis)).content.decode()
        assert "n’est pas recueilli" in page and 'name="texte"' not in page
        assert entrer(awa).post(adresse(parcours_admis), {"texte": PHRASE}).status_code == 409

    def test_garde_ses_mots_exacts(self, accordee, awa, entrer):
        axe = Axe.objects.get(code="LOG")
        assert entrer(awa).post(adresse(accordee), {"texte": PHRASE, "axe": axe.pk}).status_code == 302
        dite = Parole.objects.get()
        assert (dite.texte, dite.axe, dite.etat, dite.proposee_par) == (PHRASE, axe, "proposee", awa)
        assert dite.history.get().texte == PHRASE

    @pytest.mark.parametrize(
        "texte", ["Moi, Fatou, on m’a aidée.", "Ma sœur Aminata m’a dit d’appeler.", "À Évron je ne connaissais personne.",
                  "C’est grâce à Awa Diarra.", "Appelez-moi au 06 39 98 77 66."],
    )  # fmt: skip
    def test_refuse_ce_qui_nomme_ou_situe(self, texte, accordee, awa, entrer):
        accordee.personne.modifier(par=awa, commune="Évron", adresse="12 rue des Lilas")
        Entourage(parcours=accordee).inscrire(par=awa, nom="Aminata Diallo", lien="sœur")
        with pytest.raises(ValidationError, match="nomme ou situe"):
            proposer(accordee, awa, texte)
        reponse = entrer(awa).post(adresse(accordee), {"texte": texte})
        assert reponse.status_code == 422 and "une autre, ou une part" in reponse.content.decode()
        assert not Parole.objects.exists()

    def test_la_garde_relit(self, accordee, awa, entrer):
        reponse = entrer(awa).post(adresse(accordee), {"texte": "Depuis ma dépression, je n’ouvrais plus rien."})
        assert reponse.status_code == 422 and "formulation_confirmee" in reponse.content.decode()

    def test_cinq_au_plus(self, accordee, awa):
        for rang in "abcde":
            proposer(accordee, awa, f"Une phrase {rang}.")
        with pytest.raises(ValidationError, match="5 phrases"):
            proposer(accordee, awa)

    @pytest.mark.parametrize(
        ("prenom", "statut"), [("bruno", 403), ("gaelle", 403), ("elsa", 404), ("jean", 404), ("farid", 404)]
    )
    def test_par_qui_conduit_le_parcours(self, prenom, statut, accordee, distribution, entrer):
        assert entrer(distribution[prenom]).get(adresse(accordee)).status_code == statut
        assert entrer(distribution[prenom]).post(adresse(accordee), {"texte": PHRASE}).status_code == statut
        with pytest.raises(DroitRefuse):
            proposer(accordee, distribution[prenom])


class TestRelire:
    def test_la_direction_lit_sans_voir_le_dossier(self, accordee, awa, distribution, entrer):
        proposer(accordee, awa, axe=Axe.objects.get(code="LOG"))
        page = entrer(distribution["jean"]).get("/pilotage/mots/").content.decode()
        assert PHRASE in page and "Logement" in page
        for tu in (accordee.numero, "Diallo", str(accordee.uuid), awa.nom):
            assert tu not in page
        lue = Evenement.objects.filter(chaine=accordee.pk, action="lecture", acteur_id=distribution["jean"].pk)
        assert lue.count() == 1

    def test_retient_ou_ecarte_avec_sa_raison(self, accordee, awa, distribution, entrer):
        une, autre = proposer(accordee, awa), proposer(accordee, awa, "Je sais maintenant à qui écrire.")
        jean = entrer(distribution["jean"])
        assert jean.post(reverse("pilotage:retenir_mot", args=[une.uuid])).status_code == 302
        ecarter = reverse("pilotage:ecarter_mot", args=[autre.uuid])
        assert jean.post(ecarter, {"motif": " ", "version": autre.version}).status_code == 422
        assert jean.post(ecarter, {"motif": "Un service s’y devine.", "version": autre.version}).status_code == 302
        une.refresh_from_db()
        autre.refresh_from_db()
        assert (une.etat, une.relue_par, autre.etat) == ("retenue", distribution["jean"], "ecartee")
        assert "Un service s’y devine." in entrer(awa).get(adresse(accordee)).content.decode()

    @pytest.mark.parametrize("prenom", ["awa", "gaelle", "hugo", "farid", "ines", "elsa"])
    def test_nul_autre_que_la_direction(self, prenom, accordee, awa, distribution, entrer):
        dite = proposer(accordee, awa)
        session = entrer(distribution[prenom])
        assert session.get("/pilotage/mots/").status_code == 403
        assert session.post(reverse("pilotage:retenir_mot", args=[dite.uuid])).status_code == 403
        with pytest.raises(DroitRefuse):
            dite.retenir(par=distribution[prenom])

    def test_un_numero_inconnu_est_introuvable(self, accordee, awa, distribution, entrer):
        jean = entrer(distribution["jean"])
        assert jean.post(reverse("pilotage:retenir_mot", args=[accordee.uuid])).status_code == 404
        dite = proposer(accordee, awa)
        dite.retirer(par=awa)
        assert jean.post(reverse("pilotage:retenir_mot", args=[dite.uuid])).status_code == 404
        with pytest.raises(EtatRefuse):
            dite.retenir(par=distribution["jean"])


class TestAccordRetire:
    def test_la_phrase_disparait_de_la_relecture_et_ne_se_retient_plus(self, accordee, awa, distribution, entrer):
        dite = proposer(accordee, awa)
        accordee.accords.get(finalite__code="PAROLE").retirer(par=awa)
        jean = entrer(distribution["jean"])
        assert PHRASE not in jean.get("/pilotage/mots/").content.decode()
        assert jean.post(reverse("pilotage:retenir_mot", args=[dite.uuid])).status_code == 404
        dite.refresh_from_db()
        with lire_en_systeme(), pytest.raises(AccordManquant):
            dite.retenir(par=distribution["jean"])
        assert "Aucune de ses phrases ne paraît" in entrer(awa).get(adresse(accordee)).content.decode()

    def test_la_page_du_retrait_dit_combien_de_phrases(self, accordee, awa, entrer):
        proposer(accordee, awa)
        accord = accordee.accords.get(finalite__code="PAROLE")
        page = entrer(awa).get(reverse("parcours:retirer_accord", args=[accord.uuid])).content.decode()
        assert "phrase ne paraîtra plus" in page


class TestRetenus:
    @pytest.fixture
    def retenue(self, accordee, awa, distribution, ouvrir_un_parcours):
        """Une phrase retenue, et dix autres parcours accompagnés."""
        dite = proposer(accordee, awa, axe=Axe.objects.get(code="LOG"))
        with lire_en_systeme():
            dite.retenir(par=distribution["jean"])
        for rang in range(10):
            ouvrir_un_parcours(awa, nom=f"Roux{rang}")
        faits.rafraichir()
        Fait.objects.update(admis_le=horloge.aujourd_hui())
        return dite

    def annee(self, **champs):
        """Le périmètre de cette année."""
        jour = horloge.aujourd_hui()
        return Perimetre(datetime.date(jour.year, 1, 1), jour, **champs)

    def test_rend_le_texte_et_l_axe_rien_d_autre(self, retenue):
        assert mots.retenus(self.annee()) == [{"texte": PHRASE, "axe": "LOG"}]

    def test_suit_le_perimetre_des_chiffres(self, retenue, accordee, distribution):
        assert mots.retenus(self.annee(equipes=(accordee.equipe_id,))) != []
        assert mots.retenus(self.annee(equipes=(distribution["elsa"].equipe_id,))) == []
        assert mots.retenus(self.annee(departements=("974",))) == []
        hier = horloge.aujourd_hui() - datetime.timedelta(days=1)
        assert mots.retenus(Perimetre(hier, hier)) == []

    def test_rien_sous_onze_parcours(self, retenue):
        Fait.objects.exclude(parcours=retenue.parcours).first().delete()
        assert mots.retenus(self.annee()) == []

    @pytest.mark.parametrize(("communs", "rendue"), [(11, True), (10, False), (1, False)])
    def test_une_edition_publiee_que_peu_de_parcours_separent_la_tait(self, communs, rendue, retenue, distribution):
        edition = _publiee(distribution["jean"], Fait.objects.order_by("pk")[:communs])
        assert mots.retenus(self.annee()) == ([{"texte": PHRASE, "axe": "LOG"}] if rendue else [])
        assert edition.empreintes.count() == communs

    def test_une_edition_publiee_sans_rien_en_commun_ne_la_tait_pas(self, retenue, distribution):
        _publiee(distribution["jean"], [])
        assert mots.retenus(self.annee()) != []

    def test_un_accord_retire_la_tait(self, retenue, accordee, awa):
        accordee.accords.get(finalite__code="PAROLE").retirer(par=awa)
        assert mots.retenus(self.annee()) == []

    def test_une_opposition_ou_une_restriction_la_tait(self, retenue, accordee, awa):
        accordee.restreindre(par=awa, restreint=True)
        assert mots.retenus(self.annee()) == []
        accordee.restreindre(par=awa, restreint=False, motif="Le motif a cessé.")
        assert mots.retenus(self.annee()) != []
        with connection.cursor() as curseur:
            curseur.execute(
                "UPDATE parcours_personne SET opposition_le = CURRENT_DATE WHERE id = %s", [accordee.personne_id]
            )
        assert mots.retenus(self.annee()) == []

    def test_retiree_ou_ecartee_ne_se_cite_plus(self, retenue, awa, distribution):
        retenue.refresh_from_db()
        retenue.ecarter(par=distribution["jean"], motif="Reconnaissable.")
        assert mots.retenus(self.annee()) == []


def _publiee(jean, comptes):
    """Une édition publiée qui accompagne ceux de ces faits."""
    jour = horloge.aujourd_hui()
    champs = {"numero": "1", "financeur": "Un financeur", "objet_paye": "Tout.", "du": jour, "au": jour}
    convention = conventions.creer(par=jean, **champs)
    definition = figer(convention, jour, jour)
    edition = Edition.ouvrir(par=jean, convention=convention, du=jour, au=jour, definition=definition)
    EmpreinteDEdition.objects.bulk_create(
        EmpreinteDEdition(edition=edition, parcours_id=lu.pk, empreintes=[lu.pk] * 6, accompagne=True) for lu in comptes
    )
    edition.ranger(contenu=fictif.contenu(), rapport=fictif.rapport(), registre_vu=0, changements=[])
    edition.paraitre(par=jean)
    return edition
