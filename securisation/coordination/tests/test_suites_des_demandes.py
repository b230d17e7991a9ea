"""Une demande ne se dit acceptée qu'après son acte : l'effacement demandé, la correction faite ou dite."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from securisation.annuaire.models import Finalite
from securisation.parcours.models import Accord, Demande, Effacement
from securisation.socle import horloge
from securisation.socle.confirmation import CONFIRME_LE
from securisation.socle.models import Evenement

pytestmark = pytest.mark.django_db
OUI = ["acceptee", "partielle"]


def demander(parcours, par, genre):
    """Une demande enregistrée ce jour."""
    champs = {"recue_le": horloge.aujourd_hui(), "moyen": "oral", "texte": "Ma commune a changé."}
    return Demande(parcours=parcours).enregistrer(par=par, genre=genre, **champs)


def repondre(demande, par, decision="acceptee", **champs):
    """La réponse donnée ce jour."""
    valeurs = {"decision": decision, "reponse": "C'est fait.", "repondue_le": horloge.aujourd_hui()}
    return demande.repondre(par=par, **valeurs | champs)


@pytest.fixture
def envoyer(client):
    """`envoyer(compte, demande, **champs)` : la réponse de la page ; sans champ, la page seule."""

    def ouvrir(compte, demande, **champs):
        client.force_login(compte)
        session = client.session
        session[CONFIRME_LE] = horloge.maintenant().isoformat()
        session.save()
        adresse = reverse("coordination:repondre_demande", args=[demande.uuid])
        jour = f"{horloge.aujourd_hui():%d/%m/%Y}"
        envoi = {"decision": "acceptee", "repondue_le": jour, "reponse": "Fait.", "version": demande.version}
        return client.post(adresse, envoi | champs) if champs else client.get(adresse)

    return ouvrir


class TestEffacement:
    @pytest.mark.parametrize("decision", OUI)
    def test_ne_s_accepte_pas_sans_effacement(self, parcours_admis, awa, decision):
        demande = demander(parcours_admis, awa, "effacement")
        with pytest.raises(ValidationError) as refus:
            repondre(demande, awa, decision)
        assert "effacement du dossier" in refus.value.message_dict["decision"][0]
        demande.refresh_from_db()
        assert demande.est_a_traiter

    def test_la_page_mene_au_bon_bouton_et_le_garde(self, parcours_admis, awa, envoyer, client):
        demande = demander(parcours_admis, awa, "effacement")
        bouton = reverse("parcours:demander_effacement_pour", args=[demande.uuid])
        assert bouton in envoyer(awa, demande).text
        reponse = envoyer(awa, demande, decision="acceptee")
        assert (reponse.status_code, bouton in reponse.text) == (422, True)
        assert "Demander l’effacement du dossier" in reponse.text
        assert bouton in client.get(demande.get_absolute_url()).text

    def test_s_accepte_une_fois_l_effacement_demande(self, parcours_admis, awa, hugo):
        demande = demander(parcours_admis, awa, "effacement")
        effacement = Effacement(parcours=parcours_admis).demander(par=awa)
        demande = Demande.objects.get(pk=demande.pk)
        assert demande.effacement_relie == effacement
        assert repondre(demande, hugo).decision == "acceptee"

    def test_un_effacement_refuse_ne_compte_pas(self, parcours_admis, awa, gaelle, hugo):
        demande = demander(parcours_admis, awa, "effacement")
        Effacement(parcours=parcours_admis).demander(par=awa).refuser(par=gaelle, motif="Un litige court.")
        demande = Demande.objects.get(pk=demande.pk)
        with pytest.raises(ValidationError):
            repondre(demande, hugo)
        assert repondre(demande, hugo, "refusee").decision == "refusee"

    def test_retirer_l_accord_sensible_est_une_acceptation_en_partie(self, parcours_admis, awa):
        demande = demander(parcours_admis, awa, "effacement")
        sensible = Accord(parcours=parcours_admis, finalite=Finalite.objects.get(code="SENSIBLE"))
        sensible.recueillir(par=awa, le=horloge.aujourd_hui(), mode="écrit signé").retirer(par=awa)
        with pytest.raises(ValidationError):
            repondre(demande, awa)
        assert repondre(Demande.objects.get(pk=demande.pk), awa, "partielle").decision == "partielle"


class TestRectification:
    @pytest.mark.parametrize("decision", OUI)
    @pytest.mark.parametrize("corrige", ["", "  \n "])
    def test_ne_s_accepte_pas_sans_correction(self, parcours_admis, awa, decision, corrige):
        with pytest.raises(ValidationError, match="corrigé"):
            repondre(demander(parcours_admis, awa, "rectification"), awa, decision, corrige=corrige)

    def test_la_page_propose_de_corriger_et_garde_la_saisie(self, parcours_admis, awa, envoyer):
        demande = demander(parcours_admis, awa, "rectification")
        reponse = envoyer(awa, demande, reponse="Votre commune est à jour.")
        assert reponse.status_code == 422
        for mot in ("Corriger maintenant", parcours_admis.get_absolute_url(), "Votre commune est à jour.", "et où"):
            assert mot in reponse.text

    def test_une_correction_reliee_suffit(self, parcours_admis, awa):
        demande = demander(parcours_admis, awa, "rectification")
        parcours_admis.personne.modifier(par=awa, commune="Mayenne")
        rang = Evenement.objects.filter(chaine=parcours_admis.pk, modele="parcours.personne").latest("seq").seq
        assert repondre(demande, awa, ecritures=[rang]).ecritures == [rang]

    def test_dire_ce_qui_a_ete_corrige_et_ou_suffit_et_reste_au_dossier(self, parcours_admis, hugo, awa, envoyer):
        demande = demander(parcours_admis, awa, "rectification")
        assert "Corriger maintenant" not in envoyer(hugo, demande).text
        assert envoyer(hugo, demande, corrige="La commune, au dossier papier.").status_code == 302
        demande.refresh_from_db()
        assert demande.reponse == "Fait.\n\nCorrigé : La commune, au dossier papier."

    def test_un_refus_n_exige_rien_et_garde_ce_qui_est_dit(self, parcours_admis, awa, hugo):
        refusee = repondre(demander(parcours_admis, awa, "rectification"), hugo, "refusee")
        assert refusee.reponse == "C'est fait."
        en_partie = repondre(demander(parcours_admis, awa, "rectification"), hugo, "refusee", corrige="Le nom.")
        assert en_partie.reponse.endswith("Corrigé : Le nom.")

    def test_une_autre_demande_n_a_pas_ce_champ(self, parcours_admis, awa, envoyer):
        assert 'name="corrige"' not in envoyer(awa, demander(parcours_admis, awa, "acces")).text
