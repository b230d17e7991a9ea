"""Tout champ de texte libre passe par la garde non médicale ; chaque exception est nommée avec sa raison."""

import ast
import importlib
import pkgutil

import pytest
from django import forms

import diagnostics
import interventions
import securisation
import sorties
from diagnostics.forms import FormulaireAxe
from securisation.annuaire.forms import GardeMixin
from securisation.annuaire.models import Facteur
from securisation.socle.formulaires import FormulaireDActe
from securisation.tests.maison import fonctions, sources

PAQUETS = (diagnostics, interventions, securisation, sorties)
# Ce qui se tape mais dont la forme dit déjà tout : une adresse, un motif imposé, un secret.
PAS_LIBRES = (forms.EmailField, forms.URLField, forms.RegexField, forms.UUIDField, forms.GenericIPAddressField)
IDENTITE = "identité et coordonnées : un nom ou une rue peut être aussi celui d'une maladie ; un numéro y est refusé"
CODE = "code reçu ou affiché, comparé puis oublié"
LISTE = "liste de l'association : on y écrit ce que la garde doit reconnaître ; numéros et codes y sont refusés"
RECHERCHE = "recherche : rien n'en est enregistré"
EXCEPTIONS = {
    "ActivationForm.code": CODE,
    "CodeDeConfirmationForm.code": CODE,
    "CodeForm.code": CODE,
    "FormulaireArrivee.code": CODE,
    "FormulaireArrivee.lien": "lien d'invitation reçu, lu puis oublié",
    "FiltreReferentiel.q": RECHERCHE,
    "FormulaireCourrier.destinataire": "nom et adresse d'un organisme, parfois d'un service hospitalier",
    "FormulaireCourrier.lieu": "commune où le courrier est signé",
    "FormulaireCollective.commune": "commune où l'action a eu lieu ; une rue ou un bourg peut porter le nom d'une maladie",
    "FormulaireConvention.financeur": "nom d'un organisme, parfois de santé",
    "FormulaireConvention.numero": "numéro que le financeur donne à sa convention : il peut avoir la forme d'un numéro de personne",
    "FormulaireDuNumero.numero": "numéro imprimé sur un document, comparé puis oublié",
    "FormulaireDuNumero.cle": CODE,
    "FormulaireTerme.terme": LISTE,
    "FormulaireTerme.suggestion": LISTE,
    "FormulaireTerme.motif": LISTE,
    **{
        f"{formulaire}.{nom}": IDENTITE
        for formulaire in ("FormulairePersonne", "FormulaireIdentite", "FormulaireOrientation")
        for nom in ("prenom", "nom", "pseudonyme", "commune", "telephone")
    },
    "FormulaireIdentite.adresse": IDENTITE,
    "FormulaireIdentite.langue": IDENTITE,
    "FormulaireEntourage.nom": IDENTITE,
    "FormulaireEntourage.telephone": IDENTITE,
}
# Leurs champs libres dépendent de ce qu'ils montrent. L'axe est essayé tel quel plus bas ; une question de l'entretien n'écrit
# que le brouillon, relu par la garde à l'enregistrement de l'axe, et refuse d'elle-même numéros et codes.
A_L_USAGE = {"FormulaireAxe", "FormulaireEntretien"}


def formulaires():
    """Toutes les classes de formulaire des apps, où qu'elles soient écrites."""
    for paquet in PAQUETS:
        for module in pkgutil.walk_packages(paquet.__path__, f"{paquet.__name__}."):
            if not {"tests", "migrations"} & set(module.name.split(".")):
                importlib.import_module(module.name)
    racines = {paquet.__name__ for paquet in PAQUETS}
    trouves = {classe for classe in descendants(forms.BaseForm) if classe.__module__.split(".")[0] in racines}
    return {c for c in trouves if ".tests." not in c.__module__ and hasattr(c, "base_fields")}


def descendants(classe):
    for enfant in classe.__subclasses__():
        yield enfant
        yield from descendants(enfant)


def textes_libres(champs):
    """Les noms des champs où l'on écrit ce que l'on veut et qui se garde."""
    return {
        nom
        for nom, champ in champs.items()
        if isinstance(champ, forms.CharField)
        and not isinstance(champ, PAS_LIBRES)
        and not isinstance(champ.widget, forms.PasswordInput)
        and not champ.widget.is_hidden
    }


def nus(classe):
    """Les champs libres de cette classe que la garde ne relit pas, « Classe.champ »."""
    gardes = classe.champs_gardes if issubclass(classe, GardeMixin) else ()
    return {f"{classe.__name__}.{nom}" for nom in textes_libres(classe.base_fields) - set(gardes)}


class TestToutTexteLibre:
    def test_passe_par_la_garde_ou_dit_pourquoi_non(self):
        trouves = {champ for classe in formulaires() if classe.__name__ not in A_L_USAGE for champ in nus(classe)}
        assert trouves == set(EXCEPTIONS)

    def test_un_formulaire_oublie_est_pris(self):
        class Oubli(FormulaireDActe):
            note = forms.CharField()

        class Distraction(GardeMixin, FormulaireDActe):
            champs_gardes = ("note",)
            note = forms.CharField()
            suite = forms.CharField(required=False)

        assert nus(Oubli) == {"Oubli.note"}
        assert nus(Distraction) == {"Distraction.suite"}

    def test_les_champs_gardes_existent(self):
        """Un nom mal écrit ne garderait rien."""
        for classe in formulaires():
            if issubclass(classe, GardeMixin) and classe.__name__ not in A_L_USAGE:
                assert set(classe.champs_gardes) <= classe.base_fields.keys(), classe

    def test_un_champ_ajoute_a_l_usage_ne_l_est_que_la_ou_un_essai_le_suit(self):
        ajoutent = {
            source.chemin
            for source in sources()
            if source.est_python and not source.est_un_test
            for fonction in fonctions(source)
            if ajoute_un_champ_nomme_a_l_usage(fonction)
        }
        assert ajoutent == {"diagnostics/forms.py"}

    @pytest.mark.django_db
    def test_chaque_note_d_un_facteur_est_gardee(self):
        facteurs = {facteur.code: facteur for facteur in Facteur.objects.filter(axe__code="BUD")[:3]}
        form = FormulaireAxe(facteurs=facteurs, codes=list(facteurs))
        libres = textes_libres(form.fields)
        assert len(libres) == 2 + len(facteurs)
        assert libres == set(form.champs_gardes)


def ajoute_un_champ_nomme_a_l_usage(fonction):
    """Vrai si la fonction fait `self.fields[f"…"] = …` : ce champ n'est pas dans la classe."""
    cibles = [cible for noeud in ast.walk(fonction) if isinstance(noeud, ast.Assign) for cible in noeud.targets]
    return any(
        isinstance(cible, ast.Subscript)
        and isinstance(cible.value, ast.Attribute)
        and cible.value.attr == "fields"
        and not isinstance(cible.slice, ast.Constant)
        for cible in cibles
    )
