"""« À faire » : chaque sorte de dû, à sa date, avec le geste qui le solde ; des compteurs qui filtrent ; rien à faire se dit."""

import datetime

import pytest
from django.urls import reverse

from securisation.annuaire.models import RisqueResiduel
from securisation.parcours.models import Accord, Parcours
from securisation.socle import horloge
from securisation.synthese import dus, liste, resume
from securisation.synthese.gestes import SOLDES
from securisation.synthese.tests.test_pages import entrer, requetes  # noqa: F401 (fixture)
from securisation.tests import dossiers
from sorties.models import Risque, Sortie

JOUR = datetime.timedelta(days=1)


@pytest.fixture
def en_awa(entrer, awa):  # noqa: F811
    return entrer(awa)


@pytest.fixture
def devoir(ouvrir_un_parcours, awa):
    """Un parcours à qui ne manque que ce dû : nature, jours d'ici là."""

    def poser(nature, jours, par=awa, source=""):
        parcours = ouvrir_un_parcours(par, nom=f"{nature}{jours}")
        parcours.lever_echeance("qualification")
        parcours.poser_echeance(nature, horloge.aujourd_hui() + jours * JOUR, f"Dû {nature}", source)
        return parcours

    return poser


def a_faire(client, **adresse):
    """Ce qui est montré : nature → (libellé du geste, adresse)."""
    dus_montres = client.get("/", adresse).context["comptes"].a_faire
    return {due["cles"]["nature"]: (due["libelle"], due["url"]) for due in dus_montres}


class TestGestes:
    def test_toute_sorte_de_du_connue_a_sa_place_parmi_les_filtres(self):
        ranges = {nature for _, natures in dus.SORTES.values() for nature in natures}
        assert set(SOLDES) <= ranges
        assert ranges - set(SOLDES) == {"conservation"}  # la page « Conservation » la décide

    def test_un_relais_nomme_reste_a_confirmer(self, en_awa, awa, distribution):
        sortie = dossiers.construire("en_sortie", distribution)[Sortie]
        logement = RisqueResiduel.objects.filter(axes__contains=["LOG"], revele_la_sante=False).first()
        risque = Risque(sortie=sortie).inscrire(par=awa, risque=logement, relais="CCAS", signal_d_alerte="Un courrier.")
        adresse = reverse("sorties:risque", args=[risque.uuid])
        assert a_faire(en_awa)["confirmation"] == ("Confirmer le relais", adresse)
        assert en_awa.get(adresse).status_code == 200
        assert sortie.parcours.echeances.get(nature="confirmation").date == sortie.a_valider_le
        risque.modifier(par=awa, relais_confirme_le=horloge.aujourd_hui())
        assert "confirmation" not in a_faire(en_awa)
        risque.modifier(par=awa, relais_confirme_le=None)
        assert "confirmation" in a_faire(en_awa)
        risque.retirer(par=awa)
        assert "confirmation" not in a_faire(en_awa)

    def test_un_relais_qui_revele_la_sante_n_est_pas_nomme(self, awa, distribution):
        sortie = dossiers.construire("en_sortie", distribution)[Sortie]
        sante = RisqueResiduel.objects.filter(revele_la_sante=True).first()
        risque = Risque(sortie=sortie, risque=sante, relais="CCAS")
        risque.pk = 0
        risque._devoir()
        assert sortie.parcours.echeances.get(source="risque:0").libelle == "Confirmer un relais"

    def test_un_accord_qui_finit_mene_a_son_renouvellement(self, en_awa, parcours_admis):
        accord = Accord.objects.filter(parcours=parcours_admis, finalite__code="ADHESION").get()
        parcours_admis.poser_echeance("fin_accord", horloge.aujourd_hui() + 9 * JOUR, "L'adhésion finit", accord.source)
        libelle, adresse = a_faire(en_awa)["fin_accord"]
        assert libelle == "Renouveler"
        assert adresse.startswith(
            reverse("parcours:recueillir_accord", args=[parcours_admis.uuid]) + "?finalite=ADHESION"
        )
        assert en_awa.get(adresse).status_code == 200

    def test_ce_qui_reste_du_sur_un_parcours_fini_y_est(self, en_awa, devoir, awa):
        """Une réponse à donner à la personne, une demande sur ses droits : la fin du parcours ne les lève pas."""
        parcours = devoir("demande", 3)
        parcours.interrompre(par=awa, motif="souhait")
        assert a_faire(en_awa)["demande"] == ("Répondre", reverse("coordination:droits", args=[parcours.uuid]))
        comptes = en_awa.get("/").context["comptes"]
        assert (comptes.total, comptes.proches) == (0, 1)

    def test_sans_le_droit_le_geste_mene_ou_le_voir(self, entrer, devoir, gaelle):  # noqa: F811
        parcours = devoir("accord", 1, source="ADHESION")
        assert a_faire(entrer(gaelle))["accord"] == ("Voir le parcours", parcours.get_absolute_url())


class TestOrdreEtFiltres:
    def test_les_retards_d_abord_puis_par_date(self, en_awa, devoir):
        for nature, jours in (("reponse", 4), ("terme", -2), ("accord", -9), ("relais", 0)):
            devoir(nature, jours)
        assert list(a_faire(en_awa)) == ["accord", "terme", "relais", "reponse"]

    def test_les_compteurs_de_sorte_filtrent(self, en_awa, devoir):
        for nature, jours in (("reponse", 4), ("reponse", 5), ("terme", 6), ("fin_accord", 40)):
            devoir(nature, jours)
        page = en_awa.get("/")
        assert [(s["libelle"], s.get("nombre")) for s in page.context["sortes"]] == [
            ("Tout", None),
            ("Réponses", 2),
            ("Termes", 1),
        ]
        for sorte in page.context["sortes"][1:]:
            filtree = en_awa.get("/" + sorte["url"])
            assert len(filtree.context["comptes"].a_faire) == sorte["nombre"]
            assert filtree.context["comptes"].sortes == page.context["comptes"].sortes
        assert set(a_faire(en_awa, faire="reponses")) == {"reponse"}

    def test_les_compteurs_de_temps_filtrent_la_liste(self, en_awa, devoir):
        for jours in (-3, -1, 5, 29, 31, 200):
            devoir("terme", jours)
        for temps in en_awa.get("/").context["temps_comptes"]:
            page = en_awa.get("/" + temps["url"].partition("#")[0])
            assert len(page.context["lignes"]) == temps["nombre"] == 2
            assert page.context["filtres"].temps == temps["cle"]
            export = liste.lire_liste(page.wsgi_request.user, temps=temps["cle"])[0]
            assert [ligne.numero for ligne in export] == [ligne.numero for ligne in page.context["lignes"]]

    def test_rien_a_faire_se_dit_avec_la_prochaine_echeance(self, en_awa, devoir):
        devoir("terme", 60)
        page = en_awa.get("/")
        assert page.context["comptes"].a_faire == []
        assert "Rien à faire d’ici trente jours" in page.text
        assert "Prochaine échéance&nbsp;: Dû terme, Fatou terme60, le " in page.text

    def test_plein_reste_borne(self, entrer, devoir, awa, monkeypatch):  # noqa: F811
        """Au-delà de ce que l'on examine, les compteurs le disent ; la page coûte autant."""
        monkeypatch.setattr("securisation.synthese.filtres.EXAMINES", 3)
        monkeypatch.setattr(dus, "EXAMINES", 3)
        client = entrer(awa)
        for jours in range(5):
            devoir("reponse", jours)
        devoir("terme", 0)
        nombre, page = requetes(client, "/")
        assert nombre == 5
        assert {s["libelle"]: s.get("nombre") for s in page.context["sortes"]} == {
            "Tout": None,
            "Réponses": "2+",
            "Termes": "1+",
        }
        assert len(a_faire(client, faire="tout")) == 2

    def test_le_restreint_et_l_autre_equipe_n_y_sont_pas(self, entrer, devoir, awa, elsa, gaelle):  # noqa: F811
        devoir("terme", 1).restreindre(par=awa, restreint=True)
        devoir("accord", 1, par=elsa)
        assert a_faire(entrer(gaelle)) == {}
        assert Parcours.objects.count() == 2


class TestResumeDuJour:
    @pytest.mark.parametrize("jours", [-1, 0])
    def test_une_prolongation_a_decider_se_compte_une_fois(self, awa, bruno, gaelle, jours):
        parcours, jour = dossiers.suspendue(awa, bruno)[Parcours], horloge.aujourd_hui()
        for nature in set(parcours.echeances.values_list("nature", flat=True)):
            parcours.lever_echeance(nature)
        parcours.poser_echeance("prolongation", jour + jours * JOUR, "Décider d’une prolongation de 20 jours")
        dits = {c: [ligne.replace("\xa0", " ") for ligne in resume.nombres(c, jour)] for c in (gaelle, awa)}
        # Qui l'attend sans pouvoir la décider la lit parmi ses échéances.
        sienne = "1 échéance en retard" if jours < 0 else "1 échéance cette semaine"
        assert dits == {gaelle: ["1 prolongation à décider"], awa: [sienne, "1 rendez-vous aujourd’hui"]}
