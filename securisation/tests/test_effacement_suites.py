"""Autour d'un effacement : ce que disent ses pages, les numéros après une restauration, les textes libres qui partent aussi."""

import json
import re
import uuid
from pathlib import Path

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from securisation.parcours.conservation import PREAVIS
from securisation.parcours.effacement import registre, rejeu
from securisation.parcours.effacement.etapes import ETAPES
from securisation.parcours.effacement.rejeu import rejouer
from securisation.parcours.models import Conservation, Effacement, Parcours
from securisation.parcours.models.effacement import empreinte_d_un_parcours
from securisation.socle import donnees, horloge
from securisation.socle.trace import hors_porte
from securisation.socle.verification import verifier
from securisation.tests.effacements import decider, demander, effacer, executer

pytestmark = pytest.mark.django_db


@pytest.fixture
def decide(parcours, awa, gaelle, hugo):
    """Un effacement décidé."""
    return decider(demander(parcours, par=awa), gaelle, hugo)


@pytest.fixture
def annoncer(parcours):
    """`annoncer()` : la conservation du parcours, dont le terme est dans trente jours."""

    def annoncer():
        with hors_porte("essai"):
            return Conservation(parcours=parcours).annoncer(par=None, terme=horloge.aujourd_hui() + PREAVIS)

    return annoncer


def adresse(effacement):
    """Sa page."""
    return reverse("parcours:effacement", args=[effacement.uuid])


def comme(effacement, parcours):
    """Un effacement au même point que celui-ci, d'un autre parcours."""
    champs = {c.attname: getattr(effacement, c.attname) for c in Effacement._meta.concrete_fields if c.name != "id"}
    return Effacement(**champs | {"parcours_id": parcours, "uuid": uuid.uuid4()})


class TestPages:
    def test_trente_decides_se_lisent_d_un_coup(self, client, hugo, awa, decide, ouvrir_un_parcours):
        """Vingt-neuf de plus, la moitié déjà sans dossier : pas une requête de plus."""
        client.force_login(hugo)
        self.requetes_de_la_liste(client)  # la première visite pose la session
        seul = self.requetes_de_la_liste(client)
        ouverts = [ouvrir_un_parcours(awa, nom=f"Roche{rang}").pk for rang in range(15)]
        cles = [*ouverts, *range(max(ouverts) + 1000, max(ouverts) + 1014)]
        models.QuerySet(Effacement).bulk_create([comme(decide, cle) for cle in cles])
        assert self.requetes_de_la_liste(client) == seul
        page = client.get(reverse("parcours:effacements")).content.decode()
        assert page.count("Parcours P-") == 16
        assert len(re.findall(r"stretched[^>]*>Effacement \d+<", page)) == 14

    def requetes_de_la_liste(self, client):
        with CaptureQueriesContext(connection) as lues:
            assert client.get(reverse("parcours:effacements")).status_code == 200
        return len(lues)

    def test_sans_objet_dit_ce_qu_il_advient_du_dossier(self, client, parcours, annoncer, awa, gaelle):
        client.force_login(gaelle)
        annonce = annoncer().effacement
        siens = demander(parcours, par=awa)
        page = client.get(adresse(annonce)).content.decode()
        assert "La personne a demandé l’effacement du dossier" in page
        assert adresse(siens) in page
        assert "Le dossier est gardé" not in page
        siens.refuser(par=gaelle, motif="Une procédure est en cours.")
        assert "Le dossier est gardé." in client.get(adresse(annonce)).content.decode()

    def test_sans_objet_apres_des_nouvelles_ou_un_archivage(self, client, parcours, annoncer, gaelle, hugo):
        client.force_login(hugo)
        levee = annoncer()
        with hors_porte("essai"):
            levee.lever(par=None)
        page = client.get(adresse(levee.effacement)).content.decode()
        assert "Cette fin de conservation a été levée. Le dossier est gardé." in page
        archivee = annoncer()
        archivee.archiver(par=gaelle, motif="Un litige avec le bailleur est en cours.", jusqu_au=archivee.terme)
        page = client.get(adresse(archivee.effacement)).content.decode()
        assert "Un archivage a été décidé. Le dossier est archivé." in page


@pytest.fixture
def fichier(settings, tmp_path):
    """Le registre hors de la base, vide."""
    settings.REGISTRE_DES_EFFACEMENTS = str(tmp_path / "registre.jsonl")
    return Path(settings.REGISTRE_DES_EFFACEMENTS)


def inscrite(fichier, numero, dossier="d" * 64):
    """Écrit une ligne de plus au registre, et la rend."""
    ligne = {"numero": numero, "dossier": dossier}
    with fichier.open("a", encoding="utf-8") as registre_ouvert:
        registre_ouvert.write(json.dumps(ligne) + "\n")
    return ligne


class TestNumeros:
    def test_un_numero_deja_au_registre_ne_resert_pas(self, fichier, parcours, ouvrir_un_parcours, awa, gaelle, hugo):
        """Une restauration a fait oublier à la base ses derniers certificats ; le registre, lui, les a."""
        an = horloge.aujourd_hui().year
        for numero in (f"E-{an}-0041", f"E-{an - 1}-0900", "E-illisible"):
            inscrite(fichier, numero)
        assert effacer(parcours, par=awa, gaelle=gaelle, hugo=hugo).numero == f"E-{an}-0042"
        fichier.unlink()  # le registre est perdu : la base, elle, a le dernier
        autre = ouvrir_un_parcours(awa, nom="Roche")
        assert effacer(autre, par=awa, gaelle=gaelle, hugo=hugo).numero == f"E-{an}-0043"

    @pytest.mark.parametrize("etapes", [1, len(ETAPES) - 1])
    def test_un_rejeu_pris_en_cours_garde_le_numero_du_registre(self, fichier, decide, parcours, etapes):
        executer(decide, jusqu_a=etapes)
        ligne = inscrite(fichier, "E-2026-0041", decide.empreinte_du_parcours)
        if etapes == 1:
            assert rejouer([ligne]) == ["E-2026-0041"]
        executer(decide)
        assert decide.numero == decide.certificat["numero"] == "E-2026-0041"
        assert len(registre.lire_fichier(fichier)) == 1
        assert verifier().rupture == ""

    def test_un_rejeu_arrete_reprend_sous_le_meme_numero(self, fichier, decide, monkeypatch):
        executer(decide, jusqu_a=1)
        ligne = inscrite(fichier, "E-2026-0041", decide.empreinte_du_parcours)
        monkeypatch.setattr(rejeu, "ETAPES", ETAPES[:2])
        assert rejouer([ligne]) == ["E-2026-0041"]
        monkeypatch.undo()
        assert rejouer([ligne]) == ["E-2026-0041"]
        decide.refresh_from_db()
        assert decide.certificat["numero"] == "E-2026-0041"

    def test_un_numero_deja_pris_n_empeche_pas_d_effacer(
        self, fichier, parcours, ouvrir_un_parcours, awa, gaelle, hugo
    ):
        pris = effacer(ouvrir_un_parcours(awa, nom="Roche"), par=awa, gaelle=gaelle, hugo=hugo).numero
        ligne = {"numero": pris, "dossier": demander(parcours, par=awa).empreinte_du_parcours}
        (numero,) = rejouer([ligne])
        assert numero != pris
        assert not Parcours.objects.filter(pk=parcours.pk).exists()


class TestTextesLibres:
    """Ce qui s'écrit librement autour d'un effacement part avec le dossier : rien de gardé ne désigne la personne."""

    MOTIF = "Madame Zibeline conteste, un litige est en cours."

    def test_le_motif_d_un_refus_part(self, parcours, awa, gaelle, hugo):
        demander(parcours, par=awa).refuser(par=gaelle, motif=self.MOTIF)
        parcours.refresh_from_db()
        executer(decider(Effacement(parcours=parcours).demander(par=awa), gaelle, hugo))
        assert self.ou_reste("Zibeline") == []
        assert verifier().rupture == ""

    def test_le_motif_d_un_archivage_part(self, parcours, annoncer, gaelle):
        conservation = annoncer()
        conservation.archiver(par=gaelle, motif=self.MOTIF, jusqu_au=conservation.terme)
        assert "parcours_conservation" in self.ou_reste("Zibeline")
        rejouer([{"numero": "E-2026-0041", "dossier": empreinte_d_un_parcours(parcours)}])
        assert self.ou_reste("Zibeline") == []
        assert verifier().rupture == ""

    def test_le_mot_se_trouve_avant(self, parcours, awa, gaelle):
        demander(parcours, par=awa).refuser(par=gaelle, motif=self.MOTIF)
        assert "parcours_effacement" in self.ou_reste("Zibeline")
        assert "parcours_historiqueeffacement" in self.ou_reste("Zibeline")

    @staticmethod
    def ou_reste(mot):
        """Les tables où ce mot se lit, historiques et journal compris."""
        with connection.cursor() as curseur:
            curseur.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
            tables, trouvees = [nom for (nom,) in curseur.fetchall()], []
            for table in tables:
                curseur.execute(f'SELECT EXISTS (SELECT FROM "{table}" t WHERE t::text LIKE %s)', [f"%{mot}%"])
                trouvees += [table] * curseur.fetchone()[0]
        return trouvees

    def test_chaque_texte_libre_d_un_dossier_est_dit_sensible_ou_d_un_tiers(self):
        for nom, champ in (("parcours.Effacement", "motif_du_refus"), ("parcours.Conservation", "motif")):
            assert donnees.tables().donnees[nom].par_champ()[champ] == donnees.Etiquette.SENSIBLE

    def test_rien_de_garde_sans_limite_n_est_un_texte_libre_sensible(self):
        for nom, lues in donnees.tables().donnees.items():
            if lues.regle is donnees.GARDEE:
                assert not {donnees.Etiquette.SENSIBLE, donnees.Etiquette.IDENTITE} & set(lues.par_champ().values()), (
                    nom
                )
