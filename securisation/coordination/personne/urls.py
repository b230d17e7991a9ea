"""Adresses des droits de la personne ; incluses dans celles de la coordination."""

from django.urls import path

from securisation.coordination.personne import views

urlpatterns = [
    path("droits-des-personnes/", views.tableau, name="tableau"),
    path("parcours/<uuid:uuid>/droits/", views.droits, name="droits"),
    path("parcours/<uuid:uuid>/droits/demande/", views.enregistrer, name="enregistrer_demande"),
    path("parcours/<uuid:uuid>/droits/registre/", views.registre, name="registre"),
    path("parcours/<uuid:uuid>/droits/copie/", views.remettre, {"contenu": "copie"}, name="remettre_copie"),
    path(
        "parcours/<uuid:uuid>/droits/registre/pdf/", views.remettre, {"contenu": "registre"}, name="remettre_registre"
    ),
    path("demandes/<uuid:uuid>/", views.demande, name="demande"),
    path("demandes/<uuid:uuid>/repondre/", views.repondre, name="repondre_demande"),
    path("demandes/<uuid:uuid>/prolonger/", views.prolonger, name="prolonger_demande"),
    path("demandes/<uuid:uuid>/lever/", views.lever, name="lever_demande"),
    path("demandes/<uuid:uuid>/retirer/", views.retirer, name="retirer_demande"),
    path("copies/<uuid:uuid>/", views.copie, name="copie"),
    path("copies/<uuid:uuid>/relancer/", views.relancer, name="relancer_copie"),
    path("copies/<uuid:uuid>/fichier.pdf", views.telecharger, {"fichier": "pdf"}, name="copie_pdf"),
    path("copies/<uuid:uuid>/fichier.json", views.telecharger, {"fichier": "json"}, name="copie_json"),
]
