"""La garde dans un formulaire : refuser, avertir, confirmer. La liste de l'association est vide."""

import pytest
from django import forms
from django.http import QueryDict

from securisation.annuaire.forms import GardeMixin
from securisation.annuaire.garde import Alerte, Genre, suggestions
from securisation.socle.formulaires import FormulaireDActe

pytestmark = pytest.mark.django_db


class Note(GardeMixin, forms.Form):
    texte = forms.CharField(widget=forms.Textarea)
    champs_gardes = ("texte",)


def confirmer(note, **changes):
    """Renvoie le formulaire comme la personne qui coche la case après l'avertissement."""
    return Note(note.data.dict() | {"formulation_confirmee": "on"} | changes)


def envoyer(texte):
    donnees = QueryDict(mutable=True)
    donnees["texte"] = texte
    return Note(donnees)


class TestGarde:
    def test_laisse_passer_un_texte_ordinaire(self):
        note = envoyer("Fin d'IJ le 12, dossier à compléter.")
        assert note.is_valid()
        assert note.cleaned_data == {"texte": "Fin d'IJ le 12, dossier à compléter."}

    def test_avertit_puis_accepte_la_formulation_confirmee(self):
        note = envoyer("Absente pour un cancer.")
        assert not note.is_valid()
        assert "sans la cause" in str(note.errors["texte"])
        assert note.a_confirmer
        assert confirmer(note).is_valid()

    def test_une_confirmation_ne_vaut_pas_pour_un_autre_passage(self):
        note = envoyer("Absente pour un cancer.")
        assert not note.is_valid()
        autre = confirmer(note, texte="Absente pour un cancer, sous morphine.")
        assert not autre.is_valid()

    @pytest.mark.parametrize("texte", ["NIR 1 75 04 44 109 012 34", "acte HHFA001"])
    def test_refuse_numeros_et_codes_meme_confirmes(self, texte):
        note = envoyer(texte)
        assert not note.is_valid()
        assert not note.a_confirmer
        assert not confirmer(note).is_valid()
        assert "109" not in str(note.errors)


class Fiche(FormulaireDActe):
    nom = forms.CharField(required=False)
    courriel = forms.EmailField(required=False)
    telephone = forms.CharField(required=False)


class TestToutChampDUnActe:
    @pytest.mark.parametrize("nom", ["nom", "telephone"])
    def test_refuse_un_numero_de_securite_sociale_sans_le_recopier(self, nom):
        fiche = Fiche({nom: "1 75 04 44 109 012 34"})
        assert "sécurité sociale" in fiche.errors[nom][0]
        assert "109" not in fiche.errors[nom][0]

    def test_refuse_un_numero_dans_une_adresse_electronique(self):
        assert Fiche({"courriel": "175044410901234@exemple.test"}).errors.keys() == {"courriel"}

    @pytest.mark.parametrize(
        "texte",
        [
            "Mm\u0435 Diallo",
            "d\u03bfssier",
            "d\u00e9press\u0456on",
            "e\u0301t\u0435",
            "\u0421AF",
            "m\u200d\u043er",
            "d\U0001d6d0ssier",
        ],
    )
    def test_refuse_un_mot_de_deux_alphabets_et_dit_quoi_faire(self, texte):
        fiche = Fiche({"nom": texte})
        assert "mêle deux alphabets" in fiche.errors["nom"][0] and "retapez-le au clavier" in fiche.errors["nom"][0]

    @pytest.mark.parametrize(
        "texte",
        ["Мария Иванова", "Ελένη", "Marie-Мария", "l’Иван", "10 µg", "10 \u03bcg", "Ṣàngó Nguyễn", "سلمى", "n° 1ª"],
    )
    def test_laisse_un_mot_d_un_seul_alphabet(self, texte):
        assert Fiche({"nom": texte}).is_valid()

    def test_laisse_un_telephone(self):
        assert Fiche({"nom": "Diallo", "telephone": "+33 6 39 98 20 01"}).is_valid()


class TestRemplacements:
    def test_proposent_ce_que_la_suggestion_met_entre_guillemets(self):
        note = envoyer("Absente pour un cancer.")
        assert not note.is_valid()
        (un,) = note.remplacements
        assert (un["champ"], un["dans"], un["mot"]) == ("id_texte", "Texte", "cancer")
        assert un["par"] == ["arrêt de travail jusqu’au (date), droits à revoir avant (date)"]

    def test_un_mot_ecrit_deux_fois_ne_se_propose_qu_une_et_un_code_jamais(self):
        note = envoyer("Sous morphine, puis morphine, acte HHFA001.")
        assert not note.is_valid()
        assert [un["mot"] for un in note.remplacements] == ["morphine"]
        assert len(next(note.remplacements)["par"]) > 1

    def test_un_texte_ordinaire_n_en_a_pas(self):
        note = envoyer("Dossier à compléter.")
        assert note.is_valid()
        assert list(note.remplacements) == []

    def test_toute_suggestion_du_lexique_donne_de_quoi_ecrire(self):
        for famille, suggestion in suggestions().items():
            alerte = Alerte(0, 1, Genre.PATHOLOGIE, "x", suggestion)
            assert all(alerte.formulations), famille
            assert not any("«" in mot or "»" in mot for mot in alerte.formulations), famille
