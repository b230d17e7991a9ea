"""« Mes parcours » : la même chose que `visibles_pour`, par un index seul et par raison de voir."""

import datetime
import itertools
import json
import re

import pytest
from django.db import connection
from django.template.loader import render_to_string

from securisation.annuaire.models import Finalite
from securisation.parcours.models import Accord, Parcours
from securisation.parcours.roles import attribuer_role
from securisation.socle import horloge
from securisation.socle.trace import hors_porte
from securisation.synthese import dus, liste
from securisation.synthese.dossier import accord_en_cours, lire_dossier

INDEX = {"attribution_liste", "parcours_de_l_equipe"}


def cles(professionnel, **options):
    """Les parcours que la page montre à ce professionnel, dans l'ordre."""
    return [ligne.cle for ligne in liste.lire_liste(professionnel, **options)[0]]


# Sur les tables presque vides d'un essai, lire et trier coûterait moins : le planificateur n'a droit ici qu'aux index dans leur ordre.
INTERDITS = ("enable_seqscan", "enable_bitmapscan", "enable_sort")


def plan(professionnel, **condition):
    """Les pas du plan d'exécution des clés visibles, à plat."""
    parametres = liste.parametres(professionnel, etats=liste.EN_COURS, limite=51)
    with connection.cursor() as curseur:
        for nom in INTERDITS:
            curseur.execute(f"SET LOCAL {nom} = off")
        curseur.execute("EXPLAIN (FORMAT JSON) " + liste.visibles(**condition), parametres)
        document = curseur.fetchone()[0]
    document = json.loads(document) if isinstance(document, str) else document
    return list(aplatir(document[0]["Plan"]))


def aplatir(pas):
    """Un pas, puis ceux qu'il appelle."""
    yield pas
    for suite in pas.get("Plans", []):
        yield from aplatir(suite)


@pytest.fixture
def equipe_et_role(ouvrir_un_parcours, awa, bruno, gaelle):
    """Trois parcours : de tous, du seul rôle d'awa, et un restreint que l'équipe ne voit pas."""
    ouvert, autre, restreint = (ouvrir_un_parcours(awa, nom=nom) for nom in ("Diallo", "Roche", "Petit"))
    attribuer_role(ouvert, bruno, "intervenant", par=awa)
    restreint.restreindre(par=awa, restreint=True)
    return ouvert, autre, restreint


class TestListe:
    @pytest.mark.parametrize("prenom", ["awa", "bruno", "chloe", "elsa", "farid", "gaelle", "hugo"])
    def test_montre_exactement_ce_qui_est_visible(self, equipe_et_role, distribution, prenom):
        compte = distribution[prenom]
        attendus = set(
            Parcours.objects.visibles_pour(compte).exclude(etat__in=Parcours.FIGES).values_list("pk", flat=True)
        )
        assert set(cles(compte)) == attendus

    def test_dit_qui_voit_quoi(self, equipe_et_role, awa, bruno, elsa, gaelle):
        ouvert, autre, restreint = (p.pk for p in equipe_et_role)
        assert [len(cles(compte)) for compte in (awa, bruno, elsa, gaelle)] == [3, 1, 0, 2]
        assert cles(bruno) == [ouvert]
        assert set(cles(gaelle)) == {ouvert, autre}
        assert restreint in cles(awa)

    def test_un_parcours_fini_n_a_plus_d_accord_a_recueillir(self, equipe_et_role, awa, client):
        ouvert = equipe_et_role[0]
        assert next(ligne.accords for ligne in liste.lire_liste(awa)[0] if ligne.cle == ouvert.pk) == "à recueillir"
        ouvert.interrompre(par=awa, motif="souhait")
        (fini,) = liste.lire_liste(awa, phase="clos")[0]
        assert (fini.cle, fini.accords, fini.accords_a_voir) == (ouvert.pk, "", False)
        client.force_login(awa)
        page = client.get("/", {"phase": "clos"}).text
        assert ouvert.numero in page and "Accords à recueillir" not in page

    def test_un_parcours_visible_a_deux_titres_n_est_montre_qu_une_fois(self, equipe_et_role, awa, gaelle):
        ouvert = equipe_et_role[0]
        attribuer_role(ouvert, gaelle, "lecteur", par=awa)
        assert cles(gaelle).count(ouvert.pk) == 1

    def test_suit_l_ordre_des_echeances_page_apres_page(self, ouvrir_un_parcours, awa, monkeypatch):
        monkeypatch.setattr(liste, "TAILLE", 2)
        jours = [9, 1, 5, 5, 3]
        for rang, ecart in enumerate(jours):
            parcours = ouvrir_un_parcours(awa, nom=f"N{rang}")
            parcours.poser_echeance(
                "qualification", horloge.aujourd_hui() + datetime.timedelta(days=ecart), "Qualifier"
            )
        vues, curseur = [], liste.PREMIER
        while curseur:
            page, curseur = liste.lire_liste(awa, apres=curseur)
            vues += [ligne.echeance for ligne in page]
        assert vues == sorted(vues)
        assert len(vues) == len(jours)

    def test_un_retrait_mord_a_la_lecture_suivante(self, equipe_et_role, awa, bruno):
        from securisation.parcours.roles import retirer_role

        retirer_role(equipe_et_role[0], bruno, par=awa)
        assert cles(bruno) == []

    def test_les_comptes_sont_ceux_de_la_liste(self, equipe_et_role, awa, gaelle):
        for compte in (awa, gaelle):
            comptes = dus.lire_comptes(compte)
            assert comptes.total == len(cles(compte))
            assert len(comptes.a_faire) == comptes.total

    def test_la_barre_des_phases_s_ecrit_avec_un_point(self):
        """Trois tiers : la langue écrirait « 66,7 », que le dessin refuse."""
        phases = dict.fromkeys(liste.PHASES, 0) | dict.fromkeys(("orientation", "diagnostic", "intervention"), 1)
        dessin = render_to_string("synthese/_coup_d_oeil.html", {"comptes": dus.Comptes(phases, 0, 0, [], [])})
        barre = re.findall(r'<rect x="([^"]*)%"\s+width="([^"]*)%"', dessin)
        assert barre == [("0.0", "33.3"), ("33.3", "33.3"), ("66.7", "33.3")]


class TestPlan:
    """Une raison de voir, un parcours d'index : ni la table, ni un tri, ni un OU."""

    @pytest.mark.parametrize("condition", [liste.TEMPS[""][1], liste.TEMPS["retard"][1], liste.EN_COURS_OU_DUS])
    def test_chaque_raison_est_lue_dans_son_seul_index(self, equipe_et_role, gaelle, condition):
        """Filtrée par le temps, ou comptée avec ce qui reste dû sur un parcours fini, la liste reste un parcours d'index."""
        pas = plan(gaelle, condition=condition)
        lectures = [p for p in pas if "Scan" in p["Node Type"] and p.get("Relation Name")]
        assert [p["Node Type"] for p in lectures] == ["Index Only Scan"] * 2
        assert {p["Index Name"] for p in lectures} == INDEX

    def test_l_index_donne_l_ordre_et_le_curseur(self, equipe_et_role, gaelle):
        pas = plan(gaelle)
        bornees = [p for p in pas if p["Node Type"] == "Limit"]
        assert len(bornees) == 2
        for borne in bornees:
            dessous = list(aplatir(borne))[1:]
            assert {p["Node Type"] for p in dessous} <= {
                "Index Only Scan",
                "Nested Loop",
                "Function Scan",
                "Subquery Scan",
            }
        lectures = [p for p in pas if p["Node Type"] == "Index Only Scan"]
        assert all("ROW(" in p["Index Cond"] and "echeance" in p["Index Cond"] for p in lectures)


JOURS = [None, -2, -1, 0, 1]


class TestAccordEnCours:
    """Trois lectures d'une même règle : le modèle, la page du parcours, la liste."""

    @pytest.mark.parametrize("accorde", [True, False])
    @pytest.mark.parametrize("debut", [-2, 0, 1])
    def test_les_lectures_disent_la_meme_chose(self, parcours, awa, accorde, debut):
        jour, finalite = horloge.aujourd_hui(), Finalite.objects.get(code="ADHESION")
        dans = lambda ecart: None if ecart is None else jour + datetime.timedelta(days=ecart)  # noqa: E731
        for fin, retrait in itertools.product(JOURS, JOURS):
            if any(borne is not None and borne < debut for borne in (fin, retrait)):
                continue
            if not accorde and (fin, retrait) != (None, None):  # un refus n'a ni fin ni retrait : la base le refuse
                continue
            accord = Accord(parcours=parcours, finalite=finalite, accorde=accorde, le=dans(debut))
            accord.jusqu_au, accord.retire_le = dans(fin), dans(retrait)
            with hors_porte("essai", par=awa):
                accord.save()
            attendu = accord.est_en_cours
            assert Accord.objects.en_cours().filter(pk=accord.pk).exists() == attendu
            assert bool(accord_en_cours(lire_dossier(parcours)["accords"][0])) == attendu
            assert bool(liste.lire_liste(awa)[0][0].adhesion) == attendu
            with hors_porte("essai", par=awa):
                accord.delete()
