"""Effacer un dossier : deux personnes le décident, les étapes se reprennent, rien ne reste, la chaîne se vérifie."""

import inspect
import json
import uuid
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.module_loading import autodiscover_modules

from securisation.parcours.effacement import registre
from securisation.parcours.effacement.etapes import ETAPES, franchir, interrompre
from securisation.parcours.effacement.presentation import certificat as lire_le_certificat
from securisation.parcours.effacement.rejeu import rejouer
from securisation.parcours.models import Attribution, Effacement, Entourage, Parcours, Personne
from securisation.socle import donnees, outbox
from securisation.socle.declencheurs import modeles_suivis
from securisation.socle.effacement import Titre, effacer_lignes
from securisation.socle.models import Evenement
from securisation.socle.refus import DroitRefuse
from securisation.socle.trace import hors_porte
from securisation.socle.transitions import EtatRefuse
from securisation.socle.verification import verifier
from securisation.tests.distribution import construire_parcours
from securisation.tests.dossiers import construire
from securisation.tests.effacements import decider, demander, effacer, executer

pytestmark = pytest.mark.django_db


@pytest.fixture
def clos(distribution):
    """Un dossier entier, clos, avec un objet de chaque modèle."""
    return construire("clos", distribution)[Parcours]


@pytest.fixture
def demande(parcours, awa):
    """Un effacement demandé par la personne."""
    return demander(parcours, par=awa)


@pytest.fixture
def decide(demande, gaelle, hugo):
    """Un effacement décidé."""
    return decider(demande, gaelle, hugo)


class TestDemander:
    def test_ferme_le_dossier_a_tous_aussitot(self, parcours, awa, bruno, gaelle, hugo):
        demander(parcours, par=awa)
        for compte in (awa, bruno, gaelle, hugo):
            assert not Parcours.objects.visibles_pour(compte).filter(pk=parcours.pk).exists()

    def test_ne_laisse_plus_rien_faire(self, demande, parcours, awa, gaelle, hugo):
        parcours.refresh_from_db()
        for compte in (awa, gaelle, hugo):
            assert not Parcours.autorise(compte, "modifier_personne", parcours)
            assert not Parcours.autorise(compte, "attribuer_role", parcours)

    def test_est_suivi_par_qui_l_a_demande_et_par_les_decideurs_seuls(self, demande, awa, bruno, gaelle, hugo, elsa):
        voient = {c.email for c in (awa, bruno, gaelle, hugo, elsa) if Effacement.objects.visibles_pour(c).exists()}
        assert voient == {awa.email, gaelle.email, hugo.email}

    def test_demande_la_parole_de_la_personne(self, parcours, awa):
        with pytest.raises(ValidationError):
            Effacement(parcours=parcours).demander(par=awa)

    def test_compte_ce_qui_partira_sans_un_mot_du_dossier(self, clos, awa):
        inventaire = demander(clos, par=awa).inventaire
        assert inventaire["document ou fichier,documents et fichiers"] >= 4
        assert all(isinstance(nombre, int) for nombre in inventaire.values())


class TestDecider:
    def test_un_intervenant_ne_decide_pas(self, demande, awa):
        with pytest.raises(DroitRefuse):
            demande.accepter(par=awa)

    def test_une_superviseure_d_ailleurs_ne_decide_pas(self, demande, distribution):
        ailleurs = distribution["elsa"]
        with pytest.raises(DroitRefuse):
            demande.accepter(par=ailleurs)

    def test_le_delegue_ne_decide_pas_en_premier(self, demande, hugo):
        with pytest.raises(EtatRefuse):
            demande.decider(par=hugo)

    def test_la_meme_personne_ne_decide_pas_deux_fois(self, demande, gaelle):
        gaelle.fonctions.create(genre="DPO")
        gaelle.oublier_fonctions()
        demande.accepter(par=gaelle)
        with pytest.raises(DroitRefuse):
            demande.decider(par=gaelle)

    def test_la_base_refuse_une_seule_personne(self, demande, gaelle):
        with pytest.raises(ValidationError), hors_porte("essai"):
            demande.superviseur_par = demande.dpo_par = gaelle
            demande.save()

    def test_un_referent_ne_donne_pas_la_seconde(self, demande, awa, gaelle):
        awa.fonctions.create(genre="DPO")
        awa.oublier_fonctions()
        demande.accepter(par=gaelle)
        with pytest.raises(DroitRefuse):
            demande.decider(par=awa)

    def test_un_refus_rend_le_dossier_a_son_equipe(self, demande, parcours, awa, bruno, gaelle):
        demande.refuser(par=gaelle, motif="Une procédure est en cours.")
        parcours.refresh_from_db()
        assert (parcours.restreint, parcours.effacement_le) == (False, None)
        roles = dict(Attribution.objects.filter(content_object=parcours).values_list("user", "permission__codename"))
        assert roles == {awa.pk: "referent", bruno.pk: "intervenant"}

    def test_rien_ne_s_efface_sans_les_deux_decisions(self, demande, parcours, gaelle):
        demande.accepter(par=gaelle)
        with pytest.raises(ProgrammingError), transaction.atomic():
            effacer_lignes(Titre("effacement", demande.pk, parcours.pk), Parcours, [parcours.pk])


# Ce qu'un travail reçoit sans que ce soit la clé d'un objet de dossier.
AUTRES_CLES = {
    "compte modele le contexte site demande jour essai": "courriels aux professionnels",
    "importation rang levier": "lots d'un tableau déposé, rang d'une étape, ligne du référentiel",
    "effacement ligne edition": "l'effacement lui-même ; ligne d'un lot (son document se retrouve), édition (des nombres)",
    "objets": "clés déjà rangées par modèle, sans contenu",
}


def test_un_travail_nomme_ses_objets_par_leur_modele():
    """Les travaux d'un dossier se retrouvent par là : `document=…`, `copie=…` ; un autre nom leur échapperait."""
    autodiscover_modules("tasks")
    modeles = {modele._meta.model_name for modele in modeles_suivis()}
    connues = modeles | {nom for noms in AUTRES_CLES for nom in noms.split()}
    livres = [fonction for fonction, _ in outbox.TRAVAUX.values() if ".tests" not in fonction.__module__]
    recues = {nom for fonction in livres for nom in inspect.signature(fonction).parameters}
    assert recues
    assert recues - connues == set()


class TestLaBase:
    def test_un_titre_ne_vaut_que_pour_son_parcours(self, decide, ouvrir_un_parcours, awa):
        autre = ouvrir_un_parcours(awa, nom="Roche")
        with pytest.raises(ProgrammingError), transaction.atomic():
            effacer_lignes(Titre("effacement", decide.pk, autre.pk), Parcours, [autre.pk])

    def test_un_titre_n_atteint_pas_les_lignes_d_un_autre_parcours(self, decide, parcours, ouvrir_un_parcours, awa):
        autre = ouvrir_un_parcours(awa, nom="Roche")
        assert effacer_lignes(Titre("effacement", decide.pk, parcours.pk), Parcours, [autre.pk]) == 0
        assert Parcours.history.filter(id=autre.pk).exists()

    @pytest.mark.parametrize("nom", ["inconnu", "x'; DROP TABLE socle_jeton; --", ""])
    def test_un_titre_inconnu_est_refuse(self, decide, parcours, nom):
        with pytest.raises(ProgrammingError), transaction.atomic():
            effacer_lignes(Titre(nom, decide.pk, parcours.pk), Parcours, [parcours.pk])

    def test_le_journal_ne_se_vide_pas_autrement(self, parcours):
        for requete in (
            "UPDATE socle_journal SET charge = '{}'",
            "DELETE FROM parcours_historiqueparcours",
            "UPDATE socle_journal SET motif = 'jalon_effacer_lignes('",
        ):
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as curseur:
                curseur.execute(requete)

    def test_l_application_ne_vide_rien_sans_passer_par_un_titre(self, settings):
        with connection.cursor() as curseur:
            curseur.execute(
                "SELECT has_function_privilege(%s, 'jalon_vider_les_charges(text,bigint,bigint[],bigint[])', 'EXECUTE'), "
                "has_table_privilege(%s, 'socle_journal', 'UPDATE'), has_table_privilege(%s, 'parcours_historiqueparcours', 'DELETE')",
                [settings.ROLE_APPLICATION] * 3,
            )
            assert curseur.fetchone() == (False, False, False)

    def test_chaque_modele_suivi_a_les_tables_que_la_base_attend(self):
        for modele in modeles_suivis():
            label = modele._meta.label_lower
            assert modele._meta.db_table == label.replace(".", "_")
            assert modele.history.model._meta.db_table == label.replace(".", "_historique")
            assert modele._meta.pk.column == "id"


class TestExecuter:
    def test_rien_ne_reste_et_la_chaine_se_verifie(self, clos, awa, gaelle, hugo):
        cle, personne = clos.pk, clos.personne_id
        fait = effacer(clos, par=awa, gaelle=gaelle, hugo=hugo)
        assert fait.etat == Effacement.Etat.EXECUTE
        assert not Parcours.objects.filter(pk=cle).exists()
        assert not Personne.objects.filter(pk=personne).exists()
        restes = {m._meta.label for m in modeles_suivis() if m is not Effacement and m.history.exists()}
        assert restes == set()
        assert verifier().rupture == ""

    def test_une_personne_garde_son_autre_parcours(self, parcours, awa, gaelle, hugo):
        autre = construire_parcours(awa, nom="Roche")
        with hors_porte("essai"):
            autre.personne = parcours.personne
            autre.save()
        personne = parcours.personne
        personne.modifier(par=awa, commune="Mayenne")
        effacer(parcours, par=awa, gaelle=gaelle, hugo=hugo)
        personne.refresh_from_db()
        assert (personne.nom, personne.commune) == ("Diallo", "Mayenne")
        assert verifier().rupture == ""
        effacer(autre, par=awa, gaelle=gaelle, hugo=hugo)
        assert not Personne.objects.filter(pk=personne.pk).exists()
        assert not Personne.history.filter(id=personne.pk).exists()
        assert verifier().rupture == ""

    @pytest.mark.parametrize("arret", range(len(ETAPES)))
    def test_un_arret_au_milieu_d_une_etape_reprend(self, clos, awa, gaelle, hugo, arret):
        """Une étape arrêtée est annulée tout entière : reprise, elle finit comme si rien n'était arrivé."""
        e = executer(decider(demander(clos, par=awa), gaelle, hugo), jusqu_a=arret)
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            franchir(e.pk, arret)
            raise KeyboardInterrupt
        assert executer(e).etat == Effacement.Etat.EXECUTE
        assert verifier().rupture == ""

    def test_une_etape_deux_fois_n_a_qu_un_effet(self, decide):
        for rang in (0, 0, 0, 1, 0, 1):
            with transaction.atomic():
                franchir(decide.pk, rang)
        decide.refresh_from_db()
        assert [etape["code"] for etape in decide.etapes] == ["travaux", "sessions"]

    def test_le_travailleur_va_de_la_premiere_etape_au_certificat(self, decide, travailler):
        travailler()
        decide.refresh_from_db()
        assert decide.etat == Effacement.Etat.EXECUTE

    def test_une_etape_qui_echoue_se_dit_et_se_relance(self, decide, hugo, travailler):
        interrompre(decide.pk)
        decide.refresh_from_db()
        assert "relancez" in decide.incident
        outbox.Du.objects.filter(genre="effacer").delete()
        decide.relancer(par=hugo)
        travailler()
        decide.refresh_from_db()
        assert decide.etat == Effacement.Etat.EXECUTE

    def test_le_certificat_se_verifie_et_ne_dit_rien_de_la_personne(self, clos, awa, gaelle, hugo):
        fait = effacer(clos, par=awa, gaelle=gaelle, hugo=hugo)
        texte = json.dumps(fait.certificat, ensure_ascii=False)
        assert fait.numero.startswith("E-")
        assert lire_le_certificat(fait)["intact"]
        assert "Canarizette" not in texte
        assert clos.numero not in texte
        fait.certificat["inventaire"]["parcours,parcours"] = 2
        assert not lire_le_certificat(fait)["intact"]


class TestPages:
    def adresse(self, nom, effacement):
        return reverse(f"parcours:{nom}", args=[effacement.uuid])

    @pytest.mark.parametrize("qui", ["bruno", "elsa", "farid", "chloe", "driss", "ines", "jean"])
    def test_qui_n_en_decide_pas_ne_trouve_rien(self, client, distribution, demande, qui):
        client.force_login(distribution[qui])
        for nom in ("effacement", "decider_effacement", "refuser_effacement", "certificat", "certificat_pdf"):
            assert client.get(self.adresse(nom, demande)).status_code == 404
        for nom in ("effacement", "decider_effacement", "refuser_effacement", "relancer_effacement"):
            assert client.post(self.adresse(nom, demande)).status_code == 404

    def test_qui_a_demande_suit_sans_decider(self, client, demande, awa):
        client.force_login(awa)
        assert client.get(self.adresse("effacement", demande)).status_code == 200
        assert client.get(self.adresse("decider_effacement", demande)).status_code == 403
        assert client.post(self.adresse("decider_effacement", demande)).status_code == 403
        assert client.post(self.adresse("refuser_effacement", demande), {"motif": "Non."}).status_code == 403
        demande.refresh_from_db()
        assert demande.etat == Effacement.Etat.DEMANDE

    def test_un_double_envoi_ne_donne_qu_une_decision(self, client, demande, gaelle):
        client.force_login(gaelle)
        envoi = {"jeton": str(uuid.uuid4())}
        reponses = [client.post(self.adresse("decider_effacement", demande), envoi).status_code for _ in range(2)]
        demande.refresh_from_db()
        assert (reponses, demande.etat) == ([302, 302], Effacement.Etat.ACCEPTE)

    def test_une_confirmation_ancienne_ne_relance_rien(self, client, decide, hugo):
        interrompre(decide.pk)
        client.force_login(hugo)
        session = client.session
        session.pop("confirme_le", None)
        session.save()
        refus = client.post(self.adresse("relancer_effacement", decide))
        decide.refresh_from_db()
        assert (refus.status_code, "relancez" in decide.incident) == (403, True)

    def test_la_demande_dit_qui_lira_encore(self, client, parcours, awa):
        client.force_login(awa)
        page = client.get(reverse("parcours:demander_effacement", args=[parcours.uuid])).text
        assert "son équipe ne le lit plus" in page and "jusqu’à la fin de cette ouverture" in page

    def test_une_confirmation_ancienne_ne_decide_rien(self, client, demande, gaelle):
        client.force_login(gaelle)
        session = client.session
        session.pop("confirme_le", None)
        session.save()
        assert client.get(self.adresse("decider_effacement", demande)).status_code == 302
        assert client.post(self.adresse("decider_effacement", demande)).status_code == 403
        demande.refresh_from_db()
        assert demande.etat == Effacement.Etat.DEMANDE

    def test_un_motif_hostile_s_affiche_tel_quel(self, client, demande, gaelle):
        client.force_login(gaelle)
        client.post(self.adresse("refuser_effacement", demande), {"motif": "<script>alert(1)</script>"})
        page = client.get(self.adresse("effacement", demande)).content.decode()
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page

    def test_le_certificat_attend_la_fin(self, client, demande, hugo):
        client.force_login(hugo)
        for nom in ("certificat", "certificat_pdf"):
            assert client.get(self.adresse(nom, demande)).status_code == 409

    def test_le_registre_est_au_delegue_et_son_export_s_inscrit(self, client, awa, hugo):
        client.force_login(awa)
        assert client.get(reverse("parcours:registre_effacements")).status_code == 403
        client.force_login(hugo)
        assert client.get(reverse("parcours:registre_effacements")).status_code == 200
        assert Evenement.objects.filter(action="export", acteur=hugo).exists()

    def test_une_liste_pleine_compte_ses_requetes(self, client, hugo, awa, parcours, ouvrir_un_parcours):
        client.force_login(hugo)
        comptes = []
        for rang in range(3):
            demander(ouvrir_un_parcours(awa, nom=f"Roche{rang}"), par=awa)
            with CaptureQueriesContext(connection) as lues:
                assert client.get(reverse("parcours:effacements")).status_code == 200
            comptes.append(len(lues))
        assert comptes[1] == comptes[2]


class TestRejouer:
    def test_un_dossier_rendu_par_une_sauvegarde_s_efface_de_nouveau(self, parcours, ouvrir_un_parcours, awa):
        autre = ouvrir_un_parcours(awa, nom="Roche")
        ligne = {"numero": "E-2026-0007", "dossier": demander(parcours, par=awa).empreinte_du_parcours}
        assert rejouer([ligne]) == ["E-2026-0007"]
        assert not Parcours.objects.filter(pk=parcours.pk).exists()
        assert Parcours.objects.filter(pk=autre.pk).exists()
        assert rejouer([ligne]) == []
        assert verifier().rupture == ""

    def test_le_fichier_garde_chaque_effacement_une_fois(self, parcours, awa, gaelle, hugo, settings, tmp_path):
        settings.REGISTRE_DES_EFFACEMENTS = str(tmp_path / "hors" / "registre.jsonl")
        fait = effacer(parcours, par=awa, gaelle=gaelle, hugo=hugo)
        registre.inscrire_au_fichier(fait)
        lignes = registre.lire_fichier(settings.REGISTRE_DES_EFFACEMENTS)
        assert [ligne["numero"] for ligne in lignes] == [fait.numero]
        assert registre.exporter() == Path(settings.REGISTRE_DES_EFFACEMENTS).read_text(encoding="utf-8")

    def test_une_ligne_coupee_par_une_panne_ne_cache_pas_les_autres(self, tmp_path):
        fichier = tmp_path / "registre.jsonl"
        fichier.write_text('{"numero": "E-1", "dossier": "a"}\n{"numero": "E-2", "dos', encoding="utf-8")
        assert [ligne["numero"] for ligne in registre.lire_fichier(fichier)] == ["E-1"]

    def test_la_commande_ne_fait_rien_sans_le_mot(self, parcours, awa, tmp_path, capsys):
        fichier = tmp_path / "registre.jsonl"
        ligne = {"numero": "E-2026-0007", "dossier": demander(parcours, par=awa).empreinte_du_parcours}
        fichier.write_text(json.dumps(ligne) + "\n", encoding="utf-8")
        call_command("rejouer_effacements", str(fichier))
        assert "dossier effacé est revenu" in capsys.readouterr().out
        assert Parcours.objects.filter(pk=parcours.pk).exists()
        call_command("rejouer_effacements", str(fichier), "--executer")
        assert not Parcours.objects.filter(pk=parcours.pk).exists()


class TestEtiquettes:
    def test_chaque_champ_de_chaque_modele_est_etiquete(self):
        assert donnees.fautes() == []

    def test_un_champ_sans_etiquette_dit_la_ligne_a_ecrire(self):
        tables = donnees.tables()
        tables.donnees["parcours.Entourage"] = donnees.Donnees(
            "accompagnement", donnees.DOSSIER, tiers="nom nom fantome"
        )
        del tables.donnees["parcours.Personne"]
        fautes = donnees.fautes(tables, [Entourage, Personne])
        assert any("parcours.Entourage.lien : sans étiquette" in faute for faute in fautes)
        assert any("fantome : étiquette d'un champ qui n'existe pas" in faute for faute in fautes)
        assert any("nom : étiqueté deux fois" in faute for faute in fautes)
        assert any('"Personne": Donnees(' in faute for faute in fautes)

    def test_le_registre_imprime_est_a_jour(self, settings):
        """Sinon : make manage ARGS=imprimer_registre."""
        imprime = (Path(settings.BASE_DIR) / "docs" / "registre.md").read_text(encoding="utf-8")
        assert imprime == donnees.en_texte()

    def test_le_registre_dit_chaque_traitement(self, client, hugo):
        client.force_login(hugo)
        page = client.get(reverse("parcours:registre_traitements")).content.decode()
        for traitement in donnees.tables().traitements.values():
            assert traitement.nom in page
