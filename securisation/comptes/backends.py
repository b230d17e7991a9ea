"""Qui est connecté : le compte, son équipe, ses fonctions, son second facteur, relus à chaque requête en une seule."""

from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.models import Authenticator
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.db.models.functions import JSONObject
from django.utils.dateparse import parse_date

from securisation.comptes.models import Fonction, Professionnel


class Connexion(AuthenticationBackend):
    """Connexion d'allauth ; un compte fermé ou une fonction retirée mordent à la requête suivante."""

    def get_user(self, user_id):
        """Le compte actif de cette clé, ou None."""
        lues = Fonction.objects.filter(professionnel=OuterRef("pk"))
        lues = lues.values(json=JSONObject(pk="pk", genre="genre", equipe_id="equipe_id", du="du", au="au"))
        facteurs = Authenticator.objects.filter(user=OuterRef("pk")).exclude(type="recovery_codes")
        compte = (
            Professionnel.objects.filter(pk=user_id)
            .select_related("equipe")
            .annotate(fonctions_lues=ArraySubquery(lues), second_facteur=Exists(facteurs))
            .first()
        )
        if compte is None or not self.user_can_authenticate(compte):
            return None
        compte._fonctions = [_fonction(lue) for lue in compte.fonctions_lues]
        return compte


def _fonction(lue):
    dates = {nom: lue[nom] and parse_date(lue[nom]) for nom in ("du", "au")}
    return Fonction(pk=lue["pk"], genre=lue["genre"], equipe_id=lue["equipe_id"], **dates)
