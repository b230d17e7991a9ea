"""Adresses des mots des personnes."""

from django.urls import path

from securisation.pilotage.mots import views

urlpatterns = [
    path("mots/", views.a_relire, name="mots"),
    path("mots/<uuid:phrase>/retenir/", views.retenir, name="retenir_mot"),
    path("mots/<uuid:phrase>/ecarter/", views.ecarter, name="ecarter_mot"),
    path("parcours/<uuid:uuid>/mots/", views.du_parcours, name="mots_du_parcours"),
    path("parcours/<uuid:uuid>/mots/<uuid:phrase>/retirer/", views.retirer, name="retirer_mot"),
]
