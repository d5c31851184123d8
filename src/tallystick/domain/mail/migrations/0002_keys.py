"""Make mails, what they are about, tries and silences a customer's own; the worker writes, staff steer, pages read."""

from typing import ClassVar

from django.db import migrations

from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """Keys, rights and references."""

    dependencies: ClassVar = [("mail", "0001_initial"), ("events", "0004_listeners"), ("customers", "0002_keys")]
    operations: ClassVar = [
        schema.Own("mail_mail", pages="s", operator="siu", worker="siu"),
        schema.Refer("mail_mail", ("customer_id", "previous_id"), "mail_mail"),
        schema.Own("mail_topic", pages="s", operator="si", worker="si"),
        schema.Refer("mail_topic", ("customer_id", "mail_id"), "mail_mail"),
        schema.Refer("mail_topic", ("customer_id", "event_id"), "events_event"),
        schema.AppendOnly("mail_topic"),
        schema.Own("mail_attempt", pages="s", operator="s", worker="siu"),
        schema.Refer("mail_attempt", ("customer_id", "mail_id"), "mail_mail"),
        schema.Own("mail_silence", pages="si", operator="s", worker="si"),
    ]
