"""Let the worker forget messages that ended long ago."""

from typing import ClassVar

from django.db import migrations, models

from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """An index of when messages ended, and the function that takes the oldest away."""

    dependencies: ClassVar = [("webhooks", "0002_keys")]
    operations: ClassVar = [
        migrations.AddIndex("delivery", models.Index(fields=["ended_at"], condition=models.Q(ended_at__isnull=False), name="webhook_ended")),
        schema.Sql(__file__, "prune.sql"),
    ]
