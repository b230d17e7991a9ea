"""L'apostrophe de l'écran : courbe dans les textes, telle quelle dans ce qui se recopie."""

import pytest
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse

from securisation.socle.typographie import Apostrophes, courber


@pytest.mark.parametrize(
    ("html", "attendu"),
    [
        ("<p>l'accord</p>", "<p>l’accord</p>"),
        ("<p>Agir sur l&#x27;axe</p>", "<p>Agir sur l’axe</p>"),
        ("<p>jusqu'à l'« accord »</p>", "<p>jusqu’à l’« accord »</p>"),
        ("<p>d'<b>ici</b></p>", "<p>d'<b>ici</b></p>"),
        ("<p>les années '80, 5' de retard</p>", "<p>les années '80, 5' de retard</p>"),
        ("<p title=\"l'axe\">n'est</p>", '<p title="l\'axe">n’est</p>'),
        ("<textarea>J&#x27;ai dit</textarea><b>l'a</b>", "<textarea>J&#x27;ai dit</textarea><b>l’a</b>"),
        ("<del>l'un</del> l'autre <ins>l’un</ins>", "<del>l'un</del> l’autre <ins>l’un</ins>"),
        ("<code>a'b</code><pre>c'd</pre>", "<code>a'b</code><pre>c'd</pre>"),
        ("<div data-tel-quel>l'un</div><div>l'autre</div>", "<div data-tel-quel>l'un</div><div>l’autre</div>"),
        ("<script>a='b';c'd</script>x", "<script>a='b';c'd</script>x"),
        ("<p>l'adresse o&#x27;connor@exemple.fr</p>", "<p>l’adresse o&#x27;connor@exemple.fr</p>"),
        ("", ""),
    ],
)
def test_courbe_les_textes_et_rien_d_autre(html, attendu):
    assert courber(html) == attendu
    assert courber(attendu) == attendu


def test_une_saisie_hostile_ne_change_aucune_balise():
    hostile = "<p>l'" + "&lt;textarea&gt;l&#x27;" * 20_000 + "<textarea" * 200 + "</p>"
    rendu = courber(hostile)
    assert rendu.count("<") == hostile.count("<") and rendu.count(">") == hostile.count(">")


def test_le_cout_suit_la_longueur():
    """Le nombre de pas du balayage : un morceau par balise ou par texte, quoi qu'il y ait dedans."""
    html = "<input value='x'>" + "a&#x27;" * 50_000 + "<p>l'un</p>"
    assert courber(html).endswith("<p>l’un</p>")
    assert courber("<" * 50_000 + " l'un") == "<" * 50_000 + " l’un"


@pytest.mark.parametrize(
    ("reponse", "attendu"),
    [
        (HttpResponse("<p>l'un</p>"), "<p>l’un</p>"),
        (HttpResponse("l'un", content_type="text/csv"), "l'un"),
        (JsonResponse({"un": "l'un"}), '{"un": "l\'un"}'),
    ],
    ids=["page", "tableur", "json"],
)
def test_ne_touche_qu_aux_pages(reponse, attendu):
    assert Apostrophes(lambda request: reponse)(None).text == attendu


def test_laisse_couler_ce_qui_se_rend_par_morceaux():
    reponse = StreamingHttpResponse(["l'un"])
    assert b"".join(Apostrophes(lambda request: reponse)(None).streaming_content) == b"l'un"
