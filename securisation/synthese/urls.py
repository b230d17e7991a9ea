"""Adresses du toit."""

from django.urls import path

from securisation.synthese import views
from securisation.synthese.agenda.urls import urlpatterns as agenda
from securisation.synthese.contact import views as contact

app_name = "synthese"

urlpatterns = [
    path("", views.mes_parcours, name="mes_parcours"),
    path("recherche/", views.recherche, name="recherche"),
    path("contacts/noter/", contact.avec_qui, name="contact"),
    path("parcours/exporter/", views.exporter_liste, name="exporter_liste"),
    path("parcours/<uuid:uuid>/", views.parcours, name="parcours"),
    path("parcours/<uuid:uuid>/historique/", views.historique, name="historique"),
    *agenda,
    path("piste/", views.piste, name="piste"),
    path("piste/exporter/", views.exporter_piste, name="exporter_piste"),
    path("alertes/", views.alertes, name="alertes"),
    path("alertes/<uuid:uuid>/", views.alerte, name="alerte"),
    path("lectures/justifier/", views.justifier, name="justifier"),
    path("aide/", views.aide, name="aide"),
    path("aide/<slug:role>/", views.aide, name="aide_du_role"),
    path("accessibilite/", views.accessibilite, name="accessibilite"),
]
