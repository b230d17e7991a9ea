"""Les accords : leur preuve, le texte lu, leur durée, leur refus, leur fin annoncée, et leur page."""

import datetime
import hashlib
import io
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from PIL import Image

from securisation.annuaire.chargement import charger
from securisation.annuaire.models import Finalite, TexteAccord
from securisation.documents import numerisation
from securisation.parcours.models import Accord, PreuveAccord
from securisation.parcours.retraits import annoncer_les_fins
from securisation.socle import horloge
from securisation.socle.models import Evenement
from securisation.socle.trace import hors_porte
from securisation.socle.transitions import EtatRefuse

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj<</Type/Page>>endobj\ntrailer<<>>\n%%EOF\n"
EN_TROP = [b"<script>", b"%PDF-1.7 /OpenAction<</S/JavaScript>>\n%%EOF", b"%PDF-1.7\n%%EOF\nPK\x03\x04", b"GIF89a", b""]


def dans(jours):
    return horloge.aujourd_hui() + datetime.timedelta(days=jours)


def neuf(parcours, code):
    return Accord(parcours=parcours, finalite=Finalite.objects.get(code=code))


def recueillir(parcours, code, par, **champs):
    """Recueille un accord, lu à voix haute aujourd'hui."""
    return neuf(parcours, code).recueillir(par=par, **{"le": dans(0), "mode": "lu à voix haute"} | champs)


def partager(parcours, par, **champs):
    """Un partage avec la caisse, sur le logement, pour deux mois."""
    donne = {"partenaire": "Caisse", "axes": ["LOG"], "jusqu_au": dans(60)}
    return recueillir(parcours, "PARTAGE", par, **donne | champs)


def image(genre="PNG", **options):
    rendu = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(rendu, genre, **options)
    return rendu.getvalue()


def recu(octets, nom="signe.pdf"):
    return SimpleUploadedFile(nom, octets)


class TestTexte:
    def test_l_accord_garde_la_version_et_l_empreinte_du_texte_lu(self, parcours_admis, awa):
        accord = recueillir(parcours_admis, "SENSIBLE", awa)
        assert accord.texte.version == 1
        assert accord.empreinte_du_texte == hashlib.sha256(accord.texte.texte.encode()).hexdigest()

    def test_une_version_publiee_ne_se_recrit_pas(self):
        texte = TexteAccord.objects.en_vigueur().first()
        with pytest.raises(ValidationError, match="nouvelle version"):
            texte.save()
        for ecriture in (lambda lignes: lignes.update(texte="Autre."), lambda lignes: lignes.delete()):
            with pytest.raises(IntegrityError, match="ne se récrit pas"), transaction.atomic():
                ecriture(TexteAccord.objects.filter(pk=texte.pk))

    def test_une_version_nouvelle_vaut_quand_elle_est_publiee(self, parcours_admis, awa):
        finalite = Finalite.objects.get(code="SENSIBLE")
        brouillon = TexteAccord(finalite=finalite, texte="Un texte à nous.")
        brouillon.save()
        assert recueillir(parcours_admis, "SENSIBLE", awa).texte.version == 1
        brouillon.publier(par=awa)
        assert TexteAccord.objects.en_vigueur().get(finalite=finalite) == brouillon
        assert brouillon.version == 2

    def test_un_texte_change_pendant_l_entretien_se_relit(self, parcours_admis, awa):
        lus = [texte.pk for texte in TexteAccord.objects.en_vigueur()]
        nouveau = TexteAccord(finalite=Finalite.objects.get(code="SENSIBLE"), texte="Un autre texte.")
        nouveau.save()
        nouveau.publier(par=awa)
        with pytest.raises(ValidationError, match="a changé"):
            recueillir(parcours_admis, "SENSIBLE", awa, textes_lus=lus)

    def test_le_rechargement_n_ajoute_rien_et_laisse_l_association_decider(self):
        finalite = Finalite.objects.get(code="SENSIBLE")
        notre = TexteAccord(finalite=finalite, texte="Le nôtre.")
        notre.save()
        notre.publier()
        avant = TexteAccord.objects.count()
        assert charger()["textes_d_accord"].crees == []
        assert TexteAccord.objects.count() == avant
        assert TexteAccord.objects.en_vigueur().get(finalite=finalite) == notre


class TestDuree:
    def test_sans_date_l_accord_vaut_la_duree_prevue(self, parcours_admis, awa):
        assert recueillir(parcours_admis, "SENSIBLE", awa).jusqu_au == dans(365)
        assert recueillir(parcours_admis, "STATISTIQUES", awa).jusqu_au is None

    def test_finit_bientot_se_dit_et_se_leve_au_renouvellement(self, parcours_admis, awa):
        partage = partager(parcours_admis, awa, jusqu_au=dans(9))
        due = parcours_admis.echeances.get(nature="fin_accord")
        assert (due.date, due.source) == (dans(9), partage.source)
        assert due.libelle.startswith("L'accord de partage avec Caisse finit le ")
        partager(parcours_admis, awa, partenaire="caisse")
        assert not parcours_admis.echeances.filter(nature="fin_accord").exists()
        partage.retirer(par=awa)
        assert not parcours_admis.a_accord("PARTAGE")

    def test_la_tache_annonce_une_fois_ce_qui_entre_dans_les_quinze_jours(self, parcours_admis, awa):
        loin, proche = partager(parcours_admis, awa), partager(parcours_admis, awa, partenaire="Mairie")
        with hors_porte("le temps a passé"):
            Accord.objects.en_masse().filter(pk=proche.pk).update(jusqu_au=dans(15))
            Accord.objects.en_masse().filter(pk=loin.pk).update(jusqu_au=dans(16))
        assert (annoncer_les_fins(), annoncer_les_fins()) == (1, 0)
        assert parcours_admis.echeances.get(nature="fin_accord").source == proche.source

    def test_un_partage_echu_ne_reste_pas_a_faire_une_adhesion_si(self, parcours_admis, awa):
        adhesion = parcours_admis.accords.get(finalite__code="ADHESION")
        for accord in (adhesion, partager(parcours_admis, awa)):
            parcours_admis.poser_echeance("fin_accord", dans(-1), "finit", source=accord.source)
        annoncer_les_fins()
        assert parcours_admis.echeances.get(nature="fin_accord").source == adhesion.source

    def test_loin_de_sa_fin_un_accord_ne_se_double_pas(self, parcours_admis, awa):
        partager(parcours_admis, awa)
        with pytest.raises(ValidationError, match="court déjà"):
            partager(parcours_admis, awa, axes=["BUD"])


class TestRefus:
    def test_un_refus_est_un_fait_qui_fait_cesser_l_accord(self, parcours_admis, awa):
        partage = partager(parcours_admis, awa)
        refus = neuf(parcours_admis, "PARTAGE").refuser(par=awa, le=dans(0), partenaire="CAISSE")
        partage.refresh_from_db()
        assert (refus.accorde, refus.est_en_cours, partage.retire_le) == (False, False, dans(0))
        with pytest.raises(ValidationError, match="ne se retire pas"):
            refus.retirer(par=awa)

    def test_refuser_l_adhesion_qui_court_interrompt(self, parcours_admis, awa):
        partager(parcours_admis, awa)
        neuf(parcours_admis, "ADHESION").refuser(par=awa, le=dans(0))
        parcours_admis.refresh_from_db()
        assert parcours_admis.motif_interruption == "adhesion_retiree"
        assert not parcours_admis.accords.en_cours().exclude(finalite__code="INFORMATION").exists()

    def test_refuser_l_adhesion_echue_interrompt_aussi(self, parcours_admis, awa, laisser_finir):
        laisser_finir(parcours_admis, "ADHESION")
        neuf(parcours_admis, "ADHESION").refuser(par=awa, le=dans(0))
        parcours_admis.refresh_from_db()
        assert parcours_admis.etat == "interrompu"

    def test_un_premier_refus_n_interrompt_rien(self, parcours, awa):
        neuf(parcours, "ADHESION").refuser(par=awa, le=dans(0))
        parcours.refresh_from_db()
        assert parcours.etat == "oriente"

    def test_l_information_ne_se_refuse_pas(self, parcours, awa):
        with pytest.raises(ValidationError, match="se remet"):
            neuf(parcours, "INFORMATION").refuser(par=awa, le=dans(0))


class TestPreuve:
    def test_un_temoin_se_nomme(self, parcours_admis, awa):
        with pytest.raises(ValidationError, match="témoin"):
            recueillir(parcours_admis, "SENSIBLE", awa, mode="oral avec témoin")
        assert recueillir(parcours_admis, "SENSIBLE", awa, mode="oral avec témoin", temoin="M. Petit").temoin

    @pytest.mark.parametrize("octets", EN_TROP)
    def test_le_contenu_fait_foi(self, octets):
        with pytest.raises(ValidationError):
            numerisation.lire(recu(octets))

    def test_trop_lourd_se_refuse(self):
        with pytest.raises(ValidationError, match="10 Mo"):
            numerisation.lire(recu(b"%PDF-" + b"0" * numerisation.TAILLE_MAX))

    def test_une_photo_est_redessinee_sans_ce_qu_elle_cache(self):
        exif = Image.Exif()
        exif[0x010E] = "Laval, 12 rue des Lices"
        papier = numerisation.lire(recu(image("JPEG", exif=exif) + b"PK\x03\x04cache"))
        assert papier.genre == "image/jpeg"
        assert b"Lices" not in papier.contenu and b"cache" not in papier.contenu

    def test_se_joint_une_fois_et_se_telecharge_en_piece_jointe(self, parcours_admis, awa, elsa, client):
        accord = recueillir(parcours_admis, "SENSIBLE", awa, mode="écrit signé")
        client.force_login(awa)
        adresse = reverse("parcours:joindre_preuve", args=[accord.uuid])
        envoi = {"version": accord.version, "papier": recu(PDF)}
        assert client.post(adresse, envoi).status_code == 302
        accord.refresh_from_db()
        assert accord.preuve_sha256 == hashlib.sha256(PDF).hexdigest()
        fichier = client.get(reverse("parcours:preuve", args=[accord.uuid]))
        assert (fichier.content, fichier["Content-Type"]) == (PDF, "application/pdf")
        assert fichier["Content-Disposition"] == f'attachment; filename="accord-{accord.pk}.pdf"'
        assert "no-store" in fichier["Cache-Control"]
        assert Evenement.objects.filter(chaine=parcours_admis.pk, action="telechargement").count() == 1
        with pytest.raises(EtatRefuse, match="déjà joint"):
            accord.joindre(par=awa, preuve=numerisation.Papier(PDF, "application/pdf"))
        client.force_login(elsa)
        assert client.get(reverse("parcours:preuve", args=[accord.uuid])).status_code == 404

    def test_un_faux_fichier_se_dit_et_ne_perd_rien(self, parcours_admis, awa, client):
        client.force_login(awa)
        envoi = {
            "finalite": "SENSIBLE",
            "reponse": "accepte",
            "le": "01/01/2026",
            "mode": "écrit signé",
            "interprete": "arabe",
        }
        reponse = client.post(
            reverse("parcours:recueillir_accord", args=[parcours_admis.uuid]), envoi | {"papier": recu(b"MZ", "a.pdf")}
        )
        assert reponse.status_code == 422
        assert "ni une image ni un PDF" in reponse.text and 'value="arabe"' in reponse.text
        assert not PreuveAccord.objects.exists()


class TestPage:
    def adresse(self, parcours):
        return reverse("parcours:accords", args=[parcours.uuid])

    def test_dit_l_etat_de_chaque_finalite(self, parcours_admis, awa, client):
        client.force_login(awa)
        partager(parcours_admis, awa, jusqu_au=dans(3))
        neuf(parcours_admis, "CONTACT").refuser(par=awa, le=dans(0), canal="SMS")
        recueillir(parcours_admis, "SENSIBLE", awa).retirer(par=awa, motif="Elle préfère.")
        page = client.get(self.adresse(parcours_admis)).text.replace("\xa0", " ")
        for mot in ("En cours", "Finit dans 3 jours", "Refusé", "Retiré", "Jamais demandé", "Elle préfère."):
            assert mot in page

    def test_un_lecteur_lit_et_ne_retire_pas(self, parcours_admis, awa, gaelle, client):
        client.force_login(gaelle)
        page = client.get(self.adresse(parcours_admis))
        assert page.status_code == 200
        assert "/retirer/" not in page.text and "/recueillir/" not in page.text

    def test_un_refus_s_enregistre_a_l_ecran(self, parcours_admis, awa, client):
        partage = partager(parcours_admis, awa)
        client.force_login(awa)
        envoi = {"finalite": "PARTAGE", "reponse": "refuse", "partenaire": "Caisse", "le": f"{dans(0):%d/%m/%Y}"}
        adresse = reverse("parcours:recueillir_accord", args=[parcours_admis.uuid])
        assert client.post(adresse, envoi | {"jeton": str(uuid.uuid4())}).status_code == 302
        partage.refresh_from_db()
        assert partage.retire_le == dans(0)

    def test_un_document_d_ailleurs_ne_se_partage_pas(self, parcours_admis, awa):
        with pytest.raises(ValidationError, match="de ce parcours"):
            partager(parcours_admis, awa, documents=["D-2020-0001-1"])

    def test_le_retrait_dit_ses_consequences_en_chiffres(self, parcours_admis, awa, chloe, farid, client):
        partager(parcours_admis, awa, professionnel=chloe)
        partager(parcours_admis, awa, partenaire="Mairie", professionnel=farid)
        partager(parcours_admis, awa, partenaire="Voisin")
        client.force_login(awa)
        adhesion = parcours_admis.accords.get(finalite__code="ADHESION")
        page = client.get(reverse("parcours:retirer_accord", args=[adhesion.uuid])).text
        assert "partenaires perdent l’accès" in page and ">2<" in page
        assert "interrompu aussitôt" in page
