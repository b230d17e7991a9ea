"""Adresses du parcours."""

from django.urls import path

from securisation.parcours import views
from securisation.parcours.effacement.urls import urlpatterns as effacement
from securisation.parcours.ouvertures.urls import urlpatterns as ouvertures
from securisation.parcours.rendez_vous.urls import urlpatterns as rendez_vous

app_name = "parcours"

urlpatterns = [
    *effacement,
    path("parcours/ouvrir/", views.ouvrir, name="ouvrir"),
    path("parcours/importer/", views.importer, name="importer"),
    path("parcours/importer/modele/", views.modele, name="modele_import"),
    path("importations/<uuid:uuid>/", views.importation, name="importation"),
    path("importations/<uuid:uuid>/rejets/", views.rejets, name="rejets"),
    path("parcours/<uuid:uuid>/qualifier/", views.qualifier, name="qualifier"),
    path("parcours/<uuid:uuid>/reponse/", views.repondre, name="repondre"),
    path("parcours/<uuid:uuid>/accords/", views.accords, name="accords"),
    path("parcours/<uuid:uuid>/accords/recueillir/", views.recueillir_accord, name="recueillir_accord"),
    path("accords/<uuid:uuid>/retirer/", views.retirer_accord, name="retirer_accord"),
    path("accords/<uuid:uuid>/papier/", views.preuve, name="preuve"),
    path("accords/<uuid:uuid>/joindre/", views.joindre_preuve, name="joindre_preuve"),
    path("parcours/<uuid:uuid>/personne/", views.modifier_personne, name="modifier_personne"),
    path("parcours/<uuid:uuid>/entourage/ajouter/", views.ajouter_entourage, name="ajouter_entourage"),
    path("parcours/<uuid:uuid>/coordonnees/", views.reveler, name="reveler"),
    path("parcours/<uuid:uuid>/roles/", views.roles, name="roles"),
    path("parcours/<uuid:uuid>/roles/<uuid:professionnel>/retirer/", views.retirer, name="retirer_role"),
    path("parcours/<uuid:uuid>/interrompre/", views.interrompre, name="interrompre"),
    path("parcours/<uuid:uuid>/restreindre/", views.restreindre, name="restreindre"),
    *ouvertures,
    *rendez_vous,
]
