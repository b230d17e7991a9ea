"""Recueillir un accord à l'écran : sa preuve, le papier joint, ses dates, d'où l'on vient ; ce qu'un retrait ferme vraiment."""

import datetime
import hashlib
import re
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from securisation.annuaire.models import Finalite
from securisation.coordination.models import Invitation
from securisation.parcours.accords.forms import FormulaireAccord
from securisation.parcours.consequences import consequences
from securisation.parcours.models import Accord, PreuveAccord
from securisation.socle import horloge

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj<</Type/Page>>endobj\ntrailer<<>>\n%%EOF\n"
DUS = {
    "PARTAGE": {"partenaire": "Caisse", "axes": ["LOG"]},
    "CONTACT": {"canal": "SMS"},
    "SENSIBLE": {},
    "STATISTIQUES": {},
}


def dans(jours):
    return horloge.aujourd_hui() + datetime.timedelta(days=jours)


def dit(jours):
    return f"{dans(jours):%d/%m/%Y}"


def recueillir(parcours, code, par, **champs):
    """Un accord donné ce jour, pour deux mois."""
    donne = DUS[code] | {"le": dans(0), "jusqu_au": dans(60), "mode": "écrit signé"} | champs
    return Accord(parcours=parcours, finalite=Finalite.objects.get(code=code)).recueillir(par=par, **donne)


@pytest.fixture
def envoyer(client, awa, parcours_admis):
    """`envoyer(**champs)` : la page après l'envoi d'un accord sensible ; `suite` complète l'adresse."""

    def poster(suite="", **champs):
        client.force_login(awa)
        envoi = {"finalite": "SENSIBLE", "reponse": "accepte", "le": dit(0), "mode": "lu à voix haute"} | champs
        adresse = reverse("parcours:recueillir_accord", args=[parcours_admis.uuid]) + suite
        return client.post(adresse, envoi | {"jeton": str(uuid.uuid4())})

    return poster


def papier():
    return SimpleUploadedFile("signe.pdf", PDF)


class TestPreuve:
    @pytest.mark.parametrize("code", DUS)
    def test_est_due_pour_chaque_accord(self, parcours_admis, awa, code):
        with pytest.raises(ValidationError) as refus:
            recueillir(parcours_admis, code, awa, mode="")
        assert "mode" in refus.value.message_dict
        assert recueillir(parcours_admis, code, awa).mode == "écrit signé"

    @pytest.mark.parametrize("code", ["PARTAGE", "CONTACT"])
    def test_manque_encore_a_un_dossier_repris(self, parcours_admis, awa, code):
        with horloge.reprise_au(horloge.maintenant()):
            assert recueillir(parcours_admis, code, awa, mode="").mode == ""

    def test_est_demandee_a_son_champ_sauf_pour_un_refus(self, envoyer, parcours_admis):
        page = envoyer(mode="")
        assert (page.status_code, list(page.context["form"].errors)) == (422, ["mode"])
        assert envoyer(mode="", reponse="refuse").status_code == 302
        assert not parcours_admis.accords.get(finalite__code="SENSIBLE").accorde


class TestReponse:
    def test_n_a_aucun_choix_d_avance(self, client, awa, parcours_admis):
        client.force_login(awa)
        page = client.get(reverse("parcours:recueillir_accord", args=[parcours_admis.uuid]))
        assert page.context["form"]["reponse"].value() is None

    def test_se_dit(self, envoyer, parcours_admis):
        page = envoyer(reponse="")
        assert page.status_code == 422
        assert "Dites si la personne accepte ou refuse." in page.text
        assert not parcours_admis.a_accord("SENSIBLE")


class TestPapier:
    @pytest.mark.parametrize(
        "faute", [{"le": dit(3)}, {"le": "pas un jour"}, {"reponse": ""}, {"finalite": "ADHESION"}]
    )
    @pytest.mark.parametrize("mode", ["numérisé", "écrit signé", "lu à voix haute"])
    def test_perdu_avec_une_autre_faute_il_se_redemande_a_son_champ(self, envoyer, faute, mode):
        page = envoyer(mode=mode, papier=papier(), **faute)
        assert page.status_code == 422
        assert page.context["form"].errors["papier"] == [
            "Joignez de nouveau le papier : un fichier n’est pas gardé d’un envoi à l’autre."
        ]
        assert page.context["form"]["mode"].value() == ("lu à voix haute" if mode == "lu à voix haute" else "numérisé")

    def test_annonce_il_est_exige_puis_garde(self, envoyer, parcours_admis):
        page = envoyer(mode="numérisé")
        assert (page.status_code, list(page.context["form"].errors)) == (422, ["papier"])
        assert envoyer(mode="numérisé", papier=papier()).status_code == 302
        accord = parcours_admis.accords.get(finalite__code="SENSIBLE")
        assert (accord.mode, accord.preuve_sha256) == ("écrit signé", hashlib.sha256(PDF).hexdigest())
        assert bytes(PreuveAccord.objects.get(accord=accord).contenu) == PDF

    def test_garde_au_dossier_papier_il_n_est_pas_exige(self, envoyer, parcours_admis):
        assert envoyer(mode="écrit signé").status_code == 302
        assert parcours_admis.accords.get(finalite__code="SENSIBLE").preuve_sha256 == ""

    def test_illisible_il_le_dit_une_fois(self, envoyer):
        page = envoyer(le=dit(3), papier=SimpleUploadedFile("a.pdf", b"MZ"))
        assert len(page.context["form"].errors["papier"]) == 1


class TestDates:
    def test_toutes_les_fautes_se_disent_d_un_coup_a_leur_champ(self, envoyer):
        fautes = envoyer(le=dit(3), jusqu_au=dit(1)).context["form"].errors
        assert (list(fautes), len(fautes["le"])) == (["le", "jusqu_au"], 1)
        assert fautes["jusqu_au"] == ["La fin de l'accord précède son début."]

    def test_la_transition_les_rattache_aussi(self, parcours_admis, awa):
        with pytest.raises(ValidationError) as refus:
            recueillir(parcours_admis, "SENSIBLE", awa, le=dans(3), jusqu_au=dans(1))
        assert set(refus.value.message_dict) == {"le", "jusqu_au"}

    def test_un_refus_n_a_pas_de_fin_a_verifier(self, envoyer):
        assert envoyer(reponse="refuse", jusqu_au=dit(-1)).status_code == 302


class TestRetour:
    def test_qui_vient_des_accords_y_revient(self, envoyer, client, parcours_admis):
        accords = reverse("parcours:accords", args=[parcours_admis.uuid])
        assert envoyer(le=dit(3), suite="?retour=accords").context["retour_url"] == accords
        assert "retour=accords" in client.get(accords).text
        assert envoyer(suite="?finalite=SENSIBLE&retour=accords").url == accords

    @pytest.mark.parametrize("suite", ["", "?retour=https://ailleurs.test"])
    def test_les_autres_reviennent_au_parcours(self, envoyer, parcours_admis, suite):
        assert envoyer(suite=suite).url == parcours_admis.get_absolute_url()


class TestConsequences:
    def test_un_nom_sans_compte_ni_invitation_ne_perd_rien(self, parcours_admis, awa):
        accord = recueillir(parcours_admis, "PARTAGE", awa)
        Invitation(accord=accord).inviter(par=awa, courriel="a@b.test", jusqu_au=dans(3))
        assert [ligne.get("chiffre") for ligne in consequences(accord)] == [1, None]
        assert "invitation se ferme" in consequences(accord)[0]["texte"]
        seul = recueillir(parcours_admis, "PARTAGE", awa, partenaire="Mairie")
        assert consequences(seul) == [
            {"texte": "Ce destinataire ne lit rien ici : prévenez-le que l’accord cesse de valoir."}
        ]

    def test_un_compte_qui_lit_est_compte_une_fois(self, parcours_admis, awa, chloe):
        accord = recueillir(parcours_admis, "PARTAGE", awa, professionnel=chloe)
        autre = recueillir(parcours_admis, "PARTAGE", awa, partenaire="Sa collègue", professionnel=None)
        recueillir(parcours_admis, "PARTAGE", awa, partenaire="Autre", professionnel=None)
        assert consequences(accord)[0] == {"chiffre": 1, "texte": "partenaire perd l’accès"}
        adhesion = parcours_admis.accords.get(finalite__code="ADHESION")
        assert {"chiffre": 1, "texte": "partenaire perd l’accès"} in consequences(adhesion)
        assert "chiffre" not in consequences(autre)[0]


def test_un_contact_par_sms_s_ecrit_en_capitales(parcours_admis, awa, client):
    recueillir(parcours_admis, "CONTACT", awa)
    client.force_login(awa)
    page = client.get(reverse("parcours:accords", args=[parcours_admis.uuid])).text
    assert {mot for mot in re.findall(r"\b\w+\b", page) if mot.lower() == "sms"} == {"SMS"}


def test_partager_un_document_avertit_qu_il_montre_tous_ses_axes():
    assert "montre tous ses axes" in FormulaireAccord.base_fields["documents"].help_text
