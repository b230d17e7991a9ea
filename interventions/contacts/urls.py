"""Adresses des contacts ; incluses dans celles de l'intervention."""

from django.urls import path

from interventions.contacts import views

urlpatterns = [path("parcours/<uuid:uuid>/contacts/noter/", views.noter_contact, name="noter_contact")]
