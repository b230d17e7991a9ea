"""Les adresses des comptes : la démonstration (`comptes:demo`) et la connexion (noms d'allauth, sans espace)."""

from django.urls import include, path

from securisation.comptes import connexion, views

demonstration = [path("demonstration/", views.demo, name="demo")]

urlpatterns = [path("", include((demonstration, "comptes"))), *connexion.urlpatterns]
