"""Adresses des documents d'un parcours ; incluses dans celles du toit."""

from django.urls import path

from securisation.synthese.documents import views

urlpatterns = [
    path("parcours/<uuid:uuid>/documents/", views.documents, name="documents"),
    path("documents/<uuid:uuid>/relecture/", views.relecture, name="relecture"),
    path("parcours/<uuid:uuid>/documents/demander/", views.demander, name="demander_document"),
]
