"""Make the tables of groups, members, pauses, reminders and turns."""

from typing import ClassVar

from django.db import migrations, models

import tallystick.domain.reminders.rules
import tallystick.lib.ids


class Migration(migrations.Migration):
    """Six tables."""

    initial = True

    dependencies: ClassVar = []

    operations: ClassVar = [
        migrations.CreateModel(
            name="Group",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.TextField(unique=True)),
                ("steps", models.JSONField()),
                ("is_default", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("is_default", True)), fields=("is_default",), name="one_default_group"),
                    models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="group_is_named"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("group_id", models.BigIntegerField()),
                ("since", models.DateTimeField()),
                ("changed_by", models.TextField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("customer_id",), name="one_group_per_customer")],
            },
        ),
        migrations.CreateModel(
            name="Pause",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("invoice_id", models.UUIDField(null=True)),
                ("until", models.DateField()),
                ("reason", models.TextField()),
                ("paused_at", models.DateTimeField()),
                ("paused_by", models.TextField()),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_by", models.TextField(default="")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at__isnull", True)),
                        fields=("customer_id", "invoice_id"),
                        name="one_pause_at_a_time",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="pause_has_a_reason"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("tone", models.TextField()),
                ("asked_by", models.TextField(default="")),
                ("queued_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "tone__in",
                                [
                                    tallystick.domain.reminders.rules.Tone["NOTICE"],
                                    tallystick.domain.reminders.rules.Tone["FRIENDLY"],
                                    tallystick.domain.reminders.rules.Tone["PLAIN"],
                                    tallystick.domain.reminders.rules.Tone["LAST"],
                                ],
                            )
                        ),
                        name="reminder_tone",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Told",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("reminder_id", models.UUIDField()),
                ("invoice_id", models.UUIDField()),
                ("step", models.IntegerField()),
                ("tone", models.TextField()),
                ("day", models.DateField()),
                ("open_minor", models.BigIntegerField()),
                ("owed_minor", models.BigIntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["customer_id", "reminder_id"], name="told_by_reminder")],
                "constraints": [
                    models.UniqueConstraint(fields=("customer_id", "invoice_id", "step"), name="told_once_at_each_step"),
                    models.CheckConstraint(
                        condition=models.Q(("owed_minor__gt", 0), models.Q(("step", 0), _negated=True)), name="told_of_what_is_owed"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "tone__in",
                                [
                                    tallystick.domain.reminders.rules.Tone["NOTICE"],
                                    tallystick.domain.reminders.rules.Tone["FRIENDLY"],
                                    tallystick.domain.reminders.rules.Tone["PLAIN"],
                                    tallystick.domain.reminders.rules.Tone["LAST"],
                                ],
                            )
                        ),
                        name="told_tone",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Turn",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("looked_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("customer_id",), name="one_turn_per_customer")],
            },
        ),
    ]
