"""La matrice des écritures : chaque chemin qui mène à une table × chaque modèle suivi laisse sa ligne d'historique et son maillon.

`test_journal.py` tient le journal lui-même ; ici, on vérifie qu'aucun chemin, sur aucun modèle, ne passe à côté.
"""

import io

import pytest
from django.core import serializers
from django.core.management import call_command
from django.db import connection, models
from django.db.models import F
from django.db.models.functions import Now

from securisation.parcours.models import Attribution, Parcours
from securisation.socle.declencheurs import modeles_suivis
from securisation.socle.models import Evenement
from securisation.socle.trace import hors_porte
from securisation.socle.verification import verifier
from securisation.tests import dossiers
from sorties.models import Sortie

pytestmark = pytest.mark.django_db
MOTIF = "essai d'écriture"
SUIVIS = modeles_suivis()


def sql(texte, *valeurs):
    """Joue ce SQL et rend ce qu'il rend."""
    with connection.cursor() as curseur:
        curseur.execute(texte, valeurs)
        return curseur.fetchall() if curseur.description else curseur.rowcount


def table(modele):
    """Nom de la table d'un modèle."""
    return modele._meta.db_table


def champ_neutre(modele):
    """Un champ que rien ne contraint : sa date de création, ou le rôle d'une attribution."""
    return "permission_id" if modele is Attribution else "cree_le"


def autre_valeur(objet):
    """Une autre valeur de ce champ."""
    if isinstance(objet, Attribution):
        return sql("SELECT min(id) FROM auth_permission WHERE id <> %s AND codename = 'lecteur'", objet.permission_id)[
            0
        ][0]
    return Now()


def brut(modele):
    """Le queryset de Django, sans le refus des écritures en masse."""
    return models.QuerySet(modele)


def effacer(objet):
    """Efface la ligne sans rien suivre ; ce qui la désigne attend la fin de la transaction."""
    sql(f"DELETE FROM {table(type(objet))} WHERE id = %s", objet.pk)


# -- les chemins : chacun écrit une fois au moins sur l'objet


def par_save(objet):
    """`Model.save()`, dans la porte."""
    if isinstance(objet, Attribution):
        objet.permission_id = autre_valeur(objet)
    objet.save()


def par_save_base(objet):
    """Ce que `save()` appelle, sans la porte."""
    setattr(objet, champ_neutre(type(objet)), autre_valeur(objet))
    models.Model.save_base(objet, raw=True, update_fields=[champ_neutre(type(objet)).removesuffix("_id")])


def par_update(objet):
    """`QuerySet.update()`."""
    brut(type(objet)).filter(pk=objet.pk).update(**{champ_neutre(type(objet)): autre_valeur(objet)})


def par_update_d_une_expression(objet):
    """`update()` calculé par la base."""
    if isinstance(objet, Attribution):
        return par_update(objet)
    brut(type(objet)).filter(pk=objet.pk).update(version=F("version") + 1)
    return None


def par_bulk_update(objet):
    """`bulk_update()`."""
    setattr(objet, champ_neutre(type(objet)), autre_valeur(objet))
    brut(type(objet)).bulk_update([objet], [champ_neutre(type(objet)).removesuffix("_id")])


def par_bulk_create(objet):
    """`bulk_create()`."""
    effacer(objet)
    brut(type(objet)).bulk_create([objet])


def par_bulk_create_en_conflit(objet):
    """`bulk_create(update_conflicts=True)`."""
    champ = champ_neutre(type(objet)).removesuffix("_id")
    setattr(objet, champ_neutre(type(objet)), autre_valeur(objet) if isinstance(objet, Attribution) else _hier())
    brut(type(objet)).bulk_create([objet], update_conflicts=True, unique_fields=["id"], update_fields=[champ])


def _hier():
    return sql("SELECT now() - interval '1 day'")[0][0]


def par_update_sql(objet):
    """`UPDATE` écrit à la main."""
    valeur = autre_valeur(objet)
    valeur = _hier() if isinstance(valeur, Now) else valeur
    sql(f"UPDATE {table(type(objet))} SET {champ_neutre(type(objet))} = %s WHERE id = %s", valeur, objet.pk)


def par_insert_select(objet):
    """`INSERT … SELECT`."""
    nom = table(type(objet))
    sql(f"CREATE TEMP TABLE copie ON COMMIT DROP AS SELECT * FROM {nom} WHERE id = %s", objet.pk)
    effacer(objet)
    sql(f"INSERT INTO {nom} SELECT * FROM copie")
    sql("DROP TABLE copie")


def par_upsert(objet):
    """`INSERT … ON CONFLICT DO UPDATE`."""
    nom, champ = table(type(objet)), champ_neutre(type(objet))
    valeur = autre_valeur(objet) if isinstance(objet, Attribution) else _hier()
    texte = f"INSERT INTO {nom} SELECT * FROM {nom} WHERE id = %s ON CONFLICT (id) DO UPDATE SET {champ} = %s"
    sql(texte, objet.pk, valeur)


def par_merge(objet):
    """`MERGE`."""
    nom, champ = table(type(objet)), champ_neutre(type(objet))
    valeur = autre_valeur(objet) if isinstance(objet, Attribution) else _hier()
    texte = (
        f"MERGE INTO {nom} c USING (SELECT %s::bigint AS id) s ON c.id = s.id WHEN MATCHED THEN UPDATE SET {champ} = %s"
    )
    sql(texte, objet.pk, valeur)


def par_copy(objet):
    """`COPY … FROM STDIN`."""
    nom = table(type(objet))
    with connection.cursor() as curseur:
        with curseur.copy(f"COPY (SELECT * FROM {nom} WHERE id = {objet.pk}) TO STDOUT") as flux:
            lignes = b"".join(bytes(morceau) for morceau in flux)
        effacer(objet)
        # PostgreSQL refuse de verser droit dans une table derrière le mur : il faut passer par une autre, puis insérer.
        curseur.execute(f"CREATE TEMP TABLE versee (LIKE {nom}) ON COMMIT DROP")
        with curseur.copy("COPY versee FROM STDIN") as flux:
            flux.write(lignes)
        curseur.execute(f"INSERT INTO {nom} SELECT * FROM versee")
        curseur.execute("DROP TABLE versee")


def par_loaddata(objet):
    """`loaddata` d'un fichier JSON."""
    texte = serializers.serialize("json", [objet])
    effacer(objet)
    for repris in serializers.deserialize("json", io.StringIO(texte)):
        repris.save()


def par_raw_delete(objet):
    """`_raw_delete()`, ce que la cascade de Django appelle."""
    brut(type(objet)).filter(pk=objet.pk)._raw_delete("default")


def par_delete_sql(objet):
    """`DELETE` écrit à la main."""
    effacer(objet)


def par_curseur_en_lot(objet):
    """`executemany()`."""
    valeur = autre_valeur(objet) if isinstance(objet, Attribution) else _hier()
    with connection.cursor() as curseur:
        texte = f"UPDATE {table(type(objet))} SET {champ_neutre(type(objet))} = %s WHERE id = %s"
        curseur.executemany(texte, [(valeur, objet.pk)])


CHEMINS = [chemin for nom, chemin in list(globals().items()) if nom.startswith("par_")]


@pytest.fixture
def objets(distribution):
    """Un objet de chaque modèle suivi."""
    tous = dossiers.construire("suspendue", distribution) | dossiers.construire("clos", distribution)
    return tous | {Attribution: tous[Parcours].attributions.first()}


def dernier():
    """Rang du dernier maillon de chaque chaîne."""
    return dict(sql("SELECT chaine, seq FROM socle_tete"))


def nouveaux(avant, modele):
    """Maillons ajoutés pour ce modèle depuis `avant`."""
    maillons = Evenement.objects.filter(modele=modele._meta.label_lower).order_by("chaine", "seq")
    return [maillon for maillon in maillons if maillon.seq > avant.get(maillon.chaine, 0)]


class TestMatrice:
    @pytest.mark.parametrize("chemin", CHEMINS, ids=lambda chemin: chemin.__name__)
    def test_chaque_chemin_laisse_sa_trace_sur_chaque_modele(self, chemin, objets, awa):
        manques = []
        for modele in SUIVIS:
            objet = modele.objects.get(pk=objets[modele].pk)
            histoire, avant = modele.history.model.objects.count(), dernier()
            with annulee(), hors_porte(MOTIF, par=awa):
                chemin(objet)
                ajoutes = nouveaux(avant, modele)
                lignes = modele.history.model.objects.count() - histoire
                dits = {(maillon.acteur_id, maillon.motif) for maillon in ajoutes}
                if not lignes or len(ajoutes) < lignes or dits != {(awa.pk, MOTIF)}:
                    manques.append((modele._meta.label, lignes, len(ajoutes), dits))
        assert manques == []

    @pytest.mark.parametrize("chemin", CHEMINS, ids=lambda chemin: chemin.__name__)
    def test_le_journal_reste_intact(self, chemin, objets, awa):
        with annulee(), hors_porte(MOTIF, par=awa):
            chemin(objets[Attribution])
            chemin(objets[Sortie])
            assert verifier().rupture == ""

    def test_les_dix_huit_chemins_sont_essayes(self):
        """Seize ici, plus la cascade et l'écriture sans contexte."""
        assert len(CHEMINS) == 16

    def test_chaque_modele_suivi_est_essaye(self, objets):
        assert set(SUIVIS) <= set(objets)
        assert len(SUIVIS) >= 20

    @pytest.mark.parametrize("chemin", [par_update_sql, par_copy, par_delete_sql], ids=lambda chemin: chemin.__name__)
    def test_sans_contexte_le_role_de_base_est_dit(self, chemin, objets):
        """Un shell, une tâche qui oublie qui agit : l'écriture est là, et dite hors de l'application."""
        sql("SELECT set_config('jalon.acteur', '', true), set_config('jalon.motif', '', true)")
        for modele in SUIVIS:
            avant = dernier()
            with annulee():
                chemin(modele.objects.get(pk=objets[modele].pk))
                ajoutes = nouveaux(avant, modele)
                assert ajoutes, modele
                assert {maillon.acteur_id for maillon in ajoutes} == {None}, modele
                assert all(maillon.motif.startswith("hors de l'application") for maillon in ajoutes), modele

    def test_le_motif_d_un_acte_ne_deborde_pas_sur_le_suivant(self, objets, awa):
        for motif in ("premier", "second"):
            avant = dernier()
            with hors_porte(motif, par=awa):
                sql("UPDATE parcours_parcours SET demande = %s WHERE id = %s", motif, objets[Parcours].pk)
            assert {maillon.motif for maillon in nouveaux(avant, Parcours)} == {motif}


class annulee:
    """Une transaction que l'on défait à la sortie : la matrice repart du même dossier à chaque case."""

    def __enter__(self):
        sql("SAVEPOINT matrice")

    def __exit__(self, *erreur):
        sql("ROLLBACK TO SAVEPOINT matrice")


def cascades():
    """(parent, lien, enfant) : ce que la suppression d'un parent suivi entraîne chez un enfant suivi."""
    for enfant in SUIVIS:
        for lien in enfant._meta.concrete_fields:
            if lien.is_relation and lien.related_model in SUIVIS and lien.remote_field.on_delete is models.CASCADE:
                yield lien.related_model, lien, enfant


class TestCascade:
    @pytest.mark.parametrize(
        ("parent", "lien", "enfant"),
        list(cascades()),
        ids=lambda valeur: getattr(valeur, "__name__", getattr(valeur, "name", "")),
    )
    def test_ce_qu_une_suppression_entraine_laisse_sa_trace(self, parent, lien, enfant, objets, awa):
        """Les enfants partent avant leur parent, ou après lui (clés différées) : la chaîne du parcours est retrouvée."""
        objet = enfant.objects.get(pk=objets[enfant].pk)
        tuteur = getattr(objet, lien.name)
        if tuteur is None:
            tuteur = parent.objects.get(pk=objets[parent].pk)
            brut(enfant).filter(pk=objet.pk).update(**{lien.name: tuteur})
        chaine = objets[Parcours].pk if enfant is Parcours else _chaine_de(objet)
        for ordre in ((objet, tuteur), (tuteur, objet)):
            avant = dernier()
            with annulee(), hors_porte(MOTIF, par=awa):
                for ligne in ordre:
                    effacer(ligne)
                ajoutes = [maillon for maillon in nouveaux(avant, enfant) if maillon.objet == objet.pk]
                assert [(m.chaine, m.action, m.acteur_id) for m in ajoutes] == [(chaine, "suppression", awa.pk)]

    def test_aucun_lien_ne_se_vide_en_silence(self):
        """Ni SET_NULL ni SET_DEFAULT vers un modèle suivi : ce qui disparaît entraîne ou retient, et se voit."""
        muets = (models.SET_NULL, models.SET_DEFAULT, models.DO_NOTHING)
        liens = [(m, c) for m in SUIVIS for c in m._meta.concrete_fields if c.is_relation]
        assert [f"{m._meta.label}.{c.name}" for m, c in liens if c.remote_field.on_delete in muets] == []


def _chaine_de(objet):
    objet = getattr(objet, "content_object", objet)
    return objet.pk if isinstance(objet, Parcours) else objet.parcours_de_rattachement.pk


class TestDroitsDeLaBase:
    @pytest.mark.parametrize("modele", SUIVIS, ids=lambda modele: modele._meta.label)
    def test_l_application_ne_vide_aucune_table_et_ne_touche_pas_l_historique(self, modele, settings, db):
        """TRUNCATE échappe aux déclencheurs de ligne : le rôle de l'application ne l'a pas."""
        role, histoire = settings.ROLE_APPLICATION, modele.history.model._meta.db_table
        interdits = [(table(modele), "TRUNCATE"), (table(modele), "TRIGGER")]
        interdits += [(histoire, droit) for droit in ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER")]
        for nom, droit in interdits:
            assert sql("SELECT has_table_privilege(%s, %s, %s)", role, nom, droit) == [(False,)], (nom, droit)

    def test_l_application_ne_peut_pas_taire_les_declencheurs(self, settings, db):
        role = settings.ROLE_APPLICATION
        assert sql("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = %s", role) == [(False, False)]
        proprietaires = sql("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
        assert (role,) not in proprietaires
        assert call_command("check", verbosity=0) is None
