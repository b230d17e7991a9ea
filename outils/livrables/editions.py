"""Les éditions de financeur, mesurées : l'attaquant sur une suite d'éditions, et la tenue à un million de parcours."""

from outils.livrables.base import base_peuplee
from outils.livrables.etape import lancer

PETITE, EQUIPES = 6000, 3  # une petite association : beaucoup de petits nombres
PARCOURS, GRANDES = 1_000_000, 8


ETAPES = "outils.livrables.etapes"


def mesurer():
    """Lignes (nom, figure, cible, tenue) : l'attaquant, puis le million."""
    return [*attaquant(), *million()]


def attaquant():
    """Une longue suite d'éditions et l'attaquant qui les a toutes : lignes (nom, figure, cible, tenue)."""
    with base_peuplee(PETITE, EQUIPES) as env:
        return [tuple(ligne) for ligne in lancer(ETAPES, "attaque", env=env)]


def million():
    """Les chiffres en direct et une édition entière sur un million de parcours : lignes (nom, figure, cible, tenue)."""
    with base_peuplee(PARCOURS, GRANDES) as env:
        direct = lancer(ETAPES, "direct", env=env)
        edition = lancer(ETAPES, "edition", env=env)
    return _lignes(direct, edition)


def _lignes(direct, edition):
    rapport = direct["page"]["p50"] / direct["compte"]["p50"]
    return [
        (f"chiffres en direct, {PARCOURS:,} parcours".replace(",", " "),
         f"page {_ms(direct['page']['p50'])}, count(*) {_ms(direct['compte']['p50'])} : × {rapport:.1f}",
         "≤ 8 × count(*)", rapport <= 8),
        ("", f"page p95 {_ms(direct['page']['p95'])}", "≤ 1 s", direct["page"]["p95"] <= 1),
        ("", f"+ {direct['memoire']:.0f} Mo", "+ ≤ 30 Mo", direct["memoire"] <= 30),
        ("édition entière : figures, attaque, PDF, classeurs",
         f"{edition['secondes']:.0f} s ({edition['cases']} cases, {edition['pages']} pages)", "≤ 60 s", edition["secondes"] <= 60),
        ("", f"{edition['memoire']:.0f} Mo au plus haut", "≤ 500 Mo", edition["memoire"] <= 500),
    ]  # fmt: skip


def _ms(secondes):
    return f"{1000 * secondes:.0f} ms"
