"""Adresses des documents."""

from django.urls import path

from . import views

app_name = "documents"
urlpatterns = [
    path("<uuid:uuid>/", views.suivi, name="suivi"),
    path("<uuid:uuid>/fichier/", views.telecharger, name="telecharger"),
    path("<uuid:uuid>/modifiable/", views.modifiable, name="modifiable"),
    path("<uuid:uuid>/relancer/", views.relancer, name="relancer"),
]
