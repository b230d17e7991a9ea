"""Adresses de l'annuaire."""

from django.urls import path

from securisation.annuaire import views

app_name = "annuaire"
urlpatterns = [
    path("", views.referentiel, name="referentiel"),
    path("garde/", views.garde, name="garde"),
    path("garde/ajouter/", views.ecrire_terme, name="ecrire_terme"),
    path("garde/<int:cle>/retirer/", views.retirer_terme, name="retirer_terme"),
    path("<slug:nomenclature>/<str:code>/relu/", views.marquer_relu, name="marquer_relu"),
    path("leviers/<str:code>/delai/", views.verifier_delai, name="verifier_delai"),
]
