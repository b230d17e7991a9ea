"""Adresses des documents."""

from django.urls import path, re_path

from . import views

app_name = "documents"
urlpatterns = [
    path("documents/<uuid:uuid>/", views.suivi, name="suivi"),
    path("documents/<uuid:uuid>/fichier/", views.telecharger, name="telecharger"),
    path("documents/<uuid:uuid>/modifiable/", views.modifiable, name="modifiable"),
    path("documents/<uuid:uuid>/relancer/", views.relancer, name="relancer"),
    # Une seule route publique : la page, et la même ouverte par un code QR.
    re_path(r"^verifier/(?:(?P<reference>[0-9A-Za-z-]{1,80}))?$", views.verifier, name="verifier"),
]
