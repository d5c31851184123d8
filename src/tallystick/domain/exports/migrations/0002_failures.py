"""Keep what stands in the way of a file, so that its asker is told and need not wait for ever."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns of exports."""

    dependencies: ClassVar = [("exports", "0001_initial")]
    operations: ClassVar = [
        migrations.AddField("export", "tries", models.IntegerField(default=0)),
        migrations.AddField("export", "failure", models.TextField(default="")),
        migrations.AddField("export", "missing", models.IntegerField(default=0)),
    ]
