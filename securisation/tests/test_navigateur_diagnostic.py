"""Au navigateur : d'une orientation saisie au diagnostic validé et à son document, par les écrans seulement."""

import pytest
from playwright.sync_api import expect

from securisation.documents.models import Document
from securisation.parcours.models import Parcours

pytestmark = pytest.mark.django_db(transaction=True)
CRITERES = (
    "facteurs_identifies",
    "droit_commun_mobilise_ou_mobilisable",
    "trajectoire_fragile_malgre_ces_mobilisations",
    "action_ciblee_necessaire",
)


def orienter(visite):
    """Ouvre le parcours de Mme Diallo depuis « Mes parcours »."""
    visite.suivre("Ouvrir un parcours").titre("Ouvrir un parcours")
    visite.ecrire(prenom="Fatou", nom="Diallo", annee_naissance="1984", telephone="06 39 98 20 06")
    visite.ecrire(commune="Laval", code_postal="53000", demande="Deux loyers de retard, un courrier non ouvert.")
    visite.page.get_by_label("Origine").select_option(index=1)
    return visite.presser("Ouvrir le parcours").titre("Fatou Diallo")


def qualifier(visite):
    """Admet la personne dans le dispositif."""
    visite.suivre("Qualifier la demande").titre("Qualifier la demande")
    visite.choisir(**dict.fromkeys(CRITERES, "Oui"), releve_exclusivement_de_l_urgence="Non", decision="Admise")
    visite.ecrire(motif="Impayé et perte de revenus liés.")
    return visite.presser("Enregistrer la décision").lit("Décision enregistrée.")


def recueillir(visite, finalite):
    """Note un accord donné par la personne, écrit et signé."""
    visite.suivre("Recueillir un accord").titre("Recueillir un accord")
    visite.choisir(finalite=finalite, reponse="La personne accepte")
    visite.page.get_by_label("Preuve").select_option("écrit signé")
    return visite.presser("Enregistrer sa réponse").lit("Accord enregistré.")


def coter(visite, niveau, sien, bouton="Enregistrer et continuer", **textes):
    """Cote l'axe de la page ouverte, au dire du professionnel et de la personne."""
    visite.page.locator(f"[name=criticite][value='{niveau}']").check()
    visite.page.locator(f"[name=criticite_de_la_personne][value='{sien}']").check()
    return visite.ecrire(**textes).presser(bouton)


def test_de_l_orientation_au_document(visite, awa, travailler):
    visite.entrer(awa).titre("Mes parcours").constater("Mes parcours, vide")
    orienter(visite)
    qualifier(visite)
    recueillir(visite, "Information remise")
    recueillir(visite, "Adhésion libre")
    visite.constater("Fatou Diallo, admise")
    visite.suivre("Ouvrir le diagnostic").constater().presser("Ouvrir le diagnostic")
    visite.titre("Diagnostic sur cinq axes")
    remplir_les_cinq_axes(visite)
    examiner_les_suites(visite)
    visite.suivre("Noter sa priorité").titre("Ce que dit la personne")
    visite.ecrire(priorite_de_la_personne="Garder mon logement.").presser("Enregistrer")
    visite.suivre("Relire et valider").titre("Relire le diagnostic").suivre("Valider ce diagnostic")
    visite.titre("Valider le diagnostic").presser("Valider et produire le document")
    visite.titre("Diagnostic de sécurisation du parcours").lit("Document en préparation")
    visite.page.reload()
    visite.lit("Document en préparation")
    travailler()
    visite.lit("Document prêt").constater("Document prêt")
    with visite.page.expect_download() as telechargement:
        visite.suivre("Télécharger")
    fichier = telechargement.value
    document = Document.objects.get()
    assert fichier.suggested_filename == f"{document.numero}.pdf"
    assert fichier.path().read_bytes().startswith(b"%PDF-1.7")


def remplir_les_cinq_axes(visite):
    """Cote les cinq axes ; sur le logement, un facteur, sa date, ce que dit la personne."""
    visite.suivre("Commencer").titre("Administratif et juridique")
    coter(visite, 1, "sans").titre("Budget")
    coter(visite, 1, 2, parole="Je compte tout au plus juste.").titre("Logement et conditions matérielles")
    visite.page.get_by_label("Dette locative").check()
    visite.presser("Ajouter").choisir(**{"constate_LOG-01": "Document vu"}).ecrire(**{"echeance_LOG-01": "01/09/2026"})
    visite.constater("Logement, un facteur retenu")
    coter(visite, 3, 4, parole="Je ne dors plus à cause du loyer.").titre("Organisation fonctionnelle du quotidien")
    coter(visite, 0, 0).titre("Trajectoire professionnelle / formation")
    coter(visite, 1, 1).titre("Diagnostic sur cinq axes")


def examiner_les_suites(visite):
    """Retient la suite proposée."""
    visite.suivre("Effets domino").titre("Effets domino")
    visite.presser("Retenir cette suite").lit("L’enchaînement retenu").constater("Effets domino, retenu")
    visite.suivre("Revenir aux axes").titre("Diagnostic sur cinq axes")


def test_un_axe_incomplet_revient_avec_ses_erreurs_et_rien_n_est_perdu(visite, parcours_admis, awa):
    visite.entrer(awa, parcours_admis.get_absolute_url()).suivre("Ouvrir le diagnostic").presser("Ouvrir le diagnostic")
    visite.suivre("Commencer").ecrire(parole="Je ne dors plus.").presser("Enregistrer et continuer")
    visite.lit("Une réponse est à corriger").constater("Un axe en erreur")
    assert visite.page.title().startswith("Erreur")
    expect(visite.page.locator("[name=parole]")).to_have_value("Je ne dors plus.")


def test_sans_javascript_une_orientation_et_un_axe(new_context, live_server, connecter, awa, parcours_admis):
    page = new_context(java_script_enabled=False).new_page()
    connecter(page, awa)
    page.goto(live_server.url)
    page.get_by_role("link", name="Ouvrir un parcours").first.click()
    page.locator("[name=pseudonyme]").fill("Mésange")
    page.get_by_label("Origine").select_option(index=1)
    page.get_by_role("button", name="Ouvrir le parcours").click()
    expect(page.locator("h1")).to_have_text("Mésange")
    page.goto(live_server.url + parcours_admis.get_absolute_url())
    page.get_by_role("link", name="Ouvrir le diagnostic").click()
    page.get_by_role("button", name="Ouvrir le diagnostic").click()
    page.get_by_role("link", name="Logement et conditions matérielles").click()
    page.locator("[name=criticite][value='3']").check()
    page.get_by_label("Dette locative").check()
    page.get_by_role("button", name="Ajouter").click()
    expect(page.locator("[name=criticite][value='3']")).to_be_checked()
    page.get_by_label("Document vu").check()
    page.get_by_label("Ne se prononce pas").check()
    page.get_by_role("button", name="Enregistrer et revenir aux axes").click()
    expect(page.get_by_text("3 · Critique")).to_be_visible()
    assert Parcours.objects.count() == 2
