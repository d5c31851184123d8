"""List what moved the funds of divisions for programs that page by offset: whose rows a viewer may see, and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from tallystick.domain.customers.rules import Act, Viewer, owner, permit, permit_division
from tallystick.domain.funds import models
from tallystick.domain.ledger import places, registers
from tallystick.domain.ledger import queries as ledger
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, texts

_CLOCK = timedelta(seconds=10)
"""What was posted so long ago is surely seen by everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Narrow a list; None does not narrow. `spans` are instants from the first to before the second."""

    sorts: tuple[registers.Sort, ...] | None = None
    named_payments: tuple[UUID, ...] = ()
    division_ids: tuple[int, ...] | None = None
    order_ids: tuple[str, ...] = ()
    order_parts: tuple[str, ...] = ()
    spans: tuple[tuple[datetime, datetime], ...] | None = None


class Walk(Enum):
    """Name the orders for which nothing need be sorted: by number; by second, and within one by number the same way or the other way round.

    Seconds and numbers rise together within one fund only.
    """

    BY_NUMBER = "by_number"
    BY_SECOND = "by_second"
    BY_SECOND_TURNED = "by_second_turned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Ask for a page in an order, which may be one that can be walked, rising or falling."""

    limit: int
    offset: int = 0
    orders: tuple[registers.Order, ...] = ()
    walk: Walk | None = Walk.BY_NUMBER
    is_rising: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """Hold a page, and how many rows there are in all."""

    rows: list[registers.Register]
    total: int


def balance_rows(*, viewer: Viewer, division_ids: Sequence[int], narrowed: Narrowing, ask: Ask, now: datetime) -> Listed:
    """Page through what moved the balance of the funds that serve divisions. Raises NotAllowed, NotFound."""
    permit(viewer, Act.SEE_FINANCES)
    for division_id in division_ids:
        permit_division(viewer, division_id)
    with scope.of(viewer):
        holders = _holders(viewer)
        if not set(division_ids) <= holders.keys():
            raise errors.NotFound(texts.marked("There is no such division."), field="division")
        fund_ids = tuple(sorted({holders[division_id] for division_id in division_ids}))
        return _listed(_selection(viewer, fund_ids, narrowed, now), ask)


def purchases(*, viewer: Viewer, division_ids: Sequence[int] | None, narrowed: Narrowing, ask: Ask, now: datetime) -> Listed:
    """Page through what divisions bought and gave back (None: all in sight). Raises NotAllowed, NotFound."""
    permit(viewer, Act.SEE_FINANCES)
    for division_id in division_ids or ():
        permit_division(viewer, division_id)
    seen = division_ids if division_ids is not None or viewer.division_ids is None else sorted(viewer.division_ids)
    with scope.of(viewer):
        holders = _holders(viewer)
        if not set(division_ids or ()) <= holders.keys():
            raise errors.NotFound(texts.marked("There is no such division."), field="division")
        asked = replace(narrowed, division_ids=None if seen is None else tuple(seen))
        # every fund: a division's older purchases stay where they were when funds were joined or a division was closed
        selection = _selection(viewer, tuple(sorted(_funds_with_rows(viewer, holders))), asked, now)
        return _listed(replace(selection, purchases=True), ask)


def row(*, viewer: Viewer, row_id: int) -> registers.Register:
    """Load one row of the balance history of a fund that serves a division in sight. Raises NotAllowed, NotFound."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        fund_ids = tuple(sorted(_reach(viewer)))
        selection = _everything(viewer, fund_ids)
        transfer_id = row_id // 2
        found = registers.between(selection, after=transfer_id - 1, until=transfer_id) if 0 < transfer_id < places.LAST else []
        chosen = next((one for one in found if one.row_id == row_id), None)
        if chosen is None:
            raise errors.NotFound(texts.marked("There is no such row."))
        return chosen


def entry_sums(*, viewer: Viewer, transfer_id: int) -> tuple[int, int, int]:
    """Add up the journal entry of a row that the viewer has seen: money that came in, what of it reached funds, and the tax."""
    with scope.of(viewer):
        return registers.entry_sums(customer_id=owner(viewer), transfer_id=transfer_id)


def _holders(viewer: Viewer) -> dict[int, int]:
    return dict(models.Fund.objects.filter(customer_id=owner(viewer)).values_list("id", "holder_id"))


def _funds_with_rows(viewer: Viewer, holders: dict[int, int]) -> set[int]:
    """Name the funds that have or ever had money: with shared funds one, however many divisions there are."""
    moved = models.Joining.objects.filter(customer_id=owner(viewer)).values_list("fund_id", flat=True)
    return set(holders.values()) | set(moved)


def _reach(viewer: Viewer) -> set[int]:
    holders = _holders(viewer)
    return {
        fund
        for division_id, holder in holders.items()
        if viewer.division_ids is None or division_id in viewer.division_ids
        for fund in (division_id, holder)
    }


def _everything(viewer: Viewer, fund_ids: tuple[int, ...]) -> registers.Selection:
    count = len(fund_ids)
    return registers.Selection(customer_id=owner(viewer), fund_ids=fund_ids, starts=(0,) * count, ends=(places.LAST,) * count)


def _selection(viewer: Viewer, fund_ids: tuple[int, ...], narrowed: Narrowing, now: datetime) -> registers.Selection:
    """Turn instants into numbers of the journal where that is sure, so that no row outside of them is looked at."""
    made = replace(
        _everything(viewer, fund_ids),
        sorts=narrowed.sorts,
        named_payments=narrowed.named_payments,
        division_ids=narrowed.division_ids,
        order_ids=narrowed.order_ids,
        order_parts=narrowed.order_parts,
        spans=narrowed.spans,
    )
    if not narrowed.spans:
        return made
    since, until = min(span[0] for span in narrowed.spans), max(span[1] for span in narrowed.spans)
    starts, ends = [], []
    for fund_id in fund_ids:
        found = ledger.standing(customer_id=owner(viewer), fund_id=fund_id, instants=[since, until])
        starts.append(found[since].transfer_id)
        ends.append(found[until].transfer_id if until < now - _CLOCK else places.LAST)
    return replace(made, starts=tuple(starts), ends=tuple(ends))


def _listed(selection: registers.Selection, ask: Ask) -> Listed:
    if ask.walk is None or (ask.walk is not Walk.BY_NUMBER and len(selection.fund_ids) > 1):
        return Listed(*registers.sorted_page(selection, ask.orders, limit=ask.limit, offset=ask.offset))
    rows, total = registers.page(selection, is_descending=not ask.is_rising, limit=ask.limit, offset=ask.offset)
    if ask.walk is Walk.BY_SECOND_TURNED and rows:
        rows = _by_second(selection, rows, ask)
    return Listed(rows, total)


def _by_second(selection: registers.Selection, rows: list[registers.Register], ask: Ask) -> list[registers.Register]:
    """Turn the rows of each second round, those too that stand on the pages before and after."""
    newest, oldest = (rows[-1], rows[0]) if ask.is_rising else (rows[0], rows[-1])
    since, until = oldest.posted_at.replace(microsecond=0), newest.posted_at.replace(microsecond=0) + timedelta(seconds=1)
    found = ledger.standing(customer_id=selection.customer_id, fund_id=selection.fund_ids[0], instants=[since, until])
    whole = registers.between(selection, after=found[since].transfer_id, until=found[until].transfer_id)
    if ask.is_rising:
        whole.reverse()
    at = next(place for place, one in enumerate(whole) if one.row_id == rows[0].row_id)
    sign = 1 if ask.is_rising else -1
    turned = sorted(whole, key=lambda one: (sign * one.posted_at.replace(microsecond=0).timestamp(), -sign * one.row_id))
    return turned[at : at + len(rows)]


def posted_at_of_key(*, viewer: Viewer, idempotency_key: str) -> datetime | None:
    """Tell when a key posted for the viewer's customer; None where it did not."""
    with scope.of(viewer):
        return registers.posted_at_of_key(customer_id=owner(viewer), idempotency_key=idempotency_key)
