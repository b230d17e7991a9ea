"""Une page part compressée, un fichier part tel quel ; le garde du hors-ligne veille sur tout le site et lui seul."""

import gzip

import pytest
from django.http import HttpResponse

from securisation.socle.entetes import Compression, Entetes

LONG = "<p>Mes parcours</p>" * 200


def passer(rf, genre, corps=LONG, accepte="gzip", chemin="/"):
    demande = rf.get(chemin, headers={"Accept-Encoding": accepte})
    return Entetes(Compression(lambda _: HttpResponse(corps, content_type=genre)))(demande)


class TestCompression:
    def test_une_page_part_compressee_et_se_relit(self, rf):
        reponse = passer(rf, "text/html; charset=utf-8")
        assert reponse["Content-Encoding"] == "gzip"
        assert len(reponse.content) < len(LONG) / 4
        assert gzip.decompress(reponse.content).decode() == LONG

    def test_sa_taille_varie_d_une_fois_a_l_autre(self, rf):
        assert len({len(passer(rf, "text/html").content) for _ in range(40)}) > 5

    @pytest.mark.parametrize("genre", ["application/pdf", "image/png", "text/csv", "application/zip"])
    def test_un_fichier_part_tel_quel(self, rf, genre):
        assert "Content-Encoding" not in passer(rf, genre)

    def test_un_navigateur_qui_n_en_veut_pas_recoit_la_page_en_clair(self, rf):
        assert passer(rf, "text/html", accepte="identity").content.decode() == LONG


class TestGardeHorsLigne:
    def test_il_est_servi_a_la_racine_et_aucun_en_tete_n_elargit_un_autre_fichier(self, client):
        garde = client.get("/hors-ligne.js")
        assert (garde.status_code, garde["Content-Type"].split(";")[0]) == (200, "text/javascript")
        assert garde["Cache-Control"] == "no-store, private"
        assert b"sansReseau" in b"".join(garde.streaming_content)
        autre = client.get("/static/app.js")
        assert (autre.status_code, len(b"".join(autre.streaming_content)) > 1000) == (200, True)
        assert not any("Service-Worker-Allowed" in reponse for reponse in (garde, autre))

    def test_rien_d_autre_n_est_a_la_racine(self, settings):
        assert [fichier.name for fichier in settings.WHITENOISE_ROOT.iterdir()] == ["hors-ligne.js"]
