"""La vie d'un document : demandé, produit une fois, remplacé, relancé, téléchargé par la porte de lecture."""

import hashlib
import io
import json
import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse
from pypdf import PdfReader

from securisation.documents import machine
from securisation.documents.atelier import EchecDuMetier, TravailArrete
from securisation.documents.models import Document, Fichier
from securisation.documents.pannes import DocumentIndisponible, ou_indisponible
from securisation.documents.tasks import abandonner, produire_document, retenir_les_reserves
from securisation.documents.tests.test_machine import png
from securisation.socle import horloge, outbox
from securisation.socle.models import Du, Evenement
from securisation.socle.trace import hors_porte
from securisation.socle.transitions import EtatRefuse

pytestmark = pytest.mark.django_db


def demander(parcours, par, mot="bonjour", genre="essai"):
    with hors_porte("essai", par=par):
        return Document.demander(parcours=parcours, genre=genre, donnees={"mot": mot}, par=par)


@pytest.fixture
def document(parcours, awa, genre_essai):
    """Un document demandé par awa."""
    return demander(parcours, awa)


def relu(document):
    return Document.objects.get(pk=document.pk)


class TestDemander:
    def test_donne_un_numero_tire_du_parcours(self, document, parcours):
        assert document.numero == f"E-{parcours.numero.removeprefix('P-')}-1"
        assert document.etat == "demande"

    def test_inscrit_la_production_a_faire(self, document):
        assert list(Du.objects.filter(genre="produire_document").values_list("ids", flat=True)) == [
            {"document": document.pk}
        ]

    def test_fige_les_donnees_avec_leur_empreinte(self, document):
        fige = relu(document)
        assert fige.donnees["mot"] == "bonjour"
        assert fige.donnees["document"]["numero"] == document.numero
        assert len(fige.empreinte) == 64

    def test_la_meme_demande_deux_fois_ne_fait_qu_un_document(self, document, parcours, awa):
        assert demander(parcours, awa) == document
        assert Document.objects.count() == 1

    def test_d_autres_donnees_font_une_autre_edition(self, document, parcours, awa):
        autre = demander(parcours, awa, mot="bonsoir")
        assert (autre.edition, autre.donnees["document"]["remplace"]) == (2, document.numero)

    def test_porte_le_jour_de_paris_meme_passe_minuit(self, parcours, awa, genre_essai):
        with horloge.reprise_au(datetime(2026, 11, 5, 23, 30, tzinfo=UTC)):
            document = demander(parcours, awa)
        assert document.donnees["document"]["date"] == "2026-11-06"

    def test_refuse_un_genre_inconnu(self, parcours, awa):
        with pytest.raises(KeyError):
            demander(parcours, awa, genre="inconnu")


class TestProduire:
    def test_range_le_fichier_et_son_empreinte(self, document):
        produire_document(document=document.pk)
        fait = relu(document)
        contenu = bytes(Fichier.objects.get(document=document).contenu)
        assert (fait.etat, fait.pages) == ("produit", 1)
        assert contenu.startswith(b"%PDF-1.7")
        assert hashlib.sha256(contenu).hexdigest() == fait.sha256

    def test_un_second_passage_ne_fait_rien(self, document):
        produire_document(document=document.pk)
        version = relu(document).version
        produire_document(document=document.pk)
        assert relu(document).version == version

    def test_un_travailleur_tue_au_milieu_laisse_le_du_entier(self, document, monkeypatch):
        class Tue(BaseException):
            pass

        def mourir(*args, **kwargs):
            raise Tue

        numero = Du.objects.get(genre="produire_document").pk
        with monkeypatch.context() as coupe:
            coupe.setattr(Fichier.objects, "update_or_create", mourir)
            with pytest.raises(Tue):
                outbox.solder(numero)
        assert (relu(document).etat, Du.objects.get(pk=numero).fait_le) == ("demande", None)
        assert outbox.solder(numero) is True
        assert outbox.solder(numero) is False
        assert (relu(document).etat, Fichier.objects.count()) == ("produit", 1)

    def test_remplace_l_edition_precedente(self, document, parcours, awa):
        produire_document(document=document.pk)
        suivant = demander(parcours, awa, mot="bonsoir")
        produire_document(document=suivant.pk)
        assert (relu(document).etat, relu(suivant).etat) == ("remplace", "produit")

    def test_une_edition_en_retard_ne_remplace_pas_la_plus_recente(self, document, parcours, awa):
        suivant = demander(parcours, awa, mot="bonsoir")
        produire_document(document=suivant.pk)
        produire_document(document=document.pk)
        assert (relu(document).etat, relu(suivant).etat) == ("remplace", "produit")

    def test_vient_de_son_instantane_meme_si_le_dossier_change_entre_temps(self, parcours, awa, genre_essai):
        donnees = {"mot": "avant"}
        with hors_porte("essai", par=awa):
            document = Document.demander(parcours=parcours, genre=genre_essai, donnees=donnees, par=awa)
        donnees["mot"] = "autrement"
        produire_document(document=document.pk)
        contenu = bytes(Fichier.objects.get(document=document).contenu)
        texte = PdfReader(io.BytesIO(contenu)).pages[0].extract_text()
        assert "avant" in texte and "autrement" not in texte

    def test_un_document_disparu_n_est_pas_une_erreur(self, genre_essai):
        produire_document(document=0)
        assert Document.objects.count() == 0

    @pytest.mark.parametrize("accorde", [False, True])
    def test_sans_l_accord_qui_les_couvre_les_lignes_reservees_n_y_sont_pas(
        self, parcours, awa, genre_essai, monkeypatch, accorde
    ):
        """Ce que l'écran tait, le papier le tait ; avec l'accord, il en dépend."""
        monkeypatch.setattr(type(parcours), "a_accord", lambda self, code, **_: accorde and code == "SENSIBLE")
        facteurs = [{"code": "ADM-01", "reserve": True}, {"code": "ADM-02", "reserve": False}]
        donnees = {"mot": "bonjour", "axes": [{"code": "ADM", "facteurs": facteurs}], "suites": [{"facteur": "ADM-01"}]}
        with hors_porte("essai", par=awa):
            document = Document.demander(parcours=parcours, genre=genre_essai, donnees=donnees, par=awa)
        assert ("ADM-01" in json.dumps(document.donnees)) is accorde and "ADM-02" in json.dumps(document.donnees)
        assert document.finalites == (["SENSIBLE"] if accorde else [])

    def test_un_document_d_avant_cette_regle_est_retenu_une_fois_pour_toutes(
        self, parcours, awa, genre_essai, document
    ):
        produire_document(document=document.pk)
        avec = {"mot": "autre", "axes": [{"code": "ADM", "facteurs": [{"code": "ADM-01", "reserve": True}]}]}
        with hors_porte("essai"):
            Document.objects.en_masse().filter(pk=document.pk).update(donnees=document.donnees | avec)
        sans = demander(parcours, awa, mot="sans réserve")
        assert not relu(document).est_retenu
        retenir_les_reserves()
        retenir_les_reserves()
        assert (relu(document).finalites, relu(document).est_retenu) == (["SENSIBLE"], True)
        assert relu(sans).finalites == []


class TestEchouer:
    def test_un_contenu_demesure_est_un_echec_dit_en_clair(self, document, monkeypatch):
        def mourir(*_args, **_champs):
            raise TravailArrete("temps")

        monkeypatch.setattr(machine._RENDU, "faire", mourir)
        produire_document(document=document.pk)
        assert relu(document).etat == "echec"
        assert "plus de temps ou de mémoire" in relu(document).erreur

    def test_une_image_demesuree_est_un_echec_dit_au_premier_essai(self, document, monkeypatch):
        geante = f'<html lang="fr"><title>x</title><body><img src="{png(10_000, 10_000)}" alt="x"></body></html>'
        monkeypatch.setattr(machine, "render_to_string", lambda *_: geante)
        assert outbox.solder(Du.objects.get(genre="produire_document", fait_le=None).pk) is True
        assert relu(document).etat == "echec"
        assert "une image démesurée" in relu(document).erreur and "prévenez l’administrateur" in relu(document).erreur

    @pytest.mark.parametrize("nom", ["KeyError", "RessourceRefusee"])
    def test_ce_qui_se_demande_tout_de_suite_est_refuse_sans_page_d_erreur(self, monkeypatch, nom):
        def echouer(*_args, **_champs):
            raise EchecDuMetier(nom, "")

        monkeypatch.setattr(machine._RENDU, "faire", echouer)
        with pytest.raises(DocumentIndisponible), ou_indisponible():
            machine.depuis_html("<p>x</p>")

    def test_sans_bibliotheque_dit_ce_qui_manque(self, document, sans_weasyprint):
        produire_document(document=document.pk)
        assert relu(document).etat == "echec"
        assert "Pango" in relu(document).erreur

    def test_apres_le_dernier_essai_dit_quoi_faire(self, document):
        abandonner(document=document.pk, erreur=ValueError("x"))
        assert relu(document).etat == "echec"
        assert "relancez la production" in relu(document).erreur

    def test_se_relance_sous_le_meme_numero(self, document, awa, sans_weasyprint):
        Du.objects.all().delete()
        produire_document(document=document.pk)
        relu(document).relancer(par=awa)
        assert (relu(document).etat, relu(document).numero) == ("demande", document.numero)
        assert Du.objects.filter(genre="produire_document").count() == 1

    def test_ne_relance_pas_ce_qui_est_pret(self, document, awa):
        produire_document(document=document.pk)
        with pytest.raises(EtatRefuse):
            relu(document).relancer(par=awa)


class TestTelecharger:
    def test_rend_le_fichier_en_piece_jointe_sans_cache(self, client, document, awa):
        produire_document(document=document.pk)
        client.force_login(awa)
        reponse = client.get(reverse("documents:telecharger", args=[document.uuid]))
        assert reponse.status_code == 200
        assert reponse["Content-Type"] == "application/pdf"
        assert reponse["Content-Disposition"] == f'attachment; filename="{document.numero}.pdf"'
        assert "no-store" in reponse["Cache-Control"]
        assert hashlib.sha256(reponse.content).hexdigest() == relu(document).sha256

    def test_entre_au_journal(self, client, document, awa, parcours):
        produire_document(document=document.pk)
        client.force_login(awa)
        client.get(reverse("documents:telecharger", args=[document.uuid]))
        vus = Evenement.objects.filter(chaine=parcours.pk, action="telechargement", acteur=awa, objet=document.pk)
        assert vus.count() == 1

    def test_pas_encore_pret_dit_quoi_faire(self, client, document, awa):
        client.force_login(awa)
        assert client.get(reverse("documents:telecharger", args=[document.uuid])).status_code == 409

    @pytest.mark.parametrize("nom", ["suivi", "telecharger", "relancer"])
    def test_est_introuvable_sans_lien_au_parcours(self, client, document, elsa, nom):
        client.force_login(elsa)
        assert client.get(reverse(f"documents:{nom}", args=[document.uuid])).status_code == 404


class TestSuivre:
    def test_sonde_tant_que_ce_n_est_pas_pret(self, client, document, awa):
        client.force_login(awa)
        page = client.get(reverse("documents:suivi", args=[document.uuid])).content.decode()
        assert "Document en préparation" in page
        assert 'hx-trigger="every 2s"' in page

    def test_ne_sonde_plus_une_fois_pret(self, client, document, awa):
        produire_document(document=document.pk)
        client.force_login(awa)
        cadre = client.get(
            reverse("documents:suivi", args=[document.uuid]), headers={"HX-Request": "true"}
        ).content.decode()
        assert "hx-trigger" not in cadre
        assert reverse("documents:telecharger", args=[document.uuid]) in cadre
        assert "<html" not in cadre

    def test_la_sonde_n_inscrit_rien_la_page_si(self, client, document, awa, parcours):
        client.force_login(awa)
        lectures = Evenement.objects.filter(chaine=parcours.pk, action="lecture")
        for entetes, attendues in (({"HX-Request": "true"}, 0), ({"HX-Request": "true"}, 0), ({}, 1)):
            client.get(reverse("documents:suivi", args=[document.uuid]), headers=entetes)
            assert lectures.count() == attendues

    def test_une_fois_pret_la_sonde_dit_la_date_l_empreinte_et_le_retour(self, client, document, awa, parcours):
        client.force_login(awa)
        adresse = reverse("documents:suivi", args=[document.uuid])
        assert "hx-swap-oob" not in client.get(adresse, headers={"HX-Request": "true"}).content.decode()
        produire_document(document=document.pk)
        cadre = client.get(adresse, headers={"HX-Request": "true"}).content.decode()
        assert relu(document).sha256 in cadre
        assert "Produit" in cadre
        assert 'hx-swap-oob="innerHTML:.avis"' in cadre
        assert f'href="{parcours.get_absolute_url()}"' in cadre

    def test_remplace_il_nomme_l_edition_qui_vaut_et_y_mene(self, client, document, parcours, awa):
        client.force_login(awa)
        produire_document(document.pk)
        for mot in ("ciao", "salut"):
            vaut = demander(parcours, awa, mot=mot)
            produire_document(vaut.pk)
        page, fini = (client.get(reverse("documents:suivi", args=[d.uuid])).text for d in (document, vaut))
        assert f"Document remplacé par {vaut.numero}" in page and vaut.numero.endswith("-3")
        # Le geste d'abord proposé mène à l'édition qui vaut ; l'ancienne se télécharge encore.
        primaire = re.search(r'class="btn btn-primary"\s+href="([^"]+)"', page).group(1)
        assert primaire == reverse("documents:suivi", args=[vaut.uuid])
        assert reverse("documents:telecharger", args=[document.uuid]) in page
        assert "remplacé" not in fini and ", qui vaut" not in fini

    def test_remplace_il_ne_nomme_ni_une_edition_annulee_ni_celle_d_un_autre_accord(
        self, client, document, parcours, awa
    ):
        client.force_login(awa)
        produire_document(document.pk)
        suivant = demander(parcours, awa, mot="ciao")
        produire_document(suivant.pk)
        with hors_porte("essai", par=awa):
            relu(suivant).annuler(par=awa, raison="Accord cessé.")
            ailleurs = {"donnees": {"mot": "x"}, "pour": "01980000-0000-7000-8000-000000000000"}
            autre = Document.demander(parcours=parcours, genre="essai", par=awa, **ailleurs)
        produire_document(autre.pk)
        assert relu(autre).etat == "produit"
        page = client.get(reverse("documents:suivi", args=[document.uuid])).text
        assert "Document remplacé par une édition plus récente" in page
        assert suivant.numero not in page and autre.numero not in page

    def test_remplace_il_ne_mene_qu_a_ce_que_l_on_voit(self, document, parcours, awa, elsa):
        produire_document(document.pk)
        produire_document(demander(parcours, awa, mot="ciao").pk)
        assert relu(document).remplacant(awa) is not None
        assert relu(document).remplacant(elsa) is None

    @pytest.mark.parametrize(
        ("etat", "nom", "propose"),
        [("diagnostic", "awa", True), ("diagnostic", "gaelle", False), ("sortie", "awa", False)],
    )
    def test_un_diagnostic_pret_propose_l_intervention(self, client, document, request, etat, nom, propose):
        fait = relu(document)
        fait.genre, fait.parcours.etat = "diagnostic", etat
        assert fait.ouvre_l_intervention(request.getfixturevalue(nom)) is propose

    def test_montre_l_echec_et_de_quoi_relancer(self, client, document, awa, sans_weasyprint):
        produire_document(document=document.pk)
        client.force_login(awa)
        page = client.get(reverse("documents:suivi", args=[document.uuid])).content.decode()
        assert "il manque Pango" in page
        assert reverse("documents:relancer", args=[document.uuid]) in page

    def test_relance_et_revient_a_la_page(self, client, document, awa, sans_weasyprint):
        produire_document(document=document.pk)
        client.force_login(awa)
        reponse = client.post(reverse("documents:relancer", args=[document.uuid]))
        assert (reponse.status_code, relu(document).etat) == (302, "demande")

    def test_ne_relance_pas_sans_le_droit(self, client, document, lectrice, sans_weasyprint):
        produire_document(document=document.pk)
        client.force_login(lectrice)
        reponse = client.post(reverse("documents:relancer", args=[document.uuid]))
        assert (reponse.status_code, relu(document).etat) == (403, "echec")

    def test_coute_peu_de_requetes(self, client, document, awa, django_assert_max_num_queries):
        client.force_login(awa)
        client.get(reverse("documents:suivi", args=[document.uuid]))
        with django_assert_max_num_queries(14):
            client.get(reverse("documents:suivi", args=[document.uuid]))
