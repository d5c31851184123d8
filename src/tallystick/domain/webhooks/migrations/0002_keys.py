"""Make endpoints, secrets, messages and tries a customer's own; pages write secrets and never read one."""

from typing import ClassVar

from django.db import migrations

from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """Keys, rights and references."""

    dependencies: ClassVar = [("webhooks", "0001_initial"), ("events", "0004_listeners"), ("customers", "0002_keys")]
    operations: ClassVar = [
        schema.Own("webhooks_endpoint", operator="s", worker="su"),
        schema.Own("webhooks_secret", pages="", operator="", worker="s"),
        migrations.RunSQL(
            "grant insert, select (customer_id, id, endpoint_id, created_at, expires_at), update (expires_at) on webhooks_secret to tallystick_web"
        ),
        schema.Refer("webhooks_secret", ("customer_id", "endpoint_id"), "webhooks_endpoint"),
        schema.Own("webhooks_delivery", pages="si", operator="s", worker="siu"),
        schema.Refer("webhooks_delivery", ("customer_id", "endpoint_id"), "webhooks_endpoint"),
        schema.Refer("webhooks_delivery", ("customer_id", "event_id"), "events_event"),
        schema.Own("webhooks_attempt", pages="s", operator="s", worker="si"),
        schema.Refer("webhooks_attempt", ("customer_id", "delivery_id"), "webhooks_delivery"),
        schema.AppendOnly("webhooks_attempt"),
    ]
