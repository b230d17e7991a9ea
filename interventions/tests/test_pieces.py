"""Les pièces jointes : joindre, lire, retirer ; leur mur, leur accord, leur saisie gardée."""

import hashlib
import io
import re

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.html import escape
from PIL import Image

from interventions.models import Action, FichierDePiece, Piece
from interventions.tests.conftest import jour
from securisation.annuaire.models import Finalite, Levier
from securisation.documents.numerisation import Papier
from securisation.parcours.models import Accord
from securisation.socle.cloison import lire_comme
from securisation.socle.models import Du, Evenement
from securisation.socle.refus import DroitRefuse
from securisation.socle.trace import hors_porte
from securisation.socle.transitions import AccordManquant, EtatRefuse
from securisation.socle.typographie import courber

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n3 0 obj<</Type/Page/Parent 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
TITRE = "Courrier de la CAF"


def photo(largeur=600, hauteur=400, format_="JPEG"):
    rendu = io.BytesIO()
    Image.new("RGB", (largeur, hauteur), "white").save(rendu, format_)
    return SimpleUploadedFile("IMG_2041 Mme Diallo.jpg", rendu.getvalue())


def envoi(**champs):
    return {"intitule": TITRE, "recue_le": f"{jour():%d/%m/%Y}"} | champs


def verser(parcours, par, **champs):
    champs = {"papier": Papier(PDF, "application/pdf"), "intitule": TITRE, "recue_le": jour()} | champs
    return Piece(parcours=parcours).verser(par=par, **champs)


def adresse(nom, objet):
    return reverse(f"interventions:{nom}", args=[objet.uuid])


class TestVerser:
    def test_une_photo_est_gardee_redessinee_et_sa_ligne_ne_dit_pas_son_nom(self, connecte, intervention, bruno):
        parcours = intervention.parcours
        reponse = connecte(bruno).post(adresse("verser_piece", parcours), envoi(photo=photo()))
        assert (reponse.status_code, reponse.url) == (302, parcours.get_absolute_url())
        piece = Piece.objects.get()
        contenu = bytes(piece.fichier.contenu)
        assert (piece.genre, piece.octets, piece.versee_par) == ("image/jpeg", len(contenu), bruno)
        assert piece.sha256 == hashlib.sha256(contenu).hexdigest()
        assert "Diallo" not in f"{piece.nom_de_fichier}{piece}"

    def test_un_pdf_se_garde_tel_quel_lie_a_sa_demarche(self, connecte, action, awa):
        parcours = action.intervention.parcours
        page = f"{adresse('verser_piece', parcours)}?demarche={action.uuid}"
        assert f'<option value="{action.uuid}" selected>' in connecte(awa).get(page).text
        reponse = connecte(awa).post(page, envoi(fichier=SimpleUploadedFile("a.pdf", PDF), action=action.uuid))
        assert reponse.url == action.get_absolute_url()
        assert bytes(action.pieces.get().fichier.contenu) == PDF
        assert TITRE in connecte(awa).get(action.get_absolute_url()).text

    @pytest.mark.parametrize(
        ("trop", "phrase"),
        [
            ({}, "Prenez une photo, ou choisissez un fichier."),
            ({"fichier": SimpleUploadedFile("a.exe", b"MZ")}, "ni une image ni un PDF"),
            ({"fichier": SimpleUploadedFile("a.pdf", b"")}, "ni une image ni un PDF"),
            (
                {"fichier": SimpleUploadedFile("a.pdf", PDF.replace(b"/Root", b"/OpenAction 1 0 R/Root"))},
                "un programme",
            ),
            ({"fichier": SimpleUploadedFile("a.heic", b"\0\0\0\x18ftypheic" + b"\0" * 64)}, "Le plus compatible"),
        ],
    )
    def test_un_refus_garde_le_reste_de_la_saisie(self, connecte, intervention, awa, trop, phrase):
        for fichier in trop.values():
            fichier.seek(0)
        reponse = connecte(awa).post(adresse("verser_piece", intervention.parcours), envoi(**trop))
        assert reponse.status_code == 422
        assert courber(escape(phrase)) in reponse.text or phrase in reponse.text
        assert f'value="{TITRE}"' in reponse.text and not Piece.objects.exists()

    def test_deux_fichiers_ou_une_date_fausse_se_disent_et_le_fichier_se_redemande(self, connecte, intervention, awa):
        page = adresse("verser_piece", intervention.parcours)
        deux = connecte(awa).post(page, envoi(photo=photo(), fichier=SimpleUploadedFile("a.pdf", PDF)))
        assert deux.status_code == 422 and "Une pièce à la fois" in deux.text
        for faux in ("x", "01/01/2090", "01/01/1999"):
            demain = connecte(awa).post(page, envoi(photo=photo(), recue_le=faux))
            assert demain.status_code == 422, faux
            assert "Choisissez de nouveau le fichier" in demain.text, faux
        assert not Piece.objects.exists()

    def test_la_garde_relit_l_intitule(self, connecte, intervention, awa):
        page = adresse("verser_piece", intervention.parcours)
        reponse = connecte(awa).post(page, envoi(photo=photo(), intitule="Compte rendu de chimiothérapie"))
        assert reponse.status_code == 422 and not Piece.objects.exists()

    def test_le_meme_envoi_deux_fois_ne_fait_qu_une_piece(self, connecte, intervention, awa):
        client, page = connecte(awa), adresse("verser_piece", intervention.parcours)
        jeton = str(client.get(page).context["form"]["jeton"].value())
        for _ in range(2):
            assert client.post(page, envoi(photo=photo(), jeton=jeton)).status_code == 302
        assert Piece.objects.count() == 1

    def test_sans_adhesion_la_page_mene_aux_accords(self, connecte, parcours, awa):
        reponse = connecte(awa).get(adresse("verser_piece", parcours))
        assert reponse.status_code == 409
        assert reverse("parcours:accords", args=[parcours.uuid]) in reponse.text
        with pytest.raises(AccordManquant):
            verser(parcours, awa)

    def test_la_demarche_d_un_autre_parcours_ne_se_choisit_pas(self, connecte, action, awa, ouvrir_un_parcours):
        autre = ouvrir_un_parcours(awa, nom="Roche")
        for code in ("INFORMATION", "ADHESION"):
            finalite = Finalite.objects.get(code=code)
            Accord(parcours=autre, finalite=finalite).recueillir(par=awa, le=jour(), mode="écrit signé")
        page = adresse("verser_piece", autre)
        vue = connecte(awa).get(f"{page}?demarche={action.uuid}")
        assert vue.status_code == 200 and action.intitule not in vue.text
        connecte(awa).post(page, envoi(photo=photo(), action=action.uuid))
        assert Piece.objects.get().action is None
        with pytest.raises(ValidationError, match="autre parcours"):
            verser(autre, awa, action=action)


class TestLire:
    def test_le_fichier_part_en_piece_jointe_sans_rien_ouvrir_et_s_inscrit(self, connecte, intervention, awa):
        piece = verser(intervention.parcours, awa)
        reponse = connecte(awa).get(adresse("telecharger_piece", piece))
        assert (reponse.content, reponse["Content-Type"]) == (PDF, "application/pdf")
        assert reponse["Content-Disposition"] == f'attachment; filename="piece-{piece.pk}.pdf"'
        assert reponse["X-Content-Type-Options"] == "nosniff" and "no-store" in reponse["Cache-Control"]
        assert reponse["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
        lu = Evenement.objects.get(chaine=piece.parcours_id, action="telechargement")
        assert (lu.acteur, lu.modele, lu.objet) == (awa, "interventions.piece", piece.pk)

    def test_hors_de_l_equipe_elle_n_existe_pas(self, connecte, intervention, awa, elsa):
        piece = verser(intervention.parcours, awa)
        for nom in ("piece", "telecharger_piece", "retirer_piece"):
            assert connecte(elsa).get(adresse(nom, piece)).status_code == 404, nom
        for nom in ("pieces", "verser_piece"):
            assert connecte(elsa).get(adresse(nom, piece.parcours)).status_code == 404, nom

    def test_la_superviseure_lit_et_ne_joint_pas(self, connecte, intervention, awa, gaelle):
        piece = verser(intervention.parcours, awa)
        client = connecte(gaelle)
        assert client.get(adresse("telecharger_piece", piece)).status_code == 200
        page = client.get(adresse("pieces", piece.parcours))
        assert TITRE in page.text and "Joindre une pièce" not in page.text
        assert client.get(adresse("verser_piece", piece.parcours)).status_code == 403
        with pytest.raises(DroitRefuse):
            piece.retirer(par=gaelle, motif="Sans droit.")

    def test_le_mur_de_la_base_ne_rend_ni_la_ligne_ni_les_octets(self, intervention, awa, elsa):
        piece = verser(intervention.parcours, awa)
        with lire_comme(elsa):
            assert not Piece.objects.exists() and not FichierDePiece.objects.exists()
        with lire_comme(awa):
            assert FichierDePiece.objects.get().piece == piece

    def test_mille_pieces_se_lisent_par_cinquante(self, connecte, intervention, awa):
        parcours = intervention.parcours
        modele = verser(parcours, awa)
        ligne = {
            c.attname: getattr(modele, c.attname) for c in Piece._meta.concrete_fields if c.name not in ("id", "uuid")
        }
        with hors_porte("essai"):
            Piece.objects.en_masse().bulk_create([Piece(**ligne | {"intitule": f"N° {n}"}) for n in range(999)])
        page = connecte(awa).get(adresse("pieces", parcours))
        assert page.text.count('class="stretched"') == 50 and "?depuis=50" in page.text
        assert connecte(awa).get(f"{adresse('pieces', parcours)}?depuis=950").text.count('class="stretched"') == 50
        for absurde in ("-1", "x", "9" * 30, "99999"):
            assert connecte(awa).get(f"{adresse('pieces', parcours)}?depuis={absurde}").status_code == 200
        assert connecte(awa).get(parcours.get_absolute_url()).text.count("/pieces/") < 12


class TestRetirer:
    def test_le_fichier_s_efface_et_la_ligne_dit_pourquoi(self, connecte, intervention, awa):
        piece = verser(intervention.parcours, awa)
        client = connecte(awa)
        assert client.post(adresse("retirer_piece", piece), {"motif": ""}).status_code == 422
        assert client.post(adresse("retirer_piece", piece), {"motif": "Autre dossier."}).status_code == 302
        piece.refresh_from_db()
        assert (piece.etat, piece.retiree_par, piece.motif_du_retrait) == ("retiree", awa, "Autre dossier.")
        assert not FichierDePiece.objects.exists()
        assert client.get(adresse("telecharger_piece", piece)).status_code == 409
        assert "Autre dossier." in client.get(adresse("piece", piece)).text
        assert TITRE not in client.get(piece.parcours.get_absolute_url()).text
        assert client.get(adresse("retirer_piece", piece)).status_code == 302
        with pytest.raises(EtatRefuse):
            piece.retirer(par=awa, motif="Encore.")

    def test_elle_se_retire_encore_d_un_parcours_interrompu(self, connecte, intervention, awa):
        piece = verser(intervention.parcours, awa)
        intervention.parcours.interrompre(par=awa, motif="souhait")
        assert connecte(awa).get(adresse("verser_piece", piece.parcours)).status_code == 409
        assert connecte(awa).post(adresse("retirer_piece", piece), {"motif": "Mauvais dossier."}).status_code == 302


class TestAccordSensible:
    @pytest.fixture
    def sensible(self, action, awa):
        parcours = action.intervention.parcours
        finalite = Finalite.objects.get(code="SENSIBLE")
        Accord(parcours=parcours, finalite=finalite).recueillir(par=awa, le=jour(), mode="écrit signé")
        action.levier = Levier.objects.get(code="L-MDPH")
        with hors_porte("essai", par=awa):
            action.save()
        return verser(parcours, awa, action=action, intitule="Notification bleue")

    def test_sans_accord_elle_se_tait_et_ne_se_telecharge_pas(self, connecte, sensible, awa, laisser_finir):
        laisser_finir(sensible.parcours, "SENSIBLE")
        client = connecte(awa)
        assert client.get(adresse("telecharger_piece", sensible)).status_code == 409
        pages = [adresse("piece", sensible), adresse("pieces", sensible.parcours), sensible.parcours.get_absolute_url()]
        for page in [*pages, sensible.action.get_absolute_url(), adresse("retirer_piece", sensible)]:
            reponse = client.get(page)
            assert reponse.status_code == 200 and "Notification bleue" not in reponse.text, page
        joindre = client.get(f"{adresse('verser_piece', sensible.parcours)}?demarche={sensible.action.uuid}")
        assert joindre.status_code == 200 and "Dossier FSL" not in joindre.text
        with pytest.raises(ValidationError, match="accord de la personne"):
            verser(sensible.parcours, awa, action=sensible.action)

    def test_sans_accord_le_motif_de_son_retrait_se_tait_aussi(self, connecte, sensible, awa, laisser_finir):
        sensible.retirer(par=awa, motif="C'était la notification d'AAH.")
        client = connecte(awa)
        assert "AAH" in client.get(adresse("piece", sensible)).text
        laisser_finir(sensible.parcours, "SENSIBLE")
        page = client.get(adresse("piece", sensible))
        assert page.status_code == 200
        assert "Retirée par" in page.text
        assert re.search(r"\bAAH\b", page.text) is None  # un mot entier : trois lettres se trouvent dans un jeton
        sensible.refresh_from_db()
        assert "AAH" in sensible.motif_du_retrait

    def test_avec_l_accord_elle_se_lit(self, connecte, sensible, awa):
        assert connecte(awa).get(adresse("telecharger_piece", sensible)).content == PDF
        assert "Notification bleue" in connecte(awa).get(sensible.action.get_absolute_url()).text

    def test_l_accord_retire_l_efface_et_son_historique_aussi(self, sensible, awa):
        accord = Accord.objects.en_cours().get(parcours=sensible.parcours, finalite__code="SENSIBLE")
        accord.retirer(par=awa)
        assert not Piece.objects.exists() and not FichierDePiece.objects.exists() and not Action.objects.exists()
        du = Du.objects.get(genre="effacer_sensible")
        assert du.ids["objets"]["interventions.piece"] == [sensible.pk]
