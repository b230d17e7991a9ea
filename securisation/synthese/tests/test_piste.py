"""La piste d'audit : ce que chacun y lit, par clé et par index, sans rien compter ni classer du personnel."""

import csv
import io
import json
import re

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from securisation.comptes.models import Professionnel
from securisation.parcours.models import Parcours
from securisation.parcours.roles import attribuer_role
from securisation.socle import journal, tableur
from securisation.socle.models import Evenement
from securisation.synthese.models import Controle
from securisation.synthese.piste import export, lecture
from securisation.synthese.piste.filtres import NATURES, lire_filtres

pytestmark = pytest.mark.django_db
PISTE, EXPORT = "synthese:piste", "synthese:exporter_piste"
REQUETES = 13  # session, compte, fonctions, lecteur, acteurs, page, bout, total, état, avant et après, lectures, alertes, journal
ABSURDES = [
    {"periode": "x", "nature": "y", "acteur": "z", "du": "31/02/2026", "au": "demain"},
    {"apres": "a_b_c"},
    {"apres": "9" * 40 + "_1_1"},
    {"apres": f"1_1_{2**70}"},
    {"avant": "1"},
    {"personne": "%_' OR 1=1 --"},
    {"periode": "dates", "du": "2026-01-01", "au": "0001-01-01"},
]
VIDES = ("SAVEPOINT", "RELEASE", "ROLLBACK")
# Les colonnes d'un maillon que personne ne vérifiera ici : le volume seul compte.
VOLUME = """
INSERT INTO socle_journal (chaine, seq, quand, acteur, action, charge, sel, empreinte_charge, precedente, empreinte)
SELECT c, s, now() - (s * 40 + c) * interval '1 second', %s, CASE WHEN s %% 97 = 0 THEN 'refus' ELSE 'lecture' END, '{}', '', '', '', ''
  FROM generate_series(%s, %s) c, generate_series(1000, %s) s
 ORDER BY s DESC, c DESC
"""  # du plus ancien au plus récent, comme le journal s'écrit : sinon chaque ligne d'une page est dans un autre bloc


def filtres(par, **valeurs):
    """Les filtres d'une adresse, comme la page les lit."""
    adresse = QueryDict(mutable=True)
    adresse.update(valeurs)
    return lire_filtres(adresse, par)


def lus(par, **valeurs):
    """Les événements de la première page de `par`."""
    return lecture.lire_piste(par, filtres(par, **valeurs)).traits


def chaines(par, **valeurs):
    """Les chaînes que `par` lit."""
    return {trait.chaine for trait in lus(par, **valeurs)}


def remplir(acteur, chaines=(1000, 1019), rangs=1199):
    """Quatre mille maillons d'un seul compte, sur vingt chaînes étrangères par défaut."""
    with connection.cursor() as curseur:
        curseur.execute(VOLUME, [acteur.pk, *chaines, rangs])
        curseur.execute("ANALYZE socle_journal")


@pytest.fixture
def trois(ouvrir_un_parcours, awa):
    """Trois parcours d'awa : ouvert, restreint, et un autre."""
    ouvert, restreint, autre = (ouvrir_un_parcours(awa, nom=nom) for nom in ("Diallo", "Petit", "Roche"))
    restreint.restreindre(par=awa, restreint=True)
    return ouvert, restreint, autre


class TestQuiLitQuoi:
    def test_la_superviseure_lit_son_equipe_pas_le_restreint(self, trois, gaelle, awa, elsa):
        journal.inscrire("connexion", par=awa)
        journal.inscrire("connexion", par=elsa)
        ouvert, restreint, autre = (parcours.pk for parcours in trois)
        vues = chaines(gaelle)
        assert {ouvert, autre, -awa.pk} <= vues
        assert restreint not in vues
        assert -elsa.pk not in vues

    def test_nommee_sur_un_restreint_elle_le_lit(self, trois, gaelle, awa):
        attribuer_role(trois[1], gaelle, "lecteur", par=awa)
        assert trois[1].pk in chaines(gaelle, nature="ecritures")

    def test_sa_portee_est_celle_de_ses_parcours(self, trois, gaelle, awa):
        attribuer_role(trois[1], gaelle, "lecteur", par=awa)
        visibles = set(Parcours.objects.visibles_pour(gaelle).values_list("pk", flat=True))
        assert {chaine for chaine in chaines(gaelle) if chaine > 0} == visibles == {parcours.pk for parcours in trois}

    def test_une_ecriture_hors_de_l_application_se_dit(self, trois, hugo):
        with connection.cursor() as curseur:
            curseur.execute("SELECT set_config('jalon.motif', '', true), set_config('jalon.acteur', '', true)")
            curseur.execute("UPDATE parcours_parcours SET demande = 'x' WHERE id = %s", [trois[0].pk])
        assert "Hors de l'application" in lus(hugo)[0].detail

    def test_le_delegue_lit_tout_sans_nom_ni_valeur(self, client, trois, hugo, awa):
        trois[0].modifier(par=awa, demande="Une demande très précise.")
        client.force_login(hugo)
        page = client.get(reverse(PISTE)).text
        assert trois[1].pk in chaines(hugo)
        assert trois[0].numero in page
        assert "Champs changés : demande" in page
        for secret in ("Diallo", "Petit", "Roche", "très précise", str(trois[0].uuid)):
            assert secret not in page

    def test_la_superviseure_lit_avant_et_apres(self, client, trois, gaelle, awa):
        trois[0].modifier(par=awa, demande="Autre chose.")
        client.force_login(gaelle)
        page = client.get(reverse(PISTE), {"nature": "ecritures"}).text
        assert "<del>Deux loyers de retard.</del>" in page
        assert "<ins>Autre chose.</ins>" in page
        assert "Fatou Diallo" in page

    def test_personne_d_autre_n_y_entre(self, client, distribution):
        for qui in ("awa", "bruno", "elsa", "farid", "ines", "jean", "chloe"):
            client.force_login(distribution[qui])
            for route in (PISTE, EXPORT):
                assert client.get(reverse(route)).status_code in (403, 404), (qui, route)

    def test_un_contenu_efface_se_dit(self, trois, gaelle, awa):
        journal.inscrire("modification", parcours=trois[0], objet=trois[0], par=awa, effacee=True)
        trait = lus(gaelle)[0]
        assert trait.champs == [{"libelle": "Contenu", "efface": True}]

    def test_la_lire_s_inscrit(self, client, gaelle):
        client.force_login(gaelle)
        client.get(reverse(PISTE))
        assert Evenement.objects.filter(action="piste", acteur=gaelle).count() == 1


class TestFiltres:
    def test_par_personne_acteur_nature_et_periode(self, trois, gaelle, awa, bruno):
        journal.inscrire("lecture", parcours=trois[2], objet=trois[2], par=bruno)
        assert chaines(gaelle, personne="roche") == {trois[2].pk}
        assert chaines(gaelle, personne=trois[0].numero) == {trois[0].pk}
        assert {trait.qui for trait in lus(gaelle, acteur=str(bruno.uuid))} == {"Bruno Kellermann"}
        assert {trait.action for trait in lus(gaelle, nature="lectures")} == {"lecture"}
        assert lus(gaelle, periode="dates", au="2020-01-01") == []
        assert lus(gaelle, periode="dates", du="2020-01-01") != []

    def test_le_delegue_ne_cherche_pas_par_nom(self, trois, hugo):
        assert lus(hugo, personne="diallo") == []
        assert chaines(hugo, personne=trois[1].numero.lower()) == {trois[1].pk}

    def test_un_parcours_restreint_ne_se_trouve_pas(self, trois, gaelle):
        assert lus(gaelle, personne="petit") == lus(gaelle, personne=trois[1].numero) == []

    def test_une_adresse_absurde_n_est_jamais_une_erreur(self, client, gaelle):
        client.force_login(gaelle)
        for valeurs in ABSURDES:
            assert client.get(reverse(PISTE), valeurs).status_code == 200, valeurs

    def test_l_adresse_redit_ses_filtres(self, gaelle, awa):
        voulus = {
            "periode": "dates",
            "du": "2026-01-02",
            "au": "2026-03-04",
            "nature": "refus",
            "acteur": str(awa.uuid),
        }
        lue = filtres(gaelle, **voulus)
        assert QueryDict(lue.adresse()[1:]).dict() == voulus

    def test_chaque_nature_porte_des_actions_differentes(self):
        actions = [action for nom, (_, actions) in NATURES.items() if nom != "connexions" for action in actions]
        assert len(actions) == len(set(actions))


class TestPages:
    def parcourir(self, par, **valeurs):
        """Toutes les pages, de la première à la dernière."""
        page, pages = lecture.lire_piste(par, filtres(par, **valeurs)), []
        while True:
            pages.append(page)
            if not page.suivant:
                return pages
            adresse = QueryDict(filtres(par, **valeurs).adresse(apres=page.suivant)[1:])
            page = lecture.lire_piste(par, lire_filtres(adresse, par))

    def test_tout_se_lit_une_fois_dans_l_ordre(self, trois, gaelle, awa):
        for _ in range(120):
            journal.inscrire("lecture", parcours=trois[0], objet=trois[0], par=awa)
        pages = self.parcourir(gaelle)
        places = [trait.place for page in pages for trait in page.traits]
        assert len(pages) > 2
        assert places == sorted(set(places), reverse=True)
        visibles = [trois[0].pk, trois[2].pk, -awa.pk]
        assert len(places) == Evenement.objects.filter(chaine__in=visibles).count()

    def test_plus_recents_ramene_d_ou_l_on_vient(self, trois, hugo, awa):
        for _ in range(120):
            journal.inscrire("lecture", parcours=trois[0], objet=trois[0], par=awa)
        premiere, deuxieme, *_ = self.parcourir(hugo)
        adresse = QueryDict(filtres(hugo).adresse(avant=deuxieme.precedent)[1:])
        retour = lecture.lire_piste(hugo, lire_filtres(adresse, hugo))
        assert [trait.place for trait in retour.traits] == [trait.place for trait in premiere.traits]

    def test_une_fenetre_epuisee_dit_jusqu_ou_et_continue(self, monkeypatch, trois, gaelle, elsa):
        remplir(elsa, (5000, 5003), 1049)
        monkeypatch.setattr(lecture, "FENETRE", 60)
        monkeypatch.setattr(lecture._composer, "__defaults__", (60,))
        pages = self.parcourir(gaelle, periode="tout")
        assert pages[-2].borne is not None
        assert {trait.chaine for page in pages for trait in page.traits} >= {trois[0].pk, trois[2].pk}

    def test_compte_exact_puis_mille_et_plus(self, trois, gaelle, hugo, elsa):
        attendus = Evenement.objects.count()
        assert lecture.compter(hugo, filtres(hugo)) == (attendus, True)
        remplir(elsa)
        assert lecture.compter(hugo, filtres(hugo)) == (1000, False)
        assert lecture.compter(gaelle, filtres(gaelle))[1] is True


def plan(par, **valeurs):
    """Les pas du plan de la première page, à plat."""
    requete = lecture._composer(par, filtres(par, **valeurs), "DESC")
    with connection.cursor() as curseur:
        curseur.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + requete.sql(lecture._LIGNES), requete.valeurs)
        document = curseur.fetchone()[0]
    document = json.loads(document) if isinstance(document, str) else document
    return document[0]["Plan"]


def pas(noeud):
    yield noeud
    for suite in noeud.get("Plans", []):
        yield from pas(suite)


class TestPlan:
    @pytest.mark.parametrize("qui", ["hugo", "gaelle"])
    def test_le_journal_se_lit_par_index(self, trois, distribution, elsa, awa, qui):
        remplir(elsa)
        acteur = str((elsa if qui == "hugo" else awa).uuid)
        for valeurs in ({}, {"nature": "refus"}, {"acteur": acteur}, {"personne": trois[0].numero}):
            noeuds = list(pas(plan(distribution[qui], **valeurs)))
            entieres = [n["Relation Name"] for n in noeuds if n["Node Type"] == "Seq Scan" and n["Actual Loops"]]
            assert not [nom for nom in entieres if nom.startswith("socle_journal") and not _vide(nom)], valeurs
            assert any(noeud["Node Type"].startswith("Index") for noeud in noeuds), valeurs

    def test_une_page_profonde_ne_lit_pas_plus_que_la_premiere(self, hugo, elsa):
        remplir(elsa, (1000, 1039), 1499)
        premiere = plan(hugo)
        place = Evenement.objects.filter(chaine=1000, seq=1480).values_list("quand", "chaine", "seq")[0]
        adresse = QueryDict(filtres(hugo).adresse(apres=place)[1:]).dict()
        profonde = plan(hugo, **adresse)
        blocs = [noeud["Shared Hit Blocks"] + noeud["Shared Read Blocks"] for noeud in (premiere, profonde)]
        assert blocs[1] <= 1.3 * blocs[0]

    @pytest.mark.parametrize("qui", ["hugo", "gaelle"])
    def test_la_page_tient_son_compte_de_requetes(self, client, trois, distribution, elsa, qui):
        remplir(elsa)
        client.force_login(distribution[qui])
        with CaptureQueriesContext(connection) as lues:
            assert client.get(reverse(PISTE)).status_code == 200
        faites = [requete["sql"] for requete in lues.captured_queries if not requete["sql"].startswith(VIDES)]
        assert len(faites) <= REQUETES
        assert not [sql for sql in faites if re.search(r"\bOFFSET\b", sql)]


def _vide(table):
    """Vrai pour une partition sans ligne : la lire en entier ne coûte rien."""
    with connection.cursor() as curseur:
        curseur.execute(f"SELECT NOT EXISTS (SELECT 1 FROM {table})")
        return curseur.fetchone()[0]


class TestRienNeClasse:
    """La piste sert aux personnes suivies : elle ne mesure pas qui travaille."""

    def test_aucune_requete_ne_regroupe_ni_ne_trie_par_acteur(self, client, trois, gaelle, hugo):
        for qui in (gaelle, hugo):
            client.force_login(qui)
            with CaptureQueriesContext(connection) as lues:
                client.get(reverse(PISTE))
                client.get(reverse("synthese:alertes"))
            for requete in lues.captured_queries:
                if "socle_journal" in requete["sql"] or "synthese_alerte" in requete["sql"]:
                    assert "GROUP BY" not in requete["sql"]
                    for tri in re.findall(r"ORDER BY (.*)", requete["sql"]):
                        assert "acteur" not in tri

    def test_l_adresse_ne_sait_pas_trier(self, gaelle, awa):
        assert lus(gaelle, tri="acteur", ordre="desc", order_by="acteur") == lus(gaelle)

    def test_aucun_nombre_ne_depend_d_un_acteur_hors_du_filtre(self, client, trois, gaelle):
        client.force_login(gaelle)
        contexte = client.get(reverse(PISTE)).context
        nombres = [
            texte
            for liste in contexte["choix"].values()
            for _, texte, _ in liste
            if re.search(r"\(\d+\)|\d+ (acte|lecture)", texte)
        ]
        assert nombres == []


class TestChaine:
    def test_dit_quand_elle_a_ete_verifiee(self, client, gaelle):
        client.force_login(gaelle)
        assert "Chaîne pas encore vérifiée." in client.get(reverse(PISTE)).text
        from securisation.synthese.surveillance import controler

        assert controler().rupture == ""
        assert "aucune rupture" in client.get(reverse(PISTE)).text

    def test_dit_une_rupture(self, client, hugo):
        from securisation.socle.verification import Compte

        Controle.noter(Compte(chaines=2, maillons=9, ruptures=["chaîne 7, maillon 3 : son contenu a été changé."]))
        client.force_login(hugo)
        page = client.get(reverse(PISTE)).text
        assert "Chaîne rompue" in page
        assert "chaîne 7, maillon 3" in page


@pytest.fixture
def confirmee(client):
    """Ouvre la session d'un compte qui vient de confirmer qui il est."""
    from securisation.socle import confirmation, horloge

    def entrer(compte):
        client.force_login(compte)
        session = client.session
        session[confirmation.CONFIRME_LE] = horloge.montre()
        session.save()
        return client

    return entrer


class TestExport:
    def test_demande_une_confirmation_recente(self, client, gaelle, monkeypatch):
        from securisation.socle import confirmation

        client.force_login(gaelle)
        monkeypatch.setattr(confirmation, "est_recente", lambda request: False)
        assert client.get(reverse(EXPORT)).status_code == 302
        assert client.post(reverse(EXPORT)).status_code == 403
        assert not Evenement.objects.filter(action="export").exists()

    def test_rend_ce_qui_est_filtre_et_l_inscrit(self, confirmee, trois, gaelle, awa):
        Professionnel.objects.filter(pk=awa.pk).update(prenom="=cmd|' /C calc'!A0")
        session = confirmee(gaelle)
        assert "de la sélection" in session.get(reverse(EXPORT), {"nature": "ecritures"}).text
        reponse = session.post(reverse(EXPORT) + "?nature=ecritures", {"format": "csv"})
        lignes = list(csv.reader(io.StringIO(reponse.content.decode("utf-8-sig")), delimiter=";"))
        assert reponse["Content-Disposition"].startswith("attachment")
        assert lignes[0] == export.TITRES
        assert {ligne[2] for ligne in lignes[1:]} <= {"creation", "modification", "suppression"}
        assert not [cellule for ligne in lignes for cellule in ligne if re.match(r"[=+@-](?!\d+$)", cellule)]
        assert not [cellule for ligne in lignes for cellule in ligne if "Diallo" in cellule or "Petit" in cellule]
        assert Evenement.objects.get(action="export").charge["lignes"] == len(lignes) - 1

    @pytest.mark.parametrize("format", ["csv", "xlsx", "ods"])
    def test_dans_les_trois_formats(self, confirmee, trois, gaelle, format):
        reponse = confirmee(gaelle).post(reverse(EXPORT), {"format": format})
        assert (
            reponse["Content-Type"] == tableur.GENRES_MIME[format] and "sandbox" in reponse["Content-Security-Policy"]
        )
        assert reponse["Content-Disposition"].endswith(f'.{format}"')
        assert Evenement.objects.get(action="export").charge["lignes"] > 3

    @pytest.mark.parametrize("saisie", [{"format": "exe"}, {"format": ""}])
    def test_un_format_inconnu_se_redemande(self, confirmee, gaelle, saisie):
        assert confirmee(gaelle).post(reverse(EXPORT), saisie).status_code == 422
        assert not Evenement.objects.filter(action="export").exists()

    def test_se_coupe_et_le_dit(self, confirmee, hugo, elsa, monkeypatch):
        remplir(elsa, (1000, 1001), 1049)
        monkeypatch.setattr(lecture, "MAXIMUM", 20)
        lignes = confirmee(hugo).post(reverse(EXPORT), {"format": "csv"}).content.decode().splitlines()
        assert len(lignes) == 23
        assert "Coupé à 20 lignes" in lignes[-1]


def test_un_parcours_efface_garde_ses_evenements(trois, hugo, awa):
    cle = Parcours.objects.latest("pk").pk + 1000
    journal.inscrire("effacement", parcours=cle, par=awa)
    trait = lus(hugo)[0]
    assert (trait.dossier, trait.phrase) == ("Un dossier effacé", ": un contenu est effacé")
