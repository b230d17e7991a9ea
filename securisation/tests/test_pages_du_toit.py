"""Le toit, vu par le client : mes parcours, la page d'un parcours, son historique."""

import datetime

import pytest
from django.urls import reverse
from django.utils.html import escape

from diagnostics.dominos import phrase
from diagnostics.models import Diagnostic, DominoExamine
from interventions.models import Action, Intervention, Prolongation
from securisation.parcours.models import Parcours
from securisation.socle import horloge
from securisation.socle.routes import routes
from securisation.socle.templatetags.jalon import date_breve, date_moyenne
from securisation.socle.typographie import courber
from securisation.synthese.dossier import lire_dossier
from securisation.synthese.historique import ECRITURES, PAGES, lire_historique
from securisation.synthese.liste import lire_liste
from securisation.synthese.presentation import etapes
from securisation.tests import dossiers
from securisation.tests.distribution import construire_parcours

pytestmark = pytest.mark.django_db


@pytest.fixture
def en_awa(client, awa):
    client.force_login(awa)
    return client


class TestMesParcours:
    def test_sans_parcours_dit_quoi_faire(self, en_awa):
        reponse = en_awa.get("/")
        assert reponse.status_code == 200
        assert "Vos parcours apparaîtront ici" in reponse.content.decode()

    def test_montre_les_parcours_et_ce_qui_est_a_faire(self, en_awa, parcours):
        page = en_awa.get("/").content.decode()
        assert parcours.numero in page
        assert "Qualifier la demande" in page

    def test_un_nom_hostile_reste_du_texte(self, en_awa, awa):
        construire_parcours(awa, nom="<script>alert(1)</script>")
        assert "<script>alert" not in en_awa.get("/").content.decode()

    def test_filtre_par_phase(self, en_awa, parcours):
        assert parcours.numero in en_awa.get("/", {"phase": "orientation"}).content.decode()
        assert parcours.numero not in en_awa.get("/", {"phase": "sortie"}).content.decode()

    @pytest.mark.parametrize("apres", ["x", "9999-99-99_1", "2026-01-01_x", "0001-01-01_99999999999999999999"])
    def test_un_curseur_impossible_est_ignore(self, en_awa, parcours, apres):
        assert en_awa.get("/", {"apres": apres}).status_code == 200

    def test_pagine_par_curseur(self, en_awa, awa, monkeypatch):
        monkeypatch.setattr("securisation.synthese.liste.TAILLE", 2)
        numeros = {construire_parcours(awa, nom=f"Nom{i}").numero for i in range(5)}
        vus, adresse = set(), "/"
        while adresse:
            reponse = en_awa.get(adresse)
            vus |= {ligne.numero for ligne in reponse.context["lignes"]}
            adresse = reponse.context["suivant"] and "/" + reponse.context["suivant"]
        assert vus == numeros


class TestPageDuParcours:
    def test_s_ouvre_et_laisse_une_lecture(self, en_awa, awa, parcours):
        from securisation.socle.models import Evenement

        assert en_awa.get(parcours.get_absolute_url()).status_code == 200
        lecture = Evenement.objects.filter(chaine=parcours.pk, action="lecture").get()
        assert lecture.acteur_id == awa.pk

    @pytest.mark.parametrize("qui", ["elsa", "chloe", "driss", "farid", "hugo"])
    def test_n_existe_pas_pour_les_autres(self, client, distribution, parcours, qui):
        client.force_login(distribution[qui])
        assert client.get(parcours.get_absolute_url()).status_code == 404

    def test_masque_le_telephone(self, en_awa, parcours):
        assert parcours.personne.telephone not in en_awa.get(parcours.get_absolute_url()).content.decode()
        revele = en_awa.post(reverse("parcours:reveler", args=[parcours.uuid]))
        assert parcours.personne.telephone in revele.content.decode()


class TestHistorique:
    def test_dit_avant_et_apres(self, en_awa, awa, parcours):
        parcours.modifier(par=awa, demande="Une autre demande")
        page = en_awa.get(reverse("synthese:historique", args=[parcours.uuid])).content.decode()
        assert "Deux loyers de retard." in page
        assert "Une autre demande" in page

    def test_un_intervenant_n_y_entre_pas(self, client, bruno, parcours):
        client.force_login(bruno)
        assert client.get(reverse("synthese:historique", args=[parcours.uuid])).status_code == 403

    def test_une_suite_examinee_dit_le_mecanisme_de_son_lien(self, client, distribution, awa):
        """Le référentiel n'a pas que des libellés : un lien domino porte un mécanisme."""
        objets = dossiers.construire("diagnostic_ouvert", distribution)
        domino = DominoExamine.objects.filter(lien__isnull=False).first()
        client.force_login(awa)
        page = client.get(reverse("synthese:historique", args=[objets[Parcours].uuid]))
        assert page.status_code == 200
        dites = [champ["apres"] for ecart in page.context["ecarts"] for champ in ecart.champs]
        assert domino.lien.mecanisme in dites

    @pytest.mark.parametrize("moment", ["suspendue", "clos"])
    def test_une_ecriture_dit_sur_quoi_elle_porte(self, distribution, monkeypatch, moment):
        monkeypatch.setattr("securisation.synthese.historique.TAILLE", 500)
        parcours = dossiers.construire(moment, distribution)[Parcours]
        muettes = {ecart.modele for ecart in lire_historique(parcours, nature=ECRITURES)[0] if not ecart.detail}
        assert muettes <= {"diagnostics.diagnostic", "sorties.sortie"}

    def test_chaque_page_dite_existe(self):
        assert set(PAGES) <= {route.nom for route in routes()}


class TestOuvrir:
    def saisie(self):
        from securisation.annuaire.models import Origine

        return {
            "jeton": "0197a1b0-0000-7000-8000-000000000001",
            "prenom": "Nadia",
            "nom": "Benali",
            "recue_le": "01/10/2026",
            "origine": Origine.objects.get(code="OR-01").pk,
            "demande": "Deux loyers de retard.",
        }

    def test_ouvre(self, en_awa):
        reponse = en_awa.post(reverse("parcours:ouvrir"), self.saisie())
        assert reponse.status_code == 302
        assert Parcours.objects.count() == 1

    def test_deux_envois_un_parcours(self, en_awa):
        premiere = en_awa.post(reverse("parcours:ouvrir"), self.saisie())
        seconde = en_awa.post(reverse("parcours:ouvrir"), self.saisie())
        assert premiere["Location"] == seconde["Location"]
        assert Parcours.objects.count() == 1

    def test_moins_de_quinze_champs(self, en_awa):
        form = en_awa.get(reverse("parcours:ouvrir")).context["form"]
        assert len(form.visible_fields()) < 15

    @pytest.mark.parametrize(
        "faute",
        [
            {"recue_le": "01/01/1800"},
            {"recue_le": "31/12/9999"},
            {"recue_le": "31/02/2026"},
            {"prenom": "", "nom": ""},
            {"annee_naissance": "1800"},
            {"code_postal": "ABC"},
            {"origine": "999999"},
            {"nom": "x" * 81},
            {"demande": "x" * 4001},
        ],
    )
    def test_rend_une_saisie_fautive_sans_rien_perdre(self, en_awa, faute):
        reponse = en_awa.post(reverse("parcours:ouvrir"), self.saisie() | faute)
        assert reponse.status_code == 422
        assert "Deux loyers de retard." in reponse.content.decode() or "demande" in faute
        assert not Parcours.objects.exists()

    def test_refuse_un_caractere_nul(self, en_awa):
        assert en_awa.post(reverse("parcours:ouvrir"), self.saisie() | {"nom": "a\x00b"}).status_code == 422

    def test_garde_un_emoji_et_retire_les_marques_de_sens(self, en_awa):
        en_awa.post(reverse("parcours:ouvrir"), self.saisie() | {"nom": "Ben\u202eali 😀"})
        assert Parcours.objects.get().personne.nom == "Benali 😀"


class TestQualifier:
    def test_oriente_une_personne_non_admise(self, en_awa, parcours):
        from securisation.annuaire.models import Levier

        url = reverse("parcours:qualifier", args=[parcours.uuid])
        saisie = dict.fromkeys(("facteurs_identifies", "droit_commun_mobilise_ou_mobilisable"), "non")
        saisie |= {"trajectoire_fragile_malgre_ces_mobilisations": "non", "action_ciblee_necessaire": "non"}
        saisie |= {"releve_exclusivement_de_l_urgence": "oui", "decision": "non_admise", "motif": "Urgence sociale."}
        assert en_awa.post(url, saisie).status_code == 422
        saisie["orientation_proposee"] = Levier.objects.get(code="L-SIAO").pk
        assert en_awa.post(url, saisie).status_code == 302
        parcours.refresh_from_db()
        assert parcours.etat == "non_admis"
        assert parcours.echeances.filter(nature="reponse").exists()

    def test_un_parcours_deja_qualifie_le_dit(self, en_awa, parcours_admis):
        from securisation.parcours.models.qualification import CRITERES

        saisie = dict.fromkeys(CRITERES, "oui") | {
            "releve_exclusivement_de_l_urgence": "non",
            "decision": "admise",
            "motif": "Encore.",
        }
        assert en_awa.post(reverse("parcours:qualifier", args=[parcours_admis.uuid]), saisie).status_code in (409, 422)


class TestConflit:
    def test_rend_les_deux_textes(self, en_awa, awa, parcours):
        url = reverse("parcours:modifier_personne", args=[parcours.uuid])
        form = en_awa.get(url).context["form"]
        saisie = {nom: form.initial.get(nom) or "" for nom in form.fields if nom not in ("jeton",)}
        parcours.personne.modifier(par=awa, foyer="Deux enfants")
        reponse = en_awa.post(url, saisie | {"foyer": "Trois enfants"})
        assert reponse.status_code == 409
        page = reponse.content.decode()
        assert "Deux enfants" in page
        assert "Trois enfants" in page


@pytest.fixture
def suspendu(distribution):
    """Un parcours dont l'intervention est suspendue : une prolongation y attend sa décision."""
    return dossiers.construire("suspendue", distribution)


class TestADecider:
    def test_la_superviseure_trouve_les_prolongations_en_tete(self, client, suspendu, gaelle):
        client.force_login(gaelle)
        page = client.get("/").text
        adresse = reverse("interventions:decider", args=[suspendu[Prolongation].uuid])
        assert f'href="{adresse}"' in page
        assert page.index("À décider") < page.index("À faire")
        assert client.get(adresse).status_code == 200

    @pytest.mark.parametrize("qui", ["awa", "bruno", "elsa", "hugo"])
    def test_nul_autre_ne_les_trouve(self, client, suspendu, distribution, qui):
        client.force_login(distribution[qui])
        assert "À décider" not in client.get("/").text

    def test_un_parcours_restreint_n_y_est_pas(self, client, suspendu, awa, gaelle):
        suspendu[Parcours].restreindre(par=awa, restreint=True)
        client.force_login(gaelle)
        assert "À décider" not in client.get("/").text

    def test_la_liste_nomme_le_referent_a_la_superviseure_seule(self, client, parcours, awa, gaelle):
        lignes = {}
        for compte in (awa, gaelle):
            client.force_login(compte)
            lignes[compte] = client.get("/").context["lignes"][0].referent
        assert lignes == {awa: None, gaelle: "Awa Diarra"}


class TestAFaire:
    def adresses(self, client, compte):
        client.force_login(compte)
        return {due["cles"]["nature"]: due["url"] for due in client.get("/").context["comptes"].a_faire}

    def test_mene_a_l_acte_ou_a_la_page_de_la_phase(self, client, suspendu, awa, gaelle):
        phase = reverse("interventions:detail", args=[suspendu[Intervention].uuid])
        decision = reverse("interventions:decider", args=[suspendu[Prolongation].uuid])
        reponse = reverse("interventions:noter_issue", args=[suspendu[Action].uuid])
        pour_awa, pour_gaelle = self.adresses(client, awa), self.adresses(client, gaelle)
        assert (pour_awa["prolongation"], pour_awa["reponse"]) == (phase, reponse)
        assert pour_gaelle["reponse"] == phase
        assert "prolongation" not in pour_gaelle  # elle est au-dessus, dans « À décider »
        assert f'href="{decision}"' in client.get("/").text
        assert client.get(reponse).status_code == 403
        client.force_login(awa)
        assert {client.get(adresse).status_code for adresse in pour_awa.values()} == {200}

    def test_mene_a_la_qualification(self, client, parcours, awa, gaelle):
        assert self.adresses(client, awa) == {"qualification": reverse("parcours:qualifier", args=[parcours.uuid])}
        assert self.adresses(client, gaelle) == {"qualification": parcours.get_absolute_url()}

    def test_a_jour_egal_le_terme_et_la_prolongation_passent_devant(self, en_awa, awa):
        natures, demain = ("qualification", "terme", "prolongation"), horloge.aujourd_hui() + datetime.timedelta(days=1)
        for nature in natures:
            un = construire_parcours(awa, nom=nature)
            un.lever_echeance("qualification")
            un.poser_echeance(nature, demain, nature)
        dits = [due["cles"]["nature"] for due in en_awa.get("/").context["comptes"].a_faire]
        assert dits == ["terme", "prolongation", "qualification"]

    def test_propose_de_tout_voir_au_dela_de_huit(self, en_awa, awa):
        for rang in range(9):
            assert "Voir tout" not in en_awa.get("/").text
            construire_parcours(awa, nom=f"Nom{rang}")
        page = en_awa.get("/")
        assert "Voir tout" in page.text
        assert len(page.context["comptes"].a_faire) == 8

    def test_un_retard_n_est_pas_compte_deux_fois(self, en_awa, awa):
        for ecart in (-3, 5, 60):
            un = construire_parcours(awa, nom=f"Nom{ecart}")
            un.poser_echeance("qualification", horloge.aujourd_hui() + datetime.timedelta(days=ecart), "Qualifier")
        comptes = en_awa.get("/").context["comptes"]
        assert (comptes.retards, comptes.proches) == (1, 1)

    def test_un_retard_ne_cache_pas_ce_qui_est_du_bientot(self, en_awa, awa):
        un = construire_parcours(awa, nom="Nom")
        for nature, ecart in (("qualification", -3), ("reponse", 4)):
            un.poser_echeance(nature, horloge.aujourd_hui() + datetime.timedelta(days=ecart), nature)
        comptes = en_awa.get("/").context["comptes"]
        assert {due["date"] for due in comptes.a_faire if due["date"] > horloge.aujourd_hui()} != set()
        assert (comptes.retards, comptes.proches) == (1, 1)


class TestEntree:
    def test_l_entree_est_le_diagnostic_de_l_intervention(self, distribution, awa, bruno):
        """Une nouvelle version ne déplace pas l'entrée : la page, la liste et le bilan partent du même diagnostic."""
        parcours = dossiers.construire("suspendue", distribution)[Parcours]
        avant = [cote["entree"] for cote in lire_dossier(parcours)["cotes"]]
        suivant = parcours.diagnostics.get(etat="brouillon")
        for evaluation in suivant.evaluations.all():
            evaluation.coter(par=awa, criticite=4, criticite_de_la_personne=4, parole="Pire.", points_d_appui="Aucun.")
        suivant.valider(par=awa)
        assert avant == [cote["entree"] for cote in lire_dossier(parcours)["cotes"]] == [3] * 5
        ligne = lire_liste(awa)[0][0]
        assert (ligne.niveau, ligne.niveau_dit) == (3, "Critique")

    def test_un_document_est_du_jour_de_paris(self, distribution):
        """Produit à 23 h 30 à Londres, il est du lendemain à Paris."""
        with horloge.reprise_au(datetime.datetime(2026, 1, 15, 23, 30, tzinfo=datetime.UTC)):
            objets = dossiers.construire("suspendue", distribution)
        produit = [d["produit"] for d in lire_dossier(objets[Parcours])["documents"]]
        assert produit == [datetime.date(2026, 1, 16)]


class TestEtapes:
    def mots(self, parcours):
        parcours.refresh_from_db()
        return [(etape["mot"], etape["suite"]) for etape in etapes(parcours, lire_dossier(parcours))]

    @pytest.fixture
    def jour(self):
        return horloge.aujourd_hui()

    def test_un_diagnostic_valide_se_dit_valide(self, distribution, awa, jour):
        objets = dossiers.construire("diagnostic_ouvert", distribution)
        assert self.mots(objets[Parcours]) == [("En cours", ""), ("À venir", ""), ("À venir", "")]
        objets[Diagnostic].valider(par=awa)
        assert self.mots(objets[Parcours])[0] == ("Validé", f"le {date_moyenne(jour)}")

    def test_une_intervention_interrompue_s_arrete_a_l_interruption(self, suspendu, awa, jour):
        suspendu[Parcours].interrompre(par=awa, motif="souhait")
        _, intervention, sortie = self.mots(suspendu[Parcours])
        assert intervention == ("Interrompue", f", du {date_breve(jour)} au {date_breve(jour)}")
        assert sortie == ("Non ouverte", "")

    def test_une_intervention_close_s_arrete_a_sa_fin(self, distribution, jour):
        objets = dossiers.construire("clos", distribution)
        diagnostic, intervention, sortie = self.mots(objets[Parcours])
        assert (diagnostic[0], intervention[0], sortie[0]) == ("Validé", "Terminée", "Validée")
        assert intervention[1].endswith(f"au {date_breve(jour)}")


class TestCeQueDitLaPage:
    def lue(self, client, compte, parcours):
        client.force_login(compte)
        return client.get(parcours.get_absolute_url()).text

    def test_dit_d_ou_vient_la_demande(self, client, parcours, suspendu, awa):
        for un in (parcours, suspendu[Parcours]):
            assert courber(escape(un.origine.libelle)) in self.lue(client, awa, un)

    def test_les_coordonnees_se_modifient_de_la_page(self, client, parcours, awa, gaelle):
        lien = f'href="{reverse("parcours:modifier_personne", args=[parcours.uuid])}"'
        assert self.lue(client, awa, parcours).count(lien) == 2
        assert lien not in self.lue(client, gaelle, parcours)

    def test_une_interruption_se_lit_avec_ses_precisions(self, client, parcours, awa):
        parcours.interrompre(par=awa, motif="sans_contact", precisions="Trois appels, une visite.")
        page = self.lue(client, awa, parcours)
        assert "Parcours interrompu : perte de contact après tentatives tracées" in page
        assert "Trois appels, une visite." in page

    def test_un_parcours_interrompu_ne_compte_plus_le_temps(self, client, suspendu, awa):
        assert "Temps de l’intervention" in self.lue(client, awa, suspendu[Parcours])
        suspendu[Parcours].interrompre(par=awa, motif="souhait")
        page = self.lue(client, awa, suspendu[Parcours])
        assert "Interrompue<span" in page
        assert not [mot for mot in ("Temps de l’intervention", "avant le terme", "à recueillir") if mot in page]

    def test_un_parcours_fige_dit_qu_un_accord_se_retire_encore(self, client, distribution, awa):
        page = self.lue(client, awa, dossiers.construire("clos", distribution)[Parcours])
        assert "un accord peut encore être retiré" in page
        assert "Retirer<span" in page

    def test_les_suites_se_disent_comme_au_diagnostic_sans_programme_a_cote(self, client, suspendu, awa, monkeypatch):
        monkeypatch.setattr("subprocess.run", lambda *_, **__: pytest.fail("une page n'attend aucun programme"))
        monkeypatch.setattr("shutil.which", lambda nom: f"/usr/bin/{nom}")
        page = self.lue(client, awa, suspendu[Parcours])
        dominos = suspendu[Parcours].diagnostics.get(etat="valide").dominos.select_related("de", "vers")
        for domino in dominos:
            domino.note = ""
            assert courber(escape(phrase(domino))) in page
