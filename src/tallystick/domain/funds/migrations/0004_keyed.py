"""Look keys up with their scopes and networks."""

from typing import ClassVar

from django.db import migrations

from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """The two functions of the fast lanes, made anew."""

    dependencies: ClassVar = [("funds", "0003_view_balances"), ("customers", "0008_key_scopes")]
    operations: ClassVar = [schema.Sql(__file__, "keyed.sql")]
