"""Le sommaire d'un rapport : chaque tableau, ce qu'il compte, ses lignes dans l'ordre du référentiel (jamais un classement).

Une ligne paraît même à zéro : son absence dirait « personne ». Ce qui révèle la santé tient en une seule ligne.
"""

from collections.abc import Callable
from dataclasses import dataclass

from securisation.annuaire import models as annuaire
from securisation.parcours.models import Parcours
from securisation.pilotage.attaque import SEUIL
from securisation.pilotage.chiffres import ADMISE, ATTENTE, REFUSEE, SANS_SUITE
from securisation.pilotage.tableaux import CROISE, FLUX, LISTE, MULTIPLE, NOMBRE, Compte, Ligne, Tableau

RESERVE, RESERVES = "reserve", "Ce qui révèlerait la santé, réuni"
NIVEAUX = [("3-4", "3–4", 2), ("2", "2", 1), ("0-1", "0–1", 0)]
REPONSES = [("en_cours", "En cours", 1), ("silence", "Sans réponse", 2), ("aboutie", "Abouties", 3), ("refus", "Refus", 4),
            ("abandon", "Abandonnées", 5)]  # fmt: skip
# Un décès, une hospitalisation, une détention : une seule ligne.
EVENEMENTS = ("SOR-09", "SOR-10")
DECES = Parcours.MotifInterruption.DECES


@dataclass(frozen=True)
class Fiche:
    """Un tableau du sommaire : `groupe` est ce qu'il lit (`chiffres.lire`), `lignes` les compose, `colonnes` d'un tableau croisé."""

    code: str
    chapitre: str
    titre: str
    univers: str
    forme: str
    groupe: str
    lignes: Callable | None = None
    colonnes: tuple = ()
    unite: str = "parcours"

    def composer(self, lus):
        """Le tableau et ses vrais comptes."""
        lignes = self.lignes(lus) if self.lignes else []
        total = lus.totaux.get(self.univers, Compte())
        return Tableau(
            self.code,
            self.chapitre,
            self.titre,
            self.univers,
            self.forme,
            total,
            lignes,
            list(self.colonnes),
            self.unite,
        )


def _nomenclature(groupe, modele, *, reserve=False, libelle=lambda x: x.libelle):
    """Une ligne par code, fermé ou non, compté ou non : une absence serait un zéro. Ce qui révèle la santé, réuni si `reserve`."""

    def lignes(lus):
        objets = [x for x in modele.objects.order_by("ordre", "code") if not getattr(x, "revele_la_sante", False)]
        rendues = [Ligne(x.code, libelle(x), lus.de(groupe, x.pk)) for x in objets]
        return [*rendues, Ligne(RESERVE, RESERVES, lus.de(groupe, 0))] if reserve else rendues

    return lignes


def _fixes(groupe, *lignes):
    """Des lignes écrites ici : (code, libellé, codes du groupe qu'elle réunit)."""

    def composer(lus):
        return [Ligne(c, dit, sum((lus.de(groupe, code) for code in codes), Compte())) for c, dit, codes in lignes]

    return composer


def _lieux(groupe, modele, cle, ailleurs):
    """Les lieux d'au moins onze parcours, chacun sa ligne ; tous les autres, et ceux qu'on ne sait pas, en une seule."""

    def composer(lus):
        lieux = list(modele.objects.order_by("ordre", "code"))
        grands = [x for x in lieux if lus.de(groupe, cle(x)).n >= SEUIL]
        lignes = [Ligne(x.code, x.libelle, lus.de(groupe, cle(x))) for x in grands]
        dits = {cle(x) for x in grands}
        reste = sum((c for code, c in lus.groupes.get(groupe, {}).items() if code not in dits), Compte())
        codes = tuple(x.code for x in lieux if cle(x) not in dits)
        return [*lignes, Ligne("ailleurs", ailleurs, reste, codes=(*codes, "inconnu"))]

    return composer


def _leviers(lus):
    """Chaque levier sollicité, avec les réponses reçues : un parcours peut être de plusieurs colonnes."""

    def ligne(code, libelle, cle):
        return Ligne(
            code, libelle, lus.de("leviers", cle * 16), [lus.de("leviers", cle * 16 + r) for _, _, r in REPONSES]
        )

    leviers = annuaire.Levier.objects.filter(revele_la_sante=False).order_by("ordre", "code")
    return [*(ligne(x.code, x.libelle, x.pk) for x in leviers), ligne(RESERVE, RESERVES, 0)]


def _dominos(lus):
    liens = annuaire.LienDomino.objects.select_related("de", "vers").order_by("ordre", "code")
    vus = [x for x in liens if not (x.de.revele_la_sante or x.vers.revele_la_sante)]
    lignes = [Ligne(x.code, f"{x.de.lisible}, puis {x.vers.lisible}", lus.de("dominos", x.pk)) for x in vus]
    propre = Ligne("propre", "Un enchaînement propre au parcours", lus.de("dominos", -1))
    return [*lignes, propre, Ligne(RESERVE, RESERVES, lus.de("dominos", 0))]


def _fins(lus):
    """Les motifs de sortie, puis les interruptions (négatives dans les faits) ; les événements de vie n'en font qu'un."""
    motifs = list(annuaire.MotifSortie.objects.order_by("ordre", "code"))
    interruptions = [
        (f"INT-{n}", dit, -n) for n, (mot, dit) in enumerate(Parcours.MotifInterruption.choices, 1) if mot != DECES
    ]
    lignes = [Ligne(x.code, x.libelle, lus.de("fin", x.pk)) for x in motifs if x.code not in EVENEMENTS]
    lignes += [
        Ligne(code, f"Interruption : {dit[:1].lower()}{dit[1:]}", lus.de("fin", rang))
        for code, dit, rang in interruptions
    ]
    deces = -(Parcours.MotifInterruption.values.index(DECES) + 1)
    evenements = [lus.de("fin", x.pk) for x in motifs if x.code in EVENEMENTS] + [lus.de("fin", deces)]
    return [*lignes, Ligne("evenement", "Événement de vie", sum(evenements, Compte()))]


def _flux(rang):
    """Les niveaux d'un axe, à l'entrée (lignes) et à la sortie (colonnes) ; `rang` : celui de l'axe dans le référentiel."""
    groupe, decalage = ("niveaux_de_trois_axes", 4 * rang) if rang < 3 else ("niveaux_de_deux_axes", 4 * (rang - 3))

    def composer(lus):
        comptes = {}
        for code, compte in lus.groupes.get(groupe, {}).items():
            place = (code >> decalage) & 15
            comptes[place] = comptes.get(place, Compte()) + compte
        rangees = [
            (code, dit, [comptes.get(entree * 4 + sortie, Compte()) for _, _, sortie in NIVEAUX])
            for code, dit, entree in NIVEAUX
        ]
        return [Ligne(code, dit, sum(cellules, Compte()), cellules) for code, dit, cellules in rangees]

    return composer


COLONNES = tuple((code, dit) for code, dit, _ in NIVEAUX)
AXES = ("ADM", "BUD", "LOG", "ORG", "PRO")
TITRES_DES_AXES = ("Administratif et juridique", "Budget", "Logement et conditions matérielles",
                   "Organisation fonctionnelle du quotidien", "Trajectoire professionnelle / formation")  # fmt: skip
SANS_INTERVENTION = ("sans", "Sans intervention", (0,))
# Le rapport d'activité dit les mêmes parcours sous les mêmes mots : d'ici et de là, rien ne se soustrait.
QUALIFICATION = (("admises", "Admises", (ADMISE,)), ("non_admises", "Non admises, orientées", (REFUSEE,)),
                 ("attente", "À qualifier", (ATTENTE,)), ("sans_suite", "Finies avant d’être qualifiées", (SANS_SUITE,)))  # fmt: skip

SOMMAIRE = [
    Fiche("personnes", "personnes", "Parcours accompagnés", "accompagnes", NOMBRE, "accompagnes"),
    Fiche("demandes", "personnes", "Demandes reçues", "recues", NOMBRE, "recues"),
    Fiche("origines", "personnes", "Comment elles sont venues", "recues", LISTE, "origine", _nomenclature("origine", annuaire.Origine)),
    Fiche("qualification", "personnes", "Qualification des demandes reçues", "recues", LISTE, "qualification",
          _fixes("qualification", *QUALIFICATION)),
    Fiche("orientations", "personnes", "Vers qui les demandes non admises sont orientées", "refuses", LISTE, "orientation",
          _nomenclature("orientation", annuaire.Levier, reserve=True)),
    Fiche("publics", "personnes", "Publics concernés", "accompagnes", MULTIPLE, "publics", _nomenclature("publics", annuaire.Public)),
    Fiche("departements", "personnes", "Départements", "accompagnes", LISTE, "departement",
          _lieux("departement", annuaire.Departement, lambda x: x.code, "Autres départements, ou non connus")),
    Fiche("territoires", "personnes", "Intercommunalités", "accompagnes", LISTE, "epci",
          _lieux("epci", annuaire.Epci, lambda x: x.pk, "Autres, ou non connues")),
    *(Fiche(f"flux-{axe}", "diagnostic", titre, "cotes", FLUX, "niveaux_de_trois_axes" if rang < 3 else "niveaux_de_deux_axes",
            _flux(rang), COLONNES) for rang, (axe, titre) in enumerate(zip(AXES, TITRES_DES_AXES, strict=True))),
    Fiche("facteurs", "diagnostic", "Facteurs de rupture à l’entrée", "accompagnes", MULTIPLE, "facteurs",
          _nomenclature("facteurs", annuaire.Facteur, reserve=True, libelle=lambda x: x.lisible)),
    Fiche("dominos", "diagnostic", "Enchaînements à prévenir", "accompagnes", MULTIPLE, "dominos", _dominos),
    Fiche("demarches", "moyens", "Démarches engagées", "demarches", NOMBRE, "demarches", unite="démarches"),
    Fiche("leviers", "moyens", "Leviers mobilisés et réponses reçues", "accompagnes", CROISE, "leviers", _leviers,
          tuple((code, dit) for code, dit, _ in REPONSES)),
    Fiche("delais", "moyens", "Délais de réponse", "accompagnes", MULTIPLE, "delais",
          _fixes("delais", ("15", "Quinze jours au plus", (0,)), ("30", "Seize à trente jours", (1,)),
                 ("60", "Trente et un à soixante jours", (2,)), ("plus", "Plus de soixante jours", (3,)),
                 ("sans", "Sans réponse à ce jour", (9,)))),
    Fiche("substitution", "moyens", "Qui fait les démarches", "accompagnes", MULTIPLE, "moyens",
          _fixes("moyens", ("personne", "La personne seule", (1,)), ("ensemble", "La personne avec le dispositif", (2,)),
                 ("tiers", "Un tiers mandaté", (3,)), ("dispositif", "Le dispositif seul, écart justifié", (4,)))),
    Fiche("durees", "temps", "Durée de l’intervention, à la fin du parcours", "fins", LISTE, "duree",
          _fixes("duree", ("30", "Trente jours au plus", (1,)), ("60", "Trente et un à soixante jours", (2,)),
                 ("90", "Soixante et un à quatre-vingt-dix jours", (3,)), ("120", "Quatre-vingt-onze à cent vingt jours", (4,)),
                 ("plus", "Plus de cent vingt jours", (5,)), SANS_INTERVENTION)),
    Fiche("suspensions", "temps", "Suspensions", "accompagnes", LISTE, "cadre",
          _fixes("cadre", ("aucune", "Aucune suspension", (1, 3, 5)), ("suspendue", "Une suspension ou plus", (2, 4, 6)),
                 SANS_INTERVENTION)),
    Fiche("prolongations", "temps", "Prolongations", "accompagnes", LISTE, "cadre",
          _fixes("cadre", ("aucune", "Aucune demandée", (1, 2)), ("demandee", "Demandée, non approuvée", (3, 4)),
                 ("approuvee", "Approuvée", (5, 6)), SANS_INTERVENTION)),
    Fiche("sorties", "sorties", "Comment les parcours se sont terminés", "fins", LISTE, "fin", _fins),
    Fiche("relais", "sorties", "Relais à la sortie", "fins", MULTIPLE, "relais",
          _fixes("relais", ("confirme", "Au moins un relais a confirmé", (1,)), ("nomme", "Un relais nommé n’a pas encore confirmé", (2,)),
                 ("assume", "Un risque assumé, sans relais", (3,)))),
    Fiche("risques", "sorties", "Risques qui restent", "fins", MULTIPLE, "risques",
          _nomenclature("risques", annuaire.RisqueResiduel, reserve=True)),
]  # fmt: skip
