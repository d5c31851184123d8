"""Make the tables of endpoints, secrets, messages and tries."""

from typing import ClassVar

from django.db import migrations, models

import tallystick.lib.ids

_OFF = ["", "person", "gone", "failing"]
_STATES = ["waiting", "delivered", "failed", "stopped"]
_CAUSES = ["event", "resent", "replayed", "test"]


class Migration(migrations.Migration):
    """Four tables."""

    initial = True
    dependencies: ClassVar = []
    operations: ClassVar = [
        migrations.CreateModel(
            name="Endpoint",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("url", models.TextField()),
                ("description", models.TextField(blank=True)),
                ("kinds", models.JSONField(default=list)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.TextField()),
                ("off_reason", models.TextField(blank=True)),
                ("off_at", models.DateTimeField(null=True)),
                ("failing_since", models.DateTimeField(null=True)),
                ("failures", models.IntegerField(default=0)),
                ("quiet_until", models.DateTimeField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(off_reason__in=_OFF), name="webhook_off_reason"),
                    models.UniqueConstraint(
                        fields=["customer_id", "url"], condition=models.Q(removed_at__isnull=True), name="one_webhook_endpoint_per_url"
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="Secret",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("endpoint_id", models.UUIDField()),
                ("secret", models.TextField()),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("endpoint_id", models.UUIDField()),
                ("event_id", models.UUIDField(null=True)),
                ("number", models.BigIntegerField(null=True)),
                ("kind", models.TextField()),
                ("cause", models.TextField(default="event")),
                ("asked_by", models.TextField(blank=True)),
                ("state", models.TextField(default="waiting")),
                ("attempts", models.IntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("first_at", models.DateTimeField(null=True)),
                ("next_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("last_status", models.IntegerField(null=True)),
                ("last_error", models.TextField(blank=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(state__in=_STATES), name="webhook_delivery_state"),
                    models.CheckConstraint(condition=models.Q(cause__in=_CAUSES), name="webhook_delivery_cause"),
                    models.CheckConstraint(
                        condition=models.Q(state="waiting", ended_at__isnull=True) | models.Q(~models.Q(state="waiting"), ended_at__isnull=False),
                        name="webhook_delivery_ends",
                    ),
                    models.UniqueConstraint(
                        fields=["customer_id", "endpoint_id", "event_id"],
                        condition=models.Q(cause="event"),
                        name="one_webhook_per_endpoint_and_event",
                    ),
                ],
                "indexes": [models.Index(fields=["customer_id", "endpoint_id", "-id"], name="webhook_log")],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("delivery_id", models.UUIDField()),
                ("made_at", models.DateTimeField()),
                ("status", models.IntegerField(null=True)),
                ("error", models.TextField(blank=True)),
                ("milliseconds", models.IntegerField()),
            ],
            options={"indexes": [models.Index(fields=["customer_id", "delivery_id"], name="webhook_tries")]},
        ),
    ]
