"""L'attaquant : il trouve ce qui se trouve, et ne rate pas ce qu'un lecteur patient verrait."""

import pytest

from securisation.pilotage.attaque import DIFFERENCE, Case, Publication, _emboitees, systemes
from securisation.pilotage.programme import resoudre
from securisation.pilotage.tableaux import PETIT, PROTEGE

UN = [frozenset([0])]


def tableau(forme, total, **lignes):
    """Un tableau publié."""
    rendues = [{"code": code, "codes": [code], "libelle": code, "valeur": valeur} for code, valeur in lignes.items()]
    return {"code": "t", "forme": forme, "refus": "", "total": total, "lignes": rendues}


def attaquer(*tableaux, atomes=UN, connus=None):
    """Les cases attaquées de ces éditions successives, par (édition, ligne)."""
    publications = [Publication(rang, {"t": publie}) for rang, publie in enumerate(tableaux)]
    cases = []
    for systeme in systemes("t", publications, atomes, connus):
        resoudre(systeme, serrer_les_totaux=True)
        cases += systeme.cases
    return cases


def la(cases, ligne, edition=0, valeur=None):
    return next(
        c for c in cases if c.ligne == ligne and c.edition == edition and (valeur is None or c.valeur == valeur)
    )


class TestUneEdition:
    def test_serre_un_petit_nombre_par_soustraction(self):
        case = la(attaquer(tableau("liste", 15, a=20, b=PETIT)), "b")
        assert (round(case.bas), round(case.haut), case.tient) == (0, 3, False)

    def test_sait_qu_un_nombre_protege_est_d_au_moins_onze(self):
        # 11, 11 et 1 sur 23 : « 20 » de total, une ligne masquée, l'autre à « 15 ». La troisième est de 2 au plus.
        case = la(attaquer(tableau("liste", 20, a=PROTEGE, b=15, c=PETIT)), "c")
        assert (round(case.bas), round(case.haut), case.tient) == (0, 2, False)
        assert la(attaquer(tableau("liste", 60, a=PROTEGE, b=15, c=PETIT)), "c").tient

    def test_sait_qu_un_lieu_absent_a_moins_de_onze_parcours(self):
        une = tableau("liste", 40, a=20, ailleurs=20) | {}
        une["lignes"][1]["codes"] = ["b", "z", "inconnu"]
        deux = tableau("liste", 60, a=20, b=20, ailleurs=20)
        deux["lignes"][2]["codes"] = ["z", "inconnu"]
        absente = la(attaquer(une, deux, atomes=[frozenset([0, 1]), frozenset([1])]), "b", edition=0)
        assert absente.valeur == PETIT and absente.haut <= 10 + 1e-6

    def test_retrouve_exactement_ce_que_deux_lectures_coincent(self):
        # Total de 11 à 19, connu par ailleurs pour valoir 19 ; la première ligne fait 16 à 24 : il reste au plus 3.
        case = la(attaquer(tableau("liste", 15, a=20, b=PETIT), connus={0: (16, 16)}), "b")
        assert case.largeur == 0

    def test_vise_ceux_qui_ne_sont_pas_d_une_ligne_multiple(self):
        cases = attaquer(tableau("multiple", 235, a=240))
        assert not la(cases, "a", valeur=DIFFERENCE).tient

    def test_ne_confond_pas_les_lignes_d_un_tableau_multiple(self):
        cases = attaquer(tableau("multiple", 20, a=20, b=20, c=PETIT))
        assert la(cases, "a").tient and la(cases, "b").tient
        assert not any(case.ligne == "c" for case in cases), "une ligne partout petite ne demande aucun programme"

    def test_un_territoire_inconnu_de_tous_ne_contredit_rien(self):
        seul = tableau("liste", 40, ailleurs=40)
        seul["lignes"][0]["codes"] = ["inconnu"]
        assert la(attaquer(seul), "ailleurs").tient


class TestPlusieursEditions:
    def test_retranche_une_edition_d_une_autre_qui_la_contient(self):
        atomes = [frozenset([0, 1]), frozenset([1])]
        cases = attaquer(tableau("liste", 40, a=40), tableau("liste", 35, a=35), atomes=atomes)
        difference = la(cases, "a", edition=1, valeur=DIFFERENCE)
        assert round(difference.haut) == 3 and not difference.tient

    def test_additionne_deux_editions_qui_en_font_une_troisieme(self):
        atomes = [frozenset([0, 2]), frozenset([1, 2])]
        cases = attaquer(
            tableau("liste", 40, a=20, b=20),
            tableau("liste", 20, a=20, b=PETIT),
            tableau("liste", 55, a=35, b=15),
            atomes=atomes,
        )
        case = la(cases, "b", edition=1)
        assert round(case.haut) == 3 and not case.tient

    def test_une_difference_n_est_pas_crue_grande_sur_deux_temoins(self):
        """De 16 à 24, moins 10 au plus : deux témoins au-dessus de dix ne disent pas qu'elle y reste."""
        case = Case(0, "t", "a", "", DIFFERENCE, [0], bas=12, haut=14)
        assert case.tient and case.largeur < case.due(libre=False)
        assert [Case(0, "t", "a", "", PETIT, [0]).due(libre=libre) for libre in (False, True)] == [5, 10]
        assert Case(0, "t", "a", "", 40, [0]).due(libre=True) == 1

    def test_cherche_l_extreme_bas_d_une_difference(self):
        atomes = [frozenset([0, 1]), frozenset([1])]
        cases = attaquer(tableau("liste", 40, a=40), tableau("liste", 50, a=50), atomes=atomes)
        difference = la(cases, "a", edition=1, valeur=DIFFERENCE)
        assert round(difference.bas) <= 5 and difference.tient

    def test_relache_des_editions_qui_se_contredisent(self):
        """Un dossier corrigé entre deux éditions : les mêmes parcours, deux nombres incompatibles."""
        cases = attaquer(tableau("liste", 40, a=40), tableau("liste", 60, a=60), atomes=[frozenset([0, 1])])
        assert {case.edition for case in cases} == {0, 1}
        assert all(case.haut >= case.bas for case in cases)

    def test_une_edition_refusee_ne_dit_rien(self):
        refusee = tableau("liste", PETIT) | {"refus": "Moins de onze."}
        assert attaquer(refusee) == []


class TestCeQuiSeTait:
    """Un refus, un périmètre restreint, une édition moins deux autres : ce qu'un lecteur en tire, l'attaquant le sait."""

    SEMESTRES = [frozenset([0, 1]), frozenset([0, 2])]

    def refuse(self, **champs):
        return tableau("liste", PROTEGE) | {"refus": "x", "univers": "u", "unite": "parcours", "lignes": []} | champs

    def test_deux_moities_refusees_d_un_tout_ecrit(self):
        annee = tableau("liste", 20, a=20) | {"univers": "u", "unite": "parcours"}
        cases = attaquer(annee, self.refuse(), self.refuse(), atomes=self.SEMESTRES)
        moitie = la(cases, "", edition=1)
        assert (round(moitie.bas), round(moitie.haut), moitie.tient) == (6, 10, False)

    def test_un_refus_dans_un_univers_qui_parait_ne_dit_rien(self):
        publiee = Publication(
            0, {"t": self.refuse(), "autre": tableau("liste", 40, a=40) | {"univers": "u", "unite": "parcours"}}
        )
        assert not publiee.muets and not publiee.tait("t")
        assert not Publication(0, {"t": self.refuse(unite="démarches")}).tait("t")

    def test_tout_moins_deux_equipes(self):
        atomes = [frozenset([0, 1]), frozenset([0, 2]), frozenset([0])]
        cases = attaquer(
            tableau("liste", 45, a=45), tableau("liste", 40, a=40), tableau("liste", 15, a=15), atomes=atomes
        )
        reste = [
            case for case in cases if case.valeur == DIFFERENCE and case.ligne == "a" and len(set(case.inconnues)) == 3
        ]
        troisieme = min(reste, key=lambda case: case.haut)
        assert (round(troisieme.bas), round(troisieme.haut), troisieme.tient) == (0, 2, False)

    def test_deux_editions_qui_se_recoupent_ne_se_retranchent_pas_ensemble(self):
        atomes = [frozenset([0, 1]), frozenset([0, 1, 2]), frozenset([0, 2]), frozenset([0])]
        assert [trio for trio in _emboitees(frozenset([0, 1, 2]), tuple(atomes), 2) if len(trio) == 3] == []

    @pytest.mark.parametrize(("seules", "tient"), [({}, True), ({"t": ("a",)}, False)])
    def test_l_edition_d_une_seule_ligne_en_dit_le_total(self, seules, tient):
        """170, dont une ligne masquée et 120 : l'édition de cette seule ligne a 60 pour total, il reste 2 au plus ailleurs."""
        toute = tableau("liste", 170, a=PROTEGE, b=120, ailleurs=PETIT)
        publications = [Publication(0, {"t": toute}), Publication(1, {"t": tableau("liste", 60, a=PROTEGE)}, seules)]
        (systeme,) = systemes("t", publications, [frozenset([0, 1]), frozenset([0])])
        resoudre(systeme)
        assert la(systeme.cases, "ailleurs").tient is tient
