"""Rejouer un dossier écrit : les quatre exemples, deux passages, et ce qui arrête un fichier fautif."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from securisation.documents.models import Document
from securisation.parcours.models import Parcours, Personne, RendezVous
from securisation.socle import verification
from securisation.synthese.reprise import RepriseRefusee, lire, rejouer
from securisation.synthese.reprise.semaine import SEMAINE

DOSSIERS = settings.BASE_DIR / "demonstration"
ATTENDUS = {"nadia": ("clos", 2), "jeanne": ("clos", 2), "karim": ("intervention", 1), "odile": ("non_admis", 0)}
ATTENDUS |= {"lucas": ("oriente", 0), "mireille": ("diagnostic", 1), "solange": ("sortie", 1)}
DE_LA_SEMAINE = {"solange": 1}  # ce que la semaine de travail y ajoute : un courrier


def changer(tmp_path, nom, avant, apres):
    """Copie un exemple en y changeant un passage (qui doit y être) ; rend le fichier et le numéro de la ligne changée."""
    texte = (DOSSIERS / f"{nom}.yaml").read_text(encoding="utf-8")
    assert avant in texte
    fichier = tmp_path / f"{nom}.yaml"
    fichier.write_text(texte.replace(avant, apres, 1), encoding="utf-8")
    return fichier, texte[: texte.index(avant)].count("\n") + 1


@pytest.mark.usefixtures("db")
class TestExemples:
    @pytest.mark.parametrize("nom", ATTENDUS)
    def test_arrive_dans_son_etat_avec_ses_documents_demandes(self, nom):
        parcours = rejouer(DOSSIERS / f"{nom}.yaml").parcours
        parcours.refresh_from_db()
        assert (parcours.etat, parcours.documents.count()) == ATTENDUS[nom]

    def test_le_journal_reste_intact_et_se_dit_repris(self):
        parcours = rejouer(DOSSIERS / "karim.yaml").parcours
        assert verification.verifier(parcours.pk).rupture == ""
        with connection.cursor() as curseur:
            curseur.execute(
                "SELECT count(*) FILTER (WHERE fait_le IS NULL), count(DISTINCT fait_le::date) FROM socle_journal WHERE chaine = %s",
                [parcours.pk],
            )
            sans_reprise, jours = curseur.fetchone()
        assert sans_reprise == 0 and jours > 5

    def test_karim_doit_recueillir_l_accord_sensible(self):
        parcours = rejouer(DOSSIERS / "karim.yaml").parcours
        assert parcours.echeances.filter(nature="accord", source="SENSIBLE").exists()
        assert parcours.accords.filter(retire_le__isnull=False).count() == 1

    def test_jeanne_a_ete_prolongee_par_la_superviseure(self):
        intervention = rejouer(DOSSIERS / "jeanne.yaml").parcours.intervention
        prolongation = intervention.prolongations.get()
        assert prolongation.decidee_par.prenom == "Gaëlle" and prolongation.demandee_par.prenom == "Awa"
        assert (intervention.terme - intervention.demarre_le).days == 90 + 14 + 30
        assert intervention.parcours.sortie.evaluateur_precision == "Bruno Kellermann"

    def test_odile_est_orientee_et_repondue(self):
        qualification = rejouer(DOSSIERS / "odile.yaml").parcours.qualification
        assert qualification.orientation_proposee.code == "L-SIAO" and qualification.reponse_donnee_le

    def test_un_code_deja_rejoue_ne_se_rejoue_pas(self):
        premier, second = (rejouer(DOSSIERS / "odile.yaml") for _fois in range(2))
        assert (premier.neuf, second.neuf, premier.parcours) == (True, False, second.parcours)
        assert Parcours.objects.count() == 1


@pytest.mark.usefixtures("db")
class TestFichierFautif:
    @pytest.mark.parametrize(
        ("nom", "avant", "apres", "phrase"),
        [
            ("nadia", "facteur: LOG-01, relais", "facteur: ZZZ-99, relais", "ZZZ-99"),
            ("nadia", "LOG: {criticite: 2, criticite_de_la_personne: 2}", "LOG: {criticite: 5}", "niveau de 0 à 4"),
            ("nadia", "facteur: BUD-05\n", "facteur: BUD-04\n", "facteur retenu"),
            ("nadia", "confirme_le: J-14, ", "", "n'a pas confirmé"),
            ("jeanne", "jours: 30, demandee_le", "jours: 31, demandee_le", r"30\sjours au plus"),
            ("jeanne", "{du: J-110, au: J-96,", "{du: J-110, au: J-120,", "vérifiez les jours"),
            ("karim", "canal: SMS}", "canal: SMS, pigeon: oui}", "« pigeon » n'est pas attendu"),
            ("karim", "ouvert_le: J-59", "ouvert_le: demain", "n'est pas un jour"),
            ("karim", "demarre_le: J-56", "demarre_le: J+3", "avenir"),
            ("odile", "orientation_proposee: L-SIAO", "orientation_proposee: null", "vers qui"),
            ("odile", "decision: non_admise", "decision: admise", "quatre critères"),
        ],
    )
    def test_s_arrete_et_ne_laisse_rien(self, tmp_path, nom, avant, apres, phrase):
        fichier, _ligne = changer(tmp_path, nom, avant, apres)
        with pytest.raises(RepriseRefusee, match=phrase) as refus:
            rejouer(fichier)
        assert refus.value.ligne
        assert not (Parcours.objects.exists() or Personne.objects.exists() or Document.objects.exists())

    @pytest.mark.parametrize(
        ("nom", "avant", "apres"),
        [
            ("jeanne", "{jours: 30, demandee_le", "{jours: 31, demandee_le"),
            ("jeanne", "{levier: L-PFR", "{levier: L-XXX"),
            ("karim", "{de: LOG-04, vers: LOG-03", "{de: LOG-04, vers: LOG-99"),
            ("karim", "criticite: 3, criticite_de_la_personne: 4, facteurs", "criticite: 9, facteurs"),
        ],
    )
    def test_nomme_la_ligne_du_fichier(self, tmp_path, nom, avant, apres):
        fichier, ligne = changer(tmp_path, nom, avant, apres)
        with pytest.raises(RepriseRefusee) as refus:
            rejouer(fichier)
        assert refus.value.ligne == ligne

    @pytest.mark.parametrize(
        ("contenu", "phrase"),
        [
            (b"", "une table"),
            (b"- a\n", "une table"),
            (b"a: [1, 2\n", "ne se lit pas ici"),
            (b"a: &x 1\nb: *x\n", "alias"),
            (b"a: 1\na: 2\n", "en double"),
            (b"a: !!python/object:os.system x\n", "ne se lit pas ici"),
            (b"\xff\xfe\x00", "UTF-8"),
            (b"a: \x00\n", "lisible"),
            (b"x" * (1024 * 1024 + 1), "trop gros"),
            (b"code: x\n", "personne"),
            (b"personne: {}\n", "code"),
            (b"[" * 5000, "lisible|se lit"),
        ],
        ids=lambda valeur: valeur if isinstance(valeur, str) else "",
    )
    def test_un_fichier_illisible_donne_une_phrase(self, tmp_path, contenu, phrase):
        fichier = tmp_path / "dossier.yaml"
        fichier.write_bytes(contenu)
        with pytest.raises(RepriseRefusee, match=phrase):
            rejouer(fichier)

    def test_un_fichier_absent(self):
        with pytest.raises(RepriseRefusee, match="ne s'ouvre pas"):
            lire(Path("absent.yaml"))


@pytest.mark.django_db(transaction=True)
class TestCommandes:
    def test_la_demonstration_se_prepare_deux_fois(self, capsys, settings):
        settings.DEMO = True
        for _fois in range(2):
            call_command("preparer_demo")
        dit = capsys.readouterr().out
        assert (
            dit.count("édition fictive, publiée") == 2 and dit.count("édition fictive, contrôlée") == 2
        )  # à chaque passage
        assert "nadia : rejoué, P-" in dit and "nadia : déjà rejoué, P-" in dit and "awa@exemple.test" in dit
        etats = {p.personne.prenom.lower(): (p.etat, p.documents.count()) for p in Parcours.objects.all()}
        attendus = {nom: (etat, papiers + DE_LA_SEMAINE.get(nom, 0)) for nom, (etat, papiers) in ATTENDUS.items()}
        assert etats == attendus
        assert RendezVous.objects.count() == len(SEMAINE)  # une fois, pas à chaque passage
        assert set(Document.objects.values_list("etat", flat=True)) == {"produit"}
        for parcours in Parcours.objects.all():
            call_command("verifier_journal", parcours=parcours.numero)
        assert capsys.readouterr().out.count("Journal intact") == len(ATTENDUS)

    def test_un_fichier_refuse_n_empeche_pas_les_autres(self, tmp_path, capsys):
        fautif, _ligne = changer(tmp_path, "karim", "canal: SMS}", "canal: SMS, pigeon: oui}")
        with pytest.raises(CommandError, match=r"karim\.yaml, ligne \d+ : « pigeon »"):
            call_command("rejouer", fautif, DOSSIERS / "odile.yaml")
        assert "odile : rejoué" in capsys.readouterr().out
        assert Parcours.objects.get().personne.prenom == "Odile"
