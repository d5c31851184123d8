"""List the invoices of divisions page by page: filtered, sorted by a key that has an index, never counted beyond a thousand."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from tallystick.domain.customers.rules import Act, Viewer, owner, permit, permit_division
from tallystick.domain.invoicing import models, rules
from tallystick.domain.invoicing.queries import rows
from tallystick.domain.invoicing.queries.rows import InvoiceRow
from tallystick.integrations.postgres import keyset, scope

_OPEN = (rules.State.ISSUED, rules.State.PARTIALLY_PAID)
_STATES: dict[str, tuple[rules.State, ...]] = {
    "": tuple(rules.State),
    "unpaid": _OPEN,
    "overdue": _OPEN,
    "paid": (rules.State.PAID,),
    "voided": (rules.State.VOIDED,),
}
_TEXTS = keyset.Texts(starts=("number_key", "order_key", "original_key"), ends=("number_tail", "order_tail"))


class Sort(StrEnum):
    """Name what a list is sorted by."""

    ISSUED = "issued"
    DUE = "due"
    AMOUNT = "amount"
    OPEN = "open"


COLUMNS: dict[Sort, str] = {Sort.ISSUED: "issue_date", Sort.DUE: "due_date", Sort.AMOUNT: "gross_minor", Sort.OPEN: "open_minor"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Say which invoices: ends of days and amounts inclusive, `text` the beginning or end of a number; `only` are ticked ones."""

    division_ids: Sequence[int]
    status: str = ""
    text: str = ""
    due_from: date | None = None
    due_to: date | None = None
    issued_from: date | None = None
    issued_to: date | None = None
    least_minor: int | None = None
    most_minor: int | None = None
    only: Sequence[UUID] = ()
    sort: Sort = Sort.ISSUED
    is_descending: bool = True


def listed(*, viewer: Viewer, listing: Listing, today: date, after: UUID | None = None, limit: int = 50) -> keyset.Page[InvoiceRow]:
    """Give the page behind an invoice, the first one without. Raises NotAllowed, NotFound."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        asked = keyset_of(viewer, listing, today)
        begin = _place(viewer, listing, after) if after else None
        return keyset.page(asked, functools.partial(_load, viewer), limit=limit, after=begin)


def tally(*, viewer: Viewer, listing: Listing, today: date) -> keyset.Tally:
    """Count and add up a whole list as far as keyset.MOST_COUNTED rows. Raises NotAllowed, NotFound."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        return keyset.tally(keyset_of(viewer, listing, today), column="open_minor")


def listed_ids(*, viewer: Viewer, listing: Listing, today: date, most: int) -> list[UUID]:
    """Give the ids of a whole list in its order, at most `most` + 1 of them. Raises NotAllowed, NotFound."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        return keyset.ids(keyset_of(viewer, listing, today), limit=most + 1)


def by_ids(*, viewer: Viewer, invoice_ids: Sequence[UUID]) -> list[InvoiceRow]:
    """Load these invoices in this order, those out of sight left out."""
    with scope.of(viewer):
        seen = set(rows.visible(viewer).filter(id__in=list(invoice_ids)).values_list("id", flat=True))
        return _load(viewer, [one for one in invoice_ids if one in seen])


def keyset_of(viewer: Viewer, listing: Listing, today: date) -> keyset.Keyset:
    """Turn a listing into what PostgreSQL walks along; a division out of sight is refused. Raises NotFound."""
    assert viewer.customer_id is not None, "these lists belong to a customer"
    for division_id in listing.division_ids:
        permit_division(viewer, division_id)
    asked = keyset.Keyset(
        table="invoicing_invoice",
        customer_id=viewer.customer_id,
        division_ids=listing.division_ids,
        states=_STATES[listing.status if listing.status in _STATES else ""],
        column=COLUMNS[listing.sort],
        is_descending=listing.is_descending,
        conditions=_conditions(listing, today),
    )
    return keyset.searched(asked, _TEXTS, listing.text) if listing.text else asked


def _conditions(listing: Listing, today: date) -> list[keyset.Condition]:
    bounds: list[tuple[str, object]] = [
        ("r.due_date >= %s", listing.due_from),
        ("r.due_date <= %s", listing.due_to),
        ("r.issue_date >= %s", listing.issued_from),
        ("r.issue_date <= %s", listing.issued_to),
        ("r.gross_minor >= %s", listing.least_minor),
        ("r.gross_minor <= %s", listing.most_minor),
        ("r.due_date < %s", today if listing.status == "overdue" else None),
        ("r.id = any(%s::uuid[])", list(listing.only) or None),
    ]
    return [keyset.Condition(sql, (value,)) for sql, value in bounds if value is not None]


def _place(viewer: Viewer, listing: Listing, after: UUID) -> keyset.Place | None:
    value = rows.visible(viewer).filter(id=after).values_list(COLUMNS[listing.sort], flat=True).first()
    return None if value is None else keyset.Place(value, after)


def _load(viewer: Viewer, wanted: Sequence[UUID]) -> list[InvoiceRow]:
    if not wanted:
        return []
    found = models.Invoice.objects.filter(customer_id=owner(viewer), id__in=wanted).defer("frozen")
    by_id = {row.id: row for row in rows.load(found)}
    return [by_id[one] for one in wanted]
