"""La copie de la personne : tout ce qui la concerne y est, rien d'autrui, et elle ne se garde pas."""

import datetime
import hashlib
import json

import page
import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.urls import reverse

from securisation.coordination.fabrique import instantane
from securisation.coordination.models import Copie, FichierDeCopie
from securisation.coordination.tasks import copies_remises, produire_copie
from securisation.documents import verification
from securisation.documents.tests.schema import ecarts
from securisation.parcours.models import Demande, Entourage, Parcours, Personne
from securisation.socle import horloge
from securisation.socle.copie import EXCLUS, champs_dits, parts
from securisation.socle.models import Du, Evenement
from securisation.socle.outbox import a_solder, solder
from securisation.socle.refus import DroitRefuse
from securisation.socle.trace import hors_porte

pytestmark = pytest.mark.django_db


def demander(parcours, par, contenu="copie"):
    """Une copie demandée."""
    return Copie(parcours=parcours).demander(par=par, contenu=contenu)


def produire(parcours, par, contenu="copie"):
    """Une copie produite par le travailleur."""
    copie = demander(parcours, par, contenu)
    produire_copie(copie=copie.pk)
    copie.refresh_from_db()
    return copie


def rubrique(donnees, code):
    """Les fiches d'une rubrique."""
    return next(r["fiches"] for r in donnees["rubriques"] if r["code"] == code)


def du_dossier(modele):
    """Vrai si une suite de liens mène de ce modèle à un parcours ou à une personne."""
    if modele in (Parcours, Personne):
        return True
    liens = {c.related_model for c in modele._meta.concrete_fields if c.is_relation} - {modele, None}
    return any(
        hasattr(lien, "vers_parcours") or du_dossier(lien) for lien in liens if lien._meta.app_label != "contenttypes"
    )


class TestVerification:
    @pytest.mark.parametrize("contenu", ["copie", "registre"])
    def test_son_fichier_est_scelle_suit_les_normes_et_se_reconnait_apres_son_retrait(self, parcours, awa, contenu):
        copie = produire(parcours, awa, contenu)
        octets = bytes(FichierDeCopie.objects.get(copie=copie).pdf)
        assert copie.sceau == "auto" and b"/ByteRange" in octets
        assert all(page.is_pdf_compliant_bytes(octets, profile=norme) for norme in ("3a", "ua1"))
        with hors_porte("essai"):
            copie.retirer(par=None)
        trace = verification.trouver(copie.numero, copie.cle)
        assert (trace.etat, trace.sha256) == ("valide", hashlib.sha256(octets).hexdigest())
        assert verification.reconnaitre(trace.sha256) == trace


class TestComplete:
    def test_chaque_modele_d_un_dossier_y_est_ou_est_tu_avec_sa_raison(self):
        declares = {modele for part in parts() for modele in part.modeles}
        du_projet = [m for m in apps.get_models() if not m.__name__.startswith("Historique") and du_dossier(m)]
        oublies = {modele._meta.label for modele in du_projet} - declares - set(EXCLUS)
        assert oublies == set(), "Ajoutez ce modèle à une part (copie.py de son app), ou excluez-le avec la raison."

    def test_ce_qui_est_declare_existe(self):
        for nom in [modele for part in parts() for modele in part.modeles] + list(EXCLUS):
            app, modele, *champ = nom.split(".")
            trouve = apps.get_model(app, modele)
            assert not champ or champ[0] in {c.name for c in trouve._meta.concrete_fields}, nom
        assert all(raison.endswith(".") for raison in EXCLUS.values())

    def test_chaque_champ_d_une_fiche_a_son_libelle(self, parcours, awa):
        copie = demander(parcours, awa)
        identite = rubrique(instantane(copie), "personne")[0]
        assert [c["nom"] for c in identite["champs"]] == [c.name for c in champs_dits(Personne)]
        assert {c["nom"]: c["lu"] for c in identite["champs"]}["commune"] == "Laval"
        assert all(c["libelle"][0].isupper() for c in identite["champs"])

    def test_suit_son_schema(self, parcours_admis, awa):
        demande = Demande(parcours=parcours_admis)
        demande.enregistrer(par=awa, genre="acces", recue_le=horloge.aujourd_hui(), moyen="oral")
        for contenu in Copie.Contenu.values:
            donnees = json.loads(json.dumps(instantane(demander(parcours_admis, awa, contenu))))
            assert ecarts(donnees, "copie") == []

    def test_le_schema_mord(self, parcours, awa):
        donnees = json.loads(json.dumps(instantane(demander(parcours, awa))))
        donnees["rubriques"][0]["fiches"][0]["champs"][0]["lu"] = 3
        del donnees["parcours"]["numero"]
        donnees["inconnu"] = 1
        assert len(ecarts(donnees, "copie")) == 3


class TestRienDAutrui:
    def test_de_l_entourage_seulement_ce_que_la_personne_a_dit(self, parcours, awa):
        Entourage(parcours=parcours).inscrire(par=awa, nom="Mariam", lien="sœur", telephone="06 39 98 11 22")
        texte = json.dumps(instantane(demander(parcours, awa)), ensure_ascii=False)
        assert "Mariam" in texte
        assert "06 39 98 11 22" not in texte

    def test_les_professionnels_par_leur_fonction(self, parcours_admis, awa, bruno, gaelle):
        texte = json.dumps(instantane(demander(parcours_admis, awa)), ensure_ascii=False)
        assert "Référente de parcours" in texte
        assert not any(mot in texte for compte in (awa, bruno, gaelle) for mot in (compte.nom, compte.email))

    def test_un_autre_parcours_n_y_entre_pas(self, parcours, awa, ouvrir_un_parcours):
        autre = ouvrir_un_parcours(awa, prenom="Autre", nom="Roche", commune="Mayenne")
        texte = json.dumps(instantane(demander(parcours, awa)), ensure_ascii=False)
        assert not any(mot in texte for mot in ("Roche", "Mayenne", autre.numero))

    def test_le_motif_d_une_restriction_est_tu(self, parcours, awa):
        parcours.restreindre(par=awa, restreint=True, motif="Voisine de Josiane")
        assert "Josiane" not in json.dumps(instantane(demander(parcours, awa)))


class TestProduire:
    def test_le_travailleur_produit_les_deux_fichiers(self, parcours, awa):
        copie = demander(parcours, awa)
        assert Du.objects.get(genre="produire_copie", fait_le=None).ids == {"copie": copie.pk}
        assert all(solder(numero) for numero in a_solder())
        copie.refresh_from_db()
        assert (copie.etat, copie.numero) == ("prete", f"C-{parcours.numero[2:]}-1")
        assert bytes(copie.fichier.pdf).startswith(b"%PDF-")
        assert json.loads(bytes(copie.fichier.donnees))["schema"] == "copie/1"

    def test_un_second_passage_ne_fait_rien(self, parcours, awa):
        copie = produire(parcours, awa, "registre")
        produite_le = copie.produite_le
        produire_copie(copie=copie.pk)
        copie.refresh_from_db()
        assert copie.produite_le == produite_le

    def test_une_seule_en_preparation(self, parcours, awa):
        demander(parcours, awa)
        with pytest.raises(ValidationError):
            demander(parcours, awa)
        assert demander(parcours, awa, "registre").numero.startswith("R-")

    def test_repond_a_la_demande_d_acces_qui_attend(self, parcours, awa):
        demande = Demande(parcours=parcours)
        demande.enregistrer(par=awa, genre="acces", recue_le=horloge.aujourd_hui(), moyen="oral")
        assert demander(parcours, awa).demande == demande
        assert demander(parcours, awa, "registre").demande is None

    def test_revient_a_qui_conduit_le_parcours(self, parcours, bruno, gaelle, elsa, hugo):
        for autre in (bruno, gaelle, elsa, hugo):
            with pytest.raises(DroitRefuse):
                demander(parcours, autre)

    def test_les_fichiers_ne_se_gardent_pas(self, parcours, awa):
        copie = produire(parcours, awa, "registre")
        assert copies_remises() == 0
        with horloge.reprise_au(horloge.maintenant() + datetime.timedelta(days=8)):
            assert copies_remises() == 1
        copie.refresh_from_db()
        assert copie.etat == "retiree"
        assert not FichierDeCopie.objects.exists()

    def test_aucun_texte_du_dossier_ne_reste_dans_la_ligne_ni_son_historique(self, parcours, awa):
        copie = produire(parcours, awa)
        for ligne in (copie, *copie.history.all()):
            valeurs = {str(getattr(ligne, champ.attname)) for champ in ligne._meta.concrete_fields}
            assert not any("Diallo" in valeur or "loyers" in valeur for valeur in valeurs)


class TestTelecharger:
    @pytest.mark.parametrize("fichier", ["pdf", "json"])
    def test_en_piece_jointe_apres_confirmation_et_au_journal(self, parcours, awa, client, confirmer, fichier):
        copie = produire(parcours, awa, "registre")
        adresse = reverse(f"coordination:copie_{fichier}", args=[copie.uuid])
        client.force_login(awa)
        confirmer(client, il_y_a=3600)
        assert client.get(adresse).status_code == 302
        exports = Evenement.objects.filter(chaine=parcours.pk, action="export")
        assert not exports.exists()
        confirmer(client)
        reponse = client.get(adresse)
        assert reponse.status_code == 200
        assert reponse["Content-Disposition"] == f'attachment; filename="{copie.numero}.{fichier}"'
        assert "no-store" in reponse["Cache-Control"]
        assert [export.acteur for export in exports] == [awa]

    def test_avant_la_production_un_refus_calme(self, parcours, awa, client, confirmer):
        copie = demander(parcours, awa)
        client.force_login(awa)
        confirmer(client)
        reponse = client.get(reverse("coordination:copie_pdf", args=[copie.uuid]))
        assert reponse.status_code == 409
        assert "pas encore produit" in reponse.content.decode()

    def test_personne_d_autre_ne_l_obtient(self, parcours, awa, bruno, gaelle, elsa, hugo, chloe, client, confirmer):
        copie = produire(parcours, awa, "registre")
        codes = {}
        for compte in (bruno, gaelle, elsa, hugo, chloe):
            client.force_login(compte)
            confirmer(client)
            codes[compte.prenom] = client.get(reverse("coordination:copie_json", args=[copie.uuid])).status_code
        assert codes == {"Bruno": 403, "Gaëlle": 403, "Elsa": 404, "Hugo": 404, "Chloé": 404}
