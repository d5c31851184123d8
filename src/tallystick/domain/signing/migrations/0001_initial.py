"""Make the tables of signing keys; pages read the public halves, only the worker and the operator the locked private ones."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from tallystick.integrations.postgres import schema
from tallystick.lib import ids

_STATES = ["current", "ended", "withdrawn"]


class Migration(migrations.Migration):
    """Two tables and their rights."""

    initial = True
    dependencies: ClassVar = [("customers", "0002_keys"), ("events", "0002_keys")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key_id", models.TextField(unique=True)),
                ("public", models.BinaryField()),
                ("locked", models.BinaryField(null=True)),
                ("state", models.TextField(default="current")),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("legal_entity", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="customers.legalentity")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(state__in=_STATES), name="signing_key_state"),
                    models.CheckConstraint(
                        condition=models.Q(state="current", locked__isnull=False, ended_at__isnull=True)
                        | models.Q(~models.Q(state="current"), locked__isnull=True, ended_at__isnull=False),
                        name="signing_key_forgotten_at_its_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(state="withdrawn", withdrawn_at__isnull=False)
                        | models.Q(~models.Q(state="withdrawn"), withdrawn_at__isnull=True),
                        name="signing_key_withdrawn",
                    ),
                    models.UniqueConstraint(fields=["legal_entity"], condition=models.Q(state="current"), name="one_key_signs"),
                ]
            },
        ),
        migrations.CreateModel(
            name="KeyChange",
            fields=[
                ("id", models.UUIDField(default=ids.new, primary_key=True, serialize=False)),
                ("key_id", models.TextField()),
                ("kind", models.TextField()),
                ("changed_at", models.DateTimeField()),
                ("person_id", models.BigIntegerField(null=True)),
                ("viewer_name", models.TextField()),
            ],
        ),
        schema.Share("signing_signingkey", pages="", operator="siu", worker="si"),
        migrations.RunSQL(
            "grant select (id, legal_entity_id, key_id, public, state, made_at, ended_at, withdrawn_at) on signing_signingkey to tallystick_web"
        ),
        schema.Share("signing_keychange", pages="", operator="si", worker="i"),
        schema.AppendOnly("signing_keychange"),
    ]
