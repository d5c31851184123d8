"""Count the requests of keys across processes."""

from typing import ClassVar

from django.db import migrations

from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """An unlogged table and its functions."""

    dependencies: ClassVar = [("customers", "0002_keys")]
    operations: ClassVar = [schema.Sql(__file__, "rate.sql")]
