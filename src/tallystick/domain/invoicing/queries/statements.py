"""State the account of a fund for a period: where it stood, what moved, where it stands, and what was unpaid at the end."""

from dataclasses import dataclass
from datetime import date, timedelta

from tallystick.domain.customers.rules import Act, Viewer, owner, permit, permit_division
from tallystick.domain.funds import histories
from tallystick.domain.funds import queries as funds
from tallystick.domain.invoicing.queries import dues
from tallystick.domain.ledger import queries as ledger
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, texts

ROWS = 300
"""So many movements of a period are listed unless more are asked for; the earlier ones are one line with their sum."""

UNPAID_ROWS = 100
"""So many unpaid invoices, the oldest due first; the others are one line with their sum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Hold a statement of account, in minor units: `opening_minor`, all movements and `others_minor` are `closing_minor`.

    Both days are inclusive, in the viewer's zone. `movements` are the last of the period, oldest first; `earlier_count` of them are not listed and moved
    `earlier_minor` together. `others_minor` is what divisions out of the viewer's sight moved, where they share the fund: it is in none of the sums and
    movements, and the balances have it. `unpaid` is what was open when the last day ended, the first of it; `unpaid_count` and `unpaid_minor` are of all.
    """

    division_id: int
    currency: str
    since: date
    until: date
    opening_minor: int
    closing_minor: int
    sums: list[ledger.Sum]
    movements: list[ledger.Movement]
    earlier_count: int
    earlier_minor: int
    others_minor: int
    unpaid: list[dues.OpenThen]
    unpaid_count: int
    unpaid_minor: int

    @property
    def in_minor(self) -> int:
        """Add up what came in."""
        return sum(one.in_minor for one in self.sums)

    @property
    def out_minor(self) -> int:
        """Add up what went out, above zero."""
        return sum(one.out_minor for one in self.sums)

    @property
    def more_unpaid_count(self) -> int:
        """Count what was unpaid and is not listed."""
        return self.unpaid_count - len(self.unpaid)

    @property
    def more_unpaid_minor(self) -> int:
        """Add up what was unpaid and is not listed."""
        return self.unpaid_minor - sum(row.open_minor for row in self.unpaid)


def statement(
    *, viewer: Viewer, division_id: int, since: date, until: date, separate: bool, rows: int = ROWS, unpaid_rows: int = UNPAID_ROWS
) -> Statement:
    """State the account of the fund that serves a division; `separate` tells whether invoices are this division's alone.

    Raises NotAllowed, NotFound.
    """
    permit(viewer, Act.SEE_FINANCES)
    permit_division(viewer, division_id)
    whose = owner(viewer)
    start, end = ledger.start_of(since, viewer.zone), ledger.start_of(until + timedelta(days=1), viewer.zone)
    with scope.of(viewer):
        every = funds.read_figures(customer_id=whose)
        figures = every.get(division_id)
        if figures is None:
            raise errors.NotFound(texts.marked("There is no such division."), field="division")
        stood = ledger.standing(customer_id=whose, fund_id=figures.fund_id, instants=[start, end])
        first, last = stood[start], stood[end]
        only = histories.sight(viewer=viewer, customer_id=whose, fund_id=figures.fund_id)
        sums = ledger.sums(customer_id=whose, fund_id=figures.fund_id, after=first.transfer_id, until=last.transfer_id, division_ids=only)
        narrowed = histories.MovementFilter(before=last.transfer_id + 1, after=first.transfer_id, limit=rows)
        listed = histories.movements(viewer=viewer, division_id=division_id, narrowed=narrowed, fund_id=figures.fund_id)
        unpaid = dues.open_at(viewer=viewer, instant=end, fund_ids=sorted(every), division_id=division_id if separate else None, most=unpaid_rows)
    moved = sum(one.in_minor - one.out_minor for one in sums)
    return Statement(
        division_id=division_id,
        currency=figures.currency,
        since=since,
        until=until,
        opening_minor=first.balance_minor,
        closing_minor=last.balance_minor,
        sums=sums,
        movements=listed[::-1],
        earlier_count=sum(one.count for one in sums) - len(listed),
        earlier_minor=moved - sum(row.amount_minor for row in listed),
        others_minor=last.balance_minor - first.balance_minor - moved,
        unpaid=unpaid.rows,
        unpaid_count=unpaid.count,
        unpaid_minor=unpaid.open_minor,
    )
