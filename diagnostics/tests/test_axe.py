"""La page d'un axe : ce qu'elle enregistre, ce qu'elle refuse, et le brouillon qu'elle garde."""

import uuid

import pytest

from diagnostics.models import BrouillonAxe, FacteurRetenu
from diagnostics.tests import recits
from diagnostics.tests.recits import page, saisie

pytestmark = pytest.mark.django_db
REQUETES = 26  # session et compte, porte de lecture et journal compris


class TestAxe:
    def test_enregistre_et_passe_au_suivant(self, chez, bruno, diagnostic, logement):
        envoi = saisie(logement, "LOG-01", **{"echeance_LOG-01": "01/09/2026", "note_LOG-01": "Deux loyers"})
        reponse = chez(bruno).post(page("axe", logement), envoi)
        assert reponse["Location"] == page("axe", recits.axe(diagnostic, "ORG"))
        logement.refresh_from_db()
        dette = FacteurRetenu.objects.get()
        assert (logement.criticite, logement.criticite_de_la_personne, logement.parole) == (3, 4, "J'ai honte.")
        assert (dette.facteur.code, dette.constate, str(dette.echeance)) == ("LOG-01", "document vu", "2026-09-01")

    def test_met_les_facteurs_a_l_image_de_la_page(self, chez, awa, diagnostic, logement):
        recits.retenir(diagnostic, "LOG-01", awa)
        recits.retenir(diagnostic, "LOG-09", awa)
        envoi = saisie(logement, "LOG-09", "LOG-06", action="liste")
        assert chez(awa).post(page("axe", logement), envoi)["Location"] == diagnostic.get_absolute_url()
        codes = {f.facteur.code: f.constate for f in logement.facteurs.all()}
        assert codes == {"LOG-09": "document vu", "LOG-06": "document vu"}

    def test_qui_ne_se_prononce_pas(self, chez, awa, logement):
        chez(awa).post(page("axe", logement), saisie(logement, criticite_de_la_personne="sans"))
        logement.refresh_from_db()
        assert (logement.criticite_de_la_personne, logement.sans_avis_de_la_personne) == (None, True)
        assert 'value="sans" checked' in " ".join(chez(awa).get(page("axe", logement)).content.decode().split())

    def test_une_erreur_garde_tout(self, chez, awa, logement):
        envoi = saisie(
            logement, "LOG-01", "LOG-09", criticite="", **{"echeance_LOG-01": "31/09/2026", "constate_LOG-09": ""}
        )
        reponse = chez(awa).post(page("axe", logement), envoi)
        texte = reponse.content.decode()
        assert reponse.status_code == 422
        assert "<title>Erreur : Logement" in texte
        assert "Trois réponses sont à corriger" in texte
        assert "31/09/2026" in texte
        assert "J&#x27;ai honte." in texte
        logement.refresh_from_db()
        assert logement.est_vierge
        assert not FacteurRetenu.objects.exists()

    @pytest.mark.parametrize(
        "champs",
        [
            {"criticite": "5"},
            {"criticite": ""},
            {"criticite_de_la_personne": "5"},
            {"parole": "x" * 2001},
            {"points_d_appui": "x" * 2001},
            {"parole": "1 84 12 76 451 089 46"},
            {"facteurs": ["BUD-05"], "constate_BUD-05": "constaté"},
            {"facteurs": ["INCONNU"]},
            {"facteurs": ["LOG-01"], "constate_LOG-01": "deviné"},
            {"facteurs": ["LOG-01"], "constate_LOG-01": "constaté", "echeance_LOG-01": "01/01/1800"},
            {"facteurs": ["LOG-01"], "constate_LOG-01": "constaté", "echeance_LOG-01": "31/12/9999"},
            {"facteurs": ["LOG-01"], "constate_LOG-01": "constaté", "note_LOG-01": "x" * 1001},
        ],
    )
    def test_refuse_une_mauvaise_saisie(self, chez, awa, logement, champs):
        reponse = chez(awa).post(page("axe", logement), saisie(logement, **champs))
        assert reponse.status_code == 422
        logement.refresh_from_db()
        assert logement.est_vierge
        assert not FacteurRetenu.objects.exists()

    def test_refuse_un_nul(self, chez, awa, logement):
        assert chez(awa).post(page("axe", logement), saisie(logement, parole="a\x00b")).status_code == 422

    def test_nettoie_controles_et_marques_garde_les_emojis(self, chez, awa, logement):
        chez(awa).post(
            page("axe", logement), saisie(logement, parole="Un\x07 chat 🙂 \u202enoir\u202c\r\n\r\n\r\n\r\nfin ")
        )
        logement.refresh_from_db()
        assert logement.parole == "Un chat 🙂 noir\n\nfin"

    def test_demande_de_confirmer_un_mot_de_sante(self, chez, awa, logement):
        reponse = chez(awa).post(page("axe", logement), saisie(logement, parole="Depuis son cancer, rien ne va."))
        assert reponse.status_code == 422
        assert "formulation_confirmee" in reponse.content.decode()

    def test_un_formulaire_ancien_recoit_les_deux_textes(self, chez, awa, bruno, logement):
        ancien = saisie(logement, parole="Mes mots à moi.")
        logement.coter(par=bruno, criticite=1, parole="Les mots de Bruno.")
        reponse = chez(awa).post(page("axe", logement), ancien)
        texte = reponse.content.decode()
        assert reponse.status_code == 409
        assert "Mes mots à moi." in texte
        assert "Les mots de Bruno." in texte

    def test_le_meme_envoi_deux_fois_n_a_qu_un_effet(self, chez, awa, logement):
        envoi = saisie(logement, "LOG-01", jeton=str(uuid.uuid4()))
        assert [chez(awa).post(page("axe", logement), envoi).status_code for _ in range(2)] == [302, 302]
        assert FacteurRetenu.objects.count() == 1

    def test_un_facteur_sensible_n_est_pas_propose_et_se_refuse(self, chez, awa, diagnostic):
        budget = recits.axe(diagnostic, "BUD")
        texte = chez(awa).get(page("axe", budget)).content.decode()
        assert 'value="BUD-04"' not in texte
        assert "révèlent indirectement la santé" in texte
        assert chez(awa).post(page("axe", budget), saisie(budget, "BUD-04")).status_code == 409
        assert not FacteurRetenu.objects.exists()

    def test_recueillir_l_accord_ramene_a_l_axe(self, chez, awa, diagnostic):
        budget, navigateur = recits.axe(diagnostic, "BUD"), chez(awa)
        adresse = page("accord", budget)
        assert adresse in navigateur.get(page("axe", budget)).content.decode()
        assert 'value="SENSIBLE"' in navigateur.get(adresse).content.decode()
        envoi = {"finalite": "SENSIBLE", "reponse": "accepte", "le": "01/09/2026", "mode": "lu à voix haute"}
        envoi["jeton"] = str(uuid.uuid4())
        reponse = navigateur.post(adresse, envoi)
        assert reponse["Location"] == page("axe", budget)
        assert diagnostic.parcours.a_accord("SENSIBLE")
        assert 'value="BUD-04"' in navigateur.get(page("axe", budget)).content.decode()

    def test_un_diagnostic_valide_ne_s_ecrit_plus(self, chez, awa, rempli):
        logement = recits.axe(rempli, "LOG")
        rempli.valider(par=awa)
        navigateur = chez(awa)
        assert navigateur.get(page("axe", logement)).status_code == 409
        assert navigateur.post(page("axe", logement), saisie(logement)).status_code == 409
        assert navigateur.post(page("brouillon", logement), saisie(logement)).status_code == 409

    def test_tient_son_nombre_de_requetes(self, chez, awa, diagnostic, logement, django_assert_num_queries):
        recits.retenir(diagnostic, "LOG-01", awa)
        navigateur = chez(awa)
        navigateur.get(page("axe", logement))
        with django_assert_num_queries(REQUETES):
            navigateur.get(page("axe", logement))


class TestBrouillon:
    def test_se_garde_pour_soi_seul(self, chez, awa, bruno, logement):
        reponse = chez(awa).post(page("brouillon", logement), saisie(logement, criticite="", parole="En cours…"))
        assert reponse.content.decode().count("Brouillon enregistré à") == 2
        assert 'id="brouillon-bas" data-hx-swap-oob="true"' in reponse.content.decode()
        assert "En cours…" in chez(awa).get(page("axe", logement)).content.decode()
        assert "En cours…" not in chez(bruno).get(page("axe", logement)).content.decode()
        logement.refresh_from_db()
        assert logement.est_vierge

    def test_trop_long_ne_se_coupe_pas_et_ne_se_dit_pas_enregistre(self, chez, awa, logement):
        reponse = chez(awa).post(page("brouillon", logement), saisie(logement, parole="b" * 5001))
        assert "Pas encore enregistré, rien n’est perdu" in reponse.content.decode()
        reponse = chez(awa).post(page("brouillon", logement), {"question": "mots", "parole": "b" * 5001})
        assert "Pas encore enregistré, rien n’est perdu" in reponse.content.decode()
        assert not BrouillonAxe.objects.exists()

    def test_disparait_a_l_enregistrement(self, chez, awa, logement):
        chez(awa).post(page("brouillon", logement), saisie(logement))
        chez(awa).post(page("axe", logement), saisie(logement))
        assert not BrouillonAxe.objects.exists()

    def test_s_abandonne(self, chez, awa, logement):
        chez(awa).post(page("brouillon", logement), saisie(logement, parole="À jeter"))
        chez(awa).post(page("abandonner", logement))
        assert "À jeter" not in chez(awa).get(page("axe", logement)).content.decode()

    def test_ne_garde_jamais_un_numero(self, chez, awa, logement):
        envoi = saisie(logement, parole="1 84 12 76 451 089 46")
        reponse = chez(awa).post(page("brouillon", logement), envoi)
        assert "Pas encore enregistré" in reponse.content.decode()
        assert (
            chez(awa).post(page("axe", logement), envoi | {"action": "ajouter", "ajout": "LOG-01"}).status_code == 422
        )
        assert not BrouillonAxe.objects.exists()

    def test_se_refuse_sans_adhesion(self, chez, awa, diagnostic, logement, laisser_finir):
        laisser_finir(diagnostic.parcours, "ADHESION")
        ajout = saisie(logement, action="ajouter", ajout="LOG-01")
        assert chez(awa).post(page("brouillon", logement), saisie(logement)).status_code == 409
        assert chez(awa).post(page("axe", logement), ajout).status_code == 409
        assert not BrouillonAxe.objects.exists()

    def test_se_refuse_sur_un_parcours_interrompu(self, chez, awa, diagnostic, logement):
        diagnostic.parcours.interrompre(par=awa, motif="souhait")
        assert chez(awa).post(page("brouillon", logement), saisie(logement)).status_code == 409
        assert not BrouillonAxe.objects.exists()

    @pytest.mark.parametrize("version", ["9" * 5000, "9" * 10, "-1", "un", "²", "1 ou 2"])
    def test_refuse_une_version_illisible(self, chez, awa, logement, version):
        for nom, plus in (("brouillon", {}), ("axe", {"action": "ajouter", "ajout": "LOG-01"})):
            envoi = saisie(logement, version=version, **plus)
            assert chez(awa).post(page(nom, logement), envoi).status_code == 422
        assert not BrouillonAxe.objects.exists()

    def test_d_une_version_depassee_rend_le_conflit(self, chez, awa, bruno, logement):
        chez(awa).post(page("brouillon", logement), saisie(logement, parole="Les miens"))
        logement.coter(par=bruno, criticite=1, parole="Ceux de Bruno")
        version = BrouillonAxe.objects.get().version
        assert f'name="version" value="{version}"' in chez(awa).get(page("axe", logement)).content.decode()
        envoi = saisie(logement, parole="Les miens", version=version)
        assert chez(awa).post(page("axe", logement), envoi).status_code == 409

    def test_ajouter_puis_retirer_un_facteur_ne_perd_rien(self, chez, awa, logement):
        navigateur = chez(awa)
        envoi = saisie(logement, "LOG-09", parole="Gardés", action="ajouter", ajout="LOG-01")
        reponse = navigateur.post(page("axe", logement), envoi)
        assert reponse["Location"] == page("axe", logement) + "#f-LOG-01"
        texte = navigateur.get(page("axe", logement)).content.decode()
        assert all(morceau in texte for morceau in ("Gardés", 'id="f-LOG-01"', 'id="f-LOG-09"'))
        envoi = saisie(logement, "LOG-09", "LOG-01", parole="Gardés", action="", retirer="LOG-09")
        navigateur.post(page("axe", logement), envoi)
        texte = navigateur.get(page("axe", logement)).content.decode()
        assert 'id="f-LOG-01"' in texte
        assert 'id="f-LOG-09"' not in texte
        assert not FacteurRetenu.objects.exists()
