"""Le résumé du jour : des nombres et rien d'un dossier ; une fois par jour ouvré, par personne ; éteint par qui le veut."""

import datetime
import smtplib
import threading

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from securisation.comptes.models import Absence, Fonction, Professionnel
from securisation.parcours.models import RendezVous
from securisation.parcours.models.rendez_vous import a_l_heure
from securisation.socle import horloge, outbox
from securisation.socle.models import Du, Evenement
from securisation.synthese import resume, tasks
from securisation.synthese.dus import lire_comptes
from securisation.synthese.tests.test_pages import GESTION

pytestmark = pytest.mark.django_db
JOUR = datetime.timedelta(days=1)


def dernier_jour_ouvre():
    jour = horloge.aujourd_hui()
    while not horloge.est_ouvre(jour):
        jour -= JOUR
    return jour


@pytest.fixture(autouse=True)
def huit_heures():
    """Il est huit heures, un jour ouvré."""
    with horloge.reprise_au(a_l_heure(dernier_jour_ouvre(), datetime.time(8))):
        yield horloge.aujourd_hui()


@pytest.fixture
def envoyer(django_capture_on_commit_callbacks):
    """`envoyer()` : l'horloge passe, le travailleur solde ce qui est dû ; rend les courriels partis, adresse → corps."""

    def passer(preparer=True):
        with django_capture_on_commit_callbacks(execute=True):
            if preparer:
                tasks.resumer()
            for numero in outbox.a_solder():
                outbox.solder(numero)
        return {message.to[0]: message.body for message in mail.outbox}

    return passer


@pytest.fixture
def devoir(ouvrir_un_parcours, awa):
    """Un parcours à qui ne manque que ce dû : nature, jours d'ici là."""

    def poser(nature, jours, par=awa, **personne):
        parcours = ouvrir_un_parcours(par, **personne)
        parcours.lever_echeance("qualification")
        parcours.poser_echeance(
            nature, horloge.aujourd_hui() + jours * JOUR, "Réponse de Mme Bertin : FSL", f"x{jours}"
        )
        return parcours

    return poser


def lignes(corps):
    return [ligne.replace("\xa0", " ")[2:] for ligne in corps.splitlines() if ligne.startswith("- ")]


class TestCeQuIlDit:
    def test_des_nombres_et_un_lien(self, devoir, awa, envoyer, settings):
        settings.ADRESSE_PUBLIQUE = "https://jalon.example.org"
        for nature, jours in (("terme", -9), ("reponse", -2), ("reponse", 0), ("accord", 0), ("terme", 20)):
            parcours = devoir(nature, jours)
        for heure in (9, 15):
            debut = a_l_heure(horloge.aujourd_hui(), datetime.time(heure))
            RendezVous(parcours=parcours).prevoir(par=awa, debut=debut, lieu="Permanence")
        RendezVous(parcours=parcours).prevoir(par=awa, debut=debut + JOUR, lieu="Permanence")
        corps = envoyer()[awa.email]
        assert lignes(corps) == [
            "2 échéances en retard",
            "1 réponse attendue cette semaine",
            "1 autre échéance cette semaine",
            "2 rendez-vous aujourd’hui",
        ]
        assert [mot for mot in corps.split() if "://" in mot] == ["https://jalon.example.org/"]
        assert "\n\nTout voir dans Jalon : https://jalon.example.org/\n" in corps

    def test_aucun_nom_aucun_numero_aucun_mot_d_un_dossier(self, devoir, awa, envoyer):
        parcours = devoir("reponse", -1, prenom="Canarizette", nom="Zanzibarou", commune="Mayenne")
        debut = a_l_heure(horloge.aujourd_hui(), datetime.time(9))
        RendezVous(parcours=parcours).prevoir(par=awa, debut=debut, lieu="Mairie de Craon", avec="CCAS, Mme Petit")
        envoyer()
        (message,) = [message for message in mail.outbox if message.to == [awa.email]]
        entier = message.message().as_string() + message.body + message.subject
        dossier = "Canarizette Zanzibarou Mayenne Bertin FSL Réponse Craon Mairie CCAS Petit Permanence loyers"
        for mot in [*dossier.split(), "06 39 98", parcours.numero, str(parcours.uuid), awa.nom, awa.prenom, "Laval"]:
            assert mot not in entier, mot
        assert (message.subject, message.cc, message.bcc, message.attachments) == (
            "Jalon : votre résumé du jour",
            [],
            [],
            [],
        )
        assert message.message()["Auto-Submitted"] == "auto-generated"

    def test_les_nombres_sont_ceux_de_a_faire(self, devoir, awa, client):
        for nature, jours in (("reponse", -3), ("reponse", 0), ("silence", 0), ("relais", -1)):
            devoir(nature, jours)
        client.force_login(awa)
        dus = client.get("/", {"faire": "tout"}).context["comptes"].a_faire
        dits = lignes("\n".join(f"- {ligne}" for ligne in resume.nombres(awa, horloge.aujourd_hui())))
        en_retard = sum(due["date"] < horloge.aujourd_hui() for due in dus)
        assert dits[0] == f"{en_retard} échéances en retard" == "2 échéances en retard"
        assert lire_comptes(awa).semaine == {"reponses": 1, "silences": 1, "relais": 0}

    def test_la_superviseure_lit_ce_qu_elle_voit_et_rien_du_restreint(self, devoir, awa, gaelle, envoyer):
        devoir("terme", -1)
        devoir("terme", -1).restreindre(par=awa, restreint=True)
        partis = envoyer()
        assert lignes(partis[gaelle.email]) == ["1 échéance en retard"]
        assert lignes(partis[awa.email]) == ["2 échéances en retard"]

    def test_au_dela_de_ce_qui_se_lit_il_dit_au_moins(self, devoir, awa, monkeypatch):
        monkeypatch.setattr(resume, "PLAFOND", 1)
        devoir("terme", -1)
        assert resume.nombres(awa, horloge.aujourd_hui())[0].startswith("Au moins 1")


class TestAQui:
    def test_rien_quand_il_n_y_a_rien(self, devoir, awa, bruno, envoyer):
        devoir("terme", 25)
        assert envoyer() == {}
        assert Du.objects.filter(genre=resume.GENRE, fait_le=None).count() == 0

    @pytest.mark.parametrize("cas", ["ferme", "invite", "financeur", "absent", "eteint", "sans_equipe"])
    def test_jamais_a(self, cas, devoir, awa, envoyer, huit_heures):
        devoir("terme", -1)
        if cas == "financeur":
            Fonction.objects.create(professionnel=awa, genre="FINANCEUR", du=huit_heures - JOUR)
        elif cas == "absent":
            Absence.objects.create(compte=awa, du=huit_heures - JOUR, au=huit_heures, posee_par=awa)
        else:
            champs = {"ferme": {"is_active": False}, "eteint": {"resume_voulu": False}, "sans_equipe": {"equipe": None}}
            champs["invite"] = {"equipe": None, "est_invite": True}
            Professionnel.objects.filter(pk=awa.pk).update(**champs[cas])
        assert awa.email not in envoyer()

    def test_ni_au_partenaire_ni_au_delegue_ni_a_la_direction(self, devoir, distribution, envoyer):
        devoir("terme", -1)
        assert set(envoyer()) == {distribution["awa"].email, distribution["gaelle"].email}

    def test_qui_le_perd_entre_les_deux_ne_le_recoit_pas(self, devoir, awa, gaelle, envoyer):
        devoir("terme", -1)
        assert resume.preparer() > 0
        Professionnel.objects.filter(pk=awa.pk).update(is_active=False)
        assert set(envoyer(preparer=False)) == {gaelle.email}

    def test_l_interrupteur(self, devoir, awa, client, envoyer):
        devoir("terme", -1)
        client.force_login(awa)
        adresse = reverse("comptes:reglages")
        assert "Ne plus le recevoir" in client.get(adresse).text
        for _ in range(2):  # un double clic n'y rallume rien
            assert client.post(adresse, {"resume": "non"}).status_code == 302
        awa.refresh_from_db()
        assert awa.resume_voulu is False
        assert "Éteint" in client.get(adresse).text
        assert awa.email not in envoyer()
        trace = Evenement.objects.filter(modele="comptes.professionnel", action="modification").latest("quand")
        assert (trace.acteur_id, trace.charge["champs"]) == (awa.pk, ["resume_voulu"])
        client.post(adresse, {"resume": "oui"})
        assert "Ne plus le recevoir" in client.get(adresse).text
        assert client.post(adresse, {"resume": "peut-être"}).status_code == 200

    def test_un_compte_qui_n_en_recoit_pas_le_lit(self, chloe, client):
        client.force_login(chloe)
        assert "Votre compte n’en reçoit pas" in client.get(reverse("comptes:reglages")).text


class TestQuand:
    @pytest.mark.parametrize(
        ("moment", "attendu"),
        [
            ("2026-11-23T07:29", False),
            ("2026-11-23T07:30", True),
            ("2026-11-23T11:29", True),
            ("2026-11-23T11:30", False),
            ("2026-11-21T08:00", False),  # samedi
            ("2026-11-22T08:00", False),  # dimanche
            ("2026-11-11T08:00", False),  # fête fixe
            ("2026-04-06T08:00", False),  # lundi de Pâques
            ("2026-03-30T07:30", True),  # le lendemain du passage à l'heure d'été
        ],
    )
    def test_les_jours_ouvres_a_son_heure(self, moment, attendu):
        jour, _, heure = moment.partition("T")
        moment = a_l_heure(datetime.date.fromisoformat(jour), datetime.time.fromisoformat(heure))
        assert resume.est_l_heure(moment) is attendu

    def test_un_jour_chome_rien_n_est_du(self, devoir, awa, envoyer):
        devoir("terme", -1)
        with horloge.reprise_au(a_l_heure(datetime.date(2026, 5, 14), datetime.time(8))):
            assert envoyer() == {}
        awa.refresh_from_db()
        assert awa.resume_le is None

    def test_l_association_l_eteint(self, devoir, envoyer, settings):
        settings.RESUME_A = None
        devoir("terme", -1)
        assert envoyer() == {}

    def test_un_du_d_hier_ne_part_pas_aujourd_hui(self, devoir, awa, envoyer, huit_heures):
        devoir("terme", -1)
        resume.preparer()
        with horloge.reprise_au(a_l_heure(huit_heures + JOUR, datetime.time(8))):
            assert envoyer(preparer=False) == {}


class TestUneFois:
    def test_rejoue_il_ne_repart_pas(self, devoir, awa, envoyer):
        devoir("terme", -1)
        for _ in range(3):
            envoyer()
        assert sum(message.to == [awa.email] for message in mail.outbox) == 1
        assert resume.preparer() == 0

    def test_le_lendemain_un_autre(self, devoir, awa, envoyer, huit_heures):
        devoir("terme", -1)
        envoyer()
        with horloge.reprise_au(a_l_heure(huit_heures + 7 * JOUR, datetime.time(8))):
            assert resume.est_l_heure(horloge.maintenant()) == horloge.est_ouvre(huit_heures + 7 * JOUR)
            envoyer()
        attendus = 1 + horloge.est_ouvre(huit_heures + 7 * JOUR)
        assert sum(message.to == [awa.email] for message in mail.outbox) == attendus

    def test_une_transaction_annulee_n_envoie_rien(self, devoir, awa, django_capture_on_commit_callbacks):
        devoir("terme", -1)
        with django_capture_on_commit_callbacks(execute=True), pytest.raises(RuntimeError), transaction.atomic():
            resume.envoyer(awa.pk, horloge.aujourd_hui().isoformat(), 1)
            raise RuntimeError
        assert mail.outbox == []


class Serveur:
    """Un serveur d'envoi en panne : `fautes`, dans l'ordre, puis il répond."""

    def __init__(self, monkeypatch, *fautes):
        self.fautes, vrai = list(fautes), EmailBackend.send_messages

        def envoyer(backend, messages):
            if self.fautes:
                raise self.fautes.pop(0)
            return vrai(backend, messages)

        monkeypatch.setattr(EmailBackend, "send_messages", envoyer)


class TestPanne:
    @pytest.fixture
    def seule_awa(self, devoir, awa):
        Professionnel.objects.exclude(pk=awa.pk).update(resume_voulu=False)
        return devoir("terme", -1)

    @staticmethod
    def reprendre(capture):
        """Dix minutes plus tard."""
        with capture(execute=True):
            for numero in Du.objects.filter(genre=resume.GENRE, fait_le=None).values_list("pk", flat=True):
                assert outbox.solder(numero)

    def test_refuse_il_se_reprend_une_fois(
        self, seule_awa, awa, envoyer, monkeypatch, django_capture_on_commit_callbacks
    ):
        Serveur(monkeypatch, smtplib.SMTPDataError(451, b"plus tard"))
        assert envoyer() == {}
        du = Du.objects.get(genre=resume.GENRE, fait_le=None)
        assert (du.ids["essai"], du.pk in outbox.a_solder()) == (2, False)
        self.reprendre(django_capture_on_commit_callbacks)
        assert [message.to for message in mail.outbox] == [[awa.email]]
        assert not Du.objects.filter(genre=resume.GENRE, fait_le=None).exists()

    def test_refuse_deux_fois_le_journal_le_dit(
        self, seule_awa, awa, envoyer, monkeypatch, django_capture_on_commit_callbacks
    ):
        Serveur(monkeypatch, *[smtplib.SMTPRecipientsRefused({awa.email: (450, b"non")})] * 2)
        envoyer()
        self.reprendre(django_capture_on_commit_callbacks)
        assert mail.outbox == []
        assert not Du.objects.filter(genre=resume.GENRE, fait_le=None).exists()
        assert Evenement.objects.get(action="courriel non envoyé").charge == {"compte": awa.pk}

    @pytest.mark.parametrize("faute", [TimeoutError(), smtplib.SMTPServerDisconnected("coupé")])
    def test_coupe_au_milieu_il_ne_se_renvoie_pas(self, seule_awa, awa, envoyer, monkeypatch, faute):
        """Le serveur l'a peut-être pris : plutôt aucun que deux."""
        Serveur(monkeypatch, faute)
        assert envoyer() == envoyer() == {}
        assert not Du.objects.filter(genre=resume.GENRE, fait_le=None).exists()
        assert Evenement.objects.filter(action="courriel non envoyé").count() == 1

    def test_serveur_eteint_il_se_reprend(self, seule_awa, envoyer, settings, django_capture_on_commit_callbacks):
        """Un vrai port fermé : rien n'a pu partir."""
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 1
        envoyer()
        assert Du.objects.get(genre=resume.GENRE, fait_le=None).ids["essai"] == 2
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        self.reprendre(django_capture_on_commit_callbacks)
        assert len(mail.outbox) == 1


def mesurer(faire):
    """Requêtes SQL de ce geste, points de reprise exceptés."""
    with CaptureQueriesContext(connection) as lues:
        faire()
    return sum(not lue["sql"].startswith(GESTION) for lue in lues)


class TestCout:
    def test_deux_cents_personnes(self, awa):
        """Une lecture, une écriture, un dû chacun."""
        Professionnel.objects.bulk_create(
            Professionnel(email=f"p{rang}@exemple.test", prenom="P", nom=f"N{rang}", equipe=awa.equipe)
            for rang in range(200)
        )
        attendus = Professionnel.objects.a_resumer(horloge.aujourd_hui()).count()
        assert attendus >= 200
        assert mesurer(resume.preparer) == 2 + attendus

    def test_une_personne_coute_autant_quel_que_soit_le_nombre_de_ses_dossiers(self, devoir, awa):
        def envoyer_un():
            resume.envoyer(awa.pk, horloge.aujourd_hui().isoformat(), 1)

        couts = []
        for nombre in (1, 12):
            for rang in range(nombre):
                devoir("reponse", -rang)
            couts.append(mesurer(envoyer_un))
        assert couts == [6, 6]  # le compte, ses fonctions, son mur posé et ôté, À faire, l'agenda


@pytest.mark.django_db(transaction=True)
class TestDeuxOuvriers:
    def test_ensemble_ils_n_envoient_qu_un_courriel(self, devoir, awa, huit_heures):
        devoir("terme", -1)
        moment, depart, rendus = horloge.maintenant(), threading.Barrier(4), []

        def passer():
            try:
                with horloge.reprise_au(moment):
                    depart.wait()
                    rendus.append(resume.preparer())
                    depart.wait()
                    for numero in outbox.a_solder():
                        outbox.solder(numero)
            finally:
                connection.close()

        fils = [threading.Thread(target=passer) for _ in range(4)]
        for fil in fils:
            fil.start()
        for fil in fils:
            fil.join()
        assert len(rendus) == 4
        assert sum(rendus) == Du.objects.filter(genre=resume.GENRE).count()
        assert [message.to for message in mail.outbox].count([awa.email]) == 1
