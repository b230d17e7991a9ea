"""Le rendez-vous : le prévoir, le déplacer, l'annuler, dire s'il a été tenu ; qui le peut, et l'heure qu'il est vraiment."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from securisation.parcours.models import Personne, Presence, RendezVous
from securisation.parcours.models.rendez_vous import a_l_heure, nomme, situe
from securisation.parcours.roles import attribuer_role
from securisation.socle import horloge
from securisation.socle.refus import DroitRefuse
from securisation.socle.trace import HorsDeLaPorte
from securisation.socle.transitions import AccordManquant, Conflit, EtatRefuse, TraitementLimite

pytestmark = pytest.mark.django_db
HEURE = datetime.timedelta(hours=1)


def demain(heures=0):
    return horloge.maintenant() + datetime.timedelta(days=1, hours=heures)


def prevoir(parcours, par, **champs):
    """Un rendez-vous demain, à la permanence."""
    return RendezVous(parcours=parcours).prevoir(par=par, **({"debut": demain(), "lieu": "Permanence"} | champs))


def passe(parcours, par):
    """Un rendez-vous d'il y a une heure."""
    return prevoir(parcours, par, debut=horloge.maintenant() - HEURE)


class TestPrevoir:
    def test_attend_qui_le_prevoit(self, parcours, awa):
        assert prevoir(parcours, awa).professionnels == [awa]

    def test_attend_ceux_que_l_on_coche(self, parcours, awa, bruno):
        assert set(prevoir(parcours, awa, professionnels=[awa, bruno]).professionnels) == {awa, bruno}

    def test_refuse_un_professionnel_sans_role(self, parcours, awa, elsa):
        with pytest.raises(ValidationError, match="rôle"):
            prevoir(parcours, awa, professionnels=[elsa])
        assert not RendezVous.objects.exists()

    def test_refuse_qui_ne_suit_pas_le_parcours(self, parcours, elsa):
        with pytest.raises(DroitRefuse):
            prevoir(parcours, elsa)

    def test_un_lecteur_ne_prevoit_rien(self, parcours, awa, gaelle):
        attribuer_role(parcours, gaelle, "lecteur", par=awa)
        with pytest.raises(DroitRefuse):
            prevoir(parcours, gaelle)

    def test_se_prevoit_avant_l_adhesion(self, parcours, awa):
        assert prevoir(parcours, awa).etat == RendezVous.Etat.PREVU

    def test_une_concertation_demande_l_adhesion(self, parcours, awa):
        with pytest.raises(AccordManquant):
            prevoir(parcours, awa, genre="concertation", avec="CCAS")

    def test_une_concertation_se_prevoit_avec_l_adhesion(self, parcours_admis, awa):
        assert prevoir(parcours_admis, awa, genre="concertation", avec="CCAS").genre == "concertation"

    def test_refuse_sans_adhesion_une_fois_le_diagnostic_ouvert(self, parcours_admis, awa, laisser_finir):
        parcours_admis.etat = "diagnostic"
        from securisation.socle.trace import hors_porte

        with hors_porte("essai"):
            parcours_admis.save()
        laisser_finir(parcours_admis, "ADHESION")
        with pytest.raises(AccordManquant):
            prevoir(parcours_admis, awa)

    @pytest.mark.parametrize("lieu", ["Chez Mme DIALLO", "chez Fatou", "12 rue du Pont, diallo"])
    def test_le_lieu_ne_nomme_pas_la_personne(self, parcours, awa, lieu):
        with pytest.raises(ValidationError, match="sans nommer"):
            prevoir(parcours, awa, lieu=lieu)

    @pytest.mark.parametrize("duree", [0, 4, 601])
    def test_refuse_une_duree_impossible(self, parcours, awa, duree):
        with pytest.raises(ValidationError, match="dix heures"):
            prevoir(parcours, awa, duree=duree)

    def test_refuse_un_jour_trop_loin(self, parcours, awa):
        with pytest.raises(ValidationError, match="deux ans"):
            prevoir(parcours, awa, debut=demain(24 * 800))

    def test_refuse_sur_un_parcours_clos(self, parcours, awa):
        parcours.interrompre(par=awa, motif="souhait")
        with pytest.raises(EtatRefuse):
            prevoir(parcours, awa)

    def test_ne_s_enregistre_que_par_la_porte(self, parcours, awa):
        with pytest.raises(HorsDeLaPorte):
            RendezVous(parcours=parcours, debut=demain()).save()


class TestSuites:
    def test_deplacer_change_les_presents(self, parcours, awa, bruno):
        objet = prevoir(parcours, awa)
        objet.deplacer(par=bruno, debut=demain(3), professionnels=[bruno])
        assert RendezVous.objects.get().professionnels == [bruno]
        assert Presence.history.filter(history_type="-").count() == 1

    def test_deplacer_refuse_une_version_depassee(self, parcours, awa):
        objet = prevoir(parcours, awa)
        version = objet.version
        objet.deplacer(par=awa, version=version, debut=demain(2), professionnels=[awa])
        with pytest.raises(Conflit):
            RendezVous.objects.get().deplacer(par=awa, version=version, debut=demain(4), professionnels=[awa])

    def test_annuler_demande_un_motif(self, parcours, awa):
        objet = prevoir(parcours, awa)
        with pytest.raises(ValidationError, match="pourquoi"):
            objet.annuler(par=awa, motif="  ")
        objet.annuler(par=awa, motif="Report demandé")
        assert objet.etat == RendezVous.Etat.ANNULE

    def test_annuler_reste_permis_sur_un_parcours_clos(self, parcours, awa):
        objet = prevoir(parcours, awa)
        parcours.interrompre(par=awa, motif="souhait")
        assert objet.annuler(par=awa, motif="Parcours interrompu").etat == RendezVous.Etat.ANNULE

    def test_sous_limitation_on_annule_sans_plus_prevoir(self, parcours, awa):
        from securisation.parcours.models import Demande

        objet = prevoir(parcours, awa)
        recue = {"genre": "limitation", "recue_le": horloge.aujourd_hui(), "moyen": "oral"}
        Demande(parcours=parcours).enregistrer(par=awa, **recue)
        with pytest.raises(TraitementLimite):
            prevoir(parcours, awa)
        assert objet.annuler(par=awa, motif="Limitation demandée").etat == RendezVous.Etat.ANNULE

    @pytest.mark.parametrize(("acte", "etat"), [("noter_tenu", "tenu"), ("noter_manque", "manque")])
    def test_se_note_une_fois_l_heure_passee(self, parcours, awa, bruno, acte, etat):
        objet = passe(parcours, awa)
        assert objet.est_a_noter
        assert getattr(objet, acte)(par=bruno).etat == etat
        with pytest.raises(EtatRefuse):
            objet.annuler(par=awa, motif="Trop tard")

    def test_ne_se_note_pas_avant_l_heure(self, parcours, awa):
        with pytest.raises(ValidationError, match="pas commencé"):
            prevoir(parcours, awa).noter_tenu(par=awa)

    def test_un_rendez_vous_manque_n_est_pas_une_nouvelle_de_la_personne(self, parcours, awa):
        parcours.refresh_from_db()
        avant = parcours.derniere_nouvelle_le
        passe(parcours, awa).noter_manque(par=awa)
        parcours.refresh_from_db()
        assert parcours.derniere_nouvelle_le == avant


class TestHeure:
    def test_l_heure_que_mars_saute_est_refusee(self):
        with pytest.raises(ValidationError, match="heure d’été"):
            a_l_heure(datetime.date(2026, 3, 29), datetime.time(2, 30))

    def test_l_heure_qu_octobre_double_est_la_premiere(self):
        moment = a_l_heure(datetime.date(2026, 10, 25), datetime.time(2, 30))
        assert moment.astimezone(datetime.UTC).hour == 0

    @pytest.mark.parametrize(("jour", "heure"), [((2026, 3, 29), 7), ((2026, 10, 25), 8), ((2026, 7, 1), 7)])
    def test_neuf_heures_reste_neuf_heures(self, jour, heure):
        assert a_l_heure(datetime.date(*jour), datetime.time(9)).astimezone(datetime.UTC).hour == heure

    def test_la_duree_est_vraie_la_nuit_ou_l_heure_change(self):
        objet = RendezVous(debut=a_l_heure(datetime.date(2026, 10, 25), datetime.time(1, 30)), duree=120)
        assert objet.fin - objet.debut == datetime.timedelta(hours=2)


class TestNomme:
    @pytest.mark.parametrize("lieu", ["Permanence", "CCAS de Laval", "", "Rue Fa"])
    def test_un_lieu_ordinaire(self, lieu):
        assert not nomme(lieu, Personne(prenom="Fatou", nom="Fa"))

    def test_une_ecriture_sans_lettres_latines(self):
        assert nomme("chez Димитров", Personne(nom="Димитров"))


class TestSitue:
    @pytest.mark.parametrize(
        ("adresse", "lieu"),
        [
            ("12 rue de Bretagne, 53000 Laval", "12 rue de Bretagne"),
            ("12 rue de Bretagne", "12, RUE DE BRETAGNE, 3e étage"),
            ("12bis, allée des Érables", "Erables, au 12"),
            ("12 rue du Bac", "12 r. du Bac"),
            ("3 place du Village, Laval", "3, place du village"),
            ("Lieu-dit La Hautière", "À la Hautière"),
            ("5 ул. Победы", "Победы 5"),
        ],
    )
    def test_l_adresse_de_la_personne(self, adresse, lieu):
        assert situe(lieu, Personne(adresse=adresse, commune="Laval"))

    @pytest.mark.parametrize(
        ("adresse", "lieu"),
        [
            ("", "12 rue de Bretagne"),
            ("12 rue de Bretagne", ""),
            ("12 rue de Bretagne", "À domicile"),
            ("12 rue de Bretagne", "Mission locale, 40 rue de Bretagne"),
            ("12 rue de Bretagne", "12 rue du Pont"),
            ("Lieu-dit La Hautière, Laval", "CCAS de Laval"),
            ("Sans domicile fixe, domiciliée au CCAS", "À domicile, ou CCAS"),
            ("8 place 53000 Laval", "53000 Laval, salle 8"),
        ],
    )
    def test_un_autre_lieu(self, adresse, lieu):
        assert not situe(lieu, Personne(adresse=adresse, commune="Laval"))


SAISIE = {"genre": "visite", "jour": "03/12/2026", "heure": "14h30", "duree": "60", "lieu": "À domicile"}


class TestPages:
    def test_prevoir_puis_lire(self, parcours, awa, client):
        client.force_login(awa)
        with horloge.reprise_au(horloge.debut_du_jour(datetime.date(2026, 11, 22))):
            reponse = client.post(
                reverse("parcours:prevoir_rendez_vous", args=[parcours.uuid]), SAISIE | {"professionnels": [awa.pk]}
            )
        assert reponse.status_code == 302
        objet = RendezVous.objects.get()
        assert objet.debut == datetime.datetime(2026, 12, 3, 13, 30, tzinfo=datetime.UTC)
        page = client.get(objet.get_absolute_url()).content.decode().replace("\xa0", " ").replace("\u202f", " ")
        assert "Jeudi 3 décembre 2026, de 14 h 30 à 15 h 30" in page

    def test_une_saisie_fausse_revient_entiere(self, parcours, awa, client):
        client.force_login(awa)
        saisie = SAISIE | {"heure": "25:99", "avec": "CCAS, conseillère logement", "professionnels": [awa.pk]}
        reponse = client.post(reverse("parcours:prevoir_rendez_vous", args=[parcours.uuid]), saisie)
        assert reponse.status_code == 422
        texte = reponse.content.decode()
        assert "Écrivez l’heure comme 14:30." in texte
        assert "CCAS, conseillère logement" in texte
        assert "25:99" in texte

    def test_l_adresse_de_la_personne_est_refusee_et_la_saisie_gardee(self, parcours, awa, client):
        parcours.personne.modifier(par=awa, adresse="12 rue de Bretagne, 53000 Laval")
        client.force_login(awa)
        saisie = SAISIE | {"jour": f"{demain():%d/%m/%Y}", "lieu": "12, rue de Bretagne", "professionnels": [awa.pk]}
        reponse = client.post(reverse("parcours:prevoir_rendez_vous", args=[parcours.uuid]), saisie)
        assert reponse.status_code == 422
        assert "Écrivez « À domicile »" in reponse.text.replace("\xa0", " ")
        assert 'value="12, rue de Bretagne"' in reponse.text
        assert not RendezVous.objects.exists()

    def test_l_heure_qui_n_existe_pas_se_dit(self, parcours, awa, client):
        client.force_login(awa)
        saisie = SAISIE | {"jour": "28/03/2027", "heure": "02:30", "professionnels": [awa.pk]}
        reponse = client.post(reverse("parcours:prevoir_rendez_vous", args=[parcours.uuid]), saisie)
        assert reponse.status_code == 422
        assert "passe à l’heure d’été" in reponse.content.decode()

    def test_un_double_clic_ne_prevoit_qu_une_fois(self, parcours, awa, client):
        client.force_login(awa)
        adresse = reverse("parcours:prevoir_rendez_vous", args=[parcours.uuid])
        jour = f"{demain():%d/%m/%Y}"
        saisie = SAISIE | {"jour": jour, "jeton": "0192aaaa-0000-7000-8000-000000000001", "professionnels": [awa.pk]}
        assert [client.post(adresse, saisie).status_code for _ in range(2)] == [302, 302]
        assert RendezVous.objects.count() == 1

    def test_deplacer_annuler_noter(self, parcours, awa, client):
        client.force_login(awa)
        objet = prevoir(parcours, awa)
        page = client.get(reverse("parcours:deplacer_rendez_vous", args=[objet.uuid]))
        depart = page.context["form"].initial
        jour = f"{demain(24):%d/%m/%Y}"
        saisie = SAISIE | {"jour": jour, "version": depart["version"], "professionnels": [awa.pk]}
        assert client.post(page.request["PATH_INFO"], saisie).status_code == 302
        annuler = reverse("parcours:annuler_rendez_vous", args=[objet.uuid])
        assert client.post(annuler, {"motif": "Report demandé"}).status_code == 302
        assert "Report demandé" in client.get(objet.get_absolute_url()).content.decode()
        autre = passe(parcours, awa)
        noter = reverse("parcours:noter_rendez_vous", args=[autre.uuid])
        assert client.post(noter, {"suite": "x"}).status_code == 422
        assert client.post(noter, {"suite": "manque"}).status_code == 302
        assert RendezVous.objects.get(pk=autre.pk).etat == "manque"

    def test_une_autre_equipe_ne_trouve_rien(self, parcours, awa, elsa, client):
        objet = prevoir(parcours, awa)
        client.force_login(elsa)
        for nom in ("un_rendez_vous", "deplacer_rendez_vous", "annuler_rendez_vous", "noter_rendez_vous"):
            assert client.get(reverse(f"parcours:{nom}", args=[objet.uuid])).status_code == 404
        assert client.get(reverse("parcours:rendez_vous", args=[parcours.uuid])).status_code == 404

    def test_la_garde_relit_le_lieu_et_qui_vient(self, parcours, awa, client):
        client.force_login(awa)
        saisie = SAISIE | {"jour": f"{demain():%d/%m/%Y}", "avec": "oncologue, pour la chimiothérapie"}
        adresse = reverse("parcours:prevoir_rendez_vous", args=[parcours.uuid])
        assert client.post(adresse, saisie | {"professionnels": [awa.pk]}).status_code == 422

    def test_la_liste_vide_dit_quoi_faire(self, parcours, awa, client):
        client.force_login(awa)
        page = client.get(reverse("parcours:rendez_vous", args=[parcours.uuid])).content.decode()
        assert "Aucun rendez-vous prévu" in page
