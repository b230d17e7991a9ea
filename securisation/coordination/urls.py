"""Adresses de la coordination."""

app_name = "coordination"

urlpatterns = []
