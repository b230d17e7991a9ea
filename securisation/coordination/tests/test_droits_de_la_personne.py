"""Les pages des droits de la personne : enregistrer, répondre, prolonger, lever ; ce que le délégué voit, ce qu'il ne voit pas."""

import datetime

import pytest
from django.urls import reverse

from securisation.coordination.models import Copie
from securisation.parcours.models import Demande, Parcours
from securisation.socle import horloge
from securisation.socle.models import Evenement

pytestmark = pytest.mark.django_db
HOSTILE = '<script>alert(1)</script> \u202e"><img src=x onerror=alert(2)> {{ 7*7 }} =cmd()'


def jour(ecart=0):
    """Le jour, tel qu'un formulaire l'écrit."""
    return f"{horloge.aujourd_hui() + datetime.timedelta(days=ecart):%d/%m/%Y}"


def saisie(**champs):
    """Une demande telle que le formulaire l'envoie."""
    return {"genre": "acces", "recue_le": jour(), "moyen": "oral", "texte": ""} | champs


def demander(parcours, par, genre="acces", **champs):
    """Une demande enregistrée."""
    valeurs = {"genre": genre, "recue_le": horloge.aujourd_hui(), "moyen": "oral", "texte": "Corriger la commune."}
    return Demande(parcours=parcours).enregistrer(par=par, **(valeurs | champs))


@pytest.fixture
def ouvrir(client):
    """`ouvrir(compte, "coordination:demande", objet)` : la réponse de la page à ce compte ; `envoi` : un POST."""

    def lire(compte, nom, objet=None, envoi=None):
        client.force_login(compte)
        adresse = reverse(nom, args=[objet.uuid] if objet is not None else [])
        return client.get(adresse) if envoi is None else client.post(adresse, envoi)

    return lire


class TestEnregistrer:
    def test_depuis_le_parcours(self, parcours, awa, ouvrir):
        assert "Enregistrer une demande" in ouvrir(awa, "coordination:droits", parcours).content.decode()
        reponse = ouvrir(awa, "coordination:enregistrer_demande", parcours, saisie(genre="effacement"))
        demande = Demande.objects.get()
        assert (reponse.status_code, reponse.url) == (302, demande.get_absolute_url())
        assert "Effacement" in ouvrir(awa, "coordination:droits", parcours).content.decode()

    def test_une_rectification_dit_quoi(self, parcours, awa, ouvrir):
        reponse = ouvrir(awa, "coordination:enregistrer_demande", parcours, saisie(genre="rectification"))
        assert reponse.status_code == 422
        assert "Écrivez ce que la personne demande" in reponse.content.decode()

    def test_un_double_envoi_n_a_qu_un_effet(self, parcours, awa, ouvrir):
        import uuid

        jeton = str(uuid.uuid4())
        suites = [ouvrir(awa, "coordination:enregistrer_demande", parcours, saisie(jeton=jeton)).url for _ in range(2)]
        assert suites[0] == suites[1]
        assert Demande.objects.count() == 1

    def test_un_texte_hostile_s_affiche_tel_quel(self, parcours, awa, hugo, ouvrir):
        ouvrir(awa, "coordination:enregistrer_demande", parcours, saisie(genre="rectification", texte=HOSTILE))
        demande = Demande.objects.get()
        assert "\u202e" not in demande.texte
        for compte in (awa, hugo):
            page = ouvrir(compte, "coordination:demande", demande).content.decode()
            assert "<script>alert" not in page
            assert "&lt;script&gt;alert(1)" in page
            assert "{{ 7*7 }}" in page

    def test_un_numero_de_securite_sociale_est_refuse(self, parcours, awa, ouvrir):
        texte = "Mon numéro est 1 84 12 76 451 089 46"
        reponse = ouvrir(awa, "coordination:enregistrer_demande", parcours, saisie(genre="rectification", texte=texte))
        assert reponse.status_code == 422
        assert not Demande.objects.exists()


class TestRepondre:
    def test_une_rectification_relie_sa_correction(self, parcours, awa, ouvrir):
        demande = demander(parcours, awa, "rectification")
        parcours.personne.modifier(par=awa, commune="Mayenne")
        page = ouvrir(awa, "coordination:repondre_demande", demande).content.decode()
        assert "la personne : commune" in page
        rang = Evenement.objects.filter(chaine=parcours.pk, modele="parcours.personne").latest("seq").seq
        envoi = {
            "decision": "acceptee",
            "repondue_le": jour(),
            "reponse": "Commune corrigée.",
            "ecritures": [str(rang)],
        }
        assert (
            ouvrir(awa, "coordination:repondre_demande", demande, envoi | {"version": demande.version}).status_code
            == 302
        )
        demande.refresh_from_db()
        assert (demande.etat, demande.ecritures) == ("repondue", [rang])
        assert "la personne : commune" in ouvrir(awa, "coordination:demande", demande).content.decode()

    def test_une_ecriture_d_avant_la_demande_ou_d_ailleurs_ne_se_relie_pas(self, parcours, awa, ouvrir):
        demande = demander(parcours, awa, "rectification")
        parcours.personne.modifier(par=awa, commune="Mayenne")
        envoi = {"decision": "acceptee", "repondue_le": jour(), "reponse": "Fait.", "ecritures": ["1"]}
        reponse = ouvrir(awa, "coordination:repondre_demande", demande, envoi | {"version": demande.version})
        assert reponse.status_code == 422

    def test_le_referent_n_a_pas_le_refus(self, parcours, awa, hugo, ouvrir):
        demande = demander(parcours, awa)
        envoi = {"decision": "refusee", "repondue_le": jour(), "reponse": "Non.", "version": demande.version}
        assert ouvrir(awa, "coordination:repondre_demande", demande, envoi).status_code == 422
        assert 'value="refusee"' not in ouvrir(awa, "coordination:repondre_demande", demande).content.decode()
        assert ouvrir(hugo, "coordination:repondre_demande", demande, envoi).status_code == 302
        assert "CNIL" in ouvrir(awa, "coordination:demande", demande).content.decode()

    def test_un_formulaire_perime_montre_les_deux_textes(self, parcours, awa, hugo, ouvrir):
        demande = demander(parcours, awa)
        envoi = {"motif_prolongation": "Un premier motif.", "version": demande.version}
        assert ouvrir(hugo, "coordination:prolonger_demande", demande, envoi).status_code == 302
        envoi = {"decision": "acceptee", "repondue_le": jour(), "reponse": "Sur une page ancienne.", "version": 1}
        reponse = ouvrir(awa, "coordination:repondre_demande", demande, envoi)
        assert reponse.status_code == 409
        assert "Sur une page ancienne." in reponse.content.decode()


class TestDelegue:
    def test_voit_la_demande_jamais_le_dossier(self, parcours, awa, hugo, ouvrir):
        demande = demander(parcours, awa, "rectification")
        for page in (ouvrir(hugo, "coordination:tableau"), ouvrir(hugo, "coordination:demande", demande)):
            texte = page.content.decode()
            assert page.status_code == 200
            assert parcours.numero in texte
            assert "Diallo" not in texte
            assert str(parcours.uuid) not in texte
        assert "Corriger la commune." in texte
        for nom in ("coordination:droits", "coordination:registre", "coordination:remettre_copie", "synthese:parcours"):
            assert ouvrir(hugo, nom, parcours).status_code == 404

    def test_sa_lecture_est_au_registre_de_la_personne(self, parcours, awa, hugo, ouvrir):
        ouvrir(hugo, "coordination:demande", demander(parcours, awa))
        lecture = Evenement.objects.filter(chaine=parcours.pk, action="lecture").latest("seq")
        assert (lecture.acteur, lecture.charge["page"]) == (hugo, "coordination:demande")

    def test_ne_relie_aucune_correction_qu_il_ne_voit_pas(self, parcours, awa, hugo, ouvrir):
        demande = demander(parcours, awa, "rectification")
        parcours.personne.modifier(par=awa, commune="Mayenne")
        assert "la personne : commune" not in ouvrir(hugo, "coordination:repondre_demande", demande).content.decode()

    def test_prolonge_et_le_tableau_dit_le_retard(self, parcours, awa, hugo, ouvrir):
        demande = demander(parcours, awa, recue_le=horloge.aujourd_hui() - datetime.timedelta(days=20))
        envoi = {"motif_prolongation": "Dossier ancien à réunir.", "version": demande.version}
        assert ouvrir(hugo, "coordination:prolonger_demande", demande, envoi).status_code == 302
        demander(parcours, awa, "effacement", recue_le=horloge.aujourd_hui() - datetime.timedelta(days=45))
        page = ouvrir(hugo, "coordination:tableau").content.decode()
        assert "1 réponse en retard" in page.replace("\xa0", " ")
        assert page.index("Effacement") < page.index("Accès à ses données")
        assert "Délai prolongé" in page

    @pytest.mark.parametrize(
        ("vue", "phrase"), [("en-vigueur", "Limitation du traitement"), ("repondues", "Accès à ses")]
    )
    def test_ses_autres_listes(self, parcours, awa, hugo, ouvrir, client, vue, phrase):
        demander(parcours, awa, "limitation")
        acces = demander(parcours, awa)
        acces.repondre(par=hugo, decision="acceptee", reponse="Remise.", repondue_le=horloge.aujourd_hui())
        client.force_login(hugo)
        page = client.get(reverse("coordination:tableau"), {"vue": vue}).content.decode()
        assert phrase in page
        assert page.count('class="stretched"') == 1

    @pytest.mark.parametrize(
        "question", ["?vue=x", "?vue=repondues&apres=-1", "?vue=repondues&apres=9e9", "?apres=" + "9" * 40]
    )
    def test_une_adresse_trafiquee_ne_casse_rien(self, hugo, client, question):
        client.force_login(hugo)
        assert client.get(reverse("coordination:tableau") + question).status_code == 200


class TestAutres:
    def test_une_autre_equipe_ne_trouve_rien(self, parcours, awa, elsa, chloe, farid, ouvrir):
        demande = demander(parcours, awa)
        copie = Copie(parcours=parcours).demander(par=awa, contenu="copie")
        pages = [
            ("coordination:droits", parcours),
            ("coordination:registre", parcours),
            ("coordination:remettre_copie", parcours),
        ]
        pages += [
            ("coordination:demande", demande),
            ("coordination:repondre_demande", demande),
            ("coordination:copie", copie),
        ]
        for autre in (elsa, chloe, farid):
            assert {ouvrir(autre, nom, objet).status_code for nom, objet in pages} == {404}
            assert parcours.numero not in ouvrir(autre, "coordination:tableau").content.decode()

    def test_la_superviseure_voit_celles_de_son_equipe_sauf_restreintes(self, parcours, awa, gaelle, ouvrir):
        demander(parcours, awa)
        assert parcours.numero in ouvrir(gaelle, "coordination:tableau").content.decode()
        parcours.restreindre(par=awa, restreint=True, motif="À sa demande")
        assert parcours.numero not in ouvrir(gaelle, "coordination:tableau").content.decode()

    def test_un_intervenant_enregistre_mais_ne_repond_pas(self, parcours, awa, bruno, ouvrir):
        demande = demander(parcours, bruno)
        assert ouvrir(bruno, "coordination:repondre_demande", demande).status_code == 403
        assert ouvrir(bruno, "coordination:remettre_copie", parcours).status_code == 403
        page = ouvrir(bruno, "coordination:demande", demande).content.decode()
        assert "repondre" not in page


class TestLimitation:
    def test_se_dit_sur_le_parcours_et_refuse_d_ecrire(self, parcours_admis, awa, ouvrir):
        demander(parcours_admis, awa, "limitation")
        page = ouvrir(awa, "synthese:parcours", parcours_admis).content.decode()
        assert "Traitement limité" in page
        assert "Fiche de la personne" not in page
        fiche = ouvrir(awa, "parcours:modifier_personne", parcours_admis, {"prenom": "A", "nom": "B", "version": 1})
        assert fiche.status_code == 409
        assert "limiter le traitement" in fiche.content.decode()

    def test_se_leve_depuis_sa_page(self, parcours_admis, awa, ouvrir):
        demande = demander(parcours_admis, awa, "limitation")
        demande.repondre(par=awa, decision="acceptee", reponse="Entendu.", repondue_le=horloge.aujourd_hui())
        assert "Lever la limitation" in ouvrir(awa, "coordination:demande", demande).content.decode()
        envoi = {"motif_levee": "Informée ce jour.", "version": demande.version}
        assert ouvrir(awa, "coordination:lever_demande", demande, envoi).status_code == 302
        assert Parcours.objects.get(pk=parcours_admis.pk).limite_le is None


def test_une_demande_repondue_garde_ses_copies(parcours, awa, ouvrir):
    demande = demander(parcours, awa)
    copie = Copie(parcours=parcours).demander(par=awa, contenu="copie")
    demande.repondre(par=awa, decision="acceptee", reponse="La copie est remise.", repondue_le=horloge.aujourd_hui())
    page = ouvrir(awa, "coordination:demande", demande).content.decode()
    assert copie.get_absolute_url() in page
    assert copie.numero in page
    assert "Préparer la copie complète" not in page


def test_ce_qui_est_du_parait_dans_a_faire(parcours, awa, client):
    demande = demander(parcours, awa, recue_le=horloge.aujourd_hui() - datetime.timedelta(days=28))
    client.force_login(awa)
    page = client.get("/").content.decode()
    assert "Répondre à la demande : accès à ses données" in page
    assert reverse("coordination:droits", args=[parcours.uuid]) in page
    assert parcours.echeances.filter(source=f"demande:{demande.pk}").exists()
