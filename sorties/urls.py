"""Adresses de la sortie."""

from django.urls import path

from sorties import views

app_name = "sorties"

urlpatterns = [
    path("parcours/<uuid:uuid>/sortie/ouvrir/", views.ouvrir, name="ouvrir"),
    path("sorties/<uuid:uuid>/", views.detail, name="detail"),
    path("sorties/<uuid:uuid>/cadre/", views.cadre, name="cadre"),
    path("sorties/<uuid:uuid>/risques/", views.risques, name="risques"),
    path("sorties/<uuid:uuid>/risques/inscrire/", views.inscrire_risque, name="inscrire_risque"),
    path("sorties/<uuid:uuid>/parole/", views.parole, name="parole"),
    path("sorties/<uuid:uuid>/remise/", views.remise, name="remise"),
    path("sorties/<uuid:uuid>/relire/", views.relire, name="relire"),
    path("sorties/<uuid:uuid>/valider/", views.valider, name="valider"),
    path("sorties/<uuid:uuid>/additif/", views.additif, name="additif"),
    path("cotes-de-sortie/<uuid:uuid>/", views.recoter, name="recoter"),
    path("risques/<uuid:uuid>/", views.risque, name="risque"),
    path("risques/<uuid:uuid>/retirer/", views.retirer_risque, name="retirer_risque"),
]
