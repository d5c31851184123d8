"""Tell the movements of a fund in words: what it was, and in small letters what belongs to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tallystick.domain.customers.rules import Viewer
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.ledger.queries import Movement
from tallystick.domain.ledger.rules import EntryKind

WORDS: dict[EntryKind, str | Promise] = {
    EntryKind.CHARGE: _("Purchase"),
    EntryKind.CHARGE_REFUND: _("Refund of a purchase"),
    EntryKind.HOLD: _("Hold"),
    EntryKind.HOLD_RELEASE: _("Hold released"),
    EntryKind.CAPTURE: _("Purchase out of a hold"),
    EntryKind.TRANSFER: _("Transfer between divisions"),
    EntryKind.INVOICE_PAID: _("Payment"),
    EntryKind.PAYMENT_REVERSED: _("Payment reversed"),
    EntryKind.PAYMENT_RESTORED: _("Payment restored"),
    EntryKind.CREDIT_NOTE: _("Credit note"),
    EntryKind.INVOICE_VOIDED: _("Invoice voided"),
    EntryKind.UNAPPLIED_CREDIT_USED: _("Unapplied credit used"),
    EntryKind.OPENING_BALANCE: _("Opening balance"),
    EntryKind.DIVISION_JOINED: _("Division joined"),
    EntryKind.AMOUNT_OWED: _("Amount owed, invoiced"),
    EntryKind.PAID_FROM_BALANCE: _("Invoice paid from the balance"),
    EntryKind.EXPIRY: _("Expired funds"),
    EntryKind.CORRECTION: _("Correction"),
}
"""A word for each kind that touches the balance."""


@dataclass(frozen=True, slots=True)
class Told:
    """A movement as a row: title, what belongs to it, the invoice to open, the address of all that its order moved."""

    movement: Movement
    title: str | Promise
    detail: str
    invoice_id: UUID | None
    invoice_number: str
    order_address: str = ""


def tell(viewer: Viewer, rows: Sequence[Movement], *, orders: str = "") -> list[Told]:
    """Put movements into words; the numbers of their invoices are looked up at once.

    `orders` is the beginning of the address under which one order's movements stand; then the order leads its row.
    """
    numbers = invoicing.numbers(viewer=viewer, invoice_ids=[row.invoice_id for row in rows if row.invoice_id])
    return [_told(row, numbers.get(row.invoice_id, "") if row.invoice_id else "", orders) for row in rows]


def _order(order_id: str) -> str:
    return gettext("order %(id)s") % {"id": order_id} if order_id else ""


def _told(row: Movement, number: str, orders: str) -> Told:
    title = WORDS.get(row.kind, row.kind.name.replace("_", " ").capitalize())
    if row.kind is EntryKind.CAPTURE and row.amount_minor > 0:
        title = WORDS[EntryKind.HOLD_RELEASE]  # a capture gives the hold back and takes what was bought, a row each
    order = "" if orders else _order(row.order_id)
    detail = ", ".join(part for part in (order, "" if row.note == number else row.note) if part)
    address = orders + urlencode({"": row.order_id})[1:] if orders and row.order_id else ""
    return Told(row, title, detail, row.invoice_id if number else None, number, address)
