"""Keep of a hold when its asker wanted it to lapse, so that a repeat can be told from another request."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column of holds."""

    dependencies: ClassVar = [("funds", "0006_alerts")]
    operations: ClassVar = [migrations.AddField("hold", "named_lapse_at", models.DateTimeField(null=True))]
