"""Adresses du diagnostic."""

from django.urls import path

from diagnostics import views

app_name = "diagnostics"

urlpatterns = [
    path("parcours/<uuid:uuid>/diagnostic/ouvrir/", views.ouvrir, name="ouvrir"),
    path("diagnostics/<uuid:uuid>/", views.detail, name="detail"),
    path("diagnostics/<uuid:uuid>/suites/", views.suites, name="suites"),
    path("diagnostics/<uuid:uuid>/parole/", views.parole, name="parole"),
    path("diagnostics/<uuid:uuid>/relire/", views.relire, name="relire"),
    path("diagnostics/<uuid:uuid>/comparer/", views.comparer, name="comparer"),
    path("diagnostics/<uuid:uuid>/feuille.pdf", views.feuille, name="feuille"),
    path("diagnostics/feuille.pdf", views.feuille_vierge, name="feuille_vierge"),
    path("diagnostics/<uuid:uuid>/valider/", views.valider, name="valider"),
    path("suites/<uuid:uuid>/", views.suite, name="suite"),
    path("axes/<uuid:uuid>/", views.axe, name="axe"),
    path("axes/<uuid:uuid>/entretien/", views.entretien, name="entretien"),
    path("axes/<uuid:uuid>/accord/", views.accord, name="accord"),
    path("axes/<uuid:uuid>/brouillon/", views.brouillon, name="brouillon"),
    path("axes/<uuid:uuid>/brouillon/abandonner/", views.abandonner, name="abandonner"),
]
