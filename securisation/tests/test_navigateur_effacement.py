"""Au navigateur : la personne demande, deux personnes décident, le dossier s'efface, le certificat se lit."""

import re

import pytest
from playwright.sync_api import expect

from securisation.parcours import conservation
from securisation.parcours.models import Conservation, Parcours
from securisation.tests.distribution import construire_parcours
from securisation.tests.dossiers import au_jour, construire

pytestmark = pytest.mark.django_db(transaction=True)


class TestEffacement:
    def test_de_la_demande_au_certificat(self, visite, distribution, travailler):
        awa, gaelle, hugo = (distribution[nom] for nom in ("awa", "gaelle", "hugo"))
        parcours = construire("clos", distribution)[Parcours]
        visite.entrer(awa, parcours.get_absolute_url()).menu("Demander l’effacement…")
        visite.titre(f"Demander l’effacement du parcours {parcours.numero}")
        visite.page.get_by_label("De vive voix").check()
        visite.presser("Demander l’effacement").titre(f"Effacement du parcours {parcours.numero}")
        assert visite.page.goto(visite.racine + parcours.get_absolute_url()).status == 404
        visite.entrer(gaelle, "/effacements/").titre("Effacements")
        visite.suivre(f"Parcours {parcours.numero}").suivre("Décider").titre(
            f"Accepter l’effacement du parcours {parcours.numero}"
        )
        visite.presser("Accepter l’effacement").lit("Votre décision est prise.")
        assert visite.page.get_by_role("link", name="Décider").count() == 0
        visite.entrer(hugo, "/effacements/").suivre(f"Parcours {parcours.numero}").suivre("Décider")
        visite.titre(f"Ordonner l’effacement du parcours {parcours.numero}").presser("Ordonner l’effacement").lit(
            "Effacement en cours"
        )
        visite.constater("Effacement en cours")
        travailler()
        visite.lit("Le dossier est effacé")
        visite.page.reload()
        expect(visite.page.locator("h1")).to_have_text(re.compile("Dossier effacé, certificat E-"))
        visite.constater("Dossier effacé").suivre("Lire le certificat").titre("Certificat d’effacement")
        visite.lit("Empreinte vérifiée")
        with visite.page.expect_download() as telechargement:
            visite.suivre("Télécharger le PDF")
        assert telechargement.value.suggested_filename.startswith("E-")
        assert not Parcours.objects.filter(pk=parcours.pk).exists()

    def test_la_conservation_d_un_dossier(self, visite, distribution):
        awa, bruno, hugo = (distribution[nom] for nom in ("awa", "bruno", "hugo"))
        visite.entrer(hugo, "/conservation/").titre("Conservation").lit("Aucun dossier n’est archivé.")
        for ecart, nom in ((-705, "Roche"), (-712, "Petit"), (-715, "Garnier")):
            with au_jour(ecart):
                construire_parcours(awa, intervenant=bruno, nom=nom)
        conservation.tenir_le_jour()
        premiere = Conservation.objects.order_by("terme").first()
        visite.entrer(hugo, "/conservation/").constater("Conservation pleine")
        visite.suivre(f"Archiver le parcours {premiere.parcours.numero}")
        visite.titre(f"Archiver le parcours {premiere.parcours.numero}")
        visite.ecrire(motif="Un litige avec le bailleur court devant le tribunal.").presser("Archiver le dossier")
        visite.lit("Un litige avec le bailleur").constater("Conservation avec archive")
        visite.suivre("Registre des traitements").titre("Registre des traitements")
        visite.entrer(hugo, "/effacements/").constater("Effacements à décider")
