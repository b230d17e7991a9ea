"""La garde non médicale : ce qu'elle signale, ce qu'elle refuse, ce qu'elle laisse dire. Sans base de données."""

import csv
import random
import time
from pathlib import Path

import pytest

from securisation.annuaire.garde import NUMERO_MASQUE, Alerte, Genre, examiner, masquer, refuses, sans_recouvrement

REFERENTIEL = Path(__file__).resolve().parent.parent / "referentiel"
PIEGE = "Cancer du côlon traité par chimiothérapie, sous morphine, NIR 1 75 04 44 109 012 34."


def genres(texte):
    return [alerte.genre for alerte in examiner(texte)]


class TestSignale:
    def test_la_ligne_piegee_entiere(self):
        assert genres(PIEGE) == [Genre.PATHOLOGIE, Genre.MEDICAMENT, Genre.MEDICAMENT, Genre.NIR]

    @pytest.mark.parametrize(
        ("texte", "genre"),
        [
            ("CANCER du sein", Genre.PATHOLOGIE),
            ("depression", Genre.PATHOLOGIE),
            ("elle est shizophrène", Genre.PATHOLOGIE),
            ("Alzeimer", Genre.PATHOLOGIE),
            ("parkinsson", Genre.PATHOLOGIE),
            ("diabette", Genre.PATHOLOGIE),
            ("un burn-out", Genre.PATHOLOGIE),
            ("a fait un AVC", Genre.PATHOLOGIE),
            ("insuffisance rénale", Genre.PATHOLOGIE),
            ("trouble bipolaire", Genre.PATHOLOGIE),
            ("morphin", Genre.MEDICAMENT),
            ("sous traitement", Genre.MEDICAMENT),
            ("mor\u200bphine", Genre.MEDICAMENT),
            ("50 mg le soir", Genre.MEDICAMENT),
            ("suivie en cardiologie", Genre.SERVICE),
            ("à l’hôpital de jour", Genre.SERVICE),
            ("rendez-vous au CMP", Genre.SERVICE),
            ("opérée du genou", Genre.SERVICE),
            ("il boit dès le matin", Genre.PATHOLOGIE),
            ("il entend des voix", Genre.PATHOLOGIE),
            ("ses reins ne marchent plus", Genre.PATHOLOGIE),
            ("prend ses cachets le soir", Genre.MEDICAMENT),
        ],
    )
    def test_accents_casse_et_fautes_simples_toleres(self, texte, genre):
        assert genre in genres(texte)

    def test_la_suggestion_parle_du_droit_ou_de_la_consequence(self):
        (alerte,) = examiner("Elle a un cancer.")
        assert alerte.extrait == "cancer"
        assert alerte.position == 10
        assert "droits" in alerte.suggestion
        assert "sans la cause" in alerte.suggestion

    def test_la_position_tombe_juste_malgre_les_accents_decomposes(self):
        texte = "E\u0301le\u0301onore a eu une de\u0301pression, œdème."
        alerte = examiner(texte)[0]
        assert texte[alerte.position : alerte.fin] == alerte.extrait == "de\u0301pression"


class TestRefuse:
    @pytest.mark.parametrize(
        "texte",
        [
            "1750444109012",
            "175044410901234",
            "1 75 04 44 109 012 34",
            "1 75 04 44 109",
            "2 91 12 2A 109 012",
            "2 91 12 2b 109 012",
            "1-75-04-44-109-012-34",
            "175 044 410 901 234",
            "1 7 5 0 4 4 4 1 0 9 0 1 2 3 4",
            "１７５０４４４１０９０１２３４",
            "tél 06 39 98 20 30 1 75 04 44 109 012 34",
            "0639982030 175044410901234",
            "1, 75, 04, 44, 109, 012, 34",
            "1:75:04:44:109:012",
            "1|75|04|44|109|012|34",
            "1 | 75 | 04 | 44 | 109 | 012",
            "1*75*04*44*109*012*34",
            "1—75—04—44—109—012",
            "(1) (75) (04) (44) (109) (012) (34)",
            "1 75 04 44\n109 012 34",
            "1 75 O4 44 1O9 O12 34",
            "175O444109O1234",
            "17504,44109,01217",
            "1750444|109012|(17)",
            "n° de sécu : 1 75 04 44",
            "numéro de sécurité sociale 175044",
            "7 85 05 99 352 001 12",
            "numéro provisoire 785059935200182",
        ],
    )
    def test_un_numero_de_securite_sociale_sans_le_recopier(self, texte):
        alertes = refuses(texte)
        assert [alerte.genre for alerte in alertes] == [Genre.NIR]
        assert alertes[0].extrait == NUMERO_MASQUE
        assert not any(chiffre.isdigit() for chiffre in alertes[0].suggestion)

    @pytest.mark.parametrize("texte", ["acte HHFA001", "F32.1", "diag I64", "CIM-10 C18", "AMI 4", "34009 3000000 1"])
    def test_un_code_medical(self, texte):
        assert [alerte.genre for alerte in refuses(texte)] == [Genre.CODE]

    def test_une_maladie_avertit_sans_refuser(self):
        assert examiner("cancer")
        assert refuses("cancer") == []


class TestMasque:
    def test_le_numero_disparait_et_le_reste_demeure(self):
        masque = masquer(PIEGE)
        assert "109" not in masque
        assert masque.startswith("Cancer du côlon")
        assert refuses(masque) == []

    def test_tout_masquer_ne_laisse_rien_a_reprendre(self):
        assert examiner(masquer(PIEGE, tout=True)) == []


class TestLaisseDire:
    @pytest.mark.parametrize(
        "texte",
        [
            "",
            "   ",
            "fin d'IJ",
            "arrêt de travail de quatorze mois",
            "aidante unique",
            "hospitalisation prévue le 3, retour le 10",
            "service social hospitalier",
            "centre hospitalier de Laval, médecine du travail",
            "visite de préreprise",
            "fracture numérique",
            "certificat du greffe du tribunal",
            "traitement du dossier",
            "batterie au lithium",
            "nous cotisons, aide dégressive",
            "il dément avoir signé",
            "au sein de la famille, congé maternité",
            "diagnostic validé",
            "dossier MDPH049",
            "AMI 2026",
            "logement T2, bâtiment B12",
            "02 61 91 20 02, puis 06 39 98 20 01",
            "+33 2 61 91 20 02",
            "SIRET 123 456 789 00012",
            "IBAN FR76 3000 4000 0312 3456 7890 143",
            "2 180 euros le 12 05 2026 à 14 h 30",
            "attestation de sécurité sociale du 12/05/2026",
            "allocataire 1234567",
            "02 61 91 20 02, 06 39 98 20 01, (06) 39-98-20-03",
            "1 250,30 ; 1 120,45 ; 980,00 €",
            "12/05/2026, 14:30 ; 13/05/2026, 9:15",
            "1, 12, 10, 30",
            "SIRET : 123 456 789 00012, SIREN (123 456 789)",
            "2 | 10 | 12 | 14 h 30 | 250 €",
            "loyer 612 € | 2 mois | 1 224 €",
            "TSA 12345 53000 Laval",
            "appel au SAMU social",
            "code-barres 3017620422003, facture 785059935200112",
            "Nous avons compris que le programme a changé et nous servons de relais, a-t-elle dit à la commission.",
            "Il renverra la sommation ; l'historique et l'hypothèse sont au dossier, rien n'est concerté avec les sites voisins.",
            "Une personne immigrée, célèbre dans le quartier, chômera moins si la tarification du bus est modérée.",
            "rue de Sèvres, au-dessus d'un artisan qui travaille le poivre et le silicone",
            "cherche un poste d'infirmière de jour",
            "elle boit un café à l'accueil et il passe boire un verre d'eau",
        ],
    )
    def test_le_sens_social(self, texte):
        assert examiner(texte) == []

    @pytest.mark.parametrize("fichier", ["facteurs", "liens_domino", "risques_residuels", "ancrages", "criticites"])
    def test_les_mots_du_referentiel(self, fichier):
        with (REFERENTIEL / f"{fichier}.csv").open(encoding="utf-8", newline="") as flux:
            signales = {texte for ligne in csv.reader(flux) for texte in ligne if examiner(texte)}
        assert signales == set()

    @pytest.mark.parametrize(
        "demande",
        [
            "Droits interrompus après un changement d'adresse, loyer en retard d'un mois.",
            "Fin d'indemnisation dans deux mois, dossier de retraite incomplet.",
            "N'ouvre plus son courrier, aide à domicile interrompue.",
            "Besoin d'un interprète soninké, titre de séjour expirant en décembre.",
            "Retour au domicile impossible : quatrième étage sans ascenseur.",
            "Mesure en attente, prélèvements rejetés.",
            "Non-recours identifié en atelier, demande un rendez-vous.",
            "Mme Benali reprend pied après un arrêt de travail de quatorze mois. Ses indemnités ne sont pas versées.",
            "Deux nuits de suite sans dormir",
            "Je ne dors plus que d'un œil.",
            "Commission APA reportée d'un mois par le Département ; date connue.",
        ],
    )
    def test_les_demandes_ordinaires(self, demande):
        assert examiner(demande) == []


@pytest.mark.parametrize(
    "texte",
    ["1 " * 5000, "1" * 10_000, "a" * 50_000, "aé" * 20_000, "numero de " * 3000, "poste " + "de du des un " * 3000],
)
def test_un_texte_hostile_ne_ralentit_pas(texte):
    """En temps de calcul : une machine occupée ailleurs ne dit rien de la garde."""
    debut = time.process_time()
    assert examiner(texte) == []
    assert time.process_time() - debut < 2


def test_ce_qui_se_recouvre_cede_au_plus_grave_puis_au_plus_long():
    """Contre la définition écrite naïvement, sur des passages tirés au sort."""
    hasard = random.Random(7)
    for _ in range(300):
        debuts = [hasard.randrange(60) for _ in range(hasard.randrange(12))]
        genres = [hasard.choice([Genre.NIR, Genre.SERVICE]) for _ in debuts]
        alertes = [Alerte(d, d + hasard.randrange(1, 15), g, "x", "") for d, g in zip(debuts, genres, strict=True)]
        gardees = []
        for alerte in sorted(alertes, key=lambda a: (not a.est_refusee, a.position - a.fin, a.position)):
            if all(alerte.fin <= autre.position or alerte.position >= autre.fin for autre in gardees):
                gardees.append(alerte)
        assert sans_recouvrement(alertes) == sorted(gardees)
