"""Adresses de l'effacement et de la conservation."""

from django.urls import path

from securisation.parcours.effacement import views

urlpatterns = [
    path("parcours/<uuid:uuid>/effacement/", views.demander, name="demander_effacement"),
    path("demandes/<uuid:uuid>/effacement/", views.demander_pour, name="demander_effacement_pour"),
    path("effacements/", views.effacements, name="effacements"),
    path("effacements/registre/", views.registre_des_effacements, name="registre_effacements"),
    path("effacements/<uuid:uuid>/", views.effacement, name="effacement"),
    path("effacements/<uuid:uuid>/decider/", views.decider, name="decider_effacement"),
    path("effacements/<uuid:uuid>/refuser/", views.refuser, name="refuser_effacement"),
    path("effacements/<uuid:uuid>/relancer/", views.relancer, name="relancer_effacement"),
    path("effacements/<uuid:uuid>/certificat/", views.certificat, name="certificat"),
    path("effacements/<uuid:uuid>/certificat.pdf", views.certificat_pdf, name="certificat_pdf"),
    path("conservation/", views.conservation, name="conservation"),
    path("conservation/<uuid:uuid>/archiver/", views.archiver, name="archiver"),
    path("registre-des-traitements/", views.registre_des_traitements, name="registre_traitements"),
]
