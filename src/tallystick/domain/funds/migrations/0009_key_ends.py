"""Tell with a key in how many microseconds it ends: one that was remembered worked up to a second longer."""

from typing import ClassVar

from django.db import migrations

from tallystick.integrations.postgres import schema

_BEFORE = """
set local role tallystick_door;
drop function funds_key(bytea);
reset role;
"""


class Migration(migrations.Migration):
    """The look-up, made anew."""

    dependencies: ClassVar = [("funds", "0008_hour")]
    operations: ClassVar = [migrations.RunSQL(_BEFORE), schema.Sql(__file__, "key_ends.sql")]
