"""Make pauses, groups' members and reminders a customer's own; staff steer, the worker writes what it sent. Put in the default schedule."""

from typing import ClassVar

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from tallystick.domain.reminders import rules
from tallystick.integrations.postgres import schema


def _standard(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    group = apps.get_model("reminders", "Group")
    steps = [[step.days, str(step.tone)] for step in rules.DEFAULT]
    group.objects.using(editor.connection.alias).create(name=rules.STANDARD, steps=steps, is_default=True)


class Migration(migrations.Migration):
    """Keys, rights, references, the worker's question and the default."""

    dependencies: ClassVar = [("reminders", "0001_initial"), ("invoicing", "0010_subjects"), ("customers", "0009_zones"), ("events", "0002_keys")]
    operations: ClassVar = [
        schema.Share("reminders_group", pages="", operator="siu", worker="s"),
        schema.Own("reminders_membership", pages="", operator="siu", worker="s"),
        schema.Own("reminders_pause", pages="", operator="siu", worker="s"),
        schema.Refer("reminders_pause", ("customer_id", "invoice_id"), "invoicing_invoice"),
        schema.Own("reminders_reminder", pages="", operator="si", worker="si"),
        schema.AppendOnly("reminders_reminder"),
        schema.Own("reminders_told", pages="", operator="si", worker="si"),
        schema.Refer("reminders_told", ("customer_id", "reminder_id"), "reminders_reminder"),
        schema.Refer("reminders_told", ("customer_id", "invoice_id"), "invoicing_invoice"),
        schema.AppendOnly("reminders_told"),
        schema.Own("reminders_turn", pages="", operator="s", worker="siu"),
        schema.Sql(__file__, "waiting.sql"),
        migrations.RunPython(_standard),
    ]
