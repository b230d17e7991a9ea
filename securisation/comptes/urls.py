"""La démonstration."""

from django.urls import path

from securisation.comptes import views

app_name = "comptes"

urlpatterns = [path("demonstration/", views.demo, name="demo")]
