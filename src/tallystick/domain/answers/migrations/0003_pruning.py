"""Let the worker forget answers whose time is over, whoever's they are."""

from typing import ClassVar

from django.db import migrations, models

from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """The index of a customer's becomes one of all, beside the function that walks along it."""

    dependencies: ClassVar = [("answers", "0002_keys")]
    operations: ClassVar = [
        migrations.RemoveIndex("answer", "answer_kept_until"),
        migrations.AddIndex("answer", models.Index(fields=["kept_until"], condition=models.Q(kept_until__isnull=False), name="answer_kept_until")),
        schema.Sql(__file__, "prune.sql"),
    ]
