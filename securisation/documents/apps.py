"""Les documents : une machine PDF, leurs états, leur fichier."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Déclare l'application."""

    name = "securisation.documents"
    label = "documents"
    verbose_name = "Documents"

    def ready(self):
        """Inscrit les documents d'un parcours à la vérification publique, et le contrôle du certificat."""
        from . import controles  # noqa: F401
        from .models import Document
        from .verification import enregistrer_registre

        registre = Document.objects
        enregistrer_registre(registre.trace_du_numero, par_empreinte=registre.trace_de_l_empreinte)
