"""Le parcours restreint, l'ouverture motivée du délégué, ce que la superviseure en voit, et le second mur sous tout cela."""

import datetime
import re

import pytest
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse

from securisation.comptes.models import Equipe, Fonction, Professionnel
from securisation.parcours.models import Accord, Effacement, Entourage, Ouverture, Parcours
from securisation.socle import controles, horloge
from securisation.socle.cloison import HorsDUneTransaction, lire_comme, lire_en_systeme, lire_un_parcours
from securisation.socle.confirmation import CONFIRME_LE
from securisation.socle.models import Evenement
from securisation.socle.refus import DroitRefuse
from securisation.socle.trace import hors_porte

pytestmark = pytest.mark.django_db
MOTIF = "Plainte de la personne reçue le 3, à vérifier."
OUVERTURES, OUVRIR = "/ouvertures/", "/ouvertures/ouvrir/"
AVIS = re.compile(r'<div class="avis".*?</div>\s*</div>', re.DOTALL)


@pytest.fixture
def entrer(client):
    """`entrer(hugo)` : le client, connecté, qui vient de confirmer qui il est."""

    def connecter(compte, *, confirme=True):
        client.force_login(compte)
        session = client.session
        session[CONFIRME_LE] = horloge.montre() if confirme else 0
        session.save()
        return client

    return connecter


@pytest.fixture
def restreint(parcours_admis, awa):
    """Le parcours de Mme Diallo, restreint, un proche inscrit."""
    Entourage(parcours=parcours_admis).inscrire(par=awa, nom="Sidonie", lien="sœur")
    parcours_admis.restreindre(par=awa, restreint=True, raison="collegue", motif="Elle a travaillé ici.")
    return parcours_admis


def ouvrir(parcours, par, motif=MOTIF):
    return Ouverture(parcours=parcours).ouvrir(par=par, motif=motif)


def finir(ouverture):
    """Fait comme si l'heure de la fin était passée."""
    with hors_porte("essai"):
        passe = horloge.instant() - datetime.timedelta(hours=5)
        fin = passe + datetime.timedelta(hours=4)
        Ouverture.objects.en_masse().filter(pk=ouverture.pk).update(ouverte_le=passe, jusqu_au=fin)


class TestRestreindre:
    def test_se_choisit_se_precise_et_nomme_qui_voit_encore(self, parcours_admis, awa, bruno, entrer):
        adresse = reverse("parcours:restreindre", args=[parcours_admis.uuid])
        page = entrer(awa).get(adresse).content.decode()
        assert "Bruno Kellermann" in page
        assert "Gaëlle Le Goff" in page
        envoi = {"motif": "Sœur d'une collègue.", "version": parcours_admis.version}
        assert entrer(awa).post(adresse, envoi).status_code == 422
        assert entrer(awa).post(adresse, envoi | {"raison": "proche"}).status_code == 302
        parcours_admis.refresh_from_db()
        assert (parcours_admis.restreint, parcours_admis.raison_restriction) == (True, "proche")

    def test_la_superviseure_qui_restreint_revient_a_sa_liste(self, parcours_admis, gaelle, entrer):
        adresse = reverse("parcours:restreindre", args=[parcours_admis.uuid])
        envoi = {"motif": "Voisine.", "raison": "proche", "version": parcours_admis.version}
        reponse = entrer(gaelle).post(adresse, envoi, follow=True)
        assert reponse.redirect_chain == [("/", 302)]
        assert reponse.status_code == 200
        assert entrer(gaelle).get(parcours_admis.get_absolute_url()).status_code == 404

    def test_demande_de_confirmer_qui_l_on_est(self, parcours_admis, awa, entrer):
        adresse = reverse("parcours:restreindre", args=[parcours_admis.uuid])
        assert entrer(awa, confirme=False).get(adresse).status_code == 302


class TestOuvrir:
    def test_se_fait_par_le_numero_et_se_lit_quatre_heures_sans_rien_y_ecrire(self, restreint, hugo, entrer):
        navigateur = entrer(hugo)
        assert navigateur.get(restreint.get_absolute_url()).status_code == 404
        suite = navigateur.post(OUVRIR, {"numero": restreint.numero.lower(), "motif": MOTIF}, follow=True)
        assert restreint.numero in suite.content.decode()
        page = navigateur.get(restreint.get_absolute_url())
        assert "Sidonie" in page.content.decode()
        assert restreint.numero in navigateur.get("/").content.decode()
        ajout = reverse("parcours:ajouter_entourage", args=[restreint.uuid])
        assert navigateur.post(ajout, {"nom": "X", "lien": "ami"}).status_code == 403
        finir(Ouverture.objects.get())
        assert navigateur.get(restreint.get_absolute_url()).status_code == 404

    def test_un_numero_inconnu_a_la_meme_reponse_et_s_inscrit(self, restreint, hugo, entrer):
        navigateur = entrer(hugo)
        recues = [
            navigateur.post(OUVRIR, {"numero": numero, "motif": MOTIF}, follow=True)
            for numero in ("P-1999-0001", restreint.numero)
        ]
        assert [r.redirect_chain for r in recues] == [[(OUVERTURES, 302)]] * 2
        assert all("Demande inscrite au journal." in r.content.decode() for r in recues)
        assert Ouverture.objects.count() == 1
        assert Evenement.objects.filter(action="recherche", acteur=hugo, charge__numero="P-1999-0001").exists()

    def test_un_dossier_en_effacement_repond_comme_un_numero_inconnu(self, restreint, awa, hugo, entrer):
        Effacement(parcours=restreint).demander(par=awa, recue_le=horloge.aujourd_hui(), moyen="oral")
        navigateur, recues = entrer(hugo), []
        for numero in ("P-1999-0001", restreint.numero):
            reponse = navigateur.post(OUVRIR, {"numero": numero, "motif": MOTIF}, follow=True)
            recues.append((reponse.redirect_chain, reponse.status_code, AVIS.search(reponse.content.decode()).group()))
            formulaire = navigateur.get(OUVRIR).context["form"]
            assert formulaire.initial == {"numero": numero, "motif": MOTIF}
        assert recues[0] == recues[1]
        assert recues[0][:2] == ([(OUVERTURES, 302)], 200)
        assert "notice--info" in recues[0][2]
        assert not Ouverture.objects.exists()
        essais = Evenement.objects.filter(action="recherche", acteur=hugo).values_list("charge__numero", flat=True)
        assert sorted(essais) == ["P-1999-0001", restreint.numero]
        assert not Evenement.objects.filter(action="refus").exists()

    def test_ce_qui_s_est_ouvert_n_est_pas_redit_et_le_bandeau_est_le_meme(self, restreint, hugo, entrer):
        navigateur = entrer(hugo)
        reponse = navigateur.post(OUVRIR, {"numero": restreint.numero, "motif": MOTIF}, follow=True)
        assert "notice--info" in AVIS.search(reponse.content.decode()).group()
        assert navigateur.get(OUVRIR).context["form"].initial == {}

    def test_le_numero_que_porte_l_adresse_est_deja_ecrit(self, hugo, entrer):
        navigateur = entrer(hugo)
        assert 'value="P-2026-0007"' in navigateur.get(f"{OUVRIR}?numero=P-2026-0007").content.decode()
        assert navigateur.get(f"{OUVRIR}?numero=<script>alert</script>").context["form"].initial == {}

    @pytest.mark.parametrize("motif", ["", "Contrôle", "   a            b   "])
    def test_un_motif_trop_court_est_refuse_et_garde(self, motif, restreint, hugo, entrer):
        reponse = entrer(hugo).post(OUVRIR, {"numero": restreint.numero, "motif": motif})
        assert reponse.status_code == 422
        assert restreint.numero in reponse.content.decode()
        assert not Ouverture.objects.exists()

    def test_demande_de_confirmer_qui_l_on_est(self, hugo, entrer):
        assert entrer(hugo, confirme=False).get(OUVRIR).status_code == 302

    @pytest.mark.parametrize("nom", ["awa", "gaelle", "elsa", "chloe", "farid", "ines", "jean"])
    def test_n_est_qu_au_delegue(self, nom, distribution, restreint, entrer):
        assert entrer(distribution[nom]).post(OUVRIR, {"numero": restreint.numero, "motif": MOTIF}).status_code == 403
        with pytest.raises(DroitRefuse):
            ouvrir(restreint, distribution[nom])

    def test_finit_avec_la_fonction_ou_refermee(self, restreint, hugo, entrer):
        ouverture = ouvrir(restreint, hugo)
        navigateur = entrer(hugo)
        assert (
            navigateur.post(reverse("parcours:refermer", args=[restreint.uuid]), {"jeton": ouverture.uuid}).status_code
            == 302
        )
        assert navigateur.get(restreint.get_absolute_url()).status_code == 404
        ouvrir(restreint, hugo)
        assert navigateur.get(restreint.get_absolute_url()).status_code == 200
        Fonction.objects.filter(professionnel=hugo).update(au=horloge.aujourd_hui() - datetime.timedelta(days=1))
        compte = Professionnel.objects.get(pk=hugo.pk)
        assert not Parcours.objects.visibles_pour(compte).exists()
        with lire_comme(compte):
            assert not Entourage.objects.exists()


class TestLaSuperviseure:
    def test_lit_qui_a_ouvert_et_pourquoi_sans_le_dossier(self, restreint, hugo, gaelle, entrer):
        ouvrir(restreint, hugo)
        page = entrer(gaelle).get(OUVERTURES).content.decode()
        assert MOTIF in page
        assert hugo.nom_complet in page
        assert restreint.numero in page
        assert "Diallo" not in page
        assert restreint.get_absolute_url() not in page

    def test_ne_lit_que_ses_equipes(self, restreint, hugo, gaelle, distribution, entrer):
        ouvrir(restreint, hugo)
        ailleurs = Professionnel.objects.create_user("sup@exemple.test", prenom="S", nom="P")
        Fonction.objects.create(
            professionnel=ailleurs, genre="SUPERVISEUR", equipe=Equipe.objects.get(nom__contains="Nantes")
        )
        for compte in (ailleurs, distribution["elsa"], distribution["awa"], distribution["ines"]):
            assert MOTIF not in entrer(compte).get(OUVERTURES).content.decode()

    def test_l_historique_du_parcours_le_dit(self, restreint, hugo, awa, entrer):
        ouvrir(restreint, hugo)
        page = entrer(awa).get(reverse("synthese:historique", args=[restreint.uuid])).content.decode()
        assert "ouvre le dossier en lecture" in page
        assert MOTIF in page

    def test_mille_ouvertures_se_lisent_par_pages(self, restreint, hugo, gaelle, entrer, django_assert_max_num_queries):
        moment = horloge.instant()
        with hors_porte("essai"):
            Ouverture.objects.en_masse().bulk_create(
                Ouverture(
                    parcours=restreint,
                    professionnel=hugo,
                    motif=f"{MOTIF} {rang}",
                    ouverte_le=moment,
                    jusqu_au=moment + datetime.timedelta(hours=1),
                    cree_le=moment,
                    modifie_le=moment,
                )
                for rang in range(120)
            )
        navigateur = entrer(gaelle)
        navigateur.get(OUVERTURES)
        with django_assert_max_num_queries(7):
            page = navigateur.get(OUVERTURES)
        assert page.content.decode().count(MOTIF) == 50
        suivante = navigateur.get(OUVERTURES + page.context["suivant"])
        assert suivante.content.decode().count(MOTIF) == 50


class TestNommerUnReferent:
    @pytest.fixture
    def orphelin(self, restreint, awa):
        """Sa référente a changé d'équipe : restreint, plus personne ne le suit."""
        nantes = Equipe.objects.get(nom__contains="Nantes")
        Professionnel.objects.filter(pk=awa.pk).update(equipe=nantes)
        restreint.refresh_from_db()
        return restreint

    def test_le_delegue_le_nomme_par_son_ouverture(self, orphelin, hugo, gaelle, bruno, entrer):
        adresse = reverse("parcours:nommer_referent", args=[orphelin.uuid])
        navigateur = entrer(hugo)
        envoi = {"professionnel": bruno.pk, "conflit": "non"}
        assert navigateur.post(adresse, envoi).status_code == 404
        ouvrir(orphelin, hugo)
        assert navigateur.post(adresse, {"professionnel": bruno.pk}).status_code == 422
        assert navigateur.post(adresse, envoi).status_code == 302
        role = orphelin.attributions.get(permission__codename="referent")
        assert role.user == bruno
        assert role.history.first().history_user_id == hugo.pk
        assert orphelin.declarations.filter(professionnel=bruno, absence_de_conflit=True).exists()

    def test_un_parcours_tenu_n_en_recoit_pas_un_autre(self, restreint, hugo, bruno, entrer):
        ouvrir(restreint, hugo)
        adresse = reverse("parcours:nommer_referent", args=[restreint.uuid])
        assert entrer(hugo).post(adresse, {"professionnel": bruno.pk, "conflit": "non"}).status_code == 409
        assert restreint.attributions.get(permission__codename="referent").user != bruno


class TestLeMur:
    def lus(self):
        return Accord.objects.count() + Entourage.objects.count()

    def test_donne_ce_que_la_porte_donnerait(self, restreint, distribution, hugo):
        for compte in distribution.values():
            compte = Professionnel.objects.get(pk=compte.pk)
            vu = Parcours.objects.visibles_pour(compte).filter(pk=restreint.pk).exists()
            with lire_comme(compte):
                assert bool(self.lus()) == vu, compte
        ouvrir(restreint, hugo)
        with lire_comme(hugo):
            assert self.lus()

    def test_l_ouverture_lit_et_n_ecrit_pas(self, restreint, hugo):
        ouvrir(restreint, hugo)
        with lire_comme(hugo), connection.cursor() as curseur:
            curseur.execute("UPDATE parcours_entourage SET nom = 'x'")
            assert curseur.rowcount == 0

    def test_un_acte_de_qui_lit_seulement_est_refuse_a_la_porte(self, restreint, hugo):
        """Le mur cache la ligne qu'un verrou d'écriture demanderait : c'est un droit qui manque, pas une panne."""
        ouvrir(restreint, hugo)
        with lire_comme(hugo), pytest.raises(DroitRefuse):
            Accord.objects.filter(parcours=restreint).first().retirer(par=hugo)

    def test_un_seul_parcours_se_lit_sans_s_ecrire(self, restreint, awa, ouvrir_un_parcours):
        autre = ouvrir_un_parcours(awa, nom="Roche")
        proche = Entourage(parcours=autre).inscrire(par=awa, nom="Autre", lien="ami")
        with lire_un_parcours(restreint):
            assert set(Entourage.objects.values_list("nom", flat=True)) == {"Sidonie"}
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                Entourage.history.model.objects.filter(pk=0).count()
                with hors_porte("essai", par=awa):
                    Entourage(parcours=restreint, nom="Z", lien="z").save()
        assert Entourage.objects.filter(pk=proche.pk).exists()

    def test_se_rend_au_lecteur_d_avant_meme_apres_un_echec(self, restreint, awa, distribution):
        with lire_comme(distribution["elsa"]):
            with pytest.raises(ProgrammingError), transaction.atomic(), lire_en_systeme():
                assert self.lus()
                connection.cursor().execute("SELECT rien_de_tel()")
            assert self.lus() == 0
        assert self.lus()

    @pytest.mark.django_db(transaction=True)
    def test_hors_d_une_transaction_le_lecteur_ne_se_pose_pas(self):
        with pytest.raises(HorsDUneTransaction):
            lire_en_systeme()


class TestLeCompteDeLaBase:
    def test_un_compte_plus_fort_que_le_mur_est_refuse(self, settings):
        with connection.cursor() as curseur:
            curseur.execute("SELECT current_user, (SELECT rolname FROM pg_roles WHERE rolsuper ORDER BY oid LIMIT 1)")
            proprietaire, superutilisateur = curseur.fetchone()
            assert controles.role_trop_fort(curseur, settings.ROLE_APPLICATION) == []
            assert controles.role_trop_fort(curseur, proprietaire) == ["possède les tables"]
            assert len(controles.role_trop_fort(curseur, superutilisateur)) == 3

    def test_le_controle_parle_hors_des_essais(self, settings):
        settings.ESSAIS = False
        settings.ROLE_APPLICATION = ""
        fautes = controles.refuser_un_role_trop_fort(databases=["default"])
        assert [faute.id for faute in fautes] == ["socle.E003"]
        assert "sécurité par ligne" in fautes[0].msg
