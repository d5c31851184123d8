"""Make the tables of mails, what they are about, tries and silences."""

from typing import ClassVar

from django.db import migrations, models

import tallystick.domain.mail.rules
import tallystick.lib.ids


class Migration(migrations.Migration):
    """Four tables."""

    initial = True

    dependencies: ClassVar = []

    operations: ClassVar = [
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("mail_id", models.UUIDField()),
                ("source", models.TextField(default=tallystick.domain.mail.rules.Source["SERVER"])),
                ("server", models.TextField(blank=True)),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("code", models.IntegerField(null=True)),
                ("answer", models.TextField(blank=True)),
            ],
            options={
                "indexes": [models.Index(fields=["customer_id", "mail_id"], name="mail_tries")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "source__in",
                                [
                                    tallystick.domain.mail.rules.Source["SERVER"],
                                    tallystick.domain.mail.rules.Source["REPORT"],
                                    tallystick.domain.mail.rules.Source["PROVIDER"],
                                ],
                            )
                        ),
                        name="mail_attempt_source",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Mail",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("cause", models.TextField(default=tallystick.domain.mail.rules.Cause["EVENT"])),
                ("state", models.TextField(default=tallystick.domain.mail.rules.State["QUEUED"])),
                ("address", models.TextField()),
                ("name", models.TextField(blank=True)),
                ("role", models.TextField()),
                ("locale", models.TextField()),
                ("division_id", models.BigIntegerField(null=True)),
                ("parts", models.JSONField(default=list)),
                ("next_contacts", models.JSONField(default=list)),
                ("previous_id", models.UUIDField(null=True)),
                ("asked_by", models.TextField(blank=True)),
                ("queued_at", models.DateTimeField()),
                ("send_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("message_id", models.TextField(blank=True)),
                ("sender", models.TextField(blank=True)),
                ("subject", models.TextField(blank=True)),
                ("html", models.TextField(blank=True)),
                ("text", models.TextField(blank=True)),
                ("headers", models.JSONField(default=dict)),
                ("enclosed", models.JSONField(default=list)),
                ("leased_until", models.DateTimeField(null=True)),
                ("attempts", models.IntegerField(default=0)),
                ("first_at", models.DateTimeField(null=True)),
                ("next_at", models.DateTimeField(null=True)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("dealt_at", models.DateTimeField(null=True)),
                ("last_code", models.IntegerField(null=True)),
                ("last_answer", models.TextField(blank=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["id"], name="mail_newest"),
                    models.Index(fields=["state", "id"], name="mail_newest_of_state"),
                    models.Index(fields=["customer_id", "-id"], name="mail_of_customer"),
                    models.Index(
                        condition=models.Q(
                            ("dealt_at__isnull", True),
                            (
                                "state__in",
                                [
                                    tallystick.domain.mail.rules.State["BOUNCED"],
                                    tallystick.domain.mail.rules.State["FAILED"],
                                    tallystick.domain.mail.rules.State["COMPLAINED"],
                                ],
                            ),
                        ),
                        fields=["id"],
                        name="mail_in_trouble",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    tallystick.domain.mail.rules.State["QUEUED"],
                                    tallystick.domain.mail.rules.State["ACCEPTED"],
                                    tallystick.domain.mail.rules.State["DELIVERED"],
                                    tallystick.domain.mail.rules.State["BOUNCED"],
                                    tallystick.domain.mail.rules.State["COMPLAINED"],
                                    tallystick.domain.mail.rules.State["FAILED"],
                                ],
                            )
                        ),
                        name="mail_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    tallystick.domain.mail.rules.Kind["INVOICE_ISSUED"],
                                    tallystick.domain.mail.rules.Kind["ORDER_RECEIVED"],
                                    tallystick.domain.mail.rules.Kind["ORDER_REJECTED"],
                                    tallystick.domain.mail.rules.Kind["PAYMENT_RECEIVED"],
                                    tallystick.domain.mail.rules.Kind["BALANCE_LOW"],
                                    tallystick.domain.mail.rules.Kind["CREDIT_LIMIT_REACHED"],
                                ],
                            )
                        ),
                        name="mail_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "cause__in",
                                [
                                    tallystick.domain.mail.rules.Cause["EVENT"],
                                    tallystick.domain.mail.rules.Cause["NEXT_CONTACT"],
                                    tallystick.domain.mail.rules.Cause["RESENT"],
                                ],
                            )
                        ),
                        name="mail_cause",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["accepted", "delivered", "complained"]), _negated=True),
                            ("accepted_at__isnull", False),
                            _connector="OR",
                        ),
                        name="mail_sent_was_accepted",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("cause", "event"), ("closed_at__isnull", True), ("kind", "invoice_issued")),
                        fields=("customer_id", "kind", "address", "locale"),
                        name="one_mail_gathers",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Silence",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("address_key", models.TextField()),
                ("since", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("customer_id", "address_key"), name="one_silence_per_address")],
            },
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("mail_id", models.UUIDField()),
                ("event_id", models.UUIDField()),
                ("subject_id", models.TextField()),
                ("address_key", models.TextField()),
                ("is_copy", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["customer_id", "subject_id"], name="mail_about"),
                    models.Index(fields=["customer_id", "mail_id"], name="mail_topics"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_copy", False)),
                        fields=("customer_id", "event_id", "address_key", "subject_id"),
                        name="told_once_to_each_address",
                    )
                ],
            },
        ),
    ]
