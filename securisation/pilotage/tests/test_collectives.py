"""Les actions collectives : notées par l'équipe, lues au-dessus d'elle, jamais un nom ni un parcours."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from securisation.annuaire.models import ActionCollective
from securisation.pilotage.collectives.forms import FormulaireCollective
from securisation.pilotage.models import Collective
from securisation.pilotage.tests.collectives import une_collective
from securisation.socle import confirmation, horloge
from securisation.socle.models import Evenement
from securisation.socle.refus import DroitRefuse
from securisation.socle.transitions import Conflit, EtatRefuse

pytestmark = pytest.mark.django_db
LISTE, NOTER = "/pilotage/actions-collectives/", "/pilotage/actions-collectives/noter/"


def saisie(**champs):
    """Ce que le formulaire envoie pour un atelier."""
    nature = ActionCollective.objects.get(code="AC-2").pk
    jour = f"{horloge.aujourd_hui():%d/%m/%Y}"
    return {"nature": nature, "le": jour, "commune": "Laval", "heures": "1,5", "participants": "12"} | champs


@pytest.fixture
def entrer(client):
    """`entrer(awa)` : le client, connecté à ce compte, qui vient de confirmer qui il est."""

    def connecter(compte):
        client.force_login(compte)
        session = client.session
        session[confirmation.CONFIRME_LE] = horloge.montre()
        session.save()
        return client

    return connecter


class TestNoter:
    def test_tient_en_douze_champs(self):
        montres = [nom for nom, champ in FormulaireCollective.base_fields.items() if not champ.widget.is_hidden]
        assert len(montres) == 12

    def test_range_l_equipe_de_qui_note_et_l_inscrit(self, awa, entrer):
        reponse = entrer(awa).post(NOTER, saisie(objectifs=["8", "3"], aller_vers="on"))
        assert reponse.status_code == 302
        notee = Collective.objects.get()
        assert (notee.equipe, notee.heures, notee.participants) == (awa.equipe, Decimal("1.5"), 12)
        assert notee.objectifs == ["3", "8"] and notee.aller_vers and notee.professionnels == 0
        assert Evenement.objects.filter(action="action collective notée", acteur_id=awa.pk).count() == 1

    def test_deux_envois_du_meme_formulaire_n_en_font_qu_une(self, awa, entrer):
        page = entrer(awa).get(NOTER)
        envoi = saisie(jeton=str(page.context["form"]["jeton"].value()))
        assert [entrer(awa).post(NOTER, envoi).status_code for _ in range(2)] == [302, 302]
        assert Collective.objects.count() == 1

    @pytest.mark.parametrize(
        ("champ", "valeur", "dit"),
        [
            ("heures", "0", "une demi-heure s’écrit 0,5"),
            ("heures", "deux", "Écrivez un nombre d’heures"),
            ("heures", "1e9", "au plus égal à 200"),
            ("participants", "-1", "au moins égal à 0"),
            ("participants", "999999", "au plus égal à 5000"),
            ("le", "31/12/2099", "à venir"),
            ("code_postal", "Laval", "cinq chiffres"),
            ("precisions", "1 85 05 78 006 084 91", "sécurité sociale"),
            ("objectifs", "99", "objectifs"),
        ],
    )
    def test_une_faute_se_dit_et_ne_perd_rien(self, awa, entrer, champ, valeur, dit):
        reponse = entrer(awa).post(NOTER, saisie(commune="Mayenne", **{champ: valeur}))
        page = reponse.content.decode()
        assert reponse.status_code == 422 and dit in page and 'value="Mayenne"' in page
        assert not Collective.objects.exists()

    def test_la_garde_relit_les_textes(self, awa, entrer):
        reponse = entrer(awa).post(NOTER, saisie(precisions="Atelier pour des personnes en dépression."))
        assert reponse.status_code == 422 and "formulation_confirmee" in reponse.content.decode()

    @pytest.mark.parametrize("prenom", ["jean", "chloe", "farid", "hugo", "ines"])
    def test_qui_n_est_d_aucune_equipe_ne_note_pas(self, prenom, distribution, entrer):
        assert entrer(distribution[prenom]).post(NOTER, saisie()).status_code == 403
        with pytest.raises(DroitRefuse):
            une_collective(distribution[prenom])


class TestLire:
    @pytest.mark.parametrize(
        ("prenom", "statut"),
        [("bruno", 200), ("gaelle", 200), ("jean", 200), ("elsa", 404), ("chloe", 404), ("farid", 404), ("hugo", 404), ("ines", 404)],
    )  # fmt: skip
    def test_son_equipe_qui_supervise_et_la_direction(self, prenom, statut, distribution, entrer):
        notee = une_collective(distribution["awa"])
        assert entrer(distribution[prenom]).get(notee.get_absolute_url()).status_code == statut
        vues = Collective.objects.visibles_pour(distribution[prenom]).count()
        assert vues == (statut == 200)

    def test_la_direction_lit_et_n_ecrit_pas(self, awa, distribution, entrer):
        notee = une_collective(awa)
        page = entrer(distribution["jean"]).get(notee.get_absolute_url()).content.decode()
        assert "Corriger" not in page and "Retirer" not in page
        for acte in ("corriger", "retirer"):
            adresse = reverse(f"pilotage:{acte}_collective", args=[notee.uuid])
            assert entrer(distribution["jean"]).get(adresse).status_code == 403
            assert entrer(distribution["jean"]).post(adresse, {"raison": "x"}).status_code == 403

    def test_vide_dit_quoi_faire(self, awa, entrer):
        page = entrer(awa).get(LISTE).content.decode()
        assert "apparaîtront ici" in page and f'href="{NOTER}"' in page

    @pytest.mark.parametrize(
        "question",
        [
            "annee=abc",
            "annee=9999",
            "nature=' OR 1=1",
            "equipe=-1",
            "equipe=99999999999999",
            "apres=x_y",
            "apres=2026-01-01_",
        ],
    )
    def test_une_adresse_absurde_ne_casse_rien(self, question, awa, entrer):
        une_collective(awa)
        assert entrer(awa).get(f"{LISTE}?{question}").status_code == 200

    def test_dix_mille_lignes_se_lisent_par_cle(self, awa, entrer, django_assert_max_num_queries):
        remplir(awa, 10_000)
        vues, adresse, session = [], LISTE, entrer(awa)
        for _ in range(3):
            with django_assert_max_num_queries(12):
                page = session.get(adresse)
            vues += [ligne.pk for ligne in page.context["lignes"]]
            adresse = LISTE + page.context["suivant"]
        assert len(vues) == len(set(vues)) == 150
        assert vues == list(Collective.objects.order_by("-le", "-pk").values_list("pk", flat=True)[:150])
        requete = Collective.objects.visibles_pour(awa).notees().apres(datetime.date(2024, 6, 1), 5000)[:51]
        plan = requete.explain()
        assert "Sort" not in plan and "Seq Scan" not in plan and "(le <= '2024-06-01'::date)" in plan.split("Filter")[0]

    def test_filtre_par_annee_nature_et_equipe(self, awa, distribution, entrer):
        ici, ailleurs = une_collective(awa), une_collective(distribution["elsa"])
        jean = entrer(distribution["jean"])
        assert {c.pk for c in jean.get(LISTE).context["lignes"]} == {ici.pk, ailleurs.pk}
        assert [c.pk for c in jean.get(f"{LISTE}?equipe={awa.equipe_id}").context["lignes"]] == [ici.pk]
        assert jean.get(f"{LISTE}?nature=AC-5").context["lignes"] == []
        assert len(jean.get(f"{LISTE}?annee={ici.le.year}").context["lignes"]) == 2


class TestCorrigerEtRetirer:
    def test_corriger_dit_les_champs_changes(self, awa, distribution, entrer):
        notee = une_collective(awa)
        adresse = reverse("pilotage:corriger_collective", args=[notee.uuid])
        envoi = saisie(commune="Château-Gontier", heures="2", participants="14", version=notee.version)
        assert entrer(distribution["bruno"]).post(adresse, envoi).status_code == 302
        notee.refresh_from_db()
        assert (notee.commune, notee.modifiee_par) == ("Château-Gontier", distribution["bruno"])
        assert Evenement.objects.get(action="action collective corrigée").charge["champs"] == ["commune"]

    def test_une_version_depassee_montre_les_deux_textes(self, awa, entrer):
        notee = une_collective(awa)
        version = notee.version
        notee.corriger(par=awa, commune="Évron")
        adresse = reverse("pilotage:corriger_collective", args=[notee.uuid])
        reponse = entrer(awa).post(adresse, saisie(commune="Mayenne", version=version))
        assert reponse.status_code == 409
        assert "Évron" in reponse.content.decode() and "Mayenne" in reponse.content.decode()
        ancienne = Collective.objects.get(pk=notee.pk)
        ancienne.version -= 1
        with pytest.raises(Conflit):
            ancienne.retirer(par=awa, raison="Notée deux fois.")

    def test_retirer_demande_une_raison_et_ne_compte_plus(self, awa, entrer):
        notee = une_collective(awa)
        adresse = reverse("pilotage:retirer_collective", args=[notee.uuid])
        assert entrer(awa).post(adresse, {"raison": " ", "version": notee.version}).status_code == 422
        assert entrer(awa).post(adresse, {"raison": "Notée deux fois.", "version": notee.version}).status_code == 302
        assert not Collective.objects.notees().exists()
        page = entrer(awa).get(notee.get_absolute_url()).content.decode()
        assert "Notée deux fois." in page and "ne compte dans aucun chiffre" in page
        assert len(entrer(awa).get(f"{LISTE}?etat=retirees").context["lignes"]) == 1
        assert entrer(awa).post(adresse, {"raison": "Encore.", "version": notee.version}).status_code == 409
        notee.refresh_from_db()
        with pytest.raises(EtatRefuse):
            notee.corriger(par=awa, commune="Évron")

    def test_une_autre_equipe_ne_l_ecrit_pas(self, awa, distribution):
        notee = une_collective(awa)
        for acte, champs in ((notee.corriger, {"commune": "X"}), (notee.retirer, {"raison": "X"})):
            with pytest.raises(DroitRefuse):
                acte(par=distribution["elsa"], **champs)

    def test_la_base_refuse_un_retrait_sans_raison(self, awa):
        notee = une_collective(awa)
        notee.etat = Collective.Etat.RETIREE
        with pytest.raises(ValidationError, match="Dites pourquoi"):
            notee.save()


class TestExporter:
    @pytest.mark.parametrize("format", ["csv", "xlsx", "ods"])
    def test_part_sans_nom_et_s_inscrit(self, format, awa, entrer):
        une_collective(awa)
        reponse = entrer(awa).get(f"{LISTE}exporter/?format={format}")
        assert reponse.status_code == 200 and reponse["Content-Disposition"].endswith(f'.{format}"')
        assert awa.nom.encode() not in reponse.content
        assert Evenement.objects.get(action="export").charge["lignes"] == 1

    def test_neutralise_une_formule(self, awa, entrer):
        une_collective(awa).corriger(par=awa, partenaires="=HYPERLINK(1)")
        assert "'=HYPERLINK" in entrer(awa).get(f"{LISTE}exporter/?format=csv").content.decode()

    def test_un_autre_format_est_refuse(self, awa, entrer):
        assert entrer(awa).get(f"{LISTE}exporter/?format=exe").status_code == 422


def remplir(par, nombre):
    """Autant d'actions de l'équipe de ce compte, une par jour en remontant, versées d'un coup."""
    une_collective(par)
    colonnes = [champ.column for champ in Collective._meta.concrete_fields if champ.column not in ("id", "uuid", "le")]
    noms = ", ".join(f'"{colonne}"' for colonne in colonnes)
    with connection.cursor() as curseur:
        curseur.execute(
            f"INSERT INTO pilotage_collective (uuid, le, {noms}) SELECT gen_random_uuid(), le - i / 10, {noms}"
            " FROM pilotage_collective, generate_series(1, %s) i",
            [nombre - 1],
        )
        curseur.execute("ANALYZE pilotage_collective")
