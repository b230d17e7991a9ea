"""Les pièces d'essai qui écrivent se construisent une fois par module, pas une fois par essai.

Un dossier d'essai se fait transition par transition : c'est presque tout le temps de la suite. Ici, les pièces (`fixture`) que plusieurs
essais du même module demandent s'empilent dans une transaction, un point de sauvegarde (« couche ») par pièce qui écrit. Chaque essai
part du haut de la pile, reçoit ses propres copies des objets, écrit dans son point de sauvegarde à lui, et tout cela s'annule à sa fin :
il trouve exactement ce que la pièce rejouée lui aurait donné. Le suivant garde les couches qu'il demande aussi et défait les autres.

Se garde : une pièce de portée « fonction », sans `yield` ni paramètre, qui ne dépend que de pièces gardées et de `db`, et dont la valeur
se copie. Le reste se rejoue comme partout : une pièce qui touche les réglages ou le navigateur, un essai en vraies transactions. Une
pièce qui tient un contexte (`yield`, `monkeypatch`) peut changer l'heure ou une fonction : ce qui vient après elle se rejoue aussi.
"""

import inspect
import io
import pickle
import time
from contextlib import contextmanager

import pytest
from django.utils.functional import cached_property

from securisation.socle import horloge

AGE = 300  # secondes : l’heure d’une transaction est celle de son début, une pile ne vieillit pas davantage
D_UNE_PIECE = {"db", "_django_db_helper"}
OUVRENT_LA_BASE = {"transactional_db", "live_server", "django_db_reset_sequences"}
# Ce qui écrit, d'après le premier mot de la requête ; un `SELECT` qui verrouille ou pose un réglage n'en est pas.
ECRIVENT = ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "COPY", "WITH", "ALTER", "CREATE", "DROP", "DO", "CALL")


class Ingardable(Exception):
    """Cette pièce se rejoue à chaque essai."""


class _Copieur(pickle.Pickler):
    """Copie les objets d'une pièce ; une requête pas encore lue le reste."""

    def reducer_override(self, objet):
        from django.db.models import Manager, QuerySet

        if isinstance(objet, Manager):
            raise Ingardable
        if isinstance(objet, QuerySet) and objet._result_cache is None:
            return _requete, (type(objet), objet.model, objet.query)
        return NotImplemented


def _requete(sorte, modele, requete):
    return sorte(model=modele, query=requete)


def copier(valeurs):
    """Les valeurs des pièces en octets, pour que chaque essai reçoive les siennes ; deux pièces qui partagent un objet le partagent."""
    sortie = io.BytesIO()
    try:
        _Copieur(sortie, protocol=pickle.HIGHEST_PROTOCOL).dump(valeurs)
    except Exception as erreur:
        raise Ingardable from erreur
    return sortie.getvalue()


class Plan:
    """Ce qu'un essai demande : ses pièces gardables, dans l'ordre où pytest les ferait."""

    def __init__(self, essai):
        self.essai, self.connues = essai, getattr(essai, "_fixtureinfo", None)

    @cached_property
    def demandees(self):
        """Toutes les pièces de l'essai, chacune après celles dont elle dépend."""
        vues, ordre = set(), []

        def suivre(nom):
            definitions = self.connues.name2fixturedefs.get(nom)
            if nom in vues or not definitions:
                return
            vues.add(nom)
            for autre in definitions[-1].argnames:
                suivre(autre)
            ordre.append(definitions[-1])

        for nom in self.essai.fixturenames:
            suivre(nom)
        return ordre

    @property
    def _ouvre_lui_meme(self):
        """Vrai quand l'essai, ou une pièce du module, tient la porte de la base."""
        noms = [self.connues.argnames, *(d.argnames for d in self.demandees if _de_la_maison(d) and not _commune(d))]
        return any("django_db_blocker" in suite for suite in noms)

    @cached_property
    def sur_la_pile(self):
        """Vrai pour un essai qui tient dans une transaction ; les autres veulent la base à eux."""
        from pytest_django.fixtures import validate_django_db

        noms = set(self.essai.fixturenames)
        if self.connues is None or "_django_db_helper" not in noms or noms & OUVRENT_LA_BASE or self._ouvre_lui_meme:
            return False
        marque = self.essai.get_closest_marker("django_db")
        return not marque or validate_django_db(marque) == (False, False, None, False, None)

    @cached_property
    def cas(self):
        """Les valeurs simples dont l'essai est paramétré, par nom : une pièce peut en dépendre."""
        donnees = getattr(getattr(self.essai, "callspec", None), "params", {})
        pieces = {piece.argname for piece in self.demandees if _de_la_maison(piece)}
        return {nom: donnee for nom, donnee in donnees.items() if nom not in pieces and isinstance(donnee, str | int)}

    def arguments(self, piece, valeurs):
        """Ce que la pièce reçoit."""
        return {nom: self.cas.get(nom, valeurs.get(nom)) for nom in piece.argnames}

    def cle(self, piece):
        """Ce qui dit que deux essais demandent la même pièce : sa fonction, et le cas dont elle dépend."""
        return piece.func, tuple(self.cas[nom] for nom in piece.argnames if nom in self.cas)

    def pieces(self, ingardables):
        """Les pièces à garder, par nom, jusqu'à la première qui tient un contexte."""
        gardees = {}
        for piece in self.demandees:
            if piece.scope != "function" or not _de_la_maison(piece):
                continue
            if piece.func not in ingardables and _gardable(piece, D_UNE_PIECE | gardees.keys() | self.cas.keys()):
                gardees[piece.argname] = piece
            elif inspect.isgeneratorfunction(piece.func) or "monkeypatch" in piece.argnames:
                break
        return gardees


def _de_la_maison(piece):
    return not piece.func.__module__.startswith(("_pytest", "pytest_", "xdist", "hypothesis"))


def _commune(piece):
    return piece.scope == "session"


def _gardable(piece, connues):
    return piece.params is None and not inspect.isgeneratorfunction(piece.func) and {*piece.argnames} <= connues


class Couche:
    """Une pièce écrite, dans son point de sauvegarde, et la copie de tout ce que la pile a rendu jusqu'à elle."""

    def __init__(self, piece, cle, atome):
        self.piece, self.cle, self.atome, self.copie = piece, cle, atome, None


class Pile:
    """Les couches en place ; vide entre deux modules et devant un essai qui veut la base à lui."""

    def __init__(self):
        self.couches, self.ingardables, self.legeres = [], set(), set()
        self.module = self.connexion = self.depuis = self.jour = None

    def dresser(self, essai):
        """Pose les couches que cet essai demande, défait les autres ; rend ses copies par nom de pièce."""
        plan = Plan(essai)
        if not plan.sur_la_pile or not self._en_main():
            return {}
        if self.couches and (time.monotonic() - self.depuis > AGE or horloge.aujourd_hui() != self.jour):
            self.vider()
        while True:
            try:
                return self._poser(plan, plan.pieces(self.ingardables))
            except Ingardable as refus:
                self.ingardables.add(refus.args[0].func)

    def _en_main(self):
        """Faux quand une pièce de module tient déjà sa transaction, par-dessous ou par-dessus : la pile n'y touche pas."""
        from django.db import connection

        if self.couches and (connection.connection is not self.connexion or connection.closed_in_transaction):
            self._oublier()
        sommet = self.couches[-1].atome if self.couches else None
        return (connection.atomic_blocks[-1] if connection.atomic_blocks else None) is sommet

    def _poser(self, plan, pieces):
        """Garde le début commun de la pile et ajoute le reste."""
        cles = [plan.cle(piece) for piece in pieces.values() if piece.func not in self.legeres]
        communes = 0
        for couche, cle in zip(self.couches, cles, strict=False):
            if couche.cle != cle:
                break
            communes += 1
        self.vider(jusqu_a=communes)
        if communes < len(cles):
            self._ajouter(plan, pieces)
        return self._copies()

    def _copies(self):
        return pickle.loads(self.couches[-1].copie) if self.couches else {}

    def _ajouter(self, plan, pieces):
        valeurs = self._copies()
        for nom, piece in pieces.items():
            if nom not in valeurs:
                valeurs[nom] = self._faire(Couche(piece, plan.cle(piece), _entrer()), plan.arguments(piece, valeurs))
                if self.couches and self.couches[-1].piece is piece:
                    self.couches[-1].copie = self._copier(piece, valeurs)

    def _faire(self, couche, arguments):
        """Joue la pièce dans sa couche ; une pièce qui n'a rien écrit n'en laisse pas."""
        piece = couche.piece
        self.couches.append(couche)
        if len(self.couches) == 1:
            self._noter()
        instance = [None] if "self" in inspect.signature(piece.func).parameters else []
        try:
            with _ecritures() as ecrites:
                valeur = piece.func(*instance, **arguments)
        except BaseException as erreur:  # un échec voulu compris : l’essai la rejouera et le dira
            self._renoncer(piece, erreur)
        if valeur is None or not self._se_tient():
            self._renoncer(piece)
        if not ecrites and not couche.cle[1]:  # ce qui dépend du cas se défait avec lui
            self._copier(piece, valeur)
            self.legeres.add(piece.func)
            self.vider(jusqu_a=len(self.couches) - 1)
        return valeur

    def _se_tient(self):
        """Joue les contrôles différés de la pièce, qui sinon se rejoueraient à la fin de chaque essai ; faux s'ils échouent."""
        from django.db import DatabaseError, connection

        try:
            connection.check_constraints()
        except DatabaseError:
            return False
        return True

    def _copier(self, piece, valeurs):
        try:
            return copier(valeurs)
        except Ingardable as erreur:
            self._renoncer(piece, erreur)

    def _renoncer(self, piece, cause=None):
        if self.couches and self.couches[-1].piece is piece:
            self.vider(jusqu_a=len(self.couches) - 1)
        if isinstance(cause, KeyboardInterrupt):
            raise cause
        raise Ingardable(piece) from cause

    def _noter(self):
        from django.db import connection

        self.connexion, self.depuis, self.jour = connection.connection, time.monotonic(), horloge.aujourd_hui()

    def vider(self, jusqu_a=0):
        """Défait les couches du dessus."""
        while len(self.couches) > jusqu_a:
            _sortir(self.couches.pop().atome)

    def finir(self):
        """Rend la base telle qu'elle était sous la pile, même si sa connexion a été coupée."""
        if self.couches:
            self.vider() if self._en_main() else self._oublier()

    def _oublier(self):
        """La connexion a été coupée sous la pile : il n'en reste rien, sauf l'état que Django en garde."""
        from django.db import connection

        self.couches.clear()
        connection.atomic_blocks.clear()
        connection.savepoint_ids.clear()
        connection.run_on_commit.clear()
        connection.in_atomic_block = connection.closed_in_transaction = connection.needs_rollback = False
        connection.close()


def _entrer():
    from django.db import transaction

    atome = transaction.atomic()
    atome._from_testcase = True  # un bloc « durable » du projet y est permis, comme dans un essai
    atome.__enter__()
    return atome


def _sortir(atome):
    from django.db import transaction

    transaction.set_rollback(True)
    atome.__exit__(None, None, None)


@contextmanager
def _ecritures():
    """Relève les requêtes qui écrivent."""
    from django.db import connection

    ecrites = []

    def noter(executer, sql, *reste):
        if str(sql).lstrip().upper().startswith(ECRIVENT):
            ecrites.append(sql)
        return executer(sql, *reste)

    with connection.execute_wrapper(noter):
        yield ecrites


PILE = Pile()


def _base_ouverte(essai):
    from pytest_django.plugin import blocking_manager_key

    return essai.config.stash[blocking_manager_key].unblock()


def fermer(essai):
    """Défait la pile, quand un essai a fermé la porte de la base."""
    if PILE.couches:
        with _base_ouverte(essai):
            PILE.finir()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Un autre module, ou un essai qui veut la base à lui, ne trouve aucune couche."""
    item.copies = {}
    if item.path != PILE.module or not Plan(item).sur_la_pile:
        fermer(item)
    PILE.module = item.path


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef, request):
    """Avant la transaction de l'essai, la pile ; puis chaque pièce gardée donne sa copie au lieu de se rejouer."""
    essai = request.node
    if fixturedef.argname == "_django_db_helper":
        with _base_ouverte(essai):
            essai.copies = PILE.dresser(essai)
        return None
    valeur = getattr(essai, "copies", {}).get(fixturedef.argname) if fixturedef.scope == "function" else None
    if valeur is not None:
        fixturedef.cached_result = (valeur, fixturedef.cache_key(request), None)
    return valeur


def _trame(essai):
    """Les pièces qu'un essai peut garder, dans l'ordre ; vide s'il veut la base à lui."""
    plan = Plan(essai)
    return tuple(plan.cle(piece) for piece in plan.pieces(()).values()) if plan.sur_la_pile else ()


def _range(essais):
    """Les essais d'un module, ceux qui gardent les mêmes pièces à la suite, dans l'ordre où chaque trame paraît."""
    noeuds = {}

    def rang(trame):
        return tuple(noeuds.setdefault(trame[: n + 1], len(noeuds)) for n in range(len(trame)))

    return [essai for _, _, essai in sorted((rang(_trame(essai)), place, essai) for place, essai in enumerate(essais))]


def pytest_collection_modifyitems(items):
    """Range ensemble, dans chaque module, les essais qui partent du même état."""
    modules = {}
    for essai in items:
        modules.setdefault(essai.path, []).append(essai)
    rangs = {path: _range(essais) for path, essais in modules.items()}
    items[:] = [essai for essais in rangs.values() for essai in essais]
