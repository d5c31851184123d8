"""Let staff list the newest reminders of all customers."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """One index."""

    dependencies: ClassVar = [("reminders", "0002_keys")]
    operations: ClassVar = [migrations.AddIndex("reminder", models.Index(fields=["id"], name="reminder_newest"))]
