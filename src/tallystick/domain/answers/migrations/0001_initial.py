"""Remember answers."""

import django.db.models.functions.datetime
from django.db import migrations, models

import tallystick.lib.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=tallystick.lib.ids.new, primary_key=True, serialize=False)),
                ("key_sha256", models.TextField()),
                ("fingerprint", models.TextField()),
                ("status", models.IntegerField(null=True)),
                ("headers", models.JSONField(default=dict)),
                ("body", models.TextField(blank=True, default="")),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("kept_until", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["customer_id", "kept_until"], name="answer_kept_until")],
                "constraints": [models.UniqueConstraint(fields=("customer_id", "key_sha256"), name="one_answer_per_key")],
            },
        ),
    ]
