"""Ask for what was given up of invoices, and what waits for a decision."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.invoicing import models
from tallystick.domain.invoicing.operations.refusals import WriteOffNotFound
from tallystick.integrations.postgres import scope
from tallystick.lib import texts


@dataclass(frozen=True, slots=True)
class WriteOffView:
    """Show one write-off with the number of its invoice."""

    id: UUID
    invoice_id: UUID
    invoice_number: str
    state: str
    is_bad_debt: bool
    reason: str
    currency: str
    amount_minor: int
    requested_by: int | None
    requested_by_name: str
    requested_at: datetime
    decided_by_name: str
    decision_text: str


def write_offs(*, viewer: Viewer, invoice_id: UUID | None = None, state: str = "") -> list[WriteOffView]:
    """List write-offs for staff, newest first: of one invoice, or of all in a state. Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        rows = models.WriteOff.objects.order_by("-id")
        rows = rows.filter(invoice_id=invoice_id) if invoice_id else rows
        rows = rows.filter(state=state) if state else rows
        return _shown(list(rows[:200]))


def write_off(*, viewer: Viewer, write_off_id: UUID) -> WriteOffView:
    """Load one write-off for staff. Raises NotAllowed, WriteOffNotFound."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        found = _shown(list(models.WriteOff.objects.filter(id=write_off_id)))
    if not found:
        raise WriteOffNotFound(texts.marked("There is no such write-off."))
    return found[0]


def _shown(rows: list[models.WriteOff]) -> list[WriteOffView]:
    numbers = dict(models.Invoice.objects.filter(id__in=[row.invoice_id for row in rows]).values_list("id", "number"))
    return [
        WriteOffView(
            row.id,
            row.invoice_id,
            numbers[row.invoice_id],
            row.state,
            row.is_bad_debt,
            row.reason,
            row.currency,
            row.amount_minor,
            row.requested_by,
            row.requested_by_name,
            row.requested_at,
            row.decided_by_name,
            row.decision_text,
        )
        for row in rows
    ]
