"""Inviter un partenaire : qui le peut, combien de temps, ce que la base garde, ce qui ferme une invitation."""

import hashlib
import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from securisation.comptes.models import Professionnel
from securisation.coordination.models import Invitation
from securisation.coordination.tasks import comptes_invites_finis, envoyer_invitation, renoncer
from securisation.coordination.tests.conftest import ADRESSE, PARTENAIRE, dans, inviter, partager
from securisation.parcours.consequences import consequences
from securisation.parcours.models import Parcours
from securisation.socle.cloison import lire_comme
from securisation.socle.models import Evenement
from securisation.socle.refus import DroitRefuse
from securisation.socle.trace import hors_porte
from securisation.socle.transitions import AccordManquant, EtatRefuse

pytestmark = pytest.mark.django_db


class TestInviter:
    def test_dure_quatorze_jours_au_plus(self, accord, awa):
        invitation, _, _ = inviter(accord, awa)
        assert invitation.jusqu_au == dans(14)
        with pytest.raises(ValidationError):
            inviter(accord, awa, jusqu_au=dans(15))
        with pytest.raises(ValidationError):
            inviter(accord, awa, jusqu_au=dans(-1))

    def test_ne_depasse_jamais_l_accord(self, parcours_admis, awa):
        court = partager(parcours_admis, awa, jusqu_au=dans(3))
        assert Invitation.dernier_jour(court) == dans(3)
        with pytest.raises(ValidationError):
            inviter(court, awa, jusqu_au=dans(4))

    def test_la_base_refuse_quinze_jours(self, accord, awa):
        invitation, _, _ = inviter(accord, awa)
        with pytest.raises(IntegrityError), transaction.atomic(), hors_porte("essai"):
            Invitation.objects.filter(pk=invitation.pk).en_masse().update(jusqu_au=dans(15))

    def test_demande_un_accord_de_partage_qui_court(self, accord, parcours_admis, awa):
        adhesion = parcours_admis.accords.get(finalite__code="ADHESION")
        with pytest.raises(AccordManquant):
            inviter(adhesion, awa)
        accord.retirer(par=awa)
        with pytest.raises(AccordManquant):
            inviter(accord, awa)

    @pytest.mark.parametrize("qui", ["bruno", "gaelle", "elsa", "chloe", "hugo"])
    def test_seul_qui_conduit_invite(self, accord, distribution, qui):
        with pytest.raises(DroitRefuse):
            inviter(accord, distribution[qui])
        assert not Invitation.objects.exists()

    def test_la_nouvelle_ferme_celle_d_avant(self, accord, awa):
        ancienne, cle, code = inviter(accord, awa)
        inviter(accord, awa)
        ancienne.refresh_from_db()
        assert ancienne.etat == Invitation.Etat.REVOQUEE
        assert Invitation.echanger(cle=cle, code=code) is None

    def test_la_base_ne_garde_ni_le_lien_ni_le_code(self, accord, awa):
        invitation, cle, code = inviter(accord, awa)
        invitation.refresh_from_db()
        gardes = [str(valeur) for valeur in Invitation.objects.filter(pk=invitation.pk).values_list()[0]]
        gardes += [str(ligne) for ligne in invitation.history.values_list()]
        gardes += [str(charge) for charge in Evenement.objects.values_list("charge", flat=True)]
        assert invitation.empreinte == hashlib.sha256(cle.encode()).hexdigest()
        assert len(cle) == 43 and len(code) == 8 and code.isdigit()
        assert not any(cle in texte or code in texte for texte in gardes)

    def test_deux_liens_et_deux_codes_ne_se_ressemblent_pas(self, accord, awa):
        invitation, cle, code = inviter(accord, awa)
        invitation.copier_le_lien(par=awa)
        invitation.donner_un_code(par=awa)
        assert (invitation.cle_claire, invitation.code_clair) != (cle, code)
        assert Invitation.echanger(cle=cle, code=invitation.code_clair) is None


class TestEchanger:
    def test_ouvre_un_compte_invite_sans_droit(self, accord, awa):
        invitation, cle, code = inviter(accord, awa)
        echangee = Invitation.echanger(cle=cle, code=code)
        compte = echangee.compte
        assert echangee == invitation and echangee.arrivees == 1
        assert compte.est_invite and not compte.has_usable_password() and compte.equipe_id is None
        assert compte.email.endswith("@invitation.invalid") and ADRESSE not in compte.email
        assert not compte.is_staff and not compte.fonctions_en_cours

    def test_passe_le_mur_de_la_base_a_chaque_arrivee(self, accord, awa):
        _, cle, code = inviter(accord, awa)
        for _ in range(2):
            with lire_comme(AnonymousUser()):
                echangee = Invitation.echanger(cle=cle, code=code)
                assert not Invitation.objects.exists()
                assert (echangee.accord.uuid, echangee.compte.est_invite) == (accord.uuid, True)

    def test_revenir_ferme_les_sessions_d_avant_sans_autre_compte(self, accord, awa):
        _, cle, code = inviter(accord, awa)
        premier = Invitation.echanger(cle=cle, code=code).compte
        second = Invitation.echanger(cle=cle, code=code).compte
        assert premier == second
        assert premier.get_session_auth_hash() != second.get_session_auth_hash()
        assert Professionnel.objects.filter(est_invite=True).count() == 1

    def test_le_lien_sans_code_pose_n_ouvre_rien(self, accord, awa):
        invitation = Invitation(accord=accord).inviter(par=awa, courriel=ADRESSE, jusqu_au=dans(5))
        invitation.copier_le_lien(par=awa)
        assert Invitation.echanger(cle=invitation.cle_claire, code="") is None
        assert Invitation.echanger(cle=invitation.cle_claire, code="00000000") is None

    def test_le_code_d_une_autre_invitation_n_ouvre_rien(self, accord, parcours_admis, awa):
        _, cle, _ = inviter(accord, awa)
        autre = partager(parcours_admis, awa, partenaire="Mairie")
        _, _, code = inviter(autre, awa)
        assert Invitation.echanger(cle=cle, code=code) is None

    def test_se_ferme_au_cinquieme_code_faux(self, accord, awa):
        invitation, cle, code = inviter(accord, awa)
        faux = f"{(int(code) + 1) % 10**8:08d}"
        for _ in range(5):
            assert Invitation.echanger(cle=cle, code=faux) is None
        invitation.refresh_from_db()
        assert (invitation.etat, invitation.essais) == (Invitation.Etat.BLOQUEE, 5)
        assert Invitation.echanger(cle=cle, code=code) is None
        with pytest.raises(EtatRefuse):
            invitation.donner_un_code(par=awa)

    def test_un_succes_ne_rend_pas_les_essais(self, accord, awa):
        invitation, cle, code = inviter(accord, awa)
        faux = f"{(int(code) + 1) % 10**8:08d}"
        for essai in (faux, faux, code, faux, faux, faux):
            Invitation.echanger(cle=cle, code=essai)
        invitation.refresh_from_db()
        assert invitation.etat == Invitation.Etat.BLOQUEE

    @pytest.mark.parametrize("fin", ["revoquer", "retirer", "echoir", "fermer"])
    def test_n_ouvre_plus_rien_une_fois_finie(self, accord, awa, fin):
        invitation, cle, code = inviter(accord, awa)
        compte = Invitation.echanger(cle=cle, code=code).compte
        finir(fin, invitation, accord, compte, awa)
        assert Invitation.echanger(cle=cle, code=code) is None

    def test_chaque_refus_est_au_journal_du_parcours(self, accord, awa):
        _, cle, _ = inviter(accord, awa)
        refusees = Evenement.objects.filter(action="invitation refusée", chaine__in=[accord.parcours_id, 0])
        avant = refusees.count()
        Invitation.echanger(cle=cle, code="99999999")
        Invitation.echanger(cle="x" * 43, code="99999999")
        assert refusees.count() == avant + 2
        assert refusees.filter(chaine=accord.parcours_id, objet__isnull=False).count() == 1

    def test_autant_de_hachages_pour_un_lien_inconnu(self, accord, awa, monkeypatch):
        _, cle, _ = inviter(accord, awa)
        Invitation.echanger(cle="x" * 43, code="11111111")  # le leurre se calcule une fois
        faits = []
        from securisation.coordination.models import invitation as module

        vrai = module.check_password
        monkeypatch.setattr(module, "check_password", lambda *args: faits.append(1) or vrai(*args))
        for essai in (cle, "x" * 43, "", "a" * 600):
            Invitation.echanger(cle=essai, code="11111111")
        assert len(faits) == 4

    def test_relie_le_compte_qui_a_cette_adresse_sans_le_creer(self, accord, awa, chloe):
        _, cle, code = inviter(accord, awa, courriel=chloe.email.upper())
        assert Invitation.echanger(cle=cle, code=code).compte == chloe
        chloe.refresh_from_db()
        assert not chloe.est_invite

    @pytest.mark.parametrize("qui", ["elsa", "hugo", "awa"])
    def test_l_adresse_d_un_membre_n_ouvre_pas_son_compte(self, accord, awa, distribution, qui):
        _, cle, code = inviter(accord, awa, courriel=distribution[qui].email)
        assert Invitation.echanger(cle=cle, code=code).compte.est_invite


class TestPurger:
    def test_un_compte_se_ferme_un_mois_apres_sa_derniere_invitation(self, accord, awa):
        invitation, cle, code = inviter(accord, awa)
        compte = Invitation.echanger(cle=cle, code=code).compte
        assert comptes_invites_finis() == 0
        with hors_porte("essai"):
            fini = {"le": dans(-45), "jusqu_au": dans(-31)}
            Invitation.objects.filter(pk=invitation.pk).en_masse().update(**fini)
        assert comptes_invites_finis() == 1
        compte.refresh_from_db()
        assert (compte.is_active, compte.nom) == (False, PARTENAIRE)

    def test_un_dossier_efface_emporte_jusqu_au_nom_du_partenaire(self, accord, awa):
        invitation, cle, code = inviter(accord, awa)
        compte = Invitation.echanger(cle=cle, code=code).compte
        with hors_porte("essai"):
            Invitation.objects.filter(pk=invitation.pk).en_masse().delete()
        comptes_invites_finis()
        compte.refresh_from_db()
        assert not compte.is_active and PARTENAIRE not in str(vars(compte))


class TestCourriel:
    def test_porte_le_lien_sans_rien_dire_de_la_personne(self, accord, awa, mailoutbox, settings):
        settings.ADRESSE_PUBLIQUE = "https://jalon.example.org"
        invitation = Invitation(accord=accord).inviter(par=awa, courriel=ADRESSE, jusqu_au=dans(5))
        invitation.envoyer_le_lien(par=awa)
        envoyer_invitation(invitation.pk)
        envoyer_invitation(invitation.pk)
        (courriel,) = mailoutbox
        cle = re.search(r"https://jalon.example.org/invitation/#(\S{43})\n", courriel.body).group(1)
        invitation.refresh_from_db()
        assert (courriel.to, invitation.envoi) == ([ADRESSE], Invitation.Envoi.PARTI)
        assert invitation.empreinte == hashlib.sha256(cle.encode()).hexdigest()
        personne = accord.parcours.personne
        assert not {personne.nom, personne.prenom, accord.parcours.numero} & set(re.findall(r"[\w-]+", courriel.body))
        assert cle not in courriel.subject

    def test_une_messagerie_muette_se_dit_et_n_ouvre_rien(self, accord, awa, mailoutbox):
        invitation = Invitation(accord=accord).inviter(par=awa, courriel=ADRESSE, jusqu_au=dans(5))
        invitation.envoyer_le_lien(par=awa)
        renoncer(invitation=invitation.pk, erreur=OSError())
        invitation.refresh_from_db()
        assert (invitation.envoi, invitation.empreinte, mailoutbox) == (Invitation.Envoi.ECHEC, None, [])

    def test_un_accord_retire_pendant_l_envoi_n_envoie_rien(self, accord, awa, mailoutbox):
        invitation = Invitation(accord=accord).inviter(par=awa, courriel=ADRESSE, jusqu_au=dans(5))
        invitation.envoyer_le_lien(par=awa)
        accord.retirer(par=awa)
        envoyer_invitation(invitation.pk)
        assert mailoutbox == []


class TestParcoursFerme:
    @pytest.mark.parametrize("champ", ["limite_le", "effacement_le"])
    def test_ni_la_limitation_ni_l_effacement_ne_laissent_entrer(self, accord, awa, champ):
        invitation, cle, code = inviter(accord, awa)
        with hors_porte("essai"):
            Parcours.objects.filter(pk=accord.parcours_id).en_masse().update(**{champ: dans(0)})
        assert Invitation.echanger(cle=cle, code=code) is None
        assert not Invitation.objects.get(pk=invitation.pk).est_ouverte

    def test_le_retrait_annonce_les_invitations_qu_il_ferme(self, accord, awa):
        inviter(accord, awa)
        assert {"chiffre": 1, "texte": "invitation se ferme"} in consequences(accord)


def finir(comment, invitation, accord, compte, par):
    """Met fin à une invitation : révoquée, accord retiré, jour passé, compte fermé."""
    if comment == "revoquer":
        invitation.revoquer(par=par)
    elif comment == "retirer":
        accord.retirer(par=par)
    elif comment == "fermer":
        Professionnel.objects.filter(pk=compte.pk).update(is_active=False)
    else:
        with hors_porte("essai"):
            fini = {"le": dans(-5), "jusqu_au": dans(-1)}
            Invitation.objects.filter(pk=invitation.pk).en_masse().update(**fini)
