"""Au navigateur : la piste d'audit se filtre, se déplie et s'exporte ; une alerte se regarde ; un lecteur arrêté dit pourquoi."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from securisation.socle import horloge, journal, rythme
from securisation.socle.models import Evenement, LectureRecente
from securisation.synthese.models import Alerte
from securisation.synthese.surveillance import controler

pytestmark = pytest.mark.django_db(transaction=True)


def test_la_piste_se_filtre_et_se_deplie(visite, parcours, awa, gaelle):
    controler()
    parcours.modifier(par=awa, demande="Trois loyers de retard.")
    for _ in range(60):
        journal.inscrire("lecture", parcours=parcours, objet=parcours, par=awa, page="synthese:parcours")
    journal.inscrire("refus", par=awa, genre="Introuvable", route="synthese:parcours")
    visite.entrer(gaelle, "/").suivre("Piste d’audit").titre("Piste d’audit").lit("Chaîne vérifiée le").lit("Refusé")
    visite.suivre("Plus anciens").lit("Plus récents")
    visite.page.get_by_label("Nature").select_option("Écritures")
    expect(visite.page.get_by_text("a ouvert la page du parcours")).to_have_count(0)
    expect(visite.page.get_by_role("link", name="Exporter la sélection")).to_have_attribute(
        "href", "/piste/exporter/?nature=ecritures"
    )
    visite.page.locator("details summary").first.click()
    visite.lit("Trois loyers de retard.").constater("Piste d'audit, un avant et après")
    visite.page.get_by_label("Personne").fill("personne ainsi nommée")
    visite.presser("Filtrer").lit("Aucun parcours ne correspond").constater("Piste d'audit, vide")


def test_le_delegue_regarde_une_alerte_et_va_a_la_piste(visite, parcours, awa, hugo):
    moment = horloge.maintenant()
    visite.entrer(hugo, "/").suivre("Alertes").titre("Alertes").lit("Rien à regarder")
    journal.inscrire("lecture", parcours=parcours, objet=parcours, par=awa, page="synthese:parcours")
    Alerte.lever("nuit", acteur=awa.pk, cle="x", nombre=1, du=moment, au=moment)
    visite.page.reload()
    visite.suivre("Awa Diarra").titre("Dossiers ouverts la nuit")
    visite.suivre("Voir dans la piste d’audit").constater("Piste d'audit du délégué").lit(parcours.numero)
    expect(visite.page.get_by_text("Diallo")).to_have_count(0)
    visite.page.go_back()
    visite.presser("Marquer comme regardée").constater("Alerte à corriger")
    visite.ecrire(note="Vu avec sa superviseure : astreinte du week-end.").presser("Marquer comme regardée")
    visite.lit("Alerte regardée, votre note est gardée.").suivre("Regardées").constater("Alertes regardées")
    visite.suivre("Awa Diarra").lit("astreinte du week-end").constater("Alerte regardée")


def test_un_lecteur_arrete_dit_pourquoi(visite, parcours, awa, settings):
    settings.RYTHME_DES_LECTURES = True
    LectureRecente.objects.bulk_create(
        LectureRecente(acteur=awa.pk, chaine=10**6 + rang, vu_le=horloge.maintenant()) for rang in range(rythme.PLAFOND)
    )
    visite.entrer(awa, parcours.get_absolute_url()).titre("Vous avez ouvert beaucoup de dossiers en peu de temps")
    visite.suivre("Dire pourquoi").titre("Dire pourquoi vous ouvrez ces dossiers")
    visite.ecrire(motif="Relecture trimestrielle des parcours de l'équipe.").presser("Enregistrer et continuer")
    visite.lit("cinquante dossiers de plus")
    visite.page.goto(visite.racine + parcours.get_absolute_url())
    visite.lit("Fatou Diallo")


def test_l_export_se_telecharge(visite, parcours, gaelle, monkeypatch):
    from securisation.socle import confirmation

    monkeypatch.setattr(confirmation, "est_recente", lambda request: True)
    visite.entrer(gaelle, reverse("synthese:piste")).suivre("Exporter la sélection").titre("Exporter la piste d’audit")
    with visite.page.expect_download() as telechargement:
        visite.presser("Exporter")
    texte = telechargement.value.path().read_text(encoding="utf-8-sig")
    assert parcours.numero in texte
    assert "Diallo" not in texte
    assert Evenement.objects.get(action="export").acteur == gaelle
