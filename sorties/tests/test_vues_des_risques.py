"""Les pages des risques résiduels : ce qu'elles proposent, ce qu'elles enregistrent, ce qu'elles refusent."""

import uuid

import pytest

from securisation.annuaire.models import Facteur, RisqueResiduel
from sorties.models import Risque, Sortie
from sorties.tests.conftest import adresse, erreurs, inscrire_risque, jour


class TestRisques:
    @pytest.fixture
    def donnees(self, sortie):
        return {
            "risque": RisqueResiduel.objects.get(code="RR-07").pk,
            "facteur": Facteur.objects.get(code="LOG-01").pk,
            "suite": "relais",
            "relais": "Service social",
            "relais_confirme_le": f"{jour():%d/%m/%Y}",
            "signal_d_alerte": "Une mensualité non payée",
            "jeton": str(uuid.uuid4()),
        }

    def test_une_demarche_en_attente_propose_son_risque(self, action, en_intervention, navigateur, awa):
        sortie = Sortie(parcours=en_intervention).ouvrir(par=awa)
        lien = f"{adresse('inscrire_risque', sortie)}?demarche={action.uuid}"
        assert lien in navigateur.get(adresse("risques", sortie)).content.decode()
        initial = navigateur.get(lien).context["form"].initial
        assert (initial["action"], initial["facteur"]) == (action.uuid, action.facteur_id)
        assert initial["relais"] == "Service social départemental"

    def test_le_facteur_propose_ne_suit_pas_un_risque_d_un_autre_axe(
        self, action, en_intervention, navigateur, awa, donnees_d_un_autre_axe
    ):
        sortie = Sortie(parcours=en_intervention).ouvrir(par=awa)
        lien = f"{adresse('inscrire_risque', sortie)}?demarche={action.uuid}"
        donnees = {"action": str(action.uuid), "facteur": action.facteur_id}
        assert navigateur.post(lien, donnees_d_un_autre_axe | donnees).url == adresse("risques", sortie)
        risque = Risque.objects.get()
        assert (risque.action, risque.facteur) == (action, None)
        assert f"?demarche={action.uuid}" not in navigateur.get(adresse("risques", sortie)).content.decode()

    @pytest.fixture
    def donnees_d_un_autre_axe(self):
        """Une décision en attente (axe administratif) et son relais."""
        return {
            "risque": RisqueResiduel.objects.get(code="RR-02").pk,
            "suite": "relais",
            "relais": "Service social",
            "jeton": str(uuid.uuid4()),
        }

    def test_chaque_risque_est_sous_son_axe_celui_de_la_demarche_d_abord(
        self, action, en_intervention, navigateur, awa
    ):
        sortie = Sortie(parcours=en_intervention).ouvrir(par=awa)
        lien = f"{adresse('inscrire_risque', sortie)}?demarche={action.uuid}"
        champs = navigateur.get(lien).context["form"].fields
        groupes = [nom for nom, choix in champs["risque"].choices if nom]
        assert groupes[0] == action.axe.libelle
        assert len(groupes) == 6
        assert groupes[-1] == "Plusieurs axes"
        assert [nom for nom, choix in champs["facteur"].choices if nom] == ["Budget", action.axe.libelle]

    def test_un_relais_propose_s_efface_quand_le_risque_est_assume(self, action, en_intervention, navigateur, awa):
        sortie = Sortie(parcours=en_intervention).ouvrir(par=awa)
        donnees = {
            "action": str(action.uuid),
            "risque": RisqueResiduel.objects.get(code="RR-07").pk,
            "suite": "assume",
            "relais": action.ns4_relais,
            "motif": "Liste d'attente.",
            "jeton": str(uuid.uuid4()),
        }
        navigateur.post(f"{adresse('inscrire_risque', sortie)}?demarche={action.uuid}", donnees)
        assert (Risque.objects.get().assume, Risque.objects.get().relais) == (True, "")

    def test_ne_dit_pas_facultatif_ce_que_la_validation_exige(self, navigateur, sortie):
        page = navigateur.get(adresse("inscrire_risque", sortie)).content.decode()
        assert page.count("(facultatif)") == 2
        assert navigateur.get(adresse("parole", sortie)).content.decode().count("(facultatif)") == 1

    def test_un_facteur_sans_suite_mene_a_son_risque(self, navigateur, sortie):
        facteur = Facteur.objects.get(code="BUD-05")
        lien = f"{adresse('inscrire_risque', sortie)}?facteur=BUD-05"
        assert lien in navigateur.get(adresse("risques", sortie)).content.decode()
        assert navigateur.get(lien).context["form"].initial == {"facteur": facteur.pk}

    def test_s_inscrit_une_fois_meme_envoye_deux_fois(self, navigateur, sortie, donnees):
        for _ in range(2):
            assert navigateur.post(adresse("inscrire_risque", sortie), donnees).url == adresse("risques", sortie)
        assert Risque.objects.get().relais == "Service social"

    def test_se_modifie_et_se_retire(self, navigateur, sortie, awa, donnees):
        risque = inscrire_risque(sortie, awa)
        page = navigateur.get(adresse("risque", risque)).content.decode()
        assert "Retirer ce risque" in page
        plus = {"version": risque.version, "relais": "France services"}
        navigateur.post(adresse("risque", risque), donnees | plus)
        risque.refresh_from_db()
        assert risque.relais == "France services"
        assert navigateur.get(adresse("retirer_risque", risque)).status_code == 200
        navigateur.post(adresse("retirer_risque", risque), {"version": risque.version})
        assert not Risque.objects.exists()

    @pytest.mark.parametrize(
        ("change", "champ"),
        [
            ({"suite": ""}, "suite"),
            ({"relais": ""}, "relais"),
            ({"relais": "a" * 201}, "relais"),
            ({"suite": "assume"}, "motif"),
            ({"suite": "assume", "motif": "Attente."}, "relais"),
            ({"motif": "Attente."}, "motif"),
            ({"risque": ""}, "risque"),
            ({"risque": "0"}, "risque"),
            ({"facteur": "0"}, "facteur"),
            ({"action": str(uuid.uuid4())}, "action"),
            ({"relais_confirme_le": "12/12/1800"}, "relais_confirme_le"),
            ({"relais_confirme_le": f"{jour(5):%d/%m/%Y}"}, "relais_confirme_le"),
            ({"echeance": "12/12/9999"}, "echeance"),
            ({"echeance": "bientôt"}, "echeance"),
        ],
    )
    def test_refuse_une_saisie_impossible(self, navigateur, sortie, donnees, change, champ):
        reponse = navigateur.post(adresse("inscrire_risque", sortie), donnees | change)
        assert reponse.status_code == 422
        assert champ in erreurs(reponse)
        assert not Risque.objects.exists()

    def test_refuse_le_facteur_d_un_autre_axe(self, navigateur, sortie, donnees):
        autre = {"facteur": Facteur.objects.get(code="BUD-05").pk}
        reponse = navigateur.post(adresse("inscrire_risque", sortie), donnees | autre)
        assert "autre axe" in str(erreurs(reponse)["facteur"])
