"""Ce qu'il faut de champs et de gestes pour le travail de tous les jours ; docs/ergonomie.md dit les mêmes nombres."""

import re

import pytest
from django import forms
from django.conf import settings

from interventions.contacts.forms import FormulaireContact
from interventions.forms import FormulaireAction
from interventions.models import Contact
from securisation.parcours.forms import FormulaireOrientation

PAGE = (settings.BASE_DIR / "docs" / "ergonomie.md").read_text(encoding="utf-8")
ENVOYER = 1


def montres(champs):
    """Les champs qu'une personne voit : ni jeton, ni version, ni case qui ne paraît qu'après un refus."""
    return {nom: champ for nom, champ in champs.items() if not isinstance(champ.widget, forms.HiddenInput)}


def a_remplir(form):
    """Ceux qui doivent recevoir une réponse que la page n'a pas déjà."""
    return [
        nom
        for nom, champ in montres(form.fields).items()
        if champ.required and form.get_initial_for_field(champ, nom) is None
    ]


def dit(chose):
    """Le nombre que la page annonce pour cette ligne de son tableau."""
    return int(re.search(rf"^\| {re.escape(chose)} \| (\d+) ", PAGE, re.M)[1])


def test_ouvrir_un_parcours_tient_en_quinze_champs():
    nombre = len(montres(FormulaireOrientation.base_fields))
    assert nombre == dit("ouvrir un parcours, champs")
    assert nombre <= 15


class _Personne:
    canal_prefere = ""

    def get_canal_prefere_display(self):
        return str(dict(Contact.CANAUX)[self.canal_prefere])


@pytest.mark.parametrize(
    ("connu", "initiative", "ligne"),
    [
        (False, "", "noter un contact, gestes"),
        (True, "", "noter un contact, canal connu, gestes"),
        (True, "oui", "noter un contact, canal connu et initiative dite, gestes"),
    ],
)
def test_noter_un_contact_tient_en_trois_gestes(connu, initiative, ligne):
    personne = _Personne()
    personne.canal_prefere = next(code for code, _ in Contact.CANAUX) if connu else ""
    gestes = len(a_remplir(FormulaireContact(personne=personne, initiative=initiative))) + ENVOYER
    assert gestes == dit(ligne)
    assert gestes <= 3


def test_une_action_pose_huit_questions():
    questions = set(montres(FormulaireAction.base_fields)) - set(FormulaireAction.SUITES)
    assert len(questions) == dit("inscrire une action, questions")
    assert len(questions) <= 8


def test_une_precision_ne_se_demande_que_derriere_sa_question():
    gabarit = (settings.BASE_DIR / "templates" / "interventions" / "action_formulaire.html").read_text(encoding="utf-8")
    suites = "".join(re.findall(r'<div class="suite [^"]*">(.*?)</div>', gabarit, re.S))
    assert [nom for nom in FormulaireAction.SUITES if f"form.{nom} " not in suites] == []
