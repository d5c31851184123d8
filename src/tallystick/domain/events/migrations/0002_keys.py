"""Make events append-only and a customer's own; share the queues, which hold ids only."""

from typing import ClassVar

from django.db import migrations

from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """Keys, rights and functions of events."""

    dependencies: ClassVar = [("events", "0001_initial")]
    operations: ClassVar = [
        schema.Sql(__file__, "append_only.sql"),
        schema.Own("events_event", pages="si"),
        schema.AppendOnly("events_event"),
        schema.Own("events_number", pages="s"),
        schema.Refer("events_number", ("customer_id", "event_id"), "events_event"),
        schema.Share("events_unnumbered", pages="si", operator="si", worker="si"),
        schema.Share("events_job", pages="i", operator="siu", worker="siud"),
        schema.Sql(__file__, "number.sql"),
    ]
