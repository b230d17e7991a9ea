"""Adresses du toit."""

from django.urls import path

from securisation.synthese import views

app_name = "synthese"

urlpatterns = [
    path("", views.mes_parcours, name="mes_parcours"),
    path("parcours/<uuid:uuid>/", views.parcours, name="parcours"),
    path("parcours/<uuid:uuid>/historique/", views.historique, name="historique"),
]
