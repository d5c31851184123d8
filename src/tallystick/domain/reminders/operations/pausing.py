"""Pause the reminders of a customer or of one invoice until a day, with a reason, and lift the pause."""

from datetime import date, datetime
from uuid import UUID

from tallystick.domain.customers import queries as directory
from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.invoicing import models as invoicing
from tallystick.domain.reminders import models, rules
from tallystick.domain.reminders.operations import alone
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, texts


class PauseNotFound(errors.NotFound):
    """Say that nothing is paused here."""

    code = "reminder_pause_not_found"


@scope.retrying
def pause_reminders(*, viewer: Viewer, customer_id: int, invoice_id: UUID | None = None, until: date, reason: str, now: datetime) -> UUID:
    """Send no reminders of an invoice, or to a customer, to the end of a day; another pause in force is replaced. Tell its id.

    Raises NotAllowed, NotFound, Invalid.
    """
    permit(viewer, Act.ENTER)
    written = reason.strip()
    if not 0 < len(written) <= rules.LONGEST_REASON:
        raise errors.Invalid(texts.marked("Say why, in at most %(most)s characters.", most=rules.LONGEST_REASON), field="reason")
    with scope.of(viewer):
        if until < directory.today(viewer=viewer, customer_id=customer_id, now=now):
            raise errors.Invalid(texts.marked("Choose today or a day to come."), field="until")
        _lock(viewer, customer_id, invoice_id)
        _lifted(viewer, customer_id, invoice_id, now)
        made = models.Pause.objects.create(
            customer_id=customer_id, invoice_id=invoice_id, until=until, reason=written, paused_at=now, paused_by=viewer.name
        )
    return made.id


@scope.retrying
def lift_pause(*, viewer: Viewer, customer_id: int, invoice_id: UUID | None = None, now: datetime) -> None:
    """End a pause before its day. Raises NotAllowed, NotFound, PauseNotFound."""
    permit(viewer, Act.ENTER)
    with scope.of(viewer):
        _lock(viewer, customer_id, invoice_id)
        if not _lifted(viewer, customer_id, invoice_id, now):
            raise PauseNotFound(texts.marked("Reminders are not paused here."))


def _lock(viewer: Viewer, customer_id: int, invoice_id: UUID | None) -> None:
    """Keep what is paused against a reminder that is just being written. Raises NotFound."""
    directory.customer(viewer=viewer, customer_id=customer_id)
    if invoice_id is not None and not invoicing.Invoice.objects.filter(customer_id=customer_id, id=invoice_id).exists():
        raise errors.NotFound(texts.marked("There is no such invoice."))
    alone.lock(customer_id)


def _lifted(viewer: Viewer, customer_id: int, invoice_id: UUID | None, now: datetime) -> int:
    rows = models.Pause.objects.filter(customer_id=customer_id, invoice_id=invoice_id, lifted_at=None)
    return rows.update(lifted_at=now, lifted_by=viewer.name)
