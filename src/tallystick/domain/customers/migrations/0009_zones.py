"""Tell with a person's customers in which zone the days of their legal entities are: pages go by that day."""

from typing import ClassVar

from django.db import migrations

from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """One function anew."""

    dependencies: ClassVar = [("customers", "0008_key_scopes")]
    operations: ClassVar = [schema.Sql(__file__, "zoned_memberships.sql")]
