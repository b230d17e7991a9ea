"""Les adresses des comptes : les pages de la maison (`comptes:…`) et la connexion (noms d'allauth, sans espace)."""

from django.urls import include, path

from securisation.comptes import connexion, views

pages = [
    path("demonstration/", views.demo, name="demo"),
    path("compte/confirmation/", views.confirmer, name="confirmer"),
    path("compte/sessions/", views.sessions, name="sessions"),
    path("compte/second-facteur/", views.second_facteur, name="second_facteur"),
    path("compte/absences/", views.absences, name="absences"),
    path("compte/reglages/", views.reglages, name="reglages"),
    path("fonctions/", views.fonctions, name="fonctions"),
]

urlpatterns = [path("", include((pages, "comptes"))), *connexion.urlpatterns]
