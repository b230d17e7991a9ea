"""Preuve 7 : le second mur. Le catalogue le dit, rien ne passe sans lecteur, et le filtre de l'ORM coupé rien ne fuit."""

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse

from diagnostics.models import BrouillonAxe, EvaluationAxe
from securisation.parcours.models import Accord, Parcours, PreuveAccord
from securisation.parcours.querysets import ParcoursQuerySet
from securisation.socle import acces
from securisation.socle.cloison import lire_comme, lire_en_systeme, lire_un_parcours, tables_cloisonnees
from securisation.socle.routes import routes, routes_d_un_dossier
from securisation.socle.trace import Trace, TraceQuerySet, hors_porte
from securisation.tests.dossiers import CANARI
from securisation.tests.test_acces import HORS_DOSSIER, adresse, construire

pytestmark = pytest.mark.django_db
LISENT_DES_LISTES = ("elsa", "hugo")  # d'une autre équipe ; le délégué, qui lit la piste et l'exporte
SERVIES = {"synthese:mes_parcours", "synthese:exporter_liste", "synthese:piste", "synthese:exporter_piste"}
ETRANGERS = ("elsa", "chloe", "driss", "farid", "hugo", "ines", "jean")
COMMANDES = {"r": "lire", "a": "ajouter", "w": "changer", "d": "retirer"}


def sql(texte, *valeurs):
    """Une requête ; ses lignes s'il y en a, sinon le nombre de lignes touchées."""
    with connection.cursor() as curseur:
        curseur.execute(texte, valeurs or None)
        return curseur.fetchall() if curseur.description else curseur.rowcount


def remplir(distribution):
    """Deux dossiers de Laval, à deux moments, et ce que leurs transitions ne font pas : un brouillon, un papier numérisé."""
    suspendu, clos = construire("suspendue", distribution), construire("clos", distribution)
    BrouillonAxe.garder(suspendu[EvaluationAxe], distribution["awa"], saisie={"parole": CANARI}, version=1)
    with hors_porte("essai"):
        PreuveAccord.objects.get_or_create(
            accord=clos[Accord], defaults={"genre": "application/pdf", "contenu": CANARI.encode()}
        )
    return suspendu, clos


class TestMur:
    @pytest.mark.preuve(7)
    def test_le_catalogue_ferme_chaque_table_sensible(self, db, preuve):
        attendues = set(tables_cloisonnees())
        fermees = {
            nom
            for nom, ferme, force in sql("SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class")
            if ferme and force
        }
        politiques = {}
        for table, commande, lit, ecrit in sql(
            "SELECT c.relname, p.polcmd::text, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid) "
            "FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid"
        ):
            politiques.setdefault(table, {})[commande] = (lit, ecrit)
        manques = [t for t in attendues if t not in fermees or set(politiques.get(t, {})) != set(COMMANDES)]
        manques += [
            t
            for t in attendues - set(manques)
            if any(
                "jalon_lecteur" not in (dite or "") for p in politiques[t].values() for dite in p if dite is not None
            )
        ]
        assert sql("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user") == [(False,)]
        figure = f"{len(attendues)} tables sensibles, {len(manques)} sans mur"
        preuve.dire(
            figure, cible="toutes FORCE, quatre politiques chacune", atteinte=not manques and len(attendues) > 40
        )

    @pytest.mark.preuve(7)
    def test_sans_lecteur_rien_ne_se_lit_ni_ne_s_ecrit(self, distribution, preuve):
        _, clos = remplir(distribution)
        vides = [table for table in tables_cloisonnees() if not sql(f"SELECT 1 FROM {table} LIMIT 1")]
        assert vides == [], "une table vide n'éprouve rien"
        passees, essais = [], 0
        for table in tables_cloisonnees():
            for nom, poser in _lecteurs_etrangers(distribution):
                with poser():
                    essais += 5
                    passees += [(nom, table, geste) for geste in _gestes_qui_passent(table)]
            with lire_comme(distribution["awa"]):
                assert sql(f"SELECT count(*) FROM {table}")[0][0] > 0, f"awa ne lit pas {table}"
            with lire_un_parcours(clos[Parcours]):
                essais += 4
                passees += [("un seul parcours", table, geste) for geste in _gestes_qui_passent(table, lire=False)]
        preuve.dire(
            f"{essais} essais sur {len(tables_cloisonnees())} tables derrière le mur, aucune vide, {len(passees)} passés",
            cible="0 ligne lue ou écrite",
            atteinte=not passees and essais > 400,
        )

    @pytest.mark.preuve(7)
    def test_le_filtre_coupe_rien_ne_fuit(self, distribution, client, preuve, monkeypatch):
        dossiers_pleins = _desormais_sans_canari_hors_du_mur(remplir(distribution))
        avant = _compter()
        _couper_le_filtre(monkeypatch)
        client.raise_request_exception = False
        demandees, fuites = 0, []
        listes = _demander_les_listes(client, distribution)
        fuites += [(nom, recue.request["PATH_INFO"]) for nom, recue in listes if CANARI.encode() in _corps(recue)]
        assert {recue.resolver_match.view_name for _, recue in listes if recue.status_code == 200} >= SERVIES
        for nom in ETRANGERS[: preuve.taille(1, len(ETRANGERS))]:
            client.force_login(distribution[nom])
            for objets in dossiers_pleins[: preuve.taille(1, 2)]:
                for recue in _demander_tout(
                    client, objets | {"bruno": distribution["bruno"]}, preuve.taille(False, True)
                ):
                    demandees += 1
                    if CANARI.encode() in _corps(recue):
                        fuites.append((nom, recue.request["PATH_INFO"]))
        assert fuites == []
        assert _compter() == avant, "un étranger a écrit dans une table sensible"
        assert _la_meme_sans_le_mur(client, distribution, dossiers_pleins[0], monkeypatch), "sans le mur rien ne fuyait"
        preuve.dire(
            f"filtre coupé, {demandees} pages de dossiers et {len(listes)} demandes de listes, piste et exports : {len(fuites)} mot des "
            f"tables derrière le mur ; devant lui, non mesurées ici : {', '.join(devant_le_mur())}",
            cible="0 mot des tables derrière le mur",
            atteinte=demandees >= preuve.taille(100, 1500),
        )


def _lecteurs_etrangers(distribution):
    """Qui ne doit rien lire de Laval : personne, un compte d'ailleurs, le délégué, un parcours inconnu, un lecteur absurde."""
    yield "personne", lambda: lire_comme(type("", (), {"pk": None})())
    yield "elsa", lambda: lire_comme(distribution["elsa"])
    yield "hugo", lambda: lire_comme(distribution["hugo"])
    yield "un autre parcours", lambda: lire_un_parcours(0)
    yield "absurde", lambda: lire_comme(type("", (), {"pk": "1 OR true"})())


def _gestes_qui_passent(table, lire=True):
    """Ceux des cinq gestes qui touchent une ligne ou ne sont pas refusés."""
    colonne = sql("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum = 1", table)[0][0]
    gestes = {
        "changer": f"UPDATE {table} SET {colonne} = {colonne}",
        "retirer": f"DELETE FROM {table}",
        "verrouiller": f"SELECT 1 FROM {table} FOR UPDATE",
        "ajouter": f"INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, %s)).*",
    }
    if lire and sql(f"SELECT count(*) FROM {table}")[0][0]:
        yield "lire"
    with lire_en_systeme():
        ligne = sql(f"SELECT to_jsonb(t)::text FROM {table} t LIMIT 1")[0][0]
    for nom, texte in gestes.items():
        try:
            with transaction.atomic():
                fait = sql(texte, ligne) if nom == "ajouter" else sql(texte)
        except ProgrammingError as refus:
            # Le refus attendu d'un ajout ; l'historique, lui, refuse aussi tout changement à l'énoncé.
            if "row-level security" not in str(refus) and "fait preuve" not in str(refus):
                yield f"{nom} : {refus}"
            continue
        except Exception as refus:
            if "fait preuve" not in str(refus):
                yield f"{nom} : {refus}"
            continue
        if fait:
            yield nom


def _desormais_sans_canari_hors_du_mur(pleins):
    """La fiche et la demande, que la recherche parcourt, changent de mot : les canaris qui restent sont tous derrière le mur."""
    with hors_porte("essai"):
        sql("UPDATE parcours_personne SET nom = 'Ouverte', prenom = 'Ada', foyer = ''")
        sql("UPDATE parcours_parcours SET demande = '', orienteur = '', precisions_interruption = ''")
    sql("UPDATE parcours_importation SET nom = 'x.csv'")
    return pleins


def _compter():
    """{table sensible: (nombre, empreinte de ce qui y est)}."""
    with lire_en_systeme():
        return {
            table: sql(f"SELECT count(*), sum(hashtext(t::text)::bigint) FROM {table} t")
            for table in tables_cloisonnees()
            if not table.startswith("parcours_historique")
        }


def _couper_le_filtre(monkeypatch):
    """Le sabotage : `visibles_pour` rend tout à tout le monde, et la table des droits permet tout."""
    for classe in (TraceQuerySet, ParcoursQuerySet):
        monkeypatch.setattr(classe, "visibles_pour", lambda visibles, professionnel: visibles.all())
    monkeypatch.setattr(Parcours, "autorise", classmethod(lambda *args: True))


def _demander_tout(client, objets, fragments=False):
    """Chaque page du dossier, entière, en fragment, et envoyée à vide."""
    for route in routes_d_un_dossier():
        if route.modele in objets and route.modele not in HORS_DOSSIER:
            ici = adresse(route, objets)
            yield client.get(ici)
            if fragments:
                yield client.get(ici, headers={"HX-Request": "true"})
            yield client.post(ici, {})


def _demander_les_listes(client, distribution):
    """Chaque liste, piste et export, en page et en envoi, avec une recherche qui trouve les dossiers : (qui, réponse)."""
    recues = []
    for nom in LISENT_DES_LISTES:
        client.force_login(distribution[nom])
        for route in routes():
            if route.acces and route.acces[0] in ("liste", "fonction"):
                ici = reverse(route.nom, kwargs=route.valeurs())
                recues += [(nom, client.get(ici, {"q": "Ouverte"})), (nom, client.get(ici))]
                recues.append((nom, client.post(ici, {"q": "", "motif": "Vérifier ce que l'export porte."})))
    return recues


def _corps(recue):
    return b"".join(recue.streaming_content) if recue.streaming else recue.content


def devant_le_mur():
    """Les tables d'un dossier que la base laisse lire à l'application : le seul filtre les tient."""
    suivis = [modele for modele in apps.get_models() if issubclass(modele, Trace) and not modele.cloisonne]
    return sorted(modele._meta.db_table for modele in suivis)


def _la_meme_sans_le_mur(client, distribution, objets, monkeypatch):
    """Témoin : le mur aussi coupé, les mêmes demandes rendent des canaris."""
    monkeypatch.setattr(acces, "en_lisant_comme", lambda par: lire_en_systeme())
    client.force_login(distribution["elsa"])
    reponses = _demander_tout(client, objets | {"bruno": distribution["bruno"]})
    return any(CANARI.encode() in recue.content for recue in reponses)
