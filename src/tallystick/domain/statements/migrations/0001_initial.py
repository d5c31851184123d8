"""Make the table of monthly statements and the worker's question which are missing."""

from typing import ClassVar

from django.db import migrations, models

from tallystick.integrations.postgres import schema
from tallystick.lib import ids


class Migration(migrations.Migration):
    """One table, whose rows only the worker writes, and never changes."""

    initial = True
    dependencies: ClassVar = [("customers", "0009_zones"), ("funds", "0002_keys"), ("ledger", "0002_keys"), ("events", "0002_keys")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="MonthlyStatement",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=ids.new, primary_key=True, serialize=False)),
                ("fund_id", models.BigIntegerField()),
                ("month", models.DateField()),
                ("currency", models.TextField()),
                ("opening_minor", models.BigIntegerField()),
                ("closing_minor", models.BigIntegerField()),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["customer_id", "fund_id", "month"], name="one_statement_per_fund_and_month"),
                    models.CheckConstraint(condition=models.Q(month__day=1), name="statement_month_is_named_by_its_first_day"),
                ]
            },
        ),
        schema.Own("statements_monthlystatement", pages="s", operator="s", worker="si"),
        schema.Refer("statements_monthlystatement", ("customer_id", "fund_id"), "customers_division"),
        schema.AppendOnly("statements_monthlystatement"),
        schema.Sql(__file__, "unstated.sql"),
    ]
