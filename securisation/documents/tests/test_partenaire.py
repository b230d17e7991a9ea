"""La copie pour un partenaire : ce qui en part, ce qui y reste, ce qu'elle n'affirme pas."""

import copy
import io
import json

import pytest
from pypdf import PdfReader

from securisation.documents import genres, partenaire
from securisation.documents.instantane import revele_la_sante

from . import instantanes

SECRET = "Secretzyx"


def garni(instantane):
    """Le même, un secret dans chaque sorte de ligne : constat, suite, démarche et risque, marqués ou seulement liés au constat."""
    v = copy.deepcopy(instantane)
    axe = v["axes"][0]
    voisin = copy.deepcopy(axe["facteurs"][0])
    axe["facteurs"].append(voisin | {"code": "ZYX-01", "libelle": f"{SECRET} constat", "note": SECRET, "reserve": True})
    bout, autre = (
        {"code": "ZYX-01", "libelle": f"{SECRET} suite"},
        {"code": voisin["code"], "libelle": voisin["libelle"]},
    )
    lien = {"delai": "court", "force": 2, "mecanisme": SECRET, "retenu": True, "motif": "", "note": SECRET}
    v["dominos"] += [lien | {"de": bout, "vers": autre}, lien | {"de": autre, "vers": bout, "retenu": False}]
    v["dominos"].append(
        lien | {"de": {"code": "A", "libelle": SECRET}, "vers": {"code": "B", "libelle": SECRET}, "reserve": True}
    )
    if "sortie" in v:
        actions, risques = v["intervention"]["actions"], v["sortie"]["risques"]
        tue = {"intitule": SECRET, "relais": SECRET, "levier": SECRET}
        actions += [actions[0] | tue | {"facteur": "ZYX-01", "reserve": False}, actions[0] | tue | {"reserve": True}]
        risque = {"code": "RR-1", "libelle": SECRET, "facteur_libelle": SECRET, "relais": SECRET, "signal": SECRET}
        risques += [risque | {"facteur": "ZYX-01"}, risque | {"facteur": voisin["code"], "reserve": True}]
    return v


@pytest.mark.parametrize("modele", [instantanes.diagnostic, instantanes.bilan], ids=["diagnostic", "bilan"])
class TestCopie:
    def test_retire_tout_ce_qui_est_reserve_ou_le_nomme(self, modele):
        original = garni(modele())
        copie = partenaire.copie_pour_un_partenaire(original)
        assert SECRET not in json.dumps(copie) and "ZYX-01" not in json.dumps(copie)
        assert not revele_la_sante(copie) and revele_la_sante(original)

    def test_le_reste_est_le_meme_et_l_original_intact(self, modele):
        depart = modele("karim") if modele is instantanes.diagnostic else modele()
        attendu = partenaire.copie_pour_un_partenaire(depart)
        original = garni(depart)
        avant = copy.deepcopy(original)
        assert partenaire.copie_pour_un_partenaire(original) == attendu
        assert original == avant
        assert set(attendu) == set(depart) | {"copie"}

    def test_le_fichier_ne_dit_rien_de_ce_qui_est_tu(self, modele):
        original = garni(modele())
        lus = []
        for pdf in (genres.produire(_genre(original), original), partenaire.produire(_genre(original), original)):
            lu = PdfReader(io.BytesIO(pdf.contenu))
            texte = "\n".join(page.extract_text() for page in lu.pages)
            lus.append((texte, lu.attachments["donnees.json"][0].decode(), str(lu.metadata)))
        assert all(SECRET in morceau for morceau in lus[0][:2])
        assert not any(SECRET in morceau or "ZYX-01" in morceau for morceau in lus[1])
        assert SECRET.encode() not in pdf.contenu
        assert "Copie pour un partenaire, lignes réservées retirées." in lus[1][0]
        assert "Copie pour un partenaire" not in lus[0][0]


def _genre(instantane):
    return instantane["schema"].split("/")[0]


def test_un_bilan_ne_dit_pas_sans_demarche_un_constat_dont_la_demarche_est_tue():
    bilan = instantanes.bilan()
    for action in bilan["intervention"]["actions"]:
        action["reserve"] = True
    contexte = genres.genre("bilan").contexte
    copie = contexte(partenaire.copie_pour_un_partenaire(bilan))
    assert copie["constats"] and not copie["actions"]
    assert {"Sans démarche"}.isdisjoint(c["mot"] for c in copie["constats"])
    assert "Sans démarche" not in str(copie["domino"]) and copie["orphelins"] == ""
    muet = copy.deepcopy(bilan)
    muet["intervention"]["actions"], muet["sortie"]["risques"] = [], []
    assert {c["mot"] for c in contexte(muet)["constats"]} == {"Sans démarche"}
