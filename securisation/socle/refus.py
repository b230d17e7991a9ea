"""Les refus : une exception déclarée près de ce qui la lève, un seul intergiciel qui la rend à la personne."""

import logging
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

journaliste = logging.getLogger("jalon.refus")
DEMANDES_REFUSEES = (400, 403, 404, 405, 413, 415, 429)
METHODES = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


class Refus(Exception):
    """Un acte refusé. `statut` HTTP, `titre`, ce qui s'est passé, `que_faire` ensuite (phrases françaises)."""

    statut = 409
    titre = "Cet acte n'est pas possible maintenant"
    que_faire = "Revenez à la page précédente ; rien n'a été enregistré."
    gabarit = "refus.html"
    montre = None  # l'objet d'un dossier dont la page de refus montre le contenu : sa lecture s'inscrit

    def __init__(self, message="", *, que_faire=None, lien=None):
        super().__init__(message or self.titre)
        self.message = message or self.titre
        self.que_faire = que_faire or self.que_faire
        self.lien = lien

    def contexte(self, request):
        return {"refus": self}

    def menee(self, request):
        """Une réponse qui mène ailleurs au lieu de la page de refus, ou None : la page."""


class Introuvable(Refus, Http404):
    """L'objet n'existe pas ou n'est pas visible : la même réponse dans les deux cas."""

    statut = 404
    titre = "Page introuvable"
    que_faire = "Vérifiez l'adresse, ou revenez à vos parcours."
    gabarit = "404.html"


class DroitRefuse(Refus, PermissionDenied):
    """Visible, mais cet acte n'est pas dans les droits de cette personne."""

    statut = 403
    titre = "Cet acte ne fait pas partie de vos droits sur ce parcours"
    que_faire = "Demandez au référent du parcours ou à votre superviseur. Rien n'a été enregistré."


class PageReservee(DroitRefuse):
    """Une page d'une autre fonction de l'association : aucun dossier n'y est en cause."""

    titre = "Cette page est réservée à d'autres fonctions"
    que_faire = "Si votre travail la demande, parlez-en à l'administrateur fonctionnel : une fonction se confie à deux personnes."


class MethodeRefusee(Refus):
    """Une adresse qui ne reçoit qu'un envoi, ouverte comme une page, ou l'inverse."""

    statut = 405
    titre = "Cette adresse ne s'ouvre pas ainsi"
    que_faire = "Revenez à la page précédente, et refaites le geste par son bouton. Rien n'a été enregistré."


class SaisieRefusee(Refus):
    """Une saisie que le serveur ne peut pas lire (forme, taille, caractère)."""

    statut = 422
    titre = "Cette saisie ne peut pas être enregistrée"
    que_faire = "Revenez à la page précédente : votre texte y est encore. Corrigez puis renvoyez."


class ContenuRefuse(Refus):
    """Un envoi qui n'est pas celui d'un formulaire (JSON, XML, texte) : le serveur n'en lit rien."""

    statut = 415
    titre = "Cet envoi n'est pas celui d'un formulaire"
    que_faire = "Revenez à la page précédente et recommencez depuis son formulaire. Rien n'a été enregistré."


def page_precedente(request):
    """Chemin de la page d'où vient la personne, si elle est de ce site ; None sinon."""
    venue = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(venue, {request.get_host()}, require_https=request.is_secure()):
        return None
    chemin = urlsplit(venue)._replace(scheme="", netloc="", fragment="").geturl()
    return None if request.method == "GET" and chemin == request.get_full_path() else chemin


class IntergicielDesRefus:
    """Rend chaque refus en page (403, 404, 405, 409, 422) et l'inscrit au journal, après l'annulation de la transaction."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        from .rythme import faire_attendre

        reponse = self.get_response(request)
        if reponse.status_code == MethodeRefusee.statut and not reponse.content:
            reponse.content = self._rendre(request, MethodeRefusee(lien=page_precedente(request))).content
        faire_attendre(request)
        self._inscrire_la_demande(request, reponse)
        return reponse

    def process_exception(self, request, exception):
        if isinstance(exception, Http404) and not isinstance(exception, Refus):
            exception = Introuvable()
        if isinstance(exception, PermissionDenied) and not isinstance(exception, Refus):
            exception = DroitRefuse()
        return self.refuser(request, exception) if isinstance(exception, Refus) else None

    @classmethod
    def refuser(cls, request, refus):
        """La page de ce refus, inscrit au journal, ou la réponse qui mène ailleurs."""
        if (menee := refus.menee(request)) is not None:
            return menee
        cls._inscrire(request, refus)
        refus.lien = refus.lien or page_precedente(request)
        return cls._rendre(request, refus)

    @staticmethod
    def _rendre(request, refus):
        """La page du refus ; celle qui montre un dossier le relit comme ce compte, la transaction de la vue étant annulée."""
        from .cloison import lire_comme

        with transaction.atomic():
            if refus.montre is not None:
                lire_comme(request.user)
            return render(request, refus.gabarit, refus.contexte(request), status=refus.statut)

    @staticmethod
    def _inscrire_la_demande(request, reponse):
        """Ce que Django refuse de lui-même (adresse inconnue, méthode, preuve d'origine, contenu) s'inscrit aussi, sans la saisie."""
        from .journal import inscrire

        connu = request.user.is_authenticated and not getattr(request, "refus_inscrit", False)
        if connu and reponse.status_code in DEMANDES_REFUSEES:
            route = getattr(request.resolver_match, "view_name", "") or ""
            methode = request.method if request.method in METHODES else "autre"
            inscrire("demande refusée", par=request.user, statut=reponse.status_code, methode=methode, route=route)

    @staticmethod
    def _inscrire(request, refus):
        from . import flots
        from .journal import inscrire

        request.refus_inscrit = True
        # Passé une limite, un flot sans compte ne fait pas du journal sa place ; un compte, lui, s'inscrit toujours.
        flot = refus.statut == 429 and not request.user.is_authenticated
        tues = flots.a_dire(type(refus).__name__) if flot else 0
        if tues is None:
            return
        dits = {"tues": tues} if flot else {}
        route = getattr(request.resolver_match, "view_name", "") or ""
        cible = str((getattr(request.resolver_match, "kwargs", None) or {}).get("uuid", ""))
        lu = refus.montre
        # Le message d'un refus peut citer une saisie : seuls le genre et la route entrent au journal.
        with transaction.atomic():
            genre, statut = type(refus).__name__, refus.statut
            inscrire("refus", par=request.user, genre=genre, statut=statut, route=route, cible=cible, **dits)
            if lu is not None:
                inscrire("lecture", parcours=lu.parcours_de_rattachement, objet=lu, par=request.user, page=route)
