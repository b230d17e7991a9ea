"""Les chemins qui écrivent dans une table, tous : la porte, l'ORM en masse, le SQL, les fichiers, le shell, le travailleur.

Chacun écrit au moins une fois sur l'objet donné. `test_ecritures.py` et la preuve 8 les croisent avec chaque modèle suivi.
"""

import io
from collections import Counter

from django.core import serializers
from django.core.management import call_command
from django.db import connection, models
from django.db.models import F
from django.db.models.functions import Now

from securisation.parcours.models import Attribution
from securisation.socle import outbox
from securisation.socle.declencheurs import modeles_suivis
from securisation.socle.models import Du, Evenement
from securisation.socle.trace import hors_porte

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


def par_delete_batch(objet):
    """Ce que la cascade de Django appelle pour une ligne qu'elle suit."""
    models.sql.DeleteQuery(type(objet)).delete_batch([objet.pk], "default")


def par_set_null(objet):
    """Ce que SET_NULL appelle sur la ligne orpheline ; sans lien qui puisse se vider, la même mise à jour sur un autre champ."""
    modele = type(objet)
    vides = [c for c in modele._meta.concrete_fields if c.is_relation and c.remote_field.on_delete is models.SET_NULL]
    lien = next((c for c in vides if getattr(objet, c.attname) is not None), None)
    champ = champ_neutre(modele)
    valeurs = {lien.name: None} if lien else {champ.removesuffix("_id"): autre_valeur(objet)}
    models.sql.UpdateQuery(modele).update_batch([objet.pk], valeurs, "default")


def par_shell(objet):
    """`manage.py shell`."""
    lignes = [
        "from django.apps import apps",
        "from django.db import models",
        f"lignes = models.QuerySet(apps.get_model('{objet._meta.label}')).filter(pk={objet.pk})",
    ]
    lignes.append("lignes._raw_delete('default')")
    call_command("shell", command="\n".join(lignes), no_imports=True, verbosity=0)


def par_tache(objet):
    """Un dû que le travailleur solde, pour qui l'a demandé."""
    outbox.devoir("essai_d_ecriture", modele=objet._meta.label, cle=objet.pk)
    numero = Du.objects.filter(genre="essai_d_ecriture", fait_le=None).latest("pk").pk
    assert outbox.solder(numero)


@outbox.travail("essai_d_ecriture")
def _essai_d_ecriture(modele, cle):
    from django.apps import apps

    par_update(apps.get_model(modele).objects.get(pk=cle))


def par_curseur_en_lot(objet):
    """`executemany()`."""
    valeur = autre_valeur(objet) if isinstance(objet, Attribution) else _hier()
    with connection.cursor() as curseur:
        texte = f"UPDATE {table(type(objet))} SET {champ_neutre(type(objet))} = %s WHERE id = %s"
        curseur.executemany(texte, [(valeur, objet.pk)])


CHEMINS = [chemin for nom, chemin in list(globals().items()) if nom.startswith("par_")]
MOTIFS = {par_tache: "travail : essai d ecriture"}


class annulee:
    """Une transaction que l'on défait à la sortie : la matrice repart du même dossier à chaque case."""

    def __enter__(self):
        sql("SAVEPOINT matrice")

    def __exit__(self, *erreur):
        sql("ROLLBACK TO SAVEPOINT matrice")


def dernier():
    """Rang du dernier maillon de chaque chaîne."""
    return dict(sql("SELECT chaine, seq FROM socle_tete"))


def nouveaux(avant, modele):
    """Maillons ajoutés pour ce modèle depuis `avant`."""
    maillons = Evenement.objects.filter(modele=modele._meta.label_lower).order_by("chaine", "seq")
    return [maillon for maillon in maillons if maillon.seq > avant.get(maillon.chaine, 0)]


def manque(chemin, modele, objets, par):
    """Joue ce chemin sur l'objet de ce modèle ; "" si chaque écriture a sa ligne d'historique, son maillon, son acteur et son motif."""
    objet = modele.objects.get(pk=objets[modele].pk)
    motif = MOTIFS.get(chemin, MOTIF)
    with annulee():
        histoire, avant = modele.history.model.objects.count(), dernier()
        with hors_porte(MOTIF, par=par):
            chemin(objet)
        ajoutes = nouveaux(avant, modele)
        cites = Counter(maillon.charge["histoire"] for maillon in ajoutes)
        lignes = modele.history.model.objects.order_by("-history_id")[
            : max(modele.history.model.objects.count() - histoire, 0)
        ]
        ecrites = {ligne.history_id: (ligne.history_user_id, ligne.history_change_reason) for ligne in lignes}
    dits = {(maillon.acteur_id, maillon.motif) for maillon in ajoutes}
    if not ecrites or set(cites) != set(ecrites) or dits != {(par.pk, motif)} or set(ecrites.values()) != dits:
        return f"{chemin.__name__} sur {modele._meta.label} : {len(ecrites)} lignes, {len(ajoutes)} maillons, {dits}"
    return ""
