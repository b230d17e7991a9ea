"""Les absences et le lien d'agenda : qui les pose, ce qu'ils n'ouvrent pas, et quand le lien se tait."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from securisation.comptes import absences, liens_agenda
from securisation.comptes.models import Absence, Equipe, Fonction, LienAgenda, jour_courant
from securisation.socle.models import Evenement
from securisation.socle.refus import Introuvable

pytestmark = pytest.mark.django_db
JOUR = datetime.timedelta(days=1)


def poser(par, jours=5, **champs):
    """Une absence qui commence aujourd'hui."""
    debut = jour_courant()
    return absences.poser(par=par, **({"du": debut, "au": debut + jours * JOUR} | champs))


class TestPoser:
    def test_garde_qui_remplace_et_s_inscrit(self, awa, bruno):
        absence = poser(awa, remplacant=bruno)
        assert (absence.compte, absence.remplacant) == (awa, bruno)
        assert Evenement.objects.filter(action="absence posée", acteur=awa.pk).exists()

    def test_refuse_un_remplacant_d_une_autre_equipe(self, awa, elsa):
        with pytest.raises(ValidationError, match="même équipe"):
            poser(awa, remplacant=elsa)

    def test_refuse_soi_meme(self, awa):
        with pytest.raises(ValidationError, match="autre membre"):
            poser(awa, remplacant=awa)

    def test_refuse_a_l_envers_passee_ou_sans_fin(self, awa):
        for du, au in ((0, -1), (-9, -2), (0, 500)):
            with pytest.raises(ValidationError):
                poser(awa, du=jour_courant() + du * JOUR, au=jour_courant() + au * JOUR)

    def test_refuse_deux_absences_le_meme_jour(self, awa):
        poser(awa)
        with pytest.raises(ValidationError, match="déjà posée"):
            poser(awa, du=jour_courant() + 5 * JOUR, au=jour_courant() + 9 * JOUR)

    def test_nul_ne_pose_celle_d_un_collegue(self, awa, bruno):
        with pytest.raises(ValidationError, match="votre absence"):
            poser(awa, compte=bruno)

    def test_qui_supervise_pose_celle_de_son_equipe_seulement(self, gaelle, awa, elsa):
        assert poser(gaelle, compte=awa).posee_par == gaelle
        with pytest.raises(ValidationError):
            poser(gaelle, compte=elsa)


class TestRetirer:
    def test_la_sienne(self, awa):
        absences.retirer(str(poser(awa).uuid), par=awa)
        assert not Absence.objects.exists()

    @pytest.mark.parametrize("cle", ["", "x", "00000000-0000-0000-0000-000000000000"])
    def test_une_cle_inconnue_est_introuvable(self, awa, cle):
        with pytest.raises(Introuvable):
            absences.retirer(cle, par=awa)

    def test_celle_d_un_collegue_est_introuvable(self, awa, bruno):
        with pytest.raises(Introuvable):
            absences.retirer(str(poser(awa).uuid), par=bruno)


class TestPage:
    def test_poser_et_retirer(self, awa, bruno, client):
        client.force_login(awa)
        adresse, jour = reverse("comptes:absences"), jour_courant()
        saisie = {"du": f"{jour:%d/%m/%Y}", "au": f"{jour + JOUR:%d/%m/%Y}", "remplacant": bruno.pk}
        assert client.post(adresse, saisie).status_code == 302
        assert "Bruno" in client.get(adresse).content.decode()
        assert client.post(adresse, {"retirer": Absence.objects.get().uuid}).status_code == 302
        assert not Absence.objects.exists()

    def test_la_liste_dit_qui_remplace_ou_que_nul_ne_remplace(self, awa, bruno, client):
        jour = jour_courant()
        poser(par=awa, du=jour, au=jour, remplacant=bruno)
        poser(par=awa, du=jour + JOUR, au=jour + JOUR)
        client.force_login(awa)
        texte = client.get(reverse("comptes:absences")).text.replace("\xa0", " ")
        assert "Remplacement : Bruno Kellermann" in texte
        assert "Sans remplacement" in texte

    def test_une_saisie_fausse_revient(self, awa, client):
        client.force_login(awa)
        reponse = client.post(reverse("comptes:absences"), {"du": "32/13/2026", "au": "05/12/2026"})
        assert reponse.status_code == 422
        assert "32/13/2026" in reponse.content.decode()


class TestLien:
    def test_la_base_ne_garde_que_l_empreinte(self, awa):
        cle = liens_agenda.tirer(awa)
        assert cle not in str(LienAgenda.objects.values().get())
        assert liens_agenda.compte_du_lien(cle) == awa
        assert LienAgenda.objects.get().lu_le

    def test_un_lien_neuf_fait_taire_l_ancien(self, awa):
        ancien, neuf = liens_agenda.tirer(awa), liens_agenda.tirer(awa)
        assert liens_agenda.compte_du_lien(neuf) == awa
        with pytest.raises(Introuvable):
            liens_agenda.compte_du_lien(ancien)

    @pytest.mark.parametrize("cle", ["", "a" * 43, "é" * 43, "../" * 14, "a" * 9000])
    def test_un_lien_devine_est_introuvable(self, awa, cle):
        liens_agenda.tirer(awa)
        with pytest.raises(Introuvable):
            liens_agenda.compte_du_lien(cle)

    def _changer(self, awa, quoi):
        if quoi == "compte":
            awa.is_active = False
        elif quoi == "equipe":
            awa.equipe = Equipe.objects.exclude(pk=awa.equipe_id).first()
        elif quoi == "adresse":
            awa.email = "autre@exemple.test"
        else:
            Fonction.objects.create(professionnel=awa, genre="DIRECTION").delete()
            return
        awa.save()

    @pytest.mark.parametrize("quoi", ["compte", "equipe", "adresse", "fonction"])
    def test_un_compte_qui_change_de_place_perd_son_lien(self, awa, elsa, quoi):
        cle = liens_agenda.tirer(awa)
        self._changer(awa, quoi)
        assert not LienAgenda.objects.exists()
        with pytest.raises(Introuvable):
            liens_agenda.compte_du_lien(cle)

    def test_revoquer_s_inscrit(self, awa):
        cle = liens_agenda.tirer(awa)
        liens_agenda.revoquer(awa)
        with pytest.raises(Introuvable):
            liens_agenda.compte_du_lien(cle)
        assert [e.action for e in Evenement.objects.filter(acteur=awa.pk).order_by("seq")][-2:] == [
            "lien d’agenda créé",
            "lien d’agenda révoqué",
        ]
