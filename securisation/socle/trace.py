"""`Trace` : ce que tout objet d'un dossier porte (clé publique, version, dates, historique) et ce qu'il refuse."""

from contextlib import contextmanager
from contextvars import ContextVar

import uuid_utils.compat
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from simple_history.models import HistoricalRecords

from . import horloge
from .journal import dire_qui

_porte = ContextVar("porte_d_ecriture", default=None)


class HorsDeLaPorte(Exception):
    """Une écriture qui ne passe pas par une transition : une faute de programme, jamais une réponse à l'utilisateur."""


def modele_parcours():
    """Le modèle désigné par MODELE_PARCOURS : l'ancre des droits."""
    return apps.get_model(settings.MODELE_PARCOURS)


def porte_est_ouverte():
    """Vrai à l'intérieur d'une transition ou de `hors_porte`."""
    return _porte.get() is not None


@contextmanager
def porte_ouverte(par, motif):
    """Ouvre l'écriture pour `par`, sous ce motif ; réservé à la porte d'écriture et à `hors_porte`."""
    dehors = _porte.get()
    marque = _porte.set((par, motif))
    try:
        dire_qui(par, motif, horloge.moment_de_reprise())
        yield
        if dehors is not None:
            dire_qui(*dehors, horloge.moment_de_reprise())
    finally:
        _porte.reset(marque)


@contextmanager
def hors_porte(raison, *, par=None):
    """Seule sortie nommée hors des transitions : imports en masse, corrections, jeux d'essai. `raison` entre à l'historique."""
    with transaction.atomic(), porte_ouverte(par, raison):
        yield


def uuid7():
    """Clé publique, ordonnée dans le temps, qui ne se devine pas."""
    return uuid_utils.compat.uuid7()


class TraceQuerySet(models.QuerySet):
    """Refuse les écritures en masse : elles échappent à la porte d'écriture."""

    def _refuser(self, *args, **kwargs):
        raise HorsDeLaPorte(
            "Écriture en masse refusée : elle échappe à la porte d'écriture. Passez par une transition, ou par hors_porte() et en_masse()."
        )

    update = bulk_update = bulk_create = delete = _refuser

    def en_masse(self):
        """Queryset Django ordinaire, seulement dans `hors_porte`."""
        if not porte_est_ouverte():
            self._refuser()
        return models.QuerySet(self.model, using=self._db)

    def visibles_pour(self, professionnel):
        """Objets des parcours visibles par ce professionnel (les parcours ont leur propre définition)."""
        chemin = self.model.vers_parcours
        parcours = modele_parcours().objects.visibles_pour(professionnel)
        return self.filter(**{f"{chemin}__in": parcours.values("pk")})


class Trace(models.Model):
    """Un fait d'un dossier. `vers_parcours` : chemin jusqu'au parcours (« intervention__parcours »), "" pour le parcours lui-même.

    `champs_calcules` : colonnes tenues par la base, que ni l'ORM ni l'historique n'écrivent.
    `cloisonne` : la table est derrière le mur de la base (`cloison.py`) ; faux, la raison s'écrit à côté ;
    `histoire_cloisonnee` : son historique y est pourtant.
    """

    vers_parcours = "parcours"
    cloisonne, histoire_cloisonnee = True, False
    champs_calcules = ()

    uuid = models.UUIDField(default=uuid7, unique=True, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    cree_le = models.DateTimeField(editable=False)
    modifie_le = models.DateTimeField(editable=False)

    history = HistoricalRecords(
        inherit=True,
        history_id_field=models.BigAutoField(),
        history_change_reason_field=models.TextField(null=True),
        user_db_constraint=False,
        custom_model_name=lambda nom: f"Historique{nom}",
    )
    objects = TraceQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def parcours_de_rattachement(self):
        """Le parcours dont cet objet est un élément, ou None."""
        objet = self
        for pas in self.vers_parcours.split("__") if self.vers_parcours else []:
            objet = getattr(objet, pas, None)
        return objet

    def rattacher(self, parcours):
        """Rend à chaque étape du chemin le parcours déjà verrouillé."""
        pas = self.vers_parcours.split("__")
        etape = self
        for nom in pas[:-1]:
            etape = getattr(etape, nom)
        setattr(etape, pas[-1], parcours)

    def poser(self, **champs):
        """Pose des valeurs sur les champs nommés ; un nom inconnu ou réservé est une faute de programme (TypeError)."""
        ouverts = {champ.name for champ in self._meta.concrete_fields if champ.editable and not champ.primary_key}
        if inconnus := set(champs) - ouverts:
            raise TypeError(f"{type(self).__name__} n'a pas de champ ouvert : {', '.join(sorted(inconnus))}")
        for nom, valeur in champs.items():
            setattr(self, nom, valeur)

    def clean_fields(self, exclude=None):
        # Les clés étrangères sont tenues par la base : les relire une à une coûterait une requête chacune.
        etrangeres = {champ.name for champ in self._meta.concrete_fields if champ.is_relation}
        super().clean_fields(exclude=set(exclude or ()) | etrangeres)
        for champ in self._meta.concrete_fields:
            if isinstance(valeur := getattr(self, champ.attname), str) and "\x00" in valeur:
                raise ValidationError({champ.name: "Ce texte contient un caractère illisible (NUL) : retirez-le."})

    def save(self, *args, **kwargs):
        """Enregistre dans la porte ouverte ; une contrainte violée devient une ValidationError en français."""
        if not porte_est_ouverte():
            raise HorsDeLaPorte(
                f"{type(self).__name__} s'enregistre par une transition, ou dans hors_porte(« raison »)."
            )
        moment = horloge.maintenant()
        self.cree_le = self.cree_le or moment
        self.modifie_le = moment
        self.version += 1
        self.full_clean(validate_unique=False, validate_constraints=False)
        try:
            with transaction.atomic():
                if not self._state.adding and self.champs_calcules and not kwargs:
                    kwargs["update_fields"] = [
                        champ.name
                        for champ in self._meta.concrete_fields
                        if champ.name not in (*self.champs_calcules, "id")
                    ]
                super().save(*args, **kwargs)
        except IntegrityError as erreur:
            self.version -= 1
            raise self._en_francais(erreur) from erreur

    def delete(self, *args, **kwargs):
        if not porte_est_ouverte():
            raise HorsDeLaPorte(f"{type(self).__name__} ne s'efface pas hors d'une transition.")
        return super().delete(*args, **kwargs)

    def _en_francais(self, erreur):
        nom = getattr(getattr(erreur.__cause__, "diag", None), "constraint_name", None)
        for contrainte in self._meta.total_unique_constraints + self._meta.constraints:
            if contrainte.name == nom:
                return ValidationError(contrainte.get_violation_error_message(), code=nom)
        return ValidationError("La base a refusé cette valeur ; rien n'a été enregistré.", code=nom or "integrite")
