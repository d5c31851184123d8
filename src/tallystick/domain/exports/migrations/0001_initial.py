"""Lay out exports, which were invoicing's as long as they held invoices only."""

from typing import ClassVar

from django.db import migrations, models

import tallystick.lib.ids
from tallystick.integrations.postgres import schema

_SUBJECTS = ["invoices", "purchase_orders", "balance_history", "purchase_history", "statement"]


class Migration(migrations.Migration):
    """Tables, keys and rights of exports."""

    initial = True
    dependencies: ClassVar = [("customers", "0002_keys"), ("events", "0002_keys")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Export",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("person_id", models.BigIntegerField()),
                ("division_ids", models.JSONField(null=True)),
                ("subject", models.TextField()),
                ("kind", models.TextField()),
                ("wanted", models.JSONField()),
                ("total", models.IntegerField()),
                ("made", models.IntegerField(default=0)),
                ("pieces", models.IntegerField(default=0)),
                ("size", models.BigIntegerField(default=0)),
                ("state", models.JSONField(default=dict)),
                ("asked_at", models.DateTimeField()),
                ("ready_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("kind__in", ["zip", "csv", "xlsx"])), name="export_kind"),
                    models.CheckConstraint(condition=models.Q(("subject__in", _SUBJECTS)), name="export_subject"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Piece",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("export_id", models.UUIDField()),
                ("position", models.IntegerField()),
                ("content", models.BinaryField()),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("customer_id", "export_id", "position"), name="one_piece_per_position")]},
        ),
        schema.Own("exports_export", pages="si", operator="", worker="sud"),
        schema.Own("exports_piece", pages="s", operator="", worker="sid"),
        schema.Refer("exports_piece", ("customer_id", "export_id"), "exports_export"),
    ]
