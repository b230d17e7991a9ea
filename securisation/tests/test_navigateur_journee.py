"""Au navigateur, une journée entière au téléphone : un contact, une réponse, un recours, une photo, une prolongation demandée.

Rien ne s'ouvre par son adresse après la première page : tout part de « Mes parcours ». Chaque acte est relu en base et au journal.
"""

import io

import pytest
from PIL import ExifTags, Image
from playwright.sync_api import expect
from pypdf import PdfReader

from interventions.models import Action, Contact, Piece, Prolongation
from interventions.tests.conftest import demarrer, diagnostiquer, jour
from securisation.annuaire.models import Axe, Facteur, Levier, ModeAction
from securisation.documents.models import Document
from securisation.parcours.models import Echeance
from securisation.socle.models import Evenement
from securisation.tests.conftest import TELEPHONE, Visite, visiter

pytestmark = pytest.mark.django_db(transaction=True)
GESTES = 3  # « Noter un contact », au plus, depuis « Mes parcours »


class AuTelephone(Visite):
    """Une visite qui ne quitte pas la largeur d'un téléphone, touche au lieu de cliquer, et compte ses gestes."""

    ecrans = (TELEPHONE,)
    gestes = 0

    def suivre(self, nom, *, dans=None):
        """Touche le lien qui porte ce nom."""
        return self.toucher((dans or self.page).get_by_role("link", name=nom).first)

    def presser(self, nom, *, dans=None):
        """Touche le bouton qui porte ce nom."""
        return self.toucher((dans or self.page).get_by_role("button", name=nom).first)

    def toucher(self, cible):
        """Touche ce qui est visible et assez grand pour un pouce ; un geste."""
        expect(cible).to_be_visible()
        self.gestes += 1
        cible.tap()
        return self

    def repondre(self, **choix):
        """Touche la réponse de chaque question à choix, par le nom du champ et le libellé ; un geste par réponse."""
        for nom, libelle in choix.items():
            groupe = self.page.locator("fieldset").filter(has=self.page.locator(f"[name={nom}]")).last
            self.toucher(groupe.locator("label", has_text=libelle).first)
            expect(groupe.get_by_label(libelle).first).to_be_checked()
        return self

    def a_l_accueil(self):
        """Revient à « Mes parcours » par la barre, sous le pouce."""
        return self.suivre("Parcours", dans=self.barre).titre("Mes parcours")

    @property
    def barre(self):
        """La barre du bas, présente sur chaque page."""
        return self.page.get_by_role("navigation", name="Accès rapide")


@pytest.fixture
def browser_context_args(browser_context_args):
    """Un téléphone : on le touche, la prise de vue s'y offre."""
    return {**browser_context_args, "viewport": TELEPHONE, "has_touch": True, "is_mobile": True}


@pytest.fixture
def journee(page, live_server, axe, connecter):
    """La journée, prête à `entrer` sous un compte."""
    yield from visiter(AuTelephone, page, live_server, axe, connecter)


@pytest.fixture
def en_cours(parcours_admis, awa):
    """Mme Diallo en intervention : une réponse du FSL attendue demain, une demande de titre sans réponse depuis plus de quatre mois."""
    parcours_admis.personne.modifier(par=awa, canal_prefere="téléphone")
    diagnostiquer(parcours_admis, awa)
    intervention = demarrer(parcours_admis, awa)
    commun = {"mode": ModeAction.objects.get(code="MA-2"), "ns1": "oui", "ns3": "la personne avec le dispositif"}
    commun |= {"axe": Axe.objects.get(code="LOG"), "facteur": Facteur.objects.get(code="LOG-01"), "ns4_relais": "CCAS"}
    for code, intitule, sollicite, attendue in (
        ("L-FSL", "Dossier FSL maintien", jour(-20), jour(1)),
        ("L-PREF", "Titre de séjour", jour(-130), jour(10)),
    ):
        champs = {"levier": Levier.objects.get(code=code), "intitule": intitule, "reponse_attendue_le": attendue}
        Action(intervention=intervention).inscrire(par=awa, ns2_sollicite_le=sollicite, **(commun | champs))
    parcours_admis.refresh_from_db()
    return parcours_admis


def au_journal(parcours, objet, action, par):
    """Vrai si la chaîne du dossier porte cet acte sur cet objet, par cette personne."""
    maillons = Evenement.objects.filter(chaine=parcours.pk, modele=objet._meta.label_lower, objet=objet.pk)
    return maillons.filter(action=action, acteur=par).exists()


def test_une_journee_au_telephone(journee, en_cours, awa, travailler):
    journee.entrer(awa).titre("Mes parcours").lit("Fatou Diallo")
    noter_un_contact(journee, en_cours, awa)
    enregistrer_une_reponse(journee.a_l_accueil(), en_cours, awa)
    produire_un_recours(journee.a_l_accueil(), en_cours, awa, travailler)
    joindre_une_photo(journee.a_l_accueil(), en_cours, awa)
    demander_une_prolongation(journee.a_l_accueil(), en_cours, awa)
    journee.a_l_accueil()
    assert journee.page.viewport_size == TELEPHONE


def noter_un_contact(journee, parcours, awa):
    """De « Mes parcours » à « Contact noté. », gestes comptés."""
    avant = journee.gestes
    journee.suivre("Contact", dans=journee.barre)
    journee.suivre("De sa part : contact avec Fatou Diallo").presser("Noter ce contact")
    journee.lit("Contact noté.")
    assert journee.gestes - avant <= GESTES
    contact = Contact.objects.get()
    assert (contact.canal, contact.de_la_personne, contact.par, contact.le) == ("téléphone", True, awa, jour())
    assert au_journal(parcours, contact, "creation", awa)


def enregistrer_une_reponse(journee, parcours, awa):
    """Ce qui est dû demain mène droit à sa réponse."""
    fsl = Action.objects.get(levier__code="L-FSL")
    journee.suivre("Dossier FSL maintien").titre("Noter la réponse")
    journee.repondre(issue="Aboutie").ecrire(issue_le=f"{jour():%d/%m/%Y}", issue_note="Dix mensualités de 62 euros.")
    journee.presser("Enregistrer la réponse").lit("Issue notée.")
    fsl.refresh_from_db()
    assert (fsl.issue.code, fsl.issue_le, fsl.issue_note) == ("DEM-OK", jour(), "Dix mensualités de 62 euros.")
    assert au_journal(parcours, fsl, "modification", awa)


def produire_un_recours(journee, parcours, awa, travailler):
    """Le silence vaut rejet : le recours s'écrit du dossier, se produit, se télécharge et se lit."""
    journee.ouvrir("Fatou Diallo").suivre("Titre de séjour").titre("Titre de séjour")
    journee.suivre("Écrire un courrier").titre("Quel courrier écrire ?").suivre("Recours après un silence")
    journee.titre("Relire le courrier").ecrire(lieu="Laval").presser("Produire le courrier").titre("Courrier")
    travailler()
    journee.lit("Document prêt")
    with journee.page.expect_download() as recu:
        journee.suivre("Télécharger")
    document = Document.objects.get(genre="courrier")
    lu = " ".join(" ".join(page.extract_text() for page in PdfReader(recu.value.path()).pages).split())
    assert recu.value.suggested_filename == f"{document.numero}.pdf"
    assert "Fatou Diallo" in lu and "vaut rejet depuis le" in lu and "Laval, le" in lu
    assert au_journal(parcours, document, "creation", awa)


def photo():
    """Une photo prise au téléphone : douze millions de points, et dans ses marges le lieu, l'appareil, l'heure."""
    marges, rendu = Image.Exif(), io.BytesIO()
    marges[ExifTags.Base.Model] = "Telephone de Fatou"
    marges.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (48.0, 4.0, 12.0), 3: "W", 4: (0.0, 46.0, 4.0)})
    Image.effect_noise((400, 300), 80).resize((4000, 3000)).convert("RGB").save(rendu, "JPEG", quality=60, exif=marges)
    assert b"Telephone de Fatou" in rendu.getvalue()
    return rendu.getvalue()


def joindre_une_photo(journee, parcours, awa):
    """La photo d'un courrier : réécrite, réduite, sans rien de ses marges."""
    prise = photo()
    journee.ouvrir("Fatou Diallo").suivre("Joindre", dans=journee.page.locator("[aria-labelledby=t-pieces]"))
    journee.titre("Joindre une pièce").ecrire(intitule="Courrier de la CAF")
    champ = journee.page.get_by_label("Prendre une photo")
    champ.set_input_files({"name": "IMG_2041.jpg", "mimeType": "image/jpeg", "buffer": prise})
    journee.presser("Joindre la pièce").lit("Pièce jointe au parcours.")
    piece = Piece.objects.get()
    gardee = bytes(piece.fichier.contenu)
    image = Image.open(io.BytesIO(gardee))
    assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (2400, 1800), {})
    assert b"Telephone de Fatou" not in gardee and len(gardee) < len(prise)
    assert au_journal(parcours, piece, "creation", awa)


def demander_une_prolongation(journee, parcours, awa):
    """La demande attend un superviseur : le terme ne bouge pas, la décision devient due."""
    terme = parcours.intervention.terme
    journee.ouvrir("Fatou Diallo").suivre("Intervention").titre("Intervention")
    journee.toucher(journee.page.locator("details.menu > summary")).suivre("Demander une prolongation")
    journee.titre("Demander une prolongation").ecrire(motif="Commission reportée d'un mois.")
    journee.presser("Envoyer la demande").lit("Prolongation demandée.")
    prolongation = Prolongation.objects.get()
    assert (prolongation.etat, prolongation.demandee_par) == (Prolongation.Etat.DEMANDEE, awa)
    parcours.intervention.refresh_from_db()
    assert parcours.intervention.terme == terme
    assert Echeance.objects.filter(parcours=parcours, nature="prolongation").count() == 1
    assert au_journal(parcours, prolongation, "creation", awa)
