"""Look up the balances of many keys at once."""

from typing import ClassVar

from django.db import migrations

from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """One function."""

    dependencies: ClassVar = [("funds", "0002_keys")]
    operations: ClassVar = [schema.Sql(__file__, "view_balances.sql")]
