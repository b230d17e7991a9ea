"""L'instantané du diagnostic : ce que le document montre, et rien d'autre."""

import json
import re

import pytest

from diagnostics import pdf
from diagnostics.instantane import instantane
from diagnostics.tests import recits
from securisation.annuaire.models import Facteur
from securisation.annuaire.models.situation import lisible
from securisation.documents import genres
from securisation.documents.models import Document
from securisation.socle import horloge

pytestmark = pytest.mark.django_db


def test_porte_les_cinq_axes_et_les_mots_de_la_personne(rempli, awa):
    recits.axe(rempli, "LOG").coter(par=awa, parole="J'ai honte.", points_d_appui="Bailleur joignable\n\nSon frère")
    fige = instantane(rempli)
    logement = next(axe for axe in fige["axes"] if axe["code"] == "LOG")
    assert [axe["code"] for axe in fige["axes"]] == ["ADM", "BUD", "LOG", "ORG", "PRO"]
    assert (logement["niveau"], logement["niveau_personne"], logement["parole"]) == (3, 3, "J'ai honte.")
    assert logement["points_d_appui"] == ["Bailleur joignable", "Son frère"]
    assert logement["ancrage"].startswith("Commandement de payer")
    assert [f["code"] for f in logement["facteurs"]] == ["LOG-01"]
    assert fige["diagnostic"]["priorite"] == "Garder le logement."
    assert fige["referent"]["nom"] == "Awa Diarra"
    assert json.loads(json.dumps(fige)) == fige


def test_ne_porte_ni_coordonnee_ni_identifiant_interne(rempli):
    texte = json.dumps(instantane(rempli), ensure_ascii=False)
    assert "06 39 98 20 06" not in texte
    assert str(rempli.uuid) not in texte


def test_separe_le_motif_d_une_suite_ecartee_et_la_note_d_une_suite_retenue(rempli, awa):
    domino = rempli.dominos.first()
    domino.examiner(par=awa, retenu=False, note="Bailleur prévenu.")
    lu = instantane(rempli)["dominos"][0]
    assert (lu["retenu"], lu["motif"], lu["note"]) == (False, "Bailleur prévenu.", "")


def test_dit_les_partages_en_cours(rempli, awa):
    from securisation.annuaire.models import Finalite
    from securisation.parcours.models import Accord

    accord = Accord(parcours=rempli.parcours, finalite=Finalite.objects.get(code="PARTAGE"))
    jour = horloge.aujourd_hui()
    accord.recueillir(par=awa, le=jour, partenaire="CROUS", axes=["LOG"], jusqu_au=jour, mode="oral")
    assert instantane(rempli)["partages"] == [
        {"partenaire": "CROUS", "axes": ["Logement et conditions matérielles"], "jusqu_au": jour.isoformat()}
    ]


def test_se_lit_dans_le_document(rempli, awa):
    rempli.valider(par=awa)
    donnees = Document.objects.get().donnees
    contexte = pdf.contexte(donnees)
    assert contexte["resultat"] == "Un axe critique, quatre axes à surveiller"
    assert genres.produire("diagnostic", donnees).pages >= 2


def test_tient_son_nombre_de_requetes(rempli, django_assert_num_queries):
    from diagnostics.models import Diagnostic

    relu = Diagnostic.objects.get(pk=rempli.pk)
    with django_assert_num_queries(13):
        instantane(relu)


@pytest.mark.parametrize(
    ("brut", "montre"),
    [
        (
            "Prestation CAF/MSA suspendue (APL, RSA, prime d'activité ; AAH → ADM-03)",
            "Prestation CAF/MSA suspendue (APL, RSA, prime d'activité)",
        ),
        (
            "Absence de garde/mobilité empêchant la reprise (voir ORG-03, ORG-06)",
            "Absence de garde/mobilité empêchant la reprise",
        ),
        ("Impayé → commandement de payer", "Impayé, puis commandement de payer"),
        ("Dette locative", "Dette locative"),
    ],
)
def test_les_renvois_du_referentiel_ne_se_montrent_pas(brut, montre):
    assert lisible(brut) == montre


def test_aucun_facteur_du_referentiel_ne_montre_de_renvoi():
    montres = [lisible(facteur.libelle) for facteur in Facteur.objects.all()]
    assert len(montres) > 50
    assert [m for m in montres if "→" in m or re.search(r"[A-Z]{3}-[0-9]{2}", m)] == []
