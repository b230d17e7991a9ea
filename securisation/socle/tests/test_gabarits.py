"""La charte : balises, filtres, composants et pages de refus, sans base de données."""

import re
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import include, path

from securisation.socle.templatetags import jalon

GABARITS = Path(settings.BASE_DIR) / "templates"
COMPOSANTS = sorted((GABARITS / "composants").rglob("*.*"))
TOUS = sorted(GABARITS.rglob("*.html"))
LUNDI = date(2026, 11, 23)


def vue(request):
    return HttpResponse()


TOUJOURS = {"mes_parcours": "", "aide": "aide/", "accessibilite": "accessibilite/"}  # ce que tout squelette nomme
urlpatterns = [
    path("parcours/", include(([path(ou, vue, name=nom) for nom, ou in TOUJOURS.items()], "synthese"))),
    path("dossier/", include(([path("un/", vue, name="un"), path("ouvrir/", vue, name="ouvrir")], "parcours"))),
    path("documents/", include(([path("verifier/", vue, name="verifier")], "documents"))),
    path("sortir/", vue, name="account_logout"),
]


@pytest.fixture(autouse=True)
def ce_lundi(monkeypatch):
    monkeypatch.setattr(jalon, "_aujourd_hui", lambda: LUNDI)


def rendre(source, **contexte):
    return Template("{% load jalon %}" + source).render(Context(contexte))


def professionnel(**champs):
    equipe = SimpleNamespace(nom="Équipe de Laval", association="Association Horizon")
    base = {
        "is_authenticated": True,
        "equipe_id": 1,
        "equipe": equipe,
        "nom_complet": "Awa Diarra",
        "metier": "Référente",
    }
    return SimpleNamespace(**base | {"a_fonction": lambda code: False} | champs)


class TestMaison:
    @pytest.mark.parametrize("gabarit", TOUS, ids=lambda g: str(g.relative_to(GABARITS)))
    def test_n_a_ni_style_ni_script_en_ligne(self, gabarit):
        source = gabarit.read_text()
        if "pdf" not in gabarit.parts:
            assert not re.search(
                r"<style|\sstyle=|\son(?:click|change|submit|load|input|error|focus|blur|key\w+|mouse\w+)=|hx-on|javascript:",
                source,
            )
            assert not re.search(r"<script(?![^>]*\s(?:src=|type=\"application/json\"))", source)
        assert not re.search(r"\{#[^}\n]*\n", source), "un commentaire {# #} tient sur une ligne"

    @pytest.mark.parametrize("gabarit", COMPOSANTS, ids=lambda g: g.name)
    def test_chaque_composant_dit_ses_parametres(self, gabarit):
        debut = re.sub(r"^\{% extends [^%]+%\}", "", gabarit.read_text()).lstrip()
        assert debut.startswith(("{#", "{% comment %}"))

    def test_chaque_icone_nommee_existe(self):
        connues = set(re.findall(r'id="i-([^"]+)"', (Path(settings.BASE_DIR) / "static/icons.svg").read_text()))
        nommees = {n for g in TOUS for n in re.findall(r'\{% icone "([^"]+)"', g.read_text())}
        assert nommees - connues == set()


class TestTemps:
    def test_ecrit_les_dates_en_toutes_lettres(self):
        assert jalon.date_longue(LUNDI) == "lundi 23\u00a0novembre 2026"
        assert jalon.date_longue(date(2026, 12, 1)) == "mardi 1er\u00a0décembre 2026"
        assert (jalon.date_breve(LUNDI), jalon.date_breve(date(2027, 2, 3))) == (
            "23\u00a0novembre",
            "3\u00a0février 2027",
        )
        assert jalon.date_courte(date(2026, 9, 15)) == "15\u00a0sept."

    def test_ecrit_l_heure_a_la_francaise(self):
        assert jalon.heure(datetime(2026, 11, 23, 10, 42)) == "10\u00a0h\u00a042"  # noqa: DTZ001
        assert jalon.heure(datetime(2026, 11, 23, 14, 0)) == "14\u00a0h"  # noqa: DTZ001

    @pytest.mark.parametrize(
        ("jour", "attendu"),
        [
            (23, "aujourd’hui"),
            (24, "demain"),
            (22, "depuis hier"),
            (27, "dans 4\u00a0jours"),
            (20, "depuis 3\u00a0jours"),
        ],
    )
    def test_dit_l_ecart_a_aujourd_hui(self, jour, attendu):
        assert jalon.dans(date(2026, 11, jour)) == attendu

    def test_dit_depuis_quand(self):
        assert jalon.il_y_a(date(2026, 11, 13)) == "il y a 10\u00a0jours"

    @pytest.mark.parametrize(("jour", "ton"), [(22, "late"), (23, "soon"), (30, "soon")])
    def test_choisit_le_ton_d_une_echeance(self, jour, ton):
        assert jalon.ton_echeance(date(2026, 11, jour)) == ton
        assert jalon.ton_echeance(date(2027, 1, jour)) == ""

    @pytest.mark.parametrize("filtre", [jalon.date_longue, jalon.date_breve, jalon.heure, jalon.dans, jalon.moment])
    def test_se_tait_sans_date(self, filtre):
        assert filtre(None) == ""


class TestTextes:
    def test_donne_l_element_d_un_rang_ou_rien(self):
        assert [jalon.rang(["Entrée", "Sortie"], n) for n in (0, 1, 2)] == ["Entrée", "Sortie", ""]

    def test_accorde_au_singulier_jusqu_a_un(self):
        assert [jalon.compte(n, "axe,axes") for n in (0, 1, 2)] == ["0\u00a0axe", "1\u00a0axe", "2\u00a0axes"]
        assert jalon.compte(["a", "b"], "jour,jours") == "2\u00a0jours"

    def test_separe_les_milliers(self):
        assert jalon.nombre(184213) == "184\u00a0213"

    @pytest.mark.parametrize(
        ("nom", "attendu"),
        [("Nadia Belkacem", "NB"), ("Gaëlle Le Goff", "GG"), ("K7", "K7"), ("", "?"), ("😀", "?"), ("Jean-Luc", "JL")],
    )
    def test_prend_deux_initiales(self, nom, attendu):
        assert jalon.initiales(nom) == attendu

    def test_dessine_un_niveau_avec_son_mot(self):
        source = jalon.niveau(3, "Critique")
        assert "lvl-3" in source
        assert "3\u00a0· Critique" in source

    def test_dit_qu_un_niveau_manque(self):
        assert "Non coté" in jalon.niveau(None)

    def test_borne_la_barre(self):
        assert 'width="100%" height="8" rx="4"/></svg>' in jalon.barre_temps(250, "late")

    def test_echappe_ce_qui_vient_d_une_saisie(self):
        assert "<b>" not in jalon.niveau(2, "<b>")
        assert "<b>" not in rendre('{% include "composants/fige.html" with quoi=x %}', x="<b>")


class Formulaire(forms.Form):
    nom = forms.CharField(label="Nom", help_text="Ou un code")
    le = forms.DateField(label="Date", required=False)
    niveau = forms.ChoiceField(label="Niveau", choices=[(i, str(i)) for i in range(5)], widget=forms.RadioSelect)
    accords = forms.MultipleChoiceField(choices=[("a", "A")], widget=forms.CheckboxSelectMultiple, required=False)
    confirme = forms.BooleanField(label="Je confirme")
    cache = forms.CharField(widget=forms.HiddenInput)
    axe = forms.ChoiceField(choices=[("", "Choisir")], required=False)


class TestChamp:
    def test_relie_aide_et_erreur_au_controle(self):
        source = rendre("{% champ f.nom %}", f=Formulaire({}))
        assert 'aria-describedby="id_nom_helptext id_nom_error"' in source
        assert 'id="id_nom_helptext"' in source
        assert 'id="id_nom_error"' in source
        assert "is-invalid" in source

    def test_dit_facultatif_et_jamais_d_asterisque(self):
        assert "(facultatif)" in rendre("{% champ f.le %}", f=Formulaire())
        assert "(facultatif)" not in rendre("{% champ f.nom %}", f=Formulaire())
        assert "*" not in rendre("{% champ f.nom %}", f=Formulaire())

    def test_garde_la_saisie_renvoyee(self):
        assert 'value="&lt;31/09&gt;"' in rendre("{% champ f.le %}", f=Formulaire({"le": "<31/09>"}))

    def test_saisit_une_date_au_clavier_numerique(self):
        source = rendre("{% champ f.le %}", f=Formulaire())
        assert 'inputmode="numeric"' in source
        assert "champ--court" in source

    def test_groupe_les_boutons(self):
        source = rendre("{% champ f.niveau %}", f=Formulaire({"niveau": "3"}))
        assert source.count('type="radio"') == 5
        assert re.search(r'id="id_niveau_3"\s+value="3"\s+checked', source)
        assert "<fieldset" in source

    def test_cases_selecteur_et_champ_cache(self):
        assert 'type="checkbox"' in rendre("{% champ f.accords %}", f=Formulaire())
        assert 'class="form-check-input"' in rendre("{% champ f.confirme %}", f=Formulaire())
        assert 'class="form-select"' in rendre("{% champ f.axe %}", f=Formulaire())
        assert "<label" not in rendre("{% champ f.cache %}", f=Formulaire())

    def test_montre_l_ancrage_de_chaque_niveau(self):
        niveaux = [{"valeur": i, "libelle": f"Mot {i}", "ancrage": f"<Phrase {i}>", "delai": ""} for i in range(5)]
        source = rendre("{% cartes_niveau f.niveau niveaux %}", f=Formulaire({"niveau": "2"}), niveaux=niveaux)
        assert source.count('class="opt"') == 5
        assert "&lt;Phrase 4&gt;" in source


class TestResume:
    def test_mene_a_chaque_champ(self):
        source = rendre("{% resume_erreurs f %}", f=Formulaire({"le": "31/09/2026"}))
        assert 'href="#id_nom"' in source
        assert 'href="#id_niveau_0"' in source
        assert "Cinq réponses sont à corriger" in source

    def test_se_tait_quand_tout_va_bien(self):
        assert "errsum" not in rendre("{% resume_erreurs f %}", f=Formulaire())
        assert rendre("{% titre_erreur f %}", f=Formulaire()) == ""

    def test_previent_dans_le_titre(self):
        assert rendre("{% titre_erreur f %}", f=Formulaire({})) == "Erreur : "

    def test_ajoute_les_refus_sans_champ(self):
        assert "Une réponse est à corriger" in rendre("{% resume_erreurs autres=x %}", x=["La fin précède le début."])


@pytest.mark.urls(__name__)
class TestSquelette:
    def page(self, adresse="/parcours/", **contexte):
        requete = RequestFactory().get(adresse)
        requete.resolver_match = SimpleNamespace(view_name=contexte.pop("vue", ""))
        return render_to_string("base.html", {"request": requete, "user": professionnel(), **contexte})

    def test_ne_montre_que_ce_qui_existe(self):
        source = self.page()
        assert 'href="/parcours/"' in source
        assert 'href="/dossier/ouvrir/"' in source
        assert "Importer" not in source
        assert "Référentiel" not in source

    def test_cache_ce_qui_demande_une_equipe(self):
        assert "Ouvrir un parcours" not in self.page(user=professionnel(equipe_id=None, equipe=None))

    def test_marque_la_page_et_la_rubrique(self):
        assert 'href="/parcours/" aria-current="page"' in self.page(vue="synthese:mes_parcours")
        assert 'href="/parcours/" aria-current="true"' in self.page(vue="parcours:un")
        ouvrir = self.page(vue="parcours:ouvrir")
        assert 'href="/dossier/ouvrir/" aria-current="page"' in ouvrir
        assert 'href="/parcours/" aria-current' not in ouvrir

    def test_garde_le_bandeau_de_demonstration(self):
        assert "Personnes et chiffres inventés" in self.page(demo=True)
        assert "Personnes et chiffres inventés" not in self.page(demo=False)

    def test_se_passe_de_compte(self):
        source = self.page(user=SimpleNamespace(is_authenticated=False))
        assert "Navigation principale" not in source
        assert 'id="contenu"' in source

    def test_interdit_a_htmx_d_evaluer_du_code(self):
        assert '"allowEval":false' in self.page()

    @pytest.mark.parametrize("gabarit", ["400.html", "500.html", "403.html", "403_csrf.html", "404.html", "409.html"])
    def test_rend_les_pages_d_erreur_sans_contexte(self, gabarit):
        source = render_to_string(gabarit)
        assert source.count("<h1") == 1
        assert "{%" not in source

    def test_dit_ce_qui_manque_dans_un_refus(self):
        refus = {
            "titre": "Sortie incomplète",
            "message": "Il manque un relais.",
            "que_faire": "Nommez-le.",
            "statut": 409,
        }
        source = render_to_string("refus.html", {"refus": refus | {"manques": ["Un risque sans relais"]}})
        assert all(texte in source for texte in ("Il manque un relais.", "Nommez-le.", "Un risque sans relais"))

    def test_ne_perd_rien_dans_un_conflit(self):
        lignes = [
            {
                "nom": "mots",
                "libelle": "Mots",
                "envoyees": ["\n<mien>"],
                "enregistre": "sien",
                "differe": True,
                "long": True,
            },
            {"nom": "niveau", "libelle": "Niveau", "envoyees": ["3"], "enregistre": "2", "differe": True},
            {"nom": "accords", "libelle": "Accords", "envoyees": ["a", "b"], "enregistre": "", "differe": True},
            {"nom": "autre", "libelle": "Autre", "envoyees": ["tel quel"], "enregistre": "tel quel", "differe": False},
        ]
        source = render_to_string("conflit.html", {"lignes": lignes, "version": 4, "chemin": "/x/", "refus": None})
        assert 'name="version" value="4"' in source
        assert re.search(r'<textarea[^>]*name="mots"[^>]*>\n\n&lt;mien&gt;</textarea>', source)
        assert re.search(r'name="niveau"\s+value="2"', source)
        assert re.search(r'name="niveau"\s+value="3"\s+checked', source)
        assert len(re.findall(r'type="hidden" name="accords"', source)) == 2
        assert 'name="autre" value="tel quel"' in source


class TestComposants:
    def test_sonde_tant_que_le_travail_dure(self):
        cadre = (
            '{% include "composants/progression.html" with url="/suivi/" etat=etat titre="Document" relancer="/r/" %}'
        )
        assert 'hx-get="/suivi/"' in rendre(cadre, etat="cours")
        assert "hx-get" not in rendre(cadre, etat="fini")
        assert 'action="/r/"' in rendre(cadre, etat="echec")

    def test_revele_une_donnee_par_un_envoi(self):
        source = rendre(
            '{% include "composants/masque.html" with libelle="le téléphone" masque="06 ••" url="/v/" id="t" %}'
        )
        assert 'method="post"' in source
        assert "masqué" in source

    def test_n_ouvre_pas_une_tache_fermee(self):
        taches = [{"nom": "Valider", "url": "/v/", "etat": "fermee", "mot": "Pas encore possible", "meta": "Il manque"}]
        assert "/v/" not in rendre('{% include "composants/taches.html" %}', taches=taches)

    def test_dit_l_ecart_en_mots(self):
        tendance = '{% include "composants/tendance.html" %}'
        assert "2\u00a0niveaux de mieux" in rendre(tendance, ecart=-2)
        assert "1\u00a0niveau de plus" in rendre(tendance, ecart=1)
        assert "Stable" in rendre(tendance, ecart=0)

    def test_marque_ce_qui_est_efface(self):
        source = rendre('{% include "composants/difference.html" %}', champs=[{"libelle": "Note", "efface": True}])
        assert "Contenu effacé" in source
