"""Adresses des conventions et de leurs éditions."""

from django.urls import path

from securisation.pilotage.edition import views

urlpatterns = [
    path("editions/", views.editions, name="editions"),
    path("editions/<uuid:uuid>/", views.edition, name="edition"),
    path("editions/<uuid:uuid>/controle/", views.controle, name="controle"),
    path("editions/<uuid:uuid>/recontroler/", views.recontroler, name="recontroler"),
    path("editions/<uuid:uuid>/publier/", views.publier, name="publier"),
    path("editions/<uuid:uuid>/corriger/", views.corriger, name="corriger"),
    path("editions/<uuid:uuid>/retirer/", views.retirer, name="retirer"),
    path("editions/<uuid:uuid>/ecarter/", views.ecarter, name="ecarter"),
    path("editions/<uuid:uuid>/fichiers/", views.refaire, name="refaire"),
    path("editions/<uuid:uuid>/fichiers/<slug:genre>/", views.telecharger, name="telecharger"),
    path("conventions/", views.conventions, name="conventions"),
    path("conventions/nouvelle/", views.creer_convention, name="creer_convention"),
    path("conventions/<uuid:uuid>/", views.convention, name="convention"),
    path("conventions/<uuid:uuid>/modifier/", views.modifier_convention, name="modifier_convention"),
    path("conventions/<uuid:uuid>/preparer/", views.preparer, name="preparer"),
]
