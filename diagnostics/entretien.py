"""Le mode entretien : une question à la fois, sur un écran tourné vers la personne ; sa réponse va au brouillon privé de l'axe."""

from typing import NamedTuple

from django.urls import reverse

from diagnostics import saisie
from diagnostics.forms import FormulaireEntretien


class Question(NamedTuple):
    """Une question, dite à la personne, et ce qui l'aide à répondre."""

    code: str
    titre: str
    aide: str = ""


QUESTIONS = (
    Question("mots", "Avec vos mots, où en êtes-vous ?", "Ce que vous dites est noté tel quel. Vous pouvez passer."),
    Question("niveau", "Quel niveau pour votre situation ?", "Il n’y a pas de bonne ou de mauvaise réponse."),
    Question(
        "appuis",
        "Sur quoi pouvez-vous compter ?",
        "Une personne, un droit, une habitude, ce que vous savez faire. Une idée par ligne.",
    ),
)
FIN = "fin"


def etape(evaluation, code):
    """Où l'on en est : la question (None à la fin), son rang parmi toutes, les adresses d'avant et d'après."""
    axes = list(evaluation.diagnostic.evaluations.select_related("axe").order_by("axe__ordre", "axe__code"))
    suite = [(e, question) for e in axes for question in QUESTIONS]
    codes = [question.code for question in QUESTIONS]
    numero = [e.pk for e in axes].index(evaluation.pk)
    rang = len(suite) if code == FIN else numero * len(QUESTIONS) + (codes.index(code) if code in codes else 0)
    return {
        "question": suite[rang][1] if rang < len(suite) else None,
        "rang": rang + 1,
        "total": len(suite),
        "part": round(100 * rang / len(suite)),
        "avant": _adresse(*suite[rang - 1]) if rang else "",
        "apres": _adresse(*suite[rang + 1]) if rang + 1 < len(suite) else adresse(evaluation, FIN),
    }


def _adresse(evaluation, question):
    return adresse(evaluation, question.code)


def adresse(evaluation, code):
    """L'adresse d'une question de cet axe."""
    return f"{reverse('diagnostics:entretien', args=[evaluation.uuid])}?question={code}"


def formulaire(evaluation, question, par, post=None):
    """Le formulaire d'une seule question, rempli de la réponse déjà donnée ; None à la fin."""
    if question is None:
        return None
    champ = saisie.QUESTIONS[question.code]
    depart = {champ: saisie.reponse(evaluation, par, champ), "question": question.code}
    return FormulaireEntretien(post, champ=champ, initial=depart)
