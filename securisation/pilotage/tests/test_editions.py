"""Les actes d'une édition : préparer, contrôler, publier, corriger, retirer ; et ce que la base refuse elle-même."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from securisation.comptes.models import Fonction
from securisation.pilotage import conventions
from securisation.pilotage.edition import actes, fictif, lecture, preparation
from securisation.pilotage.models import Convention, Edition, FichierDEdition
from securisation.socle import outbox
from securisation.socle.models import Evenement
from securisation.socle.refus import Introuvable, PageReservee
from securisation.socle.transitions import Conflit

from .conftest import AU, DU

pytestmark = pytest.mark.django_db


def actions():
    return set(Evenement.objects.values_list("action", flat=True))


def direction_de_plus(compte):
    Fonction.objects.create(professionnel=compte, genre="DIRECTION")
    return compte


class TestConvention:
    def test_s_inscrit_au_journal(self, convention):
        assert "convention créée" in actions()
        assert [c.nom for c in convention.lecteurs.all()] == ["Amrani"]

    @pytest.mark.parametrize("qui", ["awa", "gaelle", "hugo", "ines", "farid", "chloe"])
    def test_seule_la_direction_la_tient(self, distribution, champs, qui):
        with pytest.raises(PageReservee):
            conventions.creer(par=distribution[qui], **champs)
        assert Convention.objects.count() == 0

    def test_un_numero_ne_sert_qu_une_fois_par_financeur(self, convention, jean, champs):
        with pytest.raises(ValidationError, match="déjà une convention"):
            conventions.creer(par=jean, **champs)

    def test_le_dernier_jour_ne_precede_pas_le_premier(self, jean, champs):
        with pytest.raises(ValidationError, match="ne précède pas"):
            conventions.creer(par=jean, **(champs | {"au": date(2024, 1, 1)}))

    def test_se_rattache_a_l_objectif_qui_revele_la_sante(self, jean, champs):
        from securisation.annuaire.models import ObjectifPraps

        faite = conventions.creer(par=jean, **champs, objectifs=ObjectifPraps.objects.filter(numero=8))
        assert [o.numero for o in faite.objectifs.all()] == [8]

    def test_une_version_depassee_n_ecrase_rien(self, convention, jean, champs):
        conventions.modifier(convention.uuid, par=jean, version=1, **(champs | {"objet_paye": "Autre chose."}))
        with pytest.raises(Conflit):
            conventions.modifier(convention.uuid, par=jean, version=1, **champs)
        convention.refresh_from_db()
        assert convention.objet_paye == "Autre chose."

    @pytest.mark.parametrize("hostile", ["=CMD|'/C calc'!A0", "<script>alert(1)</script>", "a" * 60, "\u202e123"])
    def test_un_nom_hostile_reste_un_texte(self, jean, champs, hostile):
        faite = conventions.creer(par=jean, **(champs | {"numero": hostile, "financeur": hostile}))
        assert str(faite) == f"{hostile}, {hostile}"


class TestPreparer:
    def test_demande_le_calcul_une_fois_et_numerote(self, convention, jean, calcul, solder):
        edition = actes.preparer(convention, par=jean, du=DU, au=AU)
        assert edition.numero.endswith("-001")
        assert edition.etat == Edition.Etat.PREPARATION
        solder()
        solder()
        edition.refresh_from_db()
        assert edition.etat == Edition.Etat.CONTROLEE
        assert len(calcul.recus) == 1

    @pytest.mark.parametrize(
        ("du", "au", "dit"),
        [
            (date(2024, 12, 31), AU, "sort de la convention"),
            (DU, date(2028, 1, 1), "sort de la convention"),
            (date(2025, 3, 1), date(2025, 2, 1), "vient avant le premier"),
        ],
    )
    def test_refuse_une_periode_impossible(self, convention, jean, du, au, dit):
        with pytest.raises(ValidationError, match=dit):
            actes.preparer(convention, par=jean, du=du, au=au)
        assert Edition.objects.count() == 0

    def test_refuse_une_periode_qui_n_est_pas_finie(self, convention, jean):
        from securisation.socle import horloge

        with pytest.raises(ValidationError, match="pas finie"):
            actes.preparer(convention, par=jean, du=DU, au=horloge.aujourd_hui())

    def test_refuse_la_meme_periode_deux_fois(self, convention, jean, controlee):
        with pytest.raises(ValidationError, match="déjà en préparation"):
            actes.preparer(convention, par=jean, du=DU, au=AU)
        actes.publier(controlee.uuid, par=jean)
        with pytest.raises(ValidationError, match="corrigez-la"):
            actes.preparer(convention, par=jean, du=DU, au=AU)

    def test_un_calcul_qui_echoue_toujours_le_dit(self, convention, jean, calcul, monkeypatch):
        edition = actes.preparer(convention, par=jean, du=DU, au=AU)
        monkeypatch.setattr(outbox, "ESSAIS_MAX", 1)
        calcul.echoue = True
        for numero in outbox.a_solder():
            assert not outbox.solder(numero)
        edition.refresh_from_db()
        assert edition.etat == Edition.Etat.PREPARATION
        assert "Relancez" in edition.erreur

    def test_une_convention_changee_n_atteint_pas_ce_qui_est_fige(self, convention, jean, champs, controlee):
        conventions.modifier(convention.uuid, par=jean, version=1, **(champs | {"financeur": "Une autre région"}))
        controlee.refresh_from_db()
        assert controlee.definition["convention"]["financeur"] == "Département d'essai"
        actes.recontroler(controlee.uuid, par=jean)
        controlee.refresh_from_db()
        assert controlee.definition["convention"]["financeur"] == "Une autre région"


class TestPublier:
    def test_fige_et_produit_les_fichiers(self, publiee, solder):
        solder()
        assert publiee.etat == Edition.Etat.PUBLIEE
        assert sorted(publiee.fichiers.values_list("genre", flat=True)) == ["csv", "ods", "pdf", "xlsx"]
        assert {"édition préparée", "édition contrôlée", "édition publiée"} <= actions()

    @pytest.mark.parametrize("qui", ["awa", "gaelle", "hugo", "ines", "farid"])
    def test_seule_la_direction_publie(self, distribution, controlee, qui):
        with pytest.raises(PageReservee):
            actes.publier(controlee.uuid, par=distribution[qui])

    def test_une_fonction_retiree_ne_publie_plus(self, controlee, jean):
        jean.fonctions.update(du=date(2020, 1, 1), au=date(2021, 1, 1))
        jean.refresh_from_db()
        with pytest.raises(PageReservee):
            actes.publier(controlee.uuid, par=jean)

    @pytest.mark.parametrize("publiable", [False, None, "true", 1])
    def test_refuse_ce_que_le_controle_ne_permet_pas(self, convention, jean, calcul, solder, publiable):
        calcul.rapport |= {"publiable": publiable, "pourquoi": "Une petite case se retrouve."}
        edition = actes.preparer(convention, par=jean, du=DU, au=AU)
        solder()
        with pytest.raises(actes.PasPubliable, match="petite case"):
            actes.publier(edition.uuid, par=jean)

    def test_refuse_une_periode_vide(self, convention, jean, calcul, solder):
        """Aucun parcours, ou un seul : tout est refusé, il n'y a rien à publier."""
        calcul.contenu["tableaux"] = [t | {"refus": "Trop peu de personnes."} for t in calcul.contenu["tableaux"]]
        edition = actes.preparer(convention, par=jean, du=DU, au=AU)
        solder()
        with pytest.raises(actes.PasPubliable, match="Aucun tableau"):
            actes.publier(edition.uuid, par=jean)

    def test_un_second_clic_ne_publie_pas_deux_fois(self, controlee, jean):
        actes.publier(controlee.uuid, par=jean)
        with pytest.raises(actes.EditionRefusee, match="publiée"):
            actes.publier(controlee.uuid, par=jean)
        assert Evenement.objects.filter(action="édition publiée").count() == 1

    def test_une_autre_publication_oblige_a_recontroler(self, convention, jean, calcul, solder):
        par_semestre = [
            actes.preparer(convention, par=jean, du=du, au=au)
            for du, au in ((DU, date(2025, 6, 30)), (date(2025, 7, 1), AU))
        ]
        solder()
        actes.publier(par_semestre[0].uuid, par=jean)
        with pytest.raises(actes.PasPubliable, match="recontrôler"):
            actes.publier(par_semestre[1].uuid, par=jean)
        actes.recontroler(par_semestre[1].uuid, par=jean)
        solder()
        assert len(calcul.recus[-1][1].publiees) == 1
        assert actes.publier(par_semestre[1].uuid, par=jean).etat == Edition.Etat.PUBLIEE

    def test_le_registre_garde_les_remplacees_et_les_retirees(self, convention, jean, calcul, solder, publiee):
        actes.retirer(publiee.uuid, par=jean, motif_retrait="Erreur de période.")
        actes.preparer(convention, par=jean, du=DU, au=AU)
        solder()
        lu, contenu = calcul.recus[-1][1].publiees[0]
        assert contenu["schema"] == "figures/1"
        assert lu.du.isoformat() == "2025-01-01"

    def test_une_edition_fictive_n_entre_pas_au_registre(self, convention, jean, calcul, solder):
        edition = actes.preparer(convention, par=jean, du=DU, au=AU, fictive=True)
        solder()
        assert calcul.recus == []
        actes.publier(edition.uuid, par=jean)
        assert Edition.objects.du_registre().count() == 0


class TestMotsDesPersonnes:
    DIT = {"texte": "C'est moi qui ai appelé.", "axe": "ADM"}

    def test_se_figent_avec_l_edition_et_se_lisent(self, convention, jean, calcul, solder, monkeypatch):
        for module in (preparation, actes):
            monkeypatch.setattr(module, "retenus", lambda perimetre: [self.DIT])
        edition = actes.preparer(convention, par=jean, du=DU, au=AU)
        solder()
        actes.publier(edition.uuid, par=jean)
        edition.refresh_from_db()
        assert lecture.presenter(edition.contenu)["mots"] == [self.DIT["texte"]]

    def test_un_accord_retire_avant_la_publication_la_retient(self, convention, jean, calcul, solder, monkeypatch):
        monkeypatch.setattr(preparation, "retenus", lambda perimetre: [self.DIT])
        edition = actes.preparer(convention, par=jean, du=DU, au=AU)
        solder()
        with pytest.raises(actes.PasPubliable, match="repris ses mots"):
            actes.publier(edition.uuid, par=jean)
        monkeypatch.setattr(preparation, "retenus", lambda perimetre: [])
        actes.recontroler(edition.uuid, par=jean)
        solder()
        assert actes.publier(edition.uuid, par=jean).contenu["mots"] == []


class TestCorriger:
    def corriger(self, publiee, jean, calcul, solder):
        calcul.contenu = fictif.contenu(moins=20)
        nouvelle = actes.corriger(publiee.uuid, par=jean, mot="Vingt demandes comptées deux fois.")
        solder()
        publiee.refresh_from_db()
        assert publiee.etat == Edition.Etat.PUBLIEE
        nouvelle = actes.publier(nouvelle.uuid, par=jean)
        publiee.refresh_from_db()
        return nouvelle

    def test_remplace_et_dit_ce_qui_change(self, publiee, jean, calcul, solder):
        nouvelle = self.corriger(publiee, jean, calcul, solder)
        assert publiee.etat == Edition.Etat.REMPLACEE
        assert publiee.remplacante == nouvelle
        assert {"tableau": "Demandes reçues", "ligne": "Total", "avant": "310", "apres": "290"} in nouvelle.changements
        assert len(nouvelle.changements) == 4  # demandes, origines deux fois, réponses

    @pytest.mark.parametrize("raccourcie", [{"du": date(2025, 1, 2)}, {"au": date(2025, 12, 30)}])
    def test_la_convention_doit_encore_couvrir_sa_periode(self, publiee, jean, champs, raccourcie):
        conventions.modifier(publiee.convention.uuid, par=jean, version=1, **(champs | raccourcie))
        with pytest.raises(ValidationError, match="Rétablissez d'abord ces jours dans la convention"):
            actes.corriger(publiee.uuid, par=jean, mot="Un mot.")
        assert not publiee.corrections.exists()
        conventions.modifier(publiee.convention.uuid, par=jean, version=2, **(champs | {"du": DU, "au": AU}))
        assert actes.corriger(publiee.uuid, par=jean, mot="Un mot.").corrige == publiee

    def test_ni_un_recontrole_hors_de_la_convention(self, controlee, jean, champs):
        conventions.modifier(controlee.convention.uuid, par=jean, version=1, **(champs | {"au": date(2025, 12, 30)}))
        with pytest.raises(actes.EditionRefusee, match="va maintenant du 01/01/2025 au 30/12/2025"):
            actes.recontroler(controlee.uuid, par=jean)
        controlee.refresh_from_db()
        assert controlee.etat == Edition.Etat.CONTROLEE and controlee.contenu

    def test_ni_ne_parait_hors_de_la_convention(self, controlee, jean, champs):
        conventions.modifier(controlee.convention.uuid, par=jean, version=1, **(champs | {"au": date(2025, 12, 30)}))
        with pytest.raises(actes.PasPubliable, match="va maintenant du 01/01/2025 au 30/12/2025"):
            actes.publier(controlee.uuid, par=jean)

    def test_une_edition_remplacee_ne_se_corrige_plus(self, publiee, jean, calcul, solder):
        self.corriger(publiee, jean, calcul, solder)
        with pytest.raises(actes.EditionRefusee, match="remplacée"):
            actes.corriger(publiee.uuid, par=jean, mot="Encore.")

    def test_une_seule_correction_a_la_fois(self, publiee, jean):
        actes.corriger(publiee.uuid, par=jean, mot="Un mot.")
        with pytest.raises(ValidationError, match="déjà en préparation"):
            actes.corriger(publiee.uuid, par=jean, mot="Un autre.")

    def test_ne_remplace_pas_une_edition_retiree_entre_temps(self, publiee, jean, calcul, solder):
        nouvelle = actes.corriger(publiee.uuid, par=jean, mot="Un mot.")
        solder()
        actes.retirer(publiee.uuid, par=jean, motif_retrait="Erreur.")
        with pytest.raises(actes.PasPubliable, match="n'est plus publiée"):
            actes.publier(nouvelle.uuid, par=jean)

    def test_ecarter_efface_les_nombres(self, controlee, jean):
        actes.ecarter(controlee.uuid, par=jean)
        controlee.refresh_from_db()
        assert (controlee.etat, controlee.contenu) == (Edition.Etat.ECARTEE, None)


class TestImmuabilite:
    @pytest.mark.parametrize(
        "recrit",
        [
            {"contenu": {}},
            {"definition": {}},
            {"rapport": {"publiable": True}},
            {"numero": "E-2020-001"},
            {"cle": "autre"},
            {"mot": "autre"},
            {"du": DU - timedelta(days=1)},
            {"fictive": True},
            {"etat": "controlee"},
            {"etat": "preparation"},
        ],
    )
    def test_la_base_refuse_de_recrire(self, publiee, recrit):
        with pytest.raises(DatabaseError), transaction.atomic():
            Edition.objects.filter(pk=publiee.pk).update(**recrit)

    def test_la_base_refuse_de_supprimer(self, avec_fichiers, publiee):
        with pytest.raises(DatabaseError), transaction.atomic():
            FichierDEdition.objects.filter(edition=publiee).delete()
        with pytest.raises(DatabaseError), transaction.atomic():
            Edition.objects.filter(pk=publiee.pk)._raw_delete("default")

    def test_la_base_refuse_de_recrire_un_fichier(self, avec_fichiers, publiee):
        with pytest.raises(DatabaseError), transaction.atomic():
            publiee.fichiers.update(contenu=b"")

    def test_un_retrait_ne_se_reprend_pas(self, publiee, jean):
        actes.retirer(publiee.uuid, par=jean, motif_retrait="Erreur.")
        with pytest.raises(DatabaseError), transaction.atomic():
            Edition.objects.filter(pk=publiee.pk).update(etat="publiee")
        with pytest.raises(DatabaseError), transaction.atomic():
            Edition.objects.filter(pk=publiee.pk).update(motif_retrait="Autre.")

    def test_rien_ne_parait_sans_controle(self, convention, jean, calcul, solder):
        """Même par une écriture directe : préparation, contrôle refusé ou ligne insérée déjà publiée."""
        calcul.rapport["publiable"] = False
        edition = actes.preparer(convention, par=jean, du=DU, au=AU)
        champs = {"etat": "publiee", "publiee_le": edition.preparee_le, "publiee_par": jean}
        with pytest.raises(DatabaseError), transaction.atomic():
            Edition.objects.filter(pk=edition.pk).update(**champs, contenu={}, rapport={"publiable": True})
        solder()
        with pytest.raises(DatabaseError), transaction.atomic():
            Edition.objects.filter(pk=edition.pk).update(**champs)


class TestLire:
    def test_le_financeur_ne_trouve_que_ce_qui_est_publie_pour_lui(self, controlee, jean, farid, autre_financeur):
        with pytest.raises(Introuvable):
            actes.trouver(controlee.uuid, par=farid)
        actes.publier(controlee.uuid, par=jean)
        assert actes.trouver(controlee.uuid, par=farid) == controlee
        with pytest.raises(Introuvable):
            actes.trouver(controlee.uuid, par=autre_financeur)

    def test_une_fonction_finie_ferme_la_lecture(self, publiee, farid):
        farid.fonctions.update(au=date(2021, 1, 1))
        farid.refresh_from_db()
        with pytest.raises(Introuvable):
            actes.trouver(publiee.uuid, par=farid)
        assert list(conventions.lues_par(farid)) == []
