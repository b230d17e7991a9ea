"""Ce qui se dit par courriel : dû dans la transaction, envoyé plus tard, en français ; un serveur éteint ne retient personne."""

from pathlib import Path

import pytest
from django.conf import settings as reglages
from django.core import mail
from django.urls import reverse

from securisation.comptes.courriels import prevenir
from securisation.socle import outbox
from securisation.socle.models import Du, Evenement

from .test_connexion import entrer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("compteurs_a_zero")]
GABARITS = Path(reglages.BASE_DIR) / "templates"
DITS = sorted(
    chemin.relative_to(GABARITS).as_posix().removesuffix("_message.txt")
    for dossier in ("comptes/courriels", "mfa/email", "account/email")
    for chemin in (GABARITS / dossier).glob("*_message.txt")
    if "reset_key" not in chemin.name
)


class TestDire:
    @pytest.mark.parametrize("modele", DITS)
    def test_se_lit_en_francais_avec_un_sujet_sans_nom(self, modele, nora, relever):
        prevenir(nora, modele, appareil="Firefox, Windows")
        message = relever()[0]
        assert message.body.startswith("Bonjour,\n")
        assert "\n" not in message.subject
        assert not any(mot in message.subject for mot in ("Nora", "Goff", "nora@"))
        assert "{" not in message.body

    def test_part_au_titulaire_seul(self, nora, relever):
        prevenir(nora, "comptes/courriels/acces_change")
        assert [(message.to, message.cc, message.bcc) for message in relever()] == [([nora.email], [], [])]

    def test_ne_part_pas_si_l_acte_est_annule(self, client, nora, relever):
        entrer(client, mot_de_passe="girafe tuba clairière")
        assert relever() == []


class TestServeurEteint:
    @pytest.fixture(autouse=True)
    def eteindre(self, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 1

    def test_on_entre_et_l_avis_reste_du(self, client, nora, relever):
        assert entrer(client).status_code == 302
        assert relever() == []
        assert (Du.objects.get().fait_le, Du.objects.get().essais) == (None, 1)

    def test_l_oubli_repond_pareil(self, client, nora):
        connu = client.post(reverse("account_reset_password"), {"email": nora.email})
        assert connu.status_code == 302
        assert mail.outbox == []

    def test_apres_le_dernier_essai_le_journal_le_dit(self, nora):
        prevenir(nora, "comptes/courriels/acces_change")
        numero = Du.objects.get().pk
        for _ in range(outbox.ESSAIS_MAX):
            outbox.solder(numero)
        assert Evenement.objects.get(action="courriel non envoyé").charge == {"compte": nora.pk}
