"""Les textes d'accord dans l'administration : un brouillon s'écrit, se corrige, se publie ; publié, il ne se modifie plus."""

import pytest
from django.urls import reverse

from securisation.annuaire.models import Finalite, TexteAccord
from securisation.comptes.models import Fonction, Professionnel
from securisation.socle.models import Evenement

pytestmark = pytest.mark.django_db
LISTE = "admin:annuaire_texteaccord_changelist"


@pytest.fixture
def administratrice(client, settings):
    ines = Professionnel.objects.create_user("ines.textes@exemple.test", prenom="Inès", nom="Petit")
    Fonction.objects.create(professionnel=ines, genre=Fonction.Genre.ADMINISTRATEUR)
    client.force_login(ines, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def test_s_ecrit_se_publie_et_ne_se_recrit_plus(administratrice):
    finalite = Finalite.objects.get(code="CONTACT")
    envoi = {"finalite": finalite.pk, "texte": "On m'appelle quand je l'ai dit."}
    assert administratrice.post(reverse("admin:annuaire_texteaccord_add"), envoi).status_code == 302
    texte = TexteAccord.objects.get(finalite=finalite, version=2)
    fiche = reverse("admin:annuaire_texteaccord_change", args=[texte.pk])
    assert administratrice.post(fiche, envoi | {"texte": "On m'appelle le matin."}).status_code == 302
    administratrice.post(reverse(LISTE), {"action": "publier", "_selected_action": [texte.pk]})
    texte.refresh_from_db()
    assert (texte.texte, texte.publie_le is not None) == ("On m'appelle le matin.", True)
    assert administratrice.post(fiche, envoi).status_code == 403
    assert administratrice.post(reverse("admin:annuaire_texteaccord_delete", args=[texte.pk])).status_code == 403
    assert Evenement.objects.filter(action="texte d'accord publié", objet=texte.pk).exists()
