"""Adresses des courriers ; incluses dans celles de l'intervention."""

from django.urls import path

from interventions.courriers import views

urlpatterns = [
    path("actions/<uuid:uuid>/courriers/", views.choisir, name="courriers"),
    path("actions/<uuid:uuid>/courriers/<slug:code>/", views.ecrire, name="ecrire_courrier"),
]
