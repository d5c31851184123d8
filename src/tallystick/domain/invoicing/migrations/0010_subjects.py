"""Find a document by its subject: receipts and monthly statements stand on no row that names their hash."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """One index."""

    dependencies: ClassVar = [("invoicing", "0009_einvoices")]
    operations: ClassVar = [
        migrations.AddIndex(
            "document", models.Index(fields=["customer_id", "subject_id"], condition=Q(subject_id__isnull=False), name="document_of_subject")
        ),
    ]
