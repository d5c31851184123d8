"""Keep what was told of low balances and of the limit, so that it is told once."""

from typing import ClassVar

from django.db import migrations, models

from tallystick.integrations.postgres import schema

_BEFORE = """
set local role tallystick_door;
drop function funds_decide(bigint, integer[], bigint[], bigint[], bigint[], timestamptz);
reset role;
"""


class Migration(migrations.Migration):
    """Marks on the rows of funds and credit, the decision that notes a refusal, and the worker's question."""

    dependencies: ClassVar = [("funds", "0005_fuse"), ("customers", "0002_keys"), ("ledger", "0002_keys")]
    operations: ClassVar = [
        migrations.AddField("fund", "is_low", models.BooleanField(db_default=False)),
        migrations.AddIndex("fund", models.Index(fields=["customer_id", "id"], condition=models.Q(is_low=True), name="fund_low")),
        migrations.AddField("credit", "reached_at", models.DateTimeField(null=True)),
        migrations.AddField("credit", "reached_division_id", models.BigIntegerField(null=True)),
        migrations.AddField("credit", "reached_required_minor", models.BigIntegerField(null=True)),
        migrations.AddField("credit", "reached_left_minor", models.BigIntegerField(null=True)),
        migrations.RunSQL(_BEFORE),
        schema.Sql(__file__, "decide.sql"),
        schema.Sql(__file__, "alerts.sql"),
    ]
