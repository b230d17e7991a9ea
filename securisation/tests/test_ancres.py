"""Les ancres et l'extrait : ce qu'un faussaire qui tient la base ne peut pas récrire, vu par les deux vérificateurs."""

import json
import os
import stat
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from outils import verifier_hors_ligne as hors_ligne
from securisation.socle import ancrage
from securisation.socle.journal import inscrire
from securisation.socle.models import Evenement
from securisation.socle.tasks import ancrer as tache
from securisation.socle.verification import verifier
from securisation.tests.preuves.alterations import extraire, journal_ancre, ouvrir_les_ancres

pytestmark = pytest.mark.django_db


def sql(texte, *valeurs):
    """Joue ce SQL et rend ce qu'il rend."""
    with connection.cursor() as curseur:
        curseur.execute(texte, valeurs or None)
        return curseur.fetchall() if curseur.description else curseur.rowcount


@pytest.fixture
def ancres(settings, tmp_path):
    """Un dossier d'ancres et une clé à soi."""
    ouvrir_les_ancres(settings, tmp_path)
    return settings.ANCRES


@pytest.fixture
def dossiers(ancres, awa, bruno):
    """Les clés de deux parcours, écrits, lus et ancrés."""
    cles = journal_ancre(awa, bruno)
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    return cles


@pytest.fixture
def base_ouverte(dossiers):
    """La base telle qu'un superutilisateur malveillant la tient : plus aucun déclencheur ne la garde."""
    for table in ("socle_journal", "socle_tete", "parcours_historiqueparcours", "parcours_parcours"):
        sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    return dossiers


def verdicts(settings):
    """Les ruptures que disent les deux vérificateurs : dans la base, et hors ligne sur l'extrait."""
    lignes = extraire()
    cles = hors_ligne.lire_cles(f"{settings.CLE_ANCRES}.pub")
    ancres = hors_ligne.lire_ancres(settings.ANCRES, cles, lignes[0]["extrait"]["ancre"])
    return verifier().ruptures, hors_ligne.verifier(lignes, ancres).ruptures


class TestCle:
    def test_n_est_lisible_que_de_son_compte(self, ancres, settings):
        assert stat.S_IMODE(os.stat(settings.CLE_ANCRES).st_mode) == 0o600

    def test_ne_se_remplace_pas(self, ancres):
        with pytest.raises(CommandError, match="existe déjà"):
            call_command("ancrer_journal", creer_cle=True)

    def test_se_cree_seule_en_demonstration_seulement(self, settings, tmp_path, db):
        settings.ANCRES, settings.CLE_ANCRES = tmp_path / "ancres", tmp_path / "cle.pem"
        with pytest.raises(CommandError, match="--creer-cle"):
            call_command("ancrer_journal")
        settings.DEMO = True
        call_command("ancrer_journal")
        assert ancrage.derniere()[0] == 1


class TestAncrer:
    def test_atteste_toutes_les_tetes_puis_celles_qui_bougent(self, dossiers, ancres):
        lues = [json.loads(fichier.read_bytes())["ancre"] for fichier in sorted(ancres.glob("*.json"))]
        assert [ancre["numero"] for ancre in lues] == [1, 2, 3, 4, 5]
        assert lues[0]["complete"]
        assert len(lues[-1]["tetes"]) == 1  # le journal n'a gagné que l'inscription de l'ancre précédente
        assert lues[-1]["nombre"] == len(sql("SELECT 1 FROM socle_tete WHERE seq > 0"))

    def test_ne_recrit_aucun_fichier(self, dossiers, ancres):
        octets = (ancres / "00000005.json").read_bytes()
        with pytest.raises(ancrage.AncrageImpossible, match="un autre processus"):
            ancrage._poser(5, b"{}")
        assert (ancres / "00000005.json").read_bytes() == octets
        assert {fichier.suffix for fichier in ancres.iterdir()} == {".json"}

    def test_la_tache_dit_ce_qui_l_empeche_sans_tomber(self, settings, tmp_path, caplog):
        settings.ANCRES, settings.CLE_ANCRES = tmp_path / "ancres", tmp_path / "absente.pem"
        tache()
        assert "--creer-cle" in caplog.text

    def test_un_dossier_qui_ne_s_ecrit_pas_se_dit(self, ancres, settings, tmp_path):
        (tmp_path / "fichier").write_text("")
        settings.ANCRES = tmp_path / "fichier" / "ancres"
        with pytest.raises(ancrage.AncrageImpossible, match="ne s'écrit pas"):
            ancrage.ancrer()

    def test_le_journal_cite_chaque_ancre(self, dossiers):
        cites = Evenement.objects.filter(action="ancrage", chaine=0).values_list("charge__numero", flat=True)
        assert sorted(cites) == [1, 2, 3, 4, 5]

    def test_une_complete_de_temps_en_temps_suffit_a_relire_l_etat(self, dossiers, settings, monkeypatch):
        monkeypatch.setattr(ancrage, "COMPLETE_TOUTES_LES", 5)
        numero, nombre = ancrage.ancrer()
        assert json.loads((settings.ANCRES / f"{numero:08d}.json").read_bytes())["ancre"]["complete"]
        ancrage.ancrer()
        assert nombre == len(sql("SELECT 1 FROM socle_tete WHERE seq > 0"))
        assert verifier().ruptures == []


# Réécrit, comme il se doit, les empreintes d'une chaîne à partir d'un rang, et sa tête : ce que fait un faussaire outillé.
RECHAINER = """
DO $$
DECLARE m socle_journal; avant bytea := ''; e bytea;
BEGIN
    FOR m IN SELECT * FROM socle_journal WHERE chaine = {chaine} ORDER BY seq LOOP
        e := jalon_maillon(avant, sha256(m.sel || convert_to(m.charge::text, 'UTF8')), m.chaine, m.seq, m.quand, m.fait_le,
                           m.acteur, m.action, m.motif, m.modele, m.objet);
        UPDATE socle_journal SET precedente = avant, empreinte = e, empreinte_charge = sha256(sel || convert_to(charge::text, 'UTF8'))
         WHERE chaine = m.chaine AND seq = m.seq;
        avant := e;
    END LOOP;
    UPDATE socle_tete SET seq = (SELECT max(seq) FROM socle_journal WHERE chaine = {chaine}), empreinte = avant WHERE chaine = {chaine};
END $$
"""
UN = "WHERE chaine = {chaine} AND seq = 2"
DERNIER = "WHERE chaine = {chaine} AND seq = (SELECT max(seq) FROM socle_journal WHERE chaine = {chaine})"
RENUMEROTER = "UPDATE socle_journal SET seq = seq - 1 WHERE chaine = {chaine} AND seq > 2"
FALSIFICATIONS = {
    "quand": (["UPDATE socle_journal SET quand = quand - interval '1 microsecond' " + UN], "date"),
    "fait_le": (["UPDATE socle_journal SET fait_le = now() " + UN], "date"),
    "acteur": (["UPDATE socle_journal SET acteur = NULL " + UN], "auteur"),
    "action": (["UPDATE socle_journal SET action = 'liste' " + UN], "objet"),
    "motif": (["UPDATE socle_journal SET motif = motif || ' ' " + UN], "objet"),
    "modele": (["UPDATE socle_journal SET modele = '' " + UN], "objet"),
    "objet": (["UPDATE socle_journal SET objet = coalesce(objet, 0) + 1 " + UN], "objet"),
    "charge": (["UPDATE socle_journal SET charge = charge || '{{\"x\": 1}}' " + UN], "contenu"),
    "sel": (["UPDATE socle_journal SET sel = sha256(sel) " + UN], "contenu"),
    "empreinte_charge": (["UPDATE socle_journal SET empreinte_charge = sha256(empreinte_charge) " + UN], "contenu"),
    "precedente": (["UPDATE socle_journal SET precedente = sha256(precedente) " + UN], "ne suit pas"),
    "empreinte": (["UPDATE socle_journal SET empreinte = sha256(empreinte) " + UN], "objet"),
    "effacée sans effacement": (
        ["UPDATE socle_journal SET charge = '{{\"effacee\": true}}', sel = NULL " + UN],
        "effacé sans effacement inscrit",
    ),
    "suppression": (["DELETE FROM socle_journal " + UN], "le maillon 2 manque"),
    "suppression renumérotée": (["DELETE FROM socle_journal " + UN, RENUMEROTER, RECHAINER], "récrite"),
    "échange": (
        ["UPDATE socle_journal SET seq = 5 - seq WHERE chaine = {chaine} AND seq IN (2, 3)"],
        "ne suit pas",
    ),
    "fin coupée": (["DELETE FROM socle_journal " + DERNIER], "la fin a été coupée"),
    "fin coupée avec sa tête": (["DELETE FROM socle_journal " + DERNIER, RECHAINER], "la fin a été coupée"),
    "chaîne entière": (
        ["DELETE FROM socle_journal WHERE chaine = {chaine}", "DELETE FROM socle_tete WHERE chaine = {chaine}"],
        "maillon 1 : la fin a été coupée",
    ),
    "charge rechaînée": (["UPDATE socle_journal SET charge = '{{}}' " + UN, RECHAINER], "récrite"),
    "acteur rechaîné": (["UPDATE socle_journal SET acteur = 0 " + UN, RECHAINER], "récrite"),
    "tête reculée": (["UPDATE socle_tete SET seq = seq - 1 WHERE chaine = {chaine}"], "coupée ou ajoutée"),
    "tête récrite": (
        ["UPDATE socle_tete SET empreinte = sha256(empreinte) WHERE chaine = {chaine}"],
        "coupée ou ajoutée",
    ),
    "tête retirée": (["DELETE FROM socle_tete WHERE chaine = {chaine}"], "coupée ou ajoutée"),
    "historique changé": (
        ["UPDATE parcours_historiqueparcours SET demande = 'autre' WHERE id = {chaine}"],
        "historique",
    ),
    "historique retiré": (["DELETE FROM parcours_historiqueparcours WHERE id = {chaine}"], "historique"),
}


class TestFalsifier:
    def test_chaque_genre_est_trouve_situe_et_dit_de_meme_hors_ligne(self, base_ouverte, settings):
        manques = {}
        for genre, (gestes, trouve) in FALSIFICATIONS.items():
            sql("SAVEPOINT avant")
            for geste in gestes:
                sql(geste.format(chaine=base_ouverte[0]))
            en_base, hors_base = verdicts(settings)
            sql("ROLLBACK TO SAVEPOINT avant")
            # Les lignes vivantes ne sont pas dans l'extrait : la base seule les compare à leur historique.
            communes = [dite for dite in en_base if "que dit son historique" not in dite and "en vie" not in dite]
            situee = en_base and en_base[0].startswith(f"chaîne {base_ouverte[0]}, maillon ")
            if not situee or not any(trouve in dite for dite in en_base) or communes != hors_base:
                manques[genre] = (en_base, hors_base)
        assert manques == {}
        assert len(FALSIFICATIONS) == 26

    def test_un_journal_intact_l_est_pour_les_deux(self, dossiers, settings):
        assert verdicts(settings) == ([], [])

    def test_une_seule_chaine_se_verifie_contre_les_ancres(self, base_ouverte):
        une, deux = base_ouverte[:2]
        sql(RECHAINER.format(chaine=une).replace("m.acteur, m.action", "0, m.action"))
        assert "maillon" in verifier(une).rupture
        assert verifier(deux).ruptures == []

    def test_toutes_les_ruptures_sont_dites(self, base_ouverte):
        for chaine in base_ouverte:
            sql(f"UPDATE socle_journal SET motif = 'x' {UN.format(chaine=chaine)}")
        assert len(verifier().ruptures) == len(base_ouverte)

    def test_une_ligne_disparue_declencheurs_coupes_se_voit(self, dossiers):
        sql("ALTER TABLE parcours_entourage DISABLE TRIGGER USER")
        sql("DELETE FROM parcours_entourage WHERE parcours_id = ANY(%s)", dossiers)
        assert "parcours.entourage" in verifier().rupture
        assert "en vie" in verifier().rupture


CHANGEMENTS = [
    (lambda lue: lue["ancre"].update(quand="2020-01-01T00:00:00+00:00"), "aucune clé"),
    (lambda lue: lue["ancre"]["tetes"].pop(), "aucune clé"),
    (lambda lue: lue["ancre"].update(precedente="00" * 32), "ne suit pas"),
    (lambda lue: lue["ancre"].update(numero=9), "ne suit pas"),
    (lambda lue: lue.update(signature="AAAA"), "aucune clé"),
    (lambda lue: lue.pop("signature"), "illisible"),
]


class TestFalsifierLesAncres:
    def changer(self, fichier, geste):
        lue = json.loads(fichier.read_bytes())
        geste(lue)
        fichier.chmod(0o600)
        fichier.write_text(json.dumps(lue, separators=(",", ":")))

    def test_une_ancre_changee_ou_retiree_se_voit(self, dossiers, ancres, settings):
        fichier = ancres / "00000003.json"
        juste = fichier.read_bytes()
        for geste, trouve in CHANGEMENTS:
            self.changer(fichier, geste)
            en_base, hors_base = verdicts(settings)
            fichier.write_bytes(juste)
            assert (en_base, hors_base) == ([en_base[0]], [en_base[0]])
            assert en_base[0].startswith("ancre 3 : ")
            assert trouve in en_base[0]
        fichier.unlink()
        for ruptures in verdicts(settings):
            assert ruptures[0] == "ancre 3 : le fichier manque."

    def test_les_dernieres_ancres_retirees_se_voient_au_journal(self, dossiers, ancres, settings):
        (ancres / "00000005.json").unlink()
        assert "l'ancre 5 qu'il cite manque" in verifier().rupture

    def test_une_autre_cle_ne_signe_pas(self, dossiers, ancres, settings, tmp_path):
        settings.CLE_ANCRES = tmp_path / "autre.pem"
        ancrage.creer_cle()
        assert "aucune clé connue" in verifier().rupture

    def test_une_cle_remplacee_s_ajoute_a_l_ancienne(self, dossiers, settings, tmp_path):
        ancienne = (tmp_path / "cle.pem.pub").read_bytes()
        settings.CLE_ANCRES = tmp_path / "autre.pem"
        ancrage.creer_cle()
        with open(tmp_path / "autre.pem.pub", "ab") as flux:
            flux.write(ancienne)
        ancrage.ancrer()
        assert verdicts(settings) == ([], [])


class TestEffacer:
    def effacer(self, chaine, seq):
        sql("ALTER TABLE socle_journal DISABLE TRIGGER USER")
        sql(
            "UPDATE socle_journal SET charge = '{\"effacee\": true}', sel = NULL WHERE chaine = %s AND seq = %s",
            chaine,
            seq,
        )

    def test_un_effacement_inscrit_garde_la_chaine_juste(self, dossiers, settings, awa):
        seq = inscrire("lecture", parcours=dossiers[0], par=awa, page="à oublier")
        self.effacer(dossiers[0], seq)
        inscrire("effacement", parcours=dossiers[0], par=awa, maillons=[[seq, seq]])
        compte = verifier()
        assert (compte.ruptures, compte.effaces) == ([], 1)
        assert verdicts(settings) == ([], [])
        assert "à oublier" not in json.dumps(extraire(), ensure_ascii=False)

    def test_un_effacement_qui_ne_le_vise_pas_ne_couvre_rien(self, dossiers, settings, awa):
        self.effacer(dossiers[0], 2)
        for maillons in ([], [[1, 1]], [["2", "9"]], "2", [[9, 1]], None, [[2]], {"2": [2, 2]}):
            inscrire("effacement", parcours=dossiers[0], par=awa, maillons=maillons)
        en_base, hors_base = verdicts(settings)
        assert en_base == hors_base
        assert en_base[0] == f"chaîne {dossiers[0]}, maillon 2 : son contenu a été effacé sans effacement inscrit."

    def test_un_effacement_ne_couvre_pas_ce_qui_vient_apres_lui(self, dossiers, settings, awa):
        inscrire("effacement", parcours=dossiers[0], par=awa, maillons=[[1, 10**6]])
        seq = inscrire("lecture", parcours=dossiers[0], par=awa)
        self.effacer(dossiers[0], seq)
        en_base, hors_base = verdicts(settings)
        assert en_base == hors_base
        assert f"maillon {seq} : son contenu a été effacé sans" in en_base[0]


class TestRestauration:
    def test_une_base_revenue_en_arriere_se_dit_puis_se_declare(self, base_ouverte, settings, awa):
        chaine = base_ouverte[0]
        seq = inscrire("lecture", parcours=chaine, par=awa)
        ancrage.ancrer()
        sql("DELETE FROM socle_journal WHERE chaine = %s AND seq = %s", chaine, seq)
        sql(
            "UPDATE socle_tete t SET seq = t.seq - 1, empreinte = j.empreinte FROM socle_journal j "
            "WHERE t.chaine = %s AND j.chaine = t.chaine AND j.seq = t.seq - 1",
            chaine,
        )
        assert "la fin a été coupée" in verifier().rupture
        call_command("ancrer_journal", apres_restauration="sauvegarde de la nuit")
        compte = verifier()
        assert (compte.ruptures, compte.pertes) == ([], 1)
        inscrire("lecture", parcours=chaine, par=awa)
        ancrage.ancrer()
        assert verdicts(settings) == ([], [])


class TestProgrammeSansDjango:
    def lancer(self, settings, fichier, *plus):
        commande = [
            sys.executable,
            "-c",
            BARRE,
            fichier,
            "--ancres",
            settings.ANCRES,
            "--cle",
            f"{settings.CLE_ANCRES}.pub",
        ]
        return subprocess.run([str(mot) for mot in [*commande, *plus]], capture_output=True, text=True)

    def exporter(self, hugo, fichier, **options):
        call_command("exporter_journal", str(fichier), par=hugo.email, **options)
        return fichier

    def test_verifie_un_extrait_et_rend_zero(self, dossiers, hugo, settings, tmp_path):
        fait = self.lancer(settings, self.exporter(hugo, tmp_path / "extrait.jsonl"))
        assert (fait.returncode, fait.stderr) == (0, "")
        assert fait.stdout.startswith("Journal intact")

    def test_dit_une_rupture_et_rend_un(self, base_ouverte, hugo, settings, tmp_path):
        sql("UPDATE socle_journal SET motif = 'x' " + UN.format(chaine=base_ouverte[0]))
        fait = self.lancer(settings, self.exporter(hugo, tmp_path / "extrait.jsonl"))
        assert fait.returncode == 1
        assert f"chaîne {base_ouverte[0]}, maillon 2" in fait.stdout

    def test_un_extrait_tronque_se_dit(self, dossiers, hugo, settings, tmp_path):
        fichier = self.exporter(hugo, tmp_path / "extrait.jsonl")
        lignes = fichier.read_text(encoding="utf-8").splitlines(keepends=True)
        fichier.write_text("".join(lignes[:-1]), encoding="utf-8")
        fait = self.lancer(settings, fichier)
        assert fait.returncode == 2
        assert "incomplet" in fait.stderr

    def test_sans_contenu_les_chaines_se_verifient_et_rien_ne_sort(self, dossiers, hugo, settings, tmp_path):
        fichier = self.exporter(hugo, tmp_path / "extrait.jsonl", sans_contenu=True)
        texte = fichier.read_text(encoding="utf-8")
        assert "née à Laval" not in texte
        assert '"histoire"' not in texte
        fait = self.lancer(settings, fichier)
        assert (fait.returncode, "sans contenu" in fait.stdout) == (0, True)

    def test_l_export_est_reserve_et_inscrit(self, dossiers, hugo, awa, tmp_path):
        with pytest.raises(CommandError, match="délégué"):
            self.exporter(awa, tmp_path / "refuse.jsonl")
        assert not (tmp_path / "refuse.jsonl").exists()
        fichier = self.exporter(hugo, tmp_path / "extrait.jsonl")
        assert stat.S_IMODE(fichier.stat().st_mode) == 0o600
        inscrit = Evenement.objects.get(chaine=-hugo.pk, action="export")
        assert (inscrit.acteur_id, inscrit.charge["genre"]) == (hugo.pk, "journal")
        with pytest.raises(CommandError, match="ne s'écrit pas"):
            self.exporter(hugo, fichier)


# Lance le programme là où Django ne s'importe pas.
BARRE = """
import runpy, sys
sys.modules["django"] = None
sys.argv[0] = "outils/verifier_hors_ligne.py"
runpy.run_path(sys.argv[0], run_name="__main__")
"""
