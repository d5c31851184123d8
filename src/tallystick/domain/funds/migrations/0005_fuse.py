"""Let a division have a spending fuse, which the decision about the limit looks after."""

from typing import ClassVar

from django.db import migrations, models

from tallystick.integrations.postgres import schema

_BEFORE = """
set local role tallystick_door;
drop function funds_debit(bigint[], bigint[], integer[], bigint[], text[], text[], text[], text[], uuid[]);
drop function funds_debit_exactly(bigint[], bigint[], bigint[], text[], text[], text[], text[], uuid[]);
-- the arguments of the old file, or of the new one where the database is new
drop function if exists funds_decide(bigint, integer[], bigint[], bigint[]);
drop function if exists funds_decide(bigint, integer[], bigint[], bigint[], bigint[], timestamptz);
reset role;
drop type funds_asked;
drop policy door on funds_fund;
drop policy door on funds_credit;
drop policy door on ledger_transfer;
"""


class Migration(migrations.Migration):
    """A row for each fuse, a mark on the funds row, and the functions of the decision made anew."""

    dependencies: ClassVar = [("funds", "0004_keyed"), ("events", "0003_newest"), ("ledger", "0002_keys")]
    operations: ClassVar = [
        migrations.AddField("fund", "is_fused", models.BooleanField(db_default=False)),
        migrations.CreateModel(
            "Fuse",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("amount_minor", models.BigIntegerField(null=True)),
                ("count", models.IntegerField(null=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("spent_minor", models.BigIntegerField(db_default=0)),
                ("counted", models.IntegerField(db_default=0)),
                ("opened_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(amount_minor__isnull=True) | models.Q(amount_minor__gt=0), name="fuse_amount_positive"),
                    models.CheckConstraint(condition=models.Q(count__isnull=True) | models.Q(count__gt=0), name="fuse_count_positive"),
                ]
            },
        ),
        schema.Own("funds_fuse"),
        schema.Refer("funds_fuse", ("customer_id", "id"), "customers_division"),
        schema.Sql(__file__, "fuse.sql"),
        migrations.RunSQL(_BEFORE),
        schema.Sql(__file__, "decide.sql"),
        schema.Sql(__file__, "debit_exactly.sql"),
        schema.Sql(__file__, "debit.sql"),
    ]
