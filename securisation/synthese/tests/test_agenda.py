"""L'agenda : ce qu'il montre et à qui, ses filtres, qui remplace ; ce que l'on ne voit pas n'y est jamais."""

import datetime
import re
from urllib.parse import parse_qs

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from securisation.comptes import absences
from securisation.comptes.models import Absence
from securisation.parcours.models import Echeance, Parcours, RendezVous
from securisation.parcours.models.rendez_vous import a_l_heure
from securisation.parcours.roles import attribuer_role, retirer_role
from securisation.socle import horloge
from securisation.socle.cloison import lire_comme
from securisation.synthese.agenda import lecture, presentation
from securisation.synthese.agenda.filtres import DEBUT, lire_filtres
from securisation.synthese.liste import EN_COURS

pytestmark = pytest.mark.django_db
JOUR = datetime.timedelta(days=1)


def prevoir(parcours, par, jour=None, heure=9, **champs):
    """Un rendez-vous ce jour-là (aujourd'hui par défaut), à cette heure de Paris."""
    debut = a_l_heure(jour or horloge.aujourd_hui(), datetime.time(heure))
    return RendezVous(parcours=parcours).prevoir(par=par, debut=debut, **({"lieu": "Permanence"} | champs))


def lire(par, du=None, jours=7, **options):
    """Les éléments que ce compte lit, derrière le mur."""
    du = du or horloge.aujourd_hui()
    with lire_comme(par):
        return lecture.lire(par, du=du, avant=du + jours * JOUR, **options)


def page(client, **filtres):
    """La page de l'agenda, en texte."""
    reponse = client.get(reverse("synthese:agenda"), filtres)
    assert reponse.status_code == 200
    return reponse.content.decode().replace("\xa0", " ").replace("\u202f", " ")


class TestCeQuOnVoit:
    def test_montre_un_rendez_vous_a_qui_y_est_attendu(self, parcours, awa, bruno):
        objet = prevoir(parcours, awa, professionnels=[bruno])
        assert [e.uuid for e in lire(bruno, qui=[bruno.pk], genres=["rendez_vous"])] == [objet.uuid]
        assert lire(awa, qui=[awa.pk], genres=["rendez_vous"]) == []

    def test_une_echeance_est_a_qui_agit(self, parcours, awa, gaelle):
        attribuer_role(parcours, gaelle, "lecteur", par=awa)
        assert [e.genre for e in lire(awa, jours=9, qui=[awa.pk])] == ["echeance"]
        assert lire(gaelle, jours=9, qui=[gaelle.pk]) == []
        assert len(lire(gaelle, jours=9)) == 1

    @pytest.mark.parametrize("nom", ["elsa", "chloe", "driss", "farid", "hugo", "ines", "jean"])
    def test_rien_d_un_parcours_etranger(self, parcours, distribution, awa, nom):
        prevoir(parcours, awa)
        assert lire(distribution[nom], jours=30) == []

    def test_un_role_retire_mord_aussitot(self, parcours, awa, bruno):
        prevoir(parcours, awa, professionnels=[bruno])
        retirer_role(parcours, bruno, par=awa)
        assert lire(bruno, jours=30) == []

    def test_un_parcours_restreint_quitte_la_supervision(self, parcours, awa, gaelle):
        prevoir(parcours, awa)
        assert lire(gaelle)
        parcours.restreindre(par=awa, restreint=True, motif="Un proche.", raison="proche")
        assert lire(gaelle) == []
        assert lire(awa)

    def test_ni_annule_ni_d_un_parcours_interrompu(self, parcours, awa, ouvrir_un_parcours):
        prevoir(parcours, awa).annuler(par=awa, motif="Report")
        autre = ouvrir_un_parcours(awa, nom="Roche")
        prevoir(autre, awa)
        autre.interrompre(par=awa, motif="souhait")
        assert lire(awa, genres=["rendez_vous"]) == []

    @pytest.mark.parametrize("nom", ["awa", "bruno", "gaelle", "elsa", "hugo"])
    def test_l_agenda_est_egal_a_la_definition_de_ce_qui_se_voit(self, distribution, ouvrir_un_parcours, nom):
        for rang, (referent, restreint) in enumerate((r, x) for r in ("awa", "bruno", "elsa") for x in (False, True)):
            compte = distribution[referent]
            parcours = ouvrir_un_parcours(compte, nom=f"Essai{rang}")
            prevoir(parcours, compte)
            if restreint:
                parcours.restreindre(par=compte, restreint=True, motif="Un proche.", raison="proche")
        par = distribution[nom]
        vus = Parcours.objects.visibles_pour(par).filter(etat__in=EN_COURS)
        assert {e.parcours for e in lire(par, jours=30)} == set(vus.values_list("uuid", flat=True))


class TestPeriode:
    def test_la_semaine_va_du_lundi_au_dimanche_meme_quand_l_heure_change(self, parcours, awa):
        for annee, mois, jour in ((2026, 3, 29), (2026, 10, 25)):
            dimanche = datetime.date(annee, mois, jour)
            with horloge.reprise_au(horloge.debut_du_jour(dimanche)):
                prevoir(parcours, awa, jour=dimanche, heure=23)
                prevoir(parcours, awa, jour=dimanche + JOUR, heure=0)
            filtres = lire_filtres({"jour": dimanche.isoformat()})
            lus = lire(awa, du=filtres.du, genres=["rendez_vous"])
            assert [e.jour for e in lus] == [dimanche]

    def test_une_semaine_a_cheval_sur_l_annee(self):
        filtres = lire_filtres({"jour": "2027-01-01"})
        assert (filtres.du, filtres.avant) == (datetime.date(2026, 12, 28), datetime.date(2027, 1, 4))
        assert presentation._titre(filtres).startswith("Semaine 53, du ")
        assert parse_qs(filtres.decale(1)[1:])["jour"] == ["2027-01-04"]
        assert parse_qs(filtres.decale(-1)[1:])["jour"] == ["2026-12-21"]

    @pytest.mark.parametrize(
        "jour", ["", "x", "2026-02-30", "9999-12-31", "0001-01-01", "2026-11-22' OR 1=1", "\u202e", "2026-W10-1"]
    )
    def test_une_date_absurde_ne_casse_rien(self, jour, awa, client):
        client.force_login(awa)
        page(client, jour=jour, vue="liste", de="equipe", genre="x", apres=f"{jour}_r1")

    @pytest.mark.parametrize("apres", ["1_r", "99999999999999_r1", "-1_r1", "²_r1", "1_x1", "1_r" + "9" * 40])
    def test_un_curseur_absurde_est_ignore(self, apres):
        assert lire_filtres({"apres": apres}).apres[0] in (
            DEBUT[0],
            datetime.datetime.fromtimestamp(1, tz=datetime.UTC),
        )


class TestPage:
    def test_dit_l_heure_le_lieu_et_la_personne(self, parcours, awa, client):
        client.force_login(awa)
        prevoir(parcours, awa, heure=14, avec="CCAS")
        texte = page(client)
        for mot in ("14 h à 15 h", "Permanence", "Fatou Diallo", parcours.numero, "CCAS"):
            assert mot in texte

    def test_les_filtres_vivent_dans_l_adresse(self, parcours_admis, awa, client):
        client.force_login(awa)
        prevoir(parcours_admis, awa, genre="visite", lieu="À domicile")
        prevoir(parcours_admis, awa, genre="concertation", lieu="Mairie")
        assert "Mairie" not in page(client, genre="visite")
        assert "À domicile" in page(client, genre="visite")
        assert "Mairie" in page(client, genre="concertation", de="equipe", vue="liste")

    def test_l_equipe_montre_ce_que_fait_un_collegue(self, parcours, awa, bruno, client):
        prevoir(parcours, awa, lieu="Antenne nord", professionnels=[bruno])
        client.force_login(awa)
        assert "Antenne nord" not in page(client)
        assert "Antenne nord" in page(client, de="equipe")

    def test_une_demarche_qui_revele_la_sante_n_y_est_pas_nommee(self, parcours_admis, awa, client):
        Echeance.objects.create(
            parcours=parcours_admis,
            nature="reponse",
            source="action:0",
            date=horloge.aujourd_hui(),
            libelle="Réponse : x",
        )
        client.force_login(awa)
        assert "Réponse : x" in page(client)

    def test_un_agenda_vide_dit_d_ou_vient_un_rendez_vous(self, bruno, client):
        client.force_login(bruno)
        assert "Rien à l’agenda" in page(client)

    def test_qui_n_a_pas_d_equipe_lit_une_page_vide(self, parcours, chloe, client):
        client.force_login(chloe)
        assert "Diallo" not in page(client, de="equipe")

    def test_le_nombre_de_requetes_ne_depend_pas_de_ce_qu_il_y_a(self, awa, bruno, client, ouvrir_un_parcours):
        client.force_login(awa)
        absences.poser(par=bruno, du=horloge.aujourd_hui(), au=horloge.aujourd_hui() + JOUR, remplacant=awa)
        page(client)  # la session s'y écrit une fois
        comptes = []
        for rang in range(2):
            for pas in range(1 + 5 * rang):
                prevoir(ouvrir_un_parcours(awa, nom=f"Essai{pas}", intervenant=bruno), awa, professionnels=[awa, bruno])
            with CaptureQueriesContext(connection) as lues:
                page(client, de="equipe")
            comptes.append(len(lues))
        assert comptes[0] == comptes[1] <= 9

    def test_dix_mille_lignes_une_page_bornee(self, parcours, awa, client):
        lundi = lire_filtres({}).du
        Echeance.objects.bulk_create(
            Echeance(
                parcours=parcours, nature="reponse", source=f"s{n}", date=lundi + (n % 5) * JOUR, libelle=f"Dû {n}"
            )
            for n in range(10_000)
        )
        client.force_login(awa)
        reponse = client.get(reverse("synthese:agenda"))
        assert reponse.content.decode().count('class="rdv ') <= 7 * presentation.PAR_JOUR
        assert "Voir" in reponse.content.decode()
        vus, suite = set(), {"vue": "liste", "jour": lundi.isoformat()}
        for _ in range(3):
            contexte = client.get(reverse("synthese:agenda"), suite).context
            lus = [m["e"].cle for jour in contexte["jours"] for m in jour["elements"]]
            assert len(lus) == presentation.TAILLE
            assert not vus & set(lus)
            vus |= set(lus)
            suite = {nom: valeurs[0] for nom, valeurs in parse_qs(contexte["suivants"][1:]).items()}
        assert len(reponse.content) < 200_000


class TestRemplacement:
    def test_montre_les_echeances_de_l_absent_sur_ce_qu_on_voit_deja(self, awa, bruno, client, ouvrir_un_parcours):
        commun, ferme = ouvrir_un_parcours(awa, intervenant=bruno), ouvrir_un_parcours(awa, nom="Zola")
        prevoir(commun, awa, lieu="Mairie")
        prevoir(ferme, awa, lieu="Antenne close")
        absences.poser(par=awa, du=horloge.aujourd_hui(), au=horloge.aujourd_hui() + 20 * JOUR, remplacant=bruno)
        client.force_login(bruno)
        texte = page(client)
        assert "Je remplace" in texte
        assert "Mairie" in texte
        assert "ne donne aucun droit de plus" in texte
        assert not Parcours.objects.visibles_pour(bruno).filter(pk=ferme.pk).exists()
        assert "Zola" not in texte
        assert "Antenne close" not in texte

    def test_l_absent_le_lit_dans_son_agenda(self, awa, bruno, client):
        absences.poser(par=awa, du=horloge.aujourd_hui(), au=horloge.aujourd_hui() + JOUR, remplacant=bruno)
        client.force_login(awa)
        texte = page(client)
        assert "En absence du" in texte
        assert "Remplacement : Bruno Kellermann, parmi les parcours déjà ouverts à ce compte." in texte
        assert '<span class="tag">En absence</span>' in texte

    def test_nul_mot_ne_dit_le_genre_de_qui_travaille_ici(self, awa, bruno, gaelle, client):
        """Vue par l'absente, par qui remplace, par la superviseure."""
        absences.poser(par=awa, du=horloge.aujourd_hui(), au=horloge.aujourd_hui() + 6 * JOUR, remplacant=bruno)
        vues = []
        for compte in (awa, bruno, gaelle):
            client.force_login(compte)
            vues.append(page(client) + page(client, vue="liste"))
            assert not re.search(r"[Aa]bsente?s?\b|\bremplacée? par\b|\bil ou elle\b", re.sub("<[^>]*>", " ", vues[-1]))
        assert "Remplacement : vous" in vues[1]
        assert "Remplacement : Bruno Kellermann" in vues[2]

    def test_hors_des_jours_de_l_absence_rien_n_est_remplace(self, awa, bruno, ouvrir_un_parcours):
        commun = ouvrir_un_parcours(awa, intervenant=bruno)
        filtres = lire_filtres({"vue": "liste"})
        prevoir(commun, awa, jour=horloge.aujourd_hui() + 9 * JOUR)
        absences.poser(par=awa, du=horloge.aujourd_hui(), au=horloge.aujourd_hui() + JOUR, remplacant=bruno)
        with lire_comme(bruno):
            (part,) = presentation.contexte(bruno, filtres)["je_remplace"]
        assert part["elements"] == []

    @pytest.fixture
    def cent_avant(self, awa, bruno, ouvrir_un_parcours):
        """Un parcours commun : cent vingt échéances avant l'absence, une pendant ; Bruno remplace Awa."""
        commun, jour = ouvrir_un_parcours(awa, intervenant=bruno), horloge.aujourd_hui()
        dus = [(n % 5, f"Avant {n}") for n in range(120)] + [(10, "Pendant")]
        Echeance.objects.bulk_create(
            Echeance(parcours=commun, nature="reponse", source=mot, date=jour + rang * JOUR, libelle=mot)
            for rang, mot in dus
        )
        absences.poser(par=awa, du=jour + 10 * JOUR, au=jour + 11 * JOUR, remplacant=bruno)
        return commun

    def remplaces(self, par, **filtres):
        """Les parts « Je remplace » de la liste : ce qu'elles montrent, et s'il y en a de plus."""
        with lire_comme(par):
            parts = presentation.contexte(par, lire_filtres({"vue": "liste"} | filtres))["je_remplace"]
        return [([m["mot"] for m in part["elements"]], part["de_plus"]) for part in parts]

    def test_ce_qui_precede_l_absence_ne_cache_rien(self, bruno, cent_avant):
        assert self.remplaces(bruno) == [(["Pendant"], False)]

    def test_un_autre_absent_charge_ne_cache_rien_sans_le_dire(self, awa, bruno, gaelle, client, cent_avant):
        """Deux absents aux mêmes jours que chargent trois cents échéances : coupé, chacun le dit."""
        jour = horloge.aujourd_hui()
        attribuer_role(cent_avant, gaelle, "coordonnateur", par=awa)
        Absence.objects.create(compte=gaelle, du=jour, au=jour + 11 * JOUR, remplacant=bruno, posee_par=gaelle)
        parts = self.remplaces(bruno)
        assert [(len(mots), de_plus) for mots, de_plus in parts] == [(50, True), (0, True)]
        client.force_login(bruno)
        texte = page(client, vue="liste")
        assert texte.count("Il y en a de plus") == 2
        assert "Rien sur cette période, parmi" not in texte

    def test_une_autre_equipe_ne_voit_aucune_absence(self, awa, bruno, elsa, client):
        absences.poser(par=awa, du=horloge.aujourd_hui(), au=horloge.aujourd_hui() + JOUR, remplacant=bruno)
        client.force_login(elsa)
        assert "En absence" not in page(client)


def test_un_rendez_vous_hors_de_la_porte_ne_passe_pas_le_mur(parcours, awa, elsa):
    """Lu par un compte étranger, le modèle lui-même ne rend rien : la base le dit, pas la vue."""
    prevoir(parcours, awa)
    with lire_comme(elsa):
        assert not RendezVous.objects.exists()
    with lire_comme(awa):
        assert RendezVous.objects.count() == 1
