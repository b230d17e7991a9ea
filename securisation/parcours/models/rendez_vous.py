"""Le rendez-vous : quand, où, avec qui, et s'il a été tenu ; une concertation est un rendez-vous entre professionnels."""

import datetime
import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Prefetch, Q
from django.urls import reverse
from django.utils import timezone

from securisation.parcours.models.personne import cle_de_recherche
from securisation.socle import horloge
from securisation.socle.trace import Trace, TraceQuerySet
from securisation.socle.transitions import NOUVEAU, AccordManquant, AvecEtat, transition

DUREE_MAX = 600  # minutes
LOIN = datetime.timedelta(days=730)
# Avant l'adhésion, c'est au premier rendez-vous qu'elle se recueille ; une concertation, elle, parle toujours de la personne.
AVANT_L_ADHESION = ("oriente", "admis")

# D'une adresse, ce qui ne dit pas où l'on vit : les mots de voie, et les lieux où l'on reçoit tout le monde.
MOTS_DE_VOIE = frozenset(
    cle_de_recherche(
        """allée allées apt appart appartement avenue bat bâtiment bis boulevard boîte bourg cedex centre chemin chez cité cour
        cours domaine droite entrée escalier esplanade étage etg faubourg france gauche hameau immeuble impasse lieu dit logement
        lotissement lot mail maison montée parc passage place placette porte postale quai quartier quater res résidence rond point
        route rue ruelle sentier square ter traverse venelle villa village voie zone le la les un une de du des au aux et en sur
        sous près dans accueil association ccas cias commune communale domicile domicilié domiciliée sans fixe foyer hébergement
        hôpital mairie permanence social sociale"""
    ).split()
)


def nomme(texte, personne):
    """Vrai si ce texte porte le prénom, le nom ou le pseudonyme de la personne, accents et casse mis de côté."""
    entier = f"{personne.prenom} {personne.nom} {personne.pseudonyme}"
    # Une écriture sans équivalent latin n'a pas de clé : elle se compare telle quelle.
    mots, noms = ({*cle_de_recherche(t).split(), *t.casefold().split()} for t in (texte, entier))
    return any(len(nom) > 2 for nom in mots & noms)


def situe(texte, personne):
    """Vrai si ce texte dit où vit la personne : le numéro de son adresse et un mot de sa voie, ou ce seul mot s'il n'y a pas de numéro."""
    adresse, lieu = _reperes(personne.adresse), _reperes(texte)
    numeros = {n for n in re.findall(r"\d+", personne.adresse) if len(n) < 5}  # cinq chiffres : le code postal
    mots = adresse - MOTS_DE_VOIE - _reperes(personne.commune)
    mots = {mot for mot in mots if len(mot) >= 4} or {mot for mot in mots if len(mot) >= 2}
    voie = cle_de_recherche(personne.adresse.split(",")[0])
    if len(voie.split()) > 2 and f" {voie} " in f" {cle_de_recherche(texte)} ":
        return True  # une voie dont tous les mots sont courants : « 3 place du Village »
    return bool(mots & lieu) and (not numeros or not numeros.isdisjoint(re.findall(r"\d+", texte)))


def _reperes(texte):
    """Les mots d'une adresse, sans leurs chiffres ; une écriture sans équivalent latin se garde telle quelle."""
    mots = {*cle_de_recherche(texte).split(), *(m for m in texte.casefold().split() if not cle_de_recherche(m))}
    return {mot for mot in mots if not any(signe.isdigit() for signe in mot)}


def _accord_du_moment(rendez_vous):
    """L'adhésion, sauf pour rencontrer une personne qui ne l'a pas encore donnée."""
    return [] if rendez_vous.parcours.etat in AVANT_L_ADHESION else ["ADHESION"]


class RendezVousQuerySet(TraceQuerySet):
    def avec_presents(self):
        """Avec leur parcours et les professionnels attendus, dans l'ordre où ils ont été nommés."""
        presents = Presence.objects.select_related("professionnel").order_by("pk")
        return self.select_related("parcours__personne").prefetch_related(Prefetch("presences", queryset=presents))

    def a_venir(self):
        """Ceux qui sont prévus, le plus proche d'abord, y compris ceux dont la suite reste à noter."""
        return self.filter(etat=RendezVous.Etat.PREVU).order_by("debut", "pk")

    def passes(self):
        """Ceux dont la suite est connue, le plus récent d'abord."""
        return self.exclude(etat=RendezVous.Etat.PREVU).order_by("-debut", "-pk")


class RendezVous(Trace, AvecEtat):
    """Un rendez-vous sur un parcours. Son lieu ne nomme ni ne situe la personne : il part dans un téléphone."""

    class Genre(models.TextChoices):
        RENDEZ_VOUS = "rendez_vous", "Rendez-vous"
        VISITE = "visite", "Visite à domicile"
        CONCERTATION = "concertation", "Concertation"

    class Etat(models.TextChoices):
        PREVU = "prevu", "Prévu"
        TENU = "tenu", "Tenu"
        MANQUE = "manque", "Manqué"
        ANNULE = "annule", "Annulé"

    parcours = models.ForeignKey("parcours.Parcours", models.CASCADE, related_name="rendez_vous", editable=False)
    genre = models.CharField("genre", max_length=12, choices=Genre.choices, default=Genre.RENDEZ_VOUS)
    etat = models.CharField("état", max_length=8, choices=Etat.choices, default=Etat.PREVU, editable=False)
    debut = models.DateTimeField("début")
    duree = models.PositiveSmallIntegerField("durée (minutes)", default=60)
    lieu = models.CharField("lieu", max_length=120, blank=True)
    avec = models.CharField("avec qui d’autre", max_length=200, blank=True)
    motif = models.CharField("motif de l’annulation", max_length=300, blank=True, editable=False)

    objects = RendezVousQuerySet.as_manager()

    class Meta:
        verbose_name = "ce rendez-vous"
        ordering = ["debut", "pk"]
        indexes = [models.Index(fields=["parcours", "debut"], name="rendez_vous_par_debut")]
        constraints = [
            models.CheckConstraint(
                condition=Q(duree__range=(5, DUREE_MAX)),
                name="rendez_vous_duree_possible",
                violation_error_message="Un rendez-vous dure de cinq minutes à dix heures.",
            ),
            models.CheckConstraint(
                condition=Q(genre__in=["rendez_vous", "visite", "concertation"]),
                name="rendez_vous_genre_connu",
                violation_error_message="Ce genre de rendez-vous n’existe pas.",
            ),
            models.CheckConstraint(
                condition=~Q(etat="annule") | ~Q(motif=""),
                name="rendez_vous_annule_motive",
                violation_error_message="Une annulation porte son motif.",
            ),
        ]

    def __str__(self):
        return f"rendez-vous {self.pk}"

    def get_absolute_url(self):
        """La page du rendez-vous."""
        return reverse("parcours:un_rendez_vous", args=[self.uuid])

    @property
    def fin(self):
        """L'heure de fin (datetime avec fuseau) : des minutes vraies, même la nuit où l'heure change."""
        return self.debut + datetime.timedelta(minutes=self.duree)

    @property
    def est_a_noter(self):
        """Vrai si l'heure est passée et que nul n'a dit s'il a été tenu."""
        return self.etat == self.Etat.PREVU and self.debut <= horloge.maintenant()

    @property
    def professionnels(self):
        """Les comptes attendus."""
        return [presence.professionnel for presence in self.presences.all()]

    # -- actes, dans l'ordre de la vie

    @transition(de=[NOUVEAU], vers=Etat.PREVU, permission="prevoir_rendez_vous", finalite=_accord_du_moment)
    def prevoir(self, *, par, professionnels=(), **champs):
        """Prévoit un rendez-vous, une visite ou une concertation."""
        self.poser(**champs)
        self._verifier()
        return lambda: self._attendre(professionnels or [par])

    @transition(de=[Etat.PREVU], permission="prevoir_rendez_vous")
    def deplacer(self, *, par, professionnels=(), **champs):
        """Déplace le rendez-vous, ou en corrige le lieu et les présents."""
        self.poser(**champs)
        self._verifier()
        return lambda: self._attendre(professionnels or [par])

    @transition(de=[Etat.PREVU], vers=Etat.ANNULE, permission="annuler_rendez_vous", apres_cloture=True)
    def annuler(self, *, par, motif):
        """Annule le rendez-vous, avec son motif."""
        if not motif.strip():
            raise ValidationError({"motif": "Dites pourquoi, en quelques mots."})
        self.motif = motif.strip()

    @transition(de=[Etat.PREVU], vers=Etat.TENU, permission="noter_rendez_vous", apres_cloture=True)
    def noter_tenu(self, *, par):
        """Note que le rendez-vous a eu lieu."""
        self._exiger_commence()

    @transition(de=[Etat.PREVU], vers=Etat.MANQUE, permission="noter_rendez_vous", apres_cloture=True)
    def noter_manque(self, *, par):
        """Note que le rendez-vous n'a pas eu lieu : quelqu'un n'est pas venu."""
        self._exiger_commence()

    def _verifier(self):
        jour = horloge.maintenant()
        if not jour - LOIN <= self.debut <= jour + LOIN:
            raise ValidationError({"debut": "Choisissez un jour à moins de deux ans d’ici."})
        if nomme(self.lieu, self.parcours.personne):
            raise ValidationError({"lieu": "Écrivez le lieu sans nommer la personne : il part dans votre calendrier."})
        if situe(self.lieu, self.parcours.personne):
            raise ValidationError(
                {
                    "lieu": "C’est l’adresse de la personne, et ce lieu part dans votre calendrier. Écrivez « À domicile »."
                }
            )
        if self.genre == self.Genre.CONCERTATION:
            if not self.parcours.a_accord("ADHESION"):
                raise AccordManquant("Une concertation demande un accord en cours : l’adhésion au dispositif.")
            if not self.avec.strip() and not self.lieu.strip():
                raise ValidationError({"avec": "Dites avec qui, ou où, se tient la concertation."})

    def _exiger_commence(self):
        if self.debut > horloge.maintenant():
            raise ValidationError("Ce rendez-vous n’a pas commencé : notez sa suite après l’heure, ou annulez-le.")

    def _attendre(self, professionnels):
        """Seuls ces comptes sont attendus ; chacun a un rôle sur le parcours."""
        voulus = {compte.pk: compte for compte in professionnels}
        places = set(
            self.parcours.attributions.filter(user__in=voulus, user__is_active=True).values_list("user_id", flat=True)
        )
        if voulus.keys() - places:
            raise ValidationError({"professionnels": "Choisissez des professionnels qui ont un rôle sur ce parcours."})
        connus = {presence.professionnel_id: presence for presence in self.presences.all()}
        for cle in connus.keys() - voulus.keys():
            connus[cle].delete()
        for cle in voulus.keys() - connus.keys():
            Presence(rendez_vous=self, professionnel=voulus[cle]).save()


class Presence(Trace):
    """Un professionnel du parcours attendu à un rendez-vous."""

    vers_parcours = "rendez_vous__parcours"

    rendez_vous = models.ForeignKey(RendezVous, models.CASCADE, related_name="presences")
    professionnel = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="professionnel attendu"
    )

    class Meta:
        verbose_name = "cette présence"
        constraints = [
            models.UniqueConstraint(
                fields=["rendez_vous", "professionnel"],
                name="presence_une_fois",
                violation_error_message="Ce professionnel est déjà attendu.",
            )
        ]

    def __str__(self):
        return f"présence {self.pk}"


def a_l_heure(jour, heure):
    """Ce jour à cette heure de Paris (datetime avec fuseau). ValidationError si l'horloge la saute (fin mars) ; doublée, la première."""
    naif = datetime.datetime.combine(jour, heure)
    moment = timezone.make_aware(naif)
    if timezone.make_naive(moment.astimezone(datetime.UTC), moment.tzinfo) != naif:
        raise ValidationError(
            "Cette heure n’existe pas ce jour-là : on passe à l’heure d’été. Choisissez-en une autre."
        )
    return moment
