"""Keep of a refund whether all that was left was asked for, so that a repeat can be told from another request."""

from typing import ClassVar

from django.db import migrations, models

from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """A column of the journal that is empty nearly everywhere, and the function that writes it."""

    dependencies: ClassVar = [("ledger", "0003_boundaries")]
    operations: ClassVar = [
        migrations.AddField("transfer", "takes_rest", models.BooleanField(null=True)),
        schema.Sql(__file__, "write.sql"),
    ]
