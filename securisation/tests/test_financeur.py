"""Le compte qui n'est que financeur, sa fonction en cours, finie ou à venir : la liste exacte de ce qu'il ouvre, toutes routes
essayées ; ce qu'un accord lui partageait ne s'ouvre plus ; ses pages ne mènent pas ailleurs."""

import re
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from django.test import RequestFactory
from django.urls import Resolver404, resolve, reverse

from securisation.comptes.models import Equipe, Fonction, Professionnel
from securisation.coordination.querysets import partages_de
from securisation.coordination.tests.conftest import partager
from securisation.documents.models import Document
from securisation.parcours.models import Parcours
from securisation.parcours.roles import attribuer_role
from securisation.pilotage import conventions
from securisation.pilotage.edition import actes, fictif, preparation
from securisation.socle import acces, horloge
from securisation.socle.models import Evenement
from securisation.socle.refus import PageReservee
from securisation.socle.routes import routes
from securisation.tests import dossiers
from securisation.tests.lots import solder_tout

pytestmark = pytest.mark.django_db
SON_ESPACE = {
    "pilotage:editions",
    "pilotage:edition",
    "pilotage:telecharger",
    "pilotage:conventions",
    "pilotage:convention",
}
L_ACCUEIL = {"synthese:mes_parcours"}
SON_COMPTE = {
    "comptes:confirmer", "comptes:sessions", "comptes:second_facteur", "account_change_password", "account_set_password",
    "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_index", "mfa_activate_totp", "mfa_deactivate_totp",
    "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes", "mfa_list_webauthn", "mfa_add_webauthn",
    "mfa_edit_webauthn", "mfa_remove_webauthn",
}  # fmt: skip
L_AIDE = {"synthese:aide", "synthese:aide_du_role"}
SANS_COMPTE = {
    "account_login", "mfa_authenticate", "mfa_login_webauthn", "account_inactive", "account_logout", "account_reset_password",
    "account_reset_password_from_key", "comptes:demo", "documents:verifier", "coordination:arriver", "synthese:flux_agenda",
    "synthese:accessibilite",
}  # fmt: skip
OUVERTES = SON_ESPACE | L_ACCUEIL | SON_COMPTE | L_AIDE | SANS_COMPTE
ECRITURES = ("creation", "modification", "suppression")
RESERVEE = "réservée à d’autres fonctions"


@pytest.fixture
def edition(distribution, farid, monkeypatch):
    """Une édition publiée, fichiers produits, d'une convention que farid lit."""
    monkeypatch.setattr(preparation, "calculer", lambda definition, publiees: (fictif.contenu(), fictif.rapport()))
    jean, fin = distribution["jean"], date(2025, 12, 31)
    convention = conventions.creer(
        par=jean, numero="2025-118", financeur="Département", du=date(2025, 1, 1), au=fin, objet_paye="La sortie.",
        equipes=Equipe.objects.filter(nom="Équipe de Laval"), lecteurs=[farid],
    )  # fmt: skip
    preparee = actes.preparer(convention, par=jean, du=date(2025, 1, 1), au=fin)
    solder_tout()
    actes.publier(preparee.uuid, par=jean)
    solder_tout()
    return preparee


@pytest.fixture
def en_farid(client, farid):
    """Le client de farid."""
    client.force_login(farid)
    return client


def lire(client, adresse):
    """La page lue."""
    return (client.get(adresse),)


def demander(client, adresse):
    """La page lue, envoyée vide, et demandée par htmx."""
    return client.get(adresse), client.post(adresse, {}), client.get(adresse, headers={"HX-Request": "true"})


def toutes_les_routes(client, compte, objets, ouvertes, faire):
    """Chaque route demandée ainsi : (celles qui s'ouvrent hors de la liste, celles de la liste qui se disent réservées)."""
    de_trop, ecarts = set(), set()
    client.force_login(compte)
    for route in [route for route in routes() if route.acces is not None]:
        objet = objets.get(route.modele)
        connues = {"uuid": objet.uuid} if hasattr(objet, "uuid") else {}
        for reponse in faire(client, reverse(route.nom, kwargs=route.valeurs(**connues))):
            attendus = (404, 405) if route.acces[0] == "objet" else (403, 405)
            if route.nom in ouvertes:
                ecarts |= {route.nom} if RESERVEE in reponse.content.decode(errors="replace") else set()
            elif reponse.status_code not in attendus:
                de_trop.add((route.nom, reponse.status_code))
        if route.nom in ouvertes:
            client.force_login(compte)  # la déconnexion est du nombre
    return de_trop, ecarts


class TestToutesLesRoutes:
    def test_ce_qui_lui_est_ouvert_est_cette_liste(self, distribution, client):
        """Chaque route, avec un vrai objet : hors de la liste, rien ne s'ouvre ni ne s'écrit ; fonction finie ou à venir, moins encore."""
        objets, farid, jour = {}, distribution["farid"], horloge.aujourd_hui()
        for moment in ("suspendue", "clos"):
            objets |= dossiers.construire(moment, distribution)
        hier, demain, avant = jour - timedelta(days=1), jour + timedelta(days=1), _ecritures()
        assert OUVERTES - {route.nom for route in routes()} == set()
        bornes = [(hier, None, OUVERTES, demander), (hier, hier, OUVERTES - SON_ESPACE, demander)]
        for du, au, ouvertes, faire in [*bornes, (demain, None, OUVERTES - SON_ESPACE, lire)]:
            farid.fonctions.update(du=du, au=au)
            assert toutes_les_routes(client, farid, objets, ouvertes, faire) == (set(), set()), (du, au)
        assert _ecritures() == avant

    def test_l_administration_lui_est_fermee(self, en_farid):
        essayees = 0
        for route in routes():
            if route.acces is None and route.nom.rpartition(":")[2]:
                adresse = reverse(route.nom, kwargs=route.valeurs(app_label="comptes"))
                for reponse in (en_farid.get(adresse), en_farid.post(adresse, {})):
                    assert "Professionnels" not in reponse.content.decode(errors="replace"), route.nom
                    assert reponse.status_code != 200 or route.nom == "admin:login", route.nom
                    essayees += 1
        assert essayees > 20

    def test_un_role_de_quand_il_etait_d_une_equipe_ne_lui_ouvre_rien(self, parcours, awa, farid, client):
        farid.equipe = awa.equipe
        farid.save()
        attribuer_role(parcours, farid, "coordonnateur", par=awa)
        type(farid).objects.filter(pk=farid.pk).update(equipe=None)
        client.force_login(farid)
        for nom in ("synthese:parcours", "synthese:historique", "parcours:roles", "parcours:modifier_personne"):
            assert client.get(reverse(nom, args=[parcours.uuid])).status_code == 404, nom

    def test_un_partage_cesse_d_etre_lisible_tant_qu_il_est_financeur(self, distribution, awa, chloe, client):
        """L'accord nomme un compte de partenaire, à qui FINANCEUR est confié ensuite : ni la page, ni le document. L'accord court."""
        objets = dossiers.construire("suspendue", distribution)
        document = objets[Document]
        accord = partager(objets[Parcours], awa, professionnel=chloe, documents=[document.numero])
        adresses = [
            reverse("coordination:partage", args=[accord.uuid]),
            reverse("coordination:document", args=[document.uuid]),
        ]
        client.force_login(chloe)
        assert [client.get(adresse).status_code for adresse in adresses] == [200, 200]
        jour = horloge.aujourd_hui()
        for du, au in [
            (jour, None),
            (jour, jour),
            (jour - timedelta(days=2), jour - timedelta(days=1)),
            (jour + timedelta(days=1), None),
        ]:
            Fonction.objects.filter(professionnel=chloe).delete()
            fonction = Fonction.objects.create(professionnel=chloe, genre="FINANCEUR", du=du, au=au)
            client.force_login(chloe)  # une fonction qui change ferme les sessions
            assert [client.get(adresse).status_code for adresse in adresses] == [404, 404], (du, au)
        assert accord in partages_de(chloe)
        fonction.delete()  # elle seule fermait
        client.force_login(chloe)
        assert [client.get(adresse).status_code for adresse in adresses] == [200, 200]

    def test_sa_fonction_finie_l_accueil_le_dit(self, en_farid, farid):
        hier = horloge.aujourd_hui() - timedelta(days=1)
        farid.fonctions.update(du=hier, au=hier)
        en_farid.force_login(farid)  # une fonction qui change ferme les sessions
        page = en_farid.get("/", follow=True)
        assert page.status_code == 403 and "Votre fonction de financeur est finie" in page.text
        for nom in ("pilotage:editions", "pilotage:conventions", "coordination:partages", "synthese:recherche"):
            assert f'href="{reverse(nom)}"' not in page.text.partition("side__nav")[2], nom
        assert en_farid.get(reverse("synthese:aide")).status_code == 200

    def test_un_refus_le_mene_a_son_espace_et_s_inscrit(self, en_farid, farid):
        reponse = en_farid.get(reverse("synthese:agenda"))
        assert reponse.status_code == 403
        assert "ses conventions et leurs éditions publiées" in reponse.text
        assert en_farid.get("/").url == reverse("pilotage:editions")
        charge = Evenement.objects.filter(action="refus", acteur=farid).latest("quand").charge
        assert (charge["genre"], charge["route"]) == ("PageReservee", "synthese:agenda")


class TestUneRouteNeuve:
    """Fermée à un financeur tant qu'elle ne se dit pas à tous."""

    @pytest.mark.parametrize(
        "decorateur",
        [acces.acces_liste(Parcours), acces.acces_connecte, acces.acces_connecte(), acces.acces_fonction("DPO", "DIRECTION")],
    )  # fmt: skip
    def test_lui_est_fermee(self, decorateur, farid):
        requete = RequestFactory().get("/neuve/")
        requete.user = farid
        with pytest.raises(PageReservee):
            decorateur(lambda request, *args: pytest.fail("la page s'est ouverte"))(requete)


class TestQuiEstAussiAutreChose:
    @pytest.mark.parametrize(
        ("genre", "page"),
        [("DPO", "synthese:alertes"), ("DPO", "parcours:effacements"), ("DIRECTION", "pilotage:chiffres"),
         ("ADMINISTRATEUR", "annuaire:referentiel")],
    )  # fmt: skip
    def test_une_autre_fonction_garde_ce_qu_elle_donne(self, genre, page, farid, client):
        hier = horloge.aujourd_hui() - timedelta(days=1)
        autre = Fonction.objects.create(professionnel=farid, genre=genre, du=hier)
        client.force_login(farid)
        assert client.get(reverse(page)).status_code == 200
        assert client.get(reverse("pilotage:editions")).status_code == 200
        autre.du, autre.au = date(2020, 1, 1), hier  # finie, elle ne donne plus rien
        autre.save()
        client.force_login(farid)
        assert client.get(reverse(page)).status_code == 403

    def test_un_membre_d_une_equipe_garde_son_travail(self, farid, awa, client):
        farid.equipe = awa.equipe
        farid.save()
        client.force_login(farid)
        assert client.get(reverse("synthese:agenda")).status_code == 200


class TestQuiEstPartenaire:
    """Qui est financeur ne l'est pas ; la liste où l'on choisit un partenaire écarte, plus largement, qui a ou a eu une fonction."""

    @pytest.mark.parametrize(
        ("genre", "du", "au", "attendu"),
        [(None, 0, None, True), ("FINANCEUR", 0, None, False), ("FINANCEUR", -9, -1, False), ("FINANCEUR", 1, None, False),
         ("DPO", 0, None, False), ("DPO", -9, -1, True), ("DPO", 1, None, True)],
    )  # fmt: skip
    def test_un_financeur_ne_le_redevient_pas_de_lui_meme(self, genre, du, au, attendu, chloe):
        jour = horloge.aujourd_hui()
        if genre:
            bornes = {"du": jour + timedelta(days=du), "au": au and jour + timedelta(days=au)}
            Fonction.objects.create(professionnel=chloe, genre=genre, **bornes)
        chloe.refresh_from_db()
        assert chloe.est_partenaire is attendu
        assert chloe.est_financeur is (genre == "FINANCEUR")
        assert Professionnel.objects.partenaires().filter(pk=chloe.pk).exists() is (genre is None)


class TestSesPages:
    def test_n_en_menent_a_aucune_qui_lui_soit_fermee(self, en_farid, edition):
        """De l'accueil, chaque lien et chaque formulaire de chaque page ouverte : tout s'ouvre."""
        a_lire, lues, vues = ["/"], set(), set()
        while a_lire:
            adresse = a_lire.pop()
            if adresse in lues:
                continue
            lues.add(adresse)
            reponse = en_farid.get(adresse)
            assert reponse.status_code in (200, 302), (adresse, reponse.status_code)
            vues.add(resolve(urlsplit(adresse).path).view_name)
            suites = [reponse["Location"]] if reponse.status_code == 302 else _adresses(reponse)
            a_lire += [suite for suite in suites if _se_lit(suite)]
        assert SON_ESPACE | {"documents:verifier", "mfa_index", "comptes:sessions", "synthese:aide"} <= vues
        assert vues - OUVERTES == set()

    def test_n_ont_pas_de_recherche(self, en_farid):
        for nom in ("pilotage:editions", "pilotage:conventions", "mfa_index", "synthese:aide"):
            assert reverse("synthese:recherche") not in en_farid.get(reverse(nom)).text

    def test_l_aide_d_un_autre_role_est_introuvable(self, en_farid):
        assert en_farid.get(reverse("synthese:aide_du_role", args=["financer"])).status_code == 200
        assert en_farid.get(reverse("synthese:aide_du_role", args=["superviser"])).status_code == 404


def _ecritures():
    return Evenement.objects.filter(action__in=ECRITURES).exclude(modele__startswith="comptes.").count()


def _adresses(reponse):
    if not reponse["Content-Type"].startswith("text/html"):
        return []
    trouvees = re.findall(r'(?:href|action|data-hx-get|data-hx-post)="(/[^"#]*)', reponse.text)
    return [adresse.replace("&amp;", "&") for adresse in trouvees]


def _se_lit(adresse):
    """Une page du site : ni un fichier statique, ni la déconnexion."""
    try:
        return resolve(urlsplit(adresse).path).view_name != "account_logout"
    except Resolver404:
        assert adresse.startswith("/static/"), adresse
        return False
