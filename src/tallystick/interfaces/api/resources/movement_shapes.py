"""Word what moved the balance of a fund."""

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from tallystick.domain.customers.rules import Viewer, sees_division
from tallystick.domain.ledger import queries as ledger
from tallystick.domain.ledger.rules import EntryKind
from tallystick.interfaces.api.framework.shapes import Day, Instant, Money, Shape, money
from tallystick.lib import ids

PREFIX = "mov"


class MovementKind(StrEnum):
    """Name what a movement is about."""

    CHARGE = "charge"
    CHARGE_REFUND = "charge_refund"
    HOLD = "hold"
    HOLD_RELEASE = "hold_release"
    CAPTURE = "capture"
    TRANSFER = "transfer"
    INVOICE_ISSUED = "invoice_issued"
    INVOICE_PAID = "invoice_paid"
    PAYMENT_REVERSED = "payment_reversed"
    PAYMENT_RESTORED = "payment_restored"
    CREDIT_NOTE = "credit_note"
    INVOICE_VOIDED = "invoice_voided"
    SURPLUS = "surplus"
    UNAPPLIED_CREDIT_USED = "unapplied_credit_used"
    REFUND_STARTED = "refund_started"
    REFUND_SETTLED = "refund_settled"
    REFUND_FAILED = "refund_failed"
    WRITE_OFF = "write_off"
    OPENING_BALANCE = "opening_balance"
    DIVISION_JOINED = "division_joined"
    AMOUNT_OWED = "amount_owed"
    PAID_FROM_BALANCE = "paid_from_balance"
    EXPIRY = "expiry"
    CORRECTION = "correction"

    @property
    def entry(self) -> EntryKind:
        """Give the kind of the journal."""
        return EntryKind[self.name]


class Movement(Shape):
    """Show one movement: above zero came in, below went out."""

    id: str
    kind: MovementKind
    division_id: str | None = Field(description="Whose it is; null for a division that the key does not see, where funds are shared.")
    amount: Money
    balance_after: Money
    created_at: Instant
    effective_date: Day | None = Field(description="The day for which it was entered, where that is another than the day of posting.")
    order_id: str | None
    note: str | None
    charge_id: str | None
    transfer_id: str | None
    invoice_id: str | None
    payment_id: str | None


def show(viewer: Viewer, row: ledger.Movement, currency: str) -> Movement:
    """Show one row of a history."""
    return Movement(
        id=ids.public(PREFIX, row.transfer_id),
        kind=MovementKind[row.kind.name],
        division_id=ids.public("div", row.division_id) if sees_division(viewer, row.division_id) else None,
        amount=money(row.amount_minor, currency),
        balance_after=money(row.balance_after_minor, currency),
        created_at=row.posted_at,
        effective_date=row.effective_date,
        order_id=row.order_id or None,
        note=row.note or None,
        charge_id=ids.public("chg", row.transfer_id) if row.kind is EntryKind.CHARGE else None,
        transfer_id=ids.public("trf", row.transfer_id) if row.kind is EntryKind.TRANSFER else None,
        invoice_id=_named("inv", row.invoice_id),
        payment_id=_named("pay", row.payment_id),
    )


def _named(prefix: str, value: UUID | None) -> str | None:
    return None if value is None else ids.public(prefix, value)
