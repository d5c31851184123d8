"""Load the function that finds where a fund stood at an instant, and the indexes of what is no charge."""

from typing import ClassVar

from django.db import migrations

from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """Reads of histories and statements."""

    dependencies: ClassVar = [("ledger", "0002_keys")]
    operations: ClassVar = [schema.Sql(__file__, "boundaries.sql")]
