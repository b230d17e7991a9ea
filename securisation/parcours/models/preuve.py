"""Le papier signé, numérisé : une ligne à part, effaçable d'un coup avec son accord, hors de l'historique."""

from django.db import models


class PreuveAccord(models.Model):
    """Les octets d'une preuve, déjà vérifiés et réécrits ; leur empreinte est sur l'accord, dont l'historique fait foi."""

    cloisonne, vers_parcours = True, "accord__parcours"

    class Genre(models.TextChoices):
        PDF = "application/pdf", "PDF"
        JPEG = "image/jpeg", "Image"

    accord = models.OneToOneField("parcours.Accord", models.CASCADE, primary_key=True, related_name="preuve")
    genre = models.CharField("genre", max_length=20, choices=Genre.choices)
    contenu = models.BinaryField("contenu")

    class Meta:
        verbose_name = "papier numérisé"
        verbose_name_plural = "papiers numérisés"

    def __str__(self):
        return str(self.accord_id)

    @property
    def nom_de_fichier(self):
        """« accord-42.pdf » : un numéro, jamais un nom de personne."""
        return f"accord-{self.accord_id}.{'pdf' if self.genre == self.Genre.PDF else 'jpg'}"
