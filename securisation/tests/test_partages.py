"""Ce qu'un partenaire lit, et tout ce qu'il ne lit pas ; ce qui se ferme, quand, et comment cela se dit."""

import io
import json
from html import unescape

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from diagnostics.models import FacteurRetenu
from securisation.annuaire.models import Facteur
from securisation.comptes.models import Professionnel
from securisation.coordination.models import Invitation
from securisation.coordination.tests.conftest import PARTENAIRE, dans, inviter, partager
from securisation.documents import genres
from securisation.documents.atelier import EchecDuMetier, TravailArrete
from securisation.documents.models import Document
from securisation.documents.rendu import BibliothequeManquante
from securisation.socle.models import Evenement
from securisation.socle.routes import routes
from securisation.socle.trace import hors_porte
from securisation.socle.typographie import courber
from securisation.tests import dossiers

pytestmark = pytest.mark.django_db
ARRIVEE = "/invitation/"
CONNECTEUR = "securisation.comptes.backends.Connexion"
# Ce qu'un compte invité ouvre, et rien de plus ; le reste lui est introuvable.
OUVERTES = {"coordination:partages", "coordination:partage", "coordination:document"}


@pytest.fixture(autouse=True)
def hachage_rapide(settings):
    """Un code se hache ici d'un calcul léger."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def dossier(distribution):
    """Un dossier plein, en intervention, son diagnostic validé et mis en document ; textes reconnaissables."""
    return dossiers.construire("suspendue", distribution)


@pytest.fixture
def partage(dossier, awa):
    """L'accord qui montre le seul logement au bailleur."""
    return partager(dossier[dossiers.Parcours], awa)


def entrer(cle, code):
    """Un navigateur neuf, qui arrive par le lien et tape le code : (client, réponse)."""
    client = Client()
    return client, client.post(
        ARRIVEE, {"lien": f"https://jalon.test/invitation/#{cle}", "code": f"{code[:4]} {code[4:]}"}
    )


@pytest.fixture
def invite(partage, awa):
    """Le navigateur d'un invité entré."""
    _, cle, code = inviter(partage, awa)
    client, reponse = entrer(cle, code)
    assert reponse.url == reverse("coordination:partage", args=[partage.uuid])
    return client


def lire_pdf(contenu):
    """(texte de toutes les pages, données jointes) d'un PDF."""
    lu = PdfReader(io.BytesIO(contenu))
    return "\n".join(page.extract_text() for page in lu.pages), json.loads(lu.attachments["donnees.json"][0])


def serrer(texte):
    """Le texte sans ses blancs : une cellule de tableau le coupe où elle veut."""
    return "".join(texte.split())


def reserver_un_constat(parcours, par):
    """Le premier constat qu'une suite nomme devient réservé, sa note reconnaissable ; rend le diagnostic mis en document."""
    diagnostic = parcours.diagnostics.get(etat="valide")
    suite = diagnostic.dominos.first()
    retenu = FacteurRetenu.objects.get(evaluation__diagnostic=diagnostic, facteur=suite.de)
    with hors_porte("essai"):
        FacteurRetenu.objects.en_masse().filter(pk=retenu.pk).update(note="Notezyx")
        Facteur.objects.filter(pk=retenu.facteur_id).update(revele_la_sante=True)
        document = Document.demander(
            parcours=parcours, genre="diagnostic", donnees=genres.genre("diagnostic").refaire(parcours), par=par
        )
    return dossiers.produire(document)


class TestArriver:
    def test_ouvrir_le_lien_ne_fait_rien_et_ne_dit_rien(self, partage, awa):
        invitation, cle, _ = inviter(partage, awa)
        avant = Evenement.objects.count()
        pages = [Client().get(ARRIVEE + suite) for suite in ("", f"?lien={cle}", "?lien=faux")]
        textes = {page.content.decode().split("csrfmiddlewaretoken")[0] for page in pages}
        invitation.refresh_from_db()
        assert [page.status_code for page in pages] == [200, 200, 200] and len(textes) == 1
        assert (invitation.arrivees, invitation.essais, Evenement.objects.count()) == (0, 0, avant)
        assert "no-store" in pages[0]["Cache-Control"] and pages[0]["Referrer-Policy"] == "same-origin"
        assert not pages[0].cookies.get("jalon_session")

    def test_tous_les_echecs_ont_la_meme_reponse(self, partage, awa, bruno, dossier):
        _, cle, code = inviter(partage, awa)
        autre, cle_revoquee, code_revoque = inviter(partager(dossier[dossiers.Parcours], awa, partenaire="Mairie"), awa)
        autre.revoquer(par=awa)
        faux = f"{(int(code) + 1) % 10**8:08d}"
        essais = [
            (cle, faux),
            ("A" * 43, code),
            (cle_revoquee, code_revoque),
            ("n'importe quoi", code),
            (cle[:-1], code),
        ]
        reponses = [entrer(lien, essai)[1] for lien, essai in essais]
        assert {reponse.status_code for reponse in reponses} == {422}
        assert len({_sans_saisie(reponse) for reponse in reponses}) == 1

    def test_le_jeton_ne_passe_que_par_un_envoi(self, partage, awa):
        _, cle, code = inviter(partage, awa)
        assert Client().get(ARRIVEE, {"lien": cle, "code": code}).status_code == 200
        assert not Professionnel.objects.filter(est_invite=True).exists()

    def test_un_envoi_sans_jeton_csrf_est_refuse(self, partage, awa):
        _, cle, code = inviter(partage, awa)
        forge = Client(enforce_csrf_checks=True)
        assert forge.post(ARRIVEE, {"lien": cle, "code": code}).status_code == 403
        assert not Professionnel.objects.filter(est_invite=True).exists()

    def test_un_double_envoi_n_ouvre_qu_une_fois(self, partage, awa):
        invitation, cle, code = inviter(partage, awa)
        saisie = {"lien": cle, "code": code, "jeton": "0190aaaa-0000-7000-8000-000000000001"}
        assert Client().post(ARRIVEE, saisie).status_code == 302
        assert Client().post(ARRIVEE, saisie).status_code == 302
        invitation.refresh_from_db()
        assert invitation.arrivees == 1

    def test_qui_est_deja_connecte_garde_sa_session(self, partage, awa, client):
        invitation, cle, code = inviter(partage, awa)
        client.force_login(awa, backend=CONNECTEUR)
        reponse = client.post(ARRIVEE, {"lien": cle, "code": code})
        assert reponse.status_code == 409
        assert client.get("/").wsgi_request.user == awa
        invitation.refresh_from_db()
        assert (invitation.arrivees, invitation.essais) == (0, 0)

    def test_le_limiteur_arrete_qui_essaie_sans_fin(self, partage, awa):
        _, cle, code = inviter(partage, awa)
        client = Client()
        statuts = [client.post(ARRIVEE, {"lien": "x" * 43, "code": "12345678"}).status_code for _ in range(25)]
        assert set(statuts[:20]) == {422} and statuts[-1] == 429
        assert client.post(ARRIVEE, {"lien": cle, "code": code}).status_code == 429

    def test_qui_a_un_compte_y_retrouve_le_partage_par_sa_connexion(self, partage, awa, chloe):
        _, cle, code = inviter(partage, awa, courriel=chloe.email)
        client, reponse = entrer(cle, code)
        assert reponse.url.startswith("/connexion/") and "_auth_user_id" not in client.session
        client.force_login(chloe, backend=CONNECTEUR)
        assert client.get("/").url == "/partages/"
        assert str(partage.uuid) in client.get("/partages/").content.decode()
        assert client.get(reverse("coordination:partage", args=[partage.uuid])).status_code == 200


def _sans_saisie(reponse):
    """La page, sans les jetons ni ce qui vient d'être tapé."""
    lignes = reponse.content.decode().splitlines()
    return "\n".join(ligne for ligne in lignes if "value=" not in ligne and "csrf" not in ligne.lower())


class TestLire:
    def test_montre_l_axe_nomme_et_rien_d_autre(self, invite, partage, dossier):
        page = invite.get(reverse("coordination:partage", args=[partage.uuid])).content.decode()
        parcours, personne = dossier[dossiers.Parcours], dossier[dossiers.Parcours].personne
        logement = dossier[dossiers.Diagnostic].parcours.diagnostics.get(etat="valide").evaluations.get(axe__code="LOG")
        assert "F.C." in page and parcours.numero in page and logement.axe.libelle in page
        assert logement.facteurs.first().facteur.libelle.split(" (")[0] in page
        for tu in (personne.nom_complet if hasattr(personne, "nom_complet") else "Fatou", personne.telephone, "Laval"):
            assert tu not in page
        for autre in logement.diagnostic.evaluations.exclude(axe__code="LOG").select_related("axe"):
            assert autre.axe.libelle not in page

    def test_ses_mots_ne_se_lisent_que_sur_un_axe_nomme(self, invite, partage):
        page = invite.get(reverse("coordination:partage", args=[partage.uuid])).content.decode()
        # Les textes du dossier portent tous ce mot : il ne se lit qu'une fois, dans la parole de l'axe nommé.
        assert page.count(dossiers.CANARI) == 1

    @pytest.mark.parametrize("retire", [False, True])
    def test_un_facteur_de_sante_suit_l_accord_sensible(self, invite, partage, dossier, awa, retire):
        parcours = dossier[dossiers.Parcours]
        logement = parcours.diagnostics.get(etat="valide").evaluations.get(axe__code="LOG")
        facteur = Facteur.objects.filter(axe=logement.axe, revele_la_sante=False).exclude(
            pk__in=logement.facteurs.values("facteur")
        )[0]
        with hors_porte("essai"):
            FacteurRetenu(evaluation=logement, facteur=facteur, constate="constaté").save()
        Facteur.objects.filter(pk=facteur.pk).update(revele_la_sante=True)
        if retire:
            parcours.accords.en_cours().get(finalite__code="SENSIBLE").retirer(par=awa)
        page = unescape(invite.get(reverse("coordination:partage", args=[partage.uuid])).content.decode())
        assert (courber(facteur.libelle.split(" (")[0]) in page) is not retire

    def test_un_pseudonyme_se_lit_a_la_place_des_initiales(self, invite, partage, dossier, awa):
        dossier[dossiers.Parcours].personne.modifier(par=awa, pseudonyme="Coquelicot")
        page = invite.get(reverse("coordination:partage", args=[partage.uuid])).content.decode()
        assert "Coquelicot" in page and "F.C." not in page

    def test_chaque_vue_est_au_journal_du_parcours(self, invite, partage):
        invite.get(reverse("coordination:partage", args=[partage.uuid]))
        vue = Evenement.objects.filter(chaine=partage.parcours_id, action="lecture").latest("seq")
        assert vue.acteur.est_invite and vue.acteur.nom == PARTENAIRE
        assert (vue.modele, vue.objet, vue.charge["page"]) == ("parcours.accord", partage.pk, "coordination:partage")

    def test_rien_ne_se_garde_en_cache(self, invite, partage):
        assert "no-store" in invite.get(reverse("coordination:partage", args=[partage.uuid]))["Cache-Control"]


class TestDocuments:
    @pytest.fixture
    def document(self, dossier):
        """Le diagnostic produit."""
        return dossier[Document]

    @pytest.fixture
    def invite_au_document(self, dossier, document, awa):
        """Le navigateur d'un invité dont l'accord nomme ce document, et lui seul."""
        accord = partager(dossier[dossiers.Parcours], awa, partenaire="Notaire", axes=[], documents=[document.numero])
        _, cle, code = inviter(accord, awa)
        client, reponse = entrer(cle, code)
        return client, reponse.url, accord

    def test_le_document_nomme_se_telecharge_et_s_inscrit(self, invite_au_document, document):
        client, page, _ = invite_au_document
        adresse = reverse("coordination:document", args=[document.uuid])
        assert adresse in client.get(page).content.decode()
        fichier = client.get(adresse)
        assert fichier["Content-Disposition"] == f'attachment; filename="{document.numero}-partenaire.pdf"'
        assert "no-store" in fichier["Cache-Control"]
        texte, donnees = lire_pdf(fichier.content)
        assert document.numero in texte and "Copie pour un partenaire, lignes réservées retirées." in texte
        suites = [suite for suite in document.donnees["dominos"] if not suite["reserve"]]
        assert donnees == document.donnees | {"copie": "partenaire", "dominos": suites}
        vu = Evenement.objects.filter(chaine=document.parcours_id, action="telechargement").latest("seq")
        assert (vu.modele, vu.objet) == ("documents.document", document.pk)

    def test_les_lignes_reservees_ne_partent_pas(self, dossier, awa):
        """L'original les porte, l'accord sensible court : la copie n'en dit rien, ni en texte ni dans sa pièce jointe."""
        document = reserver_un_constat(dossier[dossiers.Parcours], awa)
        retenus = [f for axe in document.donnees["axes"] for f in axe["facteurs"] if f["reserve"]]
        suites = [d for d in document.donnees["dominos"] if d["reserve"]]
        assert len(retenus) == 1 and suites
        accord = partager(document.parcours, awa, partenaire="Notaire", axes=[], documents=[document.numero])
        _, cle, code = inviter(accord, awa)
        client, _ = entrer(cle, code)
        original, _ = lire_pdf(genres.produire("diagnostic", document.donnees).contenu)
        texte, donnees = lire_pdf(client.get(reverse("coordination:document", args=[document.uuid])).content)
        for secret in (retenus[0]["libelle"], "Notezyx"):
            assert serrer(secret) in serrer(original)
            assert serrer(secret) not in serrer(texte + json.dumps(donnees, ensure_ascii=False))
        assert retenus[0]["code"] not in json.dumps(donnees)
        assert len(donnees["dominos"]) == len(document.donnees["dominos"]) - len(suites)
        assert "Cadenas" in original and "Cadenas" not in texte

    @pytest.mark.parametrize(
        "panne", [BibliothequeManquante("Pango"), EchecDuMetier("ValueError", "clé"), TravailArrete("temps")]
    )
    def test_sans_la_machine_rien_ne_part(self, invite_au_document, document, monkeypatch, panne):
        def manquer(*_args, **_champs):
            raise panne

        monkeypatch.setattr("securisation.documents.genres.produire", manquer)
        client, _, _ = invite_au_document
        reponse = client.get(reverse("coordination:document", args=[document.uuid]))
        assert reponse.status_code == 503 and b"%PDF" not in reponse.content

    def test_un_document_que_l_accord_ne_nomme_pas_est_introuvable(self, invite, document):
        assert invite.get(reverse("coordination:document", args=[document.uuid])).status_code == 404
        assert invite.get(reverse("documents:telecharger", args=[document.uuid])).status_code == 404

    def test_une_autre_edition_du_meme_document_est_introuvable(self, invite_au_document, document, awa):
        client, page, _ = invite_au_document
        with hors_porte("essai"):
            autre = Document.demander(parcours=document.parcours, genre="diagnostic", donnees={"autre": 1}, par=awa)
        dossiers.produire(autre)
        assert client.get(reverse("coordination:document", args=[autre.uuid])).status_code == 404
        assert client.get(reverse("coordination:document", args=[document.uuid])).status_code == 200
        assert autre.numero not in client.get(page).content.decode()

    def test_le_retrait_ferme_le_telechargement(self, invite_au_document, document, awa):
        client, _, accord = invite_au_document
        accord.retirer(par=awa)
        assert client.get(reverse("coordination:document", args=[document.uuid])).status_code == 404


class TestSeFermer:
    @pytest.mark.parametrize("fin", ["accord retiré", "adhésion retirée", "révoquée", "échue", "refus", "compte fermé"])
    def test_la_page_suivante_est_refusee(self, invite, partage, awa, fin):
        adresse = reverse("coordination:partage", args=[partage.uuid])
        assert invite.get(adresse).status_code == 200
        _fermer(fin, partage, awa)
        suivante = invite.get(adresse)
        if fin == "compte fermé":
            assert suivante.status_code == 302 and "/connexion/" in suivante.url
        else:
            assert suivante.status_code == 404
            assert "Ce partage n’est pas ouvert" in suivante.content.decode()
        assert dossiers.CANARI not in suivante.content.decode()

    def test_la_reponse_est_celle_d_un_partage_qui_n_a_jamais_existe(self, invite, partage, awa):
        partage.retirer(par=awa)
        retire = invite.get(reverse("coordination:partage", args=[partage.uuid]))
        inconnu = invite.get(reverse("coordination:partage", args=["0190aaaa-0000-7000-8000-000000000001"]))
        assert _sans_saisie(retire) == _sans_saisie(inconnu)
        assert retire.status_code == inconnu.status_code == 404

    def test_un_invite_ne_lit_pas_le_partage_d_un_autre(self, invite, dossier, awa):
        autre = partager(dossier[dossiers.Parcours], awa, partenaire="Mairie", axes=["BUD"])
        inviter(autre, awa)
        assert invite.get(reverse("coordination:partage", args=[autre.uuid])).status_code == 404
        assert str(autre.uuid) not in invite.get("/partages/").content.decode()

    def test_un_invite_n_ouvre_aucune_autre_page(self, invite, dossier, awa):
        """Toutes les routes du site, sauf celles du partage et les pages publiques : introuvables, et rien n'est changé."""
        objets = dossier | {"bruno": awa}
        ecarts = []
        for route in [r for r in routes() if r.acces and r.acces[0] != "public" and r.nom not in OUVERTES]:
            valeurs = {"uuid": getattr(objets.get(route.modele), "uuid", None)} if route.modele in objets else {}
            adresse = reverse(route.nom, kwargs=route.valeurs(**{k: v for k, v in valeurs.items() if v}))
            ecarts += [
                (route.nom, methode, statut)
                for methode in ("get", "post")
                if (statut := getattr(invite, methode)(adresse).status_code) not in (404, 405)
            ]
        assert ecarts == []
        assert invite.get("/administration/").status_code in (302, 403, 404)

    def test_un_compte_invite_ne_recoit_ni_equipe_ni_role(self, invite, dossier, awa):
        compte = Professionnel.objects.get(est_invite=True)
        with pytest.raises(IntegrityError), transaction.atomic():
            Professionnel.objects.filter(pk=compte.pk).update(equipe=awa.equipe)
        with pytest.raises(IntegrityError), transaction.atomic():
            Professionnel.objects.filter(pk=compte.pk).update(is_superuser=True)


def _fermer(comment, accord, par):
    """Met fin à ce qu'un invité lit, pendant que sa page est ouverte."""
    invitation = accord.invitations.get()
    if comment == "accord retiré":
        accord.retirer(par=par)
    elif comment == "adhésion retirée":
        accord.parcours.accords.en_cours().get(finalite__code="ADHESION").retirer(par=par)
    elif comment == "révoquée":
        invitation.revoquer(par=par)
    elif comment == "refus":
        refus = type(accord)(parcours=accord.parcours, finalite=accord.finalite)
        refus.refuser(par=par, le=dans(0), partenaire=accord.partenaire, mode="oral")
    elif comment == "compte fermé":
        Professionnel.objects.filter(pk=invitation.compte_id).update(is_active=False)
    else:
        with hors_porte("essai"):
            Invitation.objects.filter(pk=invitation.pk).en_masse().update(le=dans(-5), jusqu_au=dans(-1))


class TestPartenaireQuiAUnCompte:
    def test_voit_ses_partages_des_son_accueil(self, dossier, awa, chloe, client):
        accord = partager(dossier[dossiers.Parcours], awa, partenaire="", professionnel=chloe)
        client.force_login(chloe, backend=CONNECTEUR)
        assert client.get("/").url == reverse("coordination:partages")
        assert "F.C." in client.get("/partages/").content.decode()
        assert client.get(reverse("coordination:partage", args=[accord.uuid])).status_code == 200
        accord.retirer(par=awa)
        assert "F.C." not in client.get("/partages/").content.decode()
        assert client.get(reverse("coordination:partage", args=[accord.uuid])).status_code == 404

    @pytest.mark.parametrize("qui", ["driss", "elsa", "farid", "hugo", "awa"])
    def test_un_autre_compte_ne_voit_rien(self, partage, distribution, client, qui):
        client.force_login(distribution[qui], backend=CONNECTEUR)
        assert client.get(reverse("coordination:partage", args=[partage.uuid])).status_code == 404
        assert str(partage.uuid) not in client.get("/partages/").content.decode()


class TestRequetes:
    """Chaque page d'un partenaire a son plafond : ce qu'elle montre grandit, ses requêtes non."""

    @pytest.mark.parametrize(("nom", "plafond"), [("coordination:partage", 17), ("coordination:partages", 9)])
    def test_aucune_page_ne_passe_son_plafond(self, dossier, awa, chloe, client, nom, plafond):
        parcours = dossier[dossiers.Parcours]
        champs = {"axes": ["ADM", "BUD", "LOG", "QUO", "PRO"], "documents": [dossier[Document].numero]}
        accord = partager(parcours, awa, partenaire="", professionnel=chloe, **champs)
        client.force_login(chloe, backend=CONNECTEUR)
        adresse = reverse(nom, args=[accord.uuid] if nom == "coordination:partage" else [])
        with CaptureQueriesContext(connection) as lues:
            assert client.get(adresse).status_code == 200
        faites = [r["sql"] for r in lues.captured_queries if "SAVEPOINT" not in r["sql"]]
        assert len(faites) <= plafond, faites
