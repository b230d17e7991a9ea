"""Le toit, vu par le client : mes parcours, la page d'un parcours, son historique."""

import pytest
from django.urls import reverse

from securisation.parcours.models import Parcours
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

    @pytest.mark.parametrize("cherche", ["diallo", "DIÀLLO", "P-2026-0001", "fatou d"])
    def test_cherche_par_nom_ou_numero(self, en_awa, parcours, cherche):
        cherche = parcours.numero if cherche.startswith("P-") else cherche
        assert parcours.numero in en_awa.get("/", {"q": cherche}).content.decode()

    @pytest.mark.parametrize("cherche", ["zzz", "%", "_", "'; --", "\u202e", "P-", "😀"])
    def test_une_recherche_sans_reponse_le_dit(self, en_awa, parcours, cherche):
        page = en_awa.get("/", {"q": cherche})
        assert page.status_code == 200
        assert parcours.numero not in page.content.decode().replace(f'value="{cherche}"', "")

    def test_ne_cherche_que_dans_les_siens(self, client, elsa, parcours):
        client.force_login(elsa)
        assert parcours.numero not in client.get("/", {"q": "diallo"}).content.decode()

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
