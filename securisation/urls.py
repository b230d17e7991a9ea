"""Adresses : chaque app tient les siennes."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("securisation.comptes.urls")),
    path("referentiel/", include("securisation.annuaire.urls")),
    path("", include("securisation.documents.urls")),
    path("", include("securisation.parcours.urls")),
    path("", include("diagnostics.urls")),
    path("", include("interventions.urls")),
    path("", include("sorties.urls")),
    path("", include("securisation.coordination.urls")),
    path("pilotage/", include("securisation.pilotage.urls")),
    path("", include("securisation.synthese.urls")),
    path("administration/", admin.site.urls),
]
