"""Let each person choose a language: none is what their browser asks for. Nobody could choose one until now, so nobody has."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0005_shortcuts")]
    operations = [
        migrations.AlterField(model_name="person", name="locale", field=models.TextField(default="", db_default="", blank=True)),
        migrations.RunSQL("update customers_person set locale = ''", migrations.RunSQL.noop),
    ]
