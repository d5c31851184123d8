"""Ask for what moved the balance of a fund, where it stood from day to day, and what was spent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tallystick.domain.customers.rules import Viewer, owner, permit_division
from tallystick.domain.funds import models, queries
from tallystick.domain.ledger import queries as ledger
from tallystick.domain.ledger.rules import EntryKind
from tallystick.integrations.postgres import scope

POINTS = 120
"""A line has at most so many points: a day each, or so many days each that they are enough."""

SPENT_ROWS = 5_000
"""So many purchases at most are added up for a picture; what is older than the newest of them is left out, and said to be."""


_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""Nothing was posted before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementFilter:
    """Narrow a history: numbers to page between (both exclusive), days of posting (both inclusive, in the viewer's zone) or instants, kinds, one order, newest first or oldest first."""

    before: int | None = None
    after: int = 0
    since: date | None = None
    until: date | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    kinds: tuple[EntryKind, ...] = ()
    order_id: str = ""
    limit: int = 50
    oldest_first: bool = False


def movements(
    *, viewer: Viewer, division_id: int, narrowed: MovementFilter | None = None, customer_id: int | None = None, fund_id: int | None = None
) -> list[ledger.Movement]:
    """Page through what moved the balance of the fund that serves a division, as far as the viewer sees who moved it, newest first or as asked.

    `fund_id` is that fund where the caller has the division's figures already. Raises NotFound.
    """
    permit_division(viewer, division_id)
    whose = owner(viewer, customer_id)
    chosen = narrowed or MovementFilter()
    with scope.of(viewer):
        fund = fund_id or queries.fund_of(customer_id=whose, division_id=division_id)
        after, before = _ends(whose, fund, chosen, viewer.zone)
        only = sight(viewer=viewer, customer_id=whose, fund_id=fund)
        return ledger.movements(customer_id=whose, fund_id=fund, wanted=_wanted(chosen, after, before, only))


def sight(*, viewer: Viewer, customer_id: int, fund_id: int) -> tuple[int, ...] | None:
    """Name the divisions whose movements of a fund a viewer sees, inside the running scope: None for all of them, as where the fund serves no other.

    Divisions that share their funds have one balance, which each of them sees; single movements are their own business (ADR 0021).
    """
    if viewer.division_ids is None:
        return None
    seen = tuple(sorted(viewer.division_ids))
    is_shared = models.Fund.objects.filter(customer_id=customer_id, holder_id=fund_id).exclude(id__in=seen).exists()
    return seen if is_shared else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Fix the rows that a history has now, for whoever reads them later: numbers between two ends (both exclusive), how many, and where the fund stood.

    `starts_at` is when the first day begins in the viewer's zone, `ends_at` when the last one has ended. `others_minor` is what moved without being in sight.
    """

    fund_id: int
    starts_at: datetime
    ends_at: datetime
    after: int
    before: int
    count: int
    opening_minor: int
    closing_minor: int
    others_minor: int


def span(*, viewer: Viewer, division_id: int, narrowed: MovementFilter, now: datetime) -> Span:
    """Fix what a history has, counting no further than `narrowed.limit` or a little above. Raises NotFound."""
    permit_division(viewer, division_id)
    whose = owner(viewer)
    since = ledger.start_of(narrowed.since, viewer.zone) if narrowed.since else _EARLIEST
    until = ledger.start_of(narrowed.until + timedelta(days=1), viewer.zone) if narrowed.until else now + timedelta(days=1)
    with scope.of(viewer):
        fund = queries.fund_of(customer_id=whose, division_id=division_id)
        stood = ledger.standing(customer_id=whose, fund_id=fund, instants=[since, until])
        after, before = stood[since].transfer_id, stood[until].transfer_id + 1
        only = sight(viewer=viewer, customer_id=whose, fund_id=fund)
        found = ledger.count(customer_id=whose, fund_id=fund, wanted=_wanted(narrowed, after, before, only))
        others_minor = _moved_by_others(whose, fund, stood[since], stood[until], only)
    return Span(
        fund_id=fund,
        starts_at=since,
        ends_at=until,
        after=after,
        before=before,
        count=found,
        opening_minor=stood[since].balance_minor,
        closing_minor=stood[until].balance_minor,
        others_minor=others_minor,
    )


def _moved_by_others(customer_id: int, fund_id: int, first: ledger.Standing, last: ledger.Standing, only: tuple[int, ...] | None) -> int:
    """Add up what divisions out of sight moved between two standings of a fund."""
    if only is None:
        return 0
    own = ledger.sums(customer_id=customer_id, fund_id=fund_id, after=first.transfer_id, until=last.transfer_id, division_ids=only)
    return last.balance_minor - first.balance_minor - sum(one.in_minor - one.out_minor for one in own)


def _wanted(chosen: MovementFilter, after: int, before: int | None, only: tuple[int, ...] | None) -> ledger.Wanted:
    """Ask the ledger; an order is found by its own indexes, which go by kind."""
    return ledger.Wanted(
        after=after,
        before=before,
        kinds=chosen.kinds or (tuple(EntryKind) if chosen.order_id else ()),
        division_ids=only,
        order_id=chosen.order_id,
        limit=chosen.limit,
        oldest_first=chosen.oldest_first,
    )


def _ends(customer_id: int, fund_id: int, chosen: MovementFilter, zone: str) -> tuple[int, int | None]:
    """Turn days, or instants where no days are named, into numbers of the journal, both exclusive."""
    since = ledger.start_of(chosen.since, zone) if chosen.since else chosen.created_from
    until = ledger.start_of(chosen.until + timedelta(days=1), zone) if chosen.until else chosen.created_before
    asked = [instant for instant in (since, until) if instant]
    found = ledger.standing(customer_id=customer_id, fund_id=fund_id, instants=asked) if asked else {}
    after = max(found[since].transfer_id if since else 0, chosen.after)
    last = found[until].transfer_id + 1 if until else None
    return after, min(last, chosen.before) if last and chosen.before else last or chosen.before


@dataclass(frozen=True, slots=True)
class Point:
    """Say where a balance stood when a day ended in the viewer's zone."""

    day: date
    balance_minor: int


def closing_balances(*, viewer: Viewer, division_id: int, since: date, until: date, fund_id: int | None = None) -> list[Point]:
    """Give the balance of the fund that serves a division at the end of days from the one before `since` up to `until`, evenly spaced.

    The first point is the opening balance; the last is always `until`. Raises NotFound.
    """
    permit_division(viewer, division_id)
    whose = owner(viewer)
    first = since - timedelta(days=1)
    step = -(-max((until - first).days, 1) // POINTS)
    days = sorted({first, until, *(until - timedelta(days=back) for back in range(0, (until - first).days, step))})
    ends = [ledger.start_of(day + timedelta(days=1), viewer.zone) for day in days]
    with scope.of(viewer):
        fund = fund_id or queries.fund_of(customer_id=whose, division_id=division_id)
        found = ledger.standing(customer_id=whose, fund_id=fund, instants=ends)
    return [Point(day, found[end].balance_minor) for day, end in zip(days, ends, strict=True)]


def first_day(*, viewer: Viewer, fund_id: int) -> date | None:
    """Tell the day of a fund's first movement in the viewer's zone; None where nothing has moved."""
    with scope.of(viewer):
        found = ledger.first_at(customer_id=owner(viewer), fund_id=fund_id)
    return found.astimezone(ZoneInfo(viewer.zone)).date() if found else None


def spending(*, viewer: Viewer, fund_ids: Sequence[int], months: Sequence[datetime], recent_at: datetime, rows: int = SPENT_ROWS) -> ledger.Spending:
    """Add up purchases, less refunds, of funds by division and month, given the instants at which months begin, as far back as so many rows of each fund reach."""
    with scope.of(viewer):
        return ledger.spending(customer_id=owner(viewer), fund_ids=fund_ids, months=months, recent_at=recent_at, rows=rows)
