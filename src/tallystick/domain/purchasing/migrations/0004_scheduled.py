"""Keep approvals from the page until their moment; customers neither see nor write them."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q

import tallystick.lib.ids
from tallystick.integrations.postgres import schema

_STATES = ["waiting", "approved", "cancelled", "refused"]


class Migration(migrations.Migration):
    """Table, keys and rights of scheduled approvals."""

    dependencies: ClassVar = [("purchasing", "0003_listing")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="ScheduledApproval",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("purchase_order_id", models.UUIDField()),
                ("revision", models.IntegerField()),
                ("state", models.TextField(default="waiting")),
                ("person_id", models.BigIntegerField()),
                ("person_name", models.TextField()),
                ("scheduled_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.TextField(blank=True)),
                ("refusal", models.TextField(blank=True)),
                ("invoice_id", models.UUIDField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(state__in=_STATES), name="scheduled_approval_state"),
                    models.CheckConstraint(
                        condition=Q(state="waiting", ended_at__isnull=True) | Q(~Q(state="waiting"), ended_at__isnull=False),
                        name="scheduled_approval_ends",
                    ),
                    models.CheckConstraint(
                        condition=Q(state="approved", invoice_id__isnull=False) | Q(~Q(state="approved"), invoice_id__isnull=True),
                        name="scheduled_approval_has_invoice",
                    ),
                    models.UniqueConstraint(
                        fields=["customer_id", "purchase_order_id"], condition=Q(state="waiting"), name="one_scheduled_approval_per_order"
                    ),
                ],
                "indexes": [
                    models.Index(fields=["due_at"], condition=Q(state="waiting"), name="scheduled_approval_waiting"),
                    models.Index(fields=["person_id", "ended_at"], name="scheduled_approval_of_person"),
                ],
            },
        ),
        schema.Own("purchasing_scheduledapproval", pages="", operator="siu", worker="s"),
        schema.Refer("purchasing_scheduledapproval", ("customer_id", "purchase_order_id"), "purchasing_purchaseorder"),
        schema.Refer("purchasing_scheduledapproval", ("customer_id", "invoice_id"), "invoicing_invoice"),
    ]
