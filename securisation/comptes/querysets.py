"""Ce qu'on lit des comptes, et comment on en crée."""

from django.contrib.auth.models import BaseUserManager
from django.db import models
from django.db.models import Exists, OuterRef, ProtectedError, Q


def refuser_suppression(objets):
    """Lève l'erreur commune : un compte se désactive, il ne se supprime pas."""
    raise ProtectedError("Un compte ne se supprime pas : désactivez-le.", set(objets))


class ProfessionnelQuerySet(models.QuerySet):
    """Les professionnels ; la suppression y est refusée."""

    def actifs(self):
        """Ceux qui peuvent se connecter."""
        return self.filter(is_active=True)

    def a_qui_confier(self):
        """Ceux à qui une fonction se propose : un compte invité ne lit que ce qu'une personne lui partage."""
        return self.actifs().filter(est_invite=False)

    def a_resumer(self, jour):
        """Ceux à qui le résumé de ce jour peut être envoyé : `suit_des_parcours`, présents, et qui ne l'ont pas éteint."""
        from securisation.comptes.models import Absence, Fonction

        exercees = Fonction.objects.filter(Q(au=None) | Q(au__gte=jour), professionnel=OuterRef("pk"), du__lte=jour)
        suivent = Q(equipe__isnull=False) | Exists(exercees.filter(genre=Fonction.Genre.SUPERVISEUR))
        financeur = Exists(exercees.filter(genre=Fonction.Genre.FINANCEUR))
        absent = Exists(Absence.objects.entre(jour, jour).filter(compte=OuterRef("pk")))
        presents = self.actifs().filter(suivent, ~financeur, ~absent)
        return presents.filter(est_invite=False, resume_voulu=True)

    def pas_encore_resumes(self, jour):
        """Ceux dont le résumé de ce jour n'a pas encore été préparé."""
        return self.filter(Q(resume_le=None) | Q(resume_le__lt=jour))

    def partenaires(self):
        """Les comptes de partenaires : actifs, sans équipe ni fonction, et non ouverts par une invitation."""
        return self.actifs().filter(equipe=None, fonctions=None, is_superuser=False, est_invite=False)

    def de_courriel(self, email):
        """Le compte de cette adresse, quelle que soit la casse saisie."""
        return self.filter(email=email.strip().lower())

    def delete(self):
        """Refusée."""
        refuser_suppression(self)


class ProfessionnelManager(BaseUserManager.from_queryset(ProfessionnelQuerySet)):
    """Fabrique des comptes ; l'adresse électronique est l'identifiant, rangée en minuscules."""

    def create_user(self, email, password=None, **champs):
        """Crée un compte ; sans mot de passe, il n'entre que par une réinitialisation ou une clé."""
        if not email or not email.strip():
            raise ValueError("Un compte a besoin d'une adresse électronique.")
        professionnel = self.model(email=email.strip().lower(), **champs)
        professionnel.set_password(password)
        professionnel.save(using=self._db)
        return professionnel

    def create_superuser(self, email, password=None, **champs):
        """Crée un compte technique d'installation ; il ne voit aucune personne dans l'application."""
        return self.create_user(email, password, **champs, is_superuser=True)

    def get_by_natural_key(self, email):
        """Retrouve un compte par son adresse, insensible à la casse."""
        return self.get(email=email.strip().lower())


class AbsenceQuerySet(models.QuerySet):
    """Les absences posées."""

    def entre(self, du, au):
        """Celles qui touchent un jour de cette période, bornes comprises."""
        return self.filter(du__lte=au, au__gte=du)

    def avec_noms(self):
        """Avec l'absent et son remplaçant, la plus proche d'abord."""
        return self.select_related("compte", "remplacant").order_by("du", "pk")
