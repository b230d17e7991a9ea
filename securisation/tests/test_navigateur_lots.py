"""Au navigateur : une responsable d'équipe choisit un lot, voit ce qui manque, le lance, le suit et le télécharge."""

import zipfile

from django.urls import reverse

from securisation.socle import confirmation
from securisation.synthese.models import LotDeDocuments
from securisation.tests import dossiers
from securisation.tests.lots import valide


def test_un_lot_se_choisit_se_suit_et_se_telecharge(visite, awa, bruno, gaelle, travailler, monkeypatch):
    monkeypatch.setattr(confirmation, "est_recente", lambda request: True)
    valide(awa, bruno)
    dossiers.admis(awa, bruno)
    visite.entrer(gaelle, reverse("synthese:mes_parcours")).suivre("Documents en lot").titre("Documents en lot")
    visite.page.get_by_label("Document", exact=True).select_option("diagnostic")
    visite.presser("Voir ce qui sortira").lit("1 document sortira, sur 2 parcours.")
    visite.page.get_by_text("Lesquels n’en auront pas, et pourquoi").click()
    visite.lit("Il se produit à la validation du diagnostic.").constater("lot, ce qui sortira")
    visite.presser("Produire 1 document").titre("Diagnostic de sécurisation du parcours")
    visite.lit("Documents en préparation")
    travailler()
    visite.lit("Lot terminé").lit("Prêt").constater("lot terminé")  # la page s'est mise à jour seule
    with visite.page.expect_download() as telechargement:
        visite.suivre("Tout télécharger (ZIP)")
    with zipfile.ZipFile(telechargement.value.path()) as recue:
        assert len(recue.namelist()) == 2 and "liste.csv" in recue.namelist()
    assert LotDeDocuments.objects.get().comptes == {"prets": 1, "manques": 1, "en_cours": 0}
