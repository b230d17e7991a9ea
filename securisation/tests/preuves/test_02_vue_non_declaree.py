"""Une vue qui ne déclare pas son accès ne part pas : le contrôle de démarrage la refuse, quelle que soit sa forme."""

import random

import pytest
from django.contrib import admin
from django.core.checks import Tags, run_checks
from django.http import HttpResponse
from django.urls import get_resolver, include, path, re_path
from django.views.generic import RedirectView, TemplateView, View

from securisation.comptes.models import Equipe, Professionnel
from securisation.parcours.models import Parcours
from securisation.socle.acces import acces, acces_public
from securisation.socle.controles import sans_acces
from securisation.socle.routes import routes

pytestmark = pytest.mark.preuve(2)


def vue_nue(request, **kwargs):
    """Une vue qui a oublié de déclarer son accès."""
    return HttpResponse()


def dans_l_administration(prefixe):
    """Une administration où un modèle ajoute sa propre page."""

    class AvecUneVue(admin.ModelAdmin):
        def get_urls(self):
            return [path("tout-voir/", vue_nue), *super().get_urls()]

    site = admin.AdminSite("admin")
    site.register(Equipe, AvecUneVue)
    return path(prefixe, site.urls)


def enveloppee(vue):
    """Un décorateur qui laisse tomber la déclaration de ce qu'il enveloppe."""
    return lambda request, **kwargs: vue(request, **kwargs)


FORMES = {
    "fonction": lambda a: path(a, vue_nue),
    "fonction à paramètre": lambda a: path(f"{a}<uuid:uuid>/", vue_nue),
    "expression régulière": lambda a: re_path(rf"^{a}$", vue_nue),
    "classe": lambda a: path(a, View.as_view()),
    "classe à gabarit": lambda a: path(a, TemplateView.as_view(template_name="404.html")),
    "redirection": lambda a: path(a, RedirectView.as_view(url="/")),
    "inclusion": lambda a: path(a, include([path("y/", vue_nue)])),
    "inclusion nommée": lambda a: path(a, include(([path("y/", vue_nue, name="y")], "injectee"))),
    "inclusion d'inclusion": lambda a: path(a, include([path("y/", include([path("z/", vue_nue)]))])),
    "autre administration": lambda a: path(a, admin.AdminSite("autre").urls),
    "vue ajoutée à l'administration": lambda a: dans_l_administration("administration/"),
    "fausse administration": lambda a: path("administration/", include([path("y/", vue_nue)])),
    "déclaration perdue par une enveloppe": lambda a: path(a, enveloppee(acces(Parcours)(vue_nue))),
    "fonction anonyme": lambda a: path(a, lambda request: HttpResponse()),
}


@pytest.fixture
def injecter():
    """Ajoute un motif aux adresses du projet, et le retire."""
    motifs = get_resolver().url_patterns

    def ajouter(motif, rang):
        motifs.insert(rang, motif)
        return run_checks(tags=[Tags.security])

    longueur = len(motifs)
    garde = list(motifs)
    yield ajouter
    motifs[:] = garde
    assert len(motifs) == longueur


def test_chaque_forme_de_vue_injectee_est_prise(preuve, injecter):
    assert sans_acces() == []
    hasard, prises, tirages = random.Random(2), 0, preuve.taille(10, 100)
    motifs = get_resolver().url_patterns
    manquees = []
    for nom, forme in FORMES.items():
        for essai in range(tirages):
            rang = hasard.randrange(len(motifs) + 1)
            erreurs = [erreur for erreur in injecter(forme(f"injectee-{essai}/"), rang) if erreur.id == "socle.E001"]
            prises += bool(erreurs)
            manquees += [] if erreurs else [nom]
            del motifs[rang]
    total = len(FORMES) * tirages
    assert manquees == []
    publiques = sum(route.acces is not None and route.acces[0] == "public" for route in routes())
    preuve.dire(
        f"{prises} sur {total} vues injectées prises ({len(FORMES)} formes), {publiques} routes publiques",
        cible="100 % des vues injectées ; 12 routes publiques au plus",
        atteinte=prises == total and publiques <= 12,
    )


def test_une_vue_declaree_n_est_pas_prise(preuve, injecter):
    """Le contrôle ne crie pas au loup : la même vue, déclarée, passe."""
    erreurs = injecter(path("injectee/", acces_public(vue_nue)), 0)
    preuve.dire("aucune fausse alarme", cible="aucune", atteinte=not [e for e in erreurs if e.id == "socle.E001"])


def test_un_dossier_dans_l_administration_est_pris(preuve):
    suivis = [Parcours, Parcours.history.model]
    for modele in suivis:
        admin.site.register(modele)
    try:
        erreurs = [erreur for erreur in run_checks(tags=[Tags.security]) if erreur.id == "socle.E002"]
    finally:
        admin.site.unregister(suivis)
    assert Professionnel in admin.site._registry
    preuve.dire("2 dossiers sur 2 refusés dans l'administration", cible="tous", atteinte=len(erreurs) == 2)
