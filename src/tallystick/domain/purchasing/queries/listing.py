"""List the purchase orders of divisions page by page: filtered, sorted by a key that has an index, never counted beyond a thousand."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Count, Sum

from tallystick.domain.customers import models as customers
from tallystick.domain.customers.rules import Act, Viewer, owner, permit, permit_division
from tallystick.domain.purchasing import models, rules
from tallystick.integrations.postgres import keyset, scope

_STATES: dict[str, tuple[rules.State, ...]] = {
    "": (rules.State.PENDING, rules.State.REJECTED),
    "pending": (rules.State.PENDING,),
    "rejected": (rules.State.REJECTED,),
    "approved": (rules.State.APPROVED,),
    "withdrawn": (rules.State.WITHDRAWN,),
    "all": tuple(rules.State),
}
_TEXTS = keyset.Texts(starts=("number_key",), ends=("number_tail",))
_SHOWN = ("id", "number", "state", "revision", "division_id", "gross_minor", "terms_days", "entered_by", "submitted_at", "document_id", "invoice_id")


class Sort(StrEnum):
    """Name what a list is sorted by."""

    SUBMITTED = "submitted"
    NUMBER = "number"
    AMOUNT = "amount"


COLUMNS: dict[Sort, str] = {Sort.SUBMITTED: "submitted_at", Sort.NUMBER: "number_key", Sort.AMOUNT: "gross_minor"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Say which orders: ends inclusive, `text` the beginning or end of a number, `only` are ticked ones; without a state the ones that still want something."""

    division_ids: Sequence[int]
    state: str = ""
    text: str = ""
    submitted_from: datetime | None = None
    submitted_before: datetime | None = None
    least_minor: int | None = None
    most_minor: int | None = None
    only: Sequence[UUID] = ()
    sort: Sort = Sort.SUBMITTED
    is_descending: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """Show an order in a table; the amount is gross, in minor units."""

    id: UUID
    number: str
    state: str
    revision: int
    division_id: int
    division_name: str
    gross_minor: int
    terms_days: int
    entered_by: str
    submitted_at: datetime
    document_id: UUID | None
    invoice_id: UUID | None


def listed(*, viewer: Viewer, listing: Listing, after: UUID | None = None, limit: int = 25) -> keyset.Page[OrderRow]:
    """Give the page behind an order, the first one without. Raises NotAllowed, NotFound."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        begin = _place(viewer, listing, after) if after else None
        return keyset.page(keyset_of(viewer, listing), functools.partial(_load, viewer), limit=limit, after=begin)


def tally(*, viewer: Viewer, listing: Listing) -> keyset.Tally:
    """Count and add up a whole list as far as keyset.MOST_COUNTED rows. Raises NotAllowed, NotFound."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        return keyset.tally(keyset_of(viewer, listing), column="gross_minor")


def listed_ids(*, viewer: Viewer, listing: Listing, most: int) -> list[UUID]:
    """Give the ids of a whole list in its order, at most `most` + 1 of them. Raises NotAllowed, NotFound."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        return keyset.ids(keyset_of(viewer, listing), limit=most + 1)


def pending_sums(*, viewer: Viewer) -> dict[int, tuple[int, int]]:
    """Count and add up the pending orders of each division in sight that has any, gross, by division id. Raises NotAllowed."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        found = models.PurchaseOrder.objects.filter(customer_id=owner(viewer), state=rules.State.PENDING)
        if viewer.division_ids is not None:
            found = found.filter(division_id__in=sorted(viewer.division_ids))
        sums = found.values("division_id").annotate(n=Count("id"), gross=Sum("gross_minor"))
        return {one["division_id"]: (one["n"], int(one["gross"])) for one in sums}


def is_number_taken(*, viewer: Viewer, number: str, but: UUID | None = None) -> bool:
    """Tell whether a pending or approved order other than `but` has the number, in whatever division: sending it would be refused."""
    key = rules.number_key(number[: rules.LONGEST_NUMBER])
    if not key or not rules.is_clean(key):
        return False
    with scope.of(viewer):
        found = models.PurchaseOrder.objects.filter(customer_id=owner(viewer), number_key=key, state__in=rules.LIVE)
        return found.exclude(id=but).exists() if but else found.exists()


def keyset_of(viewer: Viewer, listing: Listing) -> keyset.Keyset:
    """Turn a listing into what PostgreSQL walks along; a division out of sight is refused. Raises NotFound."""
    assert viewer.customer_id is not None, "these lists belong to a customer"
    for division_id in listing.division_ids:
        permit_division(viewer, division_id)
    asked = keyset.Keyset(
        table="purchasing_purchaseorder",
        customer_id=viewer.customer_id,
        division_ids=listing.division_ids,
        states=_STATES[listing.state if listing.state in _STATES else ""],
        column=COLUMNS[listing.sort],
        is_descending=listing.is_descending,
        conditions=_conditions(listing),
    )
    text = rules.number_key(listing.text)
    return keyset.searched(asked, _TEXTS, text) if text else asked


def _conditions(listing: Listing) -> list[keyset.Condition]:
    bounds: list[tuple[str, object]] = [
        ("r.submitted_at >= %s", listing.submitted_from),
        ("r.submitted_at < %s", listing.submitted_before),
        ("r.gross_minor >= %s", listing.least_minor),
        ("r.gross_minor <= %s", listing.most_minor),
        ("r.id = any(%s::uuid[])", list(listing.only) or None),
    ]
    return [keyset.Condition(sql, (value,)) for sql, value in bounds if value is not None]


def _place(viewer: Viewer, listing: Listing, after: UUID) -> keyset.Place | None:
    found = models.PurchaseOrder.objects.filter(customer_id=owner(viewer), id=after)
    value = found.values_list(COLUMNS[listing.sort], flat=True).first()
    return None if value is None else keyset.Place(value, after)


def _load(viewer: Viewer, wanted: Sequence[UUID]) -> list[OrderRow]:
    if not wanted:
        return []
    found = list(models.PurchaseOrder.objects.filter(customer_id=owner(viewer), id__in=wanted).values(*_SHOWN))
    names = dict(customers.Division.objects.filter(id__in={row["division_id"] for row in found}).values_list("id", "name"))
    by_id = {row["id"]: OrderRow(division_name=names[row["division_id"]], **row) for row in found}
    return [by_id[one] for one in wanted]
