"""Adresses des ouvertures motivées ; incluses dans celles du parcours."""

from django.urls import path

from securisation.parcours.ouvertures import views

urlpatterns = [
    path("ouvertures/", views.ouvertures, name="ouvertures"),
    path("ouvertures/ouvrir/", views.ouvrir, name="ouvrir_par_motif"),
    path("parcours/<uuid:uuid>/refermer/", views.refermer, name="refermer"),
    path("parcours/<uuid:uuid>/referent/", views.referent, name="nommer_referent"),
]
