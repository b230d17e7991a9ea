"""Les pages du parcours : qui semble déjà connue se confirme, et les textes libres passent la garde."""

import pytest
from django.urls import reverse

from securisation.annuaire.models import Origine
from securisation.parcours.models import Parcours
from securisation.parcours.roles import retirer_role
from securisation.socle import horloge

pytestmark = pytest.mark.django_db
OUVRIR = "/parcours/ouvrir/"


@pytest.fixture
def entrer(client, settings):
    """`entrer(awa)` : le client, connecté à ce compte."""

    def connecter(compte):
        client.force_login(compte, backend=settings.AUTHENTICATION_BACKENDS[0])
        return client

    return connecter


def demande(**champs):
    """La saisie d'une ouverture."""
    jour = f"{horloge.aujourd_hui():%d/%m/%Y}"
    return {"recue_le": jour, "origine": Origine.objects.get(code="OR-01").pk, "demande": "Deux loyers dus."} | champs


class TestOuvrir:
    @pytest.mark.parametrize(
        "personne",
        [
            {"prenom": "fatou", "nom": "DIALLO"},
            {"prenom": "F.", "nom": "Diallo", "annee_naissance": "1980"},
            {"prenom": "Fatou", "nom": "Diallo", "annee_naissance": "1975"},
        ],
        ids=["meme nom", "meme nom, meme annee", "meme nom, autre annee"],
    )
    def test_qui_semble_connue_se_confirme(self, parcours, awa, entrer, personne):
        parcours.personne.modifier(par=awa, annee_naissance=1980)
        reponse = entrer(awa).post(OUVRIR, demande(**personne))
        page = reponse.content.decode()
        assert reponse.status_code == 422 and Parcours.objects.count() == 1
        assert f'href="{parcours.get_absolute_url()}"' in page and parcours.numero in page
        assert 'type="checkbox" name="doublon_confirme"' in page
        reponse = entrer(awa).post(OUVRIR, demande(**personne, doublon_confirme="on"))
        assert reponse.status_code == 302 and Parcours.objects.count() == 2

    @pytest.mark.parametrize("prenom", ["elsa", "bruno"])
    def test_une_personne_qu_on_ne_voit_pas_n_est_jamais_dite(self, parcours, distribution, entrer, prenom):
        compte = distribution[prenom]
        if prenom == "bruno":
            retirer_role(parcours, compte, par=distribution["awa"])
        reponse = entrer(compte).post(OUVRIR, demande(prenom="Fatou", nom="Diallo"))
        assert reponse.status_code == 302 and Parcours.objects.count() == 2

    def test_une_inconnue_s_ouvre_d_un_coup(self, parcours, awa, entrer):
        reponse = entrer(awa).post(OUVRIR, demande(prenom="Fatou", nom="Dialloux"), follow=True)
        assert "Vous en assurez la référence." in reponse.content.decode()

    def test_le_pseudonyme_compte(self, awa, entrer, ouvrir_un_parcours):
        ouvrir_un_parcours(awa, prenom="", nom="", pseudonyme="Colibri")
        assert entrer(awa).post(OUVRIR, demande(pseudonyme="colibri")).status_code == 422


def saisies(parcours, bruno):
    """Chaque page qui porte un texte libre, sa saisie, et le champ gardé."""
    jour, cle = f"{horloge.aujourd_hui():%d/%m/%Y}", [parcours.uuid]
    return {
        "foyer": (reverse("parcours:modifier_personne", args=cle), {"nom": "Diallo"}),
        "lecture": (reverse("parcours:modifier_personne", args=cle), {"nom": "Diallo"}),
        "orienteur": (OUVRIR, demande(nom="Roux")),
        "lien": (reverse("parcours:ajouter_entourage", args=cle), {"nom": "Ana", "role": "PROCHE"}),
        "precisions": (
            reverse("parcours:roles", args=cle),
            {"professionnel": bruno.pk, "role": "referent", "conflit": "non"},
        ),
        "partenaire": (
            reverse("parcours:recueillir_accord", args=cle),
            {
                "finalite": "PARTAGE",
                "reponse": "accepte",
                "mode": "écrit signé",
                "le": jour,
                "axes": ["LOG"],
                "jusqu_au": jour,
            },
        ),
    }


@pytest.mark.parametrize("champ", ["foyer", "lecture", "orienteur", "lien", "precisions", "partenaire"])
class TestGarde:
    def envoyer(self, client, parcours, bruno, champ, texte, **plus):
        adresse, saisie = saisies(parcours, bruno)[champ]
        version = {"version": parcours.personne.version} if champ in ("foyer", "lecture") else {}
        return client.post(adresse, saisie | version | {champ: texte} | plus)

    def test_un_texte_medical_se_confirme_une_fois(self, parcours, awa, bruno, entrer, champ):
        client = entrer(awa)
        reponse = self.envoyer(client, parcours, bruno, champ, "Suivie pour un diabète")
        page = reponse.content.decode()
        assert reponse.status_code == 422 and "nommer une cause médicale" in page
        assert page.count('name="formulation_confirmee"') == page.count('name="formulation_vue"') == 1
        vue = reponse.context["form"]["formulation_vue"].value()
        confirmee = {"formulation_confirmee": "on", "formulation_vue": vue}
        reponse = self.envoyer(client, parcours, bruno, champ, "Suivie pour un diabète", **confirmee)
        assert reponse.status_code == 302

    def test_un_texte_ordinaire_passe(self, parcours, awa, bruno, entrer, champ):
        assert self.envoyer(entrer(awa), parcours, bruno, champ, "Sœur, vit à Laval").status_code == 302
