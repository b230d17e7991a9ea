"""Preuve 12 : des années jour après jour : rien n'est gardé trop tard, rien ne part trop tôt, chaque préavis tient."""

import datetime
import random

import pytest

from interventions.models import Contact
from securisation.parcours import conservation
from securisation.parcours.models import Conservation, Effacement, Parcours
from securisation.socle import horloge
from securisation.tests.distribution import construire_parcours
from securisation.tests.effacements import decider, executer

pytestmark = pytest.mark.django_db
DEBUT = datetime.datetime(2020, 2, 20, 9, tzinfo=datetime.UTC)
JOUR = datetime.timedelta(days=1)
GRAINE = 12


class Monde:
    """Des dossiers qui s'ouvrent, des personnes qui donnent des nouvelles au hasard, et ce qu'une horloge indépendante en attend."""

    def __init__(self, distribution, dossiers, jours):
        self.des, self.jours = random.Random(GRAINE), jours
        self.awa, self.gaelle, self.hugo = (distribution[nom] for nom in ("awa", "gaelle", "hugo"))
        self.ouvertures = sorted(self.des.randrange(max(1, jours - 750)) for _ in range(dossiers))
        self.vivants, self.nouvelles, self.preavis, self.effaces = {}, {}, {}, {}
        self.indecis, self.fautes = set(), []

    def vivre(self):
        """Chaque jour : ouvertures, nouvelles, la tâche quotidienne, les décisions, les effacements, puis le contrôle."""
        for rang in range(self.jours):
            with horloge.reprise_au(DEBUT + rang * JOUR):
                for _ in range(self.ouvertures.count(rang)):
                    parcours = construire_parcours(self.awa)
                    self.vivants[parcours.pk], self.nouvelles[parcours.pk] = parcours, horloge.aujourd_hui()
                    if len(self.nouvelles) % 3 == 0:
                        self.indecis.add(parcours.pk)
                self._donner_des_nouvelles()
                conservation.tenir_le_jour()
                self._decider_et_effacer()
                self._controler(horloge.aujourd_hui())

    def _donner_des_nouvelles(self):
        """Parfois la personne appelle ; parfois c'est nous, et cela ne compte pas."""
        for cle, parcours in list(self.vivants.items()):
            tire = self.des.random()
            if tire < 0.001 and not self._est_ferme(cle):
                parcours.refresh_from_db()
                Contact(parcours=parcours).noter(par=self.awa, canal="SMS", de_la_personne=tire < 0.0006)
                if tire < 0.0006:
                    self.nouvelles[cle] = horloge.aujourd_hui()
                    self.preavis.pop(cle, None)

    def _est_ferme(self, cle):
        return Parcours.objects.filter(pk=cle).exclude(effacement_le=None).exists()

    def _decider_et_effacer(self):
        for effacement in Effacement.objects.filter(etat="demande"):
            self.preavis.setdefault(effacement.parcours_id, horloge.aujourd_hui())
            if effacement.parcours_id not in self.indecis:
                decider(effacement, self.gaelle, self.hugo)
        for effacement in Effacement.objects.filter(etat="decide", pas_avant__lte=horloge.aujourd_hui()):
            executer(effacement)
            self.effaces[effacement.parcours_id] = horloge.aujourd_hui()
            del self.vivants[effacement.parcours_id]

    def _controler(self, jour):
        """Une règle écrite à part : deux ans de date à date après les dernières nouvelles."""
        for cle, nouvelle in self.nouvelles.items():
            terme, efface = _deux_ans_apres(nouvelle), self.effaces.get(cle)
            if cle in self.indecis:
                self._controler_un_indecis(cle, jour > max(terme, self.preavis.get(cle, jour) + 30 * JOUR))
            elif efface is None and jour > terme + JOUR:
                self.fautes.append(("en retard", cle, jour))
            if efface == jour and jour < terme:
                self.fautes.append(("trop tôt", cle, jour))
            if efface == jour and (jour - self.preavis[cle]).days != 30:
                self.fautes.append(("préavis", cle, jour))

    def _controler_un_indecis(self, cle, echu):
        """Sans décision : jamais effacé seul ; le terme passé, fermé à tous, et encore dû à qui décide."""
        if cle in self.effaces:
            self.fautes.append(("effacé seul", cle))
        du = Effacement.objects.a_decider().filter(parcours=cle).exists()
        if echu and not (self._est_ferme(cle) and du and not Parcours.objects.visibles_pour(self.awa).filter(pk=cle)):
            self.fautes.append(("échu, ouvert ou oublié", cle))


def _deux_ans_apres(jour):
    mois, quantieme = (3, 1) if (jour.month, jour.day) == (2, 29) else (jour.month, jour.day)
    return datetime.date(jour.year + 2, mois, quantieme)


@pytest.mark.preuve(12)
def test_cinq_ans_sans_retard_ni_avance(preuve, distribution):
    """Horloge déplacée d'un jour à la fois ; les décisions se prennent pendant le préavis."""
    # Un dossier ne finit qu'après deux ans : la taille réduite en vit un peu plus, avec peu de dossiers.
    monde = Monde(distribution, preuve.taille(3, 60), preuve.taille(760, 1827))
    monde.vivre()
    fini = (DEBUT + (monde.jours - 1) * JOUR).date()
    restes = Conservation.objects.filter(etat="preavis", terme__lt=fini).exclude(parcours__in=monde.indecis).count()
    fermes = Parcours.objects.filter(pk__in=monde.indecis).exclude(effacement_le=None).count()
    preuve.dire(
        f"{monde.jours} jours, {len(monde.effaces)} dossiers effacés sur {len(monde.nouvelles)}, "
        f"{fermes} sans décision, fermés et dus, {len(monde.fautes)} faute",
        cible="5 ans : 0 en retard de plus d'un jour, 0 trop tôt, préavis de 30 jours",
        atteinte=bool(monde.effaces) and bool(fermes) and not monde.fautes and not restes,
    )
