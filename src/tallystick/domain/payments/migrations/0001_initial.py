"""Make the tables of what was asked and what arrived."""

from typing import ClassVar

from django.db import migrations, models

import tallystick.domain.payments.rules
import tallystick.integrations.postgres.defaults
import tallystick.lib.ids


class Migration(migrations.Migration):
    """Tables as models.py lays them out."""

    initial = True
    dependencies: ClassVar = [("ledger", "0002_keys")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("division_id", models.BigIntegerField(null=True)),
                ("method", models.TextField()),
                ("state", models.TextField(default=tallystick.domain.payments.rules.State["STARTED"])),
                ("amount_minor", models.BigIntegerField()),
                ("settled_minor", models.BigIntegerField(default=0)),
                ("reversed_minor", models.BigIntegerField(default=0)),
                ("currency", models.TextField()),
                ("reference", models.TextField()),
                ("received_date", models.DateField(null=True)),
                ("provider", models.TextField(default="")),
                ("provider_reference", models.TextField(default="")),
                ("return_url", models.TextField(default="")),
                ("redirect_url", models.TextField(default="")),
                ("calling_until", models.DateTimeField(null=True)),
                ("evidence", models.TextField(default="")),
                ("failure", models.TextField(default="")),
                ("idempotency_key", models.TextField()),
                ("fingerprint", models.TextField()),
                ("recording_key", models.TextField(default="")),
                ("recording_fingerprint", models.TextField(default="")),
                ("entered_by_id", models.BigIntegerField(null=True)),
                ("entered_by", models.TextField()),
                ("card_brand", models.TextField(default="")),
                ("card_last4", models.TextField(default="")),
                ("card_expiry", models.TextField(default="")),
                ("note", models.TextField(default="")),
                ("started_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["customer_id", "provider_reference"], name="payment_by_provider"),
                    models.Index(
                        condition=models.Q(("state", tallystick.domain.payments.rules.State["STARTED"])),
                        fields=["customer_id", "started_at"],
                        name="payment_started",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("customer_id", "idempotency_key"), name="payment_key_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("recording_key", ""), _negated=True),
                        fields=("customer_id", "recording_key"),
                        name="payment_recording_key_once",
                    ),
                    models.UniqueConstraint(fields=("customer_id", "reference"), name="payment_reference_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    tallystick.domain.payments.rules.State["STARTED"],
                                    tallystick.domain.payments.rules.State["SETTLED"],
                                    tallystick.domain.payments.rules.State["FAILED"],
                                    tallystick.domain.payments.rules.State["EXPIRED"],
                                    tallystick.domain.payments.rules.State["PARTIALLY_REVERSED"],
                                    tallystick.domain.payments.rules.State["REVERSED"],
                                ],
                            )
                        ),
                        name="payment_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "method__in",
                                [
                                    tallystick.domain.payments.rules.Method["CARD"],
                                    tallystick.domain.payments.rules.Method["BANK_TRANSFER"],
                                    tallystick.domain.payments.rules.Method["CHEQUE"],
                                    tallystick.domain.payments.rules.Method["OTHER"],
                                    tallystick.domain.payments.rules.Method["UNAPPLIED_CREDIT"],
                                    tallystick.domain.payments.rules.Method["BALANCE"],
                                ],
                            )
                        ),
                        name="payment_method",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0), ("reversed_minor__gte", 0), ("reversed_minor__lte", models.F("settled_minor"))),
                        name="payment_amounts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("settled_minor", 0),
                                (
                                    "state__in",
                                    [
                                        tallystick.domain.payments.rules.State["STARTED"],
                                        tallystick.domain.payments.rules.State["FAILED"],
                                        tallystick.domain.payments.rules.State["EXPIRED"],
                                    ],
                                ),
                            ),
                            models.Q(
                                models.Q(
                                    (
                                        "state__in",
                                        [
                                            tallystick.domain.payments.rules.State["STARTED"],
                                            tallystick.domain.payments.rules.State["FAILED"],
                                            tallystick.domain.payments.rules.State["EXPIRED"],
                                        ],
                                    ),
                                    _negated=True,
                                ),
                                ("settled_minor__gt", 0),
                            ),
                            _connector="OR",
                        ),
                        name="payment_settled_amount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("settled_minor", 0), models.Q(("evidence", ""), _negated=True), _connector="OR"),
                        name="payment_settled_by_evidence",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    tallystick.domain.payments.rules.State["STARTED"],
                                    tallystick.domain.payments.rules.State["FAILED"],
                                    tallystick.domain.payments.rules.State["EXPIRED"],
                                ],
                            ),
                            models.Q(("reversed_minor", 0), ("state", tallystick.domain.payments.rules.State["SETTLED"])),
                            models.Q(
                                ("reversed_minor__gt", 0),
                                ("reversed_minor__lt", models.F("settled_minor")),
                                ("state", tallystick.domain.payments.rules.State["PARTIALLY_REVERSED"]),
                            ),
                            models.Q(("reversed_minor", models.F("settled_minor")), ("state", tallystick.domain.payments.rules.State["REVERSED"])),
                            _connector="OR",
                        ),
                        name="payment_reversed_amount",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("payment_id", models.UUIDField()),
                ("invoice_id", models.UUIDField()),
                ("place", models.IntegerField()),
                ("amount_minor", models.BigIntegerField()),
                ("is_open", models.BooleanField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_open", True)), fields=("customer_id", "invoice_id"), name="one_open_card_attempt"
                    ),
                    models.UniqueConstraint(fields=("customer_id", "payment_id", "place"), name="attempt_place_once"),
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="attempt_amount"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Allocation",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("payment_id", models.UUIDField()),
                ("invoice_id", models.UUIDField()),
                ("place", models.IntegerField()),
                ("fund_id", models.BigIntegerField()),
                ("amount_minor", models.BigIntegerField()),
                ("split", models.JSONField()),
                ("left_split", models.JSONField()),
                ("reversed_minor", models.BigIntegerField(default=0)),
                ("journal_number", models.BigIntegerField(db_default=tallystick.integrations.postgres.defaults.JOURNAL_NUMBER)),
            ],
            options={
                "indexes": [models.Index(fields=["customer_id", "invoice_id"], name="allocation_of_invoice")],
                "constraints": [
                    models.UniqueConstraint(fields=("customer_id", "payment_id", "place"), name="allocation_place_once"),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0), ("reversed_minor__gte", 0), ("reversed_minor__lte", models.F("amount_minor"))),
                        name="allocation_amounts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Surplus",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("payment_id", models.UUIDField()),
                ("division_id", models.BigIntegerField()),
                ("fund_id", models.BigIntegerField()),
                ("amount_minor", models.BigIntegerField()),
                ("reversed_minor", models.BigIntegerField(default=0)),
                ("journal_number", models.BigIntegerField(db_default=tallystick.integrations.postgres.defaults.JOURNAL_NUMBER)),
            ],
            options={
                "indexes": [models.Index(fields=["customer_id", "payment_id"], name="surplus_of_payment")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0), ("reversed_minor__gte", 0), ("reversed_minor__lte", models.F("amount_minor"))),
                        name="surplus_amounts",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Deposit",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("division_id", models.BigIntegerField()),
                ("payment_id", models.UUIDField()),
                ("method", models.TextField()),
                ("state", models.TextField(default=tallystick.domain.payments.rules.DepositState["OPEN"])),
                ("net_minor", models.BigIntegerField()),
                ("untaxed_minor", models.BigIntegerField()),
                ("tax_minor", models.BigIntegerField()),
                ("reference", models.TextField()),
                ("requested_at", models.DateTimeField()),
                ("lapses_at", models.DateTimeField()),
                ("invoice_id", models.UUIDField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", tallystick.domain.payments.rules.DepositState["OPEN"])),
                        fields=["customer_id", "lapses_at"],
                        name="deposit_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("customer_id", "payment_id"), name="deposit_of_payment_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    tallystick.domain.payments.rules.DepositState["OPEN"],
                                    tallystick.domain.payments.rules.DepositState["SETTLED"],
                                    tallystick.domain.payments.rules.DepositState["LAPSED"],
                                ],
                            )
                        ),
                        name="deposit_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("net_minor__gt", 0), ("tax_minor__gte", 0), ("untaxed_minor__gte", 0), ("untaxed_minor__lte", models.F("net_minor"))
                        ),
                        name="deposit_amounts",
                    ),
                ],
            },
        ),
    ]
