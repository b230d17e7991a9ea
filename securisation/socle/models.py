"""Tables du socle : le journal (lecture seule), l'outbox et les jetons des formulaires."""

from django.conf import settings
from django.db import models


class Evenement(models.Model):
    """Un maillon du journal ; écrit par `journal.inscrire` et par les déclencheurs, jamais par l'ORM."""

    pk = models.CompositePrimaryKey("chaine", "seq")
    chaine = models.BigIntegerField()
    seq = models.BigIntegerField()
    quand = models.DateTimeField()
    fait_le = models.DateTimeField(null=True)
    acteur = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_column="acteur",
        db_constraint=False,
        related_name="+",
    )
    action = models.TextField()
    motif = models.TextField()
    modele = models.TextField()
    objet = models.BigIntegerField(null=True)
    charge = models.JSONField()

    class Meta:
        managed = False
        db_table = "socle_journal"

    def __str__(self):
        return f"{self.chaine}/{self.seq} {self.action}"


class Du(models.Model):
    """Ce que l'application doit encore faire : une ligne posée dans la transaction de l'acte, soldée par le travailleur."""

    genre = models.CharField(max_length=60)
    ids = models.JSONField(default=dict)
    par = models.BigIntegerField(null=True)  # clé du compte qui l'a demandé : l'acteur de ce que le travailleur écrira
    du_le = models.DateTimeField()
    essais = models.PositiveSmallIntegerField(default=0)
    fait_le = models.DateTimeField(null=True)
    erreur = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["genre", "ids"],
                condition=models.Q(fait_le=None),
                name="du_une_fois",
                violation_error_message="Déjà dû.",
            )
        ]
        indexes = [models.Index(fields=["du_le"], condition=models.Q(fait_le=None), name="du_a_faire")]

    def __str__(self):
        return f"{self.genre} {self.ids}"


class Jeton(models.Model):
    """Un formulaire envoyé : le même envoi deux fois rend la réponse du premier."""

    valeur = models.UUIDField(primary_key=True)
    acteur = models.BigIntegerField()
    suite = models.TextField(blank=True)
    cree_le = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return str(self.valeur)


class LectureRecente(models.Model):
    """La dernière fois qu'un compte a ouvert un dossier, écrite par `jalon_lire` : ce que compte le rythme des lectures. Gardée un jour."""

    pk = models.CompositePrimaryKey("acteur", "chaine")
    acteur = models.BigIntegerField()
    chaine = models.BigIntegerField()
    vu_le = models.DateTimeField()

    class Meta:
        db_table = "socle_rythme"

    def __str__(self):
        return f"{self.acteur} a ouvert {self.chaine}"


class Elargissement(models.Model):
    """Un lecteur arrêté a dit pourquoi : son plafond s'élève pour une heure. Le motif est dans l'alerte qui en naît."""

    acteur = models.BigIntegerField()
    accorde_le = models.DateTimeField()

    class Meta:
        db_table = "socle_elargissement"
        indexes = [models.Index(fields=["acteur", "accorde_le"], name="elargissement_d_un_compte")]

    def __str__(self):
        return f"élargissement {self.pk}"
