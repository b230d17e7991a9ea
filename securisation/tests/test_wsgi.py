"""L'entrée du site : le jeu de caractères est celui des pages, jamais celui que la demande choisit."""

import io

import pytest

from securisation.wsgi import en_utf8


@pytest.mark.parametrize(
    ("recu", "lu"),
    [
        ("multipart/form-data; boundary=BB; charset=punycode", "multipart/form-data; boundary=BB"),
        ("text/html; CHARSET = base64", "text/html"),
        ("application/x-www-form-urlencoded;charset=UTF-8", "application/x-www-form-urlencoded"),
        ("multipart/form-data; charset=idna; boundary=BB", "multipart/form-data; boundary=BB"),
        ("", ""),
    ],
)
def test_le_jeu_de_caracteres_demande_est_ignore(recu, lu):
    vus = []
    en_utf8(lambda environ, commencer: vus.append(environ["CONTENT_TYPE"]) or [])({"CONTENT_TYPE": recu}, None)
    assert vus == [lu]


@pytest.mark.django_db
def test_une_recherche_au_jeu_forge_ne_tombe_pas():
    from securisation.wsgi import application

    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": "/connexion/", "QUERY_STRING": "q=NOMSECRET", "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "HTTP_HOST": "localhost", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(b""),
        "wsgi.errors": io.StringIO(), "CONTENT_TYPE": "text/html; charset=base64",
    }  # fmt: skip
    statuts = []
    reponse = application(environ, lambda statut, entetes: statuts.append(statut))
    reponse.close()
    assert statuts == ["200 OK"]
