"""Adresses du toit."""

from django.urls import path

from securisation.synthese import views
from securisation.synthese.agenda.urls import urlpatterns as agenda
from securisation.synthese.contact import views as contact
from securisation.synthese.documents.urls import urlpatterns as documents
from securisation.synthese.lots import views as lots

app_name = "synthese"

urlpatterns = [
    path("", views.mes_parcours, name="mes_parcours"),
    path("recherche/", views.recherche, name="recherche"),
    path("contacts/noter/", contact.avec_qui, name="contact"),
    path("parcours/exporter/", views.exporter_liste, name="exporter_liste"),
    path("parcours/<uuid:uuid>/", views.parcours, name="parcours"),
    path("parcours/<uuid:uuid>/historique/", views.historique, name="historique"),
    *agenda,
    path("lots/", lots.lots, name="lots"),
    path("lots/<uuid:uuid>/", lots.lot, name="lot"),
    path("lots/<uuid:uuid>/avancement/", lots.avancement, name="avancement_du_lot"),
    path("lots/<uuid:uuid>/arreter/", lots.annuler_lot, name="annuler_lot"),
    path("lots/<uuid:uuid>/telecharger/", lots.telecharger_lot, name="telecharger_lot"),
    *documents,
    path("piste/", views.piste, name="piste"),
    path("piste/exporter/", views.exporter_piste, name="exporter_piste"),
    path("alertes/", views.alertes, name="alertes"),
    path("alertes/<uuid:uuid>/", views.alerte, name="alerte"),
    path("lectures/justifier/", views.justifier, name="justifier"),
    path("aide/", views.aide, name="aide"),
    path("aide/<slug:role>/", views.aide, name="aide_du_role"),
    path("accessibilite/", views.accessibilite, name="accessibilite"),
]
