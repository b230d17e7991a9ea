"""Les pages de l'intervention : ce qu'elles montrent, à qui, et ce qu'elles répondent aux mauvaises saisies."""

import re
import uuid

import pytest
from django.urls import reverse

from interventions.models import Action, Contact, Derogation, Intervention, Prolongation, Suspension
from interventions.tests.conftest import adresse, au_jour, jour
from securisation.annuaire.models import Finalite, Levier, ModeAction
from securisation.parcours.models import Accord
from securisation.socle.trace import hors_porte

pytestmark = pytest.mark.django_db


@pytest.fixture
def saisie(db):
    """Le formulaire d'une action juste, tel qu'un navigateur l'envoie."""
    return {
        "jeton": str(uuid.uuid4()),
        "intitule": "Dossier FSL maintien",
        "levier": Levier.objects.get(code="L-FSL").pk,
        "mode": ModeAction.objects.get(code="MA-2").pk,
        "ns1": "oui",
        "ns2": "oui",
        "ns2_sollicite_le": f"{jour():%d/%m/%Y}",
        "reponse_attendue_le": f"{jour(40):%d/%m/%Y}",
        "ns3": "la personne avec le dispositif",
        "ns4": "oui",
        "ns4_relais": "Service social départemental",
        "ns5": "non",
    }


class TestDemarrer:
    def test_demarre_et_montre_le_terme(self, connecte, diagnostique, awa):
        page = connecte(awa).get(adresse("demarrer", diagnostique))
        assert "90\xa0jours au plus" in page.text
        donnees = {"objectif": "Sécuriser le bail.", "duree_jours": 60, "declaration_absence_conflit_interet": "on"}
        reponse = connecte(awa).post(adresse("demarrer", diagnostique), donnees)
        intervention = Intervention.objects.get()
        assert (reponse.status_code, reponse["Location"]) == (302, intervention.get_absolute_url())
        assert intervention.terme == jour(60)

    SAISIES_REFUSEES = [
        {"objectif": ""},
        {"objectif": "x" * 1001},
        {"objectif": "a\x00b"},
        {"duree_jours": 91},
        {"duree_jours": "0"},
        {"duree_jours": "deux mois"},
        {"declaration_absence_conflit_interet": ""},
    ]

    def test_refuse_et_garde_la_saisie(self, connecte, diagnostique, awa):
        for champs in self.SAISIES_REFUSEES:
            donnees = {
                "objectif": "Bail à garder",
                "duree_jours": 60,
                "declaration_absence_conflit_interet": "on",
            } | champs
            reponse = connecte(awa).post(adresse("demarrer", diagnostique), donnees)
            assert reponse.status_code == 422, champs
            assert not Intervention.objects.exists()

    def test_refuse_un_numero_de_securite_sociale(self, connecte, diagnostique, awa):
        donnees = {
            "objectif": "NIR 1 79 05 53 130 042 12",
            "duree_jours": 60,
            "declaration_absence_conflit_interet": "on",
        }
        assert connecte(awa).post(adresse("demarrer", diagnostique), donnees).status_code == 422

    def test_sans_diagnostic_valide_dit_quoi_faire(self, connecte, parcours_admis, awa):
        page = connecte(awa).get(adresse("demarrer", parcours_admis))
        assert page.status_code == 409
        assert "validez le diagnostic" in page.text

    def test_deja_demarree_mene_a_sa_page(self, connecte, intervention, awa):
        assert connecte(awa).get(adresse("demarrer", intervention.parcours)).status_code == 302


class TestDetail:
    def test_dit_les_jours_restants_et_la_date(self, connecte, action, awa):
        page = connecte(awa).get(action.intervention.get_absolute_url()).text
        assert "90\xa0jours" in page
        assert "avant la fin de l’intervention" in page
        assert "Dossier FSL maintien" in page

    def test_montre_l_echeance_passee(self, connecte, action, awa):
        client = connecte(awa)
        with au_jour(93):
            page = client.get(action.intervention.get_absolute_url()).text
        assert "Échue depuis 3\xa0jours" in page
        assert "Aucune action nouvelle" in page
        assert adresse("choisir_facteur", action.intervention) not in page

    def test_hachure_les_periodes_suspendues(self, connecte, intervention, awa):
        Suspension(intervention=intervention).suspendre(par=awa, motif="Absence.")
        client = connecte(awa)
        with au_jour(10):
            page = client.get(intervention.get_absolute_url()).text
        assert "url(#temps-h)" in page
        assert "Temps suspendu" in page
        assert "Reprendre" in page

    def test_groupe_les_actions_par_etat(self, connecte, action, awa, issues, reponses):
        close = Action(intervention=action.intervention).inscrire(par=awa, **(reponses | {"intitule": "Autre"}))
        close.noter_issue(par=awa, issue=issues["DEM-OK"], issue_le=jour())
        client = connecte(awa)
        assert re.findall(r'class="day">([^<]+) <', client.get(action.intervention.get_absolute_url()).text) == [
            "En cours",
            "Closes",
        ]
        with au_jour(41):
            page = client.get(action.intervention.get_absolute_url()).text
        assert "Réponse en retard" in page
        assert "Réponse attendue depuis hier" in page

    def test_chaque_issue_a_son_signe(self, connecte, action, awa, issues):
        client = connecte(awa)
        signes = [("DEM-OK", "circle-check"), ("DEM-REF", "circle-x"), ("DEM-ATT", "clock")]
        for code, icone in signes:
            action.noter_issue(par=awa, issue=issues[code], issue_le=jour())
            for adresse_lue in (action.intervention.get_absolute_url(), action.get_absolute_url()):
                corps = client.get(adresse_lue).text.split("</h1>")[1]
                assert {f"#i-{autre}" in corps for _, autre in signes if autre != icone} == {False}
                assert f"#i-{icone}" in corps

    def test_une_demarche_se_resume_en_une_phrase(self, connecte, action, awa):
        page = connecte(awa).get(action.intervention.get_absolute_url()).text
        assert "Faire avec la personne<br>" in page
        corps = page.split('id="t-actions"')[1]
        assert corps.count("En cours") == 1

    def test_le_menu_mene_a_la_sortie(self, connecte, intervention, awa, gaelle):
        sortir = reverse("sorties:ouvrir", args=[intervention.parcours.uuid])
        assert sortir in connecte(awa).get(intervention.get_absolute_url()).text
        assert sortir not in connecte(gaelle).get(intervention.get_absolute_url()).text

    def test_une_suspension_levee_le_jour_meme_ne_se_hachure_pas(self, connecte, intervention, awa):
        Suspension(intervention=intervention).suspendre(par=awa, motif="Absence.").reprendre(par=awa)
        page = connecte(awa).get(intervention.get_absolute_url()).text
        assert "Temps suspendu" not in page
        assert "levée le jour même" in page

    def test_vide_propose_une_action(self, connecte, intervention, awa):
        assert "Aucune action pour l’instant" in connecte(awa).get(intervention.get_absolute_url()).text

    def test_le_superviseur_voit_la_demande_a_decider(self, connecte, intervention, awa, gaelle):
        demande = Prolongation(intervention=intervention).demander(par=awa, jours=30, motif="Commission reportée.")
        page = connecte(gaelle).get(intervention.get_absolute_url()).text
        assert adresse("decider", demande) in page
        assert adresse("decider", demande) not in connecte(awa).get(intervention.get_absolute_url()).text

    @pytest.mark.parametrize("nombre", [1, 12])
    def test_nombre_de_requetes(self, connecte, action, awa, reponses, django_assert_num_queries, nombre):
        for rang in range(nombre - 1):
            Action(intervention=action.intervention).inscrire(par=awa, **(reponses | {"intitule": f"Action {rang}"}))
            Contact(parcours=action.intervention.parcours).noter(par=awa, canal="SMS", de_la_personne=True)
        client = connecte(awa)
        with django_assert_num_queries(REQUETES_DETAIL):
            client.get(action.intervention.get_absolute_url())


REQUETES_DETAIL = 18


class TestAction:
    def test_propose_les_facteurs_retenus_par_axe(self, connecte, intervention, awa):
        page = connecte(awa).get(adresse("choisir_facteur", intervention)).text
        assert adresse("inscrire_action", intervention, "LOG-01") in page
        assert adresse("inscrire_action", intervention, "BUD-05") in page
        assert "LOG-08" not in page

    def test_le_choix_du_facteur_dit_son_echeance(self, connecte, intervention, awa):
        retenu = intervention.diagnostic.evaluations.get(axe__code="LOG").facteurs.get()
        with hors_porte("une échéance pour l'essai", par=awa):
            retenu.echeance = jour(12)
            retenu.save()
        page = connecte(awa).get(adresse("choisir_facteur", intervention)).text
        assert "dans 12\xa0jours" in page

    def test_range_les_leviers_de_l_axe_d_abord(self, connecte, intervention, awa):
        page = connecte(awa).get(adresse("inscrire_action", intervention, "LOG-01")).text
        groupe, autres = page.split('label="Autres leviers"')
        assert f'value="{Levier.objects.get(code="L-FSL").pk}"' in groupe
        assert f'value="{Levier.objects.get(code="L-ECOLE").pk}"' in autres

    def test_inscrit(self, connecte, intervention, awa, saisie):
        reponse = connecte(awa).post(adresse("inscrire_action", intervention, "LOG-01"), saisie)
        action = Action.objects.get()
        assert (reponse.status_code, action.facteur.code, action.axe.code) == (302, "LOG-01", "LOG")

    def test_deux_envois_du_meme_formulaire_font_une_action(self, connecte, intervention, awa, saisie):
        for _ in range(2):
            assert connecte(awa).post(adresse("inscrire_action", intervention, "LOG-01"), saisie).status_code == 302
        assert Action.objects.count() == 1

    def test_oublie_la_suite_d_une_autre_reponse(self, connecte, intervention, awa, saisie, motif_non_sollicite):
        saisie |= {"ns2": "non", "ns2_motif": motif_non_sollicite.pk, "ns4": "non"}
        assert connecte(awa).post(adresse("inscrire_action", intervention, "LOG-01"), saisie).status_code == 302
        action = Action.objects.get()
        assert (action.ns2_sollicite_le, action.ns2_motif, action.ns4_relais) == (None, motif_non_sollicite, "")

    SAISIES_REFUSEES = [
        ({"intitule": ""}, "intitule"),
        ({"intitule": "x" * 301}, "intitule"),
        ({"intitule": "\u202e\u200f \x07"}, "intitule"),
        ({"levier": 999999}, "levier"),
        ({"mode": ""}, "mode"),
        ({"ns1": "non", "ns1_precision": ""}, "ns1_precision"),
        ({"ns2": ""}, "ns2"),
        ({"ns2_sollicite_le": ""}, "ns2_sollicite_le"),
        ({"ns2_sollicite_le": "01/01/1800"}, "ns2_sollicite_le"),
        ({"ns2_sollicite_le": f"{jour(1):%d/%m/%Y}"}, "ns2_sollicite_le"),
        ({"reponse_attendue_le": "31/12/9999"}, "reponse_attendue_le"),
        ({"reponse_attendue_le": ""}, "reponse_attendue_le"),
        ({"reponse_attendue_le": "bientôt"}, "reponse_attendue_le"),
        ({"ns2": "non"}, "ns2_motif"),
        ({"ns3": "le dispositif seul"}, "ns3_justification"),
        ({"ns3": "quelqu'un"}, "ns3"),
        ({"ns4_relais": ""}, "ns4_relais"),
        ({"ns5": "oui"}, "ns5"),
    ]

    def test_refuse_et_dit_ou(self, connecte, intervention, awa, saisie):
        for champs, mot in self.SAISIES_REFUSEES:
            reponse = connecte(awa).post(adresse("inscrire_action", intervention, "LOG-01"), saisie | champs)
            assert reponse.status_code == 422, champs
            assert mot in reponse.context["form"].errors
            assert not Action.objects.exists()

    def test_refuse_un_octet_nul(self, connecte, intervention, awa, saisie):
        saisie["intitule"] = "a\x00b"
        assert connecte(awa).post(adresse("inscrire_action", intervention, "LOG-01"), saisie).status_code == 422

    def test_garde_les_emojis_et_retire_les_marques_de_sens(self, connecte, intervention, awa, saisie):
        saisie["intitule"] = "Dossier 🏠\u202e FSL"
        connecte(awa).post(adresse("inscrire_action", intervention, "LOG-01"), saisie)
        assert Action.objects.get().intitule == "Dossier 🏠 FSL"

    def test_un_facteur_non_retenu_est_introuvable(self, connecte, intervention, awa):
        assert connecte(awa).get(adresse("inscrire_action", intervention, "LOG-08")).status_code == 404
        assert connecte(awa).get(adresse("inscrire_action", intervention, "XXX-99")).status_code == 404

    def test_apres_le_terme_la_page_dit_quoi_faire(self, connecte, intervention, awa, gaelle):
        client = connecte(awa)
        with au_jour(91):
            page = client.get(adresse("choisir_facteur", intervention))
            assert page.status_code == 409
            assert "dérogation" in page.text
            Derogation(intervention=intervention).accorder(par=gaelle, motif="Rendez-vous décisif.", jusqu_au=jour(100))
            assert client.get(adresse("choisir_facteur", intervention)).status_code == 200

    def test_se_lit_et_se_modifie(self, connecte, action, awa, saisie):
        page = connecte(awa).get(action.get_absolute_url()).text
        assert "Service social départemental" in page
        assert 'value="Dossier FSL maintien"' in connecte(awa).get(adresse("modifier_action", action)).text
        saisie |= {"intitule": "Dossier FSL complet", "version": action.version}
        assert connecte(awa).post(adresse("modifier_action", action), saisie).status_code == 302
        action.refresh_from_db()
        assert action.intitule == "Dossier FSL complet"

    def test_apres_le_terme_ses_champs_figes_ne_se_saisissent_plus(self, connecte, action, awa, saisie):
        client = connecte(awa)
        with au_jour(91):
            page = client.get(adresse("modifier_action", action)).text
            assert re.findall(r'<(?:input|select)[^>]* name="(\w+)"[^>]* disabled', page) == [
                "intitule",
                "levier",
                "mode",
            ]
            ancienne = saisie | {"version": action.version, "intitule": "Page ouverte avant le terme"}
            assert client.post(adresse("modifier_action", action), ancienne).status_code == 409
            permis = {nom: saisie[nom] for nom in saisie if nom not in ("intitule", "levier", "mode")}
            permis |= {"version": action.version, "ns4_relais": "CCAS"}
            assert client.post(adresse("modifier_action", action), permis).status_code == 302
        action.refresh_from_db()
        assert (action.intitule, action.ns4_relais) == ("Dossier FSL maintien", "CCAS")

    def test_une_page_depassee_montre_les_deux_textes(self, connecte, action, awa, saisie):
        version = action.version
        action.modifier(par=awa, intitule="Texte de Bruno")
        reponse = connecte(awa).post(
            adresse("modifier_action", action), saisie | {"version": version, "intitule": "Texte d'Awa"}
        )
        assert reponse.status_code == 409
        assert "Texte de Bruno" in reponse.text
        # Seul l'intitulé diffère : un « non » resté non ne se donne pas à choisir.
        differents = [ligne["nom"] for ligne in reponse.context["lignes"] if ligne["differe"]]
        assert "intitule" in differents and "ns5" not in differents

    def test_un_silence_dit_ce_qu_il_vaut(self, connecte, action, awa):
        accord = Accord(parcours=action.intervention.parcours, finalite=Finalite.objects.get(code="SENSIBLE"))
        accord.recueillir(par=awa, le=jour(), mode="oral")
        action.modifier(par=awa, levier=Levier.objects.get(code="L-CPAM"))
        assert "CRPA" in connecte(awa).get(action.get_absolute_url()).text

    def test_nombre_de_requetes(self, connecte, action, awa, django_assert_num_queries):
        client = connecte(awa)
        with django_assert_num_queries(REQUETES_ACTION):
            client.get(action.get_absolute_url())
        with django_assert_num_queries(REQUETES_FORMULAIRE):
            client.get(adresse("inscrire_action", action.intervention, "LOG-01"))


# Une de plus que les champs d'une démarche : les courriers qui en sont partis.
REQUETES_ACTION, REQUETES_FORMULAIRE = 14, 12
