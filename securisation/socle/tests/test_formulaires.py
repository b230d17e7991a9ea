"""Les formulaires d'un acte : textes nettoyés, jours possibles, version, refus rangé sous son champ."""

import datetime

import pytest
from django import forms
from django.core.exceptions import ValidationError

from securisation.socle.formulaires import (
    ChampJour,
    FormulaireDActe,
    FormulaireDeConfirmation,
    agir,
    nettoyer,
    page_de_formulaire,
)


class FormulaireDEssai(FormulaireDActe):
    mot = forms.CharField(max_length=10, required=False)
    recit = forms.CharField(widget=forms.Textarea, max_length=20, required=False)
    jour = ChampJour(required=False)


class TestNettoyer:
    @pytest.mark.parametrize(
        ("saisi", "attendu"),
        [
            ("  deux   mots ", "deux mots"),
            ("e\u0301te\u0301", "été"),
            ("a\x07b\x1b[0m\x7f", "ab[0m"),
            ("\u202egauche\u202c\u200f", "gauche"),
            ("Fatou 👩‍👧 🙂", "Fatou 👩‍👧 🙂"),
            ("سلمى", "سلمى"),
            ("un\r\ndeux\ttrois", "un deux trois"),
        ],
    )
    def test_une_ligne(self, saisi, attendu):
        assert nettoyer(saisi) == attendu

    @pytest.mark.parametrize("vide", ["\u200b\u200b\u2063", "\u3164", "\U000e0041\U000e0042", "\u200d \u200c"])
    def test_un_texte_sans_signe_visible_est_vide(self, vide):
        assert nettoyer(vide) == "" == nettoyer(vide, lignes=True)

    def test_le_liant_d_un_emoji_reste(self):
        assert nettoyer("a \U0001f469\u200d\U0001f33e b") == "a \U0001f469\u200d\U0001f33e b"

    def test_garde_les_lignes_d_un_recit(self):
        assert nettoyer("un  \r\n\r\n\r\n\r\n deux\r\n", lignes=True) == "un\n\ndeux"


class TestFormulaireDActe:
    def test_compte_les_caracteres_apres_nettoyage(self):
        form = FormulaireDEssai({"mot": "\u200f1234567890   ", "recit": "12345678\r\n0123456789\r\n"})
        assert form.is_valid(), form.errors
        assert form.cleaned_data["recit"] == "12345678\n0123456789"

    def test_refuse_un_texte_trop_long(self):
        assert "mot" in FormulaireDEssai({"mot": "x" * 11}).errors

    def test_refuse_un_nul(self):
        assert "mot" in FormulaireDEssai({"mot": "a\x00b"}).errors

    @pytest.mark.parametrize("ecrit", ["23/11/2026", "2026-11-23", "23.11.2026", "23 11 2026", "23/11/26"])
    def test_lit_un_jour(self, ecrit):
        form = FormulaireDEssai({"jour": ecrit})
        assert form.is_valid()
        assert form.cleaned_data["jour"] == datetime.date(2026, 11, 23)

    @pytest.mark.parametrize("ecrit", ["01/01/1800", "31/12/9999", "31/02/2026", "demain", "23/11/20266"])
    def test_refuse_un_jour_impossible(self, ecrit):
        assert "jour" in FormulaireDEssai({"jour": ecrit}).errors

    def test_part_des_valeurs_et_de_la_version_de_l_objet(self):
        class Objet:
            pk, version, mot, jeton = 1, 3, "ancien", "pas un jeton"

        form = FormulaireDEssai(objet=Objet())
        assert (form["version"].value(), form["mot"].value()) == (3, "ancien")
        assert form["jeton"].value() != "pas un jeton"


class TestAgir:
    pytestmark = pytest.mark.django_db

    def test_passe_les_champs_et_la_version(self):
        recus = {}
        form = FormulaireDEssai({"mot": " oui ", "version": "2", "jeton": ""})
        assert agir(form, lambda **champs: recus.update(champs), par="awa")
        assert recus == {"mot": "oui", "recit": "", "jour": None, "version": 2, "par": "awa"}

    def test_sans_version_n_en_envoie_pas(self):
        recus = {}
        assert agir(FormulaireDEssai({"mot": "oui"}), lambda **champs: recus.update(champs))
        assert "version" not in recus

    def test_n_agit_pas_sur_une_saisie_fausse(self):
        appels = []
        assert not agir(FormulaireDEssai({"mot": "x" * 11}), lambda **champs: appels.append(champs))
        assert appels == []

    @pytest.mark.parametrize(
        ("refus", "sous"),
        [
            ({"mot": "Trop tôt."}, "mot"),
            ({"champ_absent": "Trop tôt."}, "__all__"),
            ({"version": "Trop tôt."}, "__all__"),
            ("Trop tôt.", "__all__"),
        ],
    )
    def test_range_le_refus_sous_son_champ(self, refus, sous):
        def acte(**champs):
            raise ValidationError(refus)

        form = FormulaireDEssai({"mot": "oui"})
        assert not agir(form, acte)
        assert form.errors[sous] == ["Trop tôt."]
        assert not form.is_valid()

    def test_la_page_revient_en_422(self, rf, monkeypatch):
        rendus = []
        monkeypatch.setattr(
            "securisation.socle.formulaires.render", lambda *args, **options: rendus.append(options["status"])
        )
        page_de_formulaire(rf.get("/"), "x.html", FormulaireDEssai())
        page_de_formulaire(rf.get("/"), "x.html", FormulaireDEssai({}))
        assert rendus == [200, 422]


class Objet:
    pk, version, mot = 1, 3, "ancien"


class TestVersion:
    @pytest.mark.parametrize(
        "envoi", [{}, {"version": ""}, {"version": "abc"}, {"version": "9" * 30}, {"version": "9" * 5000}]
    )
    def test_n_ecrase_rien_sans_version_lisible(self, envoi):
        form = FormulaireDEssai({"mot": "oui"} | envoi, objet=Objet())
        assert not form.is_valid()
        assert form.as_div()

    def test_passe_avec_sa_version(self):
        assert FormulaireDEssai({"mot": "oui", "version": "3"}, objet=Objet()).is_valid()

    def test_une_confirmation_n_ecrase_rien(self):
        assert FormulaireDeConfirmation({}, objet=Objet()).is_valid()


class TestPhrases:
    class Formulaire(FormulaireDActe):
        annee = forms.IntegerField(min_value=1900, max_value=2100)
        mot = forms.CharField(max_length=3)
        dit = forms.IntegerField(min_value=1, error_messages={"min_value": "Un au moins."})

    def test_disent_la_limite_simplement(self):
        form = self.Formulaire({"annee": "12", "mot": "abcd", "dit": "0"})
        assert form.errors["annee"] == ["Écrivez un nombre au moins égal à 1900."]
        assert form.errors["mot"] == ["Ce texte est trop long : 3 caractères au plus, il en a 4."]
        assert form.errors["dit"] == ["Un au moins."]

    def test_l_exemple_de_date_n_est_pas_dans_l_avenir(self):
        exemple = FormulaireDEssai({"jour": "demain"}).errors["jour"][0].split("comme ")[1].rstrip(".")
        form = FormulaireDEssai({"jour": exemple})
        assert form.is_valid()
        assert form.cleaned_data["jour"] < datetime.date(2026, 1, 1)


class TestCeQuiManque:
    @pytest.mark.parametrize(
        ("champ", "phrase"),
        [
            (forms.CharField(), "Écrivez une réponse."),
            (forms.TimeField(), "Écrivez l’heure, comme 14:30."),
            (ChampJour(), "Écrivez la date, comme 05/03/2024."),
            (forms.ChoiceField(choices=[("a", "A")]), "Choisissez une réponse."),
            (forms.MultipleChoiceField(choices=[("a", "A")]), "Cochez au moins une réponse."),
            (forms.BooleanField(), "Cochez cette case pour continuer."),
            (forms.FileField(), "Choisissez un fichier."),
            (forms.IntegerField(), "Écrivez un nombre."),
            (forms.CharField(error_messages={"required": "Dites pourquoi."}), "Dites pourquoi."),
        ],
    )
    def test_dit_quoi_faire_selon_le_champ(self, champ, phrase):
        formulaire = type("Un", (FormulaireDActe,), {"un": champ})({})
        assert formulaire.errors["un"] == [phrase]
