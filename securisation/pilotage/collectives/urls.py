"""Adresses des actions collectives."""

from django.urls import path

from securisation.pilotage.collectives import views

urlpatterns = [
    path("actions-collectives/", views.liste, name="collectives"),
    path("actions-collectives/noter/", views.noter, name="noter_collective"),
    path("actions-collectives/exporter/", views.exporter, name="exporter_collectives"),
    path("actions-collectives/<uuid:uuid>/", views.detail, name="collective"),
    path("actions-collectives/<uuid:uuid>/corriger/", views.corriger, name="corriger_collective"),
    path("actions-collectives/<uuid:uuid>/retirer/", views.retirer, name="retirer_collective"),
]
