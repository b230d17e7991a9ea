"""Une longue suite d'éditions, publiées comme la direction les publie : le contrôle, l'attaquant du produit, et la règle des empreintes.

Des années, des semestres, des trimestres, à tous et à chaque équipe, se recoupent ; puis des dossiers changent, des corrections paraissent.
"""

import datetime
import sys
import time

from django.db import connection, transaction

from outils.livrables.direction import direction
from outils.livrables.verite import Verite, individus
from securisation.comptes.models import Equipe
from securisation.pilotage import calcul, conventions
from securisation.pilotage.edition import actes, perimetre, preparation
from securisation.pilotage.edition.preparation import TROP_PROCHE
from securisation.pilotage.models import Edition
from securisation.socle.refus import Refus

ANNEES, EQUIPES = (2023, 2024, 2025), 3
DU, AU = datetime.date(2023, 1, 1), datetime.date(2025, 12, 31)
TRIMESTRES = ((1, 12), (1, 6), (7, 12), (1, 3), (4, 6))
CHANGES = 60  # dossiers de l'équipe 1 corrigés avant les corrections


def periodes():
    """(du, au, équipes, départements) de chaque édition, dans l'ordre où elles paraissent.

    Un semestre est dans une année, une équipe dans un tout ; s'y ajoutent une période à cheval, un jour de moins, deux équipes réunies
    et un département : tout se recoupe.
    """
    for annee in ANNEES:
        for du, au in TRIMESTRES:
            periode = (datetime.date(annee, du, 1), _fin(annee, au))
            yield (*periode, (), ())
            yield from ((*periode, (equipe,), ()) for equipe in range(1, EQUIPES + 1))
    yield datetime.date(2024, 7, 1), datetime.date(2025, 6, 30), (), ()
    yield datetime.date(2025, 1, 1), AU, (2, 3), ()
    yield datetime.date(2025, 1, 1), AU, (), ("53",)
    # Un jour de moins : souvent à moins de onze parcours d'une autre, que la règle des empreintes refuse.
    yield datetime.date(2025, 1, 1), datetime.date(2025, 6, 29), (1,), ()


def _fin(annee, mois):
    suivant = datetime.date(annee + mois // 12, mois % 12 + 1, 1)
    return suivant - datetime.timedelta(days=1)


class Suite:
    """Les éditions publiées (`publiees` : clé, périmètre, contenu, vérité du jour) et pourquoi d'autres ont été refusées (`refusees`)."""

    def __init__(self, dire=lambda phrase: None):
        self.dire, self.jean, self.debut = dire, direction(), time.monotonic()
        self.publiees, self.refusees, self.conventions, self.parues, self.premieres = [], [], {}, {}, {}
        self.individus = individus()

    def jouer(self, combien=None):
        """Publie tout, corrige des dossiers, publie les corrections ; `combien` éditions seulement, s'il est dit."""
        for rang, (du, au, equipes, departements) in enumerate(periodes()):
            if rang == combien:
                return self
            convention = self._convention(equipes, departements)
            cle = (du, au, equipes, departements)
            self.parues[cle] = self._publier(actes.preparer(convention, par=self.jean, du=du, au=au))
        self.premieres = dict(self.parues)
        self._corriger(5)  # trop peu : refusée
        self._corriger(CHANGES)
        return self

    def _convention(self, equipes, departements):
        if (equipes, departements) not in self.conventions:
            from securisation.annuaire.models import Departement

            self.conventions[equipes, departements] = conventions.creer(
                par=self.jean, numero=f"L-{len(self.conventions) + 1}", financeur="Financeur", du=DU, au=AU,
                objet_paye="Tout.", equipes=Equipe.objects.filter(pk__in=equipes),
                departements=Departement.objects.filter(code__in=departements),
            )  # fmt: skip
        return self.conventions[equipes, departements]

    def _publier(self, edition):
        """L'édition si elle a paru, sinon None."""
        with transaction.atomic():
            preparation.faire(edition.pk)
        edition = Edition.objects.get(pk=edition.pk)
        try:
            actes.publier(edition.uuid, par=self.jean)
        except Refus as refus:
            self.refusees.append(str(refus))
            actes.ecarter(edition.uuid, par=self.jean)
            self._dire(edition, f"refusée ({refus})")
            return None
        lu = perimetre.perimetre(edition.definition)
        self.publiees.append((edition.pk, lu, edition.contenu, Verite(lu, self.individus)))
        self._dire(edition, "publiée")
        return edition

    def _dire(self, edition, sort):
        rapport = edition.rapport
        faits = ", ".join(f"{rapport[nom]} {nom}" for nom in ("cellules", "petites", "masquees"))
        attente = time.monotonic() - self.debut
        self.dire(f"{attente:.0f} s, {len(self.publiees)} éditions, {sort} : {faits}, {len(rapport['refuses'])} refus")

    def _corriger(self, combien):
        """Change tant de dossiers de l'équipe 1, puis corrige les éditions de 2025 qui les comptent."""
        with connection.cursor() as curseur:
            curseur.execute(_CHANGER, {"n": combien})
        self.individus = individus()
        for cle, edition in list(self.parues.items()):
            du, au, equipes, departements = cle
            if edition and (du, au) == (datetime.date(2025, 1, 1), AU) and equipes in ((), (1,)) and not departements:
                mot = "Des origines et des facteurs ont été corrigés."
                self.parues[cle] = self._publier(actes.corriger(edition.uuid, par=self.jean, mot=mot)) or edition


_CHANGER = """
UPDATE pilotage_fait SET origine = (SELECT max(id) FROM annuaire_origine WHERE id <> pilotage_fait.origine), facteurs = facteurs[2:]
 WHERE parcours_id IN (SELECT parcours_id FROM pilotage_fait
                        WHERE compte AND equipe_id = 1 AND admis_le BETWEEN '2025-01-15' AND '2025-05-15' ORDER BY cle LIMIT %(n)s)
"""


def publier(combien=None):
    """Joue la suite ; l'avancement sur l'erreur standard."""
    return Suite(lambda phrase: print(phrase, file=sys.stderr, flush=True)).jouer(combien)


def lignes(suite):
    """La ligne du tableau des livrables (nom, figure, cible, tenue) : ce qui a été corrigé, et ce que chaque règle a refusé."""
    debuts = {"proches": TROP_PROCHE[:20], "trahies": calcul.TRAHI[:20]}
    comptes = {nom: sum(raison.startswith(debut) for raison in suite.refusees) for nom, debut in debuts.items()}
    autres = len(suite.refusees) - sum(comptes.values())
    corrigees = len(suite.publiees) - sum(edition is not None for edition in suite.premieres.values())
    figure = (
        f"{len(suite.publiees)} parues, dont {corrigees} corrections ; refusées : {comptes['proches']} à moins de onze parcours "
        f"d’une autre, {comptes['trahies']} dont les refus en trahiraient une, {autres} pour une autre raison"
    )
    tenue = comptes["proches"] > 0 and corrigees > 0 and not autres
    return [
        (
            "éditions proposées à la publication",
            figure,
            "des corrections, des refus de la règle 8, aucune autre raison",
            tenue,
        )
    ]
