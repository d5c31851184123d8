"""Give the rows of a table some at a time: of invoices, of purchase orders, of the movements of a fund.

The words of a file are English and stay so, whoever fetches it: programs read them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from tallystick.domain.customers.rules import Viewer
from tallystick.domain.exports.rules import Piece, Subject, Wish
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.purchasing import queries as purchasing
from tallystick.integrations import tables
from tallystick.lib import money
from tallystick.reactions.exports import movements

_STEP = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """Hold the next rows; with them `made` were read, and `state` says where the ones after them begin."""

    rows: Sequence[Sequence[tables.Cell]]
    made: int
    is_last: bool
    state: Mapping[str, Any] = field(default_factory=dict)


class Source(Protocol):
    """Know a table."""

    @property
    def name(self) -> str:
        """Name it."""

    @property
    def heads(self) -> Sequence[str]:
        """Name its columns."""

    def portion(self, viewer: Viewer, wanted: Mapping[str, Any], so_far: Piece) -> Portion:
        """Give the rows behind those that were read before."""


class Invoices:
    """Know the table of invoices."""

    name = "Invoices"
    heads = (
        *("Invoice", "Kind", "State", "Purchase order", "Formerly", "Division", "Issued", "Due", "Currency"),
        *("Net", "Tax", "Gross", "Paid", "Credited", "Written off", "Open"),
    )
    _amounts = ("net_minor", "tax_minor", "gross_minor", "paid_minor", "credited_minor", "written_off_minor", "open_minor")

    def portion(self, viewer: Viewer, wanted: Mapping[str, Any], so_far: Piece) -> Portion:
        """Give the next invoices, in the order of the list."""
        every = wanted["ids"]
        made = min(so_far.made + _STEP, len(every))
        rows = invoicing.by_ids(viewer=viewer, invoice_ids=[UUID(one) for one in every[so_far.made : made]])
        return Portion(rows=[self._cells(row) for row in rows], made=made, is_last=made == len(every))

    def _cells(self, row: invoicing.InvoiceRow) -> list[tables.Cell]:
        amounts = [amount(getattr(row, name), row.currency) for name in self._amounts]
        texts = (row.number, row.kind, row.state, row.purchase_order_number, row.original_number, row.division_name)
        return [*texts, row.issue_date, row.due_date, row.currency, *amounts]


class Orders:
    """Know the table of purchase orders."""

    name = "Purchase orders"
    heads = (
        *("Purchase order", "State", "Revision", "Division", "Submitted (UTC)", "By", "Decided (UTC)", "Decided by", "Invoice", "Terms in days"),
        *("Contact", "Note", "Currency", "Net", "Tax", "Gross", "Document"),
    )

    def portion(self, viewer: Viewer, wanted: Mapping[str, Any], so_far: Piece) -> Portion:
        """Give the next orders, in the order of the list, each with the name under which its document was uploaded."""
        every = wanted["ids"]
        made = min(so_far.made + _STEP, len(every))
        orders = purchasing.by_ids(viewer=viewer, purchase_order_ids=[UUID(one) for one in every[so_far.made : made]])
        return Portion(rows=self.rows(viewer, orders, {}), made=made, is_last=made == len(every))

    def rows(self, viewer: Viewer, orders: Sequence[purchasing.Order], names: Mapping[str, str]) -> list[list[tables.Cell]]:
        """Write orders; `names` says by id how the document of each is called, where it is not as it was uploaded."""
        numbers = invoicing.numbers(viewer=viewer, invoice_ids=[order.invoice_id for order in orders if order.invoice_id])
        return [
            [
                *(order.number, order.state, order.revision, order.division_name, order.submitted_at, order.entered_by),
                *(order.decided_at, order.decided_by, numbers.get(order.invoice_id, "") if order.invoice_id else "", order.terms_days),
                *(order.contact_name, order.note, order.currency),
                *(amount(minor, order.currency) for minor in (order.net_minor, order.tax_minor, order.gross_minor)),
                names.get(str(order.id), order.document_name),
            ]
            for order in orders
        ]


class Movements:
    """Know the table of what moved a fund; of a statement oldest first, between the balances at its start and its end."""

    heads = movements.HEADS

    def __init__(self, subject: Subject) -> None:
        """Take which of the three it is."""
        self.name = str(subject).replace("_", " ").capitalize()
        self._is_statement = subject is Subject.STATEMENT

    def portion(self, viewer: Viewer, wanted: Mapping[str, Any], so_far: Piece) -> Portion:
        """Give the next movements behind the last one's number."""
        found, last = movements.after(viewer, wanted, so_far.state.get("at"), oldest_first=self._is_statement)
        is_last = len(found) < movements.STEP
        rows = movements.cells(viewer, wanted, found)
        if self._is_statement:
            above = [] if so_far.state else [movements.standing(wanted, "Balance at the start", wanted["starts_at"], wanted["opening_minor"])]
            ends = movements.standing(wanted, "Balance at the end", wanted["ends_at"], wanted["closing_minor"])
            below = [*movements.others(wanted), ends] if is_last else []
            rows = [*above, *rows, *below]
        return Portion(rows=rows, made=so_far.made + len(found), is_last=is_last, state={"at": last})


def of(wish: Wish) -> Source:
    """Give the table that somebody wants."""
    match wish.subject:
        case Subject.INVOICES:
            return Invoices()
        case Subject.PURCHASE_ORDERS:
            return Orders()
        case _:
            return Movements(wish.subject)


def amount(minor: int, currency: str) -> Decimal:
    """Write an amount with all places of its currency."""
    return Decimal(money.text(minor, currency))
