"""Les conventions, leurs éditions et leurs fichiers ; ce qui est publié ne se récrit pas."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import securisation.socle.trace

EDITIONS = Path(__file__).resolve().parent.parent / "sql" / "editions.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("pilotage", "0001_faits"),
        ("annuaire", "0004_mots_de_la_garde"),
        ("comptes", "0006_resume_du_jour"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Convention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=securisation.socle.trace.uuid7, editable=False, unique=True)),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("numero", models.CharField(max_length=60, verbose_name="numéro de la convention")),
                ("financeur", models.CharField(max_length=160, verbose_name="organisme financeur")),
                ("du", models.DateField(verbose_name="premier jour")),
                ("au", models.DateField(verbose_name="dernier jour")),
                ("objet_paye", models.TextField(max_length=2000, verbose_name="ce qui est payé")),
                ("enregistree_le", models.DateTimeField(editable=False, verbose_name="enregistrée le")),
                (
                    "departements",
                    models.ManyToManyField(
                        blank=True, related_name="+", to="annuaire.departement", verbose_name="départements"
                    ),
                ),
                (
                    "enregistree_par",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="enregistrée par",
                    ),
                ),
                (
                    "equipes",
                    models.ManyToManyField(blank=True, related_name="+", to="comptes.equipe", verbose_name="équipes"),
                ),
                (
                    "lecteurs",
                    models.ManyToManyField(
                        blank=True,
                        related_name="conventions_lues",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="comptes qui lisent",
                    ),
                ),
                (
                    "objectifs",
                    models.ManyToManyField(
                        blank=True, related_name="+", to="annuaire.objectifpraps", verbose_name="objectifs du PRAPS"
                    ),
                ),
                (
                    "origines",
                    models.ManyToManyField(
                        blank=True, related_name="+", to="annuaire.origine", verbose_name="origines"
                    ),
                ),
                (
                    "publics",
                    models.ManyToManyField(blank=True, related_name="+", to="annuaire.public", verbose_name="publics"),
                ),
            ],
            options={
                "verbose_name": "convention",
                "verbose_name_plural": "conventions",
                "ordering": ["-du", "financeur", "numero"],
            },
        ),
        migrations.CreateModel(
            name="Edition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=securisation.socle.trace.uuid7, editable=False, unique=True)),
                ("numero", models.CharField(editable=False, max_length=20, unique=True, verbose_name="numéro")),
                ("du", models.DateField(verbose_name="premier jour")),
                ("au", models.DateField(verbose_name="dernier jour")),
                (
                    "etat",
                    models.CharField(
                        choices=[
                            ("preparation", "En préparation"),
                            ("controlee", "Contrôlée"),
                            ("publiee", "Publiée"),
                            ("remplacee", "Remplacée"),
                            ("retiree", "Retirée"),
                            ("ecartee", "Écartée"),
                        ],
                        default="preparation",
                        editable=False,
                        max_length=12,
                        verbose_name="état",
                    ),
                ),
                (
                    "fictive",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="nombres inventés pour la démonstration"
                    ),
                ),
                ("definition", models.JSONField(editable=False, verbose_name="ce qui compte, figé")),
                ("contenu", models.JSONField(editable=False, null=True, verbose_name="nombres")),
                ("rapport", models.JSONField(editable=False, null=True, verbose_name="rapport de l'attaquant")),
                (
                    "registre_vu",
                    models.PositiveIntegerField(
                        editable=False, null=True, verbose_name="éditions du registre attaquées"
                    ),
                ),
                ("mot", models.TextField(blank=True, max_length=1000, verbose_name="ce qui change et pourquoi")),
                ("changements", models.JSONField(default=list, editable=False, verbose_name="ce qui a changé")),
                ("cle", models.CharField(editable=False, max_length=32, verbose_name="clé de vérification")),
                (
                    "erreur",
                    models.CharField(blank=True, editable=False, max_length=500, verbose_name="ce qui a manqué"),
                ),
                ("preparee_le", models.DateTimeField(editable=False, verbose_name="préparée le")),
                ("controlee_le", models.DateTimeField(editable=False, null=True, verbose_name="contrôlée le")),
                ("publiee_le", models.DateTimeField(editable=False, null=True, verbose_name="publiée le")),
                ("retiree_le", models.DateTimeField(editable=False, null=True, verbose_name="retirée le")),
                (
                    "motif_retrait",
                    models.TextField(blank=True, max_length=1000, verbose_name="pourquoi elle est retirée"),
                ),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="editions",
                        to="pilotage.convention",
                        verbose_name="convention",
                    ),
                ),
                (
                    "corrige",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="pilotage.edition",
                        verbose_name="corrige",
                    ),
                ),
                (
                    "preparee_par",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "publiee_par",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "retiree_par",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "édition",
                "verbose_name_plural": "éditions",
                "ordering": ["-publiee_le", "-preparee_le"],
            },
        ),
        migrations.CreateModel(
            name="FichierDEdition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "genre",
                    models.CharField(
                        choices=[("pdf", "PDF"), ("xlsx", "Classeur XLSX"), ("ods", "Classeur ODS")],
                        max_length=4,
                        verbose_name="genre",
                    ),
                ),
                ("contenu", models.BinaryField(verbose_name="fichier")),
                ("taille", models.PositiveIntegerField(verbose_name="taille en octets")),
                ("sha256", models.CharField(db_index=True, max_length=64, verbose_name="empreinte")),
                ("genre_mime", models.CharField(max_length=100, verbose_name="type")),
                ("pages", models.PositiveSmallIntegerField(null=True, verbose_name="pages")),
                ("sceau", models.CharField(blank=True, max_length=400, verbose_name="ce que vaut le sceau")),
                ("produit_le", models.DateTimeField(verbose_name="produit le")),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="fichiers", to="pilotage.edition"
                    ),
                ),
            ],
            options={
                "verbose_name": "fichier d'une édition",
                "verbose_name_plural": "fichiers d'une édition",
            },
        ),
        migrations.AddConstraint(
            model_name="convention",
            constraint=models.UniqueConstraint(
                fields=("financeur", "numero"),
                name="pilotage_convention_unique",
                violation_error_message="Ce financeur a déjà une convention de ce numéro.",
            ),
        ),
        migrations.AddConstraint(
            model_name="convention",
            constraint=models.CheckConstraint(
                condition=models.Q(("au__gte", models.F("du"))),
                name="pilotage_convention_dates",
                violation_error_message="Le dernier jour ne précède pas le premier.",
            ),
        ),
        migrations.AddConstraint(
            model_name="convention",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("numero", ""), _negated=True),
                    models.Q(("financeur", ""), _negated=True),
                    models.Q(("objet_paye", ""), _negated=True),
                ),
                name="pilotage_convention_dite",
                violation_error_message="Une convention a un numéro, un financeur et dit ce qu'elle paie.",
            ),
        ),
        migrations.AddIndex(
            model_name="edition",
            index=models.Index(fields=["etat", "-publiee_le"], name="edition_par_etat"),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.CheckConstraint(
                condition=models.Q(("au__gte", models.F("du"))),
                name="pilotage_edition_dates",
                violation_error_message="Le dernier jour ne précède pas le premier.",
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.UniqueConstraint(
                condition=models.Q(("etat", "publiee")),
                fields=("convention", "du", "au"),
                name="pilotage_edition_une_seule_valable",
                violation_error_message="Une édition de cette période est déjà publiée : corrigez-la.",
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.UniqueConstraint(
                condition=models.Q(("etat__in", ("publiee", "remplacee", "retiree"))),
                fields=("corrige",),
                name="pilotage_edition_une_correction",
                violation_error_message="Cette édition est déjà remplacée : corrigez celle qui la remplace.",
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("etat__in", ("publiee", "remplacee", "retiree")), _negated=True),
                    models.Q(
                        ("contenu__isnull", False),
                        ("publiee_le__isnull", False),
                        ("publiee_par__isnull", False),
                        ("rapport__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="pilotage_edition_publiee_complete",
                violation_error_message="Une édition publiée a des nombres, un rapport de contrôle, une date et un auteur.",
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("etat", "retiree"), _negated=True),
                    models.Q(
                        ("retiree_le__isnull", False),
                        ("retiree_par__isnull", False),
                        models.Q(("motif_retrait", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="pilotage_edition_retiree_motivee",
                violation_error_message="Un retrait a une date, un auteur et un motif.",
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.CheckConstraint(
                condition=models.Q(("corrige__isnull", True), models.Q(("mot", ""), _negated=True), _connector="OR"),
                name="pilotage_edition_correction_dite",
                violation_error_message="Une correction dit ce qui change et pourquoi.",
            ),
        ),
        migrations.AddConstraint(
            model_name="fichierdedition",
            constraint=models.UniqueConstraint(
                fields=("edition", "genre"),
                name="pilotage_fichier_un_par_genre",
                violation_error_message="Ce fichier de l'édition est déjà produit.",
            ),
        ),
        migrations.RunSQL(EDITIONS.read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
