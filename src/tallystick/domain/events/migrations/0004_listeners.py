"""Let a customer's listeners call for a reaction to every one of its events."""

from typing import ClassVar

from django.db import migrations, models

from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """Table, rights, and the numbering step that looks into it."""

    dependencies: ClassVar = [("events", "0003_newest")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Listener",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.TextField(primary_key=True, serialize=False)),
            ],
        ),
        schema.Own("events_listener", pages="si", worker="s"),
        migrations.RunSQL(
            "grant select on events_listener to tallystick_door;\ncreate policy door on events_listener for select to tallystick_door using (true)"
        ),
        schema.Sql(__file__, "listening.sql"),
    ]
