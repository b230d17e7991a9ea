"""Adresses de l'intervention."""

from django.urls import path

from interventions import views
from interventions.contacts.urls import urlpatterns as contacts
from interventions.courriers.urls import urlpatterns as courriers
from interventions.pieces.urls import urlpatterns as pieces

app_name = "interventions"

urlpatterns = [
    path("parcours/<uuid:uuid>/intervention/demarrer/", views.demarrer, name="demarrer"),
    path("interventions/<uuid:uuid>/", views.detail, name="detail"),
    path("interventions/<uuid:uuid>/actions/", views.choisir_facteur, name="choisir_facteur"),
    path("interventions/<uuid:uuid>/actions/<slug:code>/", views.inscrire_action, name="inscrire_action"),
    path("interventions/<uuid:uuid>/actions/<slug:code>/levier/", views.choisir_levier, name="choisir_levier"),
    path("interventions/<uuid:uuid>/suspendre/", views.suspendre, name="suspendre"),
    path("interventions/<uuid:uuid>/prolonger/", views.prolonger, name="prolonger"),
    path("interventions/<uuid:uuid>/deroger/", views.deroger, name="deroger"),
    path("actions/<uuid:uuid>/", views.action, name="action"),
    path("actions/<uuid:uuid>/modifier/", views.modifier_action, name="modifier_action"),
    path("actions/<uuid:uuid>/issue/", views.noter_issue, name="noter_issue"),
    path("suspensions/<uuid:uuid>/reprendre/", views.reprendre, name="reprendre"),
    path("prolongations/<uuid:uuid>/decider/", views.decider, name="decider"),
    *contacts,
    *pieces,
    *courriers,
]
