"""Les publics notés à la qualification, et ce qu'un code postal dit d'un territoire."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from securisation.annuaire.models import Departement, Epci, Public
from securisation.annuaire.models.territoire import code_de_departement
from securisation.parcours.copie import dossier
from securisation.parcours.forms import FormulaireQualification
from securisation.parcours.models import Qualification
from securisation.parcours.models.qualification import CRITERES
from securisation.socle.copie import Redaction

pytestmark = pytest.mark.django_db
ADMISE = dict.fromkeys(CRITERES, True) | {
    "releve_exclusivement_de_l_urgence": False,
    "decision": "admise",
    "motif": "Dette.",
}
SAISIE = dict.fromkeys(CRITERES, "oui") | {
    "releve_exclusivement_de_l_urgence": "non",
    "decision": "admise",
    "motif": "Dette.",
}


@pytest.fixture
def entrer(client, settings):
    """`entrer(awa)` : le client, connecté à ce compte."""

    def connecter(compte):
        client.force_login(compte, backend=settings.AUTHENTICATION_BACKENDS[0])
        return client

    return connecter


class TestPublics:
    def test_se_notent_dans_l_ordre_de_la_liste_et_entrent_a_l_historique(self, parcours, awa):
        Qualification(parcours=parcours).prononcer(par=awa, publics=["PUB-06", "PUB-03", "PUB-06"], **ADMISE)
        parcours.qualification.refresh_from_db()
        assert parcours.qualification.publics == ["PUB-03", "PUB-06"]
        assert parcours.qualification.history.get().publics == ["PUB-03", "PUB-06"]

    def test_restent_facultatifs(self, parcours, awa):
        Qualification(parcours=parcours).prononcer(par=awa, **ADMISE)
        assert parcours.qualification.publics == []

    @pytest.mark.parametrize("code", ["PUB-16", "PUB-99", "", "PUB-03'; DROP"])
    def test_refusent_ce_qui_revele_la_sante_et_l_inconnu(self, parcours, awa, code):
        with pytest.raises(ValidationError, match="ne se note pas ici"):
            Qualification(parcours=parcours).prononcer(par=awa, publics=["PUB-03", code], **ADMISE)
        assert not Qualification.objects.filter(parcours=parcours).exists()

    def test_un_public_ferme_ne_se_propose_plus_et_reste_lisible(self, parcours, awa, entrer):
        Qualification(parcours=parcours).prononcer(par=awa, publics=["PUB-03"], **ADMISE)
        public = Public.objects.get(code="PUB-03")
        public.corriger(par=awa, ferme_le=parcours.recue_le)
        assert "PUB-03" not in FormulaireQualification().fields["publics"].queryset.values_list("code", flat=True)
        assert public.libelle in entrer(awa).get(parcours.get_absolute_url()).content.decode()

    def test_la_page_propose_les_seuls_permis_et_garde_la_saisie_refusee(self, parcours, awa, entrer):
        adresse = reverse("parcours:qualifier", args=[parcours.uuid])
        page = entrer(awa).get(adresse).content.decode()
        assert page.count('name="publics"') == Public.objects.a_la_saisie().count() == 19
        assert 'value="PUB-16"' not in page
        refus = entrer(awa).post(adresse, SAISIE | {"motif": "", "publics": ["PUB-05"]})
        assert refus.status_code == 422 and 'value="PUB-05" checked' in refus.content.decode()
        assert entrer(awa).post(adresse, SAISIE | {"publics": ["PUB-16"]}).status_code == 422
        assert entrer(awa).post(adresse, SAISIE | {"publics": ["PUB-05"]}).status_code == 302
        parcours.refresh_from_db()
        assert parcours.qualification.publics == ["PUB-05"]

    def test_sont_dits_par_leur_nom_dans_la_copie_de_la_personne(self, parcours, awa):
        Qualification(parcours=parcours).prononcer(par=awa, publics=["PUB-03"], **ADMISE)
        fiches = list(dossier(parcours, Redaction(lambda compte: "référente")))
        champ = next(c for f in fiches for c in f["champs"] if c["nom"] == "publics")
        assert champ["lu"] == "Personnes précaires ayant un logement" and champ["valeur"] == ["PUB-03"]


class TestTerritoire:
    @pytest.mark.parametrize(
        ("postal", "code"),
        [("53200", "53"), ("20137", "2A"), ("20090", "2A"), ("20600", "2B"), ("97410", "974"), ("98800", "988"), ("01000", "01"),
         ("97150", "978"), ("97133", "977"), ("97100", "971"), ("97151", "971"), ("97600", "976"), ("97500", "975"),
         ("", ""), ("5320", ""), ("ABCDE", ""), ("00100", ""), (None, "")],
    )  # fmt: skip
    def test_le_departement_se_lit_du_code_postal(self, postal, code):
        assert code_de_departement(postal) == code

    def test_tout_departement_dit_est_de_la_liste(self):
        connus = set(Departement.objects.values_list("code", flat=True))
        metropole = {code_de_departement(f"{n:02}000") for n in range(1, 96)}
        assert metropole <= connus
        assert {code_de_departement(f"{n}00") for n in range(971, 977) if n != 975} | {"975", "977", "978"} <= connus

    def test_un_code_postal_partage_n_en_designe_aucune(self):
        mayenne = Departement.objects.get(code="53")
        for code, postaux in (("A", ["53000", "53200"]), ("B", ["53200", "53500"]), ("C", [])):
            Epci.objects.create(code=code, libelle=code, departement=mayenne, codes_postaux=postaux)
        assert Epci.objects.par_code_postal() == {"53000": "A", "53500": "B"}

    def test_les_codes_se_rangent_et_se_verifient(self):
        epci = Epci(code="200", libelle="Essai", departement=Departement.objects.get(code="53"))
        epci.codes_postaux = ["53200", "53000", "53200"]
        epci.full_clean()
        assert epci.codes_postaux == ["53000", "53200"]
        epci.codes_postaux = ["Laval"]
        with pytest.raises(ValidationError, match="cinq chiffres"):
            epci.full_clean()
