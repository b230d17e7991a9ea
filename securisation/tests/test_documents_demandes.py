"""La page « Documents » : ce qui se demande, quand, une seule fois ; ce que ferme un accord qui cesse."""

import pytest
from django.test import Client
from django.urls import reverse

from interventions.models import Action, Intervention
from outils.livrables import documents as livrables
from securisation.annuaire.models import Facteur
from securisation.coordination.tests.conftest import partager
from securisation.documents import genres
from securisation.documents.instantane import revele_la_sante
from securisation.documents.models import Document, Etat
from securisation.documents.tasks import produire_document
from securisation.documents.tests.schema import ecarts
from securisation.parcours import attestation, retraits
from securisation.parcours.consequences import consequences
from securisation.socle import horloge
from securisation.socle.models import Evenement
from securisation.socle.refus import Refus
from securisation.socle.transitions import DroitRefuse, EtatRefuse
from securisation.synthese.documents.presentation import contexte
from securisation.synthese.reprise import rejouer
from securisation.synthese.tests.test_reprise import DOSSIERS
from securisation.tests import dossiers
from securisation.tests.distribution import lecteur_de
from securisation.tests.dossiers import Parcours, produire
from securisation.tests.effacements import dans

pytestmark = pytest.mark.django_db
CONNECTEUR = "securisation.comptes.backends.Connexion"


@pytest.fixture
def connecte():
    """`connecte(awa)` : un navigateur sous ce compte."""

    def ouvrir(professionnel):
        client = Client()
        client.force_login(professionnel, backend=CONNECTEUR)
        return client

    return ouvrir


@pytest.fixture
def objets(awa, bruno):
    """Une intervention qui court, son diagnostic produit."""
    return dossiers.en_intervention(awa, bruno)


@pytest.fixture
def parcours(objets):
    return objets[Parcours]


def page(parcours):
    return reverse("synthese:documents", args=[parcours.uuid])


def demander(client, parcours, genre, pour=""):
    return client.post(reverse("synthese:demander_document", args=[parcours.uuid]), {"genre": genre, "pour": str(pour)})


class TestPage:
    def test_dit_ce_qui_se_demande_et_pourquoi_le_reste_pas_encore(self, connecte, parcours, awa):
        demandes = {d["nom"]: d["pas_encore"] for d in connecte(awa).get(page(parcours)).context["demandes"]}
        assert demandes["Plan d’intervention"] == ""
        assert demandes["Diagnostic, version facile à lire"] == ""
        assert demandes["Attestation d’accompagnement"] == ""
        assert (
            demandes["Plan d’intervention, version facile à lire"]
            == "Elle redit le plan d’intervention : demandez-le d’abord."
        )
        assert "une fois la sortie validée" in demandes["Bilan, version facile à lire"]
        assert "validation de la sortie" in demandes["Bilan de sécurisation du parcours"]
        assert "depuis la page d’une démarche" in demandes["Courrier"]
        assert "Diagnostic de sécurisation du parcours" not in demandes  # il existe, et ne se demande pas
        raisons = list(demandes.values())
        assert raisons == sorted(raisons, key=bool)  # ce qui se demande d'abord

    def test_a_l_etat_vide_dit_ce_qui_viendra(self, connecte, awa, bruno):
        vide = dossiers.oriente(awa, bruno)[Parcours]
        reponse = connecte(awa).get(page(vide))
        assert "Les documents apparaîtront ici" in reponse.text
        assert all(d["pas_encore"] for d in reponse.context["demandes"])

    def test_un_parcours_fini_avant_le_diagnostic_ne_promet_rien(self, connecte, awa, bruno):
        dossier = dossiers.admis(awa, bruno)[Parcours]
        dossier.interrompre(par=awa, motif="souhait")
        reponse = connecte(awa).get(page(dossier))
        assert "Parcours interrompu avant le diagnostic" in reponse.text
        assert [d["nom"] for d in reponse.context["demandes"]] == ["Attestation d’accompagnement"]

    def test_un_parcours_non_admis_le_dit_en_une_phrase(self, awa, bruno):
        dossier = dossiers.oriente(awa, bruno)[Parcours]
        dossier.etat = Parcours.Etat.NON_ADMIS
        montre = contexte(dossier, awa)
        assert montre["fini"] == "Parcours non admis" and montre["demandes"] == []

    def test_mene_aux_accords_et_aux_droits(self, connecte, awa, bruno):
        dossier = dossiers.oriente(awa, bruno)[Parcours]
        texte = connecte(awa).get(page(dossier)).text
        for suite in (">Voir les accords</a>", ">Droits de la personne</a>"):
            assert suite in texte

    def test_les_livrables_ont_un_exemplaire_de_chaque_version_facile(self, parcours):
        (donnees,) = livrables.exemplaires(genres.genre("facile_plan"))
        assert donnees["de"] == "plan" and donnees["document"]["numero"].startswith("IF-")
        assert not parcours.documents.filter(genre="plan").exists()  # demandé le temps de le lire

    def test_range_par_genre_et_dit_l_etat(self, connecte, parcours, awa):
        client = connecte(awa)
        demander(client, parcours, "plan")
        lignes = {g["nom"]: [d["mot"] for d in g["documents"]] for g in client.get(page(parcours)).context["groupes"]}
        assert lignes == {
            "Diagnostic de sécurisation du parcours": ["Valide"],
            "Plan d’intervention": ["En préparation"],
        }

    def test_une_autre_equipe_ne_la_trouve_pas(self, connecte, parcours, elsa):
        client = connecte(elsa)
        assert client.get(page(parcours)).status_code == 404
        assert demander(client, parcours, "plan").status_code == 404
        assert Document.objects.filter(genre="plan").count() == 0

    def test_qui_lit_seulement_ne_demande_pas(self, connecte, parcours, awa):
        lectrice = lecteur_de(parcours, awa)
        client = connecte(lectrice)
        reponse = client.get(page(parcours))
        assert reponse.status_code == 200 and 'name="genre"' not in reponse.text
        assert demander(client, parcours, "plan").status_code == 403
        with pytest.raises(DroitRefuse):
            parcours.demander_document(par=lectrice, genre="plan")

    @pytest.mark.parametrize(
        ("genre", "pour"),
        [("copie", ""), ("registre", ""), ("zyx", ""), ("", ""), ("liaison", "pas-une-cle"), ("liaison", "")],
    )
    def test_un_genre_forge_est_introuvable(self, connecte, parcours, awa, genre, pour):
        assert demander(connecte(awa), parcours, genre, pour).status_code == 404

    @pytest.mark.parametrize("genre", ["diagnostic", "bilan", "courrier"])
    def test_ce_qui_se_produit_par_son_acte_ne_se_demande_pas(self, connecte, parcours, awa, genre):
        assert demander(connecte(awa), parcours, genre).status_code == 409


class TestDemander:
    def test_deux_fois_n_en_fait_qu_un(self, connecte, parcours, awa):
        client = connecte(awa)
        premiere, seconde = (demander(client, parcours, "plan") for _ in range(2))
        plan = Document.objects.get(genre="plan")
        assert premiere.url == seconde.url == reverse("documents:suivi", args=[plan.uuid])
        assert (plan.numero[:2], ecarts(plan.donnees)) == ("I-", [])

    @pytest.mark.parametrize("genre", ["plan", "facile_plan"])
    def test_la_sortie_ouverte_aucun_plan_ne_se_demande(self, connecte, awa, bruno, gaelle, genre):
        parcours = dossiers.en_sortie(awa, bruno, gaelle)[Parcours]
        assert (parcours.etat, parcours.intervention.etat) == ("sortie", "en_cours")
        client = connecte(awa)
        reponse = demander(client, parcours, genre)
        assert reponse.status_code == 409 and "L’intervention est finie" in reponse.text
        dites = {d["genre"].code: d["pas_encore"] for d in client.get(page(parcours)).context["demandes"]}
        assert "L’intervention est finie" in dites[genre]
        assert not Document.objects.filter(parcours=parcours, genre=genre).exists()

    def test_un_parcours_clos_ne_montre_que_ce_qui_s_y_demande(self, connecte, awa, bruno, gaelle):
        parcours = dossiers.clos(awa, bruno, gaelle)[Parcours]
        dites = {d["genre"].code: d["pas_encore"] for d in connecte(awa).get(page(parcours)).context["demandes"]}
        assert "attestation" in dites and not {"plan", "facile_plan", "courrier"} & dites.keys()
        assert not any(dites.values())

    def test_un_destinataire_invente_ne_fait_pas_un_second_plan(self, parcours, awa):
        parcours.demander_document(par=awa, genre="plan")
        parcours.demander_document(par=awa, genre="plan", pour="01980000-0000-7000-8000-000000000000")
        assert Document.objects.filter(genre="plan").count() == 1

    def test_pendant_un_changement_c_est_l_instantane_de_la_demande(self, objets, parcours, awa):
        parcours.demander_document(par=awa, genre="plan")
        plan = Document.objects.get(genre="plan")
        objets[Action].modifier(par=awa, intitule="Changée après coup")
        produire_document(plan.pk)
        plan.refresh_from_db()
        assert plan.etat == Etat.PRODUIT and "Changée après coup" not in str(plan.donnees)
        parcours.demander_document(par=awa, genre="plan")
        suivant = Document.objects.get(genre="plan", edition=2)
        assert "Changée après coup" in str(suivant.donnees) and suivant.donnees["document"]["remplace"] == plan.numero

    def test_sans_adhesion_il_est_refuse_avec_la_raison(self, connecte, parcours, awa, laisser_finir):
        laisser_finir(parcours, "ADHESION")
        reponse = demander(connecte(awa), parcours, "plan")
        assert reponse.status_code == 409 and "demande un accord en cours" in reponse.text
        raisons = [
            d["pas_encore"] for d in connecte(awa).get(page(parcours)).context["demandes"] if d["genre"].code == "plan"
        ]
        assert "accord en cours" in raisons[0]

    def test_sans_l_accord_sensible_le_plan_tait_ce_qui_revele_la_sante(self, objets, parcours, awa, laisser_finir):
        facteur = Facteur.objects.get(code="ADM-03")
        evaluation = objets[Intervention].diagnostic.evaluations.get(axe__code="ADM")
        with dossiers.hors_porte("essai", par=awa):
            dossiers.FacteurRetenu(evaluation=evaluation, facteur=facteur, constate="constaté", note="Secretzyx").save()
        parcours.demander_document(par=awa, genre="plan")
        assert revele_la_sante(Document.objects.get(genre="plan").donnees)
        laisser_finir(parcours, "SENSIBLE")
        parcours.demander_document(par=awa, genre="plan")
        donnees = Document.objects.get(genre="plan", edition=2).donnees
        assert not revele_la_sante(donnees) and "ADM-03" not in str(donnees)

    def test_la_demande_est_au_journal(self, connecte, parcours, awa):
        demander(connecte(awa), parcours, "attestation")
        faits = Evenement.objects.filter(chaine=parcours.pk, modele="documents.document", action="creation")
        assert faits.filter(objet=Document.objects.get(genre="attestation").pk).exists()


class TestFacile:
    @pytest.fixture
    def facile(self, parcours, awa):
        parcours.demander_document(par=awa, genre="facile_diagnostic")
        return produire(Document.objects.get(genre="facile_diagnostic"))

    def relire(self, client, document, **champs):
        jour = f"{horloge.aujourd_hui():%d/%m/%Y}"
        saisie = {"relue": "on", "le": jour, "avec": "un groupe de lecture", "version": document.version}
        return client.post(reverse("synthese:relecture", args=[document.uuid]), saisie | champs)

    def test_relue_elle_se_dit_falc_et_le_reste_si_rien_ne_change(self, connecte, parcours, facile, awa):
        facile.refresh_from_db()
        reponse = self.relire(connecte(awa), facile)
        relue = Document.objects.get(genre="facile_diagnostic", edition=2)
        assert reponse.url == reverse("documents:suivi", args=[relue.uuid])
        assert relue.donnees["relecture"] == {"le": horloge.aujourd_hui().isoformat(), "avec": "un groupe de lecture"}
        assert "FALC" in genres.genre("facile_diagnostic").contexte(relue.donnees)["nature"]
        produire(relue)
        parcours.demander_document(par=awa, genre="facile_diagnostic")
        assert Document.objects.filter(genre="facile_diagnostic").count() == 2

    @pytest.mark.parametrize(
        "champs",
        [{"relue": ""}, {"le": "01/01/2020"}, {"le": "01/01/2090"}, {"avec": ""}, {"avec": "1 85 05 78 006 084 91"}],
    )
    def test_une_relecture_incomplete_est_rendue(self, connecte, facile, awa, champs):
        facile.refresh_from_db()
        reponse = self.relire(connecte(awa), facile, **champs)
        assert reponse.status_code == 422
        assert Document.objects.filter(genre="facile_diagnostic").count() == 1

    def test_un_autre_document_ne_se_fait_pas_relire(self, objets, awa):
        with pytest.raises(EtatRefuse):
            objets[Document].declarer_la_relecture(par=awa, le=horloge.aujourd_hui(), avec="un groupe")


class TestLiaison:
    @pytest.fixture
    def accord(self, parcours, awa):
        return partager(parcours, awa, partenaire="Bailleur du Maine", axes=["LOG"])

    @pytest.fixture
    def fiche(self, parcours, accord, awa):
        parcours.demander_document(par=awa, genre="liaison", pour=str(accord.uuid))
        return produire(Document.objects.get(genre="liaison", pour=str(accord.uuid)))

    def test_ne_porte_que_les_axes_de_l_accord_et_aucune_ligne_reservee(self, fiche, accord):
        donnees = fiche.donnees
        assert [axe["code"] for axe in donnees["axes"]] == ["LOG"]
        assert (donnees["accord"]["partenaire"], ecarts(donnees)) == ("Bailleur du Maine", [])
        assert not revele_la_sante(donnees) and "reserve" not in str(donnees)
        assert sorted(fiche.finalites) == ["ADHESION", "PARTAGE"]

    def test_la_personne_y_est_nommee_comme_sur_la_page_du_partenaire(self, fiche, parcours):
        assert parcours.personne.nom not in fiche.donnees["personne"]["nom"]
        assert fiche.donnees["personne"]["nom"].endswith(".")

    def test_une_par_destinataire_et_chacune_n_en_remplace_qu_une(self, fiche, parcours, awa):
        autre = partager(parcours, awa, partenaire="Point conseil budget", axes=["BUD"])
        parcours.demander_document(par=awa, genre="liaison", pour=str(autre.uuid))
        produire(Document.objects.get(pour=str(autre.uuid)))
        fiche.refresh_from_db()
        assert fiche.etat == Etat.PRODUIT
        assert {d.numero[-2:] for d in Document.objects.filter(genre="liaison")} == {"-1", "-2"}

    def test_sans_accord_elle_est_refusee_avec_la_raison(self, connecte, parcours, awa):
        inconnu = "01980000-0000-7000-8000-000000000000"
        reponse = demander(connecte(awa), parcours, "liaison", inconnu)
        assert reponse.status_code == 409 and "accord de partage vient d’abord" in reponse.text

    def test_l_accord_d_un_autre_parcours_ne_sert_a_rien(self, connecte, parcours, awa, bruno):
        ailleurs = dossiers.en_intervention(awa, bruno)
        autre = partager(ailleurs[Parcours], awa, partenaire="Ailleurs")
        assert demander(connecte(awa), parcours, "liaison", autre.uuid).status_code == 409

    def test_retire_elle_s_annule_et_ne_se_telecharge_plus(self, connecte, fiche, accord, awa):
        client = connecte(awa)
        telecharger = reverse("documents:telecharger", args=[fiche.uuid])
        assert client.get(telecharger).status_code == 200
        assert {"chiffre": 1, "texte": "fiche de liaison est annulée"} in consequences(accord)
        accord.retirer(par=awa)
        fiche.refresh_from_db()
        assert fiche.etat == Etat.ANNULE and client.get(telecharger).status_code == 409
        with pytest.raises(Refus):
            fiche.relancer(par=awa)

    def test_un_nouvel_accord_au_meme_destinataire_ne_rouvre_pas_l_ancienne(
        self, connecte, fiche, accord, parcours, awa
    ):
        accord.retirer(par=awa)
        partager(parcours, awa, partenaire="Bailleur du Maine", axes=["LOG"])
        assert connecte(awa).get(reverse("documents:telecharger", args=[fiche.uuid])).status_code == 409

    def test_echu_elle_ne_se_telecharge_deja_plus_puis_s_annule(self, connecte, fiche, accord, parcours, awa):
        with dans(61):
            fiche = Document.objects.get(pk=fiche.pk)
            assert fiche.est_retenu
            retraits.annuler_les_fiches_echues()
        fiche.refresh_from_db()
        assert fiche.etat == Etat.ANNULE

    def test_une_adhesion_retiree_l_annule_aussi(self, fiche, parcours, awa):
        parcours.accords.get(finalite__code="ADHESION").retirer(par=awa)
        fiche.refresh_from_db()
        assert fiche.etat == Etat.ANNULE

    def test_limite_rien_ne_se_partage(self, connecte, fiche, accord, parcours, awa):
        with dossiers.hors_porte("essai", par=awa):
            parcours.limite_le = horloge.aujourd_hui()
            parcours.save()
        assert connecte(awa).get(reverse("documents:telecharger", args=[fiche.uuid])).status_code == 409
        assert demander(connecte(awa), parcours, "liaison", accord.uuid).status_code == 409

    def test_un_accord_ne_la_partage_pas_avec_un_autre(self, fiche, parcours):
        assert fiche.numero not in {d.numero for d in parcours.documents.prets()}

    def test_elle_a_sa_place_chez_les_partenaires(self, connecte, fiche, parcours, awa):
        texte = connecte(awa).get(reverse("coordination:invitations", args=[parcours.uuid])).text
        assert f"Fiche {fiche.numero}" in texte


class TestAttestation:
    def test_une_equipe_dont_le_nom_dit_la_sante_n_y_est_pas(self, parcours, awa):
        assert attestation.revele("Équipe post-santé") and attestation.revele("Antenne de l'hôpital")
        assert not attestation.revele("Équipe de Laval")
        parcours.equipe.nom = "Dispositif post-santé"
        assert attestation.instantane(parcours)["association"]["equipe"] == ""

    def test_clos_elle_dit_la_periode(self, distribution):
        parcours = dossiers.construire("clos", distribution)[Parcours]
        parcours.demander_document(par=distribution["awa"], genre="attestation")
        donnees = Document.objects.get(genre="attestation").donnees
        assert donnees["periode"]["au"] == parcours.clos_le.isoformat() and ecarts(donnees) == []

    def test_pas_avant_l_admission(self, awa, bruno):
        parcours = dossiers.oriente(awa, bruno)[Parcours]
        with pytest.raises(EtatRefuse):
            parcours.demander_document(par=awa, genre="attestation")


class TestCourriers:
    @pytest.fixture
    def courriers(self, objets, awa):
        """Trois lettres différentes de la même démarche."""
        champs = {"destinataire": "Mairie", "lieu": "", "texte": "Bonjour.", "avec_adresse": False}
        for objet in ("Relance", "Recours", "Réclamation"):
            objets[Action].ecrire_courrier(par=awa, objet=objet, **champs)
        return list(Document.objects.filter(genre="courrier").order_by("edition"))

    def test_se_voient_sur_leur_demarche(self, connecte, objets, courriers, awa):
        lus = connecte(awa).get(objets[Action].get_absolute_url()).context["courriers"]
        assert [c["objet"] for c in lus] == ["Réclamation", "Recours", "Relance"]

    def test_se_voient_aux_derniers_evenements(self, connecte, parcours, courriers, awa):
        frise = connecte(awa).get(parcours.get_absolute_url()).context["frise"]
        assert {courriers[0].numero, courriers[2].numero} <= {
            e["texte"] for e in frise if e["titre"] == "Courrier écrit"
        }

    def test_n_ont_pas_d_edition(self, connecte, courriers, awa):
        for courrier in courriers:
            assert "édition" not in connecte(awa).get(reverse("documents:suivi", args=[courrier.uuid])).text
        assert [ecarts(c.donnees) for c in courriers] == [[], [], []]


class TestDossiersDeDemonstration:
    @pytest.mark.parametrize("nom", ["nadia", "jeanne", "karim", "solange", "mireille"])
    def test_chaque_document_suit_son_schema(self, nom):
        parcours = rejouer(DOSSIERS / f"{nom}.yaml").parcours
        parcours.refresh_from_db()
        awa = parcours.attributions.get(permission__codename="referent").user
        for genre in genres.montres():
            for pour, _ in genre.destinataires(parcours) if genre.destinataires else [("", "")]:
                if genre.empechement and not parcours.empechement(genre, pour):
                    parcours.demander_document(par=awa, genre=genre.code, pour=pour)
        faits = {d.genre: d.donnees for d in parcours.documents.all()}
        assert {genre: manques for genre, donnees in faits.items() if (manques := ecarts(donnees))} == {}
        assert {"attestation", "facile_diagnostic"} <= set(faits)
