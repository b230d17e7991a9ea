"""Au navigateur : les pages d'un compte se lisent aux deux largeurs, et ce qu'on y fait a son effet."""

import pytest
from django.test import Client
from django.urls import reverse

from securisation.comptes.fonctions import proposer
from securisation.comptes.models import Equipe, Professionnel, PropositionDeFonction
from securisation.socle.confirmation import CONFIRME_LE

MOT_DE_PASSE = "clairière tuba girafe"


@pytest.fixture
def nora(distribution):
    equipe = Equipe.objects.get(nom="Équipe de Laval")
    return Professionnel.objects.create_user(
        "nora@exemple.test", MOT_DE_PASSE, prenom="Nora", nom="Le Goff", metier="Référente", equipe=equipe
    )


class TestSecondFacteur:
    def test_les_pages_qui_l_enregistrent_se_lisent(self, visite, nora, settings):
        settings.MFA_OBLIGATOIRE = True
        visite.entrer(nora).constater()
        visite.suivre("Choisir l’application").constater()
        visite.suivre("Annuler").suivre("Choisir la clé d’accès").constater()


class TestMonCompte:
    def test_terminer_une_session_depuis_la_liste(self, visite, nora):
        ailleurs = Client()
        ailleurs.force_login(nora)
        visite.entrer(nora, reverse("mfa_index")).constater()
        visite.suivre("Voir mes sessions").constater()
        visite.presser("Terminer toutes les autres").page.get_by_text("1 session terminée").wait_for()
        assert ailleurs.get(reverse("mfa_index")).status_code == 302
        assert nora.sessions.count() == 1

    def test_une_saisie_trop_tardive_se_garde_a_l_ecran(self, visite, nora, distribution):
        ines, jean = distribution["ines"], distribution["jean"]
        proposer(PropositionDeFonction(professionnel=nora, genre="DPO"), par=ines)
        visite.entrer(jean, reverse("comptes:fonctions")).constater()
        session = jean.sessions.get().get_session_store_class()(jean.sessions.get().pk)
        session[CONFIRME_LE] = 0
        session.save()
        visite.presser("Confirmer")
        visite.page.get_by_role("button", name="Renvoyer ma saisie").wait_for()
        visite.constater()
        assert nora.fonctions.count() == 0


class TestSessionFinie:
    LONG = "Elle dit que l'adresse est fausse.\nC'est le 12, pas le 21."

    def test_ce_qui_est_tape_revient_et_se_recopie_apres_reconnexion(self, visite, parcours, awa):
        adresse = reverse("coordination:enregistrer_demande", args=[parcours.uuid])
        visite.entrer(awa, adresse).page.get_by_label("Rectification").check()
        visite.page.get_by_label("Par téléphone").check()
        visite.ecrire(texte=self.LONG)
        awa.sessions.all().delete()
        visite.presser("Enregistrer").titre("Votre session est finie : ce que vous avez tapé est ci-dessous")
        rendu = visite.page.locator("textarea")
        assert rendu.input_value() == self.LONG
        assert not rendu.is_editable()
        assert parcours.demandes.count() == 0
        with visite.page.expect_popup() as onglet:
            visite.suivre("Se reconnecter")
        onglet.value.get_by_role("heading", name="Se connecter").wait_for()
        assert onglet.value.locator("[name=next]").first.get_attribute("value") == adresse
        assert rendu.input_value() == self.LONG
