"""La porte de lecture : une vue ne reçoit que ce qui est visible, et la lecture est au journal avant que la réponse parte."""

import uuid as uuid_std
from functools import partial, wraps

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import connection
from django.http import HttpResponseNotAllowed, HttpResponseRedirect

from .cloison import en_lisant_comme, lire_en_systeme, lire_un_parcours
from .confirmation import exiger
from .journal import dire_qui, inscrire
from .refus import ContenuRefuse, DroitRefuse, Introuvable, PageReservee, SaisieRefusee
from .rythme import inscrire_des_lectures, inscrire_une_lecture
from .trace import modele_parcours

METHODES = ("GET", "HEAD", "POST")
MONTRENT = (200, 422)
FORMULAIRES = ("", "application/x-www-form-urlencoded", "multipart/form-data")


def _declarer(vue, acces, *, a_tous=False):
    """Marque la vue de son accès : un test refuse toute URL dont la vue n'en a pas."""
    vue.acces, vue.a_tous = acces, a_tous
    return vue


def _porte(corps):
    """Ce que toute page fait : méthodes connues, saisie lisible, et un formulaire envoyé deux fois n'a qu'un effet."""

    @wraps(corps)
    def enveloppe(request, *args, **kwargs):
        if request.method not in METHODES:
            return HttpResponseNotAllowed(METHODES)
        _refuser_l_illisible(request)
        if request.method == "POST" and request.user.is_authenticated:
            dire_qui(request.user, f"page {request.resolver_match.view_name}")
        jeton = _jeton(request)
        if jeton is None:
            return corps(request, *args, **kwargs)
        suite = _prendre_le_jeton(jeton, request.user)
        if suite is not None:
            return HttpResponseRedirect(suite or request.path)
        reponse = corps(request, *args, **kwargs)
        _rendre_le_jeton(jeton, reponse)
        return reponse

    return enveloppe


def _refuser_l_illisible(request):
    if request.method == "POST" and request.content_type not in FORMULAIRES:
        raise ContenuRefuse()
    try:
        envois = [request.GET, request.POST] if request.method == "POST" else [request.GET]
    except RequestDataTooBig:
        raise SaisieRefusee("Cet envoi est trop volumineux (12 Mo au plus).") from None
    if getattr(request, "envoi_demesure", False):
        raise SaisieRefusee("Ce fichier est trop lourd pour être envoyé (32 Mo au plus). Rien n'a été gardé.")
    textes = (texte for envoi in envois for nom, valeurs in envoi.lists() for texte in (nom, *valeurs))
    if any("\x00" in texte for texte in textes):
        raise SaisieRefusee("Un texte contient un caractère illisible (NUL), souvent venu d'un copier-coller.")


def _jeton(request):
    try:
        return uuid_std.UUID(request.POST.get("jeton", "").strip()) if request.method == "POST" else None
    except ValueError:
        return None


def _prendre_le_jeton(jeton, par):
    """None si le jeton est neuf (il est pris) ; sinon l'adresse où le premier envoi a mené. Le second attend la fin du premier."""
    with connection.cursor() as curseur:
        curseur.execute(
            "INSERT INTO socle_jeton (valeur, acteur, suite, cree_le) VALUES (%s, %s, '', now()) ON CONFLICT DO NOTHING RETURNING 1",
            [jeton, par.pk or 0],
        )
        if curseur.fetchone():
            return None
        curseur.execute("SELECT suite FROM socle_jeton WHERE valeur = %s AND acteur = %s", [jeton, par.pk or 0])
        ligne = curseur.fetchone()
    if ligne is None:
        raise SaisieRefusee("Ce formulaire a été ouvert par un autre compte.")
    return ligne[0]


def _rendre_le_jeton(jeton, reponse):
    """L'envoi a abouti : le jeton garde où il mène. Sinon (formulaire à corriger) il redevient libre."""
    with connection.cursor() as curseur:
        if reponse.status_code in (302, 303):
            curseur.execute("UPDATE socle_jeton SET suite = %s WHERE valeur = %s", [reponse["Location"], jeton])
        else:
            curseur.execute("DELETE FROM socle_jeton WHERE valeur = %s", [jeton])


def _rendre_et_inscrire(request, rendre, action, **lecture):
    """La réponse, sa lecture au journal : avant pour une visite, après pour un envoi qui rend une page au lieu de mener ailleurs."""
    dire = (
        partial(inscrire, action) if lecture.get("parcours") is None else partial(inscrire_une_lecture, request, action)
    )
    dire = partial(dire, **lecture, par=request.user, page=request.resolver_match.view_name)
    if request.method != "POST":
        dire()
    reponse = rendre()
    if request.method == "POST" and reponse.status_code in MONTRENT:
        dire()
    return reponse


def _fermer_aux_invites(request, modele=None):
    """Un compte invité n'ouvre que ce qui se partage (`partage = True` sur ce que la porte donne) : le reste lui est introuvable."""
    if getattr(request.user, "est_invite", False) and not _se_partage(modele):
        raise Introuvable()


def _est_financeur(request):
    return getattr(request.user, "est_financeur", False)


def _fermer_aux_financeurs(request, a_tous):
    """Un compte qui n'est que financeur n'ouvre que les pages de sa fonction, l'accueil qui l'y mène et son propre compte ;
    celle-ci finie ou à venir, plus que les deux derniers.

    Une liste ou une page de professionnel qui ne se dit pas `a_tous` lui est fermée : rien ne s'ouvre à lui par oubli.
    """
    if _est_financeur(request) and not a_tous:
        raise PageReservee(
            "Un compte de financeur lit ses conventions et leurs éditions publiées, rien d'autre. Rien n'a été montré ni enregistré.",
            que_faire="Vos éditions sont à l'accueil. Pour un autre besoin, adressez-vous à la direction de l'association.",
        )


def _sans_la_fonction(request):
    """Le refus d'une page de fonction ; à un financeur hors de ses dates, il dit pourquoi ses éditions ne s'ouvrent pas."""
    if _est_financeur(request) and not request.user.fonctions_en_cours:
        return PageReservee(
            "Votre fonction de financeur est finie, ou n'a pas encore commencé : vos éditions ne s'ouvrent pas. Rien n'a été montré.",
            que_faire="La direction de l'association dit de quel jour à quel jour elle vous est confiée : adressez-vous à elle.",
        )
    return PageReservee("Votre compte n'a pas la fonction qui l'ouvre. Rien n'a été montré ni enregistré.")


def _se_partage(modele):
    return getattr(modele, "partage", False)


def _trouver(request, modele, uuid):
    """L'objet visible de ce numéro et son parcours ; la suite ne lit que ce que ce compte voit, ou le seul parcours partagé.

    À un financeur, tout objet d'un dossier est introuvable, quelque rôle qu'on lui ait laissé.
    """
    _fermer_aux_invites(request, modele)
    introuvable = getattr(modele, "introuvable", Introuvable)
    if _est_financeur(request):
        raise introuvable()
    visibles = modele.objects.visibles_pour(request.user).filter(uuid=uuid)
    if _se_partage(modele):
        with lire_en_systeme():
            objet = visibles.first()
    else:
        with en_lisant_comme(request.user):
            objet = visibles.first()
    if objet is None:
        raise introuvable()
    if _se_partage(modele):
        lire_un_parcours(objet.parcours_id)
    return objet, objet.parcours_de_rattachement


def acces(modele, *, lire=None, action="lecture", sonde=False):
    """Donne `vue(request, objet, …)` depuis `<uuid:uuid>` : invisible ou inconnu → 404 ; visible sans le droit `lire` → 403.

    Un parcours restreint demande en plus une confirmation de moins de quinze minutes ; pas ce qui s'en partage avec un partenaire.
    `action` : le mot du journal pour une page montrée (« lecture », « telechargement »).
    `sonde` : le fragment que htmx redemande sans cesse ne montre rien du dossier ; seule la page entière est une lecture.
    """

    def decorer(vue):
        @_porte
        @wraps(vue)
        def garde(request, uuid, *args, **kwargs):
            objet, parcours = _trouver(request, modele, uuid)
            if lire and not modele_parcours().autorise(request.user, lire, parcours):
                raise DroitRefuse()
            if getattr(parcours, "restreint", False) and not _se_partage(modele):
                exiger(request)
            rendre = partial(vue, request, objet, *args, **kwargs)
            if sonde and request.method != "POST" and request.htmx:
                return rendre()
            return _rendre_et_inscrire(request, rendre, action, parcours=parcours, objet=objet)

        return _declarer(garde, ("objet", modele, lire))

    return decorer


def montrer(request, action, **details):
    """Dans une vue de liste : ce qu'elle montre vraiment (« recherche », termes, numéros), que la porte inscrit avant l'envoi."""
    request.montre = {"action": action, **details}


def montrer_des_dossiers(request, chaines, *, compter):
    """Dans une vue qui montre le contenu de plusieurs dossiers (clés de parcours) : une lecture dans la chaîne de chacun."""
    if chaines:
        page = request.resolver_match.view_name
        inscrire_des_lectures(request, "lecture", chaines=chaines, compter=compter, page=page)


def acces_liste(modele, *, action="liste", a_tous=False):
    """Donne `vue(request, visibles)` : le queryset de ce que ce professionnel peut voir, paresseux.

    `a_tous` : l'accueil, où tout compte arrive, et qui mène un financeur à ses éditions.
    La page est inscrite une fois rendue, avant de partir : elle seule sait ce qu'elle montre.
    """

    def decorer(vue):
        @_porte
        @wraps(vue)
        def garde(request, *args, **kwargs):
            _fermer_aux_invites(request, modele)
            _fermer_aux_financeurs(request, a_tous)
            with en_lisant_comme(request.user):
                reponse = vue(request, modele.objects.visibles_pour(request.user), *args, **kwargs)
            return _inscrire_ce_qui_part(request, action, reponse)

        return _declarer(garde, ("liste", modele, None), a_tous=a_tous)

    return decorer


def _inscrire_ce_qui_part(request, action, reponse):
    """Rend la réponse, inscrite au journal avec ce que la vue dit avoir montré."""
    if reponse.status_code in MONTRENT:
        page = {"action": action, "page": request.resolver_match.view_name}
        inscrire(par=request.user, **page | getattr(request, "montre", {}))
    return reponse


def acces_fonction(*fonctions, action="", sonde=False):
    """Page réservée à des fonctions de l'association (« ADMINISTRATEUR », « DPO »…) : sinon 403, inscrit au journal.

    `action` : le mot du journal pour une page qui montre des personnes ou des actes (« piste ») ; "" : elle n'en montre pas.
    `sonde` : le fragment que htmx redemande sans cesse n'est pas une lecture.
    """

    def decorer(vue):
        @_porte
        @wraps(vue)
        def garde(request, *args, **kwargs):
            _fermer_aux_invites(request)
            if not any(request.user.a_fonction(fonction) for fonction in fonctions):
                raise _sans_la_fonction(request)
            with en_lisant_comme(request.user):
                reponse = vue(request, *args, **kwargs)
            sondee = sonde and request.method != "POST" and request.htmx
            return _inscrire_ce_qui_part(request, action, reponse) if action and not sondee else reponse

        return _declarer(garde, ("fonction", fonctions, None))

    return decorer


def acces_connecte(vue=None, *, a_tous=False):
    """Page ouverte à tout professionnel connecté, pas à un invité : elle ne montre aucun dossier.

    `a_tous` : une page de son propre compte (connexion, second facteur, sessions) ou d'aide ; un financeur l'ouvre aussi.
    """
    if vue is None:
        return partial(acces_connecte, a_tous=a_tous)

    @wraps(vue)
    def garde(request, *args, **kwargs):
        _fermer_aux_invites(request)
        _fermer_aux_financeurs(request, a_tous)
        return vue(request, *args, **kwargs)

    return _declarer(_porte(garde), ("connecte", None, None), a_tous=a_tous)


def acces_public(vue):
    """Page ouverte sans connexion ; leur liste est courte et figée par un test."""
    return _declarer(login_not_required(_porte(vue)), ("public", None, None))
