"""Keep with a document which characters of its facts no font could draw."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """The column, whose document it is, and an index of the few documents that have something in it."""

    dependencies: ClassVar = [("invoicing", "0007_overdue")]
    operations: ClassVar = [
        migrations.AddField("document", "subject_id", models.UUIDField(null=True)),
        migrations.AddField("document", "replaced", models.TextField(blank=True, db_default="", default="")),
        migrations.AddIndex("document", models.Index(fields=["-made_at"], condition=~Q(replaced=""), name="document_replaced")),
    ]
