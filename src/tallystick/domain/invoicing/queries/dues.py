"""Add up what is due, by division and day, and what was open when a day ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tallystick.domain.customers.rules import Act, Viewer, owner, permit, permit_division
from tallystick.domain.funds import queries as funds
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


_THEN = ("id", "number", "kind", "issue_date", "due_date", "open_minor", "division_id")


def open_at(*, viewer: Viewer, instant: datetime, fund_ids: Sequence[int], division_id: int | None = None, most: int) -> Unpaid:
    """Tell what was still to be paid just before an instant: what is open now, less what the journal moved since; at most so many by name.

    `fund_ids` are all funds of the customer. Raises NotAllowed, NotFound.
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
        listed = {row[0]: row for row in found.filter(open_minor__gt=0).order_by("due_date", "id").values_list(*_THEN)[: most + len(moved)]}
        touched = {row[0]: row for row in found.filter(id__in=moved).values_list(*_THEN)}
    then = (
        OpenThen(invoice_id, number, kind, issued, due, now_minor - moved.get(invoice_id, 0), division)
        for invoice_id, number, kind, issued, due, now_minor, division in (listed | touched).values()
    )
    was = {row[0]: row[5] - moved[row[0]] for row in touched.values()}
    by_due: dict[date, int] = {}
    for due, open_minor in [*((one.due_date, one.open_minor) for one in now), *((row[4], -moved[row[0]]) for row in touched.values())]:
        by_due[due] = by_due.get(due, 0) + open_minor
    return Unpaid(
        rows=sorted((row for row in then if row.open_minor > 0), key=lambda row: (row.due_date, row.id))[:most],
        count=sum(one.count for one in now) + sum((was[row[0]] > 0) - (row[5] > 0) for row in touched.values()),
        open_minor=sum(one.open_minor for one in now) - sum(moved[row[0]] for row in touched.values()),
        by_due={due: open_minor for due, open_minor in by_due.items() if open_minor},
    )


def open_as_of(*, viewer: Viewer, instant: datetime, division_id: int | None = None, most: int) -> Unpaid:
    """Tell what was still to be paid just before an instant, wherever funds were then. Raises NotAllowed, NotFound."""
    with scope.of(viewer):
        fund_ids = sorted(funds.read_figures(customer_id=owner(viewer)))
        return open_at(viewer=viewer, instant=instant, fund_ids=fund_ids, division_id=division_id, most=most)
