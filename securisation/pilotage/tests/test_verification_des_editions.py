"""Une édition sortie d'ici se vérifie sans compte ; le vrai calcul ne publie rien d'une période vide ni d'un seul parcours."""

import hashlib
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from securisation.documents import verification
from securisation.pilotage import calcul, conventions, divulgation
from securisation.pilotage.attaque import UNITE
from securisation.pilotage.edition import actes
from securisation.pilotage.edition.perimetre import perimetre
from securisation.pilotage.models import Edition
from securisation.pilotage.tableaux import PROTEGE
from securisation.socle import horloge

from .conftest import AU, DU

pytestmark = pytest.mark.django_db


def trace(edition):
    return verification.trouver(edition.numero, edition.cle)


class TestVerifier:
    def test_une_edition_publiee_est_valide(self, avec_fichiers):
        lue = trace(avec_fichiers)
        assert (lue.etat, lue.libelle_du_genre) == (verification.VALIDE, "Édition de financeur")
        assert lue.sha256 == avec_fichiers.fichiers.get(genre="pdf").sha256

    def test_sans_la_cle_rien_ne_repond(self, avec_fichiers):
        assert verification.trouver(avec_fichiers.numero, verification.tirer()) is None

    def test_une_edition_pas_encore_publiee_n_existe_pas(self, controlee):
        assert trace(controlee) is None

    def test_une_correction_dit_par_quoi_elle_est_remplacee(self, avec_fichiers, jean, solder):
        neuve = actes.corriger(avec_fichiers.uuid, par=jean, mot="Une équipe oubliée.")
        solder()
        assert trace(avec_fichiers).etat == verification.VALIDE
        actes.publier(neuve.uuid, par=jean)
        lue = trace(avec_fichiers)
        assert (lue.etat, lue.remplace_par) == (verification.REMPLACE, neuve.numero)

    def test_une_edition_retiree_se_dit_annulee(self, avec_fichiers, jean):
        actes.retirer(avec_fichiers.uuid, par=jean, motif_retrait="Erreur.")
        assert trace(avec_fichiers).etat == verification.ANNULE

    def test_chaque_fichier_se_reconnait_et_un_fichier_modifie_non(self, avec_fichiers):
        for fichier in avec_fichiers.fichiers.all():
            octets = bytes(fichier.contenu)
            empreinte = hashlib.sha256(octets).hexdigest()
            assert verification.juger(trace(avec_fichiers), empreinte)[1] == "bon", fichier.genre
            autre = hashlib.sha256(octets[:-1] + b"x").hexdigest()
            assert verification.juger(trace(avec_fichiers), autre)[1] == "modifie"
            assert verification.juger(None, autre)[1] == "inconnu"

    @pytest.mark.parametrize("genre", ["csv", "xlsx", "ods"])
    def test_un_classeur_dit_que_son_pdf_est_scelle(self, client, avec_fichiers, genre):
        classeur = avec_fichiers.fichiers.get(genre=genre)
        texte = client.post(reverse("documents:verifier"), {"empreinte": classeur.sha256}).content.decode()
        assert "Un tableur ne porte pas de sceau" in texte
        assert "date d’avant eux" not in texte
        assert "Cette édition a bien paru ici" in texte

    def test_la_page_publique_ne_dit_rien_de_la_convention(self, client, avec_fichiers):
        adresse = reverse("documents:verifier", args=[verification.reference(avec_fichiers.numero, avec_fichiers.cle)])
        texte = client.get(adresse).content.decode()
        assert avec_fichiers.numero in texte
        assert "Département d" not in texte
        assert "environ" not in texte


class TestVraiCalcul:
    def test_une_periode_vide_ne_se_publie_pas(self, convention, jean, solder):
        edition = actes.preparer(convention, par=jean, du=DU, au=AU)
        solder()
        edition.refresh_from_db()
        assert edition.etat == Edition.Etat.CONTROLEE
        assert self.comptes(edition) == {0} and not edition.empreintes.exists()
        assert {t["refus"] for t in edition.contenu["tableaux"]} == {divulgation.REFUSE}
        with pytest.raises(actes.PasPubliable, match=re.escape(calcul.RIEN)):
            actes.publier(edition.uuid, par=jean)

    def test_un_seul_parcours_ne_se_publie_pas(self, jean, champs, solder, parcours_admis, monkeypatch):
        """Préparée demain, l'édition du jour le compte, lui seul : chaque tableau se refuse, comme s'il n'y avait personne."""
        jour = horloge.aujourd_hui()
        convention = conventions.creer(par=jean, **(champs | {"du": jour, "au": jour}))
        with monkeypatch.context() as demain:
            demain.setattr(horloge, "aujourd_hui", lambda: jour + timedelta(days=1))
            edition = actes.preparer(convention, par=jean, du=jour, au=jour)
        solder()
        edition.refresh_from_db()
        assert max(self.comptes(edition)) == 1 and edition.empreintes.count() == 1
        assert {t["refus"] for t in edition.contenu["tableaux"]} == {divulgation.REFUSE}
        assert {t["total"] for t in edition.contenu["tableaux"]} == {PROTEGE}
        with pytest.raises(actes.PasPubliable, match=re.escape(calcul.RIEN)):
            actes.publier(edition.uuid, par=jean)

    @staticmethod
    def comptes(edition):
        """Ce que comptent vraiment les tableaux de parcours de cette édition."""
        return {t.total.n for t in calcul.compter(perimetre(edition.definition)) if t.unite == UNITE}
