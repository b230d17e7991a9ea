"""Adresses des rendez-vous ; incluses dans celles du parcours."""

from django.urls import path

from securisation.parcours.rendez_vous import views

urlpatterns = [
    path("parcours/<uuid:uuid>/rendez-vous/", views.les_rendez_vous, name="rendez_vous"),
    path("parcours/<uuid:uuid>/rendez-vous/prevoir/", views.prevoir, name="prevoir_rendez_vous"),
    path("rendez-vous/<uuid:uuid>/", views.un_rendez_vous, name="un_rendez_vous"),
    path("rendez-vous/<uuid:uuid>/deplacer/", views.deplacer, name="deplacer_rendez_vous"),
    path("rendez-vous/<uuid:uuid>/annuler/", views.annuler, name="annuler_rendez_vous"),
    path("rendez-vous/<uuid:uuid>/noter/", views.noter, name="noter_rendez_vous"),
]
