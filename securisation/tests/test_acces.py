"""La matrice d'accès, lue dans le résolveur d'URL : chaque route d'un dossier × chaque méthode × chaque sujet, page et fragment.

Le numéro d'un dossier étranger et un numéro que rien ne porte ont la même réponse ; les deux sont au journal ; rien ne s'écrit.
"""

import re
import uuid
from urllib.parse import unquote

import pytest
from django.urls import reverse

from securisation.comptes.models import Professionnel
from securisation.parcours.models import Conservation, Demande, Effacement, Importation, Parcours
from securisation.parcours.roles import attribuer_role
from securisation.pilotage.models import Collective
from securisation.pilotage.tests.collectives import une_collective
from securisation.socle import horloge
from securisation.socle.confirmation import CONFIRME_LE, DELAI
from securisation.socle.models import Evenement
from securisation.socle.routes import routes, routes_d_un_dossier
from securisation.tests import dossiers
from securisation.tests.canaris import texte_de
from securisation.tests.dossiers import CANARI

pytestmark = pytest.mark.django_db
METHODES = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PERMISES = ("GET", "HEAD", "POST")
ETRANGERS = ("elsa", "chloe", "driss", "farid", "hugo", "ines", "jean", "superutilisateur", "anonyme", "ferme")
SANS_SESSION = ("anonyme", "ferme")
HORS_DOSSIER = (Importation, Collective)  # d'aucun parcours : leur lecture va dans la chaîne de qui lit
ECRITURES = ("creation", "modification", "suppression")
# Pages qui n'existent qu'une fois ce dont elles parlent : une qualification, le rôle de quelqu'un, une version validée.
# Celles d'un partage ne s'ouvrent qu'au partenaire qu'il nomme.
SELON_LE_DOSSIER = {
    "parcours:repondre",
    "parcours:preuve",
    "coordination:partage",
    "coordination:document",
    "pilotage:retirer_mot",
}
# Un bouton sans champ : l'envoi est l'acte, quoi qu'on y ajoute.
UN_SEUL_BOUTON = {
    "coordination:donner_un_code", "coordination:copier_le_lien", "coordination:envoyer_le_lien", "coordination:revoquer",
}  # fmt: skip
# Ce qu'un formulaire vide ou absurde reçoit : une page, une suite, un refus ; jamais une panne.
REPONSES = {200, 204, 302, 403, 404, 405, 409, 422}
ABSURDE = {
    "niveau": "5", "criticite": "9", "jours": "-1", "du": "31/12/9999", "le": "01/01/1800", "jusqu_au": "x", "version": "abc",
    "jeton": "x", "motif": "\u202e😀" * 900, "texte": "a" * 20000, "facteur": "' OR 1=1 --", "axes": "ZZZ", "action": "ajouter:0",
}  # fmt: skip


@pytest.fixture
def ouvrir_session(client, distribution):
    """Ouvre la session d'un sujet de la distribution, d'un superutilisateur, d'un compte fermé entre-temps, ou de personne."""

    def ouvrir(sujet):
        client.logout()
        if sujet == "anonyme":
            return client
        compte = distribution.get(sujet)
        if sujet == "superutilisateur":
            compte = Professionnel.objects.create_superuser("super@exemple.test", prenom="S", nom="U")
        elif sujet == "ferme":
            compte = distribution["bruno"]
        client.force_login(compte)
        if sujet == "ferme":
            Professionnel.objects.filter(pk=compte.pk).update(is_active=False)
        return client

    return ouvrir


def adresse(route, objets, **valeurs):
    """L'adresse de cette route pour l'objet du dossier ; `uuid=` pour un autre numéro."""
    objet = objets.get(route.modele)
    connues = {
        "uuid": getattr(objet, "uuid", None) or uuid.uuid4(),
        "professionnel": objets["bruno"].uuid,
        "code": "MC-DEM" if route.nom == "interventions:ecrire_courrier" else "LOG-01",
    }
    return reverse(route.nom, kwargs=route.valeurs(**(connues | valeurs)))


def construire(moment, distribution):
    """Le dossier à ce moment, bruno, qui y a un rôle, un import déposé par awa, une action collective de son équipe."""
    depot = Importation.objects.create(par=distribution["awa"], nom=f"{CANARI}.csv", depose_le=horloge.maintenant())
    hors = {Importation: depot, Collective: une_collective(distribution["awa"])}
    return dossiers.construire(moment, distribution) | hors | {"bruno": distribution["bruno"]}


@pytest.fixture
def objets(moment, distribution):
    """Le dossier de l'essai, au moment dont il est paramétré."""
    return construire(moment, distribution)


def etrangeres(sujet):
    """Les routes qui ne sont rien à ce sujet ; le délégué et la direction lisent, sans ouvrir de dossier, ce que leur fonction demande."""
    a_sa_fonction = {"hugo": (Demande, Effacement, Conservation), "jean": (Collective,)}.get(sujet, ())
    return [route for route in routes_d_un_dossier() if route.modele not in a_sa_fonction]


def ecritures():
    """Nombre de maillons d'écriture au journal."""
    return Evenement.objects.filter(action__in=ECRITURES).count()


def refus():
    """Nombre de refus au journal."""
    return Evenement.objects.filter(action="refus").count()


def corps(reponse):
    """Le corps d'une page, jetons et numéros mis de côté."""
    texte = re.sub(
        r'(csrfmiddlewaretoken" value=|csrf-token" content=|hx-headers=)["\'][^>]*', "", reponse.content.decode()
    )
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}", "", texte + reponse.headers.get("Location", ""))


class TestMatrice:
    def test_chaque_route_d_un_dossier_a_son_objet(self, distribution):
        objets = {}
        for moment in dossiers.MOMENTS:
            objets |= construire(moment, distribution)
        assert {route.modele for route in routes_d_un_dossier()} - objets.keys() == set()
        assert len(routes_d_un_dossier()) > 30

    @pytest.mark.parametrize(("sujet", "moment"), [*((sujet, "suspendue") for sujet in ETRANGERS), ("elsa", "clos")])
    def test_un_dossier_etranger_est_introuvable(self, sujet, objets, ouvrir_session):
        session, avant = ouvrir_session(sujet), (ecritures(), refus())
        ecarts, introuvables = [], 0
        for route in etrangeres(sujet):
            ici, ailleurs = adresse(route, objets), adresse(route, objets, uuid=uuid.uuid4())
            inconnues = {methode: session.generic(methode, ailleurs) for methode in ("GET", "POST")}
            for methode in METHODES:
                obtenue = session.generic(methode, ici)
                ecarts += _ecarts(sujet, methode, ici, obtenue, inconnues.get(methode, obtenue))
                introuvables += obtenue.status_code == 404
            fragment = session.get(ici, headers={"HX-Request": "true"})
            ecarts += _ecarts(sujet, "GET", ici, fragment, fragment)
            introuvables += sum(r.status_code == 404 for r in (fragment, *inconnues.values()))
        assert ecarts == []
        assert (ecritures(), refus()) == (avant[0], avant[1] + introuvables)
        assert introuvables == 0 if sujet in SANS_SESSION else introuvables > 3 * len(etrangeres(sujet))

    @pytest.mark.parametrize("moment", ["suspendue"])
    @pytest.mark.parametrize("sujet", ETRANGERS)
    def test_les_listes_ne_disent_rien_d_un_dossier_etranger(self, sujet, objets, ouvrir_session):
        session = ouvrir_session(sujet)
        for route in [r for r in routes() if r.acces and r.acces[0] != "objet" and not r.parametres]:
            for question in ("", f"?q={CANARI}", f"?q={objets[Parcours].numero}", f"?recherche={CANARI}"):
                page = session.get(reverse(route.nom) + question)
                assert page.status_code in REPONSES, route.nom
                vu = texte_de(page).replace(question.removeprefix("?q=").removeprefix("?recherche="), "")
                assert str(objets[Parcours].uuid) not in vu, route.nom
                assert CANARI not in vu or CANARI in question, route.nom

    def test_un_numero_mal_ecrit_est_introuvable(self, awa, client):
        client.force_login(awa)
        for faux in ("1", "0", "P-2026-0001", "..", "%00", "00000000-0000-0000-0000-000000000000"):
            assert client.get(f"/parcours/{faux}/").status_code == 404


def _ecarts(sujet, methode, ici, obtenue, inconnue):
    """Ce qu'un étranger n'aurait pas dû recevoir."""
    if sujet in SANS_SESSION:
        suite = obtenue.headers.get("Location") or obtenue.headers.get("HX-Redirect", "")
        juste = obtenue.status_code in (302, 204) and "/connexion/" in suite
    elif methode in PERMISES:
        juste = obtenue.status_code in (404, 405)
    else:
        juste = obtenue.status_code == 405
    if not juste or obtenue.status_code != inconnue.status_code:
        yield methode, ici, obtenue.status_code, inconnue.status_code
    if corps(obtenue) != corps(inconnue) or CANARI in corps(obtenue):
        yield methode, ici, "le corps diffère"


class TestVisibleMaisRefuse:
    """Qui voit le dossier reçoit 403 quand le mot de la page n'est pas dans ses droits, jamais autrement."""

    @pytest.mark.parametrize("moment", ["oriente", "suspendue", "echue", "en_sortie", "clos"])
    @pytest.mark.parametrize("sujet", ["awa", "bruno", "gaelle", "lecteur", "coordonnateur"])
    def test_lire_suit_la_table(self, sujet, objets, distribution, client):
        compte = _donner_un_role(sujet, objets[Parcours], distribution)
        client.force_login(compte)
        parcours, avant, ecarts = objets[Parcours], ecritures(), []
        for route in routes_d_un_dossier():
            if route.modele in objets and route.modele not in (Importation, Effacement, Conservation):
                recu = client.get(adresse(route, objets)).status_code
                permis = route.acces[2] is None or Parcours.autorise(compte, route.acces[2], parcours)
                attendues = {200, 302, 409} | ({404} if route.nom in SELON_LE_DOSSIER else set()) if permis else {403}
                if recu not in attendues:
                    ecarts.append((route.nom, recu, permis))
        assert ecarts == []
        assert ecritures() == avant

    @pytest.mark.parametrize("moment", ["suspendue", "en_sortie"])
    def test_un_lecteur_n_ecrit_rien(self, objets, distribution, client):
        client.force_login(_donner_un_role("lecteur", objets[Parcours], distribution))
        avant = ecritures()
        for route in routes_d_un_dossier():
            if route.modele in objets:
                for saisie in ({}, ABSURDE):
                    assert client.post(adresse(route, objets), saisie).status_code in REPONSES, route.nom
        assert ecritures() == avant

    @pytest.mark.parametrize("moment", dossiers.MOMENTS)
    def test_une_saisie_absurde_n_ecrit_rien_et_ne_casse_rien(self, objets, distribution, client):
        client.force_login(distribution["awa"])
        avant, ecarts = ecritures(), []
        for route in routes_d_un_dossier():
            if route.modele in objets and route.nom not in UN_SEUL_BOUTON:
                reponse = client.post(adresse(route, objets), ABSURDE)
                if reponse.status_code not in REPONSES or ecritures() != avant:
                    ecarts.append((route.nom, reponse.status_code, ecritures() - avant))
                    avant = ecritures()
        assert ecarts == [], ecarts


def _donner_un_role(sujet, parcours, distribution):
    """Le compte de ce sujet ; « lecteur » et « coordonnateur » reçoivent leur rôle."""
    if sujet in distribution:
        return distribution[sujet]
    awa = distribution["awa"]
    compte = Professionnel.objects.create_user(f"{sujet}@exemple.test", prenom="X", nom="Y", equipe=awa.equipe)
    attribuer_role(parcours, compte, sujet, par=awa)
    return compte


@pytest.mark.parametrize("moment", ["suspendue"])
class TestJournalDesLectures:
    def test_chaque_page_d_un_dossier_est_au_journal(self, objets, distribution, client):
        client.force_login(distribution["awa"])
        for route in [r for r in routes_d_un_dossier() if r.modele in objets and r.modele not in HORS_DOSSIER]:
            chaine = Evenement.objects.filter(chaine=objets[Parcours].pk)
            avant = chaine.count()
            reponse = client.get(adresse(route, objets))
            if reponse.status_code in (200, 302):
                assert chaine.count() == avant + 1, route.nom
                assert chaine.latest("seq").acteur_id == distribution["awa"].pk

    def test_rien_ne_se_garde_en_cache(self, objets, distribution, client):
        client.force_login(distribution["awa"])
        for route in [r for r in routes_d_un_dossier() if r.modele in objets]:
            assert "no-store" in client.get(adresse(route, objets))["Cache-Control"], route.nom


class TestParcoursRestreint:
    def test_se_lit_apres_une_confirmation_recente(self, parcours, awa, client):
        """Le rôle ne suffit pas : qui l'ouvre prouve d'abord que c'est bien lui, puis revient à sa page."""
        parcours.restreindre(par=awa, restreint=True)
        client.force_login(awa)
        page = reverse("synthese:parcours", args=[parcours.uuid])
        assert client.get(page).status_code == 200
        session = client.session
        session[CONFIRME_LE] -= DELAI
        session.save()
        renvoi = client.get(page)
        assert (renvoi.status_code, page in unquote(renvoi["Location"])) == (302, True)
        assert client.get(reverse("synthese:mes_parcours")).status_code == 200
