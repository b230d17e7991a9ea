"""Les pages de la sortie : ce qu'elles montrent, ce qu'elles refusent, ce qu'elles coûtent."""

import uuid

import pytest
from django.urls import reverse

from securisation.annuaire.models import Facteur, IssueDemarche, MotifSortie
from sorties.models import Sortie
from sorties.tests.conftest import adresse, completer, erreurs, inscrire_action, inscrire_risque, jour

PAGES = ["detail", "cadre", "risques", "inscrire_risque", "parole", "remise", "relire", "valider"]


@pytest.fixture
def cotation(sortie):
    return sortie.par_axe()[2]


class TestOuvrir:
    def test_confirme_puis_ouvre(self, navigateur, en_intervention):
        page = navigateur.get(adresse("ouvrir", en_intervention))
        assert "Ouvrir la sortie" in page.content.decode()
        reponse = navigateur.post(adresse("ouvrir", en_intervention), {"jeton": str(uuid.uuid4())})
        assert reponse.url == adresse("detail", Sortie.objects.get())

    def test_ramene_a_la_sortie_ouverte(self, navigateur, sortie):
        assert navigateur.get(adresse("ouvrir", sortie.parcours)).url == adresse("detail", sortie)

    def test_refuse_hors_de_l_intervention(self, navigateur, parcours_admis):
        for envoi in (navigateur.get, navigateur.post):
            assert envoi(adresse("ouvrir", parcours_admis)).status_code == 409

    def test_le_meme_envoi_deux_fois_n_a_qu_un_effet(self, navigateur, en_intervention):
        jeton = {"jeton": str(uuid.uuid4())}
        premier = navigateur.post(adresse("ouvrir", en_intervention), jeton)
        assert navigateur.post(adresse("ouvrir", en_intervention), jeton).url == premier.url


class TestAcces:
    @pytest.mark.parametrize("nom", [*PAGES, "additif"])
    def test_une_inconnue_ne_trouve_rien(self, client, sortie, elsa, nom):
        client.force_login(elsa)
        assert client.get(adresse(nom, sortie)).status_code == 404
        assert client.post(adresse(nom, sortie)).status_code == 404

    def test_une_inconnue_ne_trouve_ni_cote_ni_risque(self, client, sortie, awa, elsa, cotation):
        risque = inscrire_risque(sortie, awa)
        client.force_login(elsa)
        for nom, objet in (("recoter", cotation), ("risque", risque), ("retirer_risque", risque)):
            assert client.get(adresse(nom, objet)).status_code == 404

    def test_un_numero_inconnu_ne_mene_nulle_part(self, navigateur, sortie):
        assert navigateur.get(reverse("sorties:detail", args=[uuid.uuid4()])).status_code == 404

    def test_la_superviseure_lit_sans_ecrire(self, client, sortie, gaelle):
        client.force_login(gaelle)
        assert client.get(adresse("detail", sortie)).status_code == 200
        assert client.get(adresse("relire", sortie)).status_code == 200
        assert client.get(adresse("cadre", sortie)).status_code == 403

    def test_l_intervenant_remplit_sans_valider(self, client, complete, bruno):
        client.force_login(bruno)
        assert client.get(adresse("cadre", complete)).status_code == 200
        assert client.get(adresse("valider", complete)).status_code == 403
        assert "revient au référent" in client.get(adresse("relire", complete)).content.decode()

    @pytest.mark.parametrize("nom", ["cadre", "inscrire_risque", "parole", "remise", "valider"])
    def test_un_parcours_clos_ne_se_remplit_plus(self, navigateur, validee, nom):
        assert navigateur.get(adresse(nom, validee)).status_code == 409
        assert navigateur.post(adresse(nom, validee), {"jeton": str(uuid.uuid4())}).status_code == 409


class TestRecoter:
    def test_montre_l_entree_a_cote(self, navigateur, cotation):
        page = navigateur.get(adresse("recoter", cotation)).content.decode()
        assert "À l’entrée" in page
        assert "3\u00a0· Critique" in page
        assert Facteur.objects.get(code="LOG-01").libelle in page

    def test_enregistre_et_continue(self, navigateur, cotation):
        donnees = {"criticite": "2", "criticite_de_la_personne": "sans", "action": "suite", "version": cotation.version}
        reponse = navigateur.post(adresse("recoter", cotation), donnees)
        assert reponse.url == adresse("recoter", cotation.sortie.par_axe()[3])
        cotation.refresh_from_db()
        assert (cotation.criticite, cotation.sans_avis_de_la_personne) == (2, True)

    def test_dit_pourquoi_il_ramene_en_arriere(self, navigateur, sortie, awa):
        completer(sortie, awa)
        debut, fin = sortie.par_axe()[1], sortie.par_axe()[4]
        debut.recoter(par=awa, criticite=1, criticite_de_la_personne=None)
        manque = "Le niveau de la personne n’est pas noté"
        assert manque in navigateur.get(adresse("recoter", fin)).content.decode()
        donnees = {"criticite": "2", "criticite_de_la_personne": "sans", "action": "suite", "version": fin.version}
        reponse = navigateur.post(adresse("recoter", fin), donnees)
        assert reponse.url == adresse("recoter", debut)
        page = navigateur.get(reponse.url).content.decode()
        assert "Cet axe n’est pas terminé" in page
        assert manque in page

    @pytest.mark.parametrize("niveau", ["5", "-1", "deux", ""])
    def test_refuse_un_niveau_hors_de_l_echelle(self, navigateur, cotation, niveau):
        reponse = navigateur.post(adresse("recoter", cotation), {"criticite": niveau})
        assert reponse.status_code == 422
        assert "criticite" in erreurs(reponse)

    def test_nettoie_les_caracteres_invisibles_et_garde_les_emojis(self, navigateur, cotation):
        parole = "Ça va \u202emieux\u202c\x07 🙂"
        navigateur.post(adresse("recoter", cotation), {"criticite": "1", "parole": parole, "version": cotation.version})
        cotation.refresh_from_db()
        assert cotation.parole == "Ça va mieux 🙂"

    def test_refuse_un_texte_trop_long_sans_le_perdre(self, navigateur, cotation):
        reponse = navigateur.post(adresse("recoter", cotation), {"criticite": "1", "parole": "a" * 2001})
        assert reponse.status_code == 422
        assert "a" * 2001 in reponse.content.decode()

    def test_refuse_un_nul(self, navigateur, cotation):
        assert navigateur.post(adresse("recoter", cotation), {"criticite": "1", "parole": "a\x00"}).status_code == 422

    def test_refuse_un_numero_de_securite_sociale(self, navigateur, cotation):
        donnees = {"criticite": "1", "parole": "Son numéro : 2 85 05 78 006 084 36"}
        assert navigateur.post(adresse("recoter", cotation), donnees).status_code == 422

    def test_rend_le_conflit_avec_les_deux_textes(self, navigateur, cotation, bruno):
        version = cotation.version
        cotation.recoter(par=bruno, criticite=1, parole="Le mot de Bruno.")
        donnees = {"criticite": "2", "parole": "Le mot d'Awa.", "version": version}
        reponse = navigateur.post(adresse("recoter", cotation), donnees)
        assert reponse.status_code == 409
        assert "Le mot de Bruno." in reponse.content.decode()


class TestNoter:
    def test_le_cadre(self, navigateur, sortie):
        motif = MotifSortie.objects.get(code="SOR-04")
        donnees = {"motif": motif.pk, "evaluateur_identique": "non", "evaluateur_precision": "Bruno, en binôme"}
        donnees["version"] = sortie.version
        assert navigateur.post(adresse("cadre", sortie), donnees).url == adresse("detail", sortie)
        sortie.refresh_from_db()
        assert (sortie.motif, sortie.evaluateur_identique) == (motif, False)
        assert 'value="non"' in navigateur.get(adresse("cadre", sortie)).content.decode()

    def test_refuse_un_cadre_vide(self, navigateur, sortie):
        assert {*erreurs(navigateur.post(adresse("cadre", sortie), {"version": sortie.version}))} == {
            "motif",
            "evaluateur_identique",
        }

    def test_la_parole_ou_rien(self, navigateur, sortie):
        navigateur.post(adresse("parole", sortie), {"sans_parole": "on", "version": sortie.version})
        sortie.refresh_from_db()
        assert sortie.sans_parole
        donnees = {"sans_parole": "on", "desaccord_de_la_personne": "Non."}
        assert navigateur.post(adresse("parole", sortie), donnees).status_code == 422

    @pytest.mark.parametrize("remis", [[], ["autre"], ["bilan", "aucune copie"]])
    def test_refuse_une_remise_impossible(self, navigateur, sortie, remis):
        assert (
            navigateur.post(
                adresse("remise", sortie), {"remis_a_la_personne": remis, "version": sortie.version}
            ).status_code
            == 422
        )

    def test_la_remise(self, navigateur, sortie):
        navigateur.post(
            adresse("remise", sortie), {"remis_a_la_personne": ["bilan", "registre d'accès"], "version": sortie.version}
        )
        sortie.refresh_from_db()
        assert sortie.remis_a_la_personne == ["bilan", "registre d'accès"]


class TestRelire:
    def test_montre_le_facteur_sans_suite_avant_et_apres_la_validation(self, navigateur, complete, awa):
        libelle = Facteur.objects.get(code="BUD-05").libelle.replace("'", "’")
        page = navigateur.get(adresse("relire", complete)).content.decode()
        assert "Aucun risque résiduel" not in page
        assert libelle in page
        complete.valider(par=awa)
        page = navigateur.get(adresse("detail", complete)).content.decode()
        assert "Sans suite notée" in page
        assert libelle in page

    def test_ne_dit_pas_aucun_risque_quand_il_en_est_du(self, navigateur, complete, awa):
        complete.par_axe()[0].recoter(par=awa, criticite=4, criticite_de_la_personne=4)
        page = navigateur.get(adresse("relire", complete)).content.decode()
        assert "Risque à inscrire" in page

    def test_un_refus_ne_porte_pas_la_coche_d_une_reussite(self, action, en_intervention, navigateur, awa):
        refus = IssueDemarche.objects.get(code="DEM-REF")
        action.noter_issue(par=awa, issue=refus, issue_le=jour())
        sortie = Sortie(parcours=en_intervention).ouvrir(par=awa)
        page = navigateur.get(adresse("relire", sortie)).content.decode()
        assert "i-circle-check" not in page.split("Ce qui a été fait")[1].split("Risques et relais")[0]

    def test_lit_un_motif_sans_ses_notes_de_redaction(self, navigateur, sortie, awa):
        sortie.noter_cadre(par=awa, motif=MotifSortie.objects.get(code="SOR-07"))
        for nom in ("cadre", "relire", "detail"):
            page = navigateur.get(adresse(nom, sortie)).content.decode()
            assert "Perte de contact" in page
            assert "relances tracées" not in page
            assert "(nommé)" not in page


class TestLesNombres:
    def test_une_demarche_attend(self, action, en_intervention, navigateur):
        assert "démarche attend encore" in navigateur.get(adresse("ouvrir", en_intervention)).content.decode()

    def test_un_risque_part_sans_ligne_a_zero(self, navigateur, complete, awa):
        inscrire_risque(complete, awa)
        page = navigateur.get(adresse("valider", complete)).content.decode()
        assert "risque part avec un relais" in page
        assert "assumé" not in page


class TestValider:
    def test_refuse_et_mene_a_chaque_point(self, action, en_intervention, navigateur, awa):
        sortie = Sortie(parcours=en_intervention).ouvrir(par=awa)
        reponse = navigateur.post(adresse("valider", sortie), {"jeton": str(uuid.uuid4())})
        page = reponse.content.decode()
        assert reponse.status_code == 422
        attendus = [adresse("recoter", c) for c in sortie.par_axe()]
        attendus += [adresse(nom, sortie) for nom in ("cadre", "parole", "remise")]
        attendus += [f"{adresse('inscrire_risque', sortie)}?demarche={action.uuid}"]
        assert [lien for lien in attendus if f'<a href="{lien}"' not in page] == []
        assert "Le bilan n’est pas validé" in page

    def test_ne_propose_pas_de_valider_ce_qui_manque(self, navigateur, sortie):
        page = navigateur.get(adresse("relire", sortie)).content.decode()
        assert "points manquent" in page
        assert adresse("valider", sortie) not in page

    def test_confirme_clot_et_mene_au_document(self, navigateur, complete):
        assert adresse("valider", complete) in navigateur.get(adresse("relire", complete)).content.decode()
        page = navigateur.get(adresse("valider", complete))
        assert "Valider et clore le parcours" in page.content.decode()
        reponse = navigateur.post(adresse("valider", complete), {"version": complete.version})
        document = complete.parcours.documents.get(genre="bilan")
        assert reponse.url == reverse("documents:suivi", args=[document.uuid])
        lecture = navigateur.get(adresse("detail", complete)).content.decode()
        assert "Parcours clos" in lecture
        assert document.numero in lecture


class TestAdditif:
    def test_s_ecrit_et_se_lit(self, navigateur, validee):
        donnees = {"motif": "Date erronée", "texte": "Le relais a confirmé le 3.", "jeton": str(uuid.uuid4())}
        for _ in range(2):
            assert navigateur.post(adresse("additif", validee), donnees).url == adresse("detail", validee)
        assert navigateur.get(adresse("detail", validee)).content.decode().count("Le relais a confirmé le 3.") == 1

    def test_refuse_avant_la_validation(self, navigateur, sortie):
        assert navigateur.get(adresse("additif", sortie)).status_code == 409

    def test_refuse_un_additif_vide(self, navigateur, validee):
        assert {*erreurs(navigateur.post(adresse("additif", validee), {"version": ""}))} == {"motif", "texte"}


class TestInterrompu:
    def test_la_sortie_se_lit_encore(self, navigateur, sortie, awa):
        sortie.parcours.interrompre(par=awa, motif="souhait")
        assert "Sortie interrompue" in navigateur.get(adresse("detail", sortie)).content.decode()


class TestCout:
    @pytest.fixture
    def fournie(self, en_intervention, awa):
        """Trois démarches et deux risques : le nombre de requêtes n'en dépend pas."""
        actions = [inscrire_action(en_intervention, awa, intitule=f"Démarche {n}") for n in range(3)]
        sortie = completer(Sortie(parcours=en_intervention).ouvrir(par=awa), awa)
        inscrire_risque(sortie, awa)
        inscrire_risque(sortie, awa, facteur=None, action=actions[0])
        return sortie

    @pytest.mark.parametrize(
        ("nom", "requetes"),
        [
            ("detail", 18),
            ("cadre", 11),
            ("risques", 17),
            ("inscrire_risque", 20),
            ("parole", 10),
            ("remise", 10),
            ("relire", 18),
            ("valider", 16),
        ],
    )
    def test_de_chaque_page(self, navigateur, fournie, django_assert_num_queries, nom, requetes):
        with django_assert_num_queries(requetes):
            assert navigateur.get(adresse(nom, fournie)).status_code == 200

    def test_d_un_axe(self, navigateur, fournie, django_assert_num_queries):
        with django_assert_num_queries(18):
            navigateur.get(adresse("recoter", fournie.par_axe()[2]))

    def test_d_un_risque(self, navigateur, fournie, django_assert_num_queries):
        with django_assert_num_queries(15):
            navigateur.get(adresse("risque", fournie.liste_des_risques()[0]))

    def test_du_bilan_valide_et_de_l_additif(self, navigateur, fournie, awa, django_assert_num_queries):
        fournie.valider(par=awa)
        with django_assert_num_queries(20):
            navigateur.get(adresse("detail", fournie))
        with django_assert_num_queries(7):
            navigateur.get(adresse("additif", fournie))
