"""Confier une fonction demande deux personnes : qui propose, qui confirme ; rien ne vaut avant."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from securisation.comptes import fonctions
from securisation.comptes.models import Fonction, Professionnel, PropositionDeFonction
from securisation.socle.models import Evenement
from securisation.socle.refus import DroitRefuse

pytestmark = pytest.mark.django_db
AJOUT = "admin:comptes_propositiondefonction_add"


@pytest.fixture
def ines(distribution):
    """Administratrice fonctionnelle."""
    return distribution["ines"]


@pytest.fixture
def jean(distribution):
    """Direction."""
    return distribution["jean"]


@pytest.fixture
def proposer(client, ines):
    """`proposer(compte, genre)` : l'administratrice propose, depuis l'administration."""

    def envoyer(compte, genre="DIRECTION", par=None, equipe=""):
        client.force_login(par or ines)
        champs = {"professionnel": compte.pk, "genre": genre, "du": "2026-01-01", "equipe": equipe}
        client.post(reverse(AJOUT), champs)
        return PropositionDeFonction.objects.filter(professionnel=compte).order_by("-pk").first()

    return envoyer


@pytest.fixture
def decider(client):
    """`decider(qui, proposition, reponse)` : depuis la page des fonctions."""

    def envoyer(qui, proposition, reponse="confirmer"):
        client.force_login(qui)
        return client.post(reverse("comptes:fonctions"), {"proposition": proposition.pk, "reponse": reponse})

    return envoyer


class TestProposer:
    def test_n_ouvre_aucun_droit(self, proposer, elsa, parcours):
        equipe = parcours.equipe
        proposition = proposer(elsa, "SUPERVISEUR", equipe=equipe.pk)
        elsa.refresh_from_db()
        assert (proposition.etat, elsa.fonctions_en_cours, elsa.equipes_supervisees) == ("à confirmer", [], [])
        assert Evenement.objects.get(action="fonction proposée").charge["professionnel"] == elsa.pk

    def test_jamais_a_un_compte_invite(self, client, proposer, decider, chloe, ines, jean):
        Professionnel.objects.filter(pk=chloe.pk).update(est_invite=True)
        chloe.refresh_from_db()
        assert proposer(chloe) is None
        assert chloe.nom not in client.get(reverse(AJOUT)).text
        with pytest.raises(DroitRefuse, match="compte invité"):
            fonctions.proposer(PropositionDeFonction(professionnel=chloe, genre="DIRECTION"), par=ines)
        glissee = PropositionDeFonction.objects.create(professionnel=chloe, genre="DIRECTION", proposee_par=ines)
        assert decider(jean, glissee).status_code == 403
        assert not Fonction.objects.filter(professionnel=chloe).exists()

    def test_nul_ne_se_propose(self, proposer, ines):
        assert proposer(ines) is None

    def test_un_superutilisateur_ne_fait_que_proposer(self, proposer, client, elsa):
        chef = Professionnel.objects.create_superuser("super@exemple.test", prenom="S", nom="U")
        assert proposer(elsa, par=chef).etat == "à confirmer"
        assert client.get(reverse("admin:comptes_fonction_add")).status_code == 403
        assert elsa.fonctions.count() == 0

    def test_une_proposition_ne_se_reecrit_pas(self, proposer, client, elsa, bruno):
        proposition = proposer(elsa)
        page = reverse("admin:comptes_propositiondefonction_change", args=[proposition.pk])
        assert client.post(page, {"professionnel": bruno.pk, "genre": "DPO", "du": "2026-01-01"}).status_code == 403

    def test_une_seule_attend(self, proposer, elsa):
        proposer(elsa)
        proposer(elsa)
        assert PropositionDeFonction.objects.count() == 1


class TestConfirmer:
    @pytest.mark.parametrize("qui", ["jean", "hugo"])
    def test_vaut_des_qu_une_seconde_personne_confirme(self, proposer, decider, distribution, elsa, qui):
        proposition = proposer(elsa)
        assert decider(distribution[qui], proposition).status_code == 302
        elsa.refresh_from_db()
        assert elsa.a_fonction("DIRECTION")
        assert elsa.fonctions.get().du == timezone.localdate()
        confiee = Evenement.objects.get(action="fonction confiée")
        assert (confiee.acteur_id, confiee.charge["professionnel"]) == (distribution[qui].pk, elsa.pk)

    @pytest.mark.parametrize("qui", ["ines", "awa", "gaelle", "farid", "chloe"])
    def test_est_reserve_a_la_direction_et_au_delegue(self, proposer, decider, distribution, elsa, qui):
        proposition = proposer(elsa)
        assert decider(distribution[qui], proposition).status_code == 403
        assert elsa.fonctions.count() == 0

    def test_refuse_a_qui_propose_et_a_qui_recoit(self, proposer, decider, ines, jean):
        Fonction.objects.create(professionnel=ines, genre="DPO")
        assert decider(ines, proposer(jean, "DPO")).status_code == 403
        assert decider(jean, PropositionDeFonction.objects.get()).status_code == 403
        assert not jean.fonctions.filter(genre="DPO").exists()

    def test_la_base_tient_la_regle_sans_l_application(self, proposer, elsa, ines):
        proposer(elsa)
        for qui in (ines, elsa):
            with pytest.raises(IntegrityError), transaction.atomic():
                PropositionDeFonction.objects.update(etat="confirmée", decidee_par=qui, decidee_le=timezone.now())

    def test_refuser_ne_donne_rien_et_se_dit(self, proposer, decider, jean, elsa):
        decider(jean, proposer(elsa), "refuser")
        assert (elsa.fonctions.count(), PropositionDeFonction.objects.get().etat) == (0, "refusée")
        assert Evenement.objects.filter(action="fonction refusée").count() == 1

    def test_deux_fois_n_a_qu_un_effet(self, proposer, decider, jean, elsa):
        proposition = proposer(elsa)
        assert [decider(jean, proposition).status_code for _ in range(2)] == [302, 409]
        assert elsa.fonctions.count() == 1

    @pytest.mark.parametrize("numero", ["", "abc", "0", "999999999999999999999", "-1"])
    def test_un_numero_faux_est_refuse(self, client, jean, numero):
        client.force_login(jean)
        envoi = {"proposition": numero, "reponse": "confirmer"}
        assert client.post(reverse("comptes:fonctions"), envoi).status_code == 409

    def test_une_reponse_inconnue_ne_confirme_pas(self, proposer, decider, jean, elsa):
        decider(jean, proposer(elsa), "oui")
        assert elsa.fonctions.count() == 0

    def test_le_titulaire_est_prevenu(self, proposer, decider, jean, elsa, relever):
        decider(jean, proposer(elsa))
        assert relever()[-1].to == [elsa.email]

    def test_qui_peut_confirmer_est_prevenu_sans_nom(self, proposer, elsa, relever):
        proposer(elsa)
        assert {message.to[0] for message in relever()} == {"jean@exemple.test", "hugo@exemple.test"}
        assert not any("Elsa" in message.body or "Rivoal" in message.body for message in relever())


class TestTerminer:
    def test_une_fin_ne_se_recule_pas(self, client, ines, gaelle):
        fonction = gaelle.fonctions.get()
        page = reverse("admin:comptes_fonction_change", args=[fonction.pk])
        client.force_login(ines)
        for fin, gardee in (
            ("31/12/2026", "2026-12-31"),
            ("31/12/2027", "2026-12-31"),
            ("", "2026-12-31"),
            ("01/12/2026", "2026-12-01"),
        ):
            client.post(page, {"au": fin, "genre": "DPO", "equipe": "", "du": "2020-01-01"})
            fonction.refresh_from_db()
            assert (str(fonction.au), fonction.genre) == (gardee, "SUPERVISEUR")


class TestCommande:
    def test_confie_a_l_installation_et_l_inscrit(self, elsa, capsys):
        call_command("confier_fonction", elsa.email, "DPO")
        elsa.refresh_from_db()
        assert elsa.a_fonction("DPO")
        assert Evenement.objects.get(action="fonction confiée").motif == "commande"

    @pytest.mark.parametrize(
        ("adresse", "genre", "equipe"),
        [("personne@exemple.test", "DPO", ""), ("hugo@exemple.test", "DPO", ""), ("elsa@exemple.test", "SUPERVISEUR", ""),
         ("elsa@exemple.test", "SUPERVISEUR", "Ailleurs")],
    )  # fmt: skip
    def test_refuse_ce_qui_ne_va_pas(self, distribution, adresse, genre, equipe):
        with pytest.raises(CommandError):
            call_command("confier_fonction", adresse, genre, equipe=equipe)
