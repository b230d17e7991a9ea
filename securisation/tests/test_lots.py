"""Les lots de documents : ce qui sortira est dit d'abord, chacun sort seul, rien ne se perd ni ne sort de trop, nul n'attend derrière."""

import csv
import io
import zipfile

import pytest
from django.urls import reverse

from securisation.comptes.models import Fonction
from securisation.documents import genres
from securisation.documents.machine import Pdf
from securisation.documents.models import Document
from securisation.parcours.models import Accord, Parcours
from securisation.parcours.roles import attribuer_role
from securisation.socle import confirmation, horloge, outbox
from securisation.socle.models import Du, Evenement
from securisation.socle.trace import hors_porte
from securisation.synthese.lots import archive, choix, presentation, production
from securisation.synthese.models import LigneDeLot, LotDeDocuments
from securisation.synthese.tasks import lots_de_documents
from securisation.tests import dossiers
from securisation.tests.lots import LOTS, connectee, lancer, saisie, solder_tout, valide

pytestmark = pytest.mark.django_db


@pytest.fixture
def equipe(awa, bruno):
    """Trois parcours de l'équipe de Laval au diagnostic validé, dont le document n'existe pas encore, un autre seulement admis."""
    avec = [valide(awa, bruno) for _ in range(3)]
    return avec, dossiers.admis(awa, bruno)[Parcours]


def tel_quel(gaelle, parcours):
    """Un choix qui vise l'équipe de ce parcours."""
    return choix.Choix("diagnostic", parcours.equipe_id)


class TestApercu:
    def test_dit_combien_sortiront_et_pourquoi_les_autres_non(self, equipe, gaelle, django_assert_max_num_queries):
        _, sans = equipe
        with django_assert_max_num_queries(12):
            vu = presentation.apercu(gaelle, tel_quel(gaelle, sans))
        assert (vu["total"], vu["a_produire"]) == (4, 3)
        assert vu["raisons"] == [("Il se produit à la validation du diagnostic.", 1)]
        assert [p.pk for p, _ in vu["refuses"]] == [sans.pk]

    def test_la_page_le_montre_et_propose_de_lancer(self, equipe, gaelle):
        _, sans = equipe
        page = connectee(gaelle).get(reverse(LOTS), saisie(gaelle.fonctions.first().equipe))
        texte = page.content.decode()
        assert (
            "Produire 3\xa0documents" in texte
            and "Il se produit à la validation du diagnostic." in texte
            and sans.numero in texte
        )
        assert not LotDeDocuments.objects.exists()

    def test_un_parcours_restreint_d_une_autre_equipe_ou_ferme_n_en_est_pas(self, equipe, gaelle, awa, elsa):
        avec, _ = equipe
        avec[0].restreindre(par=awa, restreint=True)
        voulu = tel_quel(gaelle, avec[1])
        assert avec[0] not in voulu.parcours(gaelle)
        # Même à qui y a aussi un rôle.
        attribuer_role(avec[0], gaelle, "lecteur", par=awa)
        assert avec[0] not in voulu.parcours(gaelle)
        assert not choix.Choix("diagnostic", elsa.equipe_id).parcours(gaelle).exists()
        assert not voulu.parcours(elsa).exists()

    def test_la_phase_et_la_periode_choisissent(self, equipe, gaelle):
        _, sans = equipe
        par_phase = choix.Choix("diagnostic", sans.equipe_id, phase=sans.etat)
        assert list(par_phase.parcours(gaelle)) == [sans]
        demain = horloge.aujourd_hui().replace(year=horloge.aujourd_hui().year + 1)
        assert not choix.Choix("diagnostic", sans.equipe_id, du=demain).parcours(gaelle).exists()
        assert choix.Choix("diagnostic", sans.equipe_id, au=demain).parcours(gaelle).count() == 4
        assert not choix.Choix("diagnostic", sans.equipe_id, sur="clos_le", au=demain).parcours(gaelle).exists()

    def test_trop_de_parcours_se_disent(self, equipe, gaelle, monkeypatch):
        monkeypatch.setattr(presentation, "MAXIMUM", 3)
        client = connectee(gaelle)
        assert "Trop de parcours" in client.get(reverse(LOTS), saisie(equipe[1].equipe)).content.decode()
        _, reponse = lancer(client, equipe[1].equipe)
        assert reponse.status_code == 422 and not LotDeDocuments.objects.exists()

    @pytest.mark.parametrize(
        "absurde",
        [{"genre": "x"}, {"equipe": "0"}, {"equipe": "x"}, {"phase": "x"}, {"sur": "pk"}, {"du": "32/13/2026"},
         {"du": "05/03/2026", "au": "01/03/2026"}, {"genre": "courrier"}],
    )  # fmt: skip
    def test_un_choix_absurde_se_corrige(self, equipe, gaelle, absurde):
        client = connectee(gaelle)
        assert client.get(reverse(LOTS), saisie(equipe[1].equipe, absurde)).status_code == 422
        assert lancer(client, equipe[1].equipe, absurde)[1].status_code == 422
        assert not LotDeDocuments.objects.exists()

    def test_reserve_a_qui_supervise(self, equipe, awa, hugo, elsa):
        for compte in (awa, hugo, elsa):
            assert connectee(compte).get(reverse(LOTS)).status_code == 403

    def test_chaque_genre_qui_se_refait_se_propose(self):
        assert {"diagnostic", "bilan"} <= {g.code for g in choix.possibles()}
        assert "courrier" not in {g.code for g in choix.possibles()}


class TestProduction:
    def test_chaque_document_sort_une_fois(self, equipe, gaelle, sans_machine):
        avec, sans = equipe
        lot, reponse = lancer(connectee(gaelle), sans.equipe)
        assert reponse["Location"] == lot.get_absolute_url() and lot.total == 4
        solder_tout()
        assert lot.comptes == {"prets": 3, "manques": 1, "en_cours": 0}
        assert lot.lignes.get(parcours=sans).pourquoi == "Il se produit à la validation du diagnostic."
        assert Document.objects.filter(parcours__in=avec, genre="diagnostic").count() == len(sans_machine) == 3
        assert set(Document.objects.values_list("demande_par", flat=True)) == {gaelle.pk}
        assert Evenement.objects.get(action="lot demandé").charge["lignes"] == 4

    def test_le_meme_lot_relance_ne_refait_rien(self, equipe, gaelle, sans_machine):
        client = connectee(gaelle)
        for _ in range(2):
            lancer(client, equipe[1].equipe)
            solder_tout()
        assert len(sans_machine) == len(set(sans_machine)) == 3

    def test_un_double_envoi_ne_fait_qu_un_lot(self, equipe, gaelle):
        client = connectee(gaelle)
        page = client.get(reverse(LOTS), saisie(equipe[1].equipe))
        jeton = str(page.context["confirmation"]["jeton"].value())
        adresse = page.wsgi_request.get_full_path()
        # Entouré d'espaces, que le formulaire ôte, c'est le même jeton.
        menent = {client.post(adresse, {"jeton": envoye})["Location"] for envoye in (jeton, jeton, f" {jeton}\t")}
        assert len(menent) == 1 and LotDeDocuments.objects.count() == 1

    def test_sans_jeton_rien_ne_part_et_le_choix_reste(self, equipe, gaelle):
        client = connectee(gaelle)
        adresse = client.get(reverse(LOTS), saisie(equipe[1].equipe)).wsgi_request.get_full_path()
        premier, second = (client.post(adresse, envoi) for envoi in ({}, {"jeton": "' OR 1=1 --"}))
        assert premier.status_code == second.status_code == 422 and not LotDeDocuments.objects.exists()
        assert "Rien n’est parti" in second.text and "Produire 3\xa0documents" in second.text
        neuf = str(second.context["confirmation"]["jeton"].value())
        assert client.post(adresse, {"jeton": neuf}).status_code == 302 and LotDeDocuments.objects.count() == 1

    def test_une_ligne_rejouee_ne_fait_rien_de_plus(self, equipe, gaelle, sans_machine):
        lot, _ = lancer(connectee(gaelle), equipe[1].equipe)
        solder_tout()
        faits = Document.objects.count()
        for ligne in lot.lignes.all():
            production.avancer(ligne.pk)
        assert Document.objects.count() == faits and not Du.objects.filter(fait_le=None).exists()

    def test_un_travailleur_tue_reprend_ou_il_en_etait(self, equipe, gaelle, sans_machine, monkeypatch):
        """La demande d'une ligne, la suivante due et le document sont d'une même transaction : tuée, rien n'en reste."""
        lot, _ = lancer(connectee(gaelle), equipe[1].equipe)
        (numero,) = Du.objects.filter(genre=production.GENRE, fait_le=None).values_list("pk", flat=True)
        demander = Document.demander

        def tuee(**champs):
            demander(**champs)
            raise KeyboardInterrupt

        monkeypatch.setattr(Document, "demander", tuee)
        with pytest.raises(KeyboardInterrupt):
            outbox.solder(numero)
        assert lot.comptes["en_cours"] == 3
        monkeypatch.setattr(Document, "demander", demander)
        solder_tout()
        assert lot.comptes == {"prets": 3, "manques": 1, "en_cours": 0}

    def test_une_ligne_qui_echoue_cinq_fois_ne_retient_pas_les_autres(self, equipe, gaelle, sans_machine, monkeypatch):
        avec, _ = equipe
        lot, _ = lancer(connectee(gaelle), avec[0].equipe)
        exiger = choix.exiger

        def casser(genre, parcours, par):
            if parcours.pk == avec[0].pk:
                raise ZeroDivisionError
            return exiger(genre, parcours, par)

        monkeypatch.setattr(choix, "exiger", casser)
        (premier,) = Du.objects.filter(genre=production.GENRE, fait_le=None).values_list("pk", flat=True)
        for _ in range(outbox.ESSAIS_MAX):
            outbox.solder(premier)
        solder_tout()
        assert lot.comptes == {"prets": 2, "manques": 2, "en_cours": 0}
        assert "Relancez un lot" in lot.lignes.get(parcours=avec[0]).pourquoi

    def test_un_echec_de_production_se_dit_et_repart_au_lot_suivant(self, equipe, gaelle, monkeypatch, sans_machine):
        avec, _ = equipe
        monkeypatch.setattr(genres, "produire_scelle", lambda *_, **__: 1 / 0)
        lot, _ = lancer(connectee(gaelle), avec[0].equipe)
        while Du.objects.filter(fait_le=None).exists():
            Du.objects.filter(fait_le=None).update(du_le=horloge.maintenant())
            solder_tout()
        assert lot.comptes == {"prets": 0, "manques": 4, "en_cours": 0}
        assert all(ligne.pourquoi for ligne in lot.lignes.du_sort("manques"))
        monkeypatch.setattr(genres, "produire_scelle", lambda *_, **__: Pdf(b"%PDF", 1, "b" * 64))
        lot, _ = lancer(connectee(gaelle), avec[0].equipe)
        solder_tout()
        assert lot.comptes == {"prets": 3, "manques": 1, "en_cours": 0}
        assert Document.objects.count() == 3

    def test_la_file_ne_porte_qu_une_ligne_a_la_fois(self, equipe, gaelle, sans_machine):
        """Un document demandé pendant le lot passe après une ligne au plus, non après toutes."""
        lancer(connectee(gaelle), equipe[1].equipe)
        while dus := outbox.a_solder():
            assert Du.objects.filter(fait_le=None, genre=production.GENRE).count() <= 1
            outbox.solder(dus[0])


class TestPendant:
    def test_un_accord_retire_apres_la_demande_annule_celui_la_seulement(self, equipe, gaelle, awa, sans_machine):
        avec, _ = equipe
        lot, _ = lancer(connectee(gaelle), avec[0].equipe)
        Accord.objects.get(parcours=avec[1], finalite__code="ADHESION").retirer(par=awa)
        solder_tout()
        assert lot.comptes == {"prets": 2, "manques": 2, "en_cours": 0}
        assert "accord" in lot.lignes.get(parcours=avec[1]).pourquoi.lower()

    def test_un_accord_retire_entre_la_demande_et_la_production(self, awa, bruno, gaelle, sans_machine):
        parcours = valide(awa, bruno)
        lot, _ = lancer(connectee(gaelle), parcours.equipe)
        (demande,) = Du.objects.filter(fait_le=None, genre=production.GENRE).values_list("pk", flat=True)
        outbox.solder(demande)
        assert lot.lignes.get().document.etat == "demande"
        Accord.objects.get(parcours=parcours, finalite__code="ADHESION").retirer(par=awa)
        solder_tout()
        ligne = lot.lignes.get()
        assert ligne.document.etat == "annule" and "accord" in ligne.pourquoi and not sans_machine
        assert lot.comptes == {"prets": 0, "manques": 1, "en_cours": 0}
        assert not archive.telechargeables(lot, gaelle).exists()

    def test_une_fonction_retiree_arrete_tout(self, equipe, gaelle, sans_machine):
        lot, _ = lancer(connectee(gaelle), equipe[1].equipe)
        Fonction.objects.filter(professionnel=gaelle).delete()
        solder_tout()
        assert lot.comptes["prets"] == 0
        raisons = {ligne.pourquoi for ligne in lot.lignes.du_sort("manques")}
        assert raisons == {"Il se produit à la validation du diagnostic.", choix.HORS_DE_L_EQUIPE}

    def test_un_parcours_restreint_en_route_ne_sort_pas(self, equipe, gaelle, awa, sans_machine):
        avec, _ = equipe
        lot, _ = lancer(connectee(gaelle), avec[0].equipe)
        avec[2].restreindre(par=awa, restreint=True)
        solder_tout()
        assert LigneDeLot.objects.get(lot=lot, parcours=avec[2]).pourquoi == choix.HORS_DE_L_EQUIPE
        page = connectee(gaelle).get(lot.get_absolute_url(), {"voir": "manques"}).content.decode()
        assert avec[2].numero not in page

    def test_s_arrete_et_garde_ce_qui_est_pret(self, equipe, gaelle, sans_machine):
        client = connectee(gaelle)
        lot, _ = lancer(client, equipe[1].equipe)
        outbox.solder(Du.objects.get(genre=production.GENRE, fait_le=None).pk)
        for _ in range(2):
            assert client.post(reverse("synthese:annuler_lot", args=[lot.uuid])).status_code == 302
        solder_tout()
        lot.refresh_from_db()
        assert lot.annule_le and lot.comptes["en_cours"] == 0 and lot.comptes["manques"] >= 1
        assert Evenement.objects.filter(action="lot annulé").count() == 1
        assert "Lot arrêté" in client.get(lot.get_absolute_url()).content.decode()


class TestPages:
    def test_le_suivi_survit_au_rechargement_et_dit_les_etapes(self, equipe, gaelle, sans_machine):
        client = connectee(gaelle)
        lot, _ = lancer(client, equipe[1].equipe)
        page = client.get(lot.get_absolute_url()).content.decode()
        assert '<progress max="4" value="1"' in page and reverse("synthese:avancement_du_lot", args=[lot.uuid]) in page
        cadre = client.get(reverse("synthese:avancement_du_lot", args=[lot.uuid]), headers={"HX-Request": "true"})
        assert "HX-Refresh" not in cadre and equipe[0][0].numero not in cadre.content.decode()
        solder_tout()
        cadre = client.get(reverse("synthese:avancement_du_lot", args=[lot.uuid]), headers={"HX-Request": "true"})
        assert cadre["HX-Refresh"] == "true"
        page = client.get(lot.get_absolute_url()).content.decode()
        assert all(p.numero in page for p in equipe[0]) and "Tout télécharger (ZIP)" in page

    def test_le_lot_d_une_autre_est_introuvable(self, equipe, gaelle, distribution, sans_machine):
        lot, _ = lancer(connectee(gaelle), equipe[1].equipe)
        autre = distribution["elsa"]
        Fonction.objects.create(professionnel=autre, genre="SUPERVISEUR", equipe=autre.equipe, du=horloge.aujourd_hui())
        client = connectee(autre)
        for nom in ("lot", "avancement_du_lot", "telecharger_lot"):
            assert client.get(reverse(f"synthese:{nom}", args=[lot.uuid])).status_code == 404
        assert client.post(reverse("synthese:annuler_lot", args=[lot.uuid])).status_code == 404
        assert lot.comptes["en_cours"]

    def test_l_adresse_d_une_ligne_absurde_ne_casse_rien(self, equipe, gaelle):
        client = connectee(gaelle)
        lot, _ = lancer(client, equipe[1].equipe)
        for absurde in ({"voir": "x"}, {"apres": "9" * 30}, {"apres": "-1"}, {"voir": "manques", "apres": "a"}):
            assert client.get(lot.get_absolute_url(), absurde).status_code == 200

    def test_un_lot_de_trente_jours_s_efface_ses_documents_restent(self, equipe, gaelle, sans_machine):
        lancer(connectee(gaelle), equipe[1].equipe)
        solder_tout()
        assert lots_de_documents() == 0
        with dossiers.au_jour(31):
            assert lots_de_documents() == 5
        assert Document.objects.filter(etat="produit").count() == 3 and not LigneDeLot.objects.exists()


class TestArchive:
    def telecharger(self, lot, client):
        return client.get(reverse("synthese:telecharger_lot", args=[lot.uuid]))

    def test_porte_chaque_document_et_la_liste(self, equipe, gaelle, sans_machine):
        client = connectee(gaelle)
        lot, _ = lancer(client, equipe[1].equipe)
        solder_tout()
        reponse = self.telecharger(lot, client)
        assert (
            reponse.streaming
            and reponse["Content-Type"] == "application/zip"
            and "sandbox" in reponse["Content-Security-Policy"]
        )
        with zipfile.ZipFile(io.BytesIO(b"".join(reponse.streaming_content))) as recue:
            assert recue.testzip() is None
            noms = set(recue.namelist())
            liste = list(csv.reader(io.StringIO(recue.read("liste.csv").decode("utf-8-sig")), delimiter=";"))
        assert noms == {f"{d.numero}.pdf" for d in Document.objects.filter(etat="produit")} | {"liste.csv"}
        assert (
            liste[0] == archive.ENTETES
            and len(liste) == 5
            and ["Refusé", "Il se produit à la validation du diagnostic."] in [r[2:] for r in liste]
        )

    def test_s_inscrit_au_journal_de_chaque_dossier_avant_l_envoi(self, equipe, gaelle, sans_machine):
        client = connectee(gaelle)
        lot, _ = lancer(client, equipe[1].equipe)
        solder_tout()
        self.telecharger(lot, client)  # la réponse n'est pas lue : l'inscription la précède
        lus = Evenement.objects.filter(action="telechargement", acteur=gaelle)
        assert set(lus.values_list("chaine", flat=True)) == {p.pk for p in equipe[0]} | {-gaelle.pk}

    def test_demande_une_confirmation_recente(self, equipe, gaelle, sans_machine, monkeypatch):
        client = connectee(gaelle)
        lot, _ = lancer(client, equipe[1].equipe)
        solder_tout()
        monkeypatch.setattr(confirmation, "est_recente", lambda request: False)
        assert self.telecharger(lot, client).status_code == 302
        assert not Evenement.objects.filter(action="telechargement").exists()

    def test_ce_qui_cesse_d_etre_permis_pendant_l_envoi_n_y_est_pas(self, equipe, gaelle, awa, sans_machine):
        avec, _ = equipe
        client = connectee(gaelle)
        lot, _ = lancer(client, avec[0].equipe)
        solder_tout()
        reponse = self.telecharger(lot, client)
        avec[1].restreindre(par=awa, restreint=True)
        with zipfile.ZipFile(io.BytesIO(b"".join(reponse.streaming_content))) as recue:
            noms = recue.namelist()
            assert avec[1].numero not in recue.read("liste.csv").decode()
        assert len(noms) == 3 and not [nom for nom in noms if avec[1].numero.removeprefix("P-") in nom]

    def test_un_document_retenu_n_y_est_pas(self, equipe, gaelle, laisser_finir, sans_machine):
        avec, _ = equipe
        client = connectee(gaelle)
        lot, _ = lancer(client, avec[0].equipe)
        solder_tout()
        with hors_porte("essai"):
            Document.objects.en_masse().filter(parcours=avec[0]).update(finalites=["ADHESION", "SENSIBLE"])
        assert archive.telechargeables(lot, gaelle).filter(parcours=avec[0]).exists()
        laisser_finir(avec[0], "SENSIBLE")
        assert not archive.telechargeables(lot, gaelle).filter(parcours=avec[0]).exists()
        assert archive.telechargeables(lot, gaelle).count() == 2

    def test_un_lot_vide_ou_trop_lourd_se_dit(self, equipe, gaelle, sans_machine, monkeypatch):
        client = connectee(gaelle)
        lot, _ = lancer(client, equipe[1].equipe)
        solder_tout()
        monkeypatch.setattr(archive, "OCTETS_MAX", 10)
        assert self.telecharger(lot, client).status_code == 409
        LigneDeLot.objects.update(document=None)
        assert self.telecharger(lot, client).status_code == 409
        assert not Evenement.objects.filter(action="telechargement").exists()


def test_un_vrai_document_sort_d_un_lot(awa, bruno, gaelle):
    """De bout en bout, la machine comprise."""
    client = connectee(gaelle)
    lot, _ = lancer(client, valide(awa, bruno).equipe)
    solder_tout()
    assert lot.comptes == {"prets": 1, "manques": 0, "en_cours": 0}
    reponse = client.get(reverse("synthese:telecharger_lot", args=[lot.uuid]))
    with zipfile.ZipFile(io.BytesIO(b"".join(reponse.streaming_content))) as recue:
        assert recue.read(recue.namelist()[0]).startswith(b"%PDF-")
