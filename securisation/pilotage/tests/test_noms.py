"""Un texte pour un financeur ne porte rien qui ait la forme d'un nom ; le refus ne lit aucun dossier, une phrase ordinaire passe."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from securisation.pilotage.edition import forms
from securisation.pilotage.management.commands.publier_editions_fictives import MOT

pytestmark = pytest.mark.django_db
ORDINAIRES = f"""{MOT}
Des demandes reçues fin décembre avaient été enregistrées après la publication.
Deux équipes avaient été oubliées.
Une erreur de période.
Import incomplet en décembre.
Voir l’annexe A. Une équipe avait été oubliée.
Fiabilisation des saisies de l’équipe.
Le tableau Excel portait une erreur.
La DREETS et la région Bretagne ont demandé cette reprise.
L’Agence Régionale de Santé et la Caisse d’Allocations Familiales ont demandé cette reprise.
Le Financeur a demandé cette reprise (Une équipe avait été oubliée).
La convention a changé : l’équipe de Laval compte désormais.
Remplacée par E-2026-002.
Une seule erreur, de période.
La CAF a centralisé ses envois.
Madame et monsieur ont été comptés deux fois.
L’Équipe de Laval n’avait pas saisi ses relais.
Les parcours du département de la Mayenne avaient été comptés deux fois.
Le Département a demandé que l’intercommunalité de Laval Agglomération soit ajoutée.
À la demande de l’ARS, les demandes non admises sont désormais réparties par orientation.
Recontrôlée après une correction du référentiel.
Recalculée : des sorties saisies en retard comptent désormais.
Dédoublonnage des demandes reçues par la MDPH et par le CCAS.
Des doublons entre la CPAM et la CARSAT ont été retirés.
Requalification de plusieurs demandes orientées vers France Travail.
La Banque de France a répondu après la publication ; ses réponses comptent maintenant.
Les dossiers repris par Action Logement étaient comptés en double.
L’État et la Région ont changé la définition des publics.
Erreur de périmètre : une origine avait été cochée par erreur.
Oubli d’un public. L’édition précédente est à écarter.
L’édition portait sur la mauvaise convention.
Le fichier PDF comportait une erreur de mise en page ; les nombres ne changent pas.
Les tableaux CSV et XLSX n’étaient pas lisibles par le logiciel du financeur.
Plusieurs bilans ont été validés après la clôture de l’exercice.
Un parcours opposé aux statistiques avait été compté.
Trop de lignes étaient protégées : la période est élargie.
Les heures de coordination ont été ressaisies par l’équipe.
La Caisse d’allocations familiales a répondu à plusieurs recours après la publication.
Les relais confirmés par la Mission locale manquaient.
Fin de la reprise des dossiers de l’ancienne association.
Mise à jour du PRAPS : les objectifs sont renumérotés.
Des actions prolongées n’avaient pas été approuvées à temps.
Le Conseil départemental nous a demandé de retirer cette édition.
Cette édition mêlait des parcours du Maine-et-Loire et de la Mayenne.
Les communes de Laval et de Mayenne avaient été interverties.
Il manquait les sorties du semestre.
Merci de ne plus utiliser cette version.
Ces nombres ne doivent plus être employés : une équipe avait été comptée dans deux départements.
Après vérification, la Maison départementale de l’autonomie figure bien parmi les relais.
Nous avons corrigé le rattachement de quelques personnes à leur intercommunalité.
Selon la méthode convenue avec le financeur, les refus sont distingués des silences.
Erreur matérielle : le territoire indiqué n’était pas celui de la convention.
Quelques demandes du CHU étaient rangées avec celles de la PASS.
Ajout des parcours ouverts par la permanence du SIAO.
Suppression des demandes fictives saisies pour la formation.
Le rapport annuel de l’association et cette édition divergeaient.
« Oubli » d’un trimestre : les nombres changent peu.
Correction demandée par la direction régionale de l’économie, de l’emploi, du travail et des solidarités.
La période n’était pas celle convenue ;
- des demandes tardives comptent ;
- Une équipe a rejoint le dispositif.
Les dossiers de réorientation sont désormais comptés à la date de la décision.
Nous préférons attendre que d’autres dossiers aient changé avant de republier.
Interruption du service informatique : des saisies ont été perdues puis reprises.
Le logiciel Jalon a été mis à jour.
Les publics « jeunes » et « personnes isolées » étaient confondus."""
A_LA_FORME = """Un oubli de Fatou Diallo nous a été signalé.
Diallo nous a signalé un oubli.
Fatou nous a signalé un oubli.
Pierre Petit a signalé un oubli.
Un oubli signalé par Rose.
Le dossier de N’Diaye manquait.
Le dossier DIALLO manquait.
Un oubli signalé par fatou diallo.
Selon madame diallo, un oubli.
Selon m. traoré, un oubli.
Après l’appel d’Anne-Marie, une erreur.
« Traoré » manquait.
La famille Saint-Exupéry a été oubliée.
Selon P. Petit, un oubli.
Selon J.-P. Rose, un oubli.
Un oubli de سلمى a été signalé.
Un oubli de 王小明 a été signalé.
Un oubli de Lam a été signalé.
Мария nous a signalé un oubli.
Un oubli de М. Иванова.""".splitlines()


def refus(texte):
    """Ce que la direction lit quand elle écrit ce texte, ou ""."""
    saisi = forms.FormulaireCorrection({"mot": texte})
    return "" if saisi.is_valid() else " ".join(saisi.errors["mot"])


class TestNoms:
    @pytest.mark.parametrize("texte", A_LA_FORME)
    def test_ce_qui_a_la_forme_d_un_nom_est_refuse(self, convention, texte):
        assert "forme d’un nom" in refus(texte) or "lettres latines" in refus(texte)

    def test_les_phrases_ordinaires_passent(self, convention):
        assert [(texte, dit) for texte in ORDINAIRES.splitlines() if (dit := refus(texte))] == []

    def test_le_territoire_et_le_financeur_de_nos_conventions_se_nomment(self, convention, jean, champs):
        texte = "À Tombouctou, le Fonds Azertyop a changé de période."
        assert "Tombouctou" in refus(texte)
        convention.definir(par=jean, financeur="Fonds Azertyop de Tombouctou")
        assert refus(texte) == ""


class TestRienNeFuit:
    def test_le_refus_est_le_meme_qu_il_s_agisse_d_une_personne_accompagnee_ou_non(
        self, convention, parcours_admis, awa
    ):
        parcours_admis.personne.modifier(par=awa, prenom="Ernestine", nom="Kouyaté")
        suivie, inconnue = refus("Un oubli d’Ernestine Kouyaté."), refus("Un oubli d’Honorine Zoungrana.")
        assert suivie.replace("Ernestine", "Honorine") == inconnue and suivie

    def test_aucun_dossier_n_est_lu(self, convention):
        with CaptureQueriesContext(connection) as lues:
            assert refus("Un oubli de Fatou Diallo.")
        assert lues.captured_queries
        assert [q["sql"] for q in lues if '"parcours_' in q["sql"]] == []
