"""Un envoi démesuré ne s'écrit nulle part, et celui d'une page publique se compte avant d'être lu."""

from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from .refus import IntergicielDesRefus, Refus

ENVOI_MAX = 32 * 1024 * 1024  # octets d'un envoi entier ; chaque formulaire a en plus sa propre mesure


class EnvoiBorne(FileUploadHandler):
    """Premier des gardiens d'un envoi : au-delà de la borne, aucun fichier n'est reçu et la porte le dit."""

    def new_file(self, *args, **kwargs):
        """Arrête l'envoi trop lourd ; ce que le formulaire disait avant lui reste lisible."""
        super().new_file(*args, **kwargs)
        if int(self.request.META.get("CONTENT_LENGTH") or 0) > ENVOI_MAX:
            self.request.envoi_demesure = True
            raise StopUpload

    def receive_data_chunk(self, raw_data, start):
        """Passe le morceau aux suivants."""
        return raw_data

    def file_complete(self, file_size):
        """Laisse le fichier aux suivants."""


def compter_avant_de_lire(compter):
    """Décorateur d'une vue : `compter(request)` passe avant que rien de l'envoi ne soit lu, et le refuse en levant un `Refus`."""

    def decorer(vue):
        vue.avant_de_lire = compter
        return vue

    return decorer


class AvantDeLire:
    """Intergiciel : compte l'envoi des vues qui le demandent ; à placer avant la preuve d'origine, qui se lit dans le corps."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, vue, args, kwargs):
        """La page du refus, ou None : l'envoi se lit."""
        compter = getattr(vue, "avant_de_lire", None)
        if compter is None or request.method != "POST":
            return None
        try:
            compter(request)
        except Refus as refus:
            return IntergicielDesRefus.refuser(request, refus)
        return None
