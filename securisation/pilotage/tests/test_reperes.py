"""Les noms propres connus autour d'un parcours : ce qui les cite se refuse, un mot de tous les jours passe."""

import pytest
from django.core.exceptions import ValidationError

from interventions.models import Action
from securisation.annuaire.models import Axe, Departement, Epci, Facteur, Finalite, Levier, ModeAction, Structure
from securisation.comptes.models import Equipe, Reglages
from securisation.parcours.models import Accord, RendezVous
from securisation.pilotage import reperes
from securisation.pilotage.models import Parole
from securisation.pilotage.tests.test_mots import accorder
from securisation.socle import horloge

pytestmark = pytest.mark.django_db


@pytest.fixture
def connu(parcours_admis, awa):
    """Un parcours dont la base connaît la commune, l'orienteur, le partenaire et le rendez-vous ; deux équipes, l'association."""
    Reglages.objects.update_or_create(pk=1, defaults={"nom": "Association Ricochet"})
    Equipe.objects.filter(pk=parcours_admis.equipe_id).update(territoire="Nord Mayenne et pays de Craon")
    Equipe.objects.create(nom="Équipe de Vitré", territoire="tout le département", association="Les Amis de Tombouctou")
    parcours_admis.personne.modifier(par=awa, commune="Saint-Jean-sur-Erve", code_postal="53270")
    parcours_admis.modifier(par=awa, orienteur="Assistante sociale du CHU, Mme Petit")
    RendezVous(parcours=parcours_admis).prevoir(
        par=awa,
        genre="concertation",
        debut=horloge.maintenant(),
        lieu="Mairie de Craon",
        avec="Mission locale, M. Barbotin",
    )
    partage = Accord(parcours=parcours_admis, finalite=Finalite.objects.get(code="PARTAGE"))
    partage.recueillir(par=awa, le=horloge.aujourd_hui(), mode="oral", partenaire="Bailleur Podeliha", axes=["LOG"])
    accorder(parcours_admis, awa)
    return parcours_admis


class TestRefuse:
    @pytest.mark.parametrize(
        ("texte", "mot"),
        [
            ("à l’erve on se connaît tous", "sa commune, son département ou son intercommunalité"),
            ("En Mayenne, personne ne le savait.", "sa commune, son département ou son intercommunalité"),
            ("Chez Ricochet ils m’ont rappelée.", "l’association, une équipe ou son territoire"),
            ("Il fallait aller à VITRÉ.", "l’association, une équipe ou son territoire"),
            ("L’équipe de Laval est venue.", "l’association, une équipe ou son territoire"),
            ("Je suis du pays de Craon.", "l’association, une équipe ou son territoire"),
            ("Ceux de Tombouctou m’ont crue.", "l’association, une équipe ou son territoire"),
            ("C’est Podeliha qui a cédé.", "un service ou un partenaire de son parcours"),
            ("M. Barbotin a tout repris.", "un service ou un partenaire de son parcours"),
            ("J’ai vu Mme Petit deux fois.", "un service ou un partenaire de son parcours"),
        ],
    )
    def test_un_nom_connu_en_base(self, connu, awa, texte, mot):
        with pytest.raises(ValidationError, match=f"nomme ou situe quelqu’un \\({mot}\\)"):
            Parole(parcours=connu).proposer(par=awa, texte=texte)

    def test_la_structure_d_un_levier_mobilise_pour_elle(self, connu, awa, gaelle):
        levier = Levier.objects.get(code="L-FSL")
        mayenne = Departement.objects.get(code="53")
        proche = Structure.objects.create(nom="Maison Tournesol", type="ASSO", commune="Bazougers", departement=mayenne)
        proche.leviers.add(levier)
        ailleurs = Structure.objects.create(
            nom="Maison Bleuet", type="ASSO", commune="Brest", departement=Departement.objects.get(code="29")
        )
        ailleurs.leviers.add(levier)
        assert not reperes.partenaires(connu) & reperes.de_lieu("Bazougers")
        _mobiliser(connu, awa, levier)
        connus = reperes.partenaires(connu)
        assert reperes.cite("À Bazougers on m’a reçue.", connus) and reperes.cite("Merci Tournesol.", connus)
        assert not reperes.cite("À Brest, chez Bleuet.", connus)

    def test_son_intercommunalite(self, connu):
        epci = Epci(code="200000000", libelle="Coëvrons Agglomération", departement=Departement.objects.get(code="53"))
        epci.codes_postaux = ["53270"]
        epci.save()
        assert reperes.cite("dans les coevrons", reperes.lieux(connu))


class TestLaissePasser:
    @pytest.mark.parametrize(
        "texte",
        [
            "On m’a rappelée, et j’ai gardé mon bail.",
            "Saint-Sylvestre, je l’ai passé seule, sur le canapé.",
            "L’assistante sociale et mon bailleur se sont parlé.",
            "Petit à petit, j’ai repris pied. Mission accomplie.",
            "La mission locale, le CHU, la mairie : j’ai frappé partout.",
            "Une association m’a aidée, tout le département est petit.",
            "Les amis, c’est important ; j’ai perdu le nord.",
        ],
    )
    def test_les_mots_de_tous_les_jours(self, connu, awa, texte):
        assert Parole(parcours=connu).proposer(par=awa, texte=texte).etat == "proposee"

    @pytest.mark.parametrize(
        ("nom", "passe", "refuse"),
        [
            ("Forcé", "On m’a forcé la main. Force est de le dire.", "Je vis à Forcé."),
            ("Cher", "Cher monsieur, c’est trop cher.", "Je vis dans le Cher."),
            ("Vienne", "Vienne qui voudra, qu’il vienne.", "J’habite la Vienne."),
        ],
    )
    def test_un_lieu_qui_est_un_mot_courant_ne_vaut_qu_a_sa_majuscule(self, nom, passe, refuse):
        assert not reperes.cite(passe, reperes.de_lieu(nom))
        assert reperes.cite(refuse, reperes.de_lieu(nom))

    def test_un_nom_vide_ou_sans_mot_propre_ne_designe_rien(self):
        for nom in ("", None, "CCAS", "Mairie", "assistante sociale", "Maison du logement", "ADIL 53", "le la de"):
            assert reperes.de_service(nom) == set(), nom

    def test_un_proche_au_nom_courant_designe_des_sa_majuscule(self):
        noms = reperes.de_personne("Pierre Petit")
        assert reperes.cite("Pierre m’a portée.", noms) and not reperes.cite("Une pierre, un petit pas.", noms)


def _mobiliser(parcours, par, levier):
    """Une action de ce parcours qui mobilise ce levier."""
    from interventions.tests.conftest import demarrer, diagnostiquer, jour

    diagnostiquer(parcours, par)
    parcours.refresh_from_db()
    return Action(intervention=demarrer(parcours, par)).inscrire(
        par=par,
        levier=levier,
        axe=Axe.objects.get(code="LOG"),
        facteur=Facteur.objects.get(code="LOG-01"),
        mode=ModeAction.objects.order_by("pk").first(),
        intitule="Demander l’aide",
        ns1="oui",
        ns2_sollicite_le=jour(),
        ns3="la personne avec le dispositif",
        ns4_relais="Bailleur",
        reponse_attendue_le=jour(30),
    )
