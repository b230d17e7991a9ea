"""Effacer ne sert pas d'arme : un nom choisi n'atteint pas les autres, un titre ne se forge pas, la trace non plus."""

import os
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse

from securisation import settings as reglages
from securisation.annuaire.models import Finalite
from securisation.parcours.conservation import PREAVIS
from securisation.parcours.effacement.etapes import franchir
from securisation.parcours.models import Accord, Conservation, Effacement, Parcours
from securisation.socle import horloge, outbox
from securisation.socle.effacement import (
    Titre,
    effacer_des_sessions,
    effacer_du_cache,
    effacer_la_chaine,
    effacer_les_citations,
    effacer_les_dus,
    effacer_lignes,
)
from securisation.socle.journal import inscrire
from securisation.socle.models import Evenement
from securisation.socle.trace import hors_porte
from securisation.socle.transitions import EtatRefuse
from securisation.socle.verification import verifier
from securisation.tests.effacements import dans, decider, effacer, executer

pytestmark = pytest.mark.django_db
MOTS = ("Page", "Rang", "Route", "Cible", "Termes", "Numeros", "Document", "Genre", "Refus", "Firefox", "Parcours")


@pytest.fixture
def annonce(parcours, gaelle, hugo):
    """Un effacement de fin de conservation, décidé, dont le jour est dans trente jours."""
    with hors_porte("essai"):
        conservation = Conservation(parcours=parcours).annoncer(par=None, terme=horloge.aujourd_hui() + PREAVIS)
    return decider(conservation.effacement, gaelle, hugo)


def ailleurs(parcours):
    """Les charges des autres chaînes, hors l'historique de cette personne, par maillon."""
    lues = Evenement.objects.exclude(chaine=parcours.pk).exclude(action="effacement").order_by("chaine", "seq")
    lues = lues.exclude(modele="parcours.personne", objet=parcours.personne_id)
    return {(chaine, seq): charge for chaine, seq, charge in lues.values_list("chaine", "seq", "charge")}


class TestUnNomCourant:
    @pytest.mark.parametrize("nom", MOTS)
    def test_n_efface_rien_d_autrui(self, nom, parcours, ouvrir_un_parcours, client, awa, gaelle, hugo):
        parcours.personne.modifier(par=awa, nom=nom, pseudonyme=nom)
        parcours.personne.modifier(par=awa, nom="Diallo", pseudonyme="")
        autre = ouvrir_un_parcours(awa, nom="Roche")
        client.force_login(awa)
        client.get(reverse("synthese:recherche"), {"q": "Roche"})
        client.get(reverse("synthese:mes_parcours"))
        client.post(reverse("parcours:interrompre", args=[autre.uuid]), {"motif": "rien", "jeton": ""})
        session = client.session
        session["appareil"], session["brouillon"] = f"{nom} sur Linux", {nom: "autre chose"}
        session.save()
        cache.set(f"compteur-{nom}", [1.0, 2.0], 60)
        outbox.devoir("produire_document", document=987654, rang=3)
        avant = ailleurs(parcours)
        assert sum("termes" in charge for charge in avant.values()) == 1
        assert effacer(parcours, par=awa, gaelle=gaelle, hugo=hugo).etat == Effacement.Etat.EXECUTE
        vides = [charge for maillon, charge in avant.items() if ailleurs(parcours)[maillon] != charge]
        cites = [charge for charge in vides if parcours.numero in str(charge) or str(parcours.uuid) in str(charge)]
        assert vides == cites
        assert client.session["brouillon"] == {nom: "autre chose"}
        assert client.session["appareil"] == f"{nom} sur Linux"
        assert cache.get(f"compteur-{nom}") == [1.0, 2.0]
        assert outbox.Du.objects.filter(ids__document=987654).exists()
        assert verifier().rupture == ""

    def test_se_cherche_dans_chaque_cle_qui_garde_une_saisie(self, parcours, awa, gaelle, hugo):
        parcours.personne.modifier(par=awa, nom="Rang")
        for cle in ("termes", "numero", "numeros", "montres", "cible"):
            inscrire("recherche", par=gaelle, **{cle: ["avant", "fatou RANG"]})
        inscrire("recherche", par=gaelle, termes="Ranger les papiers")
        effacer(parcours, par=awa, gaelle=gaelle, hugo=hugo)
        gardees = Evenement.objects.filter(chaine=-gaelle.pk, action="recherche").order_by("seq")
        assert [ligne.charge for ligne in gardees] == [{"effacee": True}] * 5 + [{"termes": "Ranger les papiers"}]


class TestCeQuiCite:
    def test_un_travail_part_par_ses_cles_non_par_un_mot(self):
        outbox.devoir("produire_document", document=41, rang=2)
        outbox.devoir("produire_document", document=42)
        outbox.devoir("produire_document", document=43, objets={"parcours.accord": ["une-cle"]})
        assert effacer_les_dus({"document": {42}}, {"rang", "document", "une-cle"}) == 2
        assert [du.ids for du in outbox.Du.objects.all()] == [{"rang": 2, "document": 41}]

    def test_une_session_perd_ses_saisies_et_ses_messages(self, client, awa):
        client.force_login(awa)
        session = client.session
        session["tape"] = {"numero": "P-2026-0001", "motif": "Voir Zoé Rang, en partie"}
        session["_messages"] = '[["__json_message",0,25,"Parcours de Zo\\u00e9 ouvert.",""]]'
        session["reste"] = "Rangement"
        session.save()
        assert effacer_des_sessions({"rang", "zoé"}) == 1
        assert set(client.session.keys()) & {"tape", "_messages", "reste"} == {"reste"}
        assert client.get(reverse("synthese:mes_parcours")).status_code == 200

    def test_le_cache_se_cherche_dans_ses_valeurs(self):
        cache.set("qui", {"vu": "Rang, Fatou " + "é" * 40}, 60)
        cache.set("rang", "Rangement", 60)
        cache.set("allauth:rl:rang", ["rang"], 60)
        assert effacer_du_cache({"Rang"}) == 1
        assert (cache.get("qui"), cache.get("rang"), cache.get("allauth:rl:rang")) == (None, "Rangement", ["rang"])


class TestLeJour:
    def test_un_effacement_annonce_n_avance_pas_avant_son_jour(self, annonce, parcours, hugo, travailler):
        with pytest.raises(EtatRefuse):
            annonce.relancer(par=hugo)
        with transaction.atomic():
            franchir(annonce.pk, 0)
        outbox.devoir("effacer", effacement=annonce.pk, rang=0)
        travailler()
        annonce.refresh_from_db()
        assert (annonce.etat, annonce.etapes) == (Effacement.Etat.DECIDE, [])
        assert Parcours.objects.filter(pk=parcours.pk).exists()

    @pytest.mark.parametrize("sans_jour", [False, True])
    def test_la_base_refuse_le_titre_avant_le_jour(self, annonce, parcours, sans_jour):
        if sans_jour:  # effacer le jour d'une fin de conservation ne le devance pas
            with hors_porte("essai"):
                Effacement.objects.en_masse().filter(pk=annonce.pk).update(pas_avant=None)
        with pytest.raises(ProgrammingError, match="Rien ne permet"), transaction.atomic():
            effacer_lignes(Titre("effacement", annonce.pk, parcours.pk), Parcours, [parcours.pk])

    def test_au_jour_dit_il_s_execute(self, annonce):
        with dans(PREAVIS.days):
            assert executer(annonce).etat == Effacement.Etat.EXECUTE


class TestLAccordRetire:
    @pytest.fixture
    def retire(self, parcours_admis, awa):
        """Le titre d'un accord sensible retiré."""
        return Titre("accord_retire", sensible(parcours_admis, awa).retirer(par=awa).pk, parcours_admis.pk)

    def test_vaut_tant_qu_aucun_autre_ne_court(self, retire, parcours_admis, awa):
        assert effacer_lignes(retire, Accord, []) == 0
        sensible(parcours_admis, awa)
        with pytest.raises(ProgrammingError, match="Rien ne permet"), transaction.atomic():
            effacer_lignes(retire, Accord, [])

    def test_ne_vide_ni_les_citations_ni_les_lectures(self, retire):
        for vider in (lambda: effacer_les_citations(retire, {"Diallo"}, set()), lambda: effacer_la_chaine(retire)):
            with pytest.raises(ProgrammingError, match="Rien ne permet"), transaction.atomic():
                vider()


def sensible(parcours, awa):
    """Recueille l'accord sur les données sensibles."""
    accord = Accord(parcours=parcours, finalite=Finalite.objects.get(code="SENSIBLE"))
    return accord.recueillir(par=awa, le=horloge.aujourd_hui(), mode="écrit signé")


@pytest.fixture
def application():
    """Une connexion sous le rôle de l'application, annulée à la fin."""
    base = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    with psycopg.connect(urlunsplit(base), options="-c jalon.lecteur=systeme") as liaison:
        assert liaison.execute("SELECT session_user").fetchone() == (settings.ROLE_APPLICATION,)
        yield liaison
        liaison.rollback()


def refuse(liaison, requete, *valeurs):
    """Vrai si la base refuse cette requête faute de droits ; le reste de la transaction est gardé."""
    try:
        with liaison.transaction():
            liaison.execute(requete, valeurs or None)
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


class TestSousLeRoleDeLApplication:
    @pytest.mark.django_db(transaction=True)
    def test_un_rejeu_forge_n_efface_rien(self, parcours, application, awa):
        with hors_porte("essai"):
            forge = Effacement(parcours=parcours).rejouer(par=None, numero="E-2026-0007")
        cles = forge.pk, parcours.pk
        for suite in ("'parcours.parcours', ARRAY[%s]", "ARRAY['Diallo'], ARRAY[]::text[]", ""):
            nom = {"'": "lignes", "A": "citations", "": "chaine"}[suite[:1]]
            valeurs = [*cles, parcours.pk] if "%s" in suite else cles
            requete = f"SELECT jalon_effacer_{nom}('effacement', %s, %s{', ' + suite if suite else ''})"
            assert refuse(application, requete, *valeurs)
        assert refuse(application, "SELECT jalon_exiger_un_titre('effacement', %s, %s)", *cles)
        assert effacer_lignes(Titre("effacement", *cles), Parcours, [parcours.pk]) > 0  # le propriétaire, lui, peut

    @pytest.mark.django_db(transaction=True)
    def test_une_heure_de_reprise_ne_devance_pas_le_jour(self, annonce, application):
        application.execute("SELECT set_config('jalon.reprise', '2050-01-01T00:00:00+00:00', true)")
        assert refuse(application, "SELECT jalon_effacer_chaine('effacement', %s, %s)", annonce.pk, annonce.parcours_id)

    @pytest.mark.django_db(transaction=True)
    def test_la_trace_ne_se_forge_pas_et_s_ecrit_encore(self, parcours, application):
        assert refuse(application, "CREATE TEMP TABLE parcours_parcours (LIKE public.parcours_parcours)")
        assert refuse(application, "CREATE TABLE public.faux (LIKE public.parcours_parcours)")
        requete = "CREATE TRIGGER forge AFTER INSERT ON public.parcours_parcours FOR EACH ROW EXECUTE FUNCTION tracer_parcours_parcours()"
        assert refuse(application, requete)
        compter = "SELECT count(*) FROM parcours_historiqueparcours WHERE id = %s"
        avant = application.execute(compter, [parcours.pk]).fetchone()[0]
        application.execute("UPDATE parcours_parcours SET demande = 'autre' WHERE id = %s", [parcours.pk])
        assert application.execute(compter, [parcours.pk]).fetchone()[0] == avant + 1

    def test_aucune_fonction_de_declencheur_n_est_a_tous(self, application):
        lues = application.execute(
            "SELECT proname, has_function_privilege(oid, 'EXECUTE') FROM pg_proc WHERE prosecdef AND prorettype = 'trigger'::regtype"
        ).fetchall()
        assert {"tracer_parcours_parcours", "jalon_veiller"} <= {nom for nom, _ in lues}
        assert [nom for nom, permis in lues if permis] == []


def test_le_rejeu_est_une_commande_du_proprietaire():
    assert "rejouer_effacements" in reglages._COMMANDES_DU_PROPRIETAIRE


def test_un_rejeu_ne_pose_aucun_travail_et_ne_se_relance_pas(parcours, hugo):
    with hors_porte("essai"):
        rejoue = Effacement(parcours=parcours).rejouer(par=None, numero=None)
    executer(rejoue, jusqu_a=2)
    assert not outbox.Du.objects.filter(genre="effacer").exists()
    with pytest.raises(EtatRefuse, match="rejouer_effacements"):
        rejoue.relancer(par=hugo)
