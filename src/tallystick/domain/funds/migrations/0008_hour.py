"""Let the hour of a spending fuse begin with the first charge that passes: one that was refused for want of funds began it too."""

from typing import ClassVar

from django.db import migrations

from tallystick.integrations.postgres import schema

_BEFORE = """
set local role tallystick_door;
drop function funds_decide(bigint, integer[], bigint[], bigint[], bigint[], timestamptz);
reset role;
"""


class Migration(migrations.Migration):
    """The decision, made anew."""

    dependencies: ClassVar = [("funds", "0007_named_lapse")]
    operations: ClassVar = [migrations.RunSQL(_BEFORE), schema.Sql(__file__, "decide.sql")]
