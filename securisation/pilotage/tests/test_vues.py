"""Les pages : ce que le financeur lit et rien d'autre, ce que la direction fait, ce qui est refusé, ce qui est au journal."""

import csv
import io
import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from securisation.annuaire.models import Departement, Origine
from securisation.comptes.models import Equipe
from securisation.pilotage import conventions
from securisation.pilotage.edition import actes
from securisation.pilotage.models import Convention, Edition
from securisation.pilotage.sommaire import SOMMAIRE
from securisation.socle.confirmation import CONFIRME_LE
from securisation.socle.models import Evenement

from .conftest import AU, DU

pytestmark = pytest.mark.django_db
# Session, compte, fonctions et journal compris.
PLAFONDS = {
    "editions": 6,
    "edition": 9,
    "conventions": 12,
    "convention": 15,
    "controle": 7,
    "preparer": 12,
    "modifier_convention": 32,
}
ENVOI = {"envoyer": "oui"}  # un bouton, sans rien à saisir
SAISIE = {
    "numero": "2026-7", "financeur": "Région d'essai", "du": "01/01/2025", "au": "31/12/2026", "objet_paye": "La sortie.",
}  # fmt: skip


def adresse(nom, objet=None, *suite):
    return reverse(f"pilotage:{nom}", args=[objet.uuid, *suite] if objet else [])


def entrer(client, compte):
    client.force_login(compte)
    return client


def de_jean(client, jean):
    """Jean, qui vient de confirmer qui il est."""
    from securisation.socle.horloge import montre

    entrer(client, jean)
    session = client.session
    session[CONFIRME_LE] = montre()
    session.save()
    return client


def en_rangees(reponse):
    """Les rangées d'un CSV téléchargé."""
    return list(csv.reader(io.StringIO(reponse.content.decode("utf-8-sig"), newline=""), delimiter=";"))


class TestEspaceDuFinanceur:
    def test_son_accueil_est_la_liste_de_ses_editions(self, client, farid, publiee):
        reponse = entrer(client, farid).get("/", follow=True)
        assert reponse.redirect_chain == [(adresse("editions"), 302)]
        texte = reponse.content.decode()
        assert publiee.numero in texte
        assert "Mes conventions" in texte
        assert "Mes parcours" not in texte
        assert "Rechercher" not in texte

    def test_il_lit_son_edition_et_sa_convention(self, client, farid, publiee):
        texte = entrer(client, farid).get(adresse("edition", publiee)).content.decode()
        assert "environ 240" in texte
        assert "environ 70 sont sortis" in texte
        assert "Corriger" not in texte
        reponse = client.get(adresse("convention", publiee.convention))
        assert reponse.status_code == 200
        assert "Comptes qui lisent" not in reponse.content.decode()

    def test_une_autre_convention_est_introuvable(self, client, autre_financeur, avec_fichiers):
        entrer(client, autre_financeur)
        for page in (
            adresse("edition", avec_fichiers),
            adresse("convention", avec_fichiers.convention),
            adresse("telecharger", avec_fichiers, "pdf"),
        ):
            assert client.get(page).status_code == 404, page

    def test_rien_de_ce_qui_n_est_pas_publie(self, client, farid, controlee):
        entrer(client, farid)
        assert client.get(adresse("edition", controlee)).status_code == 404
        assert client.get(adresse("controle", controlee)).status_code == 403
        assert controlee.numero not in client.get(adresse("editions")).content.decode()

    @pytest.mark.parametrize("acte", ["publier", "corriger", "retirer", "ecarter", "recontroler", "refaire"])
    def test_aucun_acte_ne_lui_est_ouvert(self, client, farid, publiee, acte):
        assert entrer(client, farid).post(adresse(acte, publiee)).status_code == 403
        publiee.refresh_from_db()
        assert publiee.etat == Edition.Etat.PUBLIEE

    @pytest.mark.parametrize("qui", ["awa", "gaelle", "hugo", "ines", "chloe"])
    def test_nul_autre_n_y_entre(self, client, distribution, publiee, qui):
        entrer(client, distribution[qui])
        assert client.get(adresse("editions")).status_code == 403
        assert client.get(adresse("edition", publiee)).status_code == 403

    @pytest.mark.parametrize("genre", ["pdf", "csv", "xlsx", "ods"])
    def test_ce_qu_il_lit_et_telecharge_est_au_journal(self, client, farid, avec_fichiers, genre):
        page = entrer(client, farid).get(adresse("edition", avec_fichiers)).content.decode()
        assert f'href="{adresse("telecharger", avec_fichiers, genre)}"' in page
        recu = client.get(adresse("telecharger", avec_fichiers, genre))
        assert recu["Content-Disposition"].endswith(f'filename="{avec_fichiers.numero}.{genre}"')
        traits = Evenement.objects.filter(acteur=farid.pk, action__in=("lecture", "telechargement"))
        charges = {t.action: t.charge for t in traits}
        assert charges["lecture"]["edition"] == avec_fichiers.numero
        assert (
            charges["telechargement"] | {"edition": avec_fichiers.numero, "genre": genre} == charges["telechargement"]
        )

    def test_une_edition_retiree_ne_montre_plus_ses_nombres(self, client, farid, jean, avec_fichiers):
        actes.retirer(avec_fichiers.uuid, par=jean, motif_retrait="Deux équipes avaient été oubliées.")
        texte = entrer(client, farid).get(adresse("edition", avec_fichiers)).content.decode()
        assert "Deux équipes avaient été oubliées." in texte
        assert "environ 240" not in texte
        assert client.get(adresse("telecharger", avec_fichiers, "pdf")).status_code == 409

    def test_un_fichier_pas_encore_produit_le_dit(self, client, farid, publiee):
        assert entrer(client, farid).get(adresse("telecharger", publiee, "pdf")).status_code == 409
        assert client.get(adresse("telecharger", publiee, "exe")).status_code == 404


class TestDirection:
    def test_enregistre_une_convention(self, client, jean, farid):
        equipe = Equipe.objects.get(nom="Équipe de Laval")
        saisie = SAISIE | {"equipes": [equipe.pk], "lecteurs": [farid.pk]}
        assert entrer(client, jean).post(adresse("creer_convention"), saisie).status_code == 302
        assert Convention.objects.get().lecteurs.get() == farid

    def test_rien_ne_se_perd_a_l_erreur(self, client, jean):
        reponse = entrer(client, jean).post(adresse("creer_convention"), SAISIE | {"au": "01/01/2020"})
        texte = reponse.content.decode()
        assert reponse.status_code == 422
        assert "La sortie." in texte
        assert "Ce dernier jour vient avant le premier" in texte.replace("’", "'")
        assert "Choisissez au moins une équipe ou un département." in texte

    def test_une_longue_liste_se_replie_et_dit_ce_qui_est_coche(self, client, jean):
        coches = list(Departement.objects.filter(code__in=["44", "53"]))
        saisie = SAISIE | {"au": "01/01/2020", "departements": [d.pk for d in coches]}
        texte = entrer(client, jean).post(adresse("creer_convention"), saisie).content.decode()
        replis = re.findall(r'<details class="repli"( open)? data-filtre>\s*<summary><span data-coches>([^<]*)', texte)
        dits = {dit.replace("\xa0", " ") for ouvert, dit in replis if not ouvert}
        assert f"2 choix : {', '.join(map(str, coches))}" in dits and "Aucun choix" in dits
        assert all(re.search(rf'name="departements"[^>]*value="{d.pk}"\s*checked', texte) for d in coches)
        assert len(re.findall('name="departements"', texte)) == Departement.objects.count() > 90

    def test_une_liste_en_faute_s_ouvre(self, client, jean):
        Equipe.objects.bulk_create(Equipe(nom=f"Équipe {rang}") for rang in range(9))
        texte = entrer(client, jean).post(adresse("creer_convention"), SAISIE).content.decode()
        fautif = texte[texte.index("is-err") :]
        assert re.search(r'<details class="repli" open data-filtre>', fautif[: fautif.index("</fieldset>")])

    def test_un_compte_sans_fonction_de_financeur_ne_se_choisit_pas(self, client, jean, awa):
        reponse = entrer(client, jean).post(adresse("creer_convention"), SAISIE | {"lecteurs": [awa.pk]})
        assert reponse.status_code == 422
        assert Convention.objects.count() == 0

    def test_un_formulaire_perime_montre_les_deux_textes(self, client, jean, champs, convention):
        conventions.modifier(convention.uuid, par=jean, version=1, **(champs | {"objet_paye": "Écrit entre-temps."}))
        saisie = SAISIE | {"equipes": [e.pk for e in champs["equipes"]], "version": 1}
        reponse = entrer(client, jean).post(adresse("modifier_convention", convention), saisie)
        assert reponse.status_code == 409
        assert "Écrit entre-temps." in reponse.content.decode()
        assert "La sortie." in reponse.content.decode()

    def test_enregistrer_une_convention_demande_une_confirmation_recente(self, client, jean, farid, champs, convention):
        """Qui lit et ce qui compte s'y décident : un envoi trop tardif garde sa saisie, champ par champ, et repart une fois confirmé."""
        entrer(client, jean)
        session = client.session
        session.pop(CONFIRME_LE, None)
        session.save()
        saisie = SAISIE | {
            "equipes": [e.pk for e in champs["equipes"]],
            "lecteurs": [farid.pk],
            "origines": [*Origine.objects.values_list("pk", flat=True)[:2]],
            "version": 1,
        }
        for page in (adresse("creer_convention"), adresse("modifier_convention", convention)):
            assert client.get(page).url.startswith(f"{reverse('comptes:confirmer')}?")
            tardif = client.post(page, saisie)
            assert tardif.status_code == 403 and "La sortie." in tardif.text
            gardes = [(nom, str(valeur)) for nom, valeur in tardif.context["envoi"]]
            attendus = [
                (nom, str(v)) for nom, suite in saisie.items() for v in (suite if isinstance(suite, list) else [suite])
            ]
            assert gardes == attendus
        assert [c.objet_paye for c in Convention.objects.all()] == [convention.objet_paye]
        de_jean(client, jean)
        assert client.post(adresse("creer_convention"), saisie).status_code == 302
        assert client.post(adresse("modifier_convention", convention), saisie | {"numero": "2026-8"}).status_code == 302
        assert set(Convention.objects.values_list("numero", flat=True)) == {"2026-7", "2026-8"}

    def test_prepare_suit_controle_publie(self, client, jean, convention, calcul, solder):
        de_jean(client, jean)
        reponse = client.post(adresse("preparer", convention), {"du": "01/01/2025", "au": "31/12/2025"})
        edition = Edition.objects.get()
        assert reponse["Location"] == adresse("controle", edition)
        assert "Calcul et contrôle en cours" in client.get(reponse["Location"]).content.decode()
        solder()
        texte = client.get(reponse["Location"]).content.decode()
        assert "Le contrôle permet de publier." in texte
        assert "Publier les départements réunis, ou une période plus longue." in texte
        assert "compte de financeur pourra la lire" in client.get(adresse("publier", edition)).content.decode()
        assert client.post(adresse("publier", edition), ENVOI).status_code == 302
        assert client.post(adresse("publier", edition), ENVOI).status_code == 409
        edition.refresh_from_db()
        assert edition.etat == Edition.Etat.PUBLIEE

    def test_publier_demande_une_confirmation_recente(self, client, jean, controlee):
        entrer(client, jean)
        session = client.session
        session.pop(CONFIRME_LE, None)
        session.save()
        assert client.get(adresse("publier", controlee)).status_code == 302
        assert client.post(adresse("publier", controlee)).status_code == 403
        controlee.refresh_from_db()
        assert controlee.etat == Edition.Etat.CONTROLEE

    def test_ce_qui_empeche_se_lit_en_clair(self, client, jean, convention, calcul, solder):
        calcul.rapport |= {"publiable": False, "pourquoi": "L’attaquant retrouve encore un nombre."}
        edition = actes.preparer(convention, par=jean, du=DU, au=AU)
        solder()
        texte = de_jean(client, jean).get(adresse("controle", edition)).content.decode()
        assert "L’attaquant retrouve encore un nombre." in texte
        assert "Publier…" not in texte
        assert client.get(adresse("publier", edition)).status_code == 409

    def test_deux_directions_une_seule_publie(self, client, jean, distribution, controlee):
        from securisation.comptes.models import Fonction

        Fonction.objects.create(professionnel=distribution["elsa"], genre="DIRECTION", du=date(2020, 1, 1))
        de_jean(client, distribution["elsa"])
        actes.publier(controlee.uuid, par=jean)
        reponse = client.post(adresse("publier", controlee), ENVOI)
        assert reponse.status_code == 409
        assert Evenement.objects.filter(action="édition publiée").count() == 1

    @pytest.mark.parametrize(
        "hostile", ["<script>alert(1)</script>", "=cmd|'/C calc'!A0", '"><img src=x onerror=alert(1)>']
    )
    def test_un_nom_hostile_ne_s_execute_nulle_part(self, client, jean, farid, champs, calcul, solder, hostile):
        faite = conventions.creer(par=jean, **(champs | {"numero": hostile[:60], "financeur": hostile}))
        edition = actes.preparer(faite, par=jean, du=DU, au=AU)
        solder()
        actes.publier(edition.uuid, par=jean)
        solder()
        for nom, objet in (("edition", edition), ("convention", faite), ("editions", None)):
            texte = entrer(client, farid).get(adresse(nom, objet)).content.decode()
            assert "<script>alert" not in texte
            assert "<img src=x" not in texte
        octets = client.get(adresse("telecharger", edition, "xlsx")).content
        cases = [c.value for feuille in load_workbook(io.BytesIO(octets)) for ligne in feuille for c in ligne]
        cases += [case for rangee in en_rangees(client.get(adresse("telecharger", edition, "csv"))) for case in rangee]
        assert hostile in " ".join(map(str, cases))
        assert not any(str(case).startswith("=") for case in cases)


class TestRequetes:
    def test_aucune_page_ne_passe_son_plafond(self, client, jean, farid, champs, publiee, calcul, solder):
        """Le compte ne suit ni les conventions ni les éditions : il y en a plusieurs de chaque."""
        for rang in range(3):
            conventions.creer(par=jean, **(champs | {"numero": f"n{rang}"}))
        en_cours = actes.preparer(publiee.convention, par=jean, du=date(2025, 1, 1), au=date(2025, 6, 30))
        solder()
        objets = {
            "editions": None, "edition": publiee, "conventions": None, "convention": publiee.convention,
            "controle": en_cours, "preparer": publiee.convention, "modifier_convention": publiee.convention,
        }  # fmt: skip
        comptes = {}
        for nom, objet in objets.items():
            for compte in (jean, farid):
                entrer(client, compte)
                with CaptureQueriesContext(connection) as lues:
                    statut = client.get(adresse(nom, objet)).status_code
                if statut == 200:
                    comptes[nom] = max(
                        comptes.get(nom, 0), sum(not q["sql"].startswith(("SAVEPOINT", "RELEASE")) for q in lues)
                    )
        assert {nom: n for nom, n in comptes.items() if n > PLAFONDS[nom]} == {}
        assert set(comptes) == set(PLAFONDS)


class TestEditionFictive:
    def test_ne_se_dit_jamais_attaquee_et_suit_sa_periode(self, client, jean, convention, solder):
        edition = actes.preparer(convention, par=jean, du=DU, au=date(2025, 6, 30), fictive=True)
        solder()
        pages = [de_jean(client, jean).get(adresse(nom, edition)).content.decode() for nom in ("controle", "publier")]
        actes.publier(edition.uuid, par=jean)
        pages.append(client.get(adresse("edition", edition)).content.decode())
        for texte in pages:
            assert "attaque non jouée" in texte
            assert "attaqué" not in texte and "attaquant" not in texte
        assert "environ 120" in pages[2] and "environ 240" not in pages[2]
        edition.refresh_from_db()
        codes = {t["code"] for t in edition.contenu["tableaux"]}
        assert {f.code for f in SOMMAIRE} == codes


class TestControleRefuse:
    @staticmethod
    def mots(client, jean, edition):
        """Ce que disent la page de la convention et celle du contrôle."""
        de_jean(client, jean)
        return [client.get(adresse(*ou)).text for ou in (("convention", edition.convention), ("controle", edition))]

    def test_une_edition_impubliable_ne_se_dit_controlee_nulle_part(self, client, jean, convention, calcul, solder):
        calcul.rapport |= {"publiable": False, "pourquoi": "L’attaquant retrouve encore un nombre."}
        edition = actes.preparer(convention, par=jean, du=DU, au=AU)
        solder()
        for texte in self.mots(client, jean, edition):
            assert "Non publiable en l’état" in texte and "Contrôlée" not in texte
        assert "en l’état" in client.get(adresse("publier", edition)).text.replace("&#x27;", "’").replace("'", "’")

    def test_une_autre_parue_depuis_la_dit_a_recontroler(self, client, jean, controlee, champs, solder):
        assert ">Contrôlée<" in self.mots(client, jean, controlee)[0]
        autre = actes.preparer(conventions.creer(par=jean, **(champs | {"numero": "9"})), par=jean, du=DU, au=AU)
        solder()
        actes.publier(autre.uuid, par=jean)
        for texte in self.mots(client, jean, controlee):
            assert "À recontrôler" in texte and ">Contrôlée<" not in texte and "Non publiable" not in texte

    def test_une_meme_raison_ne_se_dit_qu_une_fois(self, client, jean, convention, calcul, solder):
        dit = {"pourquoi": "Trop peu, dit ce test.", "proposition": "Plus long."}
        calcul.rapport["refuses"] = [{"code": code} | dit for code in ("origines", "publics", "relais")]
        edition = actes.preparer(convention, par=jean, du=DU, au=AU)
        solder()
        texte = de_jean(client, jean).get(adresse("controle", edition)).content.decode()
        assert texte.count("Trop peu, dit ce test.") == 1
        assert "Comment elles sont venues ; Publics ; Relais à la sortie" in texte
        assert "à contrôler" not in texte

    def test_faute_de_parcours_recalculer_attend_une_convention_plus_large(
        self, client, jean, convention, calcul, solder
    ):
        calcul.rapport |= {"publiable": False, "pourquoi": "Aucun tableau."}
        for tableau in calcul.contenu["tableaux"]:
            tableau["refus"] = "Trop peu."
        edition = actes.preparer(convention, par=jean, du=DU, au=AU)
        solder()
        texte = de_jean(client, jean).get(adresse("controle", edition)).content.decode()
        assert "Recalculer" not in texte and adresse("preparer", convention) in texte
        convention.definir(par=jean, equipes=[])
        assert "Recalculer" in client.get(adresse("controle", edition)).content.decode()
