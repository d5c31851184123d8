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
from tallystick.interfaces.web import words
from tallystick.reactions.exports import movements

WORDS: dict[EntryKind, str | Promise] = {kind: _(word) for kind, word in movements.WORDS.items()}
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
    title = words.said(movements.title(row))
    order = "" if orders else _order(row.order_id)
    detail = ", ".join(part for part in (order, "" if row.note == number else row.note) if part)
    address = orders + urlencode({"": row.order_id})[1:] if orders and row.order_id else ""
    return Told(row, title, detail, row.invoice_id if number else None, number, address)
