"""Adresses de l'agenda ; incluses dans celles du toit."""

from django.urls import path

from securisation.synthese.agenda import views

urlpatterns = [
    path("agenda/", views.agenda, name="agenda"),
    path("agenda/prevoir/", views.prevoir, name="prevoir"),
    path("agenda/lien/", views.lien, name="lien_agenda"),
    path("agenda/<str:cle>.ics", views.flux_agenda, name="flux_agenda"),
]
