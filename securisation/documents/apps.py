"""Les documents : une machine PDF, leurs états, leur fichier."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Déclare l'application."""

    name = "securisation.documents"
    label = "documents"
    verbose_name = "Documents"
