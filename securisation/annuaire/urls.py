"""Adresses de l'annuaire."""

from django.urls import path

from securisation.annuaire import views

app_name = "annuaire"
urlpatterns = [
    path("", views.referentiel, name="referentiel"),
    path("<slug:nomenclature>/<str:code>/relu/", views.marquer_relu, name="marquer_relu"),
    path("leviers/<str:code>/delai/", views.verifier_delai, name="verifier_delai"),
]
