"""Give up what will not be paid: a shortage within the tolerance at once, a bad debt when another person approves it."""

from datetime import datetime
from uuid import UUID

from tallystick.domain.customers import queries as settings
from tallystick.domain.customers import rules as customers
from tallystick.domain.funds import operations as funds
from tallystick.domain.invoicing import entries, models, rules
from tallystick.domain.invoicing.operations import closing, figures, four_eyes, refusals
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids, money, texts


@scope.retrying
def write_off(*, viewer: customers.Viewer, invoice_id: UUID, amount_minor: int, reason: str, now: datetime) -> models.WriteOff:
    """Write an amount of what is open off; never of a funding invoice.

    An approver does so alone as long as all that was ever written off of the invoice is within the tolerance of its currency. Everything else
    is a bad debt, which waits as a request until another person approves it; nothing is posted before.
    Raises NotAllowed, InvoiceNotFound, NotWrittenOff, InvoiceNotOpen, AmountAboveOpen, WriteOffWaiting, Invalid. Source: money.md section 4.
    """
    customers.permit(viewer, customers.Act.ENTER)
    why = closing.reason_of(reason)
    with scope.of(viewer):
        locked = figures.lock_seen(viewer=viewer, invoice_id=invoice_id)
        row = locked.row
        _require_open(row, amount_minor)
        own = models.WriteOff.objects.filter(customer_id=row.customer_id, invoice_id=row.id)
        if own.filter(state=rules.CreditState.REQUESTED).exists():
            raise refusals.WriteOffWaiting(texts.marked("A write-off of %(number)s waits for a decision. Have it decided first.", number=row.number))
        within = row.written_off_minor + amount_minor <= settings.write_off_tolerance(currency=row.currency)
        asked = models.WriteOff(
            customer_id=row.customer_id,
            id=ids.new(),
            invoice_id=row.id,
            state=rules.CreditState.REQUESTED,
            is_bad_debt=not within,
            reason=why,
            currency=row.currency,
            amount_minor=amount_minor,
            requested_by=viewer.person_id,
            requested_by_name=viewer.name,
            requested_at=now,
        )
        if within and customers.permits(viewer, customers.Act.APPROVE):
            _decide(asked, rules.CreditState.APPROVED, viewer, now)
            _post(asked, locked, viewer)
        else:
            _record(asked, row, "invoice.write_off_requested", viewer)
        asked.save(force_insert=True)
    return asked


@scope.retrying
def approve_write_off(*, viewer: customers.Viewer, write_off_id: UUID, now: datetime) -> models.WriteOff:
    """Post a write-off that another person asked for. Raises NotAllowed, SamePerson, WriteOffNotFound, WriteOffDecided, AmountAboveOpen."""
    customers.permit(viewer, customers.Act.APPROVE)
    with scope.of(viewer):
        locked, asked = _lock_requested(viewer, write_off_id)
        four_eyes.require_another(viewer=viewer, person_id=asked.requested_by)
        _require_open(locked.row, asked.amount_minor)
        _decide(asked, rules.CreditState.APPROVED, viewer, now)
        _post(asked, locked, viewer)
        asked.save(force_update=True)
    return asked


@scope.retrying
def decline_write_off(*, viewer: customers.Viewer, write_off_id: UUID, text: str, now: datetime) -> models.WriteOff:
    """Turn a write-off down, with a word why. Raises NotAllowed, SamePerson, WriteOffNotFound, WriteOffDecided, Invalid."""
    customers.permit(viewer, customers.Act.APPROVE)
    why = closing.reason_of(text)
    with scope.of(viewer):
        locked, asked = _lock_requested(viewer, write_off_id)
        four_eyes.require_another(viewer=viewer, person_id=asked.requested_by)
        _decide(asked, rules.CreditState.DECLINED, viewer, now)
        asked.decision_text = why
        asked.save(force_update=True)
        _record(asked, locked.row, "invoice.write_off_declined", viewer)
    return asked


def _lock_requested(viewer: customers.Viewer, write_off_id: UUID) -> tuple[figures.Locked, models.WriteOff]:
    """Lock the invoice first: whoever decides on one of its write-offs waits for it."""
    invoice_id = models.WriteOff.objects.filter(id=write_off_id).values_list("invoice_id", flat=True).first()
    if invoice_id is None:
        raise refusals.WriteOffNotFound(texts.marked("There is no such write-off."))
    locked = figures.lock_seen(viewer=viewer, invoice_id=invoice_id)
    asked = models.WriteOff.objects.get(customer_id=locked.row.customer_id, id=write_off_id)
    if asked.state != rules.CreditState.REQUESTED:
        raise refusals.WriteOffDecided(texts.marked("This write-off was %(state)s by %(name)s.", state=asked.state, name=asked.decided_by_name))
    return locked, asked


def _require_open(invoice: models.Invoice, amount_minor: int) -> None:
    if invoice.kind == rules.Kind.FUNDING:
        raise refusals.NotWrittenOff(texts.marked("%(number)s brings funds. Issue a credit note for what is not paid.", number=invoice.number))
    if invoice.open_minor == 0:
        raise refusals.InvoiceNotOpen(texts.marked("%(number)s has nothing open.", number=invoice.number))
    if amount_minor <= 0:
        raise errors.Invalid(texts.marked("Enter an amount above zero."), field="amount")
    if amount_minor > invoice.open_minor:
        shown = money.shown(invoice.open_minor, invoice.currency)
        raise refusals.AmountAboveOpen(
            texts.marked(
                "%(number)s has %(amount)s %(currency)s open. Write off at most that.", number=invoice.number, amount=shown, currency=invoice.currency
            ),
            facts={"open_minor": invoice.open_minor},
        )


def _decide(asked: models.WriteOff, state: rules.CreditState, viewer: customers.Viewer, now: datetime) -> None:
    assert state in rules.CREDIT_TRANSITIONS[rules.CreditState(asked.state)], "a state follows its table"
    asked.state = state
    asked.decided_by, asked.decided_by_name, asked.decided_at = viewer.person_id, viewer.name, now


def _post(asked: models.WriteOff, locked: figures.Locked, viewer: customers.Viewer) -> None:
    funds.post(customer_id=asked.customer_id, entries=[entries.written_off(figures.subject(invoice=locked.row), asked.amount_minor)])
    nothing = figures.nothing(locked)
    gone = rules.split_over(asked.amount_minor, locked.still_open)
    by = figures.Move(still_open=nothing.minus(gone), paid=nothing, written_off_minor=asked.amount_minor)
    figures.move(moves=[(locked, by)], viewer=viewer)
    _record(asked, locked.row, "invoice.written_off", viewer)


def _record(asked: models.WriteOff, invoice: models.Invoice, kind: str, viewer: customers.Viewer) -> None:
    amount = money.text(asked.amount_minor, asked.currency)
    figures.record(
        invoice=invoice,
        kind=kind,
        viewer=viewer,
        reason=asked.reason,
        written_off=amount,
        is_bad_debt=asked.is_bad_debt,
        asked_by=asked.requested_by_name,
    )
