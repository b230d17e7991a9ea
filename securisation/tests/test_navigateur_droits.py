"""Au navigateur : la personne demande à lire son dossier et à corriger ; on répond ; le délégué suit les délais."""

import pytest

from securisation.coordination.models import Copie
from securisation.parcours.models import Demande, Parcours

pytestmark = pytest.mark.django_db(transaction=True)


def test_une_rectification_de_la_demande_a_la_reponse_reliee(visite, parcours_admis, awa, hugo):
    visite.entrer(awa, parcours_admis.get_absolute_url()).menu("Droits de la personne").titre("Droits de la personne")
    visite.suivre("Enregistrer une demande").titre("Enregistrer une demande")
    visite.choisir(genre="Rectification", moyen="De vive voix").presser("Enregistrer la demande")
    visite.lit("Écrivez ce que la personne demande de corriger.")
    visite.ecrire(texte="J'habite à Mayenne.").presser("Enregistrer la demande").titre("Rectification")
    demande = Demande.objects.get()
    visite.suivre("Corriger maintenant").menu("Fiche de la personne").ecrire(commune="Mayenne")
    visite.presser("Enregistrer la fiche").lit("Fiche enregistrée.")
    visite.entrer(awa, demande.get_absolute_url()).suivre("Répondre").titre("Répondre à la demande")
    visite.choisir(decision="Acceptée", ecritures="la personne").ecrire(reponse="Commune corrigée.")
    visite.presser("Enregistrer la réponse").lit("Corrections reliées").constater("Rectification, répondue")
    visite.entrer(hugo, "/droits-des-personnes/?vue=repondues").titre("Droits des personnes").suivre("Rectification")
    visite.lit("Commune corrigée.").lit("1 correction du dossier").constater("Rectification, lue par le délégué")
    assert visite.page.get_by_text("Diallo").count() == 0


def test_la_copie_se_prepare_se_suit_et_se_telecharge(visite, parcours_admis, awa, travailler):
    visite.entrer(awa, f"/parcours/{parcours_admis.uuid}/droits/").suivre("Préparer la copie complète")
    visite.titre("Préparer la copie complète").presser("Préparer la copie").titre("Copie complète")
    travailler()
    visite.lit("Fichiers prêts").constater("Copie complète, prête")
    for nom, debut in (("PDF, pour lire", b"%PDF-"), ("JSON, pour réutiliser", b"{")):
        with visite.page.expect_download() as telechargement:
            visite.suivre(nom)
        assert telechargement.value.path().read_bytes().startswith(debut)
    assert Copie.objects.get().etat == "prete"
    visite.suivre("Droits de la personne").suivre("Registre d’accès").titre("Registre d’accès")
    visite.lit("la copie de vos données")


def test_limiter_puis_lever(visite, parcours_admis, awa, hugo):
    visite.entrer(awa, f"/parcours/{parcours_admis.uuid}/droits/demande/")
    visite.choisir(genre="Limitation", moyen="Par courrier").presser("Enregistrer la demande").lit("En vigueur")
    visite.entrer(awa, parcours_admis.get_absolute_url()).lit("Traitement limité")
    visite.entrer(hugo, "/droits-des-personnes/").suivre("Limitation du traitement").suivre("Prolonger de deux mois")
    visite.titre("Prolonger le délai de réponse").ecrire(motif_prolongation="Deux partenaires à entendre.")
    visite.presser("Prolonger de deux mois").lit("Délai prolongé.")
    visite.suivre("Répondre").choisir(decision="Acceptée").ecrire(reponse="Entendu.").presser("Enregistrer la réponse")
    visite.suivre("Lever la limitation").titre("Lever la limitation").ecrire(motif_levee="Informée ce jour.")
    visite.presser("Lever la limitation").lit("Levée enregistrée.")
    assert Parcours.objects.get(pk=parcours_admis.pk).limite_le is None
