"""Les alertes que le délégué à la protection des données regarde."""

from django.db import models


class AlerteQuerySet(models.QuerySet):
    def visibles_pour(self, professionnel):
        """Toutes pour le délégué à la protection des données, aucune pour qui que ce soit d'autre."""
        return self if professionnel.is_authenticated and professionnel.a_fonction("DPO") else self.none()

    def a_regarder(self):
        """Celles que personne n'a encore regardées."""
        return self.filter(etat="a_regarder")
