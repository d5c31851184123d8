"""Add up what is due, by division and day, and what was open when a day ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from tallystick.domain.customers.rules import Act, Viewer, owner, permit, permit_division
from tallystick.domain.funds import queries as funds
from tallystick.domain.invoicing import models
from tallystick.domain.invoicing.queries import rows
from tallystick.domain.ledger import queries as ledger
from tallystick.integrations.postgres import scope


@dataclass(frozen=True, slots=True)
class Due:
    """Add up the open invoices of a division that are due on a day: how many, what is open, and the net part of it."""

    division_id: int
    due_date: date
    is_funding: bool
    count: int
    open_minor: int
    open_net_minor: int


_DUES = (
    "select d.division_id, d.due_date, d.is_funding, d.count, d.open_minor, d.open_net_minor from invoicing_due d"
    " where d.customer_id = %s and d.count > 0 and (%s::bigint[] is null or d.division_id = any(%s::bigint[])) order by 2, 1, 3"
)


def dues(*, viewer: Viewer) -> list[Due]:
    """Tell the sums of all open invoices that the viewer sees, by division, due day and whether they bring funds: kept by the database (sql/dues.sql).

    Raises NotAllowed.
    """
    permit(viewer, Act.SEE_FINANCES)
    seen = None if viewer.division_ids is None else sorted(viewer.division_ids)
    with scope.of(viewer), scope.cursor() as cursor:
        cursor.execute(_DUES, [owner(viewer), seen, seen])
        return [Due(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class OpenThen:
    """Show an invoice that was open at an instant, and what was open of it then."""

    id: UUID
    number: str
    kind: str
    issue_date: date
    due_date: date
    open_minor: int
    division_id: int


@dataclass(frozen=True, slots=True)
class Unpaid:
    """List what was open at an instant, oldest due first, as far as was asked; count, sum and the sums by due day are of all."""

    rows: list[OpenThen]
    count: int
    open_minor: int
    by_due: dict[date, int]


type Place = tuple[date, UUID]
"""A place in the list of open invoices, which goes by due day and id: that of an invoice, be it open or not."""

_THEN = ("id", "number", "kind", "issue_date", "due_date", "open_minor", "division_id")


def place(*, viewer: Viewer, invoice_id: UUID) -> Place | None:
    """Tell where an invoice stands in the list of open ones; None where the viewer sees no such invoice. Raises NotAllowed."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        found: Place | None = rows.visible(viewer).filter(id=invoice_id).values_list("due_date", "id").first()
    return found


def open_at(
    *,
    viewer: Viewer,
    instant: datetime,
    fund_ids: Sequence[int],
    division_id: int | None = None,
    most: int,
    after: Place | None = None,
    before: Place | None = None,
) -> Unpaid:
    """Tell what was still to be paid just before an instant: what is open now, less what the journal moved since.

    At most so many are named, the first behind a place or the last in front of one (both exclusive). `fund_ids` are all funds of the customer.
    Raises NotAllowed, NotFound.
    """
    permit(viewer, Act.SEE_FINANCES)
    whose = owner(viewer)
    with scope.of(viewer):
        moved = ledger.receivables_since(customer_id=whose, fund_ids=fund_ids, instant=instant)
        found = rows.visible(viewer)
        if division_id is not None:
            permit_division(viewer, division_id)
            found = found.filter(division_id=division_id)
        now = [one for one in dues(viewer=viewer) if division_id in {None, one.division_id}]
        # of those open now as many may have been issued since as have moved
        near = _near(found.filter(open_minor__gt=0), after, before)
        listed = {row[0]: row for row in near.values_list(*_THEN)[: most + len(moved)]}
        touched = {row[0]: row for row in found.filter(id__in=moved).values_list(*_THEN)}
    then = (
        OpenThen(invoice_id, number, kind, issued, due, now_minor - moved.get(invoice_id, 0), division)
        for invoice_id, number, kind, issued, due, now_minor, division in (listed | touched).values()
    )
    was = {row[0]: row[5] - moved[row[0]] for row in touched.values()}
    by_due: dict[date, int] = {}
    for due, open_minor in [*((one.due_date, one.open_minor) for one in now), *((row[4], -moved[row[0]]) for row in touched.values())]:
        by_due[due] = by_due.get(due, 0) + open_minor
    was_open = sorted((row for row in then if row.open_minor > 0 and _is_between(row, after, before)), key=lambda row: (row.due_date, row.id))
    return Unpaid(
        rows=was_open[:most] if before is None else was_open[-most:],
        count=sum(one.count for one in now) + sum((was[row[0]] > 0) - (row[5] > 0) for row in touched.values()),
        open_minor=sum(one.open_minor for one in now) - sum(moved[row[0]] for row in touched.values()),
        by_due={due: open_minor for due, open_minor in by_due.items() if open_minor},
    )


def _near(found: QuerySet[models.Invoice], after: Place | None, before: Place | None) -> QuerySet[models.Invoice]:
    """Order invoices away from a place, of those on its far side."""
    if before is not None:
        return found.filter(Q(due_date__lt=before[0]) | Q(due_date=before[0], id__lt=before[1])).order_by("-due_date", "-id")
    if after is not None:
        found = found.filter(Q(due_date__gt=after[0]) | Q(due_date=after[0], id__gt=after[1]))
    return found.order_by("due_date", "id")


def _is_between(row: OpenThen, after: Place | None, before: Place | None) -> bool:
    own = (row.due_date, row.id)
    return (after is None or own > after) and (before is None or own < before)


def open_as_of(
    *, viewer: Viewer, instant: datetime, division_id: int | None = None, most: int, after: Place | None = None, before: Place | None = None
) -> Unpaid:
    """Tell what was still to be paid just before an instant, wherever funds were then, as `open_at` does. Raises NotAllowed, NotFound."""
    with scope.of(viewer):
        fund_ids = sorted(funds.read_figures(customer_id=owner(viewer)))
        return open_at(viewer=viewer, instant=instant, fund_ids=fund_ids, division_id=division_id, most=most, after=after, before=before)
