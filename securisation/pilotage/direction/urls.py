"""Adresses des pages de la direction."""

from django.urls import path

from securisation.pilotage.direction import views

urlpatterns = [
    path("chiffres/", views.chiffres, name="chiffres"),
    path("rapport-d-activite/", views.rapport, name="rapport"),
    path("rapport-d-activite/pdf/", views.rapport_pdf, name="rapport_pdf"),
    path("rapport-d-activite/classeur/", views.rapport_classeur, name="rapport_classeur"),
]
