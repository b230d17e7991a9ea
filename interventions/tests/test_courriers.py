"""Les courriers : préremplis du dossier, jamais au-delà de l'accord, produits en PDF et en ODT, inscrits une seule fois."""

import io
import zipfile
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from pypdf import PdfReader

from interventions.courriers import odt, redaction
from interventions.tests.conftest import adresse, au_jour, jour
from securisation.annuaire.models import Finalite, Levier, ModeleCourrier, Structure
from securisation.annuaire.models.courriers import MOTS
from securisation.documents import genres
from securisation.documents.models import Document, Etat
from securisation.documents.tasks import produire_document
from securisation.parcours.consequences import consequences
from securisation.parcours.models import Accord
from securisation.socle.templatetags.jalon import date_moyenne

HOSTILE = '<script>alert(1)</script> & ]]> "><img src=x onerror=1> &amp; {personne} \u202e🏠'


@pytest.fixture
def mairie(db):
    """La structure qui porte le FSL."""
    structure = Structure.objects.create(
        nom="Maison du logement", type="DC", adresse="3 rue du Pont", code_postal="53000", commune="Laval"
    )
    structure.leviers.add(Levier.objects.get(code="L-FSL"))
    return structure


def page(action, code="MC-REL"):
    return adresse("ecrire_courrier", action, code)


def saisie(client, action, code="MC-REL", **champs):
    form = client.get(page(action, code)).context["form"]
    valeurs = {champ.name: champ.value() for champ in form if champ.value() not in (None, False)}
    return valeurs | champs


def accorder(parcours, par, code, **champs):
    accord = Accord(parcours=parcours, finalite=Finalite.objects.get(code=code))
    return accord.recueillir(par=par, le=jour(), mode="oral", **champs)


class TestPreremplir:
    def test_rien_n_est_a_retaper(self, connecte, action, awa, mairie):
        form = connecte(awa).get(page(action)).context["form"]
        assert form["destinataire"].value() == "Maison du logement\n3 rue du Pont\n53000 Laval"
        assert form["objet"].value() == "Relance, Dossier FSL maintien"
        assert "Dossier FSL maintien" in form["texte"].value()
        assert "à compléter" not in form["texte"].value()

    def test_un_recours_attend_que_le_silence_ait_pris_effet(self, connecte, action, awa):
        Levier.objects.filter(code="L-FSL").update(
            silence_mois=2, silence_effet="rejet", silence_source="Article R. 1", recours_mois=2
        )
        client = connecte(awa)
        assert client.post(page(action, "MC-REC"), saisie(client, action, "MC-REC")).status_code == 422
        with au_jour(70):
            texte = client.get(page(action, "MC-REC")).context["form"]["texte"].value()
        assert "2 mois (Article R. 1)" in texte
        assert "Votre silence vaut rejet depuis le" in texte

    def test_un_recours_apres_un_refus_cite_le_jour_de_la_reponse_recue(self, action, awa, issues):
        with au_jour(12):
            action.noter_issue(par=awa, issue=issues["DEM-REF"], issue_le=jour(9))
            texte = redaction.brouillon(action, ModeleCourrier.objects.get(code="MC-REF"), None)["texte"]
        assert f"Le {date_moyenne(jour(9))}, vous avez refusé" in texte
        assert MOTS["date_reponse"] == "la date de la réponse reçue"

    def test_une_piece_reclamee_n_est_pas_un_refus(self, action, awa, issues):
        with au_jour(12):
            action.noter_issue(par=awa, issue=issues["DEM-INC"], issue_le=jour(9))
            texte = redaction.brouillon(action, ModeleCourrier.objects.get(code="MC-REF"), None)["texte"]
        assert "[à compléter : la date de la réponse reçue]" in texte
        assert date_moyenne(jour(9)) not in texte

    def test_ce_qui_revele_la_sante_n_est_dit_que_par_sa_date(self, connecte, action, awa):
        accorder(action.intervention.parcours, awa, "SENSIBLE")
        action.modifier(par=awa, levier=Levier.objects.get(code="L-MDPH"), intitule="Demande d'AAH")
        form = connecte(awa).get(page(action)).context["form"]
        assert "AAH" not in form["texte"].value() + form["objet"].value()
        assert "ma demande du" in form["texte"].value()

    def test_aucun_mot_du_diagnostic_ne_s_y_trouve(self, action, awa):
        textes = "".join(redaction.brouillon(action, modele, None)["texte"] for modele in redaction.modeles())
        assert action.facteur.libelle not in textes
        assert "Garder le logement" not in textes

    @pytest.mark.parametrize("corps", ["{facteur}", "{personne.adresse}", "{", "{0}", "{personne!r}", "{{personne}}"])
    def test_un_modele_ne_nomme_que_ce_qui_est_permis(self, db, corps):
        modele = ModeleCourrier(code="MC-X", libelle="X", usage="relance", objet="X", corps=corps)
        with pytest.raises(Exception, match="Mot inconnu"):
            modele.full_clean()


class TestProduire:
    def envoyer(self, client, action, **champs):
        return client.post(page(action), saisie(client, action, **champs))

    def test_le_courrier_est_au_dossier_en_pdf_et_en_odt(self, connecte, action, awa, mairie):
        client = connecte(awa)
        reponse = self.envoyer(client, action, lieu="Laval")
        courrier = Document.objects.get(genre="courrier")
        assert reponse.url == reverse("documents:suivi", args=[courrier.uuid])
        assert courrier.numero.startswith("L-")
        produire_document(courrier.pk)
        courrier.refresh_from_db()
        assert courrier.etat == Etat.PRODUIT
        pdf = PdfReader(io.BytesIO(bytes(courrier.fichier.contenu)))
        lu = "".join(feuille.extract_text() for feuille in pdf.pages)
        assert (len(pdf.pages), dict(pdf.attachments)) == (1, {})
        assert "Maison du logement" in lu
        assert "Fatou Diallo" in lu
        odt_lu = client.get(reverse("documents:modifiable", args=[courrier.uuid]))
        assert odt_lu["Content-Type"] == genres.ODT
        assert "Maison du logement" in texte_de(odt_lu.content)
        for tu in ("Jalon", "santé", "Prévention", awa.nom_complet, action.intervention.parcours.equipe.nom):
            assert tu not in lu + texte_de(odt_lu.content)

    def test_demande_deux_fois_n_en_fait_qu_un_et_un_autre_ne_le_remplace_pas(self, connecte, action, awa):
        client = connecte(awa)
        for texte in ("Un texte.", "Un texte.", "Un autre.", "Un texte."):
            assert self.envoyer(client, action, texte=texte).status_code == 302
        courriers = Document.objects.filter(genre="courrier").order_by("pk")
        assert [courrier.edition for courrier in courriers] == [1, 2]
        for courrier in courriers:
            produire_document(courrier.pk)
        assert set(courriers.values_list("etat", flat=True)) == {Etat.PRODUIT}

    def test_une_chaine_hostile_reste_du_texte(self, connecte, action, awa):
        client = connecte(awa)
        assert self.envoyer(client, action, texte=HOSTILE, objet=HOSTILE[:100], destinataire=HOSTILE).status_code == 302
        courrier = Document.objects.get(genre="courrier")
        lu = "".join(
            f.extract_text() for f in PdfReader(io.BytesIO(genres.produire("courrier", courrier.donnees).contenu)).pages
        )
        assert "<script>alert(1)</script>" in lu
        contenu = odt.produire(courrier.donnees)
        assert "<script>alert(1)</script>" in texte_de(contenu)
        balises = {element.tag.rpartition("}")[2] for element in racine_de(contenu).iter()}
        assert not balises & {"script", "img", "a", "object", "frame", "event-listener"}

    def test_un_caractere_que_xml_refuse_est_ote(self, connecte, action, awa):
        client = connecte(awa)
        self.envoyer(client, action, texte="Avant\ufffeaprès\uffff.")
        contenu = odt.produire(Document.objects.get(genre="courrier").donnees)
        assert "Avantaprès." in texte_de(contenu)

    def test_l_adresse_et_l_equipe_ne_s_ecrivent_que_demandees(self, connecte, action, awa, mairie):
        parcours, client = action.intervention.parcours, connecte(awa)
        parcours.personne.modifier(par=awa, adresse="12 rue des Lilas")
        self.envoyer(client, action)
        assert "Lilas" not in str(Document.objects.get(genre="courrier").donnees)
        refus = self.envoyer(client, action, avec_adresse="on", avec_equipe="on")
        assert refus.status_code == 422
        assert "avec_equipe" in refus.context["form"].errors
        axes = {"axes": ["LOG"], "jusqu_au": jour(60)}
        accorder(parcours, awa, "PARTAGE", partenaire="maison du Logement", **axes)
        assert self.envoyer(client, action, avec_adresse="on", avec_equipe="on").status_code == 302
        donnees = Document.objects.filter(genre="courrier").latest("pk").donnees
        assert donnees["personne"]["adresse"][0] == "12 rue des Lilas"
        assert donnees["equipe"]["nom"] == parcours.equipe.nom

    def test_ce_qui_revele_la_sante_suit_l_accord(self, connecte, action, awa):
        parcours, client = action.intervention.parcours, connecte(awa)
        accord = accorder(parcours, awa, "SENSIBLE")
        action.modifier(par=awa, levier=Levier.objects.get(code="L-MDPH"))
        assert self.envoyer(client, action).status_code == 302
        courrier = Document.objects.get(genre="courrier")
        assert courrier.finalites == ["SENSIBLE"]
        dits = [ligne["texte"] for ligne in consequences(accord)]
        assert "courrier est effacé" in dits
        assert not [dit for dit in dits if "remplace" in dit]
        accord.retirer(par=awa)
        courrier.refresh_from_db()
        assert (courrier.etat, set(courrier.donnees)) == (Etat.ANNULE, {"document"})
        assert client.get(reverse("documents:modifiable", args=[courrier.uuid])).status_code == 409

    REFUS = [
        ({"texte": ""}, "texte"),
        ({"texte": "Bonjour [à compléter : vos raisons]"}, "texte"),
        ({"objet": "x" * 201}, "objet"),
    ]
    REFUS += [({"destinataire": ""}, "destinataire"), ({"texte": "Sous traitement par chimiothérapie."}, "texte")]
    REFUS += [({"texte": "Mon numéro : 1 79 05 53 130 042 12"}, "texte")]

    @pytest.mark.parametrize(("champs", "nom"), REFUS)
    def test_refuse_et_garde_la_saisie(self, connecte, action, awa, champs, nom):
        client = connecte(awa)
        reponse = self.envoyer(client, action, **champs)
        assert reponse.status_code == 422
        assert nom in reponse.context["form"].errors
        assert not Document.objects.filter(genre="courrier").exists()


class TestRelance:
    @pytest.mark.parametrize(
        ("code", "proposee"), [("DEM-ATT", True), ("DEM-SIL", True), ("DEM-INC", False), ("DEM-REF", False)]
    )
    def test_ne_se_propose_que_sans_reponse(self, connecte, action, awa, issues, code, proposee):
        champs = {"issue_le": jour()} if code in ("DEM-REF", "DEM-INC") else {}
        action.noter_issue(par=awa, issue=issues[code], **champs)
        reponse = connecte(awa).get(adresse("courriers", action))
        assert (page(action) in reponse.text) is proposee
        assert ("Pas de relance" in reponse.text) is not proposee
        assert ("Une réponse est notée" in connecte(awa).get(page(action)).text) is not proposee


class TestAcces:
    def test_introuvable_pour_une_autre_equipe(self, connecte, action, elsa):
        for url in (adresse("courriers", action), page(action)):
            assert connecte(elsa).get(url).status_code == 404

    def test_un_modele_inconnu_ou_ferme_est_introuvable(self, connecte, action, awa):
        ModeleCourrier.objects.filter(code="MC-DEM").update(ferme_le=jour())
        for code in ("MC-DEM", "XXX"):
            assert connecte(awa).get(page(action, code)).status_code == 404

    def test_sans_adhesion_rien_ne_s_ecrit(self, connecte, action, awa):
        client = connecte(awa)
        valeurs = saisie(client, action)
        Accord.objects.get(parcours=action.intervention.parcours, finalite__code="ADHESION").retirer(par=awa)
        assert client.post(page(action), valeurs).status_code in (403, 409)
        assert not Document.objects.filter(genre="courrier").exists()

    def test_un_diagnostic_ne_se_remet_pas_en_odt(self, connecte, action, awa):
        document = Document.objects.get(genre="diagnostic")
        assert connecte(awa).get(reverse("documents:modifiable", args=[document.uuid])).status_code == 409

    def test_un_courrier_ne_se_partage_pas(self, connecte, action, awa):
        client = connecte(awa)
        client.post(page(action), saisie(client, action))
        courrier = Document.objects.get(genre="courrier")
        produire_document(courrier.pk)
        assert not action.intervention.parcours.documents.prets().filter(pk=courrier.pk).exists()

    def test_l_acte_est_au_journal(self, connecte, action, awa):
        connecte(awa).post(page(action), saisie(connecte(awa), action))
        lu = connecte(awa).get(reverse("synthese:historique", args=[action.intervention.parcours.uuid])).text
        assert "écrit un courrier que la personne signera" in lu

    def test_une_page_coute_peu(self, connecte, action, awa, django_assert_max_num_queries):
        client = connecte(awa)
        with django_assert_max_num_queries(16):
            client.get(page(action))


def racine_de(contenu):
    """Le contenu d'un ODT, analysé."""
    with zipfile.ZipFile(io.BytesIO(contenu)) as archive:
        return ElementTree.fromstring(archive.read("content.xml"))


def texte_de(contenu):
    """Tout le texte d'un ODT, métadonnées comprises."""
    with zipfile.ZipFile(io.BytesIO(contenu)) as archive:
        entete = ElementTree.fromstring(archive.read("meta.xml"))
    return "".join(racine_de(contenu).itertext()) + "".join(entete.itertext())
