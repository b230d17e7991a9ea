"""Adresses de la coordination."""

from django.urls import path

from securisation.coordination import views
from securisation.coordination.personne.urls import urlpatterns as droits_de_la_personne

app_name = "coordination"

urlpatterns = [
    path("parcours/<uuid:uuid>/invitations/", views.liste, name="invitations"),
    path("accords/<uuid:uuid>/inviter/", views.inviter, name="inviter"),
    path("invitations/<uuid:uuid>/", views.invitation, name="invitation"),
    path("invitations/<uuid:uuid>/code/", views.donner_un_code, name="donner_un_code"),
    path("invitations/<uuid:uuid>/lien/", views.copier_le_lien, name="copier_le_lien"),
    path("invitations/<uuid:uuid>/envoyer/", views.envoyer_le_lien, name="envoyer_le_lien"),
    path("invitations/<uuid:uuid>/revoquer/", views.revoquer, name="revoquer"),
    path("invitation/", views.arriver, name="arriver"),
    path("partages/", views.partages, name="partages"),
    path("partages/<uuid:uuid>/", views.partage, name="partage"),
    path("partages/documents/<uuid:uuid>/", views.document, name="document"),
    *droits_de_la_personne,
]
