"""La feuille d'entretien : imprimable, accessible, sans nom ; et le jour de l'entretien, que la saisie différée garde."""

import datetime

import page as lecteur
import pytest
from pypdf import PdfReader

from diagnostics import pdf
from diagnostics.instantane import instantane
from diagnostics.models import EvaluationAxe
from diagnostics.tests import recits
from diagnostics.tests.recits import page, saisie
from securisation.annuaire.models import Ancrage, Axe, Criticite
from securisation.documents.tests import instantanes as essai
from securisation.socle import horloge
from securisation.socle.entetes import SANS_RIEN

pytestmark = pytest.mark.django_db


def lire(contenu):
    """Le texte d'un PDF, page par page."""
    import io

    return [feuille.extract_text() for feuille in PdfReader(io.BytesIO(contenu)).pages]


class TestFeuille:
    def test_suit_les_deux_normes(self):
        contenu = pdf.feuille("P-2026-0001").contenu
        fautes = [f.rule_id for n in ("3a", "ua1") for f in lecteur.validate_pdf_bytes(contenu, profile=n).failures]
        assert fautes == []

    def test_une_page_par_axe_et_chaque_niveau_en_clair(self):
        pages = [" ".join(texte.split()) for texte in lire(pdf.feuille().contenu)]
        assert len(pages) == 6
        for axe, texte in zip(Axe.objects.ouverts(), pages[1:], strict=True):
            assert axe.libelle_facile_a_lire in texte
            assert all(f"{c.niveau} · {c.libelle}" in texte.replace("\u00a0", " ") for c in Criticite.objects.ouverts())
            phrases = Ancrage.objects.ouverts().filter(axe=axe).values_list("ancrage", flat=True)
            assert sum(phrase[:18] in texte for phrase in phrases) >= 3
            assert texte.index("Ses mots") < texte.index("Le niveau") < texte.index("Ce qui protège")

    def test_porte_le_numero_jamais_le_nom(self, chez, awa, diagnostic):
        reponse = chez(awa).get(page("feuille", diagnostic))
        numero = diagnostic.parcours.numero
        assert reponse["Content-Disposition"] == f'attachment; filename="feuille-entretien-{numero}.pdf"'
        assert reponse["Content-Security-Policy"] == SANS_RIEN
        texte = " ".join(lire(reponse.content))
        assert numero in texte.replace("\u2011", "-")
        assert "Diallo" not in texte
        assert "Fatou" not in texte

    def test_vierge_pour_tout_professionnel_jamais_pour_un_inconnu(self, chez, elsa, client):
        assert client.get("/diagnostics/feuille.pdf").status_code == 302
        reponse = chez(elsa).get("/diagnostics/feuille.pdf")
        assert reponse.content.startswith(b"%PDF")
        assert "P-2026" not in " ".join(lire(reponse.content))

    def test_une_autre_equipe_ne_l_a_pas(self, chez, elsa, diagnostic):
        assert chez(elsa).get(page("feuille", diagnostic)).status_code == 404


class TestRecueilliLe:
    def test_se_garde_se_relit_et_figure_au_document(self, chez, awa, diagnostic, logement):
        chez(awa).post(page("axe", logement), saisie(logement, "LOG-01", recueilli_le="03/03/2026"))
        logement.refresh_from_db()
        assert logement.recueilli_le == datetime.date(2026, 3, 3)
        assert "Recueilli le" in chez(awa).get(page("relire", diagnostic)).content.decode()
        contenu = instantane(diagnostic)
        fige = next(a for a in contenu["axes"] if a["code"] == "LOG")
        assert fige["recueilli_le"] == "2026-03-03"

    @pytest.mark.parametrize("jour", ["31/12/2099", "hier", "01/01/1999"])
    def test_refuse_un_jour_impossible_et_rend_la_saisie(self, jour, chez, awa, logement):
        reponse = chez(awa).post(page("axe", logement), saisie(logement, "LOG-01", recueilli_le=jour))
        assert reponse.status_code == 422
        assert f'value="{jour}"' in reponse.content.decode()
        assert EvaluationAxe.objects.get(pk=logement.pk).est_vierge

    def test_l_acte_refuse_un_jour_a_venir(self, awa, logement):
        from django.core.exceptions import ValidationError

        with pytest.raises(ValidationError):
            logement.coter(par=awa, recueilli_le=horloge.aujourd_hui() + datetime.timedelta(days=1))


def test_ce_qui_protege_est_a_la_relecture_et_au_document(chez, awa, rempli):
    logement = recits.axe(rempli, "LOG")
    logement.coter(par=awa, points_d_appui="Bailleur joignable\n\nSon frère")
    texte = chez(awa).get(page("relire", rempli)).content.decode()
    assert texte.count("Rien n’est noté") == 4
    assert "Son frère" in texte
    contexte = pdf.contexte(instantane(rempli) | {"document": essai.diagnostic()["document"]})
    assert next(a["appuis"] for a in contexte["axes"] if a["code"] == "LOG") == ["Bailleur joignable", "Son frère"]
