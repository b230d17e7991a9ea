"""La typographie des PDF."""

import pytest

from securisation.documents import typographie as t

N = "\u00a0"


class TestDessinable:
    @pytest.mark.parametrize(
        ("texte", "attendu"),
        [
            ("déjà", "déjà"),
            ("de\u0301ja\u0300", "déjà"),
            ("12\u202f000", f"12{N}000"),
            ("a → b", "a › b"),
            ("🙂🙂 bien", "[symbole] bien"),
            ("👩\u200d👧", "[symbole]"),
            ("\u202eretourné\u202c", "retourné"),
            ("cloche\x07nul\x00fin", "cloche nul fin"),
            ("ligne\nsuivante", "ligne\nsuivante"),
            ("Кириллица العربية", "Кириллица العربية"),
            ("− 2", "− 2"),
        ],
    )
    def test_ne_garde_que_ce_qui_se_dessine(self, texte, attendu):
        assert t.dessinable(texte) == attendu


class TestInsecables:
    @pytest.mark.parametrize(
        ("texte", "attendu"),
        [
            ("Quoi ? Oui !", f"Quoi{N}? Oui{N}!"),
            ("« mot »", f"«{N}mot{N}»"),
            ("1 986 € versés", f"1{N}986{N}€ versés"),
            ("02 61 91 40 10", "02 61 91 40 10"),
            ("5 novembre 2026", f"5{N}novembre{N}2026"),
            ("1er mai", f"1er{N}mai"),
            ("22 sept.", f"22{N}sept."),
            ("104 jours", f"104{N}jours"),
            ("Mme Diallo", f"Mme{N}Diallo"),
        ],
    )
    def test_pose_les_espaces_du_francais(self, texte, attendu):
        assert t.insecables(texte) == attendu

    def test_ne_touche_pas_aux_balises(self):
        assert t.composer('<p class="a : b">c : d</p>') == f'<p class="a : b">c{N}: d</p>'

    @pytest.mark.parametrize("signe", ["\u0338", "\u0338\u0338"])
    def test_un_signe_diacritique_en_tete_n_ouvre_pas_la_balise(self, signe):
        texte = f"{signe} style=background:url(file:///etc/passwd) x"
        assert t.composer(f"<p>{texte}</p>").startswith("<p>" + signe)
        assert t.composer(f'<p title="{texte}">a</p>').startswith(f'<p title="{signe}')

    def test_rend_dessinable_la_valeur_d_un_attribut(self):
        assert t.composer('<meta content="e\u0301té → 🙂">') == '<meta content="été › [symbole]">'


class TestDates:
    def test_dit_les_dates_en_francais(self):
        assert t.jour("2026-05-01") == "1er mai 2026"
        assert t.jour_abrege("2026-11-05") == "5 nov."
        assert t.periode("2026-07-24", "2026-11-05") == "24 juillet au 5 novembre 2026"
        assert t.periode("2025-12-24", "2026-01-05") == "24 décembre 2025 au 5 janvier 2026"

    def test_se_tait_sans_date(self):
        assert t.jour(None) == t.jour_abrege("") == ""
