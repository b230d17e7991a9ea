"""La piste en mots : chaque action que le code pose a sa phrase et sa nature, un export dit ce qui est parti, un refus pourquoi."""

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from securisation.socle import confirmation, horloge, journal
from securisation.socle.routes import routes_d_un_dossier
from securisation.synthese import mots
from securisation.synthese.piste import lecture
from securisation.synthese.piste.filtres import NATURES, lire_filtres
from securisation.tests.actions import actions_posees, dites, en_sql

pytestmark = pytest.mark.django_db
EXPORT = "synthese:exporter_piste"
PAS_DES_PAGES = {
    *("documents:telecharger", "documents:modifiable", "documents:relancer", "parcours:preuve", "parcours:rejets"),
    *("parcours:reveler", "diagnostics:brouillon", "diagnostics:abandonner"),
    *("coordination:copie_pdf", "coordination:copie_json", "coordination:relancer_copie"),
}
DES_PAGES = (
    "pilotage:exporter_collectives",
    "synthese:exporter_liste",
    "registre des effacements",
    "synthese:exporter_piste",
)


def filtres(par, nature=""):
    """Les filtres d'une adresse, comme la page les lit."""
    return lire_filtres(QueryDict(f"nature={nature}"), par)


def lus(par, nature=""):
    """Les événements de la première page de `par`."""
    return lecture.lire_piste(par, filtres(par, nature)).traits


@pytest.fixture
def confirmee(client):
    """Ouvre la session d'un compte qui vient de confirmer qui il est."""

    def entrer(compte):
        client.force_login(compte)
        session = client.session
        session[confirmation.CONFIRME_LE] = horloge.montre()
        session.save()
        return client

    return entrer


def est_dit(trait):
    """Vrai si la phrase n'est pas l'action elle-même, faute de mieux."""
    return not trait.phrase.startswith(trait.action) and "_" not in trait.phrase and bool(trait.icone)


def test_chaque_evenement_se_dit_en_mots(hugo, awa):
    """Toute action posée dans le code : une phrase, une nature, une seconde ligne."""
    charge = {"route": "parcours:qualifier", "genre": "DroitRefuse", "page": "synthese:mes_parcours"}
    for action in actions_posees():
        journal.inscrire(action, par=awa, **charge)
    dits = {trait.action: trait for trait in lecture.lire_pour_export(hugo, filtres(hugo)) if trait.charge == charge}
    assert set(dits) == set(actions_posees())
    assert [action for action, trait in dits.items() if not est_dit(trait) or trait.detail is None] == []


def test_chaque_action_posee_a_une_nature_et_reciproquement():
    assert {action for _, actions in NATURES.values() for action in actions} == set(actions_posees())
    assert set(mots.ACTES) <= set(actions_posees())


def test_une_action_sans_phrase_se_voit(hugo, awa):
    journal.inscrire("dossier imprimé", par=awa)
    assert not est_dit(lus(hugo)[0])


@pytest.mark.parametrize(
    ("source", "lues", "muettes"),
    [
        ('inscrire("a", par=x)', {"a"}, []),
        ('journal.inscrire("a")', {"a"}, []),
        ('personne.inscrire(par=x, nom="Roche")', set(), []),
        ('def f(b):\n    mot = "a" if b else "c"\n    inscrire(mot)', {"a", "c"}, []),
        ('def f(self, mot):\n    inscrire(mot)\nx.f("a")', {"a"}, []),
        ("inscrire(calculer())", set(), [1]),
        ('@acces(Copie, action="a")\ndef vue(request): ...', {"a"}, []),
        ('montrer(request, "a", lignes=1)', {"a"}, []),
        ('partial(inscrire, "a")', {"a"}, []),
    ],
)
def test_les_sources_se_lisent(source, lues, muettes):
    assert dites(source) == (lues, muettes)


def test_le_sql_se_lit():
    assert en_sql("PERFORM jalon_inscrire(coalesce(c, 0), acteur(), 'a', motif)") == {"a"}
    assert en_sql("PERFORM jalon_inscrire(c, a, CASE x WHEN '+' THEN 'b' ELSE 'c' END, m)") == {"b", "c"}


@pytest.mark.parametrize(
    ("charge", "phrase"),
    [
        ({"page": "synthese:exporter_piste"}, "a exporté la piste d’audit"),
        ({"page": "synthese:exporter_liste"}, "a exporté sa liste « mes parcours »"),
        ({"page": "registre des effacements"}, "a exporté le registre des effacements"),
        ({"page": "coordination:copie_pdf"}, "a exporté une copie remise à la personne (PDF)"),
        ({"genre": "journal"}, "a exporté le journal"),
        ({}, "a exporté des données"),
    ],
)
def test_un_export_dit_ce_qui_est_parti(hugo, charge, phrase):
    journal.inscrire("export", par=hugo, lignes=1, **charge)
    trait = lus(hugo)[0]
    assert (trait.phrase, trait.detail) == (phrase, "1\xa0ligne")


def test_chaque_export_pose_par_une_page_a_son_mot(client, confirmee, hugo, awa, parcours):
    """Les pages elles-mêmes, et non la charge qu'on leur suppose."""
    confirmee(awa).get(reverse("synthese:exporter_liste"))
    confirmee(awa).get(reverse("pilotage:exporter_collectives"))
    confirmee(hugo).get(reverse("parcours:registre_effacements"))
    confirmee(hugo).post(reverse(EXPORT), {"format": "ods"})
    phrases = {trait.phrase for trait in lus(hugo, nature="exports")}
    assert phrases == {f"a exporté {mots.EXPORTS[page]}" for page in DES_PAGES}


def test_chaque_page_d_un_dossier_a_son_mot():
    """Une page nouvelle se dit en français au journal ; un fichier, un envoi ou un fragment n'est pas une page."""
    muettes = {route.nom for route in routes_d_un_dossier()} - set(mots.PAGES)
    assert muettes == PAS_DES_PAGES


def test_le_filtre_refus_montre_ce_que_le_serveur_refuse(hugo, awa):
    hostile = Client(enforce_csrf_checks=True)
    hostile.force_login(awa)
    assert hostile.post(reverse("parcours:ouvrir"), {"nom": "x"}).status_code == 403
    assert hostile.get("/nulle-part/").status_code == 404
    assert hostile.options(reverse("parcours:registre_effacements")).status_code == 405
    traits = lus(hugo, nature="refus")
    assert len(traits) == 3
    assert {trait.nature for trait in traits} == {"r"}
    assert "Adresse inconnue" in {trait.detail for trait in traits}
    assert not [trait for trait in traits if trait.detail == "Demande refusée"]
