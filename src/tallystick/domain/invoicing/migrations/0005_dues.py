"""Keep what is open by due day, and index what staff's list of all customers' invoices walks along."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q

from tallystick.integrations.postgres import schema

_LISTS = (
    models.Index(fields=["id"], name="invoice_newest"),
    models.Index(fields=["state", "id"], name="invoice_newest_of_state"),
    models.Index(fields=["id"], condition=Q(open_minor__gt=0), name="invoice_newest_open"),
    models.Index(fields=["id"], condition=Q(disputed=True), name="invoice_newest_disputed"),
    models.Index(fields=["customer_id", "division_id", "due_date", "id"], condition=Q(open_minor__gt=0), name="invoice_open_of_division"),
    models.Index(fields=["customer_id", "division_id"], condition=Q(open_minor__gt=0, kind="amount_owed"), name="invoice_open_owed"),
)


class Migration(migrations.Migration):
    """The table of days with its triggers, and indexes."""

    dependencies: ClassVar = [("invoicing", "0004_listing")]
    operations: ClassVar = [
        schema.Sql(__file__, "dues.sql"),
        schema.Own("invoicing_due", key=("customer_id", "division_id", "due_date", "is_funding")),
        *(migrations.AddIndex("invoice", one) for one in _LISTS),
    ]
