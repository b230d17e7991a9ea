"""Adresses du toit."""

from django.urls import path

from securisation.synthese import views

app_name = "synthese"

urlpatterns = [path("", views.mes_parcours, name="mes_parcours")]
