"""Les pages de la direction : les chiffres en direct et le rapport d'activité, protégés, jamais par professionnel."""

import datetime
import json
import re
from html import unescape
from io import BytesIO

import page as norme
import pytest
from django.db import connection
from django.http import QueryDict
from openpyxl import load_workbook
from pypdf import PdfReader

from interventions.models import Contact
from securisation.comptes.models import Equipe
from securisation.documents import machine, pannes
from securisation.documents.atelier import EchecDuMetier
from securisation.documents.tests.schema import ecarts
from securisation.pilotage import calcul, faits
from securisation.pilotage.direction import activite, choix, presentation
from securisation.pilotage.models import Fait
from securisation.pilotage.tests.collectives import une_collective
from securisation.socle import confirmation, horloge
from securisation.socle.models import Evenement

pytestmark = pytest.mark.django_db
CHIFFRES, RAPPORT = "/pilotage/chiffres/", "/pilotage/rapport-d-activite/"


@pytest.fixture
def entrer(client):
    """`entrer(jean)` : le client, connecté à ce compte, qui vient de confirmer qui il est."""

    def connecter(compte):
        client.force_login(compte)
        session = client.session
        session[confirmation.CONFIRME_LE] = horloge.montre()
        session.save()
        return client

    return connecter


@pytest.fixture
def douze(awa, ouvrir_un_parcours):
    """Douze parcours de Laval, chacun un contact par téléphone venu de la personne et un SMS resté sans réponse."""
    parcours = [ouvrir_un_parcours(awa, nom=f"Roux{rang}") for rang in range(12)]
    for un in parcours:
        Contact(parcours=un).noter(par=awa, canal="téléphone", de_la_personne=True)
        Contact(parcours=un).noter(par=awa, canal="SMS", abouti=False)
    return parcours


@pytest.fixture
def cent_vingt(douze, awa):
    """Les mêmes, cinq contacts de chaque sorte : soixante et soixante, que l'arrondi laisse tels quels."""
    for un in douze * 4:
        Contact(parcours=un).noter(par=awa, canal="téléphone", de_la_personne=True)
        Contact(parcours=un).noter(par=awa, canal="SMS", abouti=False)
    return douze


def lire(par, question=""):
    """Le choix que dit cette adresse pour ce compte."""
    return choix.lire(QueryDict(question), par)


def tableau(contenu, code):
    """Le tableau de ce code."""
    return next(t for t in contenu["tableaux"] if t["code"] == code)


class TestChoix:
    @pytest.mark.parametrize(
        ("periode", "du", "au"),
        [("2025", (1, 1), (12, 31)), ("2025-S1", (1, 1), (6, 30)), ("2025-S2", (7, 1), (12, 31)),
         ("2025-T1", (1, 1), (3, 31)), ("2025-T3", (7, 1), (9, 30))],
    )  # fmt: skip
    def test_les_periodes_suivent_le_calendrier(self, periode, du, au):
        assert choix.Choix(periode).bornes == (datetime.date(2025, *du), datetime.date(2025, *au))

    @pytest.mark.parametrize(
        "question",
        [
            "periode=2025-T5",
            "periode=1999",
            "periode=9999",
            "periode=x",
            "periode=2025-S3",
            "equipe=abc",
            "departement=%27",
        ],
    )
    def test_une_valeur_sans_sens_est_ecartee(self, question, jean):
        lu = lire(jean, question)
        assert (lu.periode, lu.equipe, lu.departement) == (str(horloge.aujourd_hui().year), None, "")

    def test_qui_supervise_ne_choisit_que_ses_equipes(self, gaelle, elsa, jean):
        assert lire(gaelle).equipes == (gaelle.equipe_id,)
        assert lire(gaelle, f"equipe={elsa.equipe_id}").equipes == (gaelle.equipe_id,)
        assert lire(jean).equipes == () and lire(jean, f"equipe={elsa.equipe_id}").equipes == (elsa.equipe_id,)

    def test_qui_ne_supervise_plus_rien_ne_compte_rien(self, awa):
        assert lire(awa).equipes == choix.AUCUNE


class TestChiffres:
    @pytest.mark.parametrize(
        ("prenom", "statut"),
        [
            ("jean", 200),
            ("gaelle", 200),
            ("awa", 403),
            ("bruno", 403),
            ("hugo", 403),
            ("farid", 403),
            ("ines", 403),
            ("chloe", 403),
        ],
    )
    @pytest.mark.parametrize("page", [CHIFFRES, RAPPORT, f"{RAPPORT}pdf/", f"{RAPPORT}classeur/"])
    def test_la_direction_et_la_supervision_seules(self, prenom, statut, page, distribution, entrer, monkeypatch):
        monkeypatch.setattr(presentation, "pdf", lambda choisi: type("Pdf", (), {"contenu": b"%PDF"}))
        assert entrer(distribution[prenom]).get(page).status_code == statut
        assert entrer(distribution[prenom]).post(page).status_code in (403, 405)

    def test_tout_petit_le_dit_et_ne_montre_aucun_nombre(self, parcours, jean, entrer):
        page = entrer(jean).get(CHIFFRES).content.decode()
        assert "De zéro à dix partout" in page and "t-cles" not in page

    def test_vide_et_un_seul_parcours_ont_la_meme_page(self, jean, entrer, ouvrir_un_parcours, awa):
        def corps():
            return entrer(jean).get(CHIFFRES).content.decode().split('aria-labelledby="t-rien"')[1]

        vide = corps()
        ouvrir_un_parcours(awa, nom="Seule")
        assert corps() == vide

    def test_le_conseil_ne_dit_pas_ce_qui_est_deja_choisi(self, jean, awa, entrer):
        page = entrer(jean).get(CHIFFRES).content.decode()
        assert "toutes les équipes" not in page and "tout le territoire" not in page
        page = entrer(jean).get(f"{CHIFFRES}?equipe={awa.equipe_id}").content.decode()
        assert "Prenez toutes les équipes." in page

    def test_des_actions_refusees_ne_se_disent_pas_faute_de_parcours(self, jean, entrer):
        raisons = {r["titre"]: r["pourquoi"] for r in presentation.rapport(lire(jean), jean)["figures"]["refuses"]}
        actions = next(dit for titre, dit in raisons.items() if "Permanences" in titre)
        assert actions.startswith("Trop peu d’actions")
        assert "parcours" not in next(dit for titre, dit in raisons.items() if "Temps de coordination" in titre)

    def test_plein_montre_les_nombres_arrondis(self, douze, jean, entrer):
        page = entrer(jean).get(CHIFFRES)
        assert page.context["figures"]["chapitres"]
        demandes = tableau(calcul.en_direct(lire(jean).perimetre), "demandes")
        assert demandes["total"] % 5 == 0 and demandes["total"] >= 15
        assert "environ 15" in page.content.decode()

    def test_une_autre_equipe_ne_compte_pas_ceux_d_ici(self, douze, jean, elsa, entrer):
        assert entrer(jean).get(f"{CHIFFRES}?equipe={elsa.equipe_id}").context["rien"]

    def test_rien_ne_nomme_un_professionnel(self, douze, jean, awa, entrer):
        page = entrer(jean).get(CHIFFRES).content.decode()
        assert {awa.nom, awa.prenom} & set(re.findall(r"\w+", page)) == set()

    def test_une_opposition_sort_des_chiffres(self, douze, jean, entrer):
        un = douze[0]
        un.demandes.model(parcours=un).enregistrer(
            par=un.attributions.get(permission__codename="referent").user,
            genre="opposition",
            recue_le=horloge.aujourd_hui(),
            moyen="oral",
        )
        deux = douze[1]
        deux.demandes.model(parcours=deux).enregistrer(
            par=deux.attributions.get(permission__codename="referent").user,
            genre="opposition",
            recue_le=horloge.aujourd_hui(),
            moyen="oral",
        )
        assert entrer(jean).get(CHIFFRES).context["rien"]
        assert Fait.objects.filter(compte=True).count() == 10


class TestActivite:
    def test_compte_les_contacts_par_moyen_et_par_sens(self, cent_vingt, jean):
        contenu = activite.compter(lire(jean))
        contacts = tableau(contenu, "contacts")
        lignes = {ligne["code"]: ligne["valeur"] for ligne in contacts["lignes"]}
        assert contacts["total"] == 120 and lignes["courrier"] == "petit"
        assert all(v in ("petit", "protege") or v % 5 == 0 for v in lignes.values())
        assert tableau(contenu, "initiative")["refus"] == "" and tableau(contenu, "aboutis")["refus"] == ""

    def test_onze_actes_d_une_meme_personne_ne_font_pas_un_nombre(self, parcours, awa, jean):
        for _ in range(15):
            Contact(parcours=parcours).noter(par=awa, canal="SMS", abouti=False)
        assert tableau(activite.compter(lire(jean)), "contacts")["refus"]

    def test_le_total_est_celui_de_tous_les_actes_le_meme_partout(self, cent_vingt, awa, jean):
        """Trente lettres à cinq personnes : protégées, jamais « ≤ 10 », et comptées dans le total."""
        for un in cent_vingt[:5]:
            for _ in range(6):
                Contact(parcours=un).noter(par=awa, canal="courrier", abouti=False)
        contenu = activite.compter(lire(jean))
        totaux = {tableau(contenu, code)["total"] for code in ("contacts", "aboutis", "initiative")}
        assert totaux == {150}
        assert {x["code"]: x["valeur"] for x in tableau(contenu, "contacts")["lignes"]}.get(
            "courrier", "protege"
        ) == "protege"

    def test_une_ligne_reunie_de_trop_peu_de_parcours_est_protegee(self, douze):
        actes = {"a": activite.Actes(20, frozenset({1, 2})), "b": activite.Actes(9, frozenset({2, 3}))}
        t = activite.TableauDActes("x", "contacts", "X", "x", "liste", activite.Compte(), actes=actes)
        publie = {"lignes": [{"codes": ["a", "b"], "valeur": 30}, {"codes": ["b"], "valeur": "petit"}]}
        activite._taire_le_trop_peu(t, publie)
        assert [ligne["valeur"] for ligne in publie["lignes"]] == ["protege", "petit"]

    def test_les_heures_de_coordination_sont_celles_saisies(self, awa, jean):
        for nature, heures, preparation in (("AC-4", 12, 8), ("AC-5", 12, 8), ("AC-2", 100, 100)):
            une_collective(awa, nature=nature, heures=heures, preparation=preparation)
        lu = tableau(activite.compter(lire(jean)), "coordination")
        assert 36 <= lu["total"] <= 44 and lu["unite"] == "heures"

    def test_une_action_retiree_ou_d_une_autre_annee_ne_compte_pas(self, awa, jean):
        for _ in range(11):
            une_collective(awa)
        assert not tableau(activite.compter(lire(jean)), "collectives")["refus"]
        une_collective(awa).retirer(par=awa, raison="Notée deux fois.")
        autre = une_collective(awa, le=datetime.date(horloge.aujourd_hui().year - 1, 6, 1))
        assert autre.pk and tableau(activite.compter(lire(jean)), "collectives")["total"] == 15
        avant = activite.compter(lire(jean, f"periode={horloge.aujourd_hui().year - 1}"))
        assert tableau(avant, "collectives")["refus"]

    def test_ce_qui_n_est_pas_decide_se_range_comme_dans_une_edition(self, cent_vingt, awa, ouvrir_un_parcours, jean):
        """Sans quoi « pas encore décidées » moins « à qualifier » dirait les finies avant d'être qualifiées, de zéro à dix."""
        for rang in range(33):
            ouvrir_un_parcours(awa, nom=f"Blanc{rang}")
        faits.rafraichir()
        attendent = list(Fait.objects.filter(admis_le=None, refuse_le=None).order_by("pk").values_list("pk", flat=True))
        jour = horloge.aujourd_hui()
        Fait.objects.filter(pk__in=attendent[:4]).update(fini_le=jour)
        Fait.objects.filter(pk__in=attendent[4:19]).update(refuse_le=jour)
        Fait.objects.filter(pk__in=attendent[19:32]).update(admis_le=jour)
        choisi = lire(jean)
        valeurs = {"du": choisi.bornes[0], "au": choisi.bornes[1], "equipes": [], "delai": activite.DELAI}
        with connection.cursor() as curseur:
            (du_rapport,) = activite._des_demandes(activite._lire(curseur, activite._DECISIONS, valeurs))
        (de_l_edition,) = [t for t in calcul.compter(choisi.perimetre) if t.code == "qualification"]
        ici = {ligne.code: (ligne.libelle, ligne.compte) for ligne in du_rapport.lignes}
        la = {ligne.code: (ligne.libelle, ligne.compte) for ligne in de_l_edition.lignes}
        assert set(ici) == {"delai", "retard", "attente", "sans_suite"} and du_rapport.total == de_l_edition.total
        assert all(ici[code] == la[code] for code in ("attente", "sans_suite")) and ici["sans_suite"][1].n == 4
        assert ici["delai"][1] + ici["retard"][1] == la["admises"][1] + la["non_admises"][1]

    def test_dit_partout_qu_il_reste_dans_l_association(self, cent_vingt, jean, entrer):
        assert presentation.RESTE in entrer(jean).get(RAPPORT).content.decode()
        assert ["Méthode", presentation.RESTE] in presentation.feuilles(lire(jean))[0].lignes
        lu = "".join(page.extract_text() for page in PdfReader(BytesIO(presentation.pdf(lire(jean)).contenu)).pages)
        assert "restent dans l’association" in " ".join(lu.split())

    def test_les_demandes_decidees_dans_les_sept_jours(self, douze, awa, ouvrir_un_parcours, jean):
        for rang in range(8):
            ouvrir_un_parcours(awa, nom=f"Blanc{rang}")
        lu = tableau(activite.compter(lire(jean)), "decisions")
        assert {ligne["code"]: ligne["valeur"] for ligne in lu["lignes"]}["attente"] == "protege"

    def test_le_classeur_ne_porte_que_ce_que_la_page_montre(self, douze, jean, entrer):
        reponse = entrer(jean).get(f"{RAPPORT}classeur/?format=xlsx")
        classeur = load_workbook(BytesIO(reponse.content))
        assert "Lire ces nombres" in classeur.sheetnames and len(classeur.sheetnames) > 2
        valeurs = [
            c
            for feuille in classeur
            for rang in feuille.iter_rows(values_only=True)
            for c in rang
            if isinstance(c, int)
        ]
        assert valeurs and all(valeur % 5 == 0 for valeur in valeurs)
        assert Evenement.objects.filter(action="export", acteur_id=jean.pk).count() == 1

    @pytest.mark.parametrize("format", ["csv", "xlsx", "ods"])
    def test_la_page_propose_chaque_format_et_dit_qu_il_se_prepare(self, format, douze, jean, entrer):
        page = entrer(jean).get(f"{RAPPORT}?periode={horloge.aujourd_hui().year}").text
        quoi = f"{'fichier' if format == 'csv' else 'classeur'} {format.upper()}"
        (lien,) = re.findall(rf'<a [^>]*href="([^"]*format={format}[^"]*)"[^>]*data-attendu="Le {quoi}"', page)
        recu = entrer(jean).get(unescape(lien))
        assert recu.status_code == 200 and recu["Content-Disposition"].endswith(f'.{format}"')

    @pytest.mark.parametrize("fichier", ["pdf", "classeur"])
    def test_un_export_demande_une_confirmation_recente(self, fichier, jean, client):
        client.force_login(jean)
        session = client.session
        session.pop(confirmation.CONFIRME_LE, None)
        session.save()
        reponse = client.get(f"{RAPPORT}{fichier}/")
        assert reponse.status_code == 302 and "confirm" in reponse["Location"]
        assert not Evenement.objects.filter(action="export").exists()

    @pytest.mark.parametrize("panne", [*pannes.PANNES])
    def test_sans_la_machine_le_pdf_est_refuse_en_francais(self, panne, jean, entrer, monkeypatch):
        def arreter(*_args, **_champs):
            raise panne("NomDeFaute", "détail") if panne is EchecDuMetier else panne("détail")

        monkeypatch.setattr(machine, "produire", arreter)
        reponse = entrer(jean).get(f"{RAPPORT}pdf/")
        assert reponse.status_code == 503 and "Réessayez plus tard" in reponse.content.decode()
        assert not Evenement.objects.filter(action="export").exists()

    def test_un_format_inconnu_est_refuse(self, jean, entrer):
        assert entrer(jean).get(f"{RAPPORT}classeur/?format=exe").status_code == 422


class TestPdf:
    def test_est_archivable_accessible_et_porte_ses_nombres(self, douze, awa, jean):
        for _ in range(12):
            une_collective(awa)
        produit = presentation.pdf(lire(jean))
        for profil in ("3a", "ua1"):
            assert [
                (f.rule_id, f.message) for f in norme.validate_pdf_bytes(produit.contenu, profile=profil).failures
            ] == []
        assert produit.pages <= 6
        donnees = json.loads(PdfReader(BytesIO(produit.contenu)).attachments["donnees.json"][0])
        assert ecarts(donnees) == [] and donnees["contenu"]["tableaux"] and donnees["contenu"]["refuses"]
        assert donnees["equipes"] == presentation.TOUTES

    def test_ne_porte_d_une_equipe_que_son_nom(self, douze, awa, jean):
        """Ni clé ni périmètre : ce qui range les équipes dans la base ne sort pas de la maison."""
        equipe = Equipe.objects.create(pk=987_654_321, nom="Équipe du Haut-Anjou")
        for un in (lire(jean, f"equipe={equipe.pk}"), lire(jean, f"equipe={awa.equipe_id}")):
            dites = presentation.pieces_jointes(un, activite.compter(un))
            assert ecarts(dites) == []
            assert str(equipe.pk) not in json.dumps(dites) and "perimetre" not in dites["contenu"]
            assert dites["equipes"] == Equipe.objects.get(pk=un.equipe).nom

    def test_une_periode_vide_se_produit_aussi(self, jean):
        produit = presentation.pdf(lire(jean))
        donnees = json.loads(PdfReader(BytesIO(produit.contenu)).attachments["donnees.json"][0])
        assert ecarts(donnees) == [] and donnees["contenu"]["tableaux"] == []
