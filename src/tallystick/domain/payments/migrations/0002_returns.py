"""Make the tables of what came back, and the directories that no customer owns."""

from typing import ClassVar

from django.db import migrations, models

import tallystick.domain.payments.rules
import tallystick.integrations.postgres.defaults
import tallystick.lib.ids


class Migration(migrations.Migration):
    """Tables as models.py lays them out."""

    dependencies: ClassVar = [("payments", "0001_initial")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="GatewayMessage",
            fields=[
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("provider", models.TextField()),
                ("message_id", models.TextField()),
                ("provider_reference", models.TextField()),
                ("refund_reference", models.TextField(default="")),
                ("kind", models.TextField()),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.TextField()),
                ("card", models.JSONField(null=True)),
                ("reason", models.TextField(default="")),
                ("occurred_at", models.DateTimeField()),
                ("body", models.TextField()),
                ("received_at", models.DateTimeField()),
                ("tries", models.IntegerField(default=0)),
                ("next_try_at", models.DateTimeField()),
                ("handled_at", models.DateTimeField(null=True)),
                ("outcome", models.TextField(default="")),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("handled_at__isnull", True)), fields=["next_try_at"], name="gateway_message_waiting"),
                    models.Index(fields=["provider", "provider_reference"], name="gateway_message_about"),
                ],
                "constraints": [models.UniqueConstraint(fields=("provider", "message_id"), name="gateway_message_once")],
            },
        ),
        migrations.CreateModel(
            name="ProviderReference",
            fields=[
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("provider", models.TextField()),
                ("reference", models.TextField()),
                ("customer_id", models.BigIntegerField()),
                ("subject", models.TextField()),
                ("subject_id", models.UUIDField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("provider", "reference"), name="provider_reference_once"),
                    models.CheckConstraint(
                        condition=models.Q(("subject__in", ["payment", "refund"]), models.Q(("reference", ""), _negated=True)),
                        name="provider_reference_subject",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("division_id", models.BigIntegerField()),
                ("payment_id", models.UUIDField(null=True)),
                ("state", models.TextField(default=tallystick.domain.payments.rules.RefundState["REQUESTED"])),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.TextField()),
                ("reason", models.TextField()),
                ("account", models.TextField(default="")),
                ("provider", models.TextField(default="")),
                ("provider_reference", models.TextField(default="")),
                ("failure", models.TextField(default="")),
                ("idempotency_key", models.TextField()),
                ("fingerprint", models.TextField()),
                ("requested_by_id", models.BigIntegerField(null=True)),
                ("requested_by", models.TextField()),
                ("requested_at", models.DateTimeField()),
                ("decided_by_id", models.BigIntegerField(null=True)),
                ("decided_by", models.TextField(default="")),
                ("decided_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("fund_id", models.BigIntegerField(null=True)),
                ("journal_number", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["customer_id", "payment_id"], name="refund_of_payment")],
                "constraints": [
                    models.UniqueConstraint(fields=("customer_id", "idempotency_key"), name="refund_key_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_minor__gt", 0),
                            (
                                "state__in",
                                [
                                    tallystick.domain.payments.rules.RefundState["REQUESTED"],
                                    tallystick.domain.payments.rules.RefundState["DECLINED"],
                                    tallystick.domain.payments.rules.RefundState["STARTED"],
                                    tallystick.domain.payments.rules.RefundState["SETTLED"],
                                    tallystick.domain.payments.rules.RefundState["FAILED"],
                                ],
                            ),
                        ),
                        name="refund_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Restoration",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("payment_id", models.UUIDField()),
                ("reference", models.TextField()),
                ("amount_minor", models.BigIntegerField()),
                ("posted_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("customer_id", "payment_id", "reference"), name="restoration_reference_once"),
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="restoration_amount"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reversal",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("payment_id", models.UUIDField()),
                ("reference", models.TextField()),
                ("amount_minor", models.BigIntegerField()),
                ("reason", models.TextField(default="")),
                ("posted_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("customer_id", "payment_id", "reference"), name="reversal_reference_once"),
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="reversal_amount"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReversalPart",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("reversal_id", models.UUIDField()),
                ("place", models.IntegerField()),
                ("source", models.TextField()),
                ("amount_minor", models.BigIntegerField()),
                ("division_id", models.BigIntegerField()),
                ("surplus_id", models.UUIDField(null=True)),
                ("allocation_id", models.UUIDField(null=True)),
                ("invoice_id", models.UUIDField(null=True)),
                ("split", models.JSONField(default=list)),
                ("undone_minor", models.BigIntegerField(default=0)),
                ("fund_id", models.BigIntegerField(null=True)),
                ("journal_number", models.BigIntegerField(db_default=tallystick.integrations.postgres.defaults.JOURNAL_NUMBER)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("customer_id", "reversal_id", "place"), name="reversal_part_place_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_minor__gt", 0),
                            (
                                "source__in",
                                [
                                    tallystick.domain.payments.rules.Source["UNAPPLIED"],
                                    tallystick.domain.payments.rules.Source["INVOICE"],
                                    tallystick.domain.payments.rules.Source["CORRECTION"],
                                ],
                            ),
                        ),
                        name="reversal_part_source",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("undone_minor__gte", 0), ("undone_minor__lte", models.F("amount_minor"))), name="reversal_part_amounts"
                    ),
                ],
            },
        ),
    ]
