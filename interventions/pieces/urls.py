"""Adresses des pièces jointes ; incluses dans celles de l'intervention."""

from django.urls import path

from interventions.pieces import views

urlpatterns = [
    path("parcours/<uuid:uuid>/pieces/", views.pieces, name="pieces"),
    path("parcours/<uuid:uuid>/pieces/joindre/", views.verser, name="verser_piece"),
    path("pieces/<uuid:uuid>/", views.piece, name="piece"),
    path("pieces/<uuid:uuid>/fichier/", views.fichier, name="telecharger_piece"),
    path("pieces/<uuid:uuid>/retirer/", views.retirer, name="retirer_piece"),
]
