"""Ce que le contrôle de divulgation promet : seuil, arrondi, même groupe même nombre, masques, regroupements, refus."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from securisation.pilotage import calcul, divulgation
from securisation.pilotage.attaque import Case, Publication, Systeme, intervalle
from securisation.pilotage.divulgation import proteger, publier, regrouper
from securisation.pilotage.programme import Contradiction
from securisation.pilotage.tableaux import (
    FLUX,
    LISTE,
    MULTIPLE,
    NOMBRE,
    PETIT,
    PROTEGE,
    Compte,
    Ligne,
    Tableau,
    valeurs,
)

SEULE = {"u": [frozenset([0])]}
comptes = st.builds(Compte, st.integers(0, 5000), st.integers(0, 2**50))


def liste(*nombres, total=None, code="liste"):
    """Un tableau dont les lignes se partagent le total."""
    lignes = [Ligne(f"l{rang}", f"Ligne {rang}", Compte(n, 7919 * n + rang)) for rang, n in enumerate(nombres)]
    somme = Compte(sum(nombres) if total is None else total, 104729)
    return Tableau(code, "personnes", "Essai", "u", LISTE, somme, lignes)


def flux(*rangees):
    """Un tableau de niveaux : trois lignes de trois cellules."""
    niveaux = ["3-4", "2", "0-1"]
    lignes = [
        Ligne(nom, nom, Compte(sum(cellules), 31 * rang), [Compte(n, 17 * rang + c) for c, n in enumerate(cellules)])
        for rang, (nom, cellules) in enumerate(zip(niveaux, rangees, strict=True))
    ]
    total = Compte(sum(map(sum, rangees)), 1299709)
    return Tableau("flux-ADM", "diagnostic", "Essai", "u", FLUX, total, lignes, [(n, n) for n in niveaux])


def ecrits(rendu):
    """Ce qu'un tableau publié écrit, total d'abord ; rien s'il est refusé."""
    return [valeur for _, _, valeur in valeurs(rendu)] if not rendu["refus"] else []


def _paru(total):
    """Un tableau publié d'une seule ligne."""
    ligne = {"code": "l0", "codes": ["l0"], "libelle": "l0", "valeur": total}
    commun = {"forme": LISTE, "univers": "u", "unite": "parcours", "refus": "", "regroupe": False}
    return commun | {"total": total, "lignes": [ligne], "colonnes": []}


class TestPublier:
    @given(comptes)
    def test_reste_a_quatre_du_vrai_et_multiple_de_cinq(self, compte):
        valeur = publier(compte)
        if compte.n < divulgation.SEUIL:
            assert valeur == PETIT
        else:
            assert valeur % 5 == 0 and valeur >= 15 and abs(valeur - compte.n) <= 4

    @given(comptes)
    def test_son_intervalle_contient_le_vrai(self, compte):
        bas, haut = intervalle(publier(compte))
        assert bas <= compte.n <= haut

    @given(comptes)
    def test_les_memes_donnent_toujours_le_meme_nombre(self, compte):
        assert publier(compte) == publier(Compte(compte.n, compte.cle))

    def test_un_zero_ne_se_distingue_pas_d_un_petit_nombre(self):
        assert {publier(Compte(n, 3)) for n in range(11)} == {PETIT}

    def test_l_arrondi_n_a_pas_de_biais(self):
        des = random.Random(4)
        ecarts = [publier(Compte(n, des.randrange(2**40))) - n for n in range(20, 220) for _ in range(100)]
        assert abs(sum(ecarts) / len(ecarts)) < 0.1
        assert sum(map(abs, ecarts)) / len(ecarts) < 2

    def test_deux_groupes_de_meme_taille_ne_s_arrondissent_pas_ensemble(self):
        assert len({publier(Compte(52, cle)) for cle in range(200)}) == 2


class TestProteger:
    def test_refuse_un_tableau_de_moins_de_onze(self):
        (rendu,), bilan = proteger([liste(3, 4)], 0, [], SEULE)
        assert rendu["refus"] == divulgation.REFUSE and "lignes" not in rendu and rendu["total"] == PROTEGE
        assert bilan.refuses[0]["pourquoi"] == divulgation.TROP_PEU and bilan.refuses[0]["proposition"]

    def test_un_refus_ne_dit_pas_lequel(self, monkeypatch):
        """« Moins de onze » serait un nombre : un tableau trop petit et un tableau trop précis se refusent par la même phrase."""
        (petit,), _ = proteger([liste(3, 4)], 0, [], SEULE)
        monkeypatch.setattr(divulgation, "PASSES", 0)
        (precis,), bilan = proteger([liste(300, 200)], 0, [], SEULE)
        assert bilan.refuses[0]["pourquoi"] == divulgation.TROP_PRECIS
        assert precis == petit

    @pytest.mark.parametrize("petit", [0, 3, 9])
    def test_des_editions_qui_se_contredisent_ne_publient_rien_de_faux(self, petit):
        """Deux tableaux d'un même univers dont les totaux s'excluent : chaque nombre reste vrai, et rien ne s'ouvre par défaut."""
        tableaux = [liste(40, 30, petit, code="a"), liste(60, 50, petit, code="b")]
        rendus, bilan = proteger(tableaux, 0, [], SEULE)
        assert (bilan.exactes, bilan.serrees) == (0, 0)
        for tableau, rendu in zip(tableaux, rendus, strict=True):
            vrais = [compte.n for _, _, compte in tableau.nombres()]
            bornes = [intervalle(valeur) for valeur in ecrits(rendu)]
            assert all(bas <= n <= haut for n, (bas, haut) in zip(vrais, bornes, strict=True))
            (sans_l_autre,), _ = proteger([tableau], 0, [], SEULE)
            assert all(v in (seul, PROTEGE) for v, seul in zip(ecrits(rendu), ecrits(sans_l_autre), strict=True))
            assert ecrits(rendu)[-1] == PETIT and any(isinstance(valeur, int) for valeur in ecrits(rendu))

    def test_ce_que_l_attaquant_ne_comprend_plus_se_refuse(self, monkeypatch):
        def contredire(systeme, **options):
            raise Contradiction

        monkeypatch.setattr(divulgation, "resoudre", contredire)
        rendus, bilan = proteger([liste(40, 30, code="a"), liste(60, 50, code="b")], 0, [], SEULE)
        assert [t["refus"] for t in rendus] == [divulgation.REFUSE] * 2 and bilan.cellules == 0
        assert {refus["pourquoi"] for refus in bilan.refuses} == {divulgation.TROP_PRECIS}

    def test_une_periode_vide_ne_dit_rien(self):
        (rendu,), _ = proteger([liste(0, 0)], 0, [], SEULE)
        assert rendu["total"] == PROTEGE and rendu["refus"] and "lignes" not in rendu

    @pytest.mark.parametrize("graine", range(12))
    def test_l_attaquant_n_apprend_rien_de_trop(self, graine):
        des = random.Random(graine)
        tableaux = [liste(*[des.choice((0, 2, 7, 12, 13, 40)) for _ in range(des.randrange(2, 7))], 15)]
        niveaux = flux(*[[des.choice((0, 3, 9, 14, 30)) for _ in range(3)] for _ in range(3)])
        niveaux.univers = "cotes"  # ses parcours sont d'autres parcours : il ne partage pas le total de la liste
        rendus, bilan = proteger([*tableaux, niveaux], 0, [], SEULE | {"cotes": SEULE["u"]})
        assert (bilan.exactes, bilan.serrees) == (0, 0)
        assert len(rendus) == 2
        assert all(isinstance(ecrits(rendu)[0], int) for rendu in rendus), "tout taire n'apprendrait rien non plus"

    def test_masque_le_voisin_d_un_petit_nombre_que_le_total_trahirait(self):
        trahis = [n for n in range(16, 400) if publier(Compte(n + 2, 104729)) < publier(Compte(n, 7919 * n))]
        assert trahis, "aucun exemple : le tirage a changé"
        (rendu,), bilan = proteger([liste(trahis[0], 2)], 0, [], SEULE)
        assert PROTEGE in ecrits(rendu) or rendu["regroupe"] or rendu["refus"]
        assert bilan.serrees == 0

    def test_une_edition_deja_publiee_ne_se_retrouve_pas_par_difference(self, monkeypatch):
        """Un nombre écrit plus petit que celui de l'édition qu'il contient dirait que presque personne n'est entré : il se tait, seul."""
        atomes = {"u": [frozenset([0, 1]), frozenset([1])]}
        trahiraient = []
        for n, plus in itertools.product(range(28, 40), range(1, 9)):
            neuve = liste(n + plus, 25, code="x")
            (ancienne,), _ = proteger([liste(n, 25, code="x")], 0, [], SEULE)
            (rendu,), bilan = proteger([neuve], 1, [Publication(0, {"x": ancienne})], atomes)
            assert (bilan.exactes, bilan.serrees) == (0, 0)
            nus, avant, dits = [publier(c) for _, _, c in neuve.nombres()], ecrits(ancienne), ecrits(rendu)
            if any(nu < ancien for nu, ancien in zip(nus, avant, strict=True)):
                trahiraient.append((neuve, ancienne))
                assert PROTEGE in dits
            else:
                assert dits == nus, "rien à cacher : tout paraît"
            assert all(dit >= ancien for dit, ancien in zip(dits, avant, strict=True) if dit != PROTEGE)
        assert trahiraient, "aucun exemple : le tirage a changé"
        monkeypatch.setattr(divulgation, "PASSES", 1)  # un seul masque ne suffit pas : c'est le tableau qui se tait
        for neuve, ancienne in trahiraient:
            (rendu,), bilan = proteger([neuve], 1, [Publication(0, {"x": ancienne})], atomes)
            assert rendu["refus"] == divulgation.REFUSE and bilan.refuses[0]["pourquoi"] == divulgation.TROP_PRECIS

    def test_les_memes_parcours_donnent_le_meme_nombre_dans_deux_editions(self):
        premiers, _ = proteger([liste(40, 33)], 0, [], SEULE)
        publications = [Publication(0, {"liste": premiers[0]})]
        seconds, _ = proteger([liste(40, 33)], 1, publications, {"u": [frozenset([0, 1])]})
        assert seconds == premiers

    def test_le_nombre_masque_ne_se_choisit_pas_par_sa_taille(self):
        """Le dernier dans l'ordre du tableau, le plus grand comme le plus petit."""
        for nombres in ((20, 300, 5), (300, 20, 5)):
            (publie,) = divulgation.sans_attaque([liste(*nombres)])
            assert divulgation._masquer(publie, [Case(0, "liste", "l2", "", PETIT, [0])])
            assert [ligne["valeur"] == PROTEGE for ligne in publie["lignes"]] == [False, True, False]

    def test_un_groupe_masque_l_est_dans_tous_les_tableaux(self):
        """« Sans intervention » est le même groupe dans deux tableaux : écrit dans l'un, il lèverait le masque de l'autre."""
        un, deux = liste(40, 30, code="un"), liste(40, 30, code="deux")
        deux.lignes[1].compte = Compte(30, 5)  # trente autres
        controle = divulgation._Controle(0, [], SEULE)
        rendus = [controle.proteger(tableau) for tableau in (un, deux)]
        rendus[0]["lignes"][0]["valeur"] = PROTEGE
        rendus[0]["lignes"][1]["valeur"] = PROTEGE
        assert controle.reporter_les_masques(rendus) and not controle.reporter_les_masques(rendus)
        assert rendus[1]["lignes"][0]["valeur"] == PROTEGE and isinstance(rendus[1]["lignes"][1]["valeur"], int)

    def test_une_edition_dont_les_refus_trahiraient_une_autre_ne_parait_pas(self):
        """L'année dit 20 et le premier semestre rien : que le second ne dise rien non plus les serre tous deux."""
        annee = Publication(0, {"t": {**_paru(20), "code": "t"}})
        muet = Publication(1, {"t": {**_paru(PROTEGE), "code": "t", "refus": "x", "lignes": []}})
        atomes = {"u": [frozenset([0, 1]), frozenset([0, 2])]}
        (rendu,), bilan = proteger([liste(5, 3, code="t")], 2, [annee, muet], atomes)
        assert rendu["refus"] and bilan.trahies > 0
        _, bilan = proteger([liste(5, 3, code="t")], 1, [annee], {"u": [frozenset([0, 1]), frozenset([0])]})
        assert bilan.trahies == 0, "un seul refus : le reste de l'année n'est pas connu"

    def test_des_refus_que_le_controle_ne_sait_pas_juger_retiennent_l_edition(self, monkeypatch):
        """Ce que les refus serreraient ne se résout pas : rien ne paraît, et le rapport dit quoi faire."""
        annee = Publication(0, {"t": {**_paru(20), "code": "t"}})
        tableaux = [liste(5, 3, code="t"), liste(400, 300, code="autre")]
        tableaux[1].univers = "v"
        atomes = {"u": [frozenset([0, 1]), frozenset([0])], "v": [frozenset([1])]}
        rendus, bilan = proteger(tableaux, 1, [annee], atomes)
        assert (bilan.trahies, bilan.contredites) == (0, 0) and calcul._rapport(rendus, bilan)["publiable"] is True
        vrai = divulgation.resoudre

        def contredire(systeme, **options):
            if systeme.cases[0].tableau == "t":
                raise Contradiction
            return vrai(systeme, **options)

        monkeypatch.setattr(divulgation, "resoudre", contredire)
        rendus, bilan = proteger(tableaux, 1, [annee], atomes)
        assert [bool(t["refus"]) for t in rendus] == [True, False] and bilan.contredites == 1
        rapport = calcul._rapport(rendus, bilan)
        assert rapport["publiable"] is False and rapport["pourquoi"] == calcul.CONTREDITES

    def test_un_nombre_seul_se_publie(self):
        (rendu,), bilan = proteger([Tableau("n", "personnes", "N", "u", NOMBRE, Compte(240, 5))], 0, [], SEULE)
        assert rendu["total"] in (235, 240, 245) and bilan.cellules == 1

    def test_qui_n_est_pas_d_une_ligne_ne_se_retrouve_pas(self):
        """Presque tous sont d'une ligne : les autres, quelques-uns, ne se déduisent pas du total."""
        ecarts = []
        for n in range(20, 60):
            ligne = Ligne("a", "A", Compte(n, 3 * n))
            tableau = Tableau("m", "personnes", "M", "u", MULTIPLE, Compte(n + 2, 7 * n), [ligne])
            (rendu,), bilan = proteger([tableau], 0, [], SEULE)
            assert bilan.serrees == 0
            dits = ecrits(rendu)
            ecarts += [dits[0] - dits[1]] if all(isinstance(v, int) for v in dits) and dits else []
        assert len(ecarts) > 10 and min(ecarts) >= -3


class TestRegrouper:
    def test_les_petites_lignes_n_en_font_qu_une(self):
        gros = regrouper(liste(60, 4, 5, 12))
        assert [ligne.compte.n for ligne in gros.lignes] == [60, 21]
        assert gros.lignes[1].codes == ("l1", "l2", "l3")

    def test_trois_niveaux_deviennent_deux(self):
        gros = regrouper(flux([10, 2, 3], [4, 5, 6], [7, 8, 9]))
        assert [[c.n for c in ligne.cellules] for ligne in gros.lignes] == [[10, 5], [11, 28]]
        assert gros.total.n == 54

    def test_ne_se_regroupe_qu_une_fois(self):
        assert regrouper(regrouper(liste(60, 4, 5))) is None


class TestApprendre:
    def test_ce_qu_il_sait_d_un_total_est_entier_et_ne_bouge_plus(self):
        """Une borne qui gagnait un millionième à chaque tour empêchait le contrôle de conclure."""
        controle, systeme = divulgation._Controle(0, [], SEULE), Systeme()
        systeme.cases = [Case(0, "liste", "", "", 310, [0], bas=306.9999989999997, haut=312.0000000003)]
        for _ in range(2):
            controle.apprendre(liste(310), systeme)
            assert controle.connus["u"] == {0: (307, 312)}
