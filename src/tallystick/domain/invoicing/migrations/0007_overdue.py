"""Keep when an invoice was told to be overdue, so that it is told once."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q

from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """A mark, an index of what has none and is open, and the worker's question."""

    dependencies: ClassVar = [("invoicing", "0006_exports_elsewhere"), ("customers", "0002_keys")]
    operations: ClassVar = [
        migrations.AddField("invoice", "overdue_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "invoice", models.Index(fields=["due_date", "id"], condition=Q(open_minor__gt=0, overdue_at__isnull=True), name="invoice_not_told")
        ),
        schema.Sql(__file__, "overdue.sql"),
    ]
