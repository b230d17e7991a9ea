"""La copie de la personne se lit : des mots plutôt que des codes, des durées vraies, ses recours."""

import re

import pytest
from django.template.loader import render_to_string

from interventions.tests.conftest import diagnostiquer
from securisation.annuaire.models import Criticite, Finalite
from securisation.coordination.fabrique import instantane
from securisation.coordination.pdf import contexte_de_la_copie
from securisation.coordination.tests.test_copie import demander, rubrique
from securisation.documents.typographie import jour
from securisation.parcours.conservation import PREAVIS, terme
from securisation.parcours.models import Demande, Parcours
from securisation.socle.copie import _libelle
from securisation.tests import dossiers

pytestmark = pytest.mark.django_db


class TestLireLaCopie:
    """Ce que la personne lit : des mots, des durées vraies, ses recours."""

    def champs(self, fiche):
        return [*fiche["champs"], *(champ for f in fiche["fiches"] for champ in self.champs(f))]

    def test_un_niveau_se_lit_avec_son_mot(self, parcours_admis, awa):
        diagnostiquer(parcours_admis, awa)
        mots = dict(Criticite.objects.values_list("niveau", "libelle"))
        fiches = rubrique(instantane(demander(parcours_admis, awa)), "diagnostic")
        niveaux = [c for f in fiches for c in self.champs(f) if c["nom"] == "criticite"]
        assert {c["lu"] for c in niveaux} == {f"{c['valeur']}, {mots[c['valeur']].lower()}" for c in niveaux}
        assert len(niveaux) == parcours_admis.diagnostics.get().evaluations.exclude(criticite=None).count() > 0

    def test_un_document_dit_ses_accords_par_leur_nom(self, distribution, awa):
        parcours = dossiers.construire("clos", distribution)[Parcours]
        fiches = rubrique(instantane(demander(parcours, awa)), "documents")
        accords = " ".join(c["lu"] for f in fiches for c in f["champs"] if c["nom"] == "finalites")
        assert Finalite.objects.get(code="ADHESION").libelle in accords
        assert not re.search(r"\b[A-Z]{5,}\b", accords)

    def test_une_raison_de_taire_dit_d_abord_ce_qui_est_tu(self, parcours, awa):
        tu = instantane(demander(parcours, awa))["tu"]
        assert len({raison[:30] for raison in tu}) == len(tu)
        assert all(raison.startswith(("Le ", "Les ", "La ", "Vos ", "Pourquoi ", "Ce qu")) for raison in tu)

    def test_les_durees_sont_celles_de_l_application(self, parcours, awa):
        contexte = contexte_de_la_copie(instantane(demander(parcours, awa)))
        dites = " ".join(contexte["durees"])
        parcours.refresh_from_db()
        assert f"gardé jusqu’au {jour(terme(parcours.derniere_nouvelle_le).isoformat())} au moins" in dites
        assert f"{PREAVIS.days} jours avant" in dites
        assert "deux ans après les dernières nouvelles" in dites
        assert "sept jours chez nous" in dites

    def test_dit_comment_saisir_la_cnil(self, parcours, awa):
        contexte = contexte_de_la_copie(instantane(demander(parcours, awa)))
        page = render_to_string("coordination/pdf/copie.html", contexte)
        assert "www.cnil.fr" in page
        assert "3 place de Fontenoy, TSA 80715, 75334\xa0Paris\xa0Cedex\xa007" in page
        titres = [titre for _, titre in contexte["sommaire"]]
        assert all(f'id="{ancre}"' in page for ancre, _ in contexte["sommaire"])
        assert "La conservation de vos données et vos recours" in titres

    def test_une_empreinte_tient_sur_sa_ligne(self, distribution, awa):
        parcours = dossiers.construire("clos", distribution)[Parcours]
        page = render_to_string(
            "coordination/pdf/copie.html", contexte_de_la_copie(instantane(demander(parcours, awa)))
        )
        document = parcours.documents.first()
        assert f'<td class="fin">{document.empreinte}</td>' in page

    def test_qui_a_repondu_se_lit_avec_ses_accents(self):
        libelles = {c.name: _libelle(c) for c in Demande._meta.concrete_fields}
        assert (libelles["repondue_par"], libelles["enregistree_par"]) == ("répondue par", "enregistrée par")
