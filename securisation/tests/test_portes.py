"""La porte d'écriture : verrou, état, droit, accord, version, trace."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db.models import F
from django.urls import reverse

from securisation.annuaire.models import Finalite
from securisation.parcours.models import Accord, Attribution, Parcours, Personne, Qualification
from securisation.parcours.roles import attribuer_role, retirer_role
from securisation.socle import horloge
from securisation.socle.models import Evenement
from securisation.socle.refus import DroitRefuse, Introuvable
from securisation.socle.trace import HorsDeLaPorte, hors_porte
from securisation.socle.transitions import REGISTRE, Conflit, EtatRefuse
from securisation.synthese.liste import lire_liste

pytestmark = pytest.mark.django_db


class TestOuvrir:
    def test_donne_un_numero_de_l_annee(self, parcours):
        assert parcours.numero == f"P-{horloge.aujourd_hui().year}-0001"

    def test_fait_de_qui_ouvre_le_referent(self, parcours, awa):
        assert parcours.roles_de(awa) == {"referent"}

    def test_doit_une_qualification_sous_sept_jours(self, parcours):
        parcours.refresh_from_db()
        assert parcours.echeance == parcours.recue_le + datetime.timedelta(days=7)
        assert set(parcours.attributions.values_list("echeance", flat=True)) == {parcours.echeance}

    def test_refuse_une_date_a_venir(self, awa, parcours):
        with pytest.raises(ValidationError, match="avenir"):
            Parcours(personne=parcours.personne).ouvrir(
                par=awa, recue_le=horloge.aujourd_hui() + datetime.timedelta(days=1), origine=parcours.origine
            )

    def test_refuse_un_partenaire(self, chloe):
        with pytest.raises(DroitRefuse):
            Personne().enregistrer(par=chloe, nom="X")

    def test_refuse_une_personne_sans_nom_ni_pseudonyme(self, awa):
        with pytest.raises(ValidationError, match="pseudonyme"):
            Personne().enregistrer(par=awa)


class TestPorteDEcriture:
    def test_refuse_save_hors_transition(self, parcours):
        with pytest.raises(HorsDeLaPorte):
            parcours.save()

    @pytest.mark.parametrize("acte", ["update", "delete", "bulk_create", "bulk_update"])
    def test_refuse_les_ecritures_en_masse(self, acte):
        with pytest.raises(HorsDeLaPorte):
            getattr(Parcours.objects.all(), acte)()

    def test_refuse_un_etat(self, parcours, awa):
        admis = Qualification(parcours=parcours)
        with pytest.raises(DroitRefuse):
            parcours.admettre(par=awa)
        assert admis.pk is None

    def test_rend_l_objet_intact_apres_un_refus(self, parcours, awa):
        with pytest.raises(ValidationError):
            parcours.interrompre(par=awa, motif="sans_contact")
        assert parcours.etat == Parcours.Etat.ORIENTE
        assert parcours.motif_interruption == ""

    def test_refuse_une_version_depassee(self, parcours, awa):
        version = parcours.version
        parcours.modifier(par=awa, version=version, demande="Texte un")
        with pytest.raises(Conflit) as conflit:
            Parcours.objects.get(pk=parcours.pk).modifier(par=awa, version=version, demande="Texte deux")
        assert conflit.value.objet.demande == "Texte un"
        assert conflit.value.saisie == {"demande": "Texte deux"}

    def test_une_ligne_partie_entre_temps_est_introuvable(self, parcours_admis, awa):
        accord = parcours_admis.accords.first()
        accord.pk = 0
        with pytest.raises(Introuvable):
            accord.retirer(par=awa)

    def test_refuse_d_ecrire_sur_un_parcours_interrompu(self, parcours, awa):
        parcours.interrompre(par=awa, motif="souhait")
        with pytest.raises(EtatRefuse, match="clos"):
            parcours.personne.modifier(par=awa, commune="Angers")

    def test_refuse_un_champ_inconnu(self, parcours, awa):
        with pytest.raises(TypeError):
            parcours.modifier(par=awa, etat="clos")

    def test_dit_la_contrainte_en_francais(self, parcours, awa):
        with pytest.raises(ValidationError, match="après 1900"):
            parcours.personne.modifier(par=awa, annee_naissance=1800)

    def test_refuse_un_caractere_nul(self, parcours, awa):
        with pytest.raises(ValidationError, match="NUL"):
            parcours.modifier(par=awa, demande="a\x00b")

    def test_chaque_transition_dit_ce_qu_elle_fait(self):
        assert [regle for regle in REGISTRE if not regle.doc] == []


def hier():
    return horloge.aujourd_hui() - datetime.timedelta(days=1)


def demain():
    return horloge.aujourd_hui() + datetime.timedelta(days=1)


def dans_deux_mois():
    return horloge.aujourd_hui() + datetime.timedelta(days=60)


def recueillir(parcours, code, par, **champs):
    """Recueille un accord écrit de cette finalité, aujourd'hui si `le` n'est pas dit."""
    champs = {"le": horloge.aujourd_hui(), "mode": "écrit signé"} | champs
    return Accord(parcours=parcours, finalite=Finalite.objects.get(code=code)).recueillir(par=par, **champs)


class TestAccord:
    def test_un_retrait_mord_tout_de_suite(self, parcours_admis, awa):
        accord = parcours_admis.accords.get(finalite__code="ADHESION")
        assert parcours_admis.a_accord("ADHESION")
        accord.retirer(par=awa, motif="Préfère faire seule.")
        assert not parcours_admis.a_accord("ADHESION")
        parcours_admis.refresh_from_db()
        assert (parcours_admis.etat, parcours_admis.motif_interruption) == ("interrompu", "adhesion_retiree")
        assert not parcours_admis.echeances.exists()

    def test_un_partage_nomme_destinataire_axes_et_duree(self, parcours_admis, awa):
        with pytest.raises(ValidationError, match="destinataire"):
            recueillir(parcours_admis, "PARTAGE", awa)

    def test_le_meme_accord_ne_court_pas_deux_fois(self, parcours_admis, awa):
        for code in ("INFORMATION", "ADHESION"):
            with pytest.raises(ValidationError, match="court déjà"):
                recueillir(parcours_admis, code, awa)
        assert parcours_admis.accords.count() == 2

    def test_deux_destinataires_ou_deux_canaux_sont_deux_accords(self, parcours_admis, awa):
        for nom in ("CAF", "Bailleur"):
            recueillir(parcours_admis, "PARTAGE", awa, partenaire=nom, axes=["LOG"], jusqu_au=dans_deux_mois())
        for canal in ("SMS", "courriel"):
            recueillir(parcours_admis, "CONTACT", awa, canal=canal)
        assert parcours_admis.accords.en_cours().count() == 6
        with pytest.raises(ValidationError, match="court déjà"):
            recueillir(parcours_admis, "PARTAGE", awa, partenaire="caf", axes=["BUD"], jusqu_au=dans_deux_mois())
        with pytest.raises(ValidationError, match="court déjà"):
            recueillir(parcours_admis, "CONTACT", awa, canal="SMS")

    def test_l_adhesion_suit_l_information(self, parcours, awa):
        with pytest.raises(ValidationError, match="information remise"):
            recueillir(parcours, "ADHESION", awa)
        recueillir(parcours, "INFORMATION", awa)
        with pytest.raises(ValidationError, match="information remise"):
            recueillir(parcours, "ADHESION", awa, le=hier())
        recueillir(parcours, "ADHESION", awa)
        assert parcours.a_accord("ADHESION")

    def test_l_information_ne_se_retire_pas(self, parcours_admis, awa, client):
        information = parcours_admis.accords.get(finalite__code="INFORMATION")
        with pytest.raises(EtatRefuse, match="ne se retire pas"):
            information.retirer(par=awa)
        client.force_login(awa)
        page = client.get(reverse("parcours:retirer_accord", args=[information.uuid]))
        assert page.status_code == 409
        assert parcours_admis.a_accord("INFORMATION")

    def test_un_nouvel_accord_ne_precede_pas_le_retrait(self, parcours_admis, awa):
        recueillir(parcours_admis, "SENSIBLE", awa).retirer(par=awa)
        with pytest.raises(ValidationError, match="a retiré cet accord"):
            recueillir(parcours_admis, "SENSIBLE", awa, le=hier())
        recueillir(parcours_admis, "SENSIBLE", awa)
        assert parcours_admis.a_accord("SENSIBLE")

    def test_apres_un_retrait_aucune_ligne_du_meme_accord_ne_vaut(self, parcours_admis, awa):
        adhesion = parcours_admis.accords.get(finalite__code="ADHESION")
        recueillir(parcours_admis, "CONTACT", awa, canal="SMS")
        with hors_porte("lignes d'avant la règle", par=awa):
            for _fois in range(2):
                Accord(parcours=parcours_admis, finalite=adhesion.finalite, le=hier(), mode="oral").save()
        assert parcours_admis.accords.en_cours().filter(finalite=adhesion.finalite).count() == 3
        adhesion.retirer(par=awa, motif="Préfère faire seule.")
        assert not parcours_admis.a_accord("ADHESION")
        retraits = parcours_admis.accords.filter(finalite=adhesion.finalite).values_list(
            "retire_le", "motif_du_retrait"
        )
        assert set(retraits) == {(horloge.aujourd_hui(), "Préfère faire seule.")}
        assert parcours_admis.a_accord("CONTACT")


class TestRoles:
    def test_un_seul_referent(self, parcours, awa, bruno):
        attribuer_role(parcours, bruno, "referent", par=awa)
        assert parcours.roles_de(bruno) == {"referent"}
        assert parcours.roles_de(awa) == set()

    def test_un_parcours_garde_toujours_un_referent(self, parcours, awa, gaelle):
        for par in (awa, gaelle):
            with pytest.raises(ValidationError, match="référent"):
                attribuer_role(parcours, awa, "lecteur", par=par)
        assert parcours.roles_de(awa) == {"referent"}

    def test_un_conflit_declare_refuse(self, parcours, awa, bruno):
        with pytest.raises(ValidationError, match="conflit"):
            attribuer_role(parcours, bruno, "referent", par=awa, absence_de_conflit=False)
        assert parcours.roles_de(awa) == {"referent"}

    def test_un_retrait_ferme_a_la_requete_suivante(self, parcours, awa, bruno):
        retirer_role(parcours, bruno, par=awa)
        assert not Parcours.objects.visibles_pour(bruno).exists()

    def test_une_intervenante_n_attribue_pas(self, parcours, bruno, elsa):
        with pytest.raises(DroitRefuse):
            attribuer_role(parcours, elsa, "lecteur", par=bruno)

    def test_un_role_se_donne_dans_l_equipe_du_parcours(self, parcours, awa, elsa):
        with pytest.raises(ValidationError, match="équipe du parcours"):
            attribuer_role(parcours, elsa, "lecteur", par=awa)
        assert parcours.roles_de(elsa) == set()

    @pytest.mark.parametrize("ailleurs", ["nantes", "nulle part"])
    def test_changer_d_equipe_retire_les_roles_et_dit_pourquoi(self, parcours, awa, bruno, elsa, ailleurs):
        bruno.equipe = elsa.equipe if ailleurs == "nantes" else None
        bruno.save()
        assert list(parcours.attributions.values_list("user", flat=True)) == [awa.pk]
        assert not Parcours.objects.visibles_pour(bruno).exists()
        trace = Attribution.history.filter(user=bruno).first()
        assert (trace.history_type, trace.history_change_reason) == ("-", "changement d'équipe")
        dernier = Evenement.objects.filter(chaine=parcours.pk).order_by("-seq").first()
        assert (dernier.action, dernier.motif) == ("suppression", "changement d'équipe")

    def test_changer_de_metier_laisse_les_roles(self, parcours, bruno):
        bruno.metier = "Éducateur"
        bruno.save()
        assert parcours.roles_de(bruno) == {"intervenant"}

    def test_un_retour_dans_l_equipe_ne_rend_aucun_role(self, parcours, bruno, elsa):
        laval = bruno.equipe
        for equipe in (elsa.equipe, laval):
            bruno.equipe = equipe
            bruno.save()
        assert not Parcours.objects.visibles_pour(bruno).exists()


class TestParcoursFige:
    @pytest.fixture
    def fige(self, parcours, awa):
        parcours.interrompre(par=awa, motif="demenagement", precisions="Part vivre à Rennes.")
        return parcours

    def test_garde_le_motif_et_les_precisions(self, fige):
        fige.refresh_from_db()
        assert fige.get_motif_interruption_display() == "Déménagement hors du territoire"
        assert fige.precisions_interruption == "Part vivre à Rennes."

    def test_change_de_referent_et_declare(self, fige, awa, bruno):
        attribuer_role(fige, bruno, "referent", par=awa, absence_de_conflit=True)
        assert fige.roles_de(bruno) == {"referent"}
        assert fige.declarations.get().professionnel == bruno

    def test_se_restreint_avec_son_motif(self, fige, awa, gaelle, client):
        client.force_login(awa)
        adresse = reverse("parcours:restreindre", args=[fige.uuid])
        assert client.post(adresse, {"version": fige.version}).status_code == 422
        envoi = {"version": fige.version, "raison": "proche", "motif": "Voisine d'une collègue."}
        assert client.post(adresse, envoi).status_code == 302
        fige.refresh_from_db()
        assert (fige.restreint, fige.motif_restriction) == (True, "Voisine d'une collègue.")
        assert not Parcours.objects.visibles_pour(gaelle).exists()

    def test_ne_recoit_rien_d_autre(self, fige, awa):
        with pytest.raises(EtatRefuse, match="clos"):
            recueillir(fige, "INFORMATION", awa)


class TestVisibles:
    def test_liste_et_definition_disent_la_meme_chose(self, parcours, distribution):
        for compte in distribution.values():
            vus = set(Parcours.objects.visibles_pour(compte).values_list("pk", flat=True))
            assert vus == {ligne.cle for ligne in lire_liste(compte)[0]}
            attendu = compte.email.split("@")[0] in {"awa", "bruno", "gaelle"}
            assert bool(vus) == attendu, compte.email

    def test_un_parcours_restreint_quitte_la_vue_de_l_equipe(self, parcours, awa, gaelle):
        parcours.restreindre(par=awa, restreint=True)
        assert not Parcours.objects.visibles_pour(gaelle).exists()


class TestJournal:
    def test_chaque_ecriture_a_son_maillon_et_son_acteur(self, parcours, awa):
        parcours.modifier(par=awa, demande="Autre")
        dernier = Evenement.objects.filter(chaine=parcours.pk).order_by("-seq").first()
        assert (dernier.action, dernier.motif, dernier.acteur_id) == ("modification", "modifier", awa.pk)
        assert dernier.charge["champs"] == ["demande"]

    def test_une_ecriture_sans_changement_ne_dit_rien(self, parcours, awa):
        def traces():
            return parcours.personne.history.count(), Evenement.objects.count()

        personne, avant = Personne.objects.filter(pk=parcours.personne_id), traces()
        with hors_porte("essai", par=awa):
            assert personne.en_masse().update(commune=F("commune"), nom="Diallo") == 1
            assert traces() == avant
            personne.en_masse().update(commune="Craon")
        assert traces() == (avant[0] + 1, avant[1] + 1)

    def test_une_echeance_recopiee_par_la_base_ne_dit_rien(self, parcours):
        avant, prochaine = (parcours.history.count(), Evenement.objects.count()), horloge.aujourd_hui()
        parcours.poser_echeance("essai", prochaine, "Essai")
        parcours.refresh_from_db()
        assert parcours.echeance == prochaine
        assert (parcours.history.count(), Evenement.objects.count()) == avant

    def test_l_historique_sait_qui_et_pourquoi(self, parcours, awa):
        parcours.modifier(par=awa, demande="Autre")
        nouvelle, ancienne = parcours.history.all()[:2]
        assert (nouvelle.history_user, nouvelle.history_change_reason) == (awa, "modifier")
        assert {ecart.field for ecart in nouvelle.diff_against(ancienne).changes} >= {"demande"}

    def test_hors_porte_dit_sa_raison(self, parcours, awa):
        with hors_porte("correction de la commune", par=awa):
            Personne.objects.filter(pk=parcours.personne_id).en_masse().update(commune="Craon")
        trace = parcours.personne.history.first()
        assert (trace.commune, trace.history_change_reason) == ("Craon", "correction de la commune")


class TestPorteDeLecture:
    def test_une_saisie_refusee_montre_la_page_donc_se_lit_au_journal(self, parcours, awa, client):
        client.force_login(awa)
        adresse = reverse("parcours:modifier_personne", args=[parcours.uuid])
        for envoi, statut in (({"nom": ""}, 422), ({}, 200)):
            lectures = Evenement.objects.filter(chaine=parcours.pk, action="lecture")
            avant = lectures.count()
            assert client.post(adresse, envoi).status_code == statut
            assert lectures.count() == avant + 1

    def test_afficher_les_coordonnees_s_inscrit_une_fois(self, parcours, awa, client):
        client.force_login(awa)
        client.post(reverse("parcours:reveler", args=[parcours.uuid]))
        assert Evenement.objects.filter(chaine=parcours.pk, action="coordonnees").count() == 1

    @pytest.mark.parametrize("envoi", [{"nom": ["a\x00", "b"]}, {"a\x00b": "c"}])
    def test_refuse_un_nul_ou_qu_il_soit(self, parcours, awa, client, envoi):
        client.force_login(awa)
        adresse = reverse("parcours:modifier_personne", args=[parcours.uuid])
        assert client.post(adresse, envoi).status_code == 422
        assert "NUL" in client.post(adresse, envoi).content.decode()


class TestRepondre:
    def test_n_acquitte_que_la_reponse_a_la_personne(self, parcours_admis, awa):
        jour = horloge.aujourd_hui()
        parcours_admis.poser_echeance("reponse", jour, "Réponse attendue : dossier FSL", source="action:1")
        parcours_admis.qualification.repondre(par=awa, reponse_donnee_le=jour)
        assert parcours_admis.echeances.filter(nature="reponse", source="action:1").exists()
