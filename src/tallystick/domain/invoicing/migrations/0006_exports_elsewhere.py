"""Leave the files that people ask for to a subject of their own: they hold more than invoices by now, and are kept for a day only."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    """Take the table of exports away."""

    dependencies: ClassVar = [("invoicing", "0005_dues")]
    operations: ClassVar = [migrations.DeleteModel("Export")]
