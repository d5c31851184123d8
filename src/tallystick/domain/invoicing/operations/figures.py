"""Lock invoices, and move their figures and states together with the parts of their rates: the only place that does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tallystick.domain.customers import rules as customers
from tallystick.domain.events import operations as events
from tallystick.domain.funds import operations as funds
from tallystick.domain.invoicing import entries, models, rules
from tallystick.domain.invoicing.operations import refusals
from tallystick.integrations.postgres import rows, scope
from tallystick.lib import ids, money, texts

_EVENTS = {rules.State.ISSUED: "invoice.reopened", rules.State.PARTIALLY_PAID: "invoice.partially_paid", rules.State.PAID: "invoice.paid"}
_MOVING = ("open_minor", "paid_minor", "credited_minor", "written_off_minor", "state", "version")
_MOVING_PARTS = ("open_net_minor", "open_tax_minor", "paid_net_minor", "paid_tax_minor")


@dataclass(frozen=True, slots=True)
class Locked:
    """Hold an invoice under its lock with the parts of its rates: what is open of them and what payments hold of them."""

    row: models.Invoice
    taxes: tuple[models.InvoiceTax, ...]

    @property
    def still_open(self) -> rules.Split:
        """Give what is open of each rate."""
        return rules.Split(tuple(rules.Part(tax.open_net_minor, tax.open_tax_minor) for tax in self.taxes))

    @property
    def paid(self) -> rules.Split:
        """Give what payments brought to each rate and no credit note took back."""
        return rules.Split(tuple(rules.Part(tax.paid_net_minor, tax.paid_tax_minor) for tax in self.taxes))

    @property
    def whole(self) -> rules.Split:
        """Give what was issued of each rate."""
        return rules.Split(tuple(rules.Part(tax.net_minor, tax.tax_minor) for tax in self.taxes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Say by how much the figures move; splits may be negative, amounts are minor units."""

    still_open: rules.Split
    paid: rules.Split
    credited_minor: int = 0
    written_off_minor: int = 0


def lock(*, customer_id: int, invoice_ids: Iterable[UUID]) -> dict[UUID, Locked]:
    """Lock invoices in id order inside the running scope and load their rates. Raises InvoiceNotFound.

    The lock order of the house: payment row, invoices, fund rows, credit row, series row.
    """
    wanted = sorted(set(invoice_ids))
    found = rows.read(models.Invoice, "where customer_id = %s and id = any(%s) order by id for no key update", customer_id, wanted)
    if len(found) != len(wanted):
        raise refusals.InvoiceNotFound(texts.marked("There is no such invoice."))
    parts: dict[UUID, list[models.InvoiceTax]] = {row.id: [] for row in found}
    named = "where customer_id = %s and invoice_id = any(%s) order by invoice_id, position"
    for tax in rows.read(models.InvoiceTax, named, customer_id, wanted):
        parts[tax.invoice_id].append(tax)
    return {row.id: Locked(row, tuple(parts[row.id])) for row in found}


def lock_one(*, customer_id: int, invoice_id: UUID) -> Locked:
    """Lock one invoice inside the running scope. Raises InvoiceNotFound."""
    return lock(customer_id=customer_id, invoice_ids=[invoice_id])[invoice_id]


def lock_seen(*, viewer: customers.Viewer, invoice_id: UUID) -> Locked:
    """Lock an invoice that the viewer may see; staff need not name the customer. Raises InvoiceNotFound."""
    found = models.Invoice.objects.filter(id=invoice_id).values_list("customer_id", "division_id").first()
    if found is None or not customers.sees_division(viewer, found[1]):
        raise refusals.InvoiceNotFound(texts.marked("There is no such invoice."))
    return lock_one(customer_id=found[0], invoice_id=invoice_id)


def move(*, moves: Sequence[tuple[Locked, Move]], viewer: customers.Viewer) -> None:
    """Move the figures and the parts of locked invoices, each named once, and let the states follow; a new state is an event."""
    for locked, by in moves:
        row, before = locked.row, rules.State(locked.row.state)
        _shift(locked, by)
        if row.state != before or row.state == rules.State.PARTIALLY_PAID:
            assert row.state == before or row.state in rules.TRANSITIONS[before], "a state follows its table"
            record(invoice=row, kind=_EVENTS[rules.State(row.state)], viewer=viewer)
    rows.update(
        rows.Change([locked.row for locked, _ in moves], _MOVING),
        rows.Change([tax for locked, _ in moves for tax in locked.taxes], _MOVING_PARTS),
    )


def _shift(locked: Locked, by: Move) -> None:
    row = locked.row
    row.open_minor += by.still_open.gross_minor
    row.paid_minor += by.paid.gross_minor
    row.credited_minor += by.credited_minor
    row.written_off_minor += by.written_off_minor
    row.state = rules.state_of(paid_minor=row.paid_minor, open_minor=row.open_minor)
    row.version += 1
    for tax, still_open, paid in zip(locked.taxes, by.still_open.parts, by.paid.parts, strict=True):
        tax.open_net_minor += still_open.net_minor
        tax.open_tax_minor += still_open.tax_minor
        tax.paid_net_minor += paid.net_minor
        tax.paid_tax_minor += paid.tax_minor


def nothing(locked: Locked) -> rules.Split:
    """Give a split of zero of an invoice's rates."""
    return rules.Split(tuple(rules.Part(0, 0) for _ in locked.taxes))


def fund_ids(customer_id: int) -> dict[int, int]:
    """Tell which fund serves each division, under the lock that a switch of separate funds takes too."""
    return {division_id: figures.fund_id for division_id, figures in funds.lock(customer_id).items()}


def subject(
    *,
    invoice: models.Invoice,
    fund_id: int | None = None,
    payment_id: UUID | None = None,
    credit_note_id: UUID | None = None,
    effective_date: date | None = None,
) -> entries.Subject:
    """Say for the journal which invoice it is and which fund serves its division; `fund_id` None looks that up under its lock."""
    return entries.Subject(
        invoice_id=invoice.id,
        kind=rules.Kind(invoice.kind),
        number=invoice.number,
        division_id=invoice.division_id,
        fund_id=fund_ids(invoice.customer_id)[invoice.division_id] if fund_id is None else fund_id,
        payment_id=payment_id,
        credit_note_id=credit_note_id,
        effective_date=effective_date,
    )


def record(*, invoice: models.Invoice, kind: str, viewer: customers.Viewer, **facts: object) -> None:
    """Record an event of an invoice with its number and figures."""
    currency = invoice.currency
    events.record(
        customer_id=invoice.customer_id,
        kind=kind,
        subject_id=ids.public("inv", invoice.id),
        facts={
            "number": invoice.number,
            "kind": invoice.kind,
            "division_id": ids.public("div", invoice.division_id),
            "purchase_order_number": invoice.purchase_order_number,
            "currency": currency,
            "gross": money.text(invoice.gross_minor, currency),
            "paid": money.text(invoice.paid_minor, currency),
            "credited": money.text(invoice.credited_minor, currency),
            "open": money.text(invoice.open_minor, currency),
            "due_date": invoice.due_date.isoformat(),
            **facts,
        },
        viewer=viewer,
    )
    assert scope.is_open(), "an event stands in its change's transaction"
