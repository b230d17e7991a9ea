"""Une restriction garde son motif."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("parcours", "0003_changement_d_equipe")]

    operations = [
        migrations.AddField(
            model_name="parcours",
            name="motif_restriction",
            field=models.TextField(
                blank=True, default="", editable=False, max_length=1000, verbose_name="motif de la restriction"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="historiqueparcours",
            name="motif_restriction",
            field=models.TextField(
                blank=True, default="", editable=False, max_length=1000, verbose_name="motif de la restriction"
            ),
            preserve_default=False,
        ),
    ]
