"""Ce que la garde des mots laisse passer et arrête, nom par nom : les départements, des communes pièges, des services mal écrits."""

import csv
from pathlib import Path

import pytest

from securisation import annuaire
from securisation.pilotage import reperes

BANALES = """On m’a rappelée, et j’ai gardé mon logement.
J’ai repris pied en deux mois.
C’était une vilaine période, j’étais tombée bien bas.
Une vilaine période. Deux ans de galère.
J’ai remonté la pente, de haut en bas et de bas en haut.
Ils étaient à mes côtés à la réunion.
La réunion s’est bien passée, j’ai pu parler.
J’avais trop de bouches à nourrir.
Tout a changé quand on m’a écoutée.
Ça me touche encore, je pourrais en écrire le livre.
On m’a livré un lit et une table.
C’est simple, on ne me jugeait pas.
Mon fils Jean a retrouvé sa chambre.
Toutes les communes m’ont dit non.
Mon handicap n’est plus un obstacle.
Petit à petit, j’ai repris confiance.
J’ai vu la vie en rose.
Cher ami, la vie est trop chère.
C’est trop cher pour moi, je fais la manche.
J’ai perdu le nord.
Vienne qui voudra, je suis prête.
Il faut que ça vienne de moi.
Une somme pareille, je ne l’avais pas.
J’ai dormi dehors, au bord d’une rivière.
Je ne savais plus à quel saint me vouer.
J’ai cru que la mer allait m’engloutir.
Je me suis levée à l’aube tous les jours.
J’ai tiré le gros lot.
On m’a forcé la main. Force est de le dire.
Il jura qu’il ne reviendrait pas.
Je me sentais creuse, vide.
J’ai pu m’allier avec ma voisine.
Le territoire est grand, la route est longue.
Un pas après l’autre, pas à pas.
Mon cœur vaut de l’or.
D’une côte à l’autre, j’ai tout traversé.
Haute comme trois pommes, ma fille m’a portée.
Par monts et par vaux, j’ai cherché un toit.
Le jardin est vert, la maison est belle.
L’assistante sociale et mon bailleur se sont parlé.
La mission locale, la mairie, le centre : j’ai frappé partout.
Une association m’a aidée, tout le département est petit.
On a pris le train maritime des promesses.
Ma pierre à l’édifice, je l’ai posée.
Les amis, c’est important.
Merci à toute l’équipe.
Je suis sortie du tunnel, du noir.
Bonne nouvelle : j’ai un bail.
Le service m’a répondu. Simple et rapide.
Avant, je n’ouvrais plus mon courrier.
J’ai trouvé un emploi, pas loin.
Le bourg est calme, les enfants jouent.
Mon kinésithérapeute, mon ergothérapeute et mon éducatrice ont tenu bon.
Je suis restée une nuit de plus dans le couloir du service.
J’ai retrouvé la paix, le sommeil, l’envie.
Ma vie est à moi.""".splitlines()
COMMUNES = """Changé
Livré-la-Touche
Simplé
Saint-Jean-sur-Mayenne
Forcé
Cher
Vienne
La Croix
Bouchamps-les-Craon
Le Bourgneuf-la-Forêt
Bonchamp-lès-Laval
La Pallu
Château-Gontier-sur-Mayenne
Ballots
Le Pas
Marcillé-la-Ville
La Haie-Traversaine
Beaulieu-sur-Oudon
Belle-Île-en-Mer
Grand-Champ
Beaumont-Pied-de-Bœuf
Deux-Évailles
Saint-Pierre-la-Cour
Montjean
Paris""".splitlines()
SERVICES = """Équipe Handicap
Équipe du logement
Assistante sociale du CHU, M. Petit
Mission Locale
Maison du logement
éducatrice spécialisée
Kinésithérapeute
Communauté de communes du Pays de Craon
tout le département
Martin, kinésithérapeute
Martin ergothérapeute""".splitlines()


DEPARTEMENTS = Path(annuaire.__file__).parent / "territoire" / "departements.csv"


def departements():
    """Les libellés livrés."""
    with DEPARTEMENTS.open(encoding="utf-8") as lu:
        return [ligne["libelle"] for ligne in csv.DictReader(lu)]


class TestLaissePasser:
    def test_le_corpus_tient_ses_nombres(self):
        assert len(BANALES) >= 50 and len(COMMUNES) >= 20 and len(departements()) > 100

    @pytest.mark.parametrize("lire", [departements, lambda: COMMUNES], ids=["departements", "communes"])
    def test_aucun_lieu_n_arrete_une_phrase_banale(self, lire):
        fautes = [(lieu, dite) for lieu in lire() for dite in BANALES if reperes.cite(dite, reperes.de_lieu(lieu))]
        assert fautes == []

    @pytest.mark.parametrize("nom", SERVICES)
    def test_aucun_service_n_arrete_une_phrase_banale(self, nom):
        assert [dite for dite in BANALES if reperes.cite(dite, reperes.de_service(nom))] == []


class TestRefuse:
    @pytest.mark.parametrize("nom", [*departements(), *COMMUNES])
    def test_un_lieu_dit_en_entier_avec_ses_majuscules(self, nom):
        assert reperes.cite(f"Je vis à {nom} depuis peu.", reperes.de_lieu(nom))

    @pytest.mark.parametrize(
        ("nom", "dite"),
        [
            ("Assistante sociale, M. Petit", "M. Petit m’a aidée."),
            ("Assistante sociale, Mme Rose", "Puis m. Rose est venu."),
            ("Assistante sociale, M. PETIT", "M. Petit m’a aidée."),
            ("Docteur Petit", "J’ai vu le dr. Petit."),
            ("Mme ROSE", "Merci à Mme Rose."),
            ("Podeliha (bailleur)", "podeliha a cédé"),
            ("PODELIHA", "Podeliha a cédé."),
            ("Barbotin Jean, Mission locale", "barbotin m’a écoutée"),
            ("Martin, kinésithérapeute", "martin m’a remise debout"),
            ("Emmaüs Laval", "chez emmaus on m’a nourrie"),
            ("Laval", "Ceux de laval sont venus."),
            ("Laval Centre", "Ceux de Laval sont venus."),
            ("Équipe de Laval", "L’équipe de Laval est venue."),
            ("AMAV", "L’AMAV m’a aidée."),
            ("Association RICOCHET", "Chez Ricochet on m’a crue."),
            ("Ricochet Mayenne", "chez ricochet on m’a crue"),
            ("nord mayenne et pays de craon", "Je suis du pays de Craon."),
            ("Les Restos du Cœur", "aux restos du coeur on m’a nourrie"),
            ("Clinique Saint-Aignan", "à St. Aignan j’ai attendu"),
        ],
    )
    def test_un_service_une_equipe_un_territoire(self, nom, dite):
        assert reperes.cite(dite, reperes.de_service(nom))

    @pytest.mark.parametrize(
        ("nom", "dite"),
        [
            ("Saint-Jean-sur-Mayenne", "à saint jean tout se sait"),
            ("Saint-Jean-sur-Mayenne", "À St-Jean tout se sait."),
            ("Livré-la-Touche", "à livré la touche"),
            ("Deux-Sèvres", "dans les deux sèvres"),
            ("Changé", "J’habite Changé."),
            ("Côte-d’Or", "en Côte d’Or"),
        ],
    )
    def test_un_lieu(self, nom, dite):
        assert reperes.cite(dite, reperes.de_lieu(nom))

    def test_un_nom_d_une_ecriture_sans_equivalent_latin(self):
        assert reperes.cite("شكرا فاطمة", reperes.de_personne("فاطمة"))
