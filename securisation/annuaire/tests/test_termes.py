"""La liste de l'association : qui l'écrit, ce que la garde en fait aussitôt, ce qu'elle ne peut pas faire passer."""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from securisation.annuaire.forms import GardeMixin
from securisation.annuaire.garde import Genre, Propres, en_forme, examiner, masquer, refuses
from securisation.annuaire.models import TermeDeGarde
from securisation.annuaire.querysets import SuppressionRefusee
from securisation.annuaire.termes import termes_propres
from securisation.comptes.models import Fonction, Professionnel
from securisation.socle.models import Evenement

pytestmark = pytest.mark.django_db
SUGGESTION = "Dire la date : « indisponible jusqu’au (date) »."
SIGNALER = {"sens": "signaler", "terme": "suivi spécialisé", "suggestion": SUGGESTION, "motif": "Vu dans trois notes."}
LAISSER = {"sens": "laisser", "terme": "Crohn", "suggestion": "", "motif": "Nom de la gardienne de la résidence."}


@pytest.fixture
def awa():
    return Professionnel.objects.create_user("awa.garde@exemple.test", "un mot de passe long", prenom="Awa", nom="D")


@pytest.fixture
def ines():
    ines = Professionnel.objects.create_user("ines.garde@exemple.test", "un mot de passe long", prenom="Inès", nom="R")
    Fonction.objects.create(professionnel=ines, genre=Fonction.Genre.ADMINISTRATEUR)
    return ines


@pytest.fixture
def entrer(client, settings):
    def ouvrir(professionnel):
        client.force_login(professionnel, backend=settings.AUTHENTICATION_BACKENDS[0])
        return client

    return ouvrir


def ecrire(par, champs, **autres):
    terme = TermeDeGarde()
    terme.ecrire(par=par, **(champs | autres))
    return terme


def lire(texte):
    return examiner(texte, termes_propres())


class Note(GardeMixin, forms.Form):
    texte = forms.CharField()
    suite = forms.CharField(required=False)
    champs_gardes = ("texte", "suite")


class TestLaGardeEnTientCompte:
    def test_signale_le_mot_avec_la_formulation_de_l_association(self, ines):
        ecrire(ines, SIGNALER)
        (alerte,) = lire("Un SUIVI  spécialisés est en place.")
        assert (alerte.genre, alerte.extrait, alerte.suggestion) == (
            Genre.ASSOCIATION,
            "SUIVI  spécialisés",
            SUGGESTION,
        )

    def test_sa_formulation_passe_devant_celle_du_lexique(self, ines):
        ecrire(ines, SIGNALER, terme="cancer")
        assert [a.suggestion for a in lire("Elle a un cancer.")] == [SUGGESTION]

    def test_laisse_passer_le_mot_et_lui_seul(self, ines):
        ecrire(ines, LAISSER)
        assert lire("Mme Crohn a la clé.") == []
        assert [a.extrait for a in lire("Mme Crohn dit que son asthme revient.")] == ["asthme"]

    def test_aussitot_puis_plus_apres_le_retrait(self, ines):
        assert lire("Mme Crohn a la clé.")
        terme = ecrire(ines, LAISSER)
        assert not lire("Mme Crohn a la clé.")
        terme.retirer(par=ines)
        assert lire("Mme Crohn a la clé.")

    def test_un_mot_entier_seulement(self, ines):
        ecrire(ines, SIGNALER, terme="bleu")
        assert lire("un carnet bleuté, du bleuet") == []
        assert len(lire("un carnet bleu, deux bleus")) == 2

    def test_un_terme_plein_de_signes_n_est_pas_une_expression(self, ines):
        ecrire(ines, SIGNALER, terme="abc.*(x+)+$")
        assert lire("abcdef xxxxxxxx") == []
        assert len(lire("dit abc.*(x+)+$ hier")) == 1

    def test_dans_un_formulaire_des_l_envoi_suivant(self, ines):
        assert Note({"texte": "suivi spécialisé"}).is_valid()
        ecrire(ines, SIGNALER)
        note = Note({"texte": "suivi spécialisé"})
        assert "indisponible" in str(note.errors["texte"])

    def test_une_requete_par_envoi_quel_que_soit_le_nombre_de_champs(self, ines):
        ecrire(ines, SIGNALER)
        Note({"texte": "a", "suite": "b"}).is_valid()
        with CaptureQueriesContext(connection) as requetes:
            Note({"texte": "Fin d'IJ le 12.", "suite": "Loyer réglé."}).is_valid()
        assert len(requetes) == 1

    def test_aucune_requete_pour_une_page_qui_s_ouvre_ou_un_envoi_vide(self):
        with CaptureQueriesContext(connection) as requetes:
            Note()
            Note({"texte": ""}).is_valid()
        assert len(requetes) == 0


class TestRienNeFaitPasserUnNumeroNiUnCode:
    TEXTE = "sécu 1 75 04 44 109 012 34, acte HHFA001, F32.1"

    @pytest.mark.parametrize("terme", ["1 75 04 44 109 012 34", "acte HHFA001", "code F32.1 du dossier", "nir 175044"])
    def test_un_tel_mot_n_entre_pas_dans_la_liste(self, ines, terme):
        with pytest.raises(ValidationError, match="toujours refusés"):
            ecrire(ines, LAISSER, terme=terme)
        assert TermeDeGarde.objects.count() == 0

    @pytest.mark.parametrize("terme", ["secu", "acte", "sécurité sociale", "numéro de sécurité sociale", "hhfa"])
    def test_un_mot_autour_n_y_change_rien(self, ines, terme):
        texte = f"{self.TEXTE}, numéro de sécurité sociale 175044"
        ecrire(ines, LAISSER, terme=terme)
        avant = [(a.position, a.fin) for a in refuses(texte)]
        assert [(a.position, a.fin) for a in lire(texte) if a.est_refusee] == avant
        assert len(avant) == 4

    def test_meme_ecrit_dans_la_base_sans_passer_par_le_modele(self, ines):
        propres = Propres.de(a_signaler={}, a_laisser=[en_forme(mot) for mot in self.TEXTE.split(", ")])
        assert [a.genre for a in examiner(self.TEXTE, propres)] == [Genre.NIR, Genre.CODE, Genre.CODE]
        assert "HHFA" not in masquer(self.TEXTE, propres=propres)


class TestEcrire:
    def test_dit_qui_quand_pourquoi_et_s_inscrit_au_journal(self, ines):
        terme = ecrire(ines, SIGNALER)
        assert (terme.ecrit_par, terme.motif, terme.forme) == (ines, SIGNALER["motif"], "suivi specialise")
        assert terme.ecrit_le is not None
        terme.retirer(par=ines)
        actions = Evenement.objects.filter(action__startswith="mot de la garde").values_list("action", flat=True)
        assert set(actions) == {"mot de la garde ajouté", "mot de la garde retiré"}

    def test_retirer_deux_fois_garde_le_premier_retrait(self, ines, awa):
        terme = ecrire(ines, SIGNALER)
        terme.retirer(par=ines)
        terme.retirer(par=awa)
        terme.refresh_from_db()
        assert terme.retire_par == ines

    def test_ne_se_supprime_pas(self, ines):
        terme = ecrire(ines, SIGNALER)
        with pytest.raises(SuppressionRefusee):
            terme.delete()
        with pytest.raises(ProtectedError):
            ines.delete()

    def test_la_base_tient_les_memes_regles(self, ines):
        terme = ecrire(ines, SIGNALER)
        for champs in ({"suggestion": ""}, {"motif": ""}, {"forme": ""}, {"retire_par": ines}, {"sens": "autre"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                TermeDeGarde.objects.filter(pk=terme.pk).update(**champs)


class TestPages:
    def test_tous_lisent_la_liste_l_administrateur_seul_la_change(self, entrer, awa, ines):
        terme = ecrire(ines, SIGNALER)
        client = entrer(awa)
        page = client.get(reverse("annuaire:garde")).content.decode()
        assert "suivi spécialisé" in page
        assert "Ajouter un mot" not in page
        assert client.get(reverse("annuaire:ecrire_terme")).status_code == 403
        assert client.post(reverse("annuaire:ecrire_terme"), LAISSER).status_code == 403
        assert client.post(reverse("annuaire:retirer_terme", args=[terme.pk])).status_code == 403
        assert TermeDeGarde.objects.en_vigueur().count() == 1

    def test_ajouter_puis_retirer(self, entrer, ines):
        client = entrer(ines)
        assert client.post(reverse("annuaire:ecrire_terme"), LAISSER).status_code == 302
        terme = TermeDeGarde.objects.get()
        assert not lire("Mme Crohn a la clé.")
        assert client.post(reverse("annuaire:retirer_terme", args=[terme.pk])).status_code == 302
        assert lire("Mme Crohn a la clé.")
        page = client.get(reverse("annuaire:garde"), {"etat": "retires"}).content.decode()
        assert "Crohn" in page
        assert "retiré le" in page

    @pytest.mark.parametrize(
        ("change", "phrase"),
        [
            ({"suggestion": ""}, "par quoi remplacer"),
            ({"terme": "a1"}, "trois lettres"),
            ({"motif": ""}, "Écrivez une réponse"),
            ({"terme": "1 75 04 44 109 012 34"}, "sécurité sociale"),
            ({"motif": "acte HHFA001"}, "toujours refusés"),
        ],
    )
    def test_un_refus_rend_la_saisie_et_dit_quoi_faire(self, entrer, ines, change, phrase):
        reponse = entrer(ines).post(reverse("annuaire:ecrire_terme"), SIGNALER | change)
        assert reponse.status_code == 422
        assert phrase in reponse.content.decode()
        assert TermeDeGarde.objects.count() == 0

    def test_un_double_envoi_ne_fait_qu_une_ligne(self, entrer, ines):
        client = entrer(ines)
        client.post(reverse("annuaire:ecrire_terme"), SIGNALER)
        reponse = client.post(reverse("annuaire:ecrire_terme"), SIGNALER | {"terme": "SUIVI SPECIALISE"})
        assert reponse.status_code == 422
        assert "déjà dans la liste" in reponse.content.decode()
        assert TermeDeGarde.objects.count() == 1

    def test_une_chaine_hostile_se_lit_sans_s_executer(self, entrer, ines):
        ecrire(ines, SIGNALER, terme="<script>alert(1)</script>")
        assert "<script>alert(1)" not in entrer(ines).get(reverse("annuaire:garde")).content.decode()

    def test_une_ligne_inconnue_est_introuvable(self, entrer, ines):
        assert entrer(ines).post(reverse("annuaire:retirer_terme", args=[99_999_999])).status_code == 404
        assert entrer(ines).get(reverse("annuaire:retirer_terme", args=[1])).status_code == 405

    def test_la_liste_est_bornee_et_se_lit_par_pages(self, entrer, ines, monkeypatch, django_assert_max_num_queries):
        for rang in range(60):
            ecrire(ines, SIGNALER, terme=f"mot {chr(97 + rang // 26)}{chr(97 + rang % 26)}z")
        client = entrer(ines)
        with django_assert_max_num_queries(10):
            page = client.get(reverse("annuaire:garde"))
        assert len(page.context["page"]) == 50
        monkeypatch.setattr("securisation.annuaire.models.termes.TERMES_MAX", 60)
        reponse = client.post(reverse("annuaire:ecrire_terme"), LAISSER)
        assert reponse.status_code == 422
        assert "retirez-en" in reponse.content.decode()
