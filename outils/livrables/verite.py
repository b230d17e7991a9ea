"""Ce qu'une édition comptait vraiment, relu des faits un par un : rien n'en vient du calcul que l'on mesure.

Un *individu* est un parcours tel qu'il était ce jour-là : corrigé, c'en est un autre. Une *place* est une case fine, (ligne, colonne).
"""

from functools import cache

from securisation.annuaire import models as annuaire
from securisation.parcours.models import Parcours
from securisation.pilotage.models import Fait

NIVEAUX = ("0-1", "2", "3-4")
REPONSES = ("", "en_cours", "silence", "aboutie", "refus", "abandon")
AXES = ("ADM", "BUD", "LOG", "ORG", "PRO")


def _entre(jour, perimetre):
    return jour is not None and perimetre.du <= jour <= perimetre.au


def _accompagne(fait, perimetre):
    return (
        fait.admis_le is not None and fait.admis_le <= perimetre.au and (fait.fini_le or perimetre.du) >= perimetre.du
    )


def _cote(fait):
    """Vrai si les cinq axes sont cotés à l'entrée et à la sortie."""
    return all(3 not in divmod(fait.niveaux >> (4 * rang) & 15, 4) for rang in range(5))


UNIVERS = {
    "recues": lambda f, p: _entre(f.recue_le, p),
    "refuses": lambda f, p: _entre(f.refuse_le, p),
    "accompagnes": _accompagne,
    "demarches": lambda f, p: _accompagne(f, p) and f.demarches > 0,
    "fins": lambda f, p: f.admis_le is not None and _entre(f.fini_le, p),
    "cotes": lambda f, p: _entre(f.bilan_le, p) and _cote(f),
}


def _est_du_perimetre(fait, p):
    lieux = (not p.equipes or fait.equipe_id in p.equipes) and (
        not p.departements or fait.departement in p.departements
    )
    sortes = (not p.publics or set(p.publics) & set(fait.publics)) and (not p.origines or fait.origine in p.origines)
    return fait.compte and lieux and sortes


@cache
def _codes(modele):
    return dict(modele.objects.values_list("pk", "code"))


def _un(modele, cle):
    return [(_codes(modele).get(cle, "reserve"), "")]


def _plusieurs(modele, cles):
    return [place for cle in cles for place in _un(modele, cle)]


def _decision(fait):
    if fait.admis_le:
        return "admises"
    return "non_admises" if fait.refuse_le else "sans_suite" if fait.fini_le else "attente"


def _fin(fait):
    if fait.fin >= 0:
        code = _codes(annuaire.MotifSortie).get(fait.fin)
        return "evenement" if code in ("SOR-09", "SOR-10") else code
    deces = Parcours.MotifInterruption.values.index(Parcours.MotifInterruption.DECES) + 1
    return "evenement" if -fait.fin == deces else f"INT-{-fait.fin}"


def _leviers(fait):
    return [(_codes(annuaire.Levier).get(levier // 16, "reserve"), REPONSES[levier % 16]) for levier in fait.leviers]


def _enchainements(fait):
    return [(_codes(annuaire.LienDomino).get(x, "propre" if x == -1 else "reserve"), "") for x in fait.dominos]


def _flux(rang):
    def place(fait):
        entree, sortie = divmod(fait.niveaux >> (4 * rang) & 15, 4)
        return [(NIVEAUX[entree], NIVEAUX[sortie])]

    return place


def _rangs(nom, **lignes):
    """Un code par rang du fait : `lignes` dit quels rangs fait chaque ligne."""
    de = {rang: code.strip("_") for code, rangs in lignes.items() for rang in rangs}

    def place(fait):
        lus = getattr(fait, nom)
        return [(de[x], "") for x in (lus if isinstance(lus, tuple) else (lus,)) if x in de]

    return place


# Les places d'un individu dans chaque tableau.
PLACES = {
    "personnes": lambda f: [],
    "demandes": lambda f: [],
    "origines": lambda f: _un(annuaire.Origine, f.origine),
    "qualification": lambda f: [(_decision(f), "")],
    "orientations": lambda f: _un(annuaire.Levier, f.orientation),
    "publics": lambda f: _plusieurs(annuaire.Public, f.publics),
    "departements": lambda f: [(f.departement or "inconnu", "")],
    "territoires": lambda f: [(_codes(annuaire.Epci).get(f.epci, "inconnu"), "")],
    **{f"flux-{axe}": _flux(rang) for rang, axe in enumerate(AXES)},
    "facteurs": lambda f: _plusieurs(annuaire.Facteur, f.facteurs),
    "dominos": _enchainements,
    "leviers": _leviers,
    "delais": _rangs("delais", _15=(0,), _30=(1,), _60=(2,), plus=(3,), sans=(9,)),
    "substitution": _rangs("moyens", personne=(1,), ensemble=(2,), tiers=(3,), dispositif=(4,)),
    "durees": _rangs("duree", sans=(0,), _30=(1,), _60=(2,), _90=(3,), _120=(4,), plus=(5,)),
    "suspensions": _rangs("cadre", sans=(0,), aucune=(1, 3, 5), suspendue=(2, 4, 6)),
    "prolongations": _rangs("cadre", sans=(0,), aucune=(1, 2), demandee=(3, 4), approuvee=(5, 6)),
    "sorties": lambda f: [(_fin(f), "")],
    "relais": _rangs("relais", confirme=(1,), nomme=(2,), assume=(3,)),
    "risques": lambda f: _plusieurs(annuaire.RisqueResiduel, f.risques),
}


def places(code, individu):
    """Les places de cet individu dans ce tableau ; une place (ligne, "") par ligne d'un tableau croisé."""
    return frozenset(PLACES[code](individu))


def individus():
    """Tous les faits d'aujourd'hui, comparables entre eux."""
    champs = [champ.attname for champ in Fait._meta.concrete_fields]
    return [_Individu(tuple(map(_fige, ligne))) for ligne in Fait.objects.values_list(*champs)]


def _fige(valeur):
    return tuple(valeur) if isinstance(valeur, list) else valeur


class _Individu(tuple):
    """Un fait, ses champs par leur nom."""

    __slots__ = ()
    RANGS = {champ.attname: rang for rang, champ in enumerate(Fait._meta.concrete_fields)}

    def __getattr__(self, nom):
        return self[self.RANGS[nom]]


class Verite:
    """Les individus d'un périmètre, par univers, et ce que chaque case y vaut vraiment."""

    def __init__(self, perimetre, tous):
        siens = [fait for fait in tous if _est_du_perimetre(fait, perimetre)]
        self.membres = {u: [fait for fait in siens if en_est(fait, perimetre)] for u, en_est in UNIVERS.items()}

    def compte(self, publie, ligne, colonne):
        """Le vrai nombre d'une case d'un tableau publié."""
        membres = self.membres[publie["univers"]]
        if publie["code"] == "demarches":
            return sum(fait.demarches for fait in membres)
        if not ligne and not colonne:
            return len(membres)
        voulues = places_publiees(publie, ligne, colonne)
        return sum(bool(voulues & places(publie["code"], fait)) for fait in membres)


def places_publiees(publie, ligne, colonne):
    """Les places que réunit une case publiée ; d'un lieu qu'elle réunit à d'autres sous « ailleurs », la sienne."""
    lignes = [x["codes"] for x in publie["lignes"] if not ligne or x["code"] == ligne] or [[ligne]]
    toutes = [x for c in publie["colonnes"] for x in c["code"].split("+")] if publie["forme"] == "flux" else [""]
    colonnes = colonne.split("+") if colonne else toutes
    return frozenset((code, c) for codes in lignes for code in codes for c in colonnes)
