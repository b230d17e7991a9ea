"""Aucune page ne parcourt une table derrière le second mur : chaque lecture y a son index, que le mur n'empêche pas d'employer.

PostgreSQL applique la condition du mur avant toute condition qui pourrait laisser fuir une ligne (une sous-requête en est une) : celle-là
ne sert plus d'index, et la table entière se lit, ligne par ligne, à chaque ligne de la page.
"""

import re

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from securisation.socle.cloison import tables_cloisonnees
from securisation.socle.routes import routes, routes_d_un_dossier
from securisation.tests.dossiers import CANARI
from securisation.tests.test_acces import adresse, construire

pytestmark = pytest.mark.django_db
POSE = re.compile(r"SELECT set_config\('jalon\.lecteur', '\d+', true\);")  # joint à la première requête d'une page
QUESTIONS = ("synthese:recherche", "synthese:contact")


def parcourues(requete, lecteur):
    """Les tables derrière le mur que cette requête lirait en entier, même quand l'index est préféré."""
    lecture = POSE.sub("", requete).strip()
    if not lecture.startswith(("SELECT", "WITH")) or "jalon_" in lecture:
        return set()
    with transaction.atomic(), connection.cursor() as curseur:
        curseur.execute("SET LOCAL enable_seqscan = off")
        curseur.execute("SELECT set_config('jalon.lecteur', %s, true)", [str(lecteur.pk)])
        curseur.execute("EXPLAIN " + lecture)
        plan = "\n".join(ligne for (ligne,) in curseur.fetchall())
    return set(re.findall(r"Seq Scan on (\w+)", plan)) & set(tables_cloisonnees())


def lues_en_entier(client, adresses, lecteur):
    """{(page, table)} de ce que ces pages lisent en entier ; une requête de même forme n'est expliquée qu'une fois."""
    trouvees, formes = set(), set()
    for page, ou in adresses:
        with CaptureQueriesContext(connection) as lues:
            client.get(ou)
        neuves = {re.sub(r"\d+", "0", lue["sql"]): lue["sql"] for lue in lues.captured_queries}
        for forme in neuves.keys() - formes:
            trouvees |= {(page, table) for table in parcourues(neuves[forme], lecteur)}
        formes |= neuves.keys()
    return trouvees


def test_les_pages_d_un_dossier(distribution, client):
    objets = construire("en_sortie", distribution)
    client.force_login(distribution["awa"])
    adresses = [(route.nom, adresse(route, objets)) for route in routes_d_un_dossier() if route.modele in objets]
    assert len(adresses) > 80
    assert lues_en_entier(client, adresses, distribution["awa"]) == set()


@pytest.mark.parametrize("qui", ["awa", "gaelle", "hugo"])
def test_les_listes(qui, distribution, client):
    construire("en_sortie", distribution)
    client.force_login(distribution[qui])
    listes = [r for r in routes() if r.acces and r.acces[0] in ("liste", "fonction") and not r.parametres]
    adresses = [(route.nom, reverse(route.nom)) for route in listes]
    adresses += [(nom, f"{reverse(nom)}?q={CANARI}") for nom in QUESTIONS]
    adresses += [("synthese:agenda", f"{reverse('synthese:agenda')}?vue=liste&de=equipe")]
    assert len(listes) > 10
    assert lues_en_entier(client, adresses, distribution[qui]) == set()


def test_une_lecture_sans_index_se_voit(distribution):
    construire("en_sortie", distribution)
    requete = "SELECT id FROM diagnostics_evaluationaxe WHERE parole = 'Je veux garder mon logement.'"
    assert parcourues(requete, distribution["awa"]) == {"diagnostics_evaluationaxe"}
