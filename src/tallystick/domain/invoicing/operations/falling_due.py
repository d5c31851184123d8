"""Tell that invoices are overdue: once each, on the first day after the due day in the legal entity's zone."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from tallystick.domain.customers import rules as customers
from tallystick.domain.invoicing import models, rules
from tallystick.domain.invoicing.operations import figures
from tallystick.integrations.postgres import scope


@scope.retrying
def tell_overdue(*, customer_id: int, invoice_ids: Sequence[UUID], today: date, now: datetime) -> int:
    """Record `invoice.overdue` for each of them that is open after its due day and was not told before; tell how many.

    What was paid and is opened again by a bounce is not told a second time: `invoice.reopened` says so. Raises InvoiceNotFound.
    """
    viewer = customers.system(customer_id)
    with scope.of(viewer):
        found = [locked.row for locked in figures.lock(customer_id=customer_id, invoice_ids=invoice_ids).values()]
        late = [row for row in found if row.overdue_at is None and rules.is_overdue(row.due_date, open_minor=row.open_minor, today=today)]
        models.Invoice.objects.filter(customer_id=customer_id, id__in=[row.id for row in late]).update(overdue_at=now)
        for row in late:
            figures.record(invoice=row, kind="invoice.overdue", viewer=viewer)
    return len(late)
