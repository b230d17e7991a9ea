"""L'horloge du silence : le calcul, éprouvé sur des dates quelconques ; ce que les pages en disent et ce qui devient dû."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from interventions import silences
from interventions.models import Action
from interventions.tasks import dater_les_silences
from interventions.tests.conftest import adresse, au_jour, jour
from securisation.annuaire.models import Finalite, Levier
from securisation.parcours.delais import mois_apres
from securisation.parcours.models import Accord
from securisation.socle.models import Du
from securisation.socle.templatetags.jalon import date_moyenne

jours = st.dates(date(2000, 1, 1), date(2090, 12, 31))
mois = st.integers(1, 24)
regles = st.builds(silences.Regle, mois, st.sampled_from([silences.REJET, silences.ACCORD]), st.none() | mois)


class TestCompter:
    @given(jours, regles, st.integers(-800, 1600))
    def test_les_dates_se_suivent(self, depuis, regle, ecart):
        silence = silences.compter(depuis, regle, depuis + timedelta(days=ecart))
        assert silence.depuis < silence.effet_le
        assert silence.a_pris_effet == (silence.jour >= silence.effet_le)
        if silence.contester_avant:
            assert silence.effet == silences.REJET
            assert silence.contester_avant > silence.effet_le
            assert silence.est_trop_tard == (silence.jours_pour_contester < 0)
        assert not (silence.est_contestable and silence.est_trop_tard)

    @given(jours, regles)
    def test_un_accord_ne_se_conteste_pas(self, depuis, regle):
        silence = silences.compter(depuis, regle, depuis)
        assert (silence.contester_avant is None) == (regle.effet == silences.ACCORD or not regle.recours_mois)

    @given(jours)
    def test_un_jour_chome_se_dit(self, quel):
        dit = silences.reserve_du_jour(quel)
        chome = quel.weekday() >= 5 or (quel.month, quel.day) in silences.FERIES_FIXES
        assert bool(dit) == chome


@pytest.fixture
def prefecture(intervention, awa, reponses):
    """Une demande par un levier dont le silence vaut rejet après quatre mois."""
    champs = {"levier": Levier.objects.get(code="L-PREF"), "intitule": "Renouvellement du titre"}
    champs |= {"reponse_attendue_le": mois_apres(jour(), 4)}
    return Action(intervention=intervention).inscrire(par=awa, **(reponses | champs))


def dus(action):
    return dict(action.intervention.parcours.echeances.filter(source=action.source).values_list("nature", "date"))


class TestDemarche:
    def test_le_referentiel_livre_source_chaque_delai(self, db):
        renseignes = Levier.objects.exclude(silence_mois=None)
        assert renseignes.count() == 8
        assert not renseignes.filter(silence_source="").exists()
        assert not Levier.objects.filter(silence_mois=None).exclude(silence_effet="").exists()

    def test_attend_puis_vaut_rejet_puis_passe(self, connecte, prefecture, awa):
        client, page = connecte(awa), prefecture.get_absolute_url()
        effet, recours = mois_apres(jour(), 4), mois_apres(jour(), 6)
        assert "Réponse attendue avant le" in client.get(page).text
        with au_jour((effet - jour()).days):
            texte = client.get(page).text
            assert "vaut rejet depuis le" in texte
            assert "la loi dit que c’est refusé" in texte
            assert "le tribunal administratif" in texte
        with au_jour((recours - jour()).days + 1):
            assert "faites vérifier" in client.get(page).text

    def test_le_dernier_jour_pour_contester_se_dit_partout_de_meme(self, connecte, prefecture, awa):
        effet, recours = mois_apres(jour(), 4), mois_apres(jour(), 6)
        pages = [prefecture.get_absolute_url(), adresse("courriers", prefecture)]
        for le in (jour(), effet, recours, recours + timedelta(days=1)):
            dit = silences.en_mots(prefecture, le)
            assert f"jusqu’au {date_moyenne(recours)}" in dit["texte"], le
            assert "avant le" not in dit["texte"] + dit["bref"]
        du = prefecture.intervention.parcours.echeances.get(nature="silence")
        assert f"à contester jusqu’au {recours:%d/%m/%Y}" in du.libelle
        with au_jour((effet - jour()).days):
            for page in pages:
                assert f"jusqu’au {date_moyenne(recours)}" in connecte(awa).get(page).text, page

    def test_une_seule_ligne_est_due_et_elle_disparait_avec_la_reponse(self, prefecture, awa, issues):
        assert dus(prefecture) == {"silence": mois_apres(jour(), 4)}
        prefecture.noter_issue(par=awa, issue=issues["DEM-OK"], issue_le=jour())
        assert dus(prefecture) == {}

    def test_une_reponse_annoncee_plus_tot_reste_due_a_son_jour(self, prefecture, awa):
        prefecture.modifier(par=awa, reponse_attendue_le=jour(10))
        assert dus(prefecture) == {"reponse": jour(10), "silence": mois_apres(jour(), 4)}

    def test_le_dossier_complet_fait_repartir_le_delai(self, prefecture, awa, issues):
        with au_jour(20):
            prefecture.noter_issue(par=awa, issue=issues["DEM-INC"], issue_le=jour(20))
            assert prefecture.silence is None
            assert "incomplet" in prefecture.silence_dit["titre"]
            assert "silence" not in dus(prefecture)
        with au_jour(30):
            prefecture.noter_issue(par=awa, issue=issues["DEM-ATT"], complet_le=jour(25))
        assert dus(prefecture)["silence"] == mois_apres(jour(25), 4)

    def test_une_piece_reclamee_arrete_le_delai_d_un_dossier_dit_complet(self, connecte, prefecture, awa, issues):
        prefecture.noter_issue(par=awa, issue=issues["DEM-ATT"], complet_le=jour())
        with au_jour(9):
            form = connecte(awa).get(adresse("noter_issue", prefecture)).context["form"]
            saisie = {c.name: c.value() for c in form if c.value() is not None} | {"issue": "DEM-INC"}
            sans_date = connecte(awa).post(adresse("noter_issue", prefecture), saisie | {"issue_le": ""})
            assert (sans_date.status_code, list(sans_date.context["form"].errors)) == (422, ["issue_le"])
            saisie["issue_le"] = f"{jour(9):%d/%m/%Y}"
            assert connecte(awa).post(adresse("noter_issue", prefecture), saisie).status_code == 302
        assert "silence" not in dus(prefecture)
        assert "le silence ne court pas" in connecte(awa).get(prefecture.get_absolute_url()).text

    @pytest.mark.parametrize("code", ["DEM-ATT", "DEM-SIL"])
    def test_une_piece_reclamee_ne_s_oublie_pas(self, connecte, prefecture, awa, issues, code):
        with au_jour(30):
            prefecture.noter_issue(par=awa, issue=issues["DEM-INC"], issue_le=jour(10), complet_le=jour(1))
            for trop_tot in (None, jour(9)):
                with pytest.raises(ValidationError, match="gardez « Incomplète »"):
                    prefecture.noter_issue(par=awa, issue=issues[code], complet_le=trop_tot)
            prefecture.refresh_from_db()
            assert prefecture.manque_une_piece
            client = connecte(awa)
            page = client.get(adresse("noter_issue", prefecture))
            assert page.context["form"]["complet_le"].value() is None
            assert "(facultatif)" not in page.text.split("Dossier complet reçu le")[1].split("Précision")[0]
            saisie = {"issue": "DEM-INC", "issue_le": f"{jour(11):%d/%m/%Y}", "version": prefecture.version}
            assert client.post(adresse("noter_issue", prefecture), saisie).status_code == 302
            prefecture.refresh_from_db()
            saisie = {"issue": code, "version": prefecture.version}
            assert client.post(adresse("noter_issue", prefecture), saisie).status_code == 422
            prefecture.noter_issue(par=awa, issue=issues[code], complet_le=jour(11))
        assert dus(prefecture)["silence"] == mois_apres(jour(11), 4)

    def test_une_decision_se_note_meme_si_une_piece_manquait(self, prefecture, awa, issues):
        prefecture.noter_issue(par=awa, issue=issues["DEM-INC"], issue_le=jour())
        assert prefecture.noter_issue(par=awa, issue=issues["DEM-REF"], issue_le=jour()).etat == Action.Etat.CLOSE

    def test_un_champ_vide_efface_une_date_notee_par_erreur(self, connecte, prefecture, awa, issues):
        with au_jour(9):
            prefecture.noter_issue(par=awa, issue=issues["DEM-ATT"], complet_le=jour(9))
            saisie = {"issue": "DEM-ATT", "complet_le": "", "version": prefecture.version}
            assert connecte(awa).post(adresse("noter_issue", prefecture), saisie).status_code == 302
        prefecture.refresh_from_db()
        assert prefecture.complet_le is None
        assert dus(prefecture)["silence"] == mois_apres(jour(), 4)

    def test_un_dossier_dit_incomplet_sans_date_ne_court_pas(self, prefecture, issues):
        prefecture.issue, prefecture.complet_le = issues["DEM-INC"], jour()
        assert prefecture.manque_une_piece
        assert prefecture.silence is None

    def test_un_delai_inconnu_se_dit_et_ne_se_calcule_pas(self, connecte, action, awa):
        assert action.silence is None
        assert "Délai de réponse non renseigné" in connecte(awa).get(action.get_absolute_url()).text
        assert set(dus(action)) == {"reponse"}

    def test_une_demarche_tue_ne_dit_rien_de_son_delai(self, connecte, prefecture, awa):
        Levier.objects.filter(code="L-PREF").update(revele_la_sante=True)
        page = connecte(awa).get(prefecture.intervention.get_absolute_url()).text
        assert "Démarche réservée" in page
        assert "vaudra rejet" not in page

    def test_un_delai_corrige_redate_ce_qui_est_du_et_n_est_plus_verifie(self, prefecture, awa):
        levier = prefecture.levier
        levier.verifier_le_delai(par=awa)
        assert not levier.delai_est_a_verifier
        levier.corriger(par=awa, silence_mois=3)
        levier.refresh_from_db()
        assert (levier.delai_verifie_le, levier.delai_verifie_par) == (None, None)
        assert Du.objects.filter(genre="dater_les_silences", ids={"levier": levier.pk}, fait_le=None).count() == 1
        for _ in range(2):
            dater_les_silences(levier.pk)
            assert dus(prefecture)["silence"] == mois_apres(jour(), 3)

    def test_refuse_un_dossier_complet_avant_la_demande(self, connecte, prefecture, awa):
        saisie = {"issue": "DEM-ATT", "complet_le": f"{jour(-3):%d/%m/%Y}", "version": prefecture.version}
        reponse = connecte(awa).post(adresse("noter_issue", prefecture), saisie)
        assert reponse.status_code == 422
        assert "complet_le" in reponse.context["form"].errors


class TestPlan:
    def test_se_range_par_axe_ou_par_echeance_selon_l_adresse(self, connecte, action, prefecture, awa):
        page, client = action.intervention.get_absolute_url(), connecte(awa)
        assert 'class="day">En cours' in client.get(page).text
        par_axe = client.get(page + "?plan=axe").text
        assert 'class="day">Logement' in par_axe
        assert client.get(page + "?plan=n'importe").status_code == 200

    @pytest.mark.parametrize("nombre", [1, 9])
    def test_coute_autant_de_requetes_quel_que_soit_le_plan(
        self, connecte, prefecture, awa, reponses, django_assert_num_queries, nombre
    ):
        for rang in range(nombre):
            champs = reponses | {"intitule": f"Demande {rang}", "levier": prefecture.levier}
            Action(intervention=prefecture.intervention).inscrire(par=awa, **champs)
        client = connecte(awa)
        with django_assert_num_queries(18):
            client.get(prefecture.intervention.get_absolute_url() + "?plan=axe")

    def test_le_calendrier_a_son_tableau(self, connecte, intervention, awa):
        page = connecte(awa).get(intervention.get_absolute_url()).text
        assert "Le calendrier en tableau" in page
        assert "90 en tout" in page


class TestPreremplir:
    def lire(self, client, intervention, code):
        page = client.get(adresse("inscrire_action", intervention, "LOG-01") + f"?levier={code}")
        return page.context["form"], page.text

    def test_ce_qui_se_deduit_du_levier_est_propose_et_dit(self, connecte, intervention, awa):
        form, page = self.lire(connecte(awa), intervention, "L-DALO")
        lus = {nom: form[nom].value() for nom in ("ns1", "ns2", "ns3", "ns4", "ns5")}
        assert lus == {"ns1": "oui", "ns2": None, "ns3": "la personne avec le dispositif", "ns4": "oui", "ns5": "non"}
        assert form["reponse_attendue_le"].value() == mois_apres(jour(), 3)
        assert page.count("Changez-la si ce n’est pas le cas") == 6

    @pytest.mark.parametrize(("code", "sans"), [("L-SIAO", {"ns5"}), ("L-SOLIHA", {"ns1", "ns4", "ns5"})])
    def test_ce_qui_ne_se_deduit_pas_reste_a_repondre(self, connecte, intervention, awa, code, sans):
        form, _ = self.lire(connecte(awa), intervention, code)
        assert {nom for nom in ("ns1", "ns4", "ns5") if not form[nom].value()} == sans

    @pytest.mark.parametrize("code", ["", "XXX", "'; drop table", "L-FSL\u202e"])
    def test_un_levier_inconnu_ne_preremplit_rien(self, connecte, intervention, awa, code):
        form, _ = self.lire(connecte(awa), intervention, code)
        assert form["ns1"].value() is None

    def test_au_plus_huit_champs_a_remplir(self, connecte, intervention, awa):
        form, _ = self.lire(connecte(awa), intervention, "L-FSL")
        vides = [c.name for c in form if not c.is_hidden and c.value() in (None, "")]
        a_remplir = [nom for nom in vides if nom not in ("ns1_precision", "ns2_motif", "ns3_justification")]
        assert a_remplir == ["ns2", "reponse_attendue_le"]

    def test_rien_ne_s_enregistre_sans_la_reponse_de_la_personne(self, connecte, intervention, awa):
        form, _ = self.lire(connecte(awa), intervention, "L-DALO")
        saisie = {c.name: c.value() for c in form if c.value() is not None}
        url = adresse("inscrire_action", intervention, "LOG-01") + "?levier=L-DALO"
        assert connecte(awa).post(url, saisie).status_code == 422
        assert not Action.objects.exists()
        saisie |= {"ns2": "oui", "ns2_sollicite_le": f"{jour():%d/%m/%Y}", "reponse_attendue_le": ""}
        assert connecte(awa).post(url, saisie).status_code == 302
        assert Action.objects.get().reponse_attendue_le == mois_apres(jour(), 3)

    def test_un_levier_qui_revele_la_sante_attend_l_accord(self, connecte, intervention, awa):
        page = connecte(awa).get(adresse("choisir_levier", intervention, "LOG-01")).text
        assert "?levier=L-FSL" in page
        assert "?levier=L-MDPH" not in page
        accord = Accord(parcours=intervention.parcours, finalite=Finalite.objects.get(code="SENSIBLE"))
        accord.recueillir(par=awa, le=jour(), mode="oral")
        assert "?levier=L-MDPH" in connecte(awa).get(adresse("choisir_levier", intervention, "LOG-01")).text
