"""Au navigateur : du parcours à ses documents, en demander un, le suivre, le retrouver."""

import pytest
from django.urls import reverse

from securisation.documents.models import Document
from securisation.tests import dossiers

pytestmark = pytest.mark.django_db(transaction=True)


def test_demander_un_plan_puis_sa_version_facile_a_lire(visite, awa, bruno, travailler):
    parcours = dossiers.en_intervention(awa, bruno)[dossiers.Parcours]
    visite.entrer(awa, parcours.get_absolute_url()).suivre("Documents (1)")
    visite.titre("Documents").lit("demandez-le d’abord").constater("Les documents d'un parcours")
    visite.presser("Demander Plan d’intervention").lit("Document en préparation")
    travailler()
    visite.page.reload()
    visite.lit("Document prêt").suivre("Tous les documents")
    visite.presser("Demander Plan d’intervention, version facile à lire")
    travailler()
    visite.page.reload()
    visite.lit("Document prêt").constater("Une version facile à lire")
    visite.suivre("Déclarer une relecture").titre("Déclarer une relecture").constater("Déclarer une relecture")
    assert set(Document.objects.values_list("genre", "etat")) == {
        ("diagnostic", "produit"), ("plan", "produit"), ("facile_plan", "produit"),
    }  # fmt: skip


def test_un_plan_remplace_mene_a_celui_qui_vaut(visite, awa, bruno, travailler):
    objets = dossiers.en_intervention(awa, bruno)
    parcours = objets[dossiers.Parcours]
    parcours.demander_document(par=awa, genre="plan")
    ancien = parcours.document
    objets[dossiers.Action].modifier(par=awa, intitule="Changée après coup")
    parcours.demander_document(par=awa, genre="plan")
    travailler()
    visite.page.set_viewport_size({"width": 390, "height": 844})
    visite.entrer(awa, reverse("documents:suivi", args=[ancien.uuid])).lit(f"Document remplacé par {parcours.document}")
    visite.constater("Un document remplacé").page.set_viewport_size({"width": 390, "height": 844})
    visite.suivre(f"Ouvrir {parcours.document}, qui vaut").lit("Document prêt")
