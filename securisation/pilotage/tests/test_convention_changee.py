"""Une convention changée après la publication : l'édition parue n'en bouge pas d'un octet ; sa correction, elle, part de la nouvelle."""

import io
import json
import re
from datetime import date

import pytest
from pypdf import PdfReader

from securisation.comptes.models import Equipe
from securisation.pilotage import conventions
from securisation.pilotage.edition import actes, classeur, pdf
from securisation.pilotage.models import FichierDEdition

from .test_vues import adresse, entrer

pytestmark = pytest.mark.django_db
GENRES = FichierDEdition.Genre.values


@pytest.fixture
def changer(jean, champs):
    """Change de la convention ce qui définit une édition : financeur, équipes, période, ce qui est payé."""

    def faire(convention):
        autres = {"financeur": "Une autre région", "objet_paye": "Tout autre chose.", "numero": "2024-9"}
        autres |= {
            "du": date(2024, 7, 1),
            "au": date(2026, 6, 30),
            "equipes": [Equipe.objects.create(nom="Équipe neuve")],
        }
        return conventions.modifier(convention.uuid, par=jean, version=1, **(champs | autres))

    return faire


def page(client, farid, edition):
    """La page que lit le financeur, sans les jetons propres à chaque réponse."""
    texte = entrer(client, farid).get(adresse("edition", edition)).content.decode()
    return re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken": ?)"[^"]*"', "", texte)


def fichiers(client, edition):
    """{genre: octets téléchargés}."""
    return {genre: client.get(adresse("telecharger", edition, genre)).content for genre in GENRES}


class TestEditionParue:
    def test_rien_n_en_change_d_un_octet(self, client, farid, avec_fichiers, changer):
        avant, telecharges = page(client, farid, avec_fichiers), fichiers(client, avec_fichiers)
        changer(avec_fichiers.convention)
        assert page(client, farid, avec_fichiers) == avant and "Département d’essai" in avant
        assert fichiers(client, avec_fichiers) == telecharges and all(telecharges.values())
        liste = client.get(adresse("editions")).content.decode()
        assert "Une autre région" not in liste and "Département d’essai" in liste
        assert "Une autre région" in client.get(adresse("convention", avec_fichiers.convention)).content.decode()

    def test_ni_ce_qui_se_produirait_apres(self, client, farid, jean, avec_fichiers, changer):
        """Composés de nouveau, ses tableaux et les données de son PDF sont les mêmes : rien ne relit la convention."""
        csv, donnees = bytes(avec_fichiers.fichiers.get(genre="csv").contenu), pdf.pieces_jointes(avec_fichiers)
        changer(avec_fichiers.convention)
        relue = actes.trouver(avec_fichiers.uuid, par=jean)
        assert classeur.produire(relue, "csv").octets == csv
        assert pdf.pieces_jointes(relue) == donnees

    def test_ni_ses_fichiers_quand_elle_change_avant_qu_ils_soient_produits(self, publiee, changer, solder):
        changer(publiee.convention)
        solder()
        octets = {f.genre: bytes(f.contenu) for f in publiee.fichiers.all()}
        lu = PdfReader(io.BytesIO(octets["pdf"]))
        jointes = json.loads(lu.attachments["donnees.json"][0])
        assert jointes["definition"]["convention"]["financeur"] == "Département d'essai"
        assert jointes["definition"]["libelles"]["equipes"] == ["Équipe de Laval"]
        for texte in (octets["csv"].decode(), " ".join(p.extract_text() for p in lu.pages)):
            assert "Une autre région" not in texte and "Équipe neuve" not in texte and "2024-9" not in texte
            assert "Équipe de Laval" in texte


class TestCorrection:
    def test_part_de_la_convention_d_aujourd_hui_et_l_ancienne_reste(
        self, client, farid, jean, avec_fichiers, changer, calcul, solder
    ):
        entrer(client, farid)
        figee, telecharges = avec_fichiers.definition, fichiers(client, avec_fichiers)
        changer(avec_fichiers.convention)
        neuve = actes.corriger(avec_fichiers.uuid, par=jean, mot="La convention a changé.")
        solder()
        definition, registre = calcul.recus[-1]
        assert definition["convention"] == {
            "numero": "2024-9", "financeur": "Une autre région", "objet_paye": "Tout autre chose.",
            "du": "2024-07-01", "au": "2026-06-30",
        }  # fmt: skip
        assert definition["libelles"]["equipes"] == ["Équipe neuve"]
        assert [definition["cles"][borne] for borne in ("du", "au")] == ["2025-01-01", "2025-12-31"], "la même période"
        assert [lu.equipes for lu, _ in registre.publiees] == [tuple(figee["cles"]["equipes"])], (
            "attaquée contre l'ancienne"
        )
        actes.publier(neuve.uuid, par=jean)
        solder()
        avec_fichiers.refresh_from_db()
        assert (avec_fichiers.etat, avec_fichiers.definition) == ("remplacee", figee)
        assert fichiers(client, avec_fichiers) == telecharges
        assert "Une autre région" in client.get(adresse("telecharger", neuve, "csv")).content.decode()
        assert "Département d’essai" in client.get(adresse("edition", avec_fichiers)).content.decode()
