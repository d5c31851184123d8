"""Make the table of write-offs: what an approver posted alone, and what one person asked for and another decided."""

from typing import ClassVar

from django.db import migrations, models

import tallystick.domain.invoicing.rules
import tallystick.lib.ids
from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """The table as models.py lays it out, with its keys and rights: customers neither see nor make one."""

    dependencies: ClassVar = [("invoicing", "0002_keys")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="WriteOff",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("invoice_id", models.UUIDField()),
                ("state", models.TextField()),
                ("is_bad_debt", models.BooleanField()),
                ("reason", models.TextField()),
                ("currency", models.CharField(max_length=3)),
                ("amount_minor", models.BigIntegerField()),
                ("requested_by", models.BigIntegerField(null=True)),
                ("requested_by_name", models.TextField()),
                ("requested_at", models.DateTimeField()),
                ("decided_by", models.BigIntegerField(null=True)),
                ("decided_by_name", models.TextField(blank=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decision_text", models.TextField(blank=True)),
            ],
            options={
                "indexes": [models.Index(fields=["customer_id", "invoice_id"], name="write_off_of_invoice")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", list(tallystick.domain.invoicing.rules.CreditState))), name="write_off_state"
                    ),
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="write_off_positive"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "requested")), fields=("customer_id", "invoice_id"), name="one_write_off_waits"
                    ),
                ],
            },
        ),
        schema.Own("invoicing_writeoff", pages="", operator="siu", worker=""),
        schema.Refer("invoicing_writeoff", ("customer_id", "invoice_id"), "invoicing_invoice"),
    ]
