"""Ask the journal for the transfers between the funds of a customer's divisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tallystick.domain.ledger.queries import LAST
from tallystick.domain.ledger.rules import EntryKind
from tallystick.integrations.postgres import scope


@dataclass(frozen=True, slots=True)
class Moved:
    """Show one transfer, in minor units; a division with funds of its own has the id of its fund."""

    id: int
    customer_id: int
    from_division_id: int
    to_division_id: int
    amount_minor: int
    posted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Narrow transfers: to those that touch one of the funds, between two numbers (both exclusive), posted between two instants; newest or oldest first."""

    fund_ids: Sequence[int]
    after: int = 0
    before: int | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    limit: int = 50
    oldest_first: bool = False


_COLUMNS = "t.id, t.customer_id, t.fund_id, t.credit_fund_id, t.amount_minor, t.posted_at"
_NARROWED = (
    f"t.customer_id = %(customer)s and t.kind = {int(EntryKind.TRANSFER)} and t.kind <> 1 and t.id > %(after)s and t.id < %(before)s"
    " and (%(from)s::timestamptz is null or t.posted_at >= %(from)s) and (%(until)s::timestamptz is null or t.posted_at < %(until)s)"
)


def _side(column: str, turn: str) -> str:
    """Find the transfers of each fund by an index of this side."""
    found = f"select {_COLUMNS} from ledger_transfer t where {column} = f.id and {_NARROWED} order by t.id {turn} limit %(limit)s"  # noqa: S608 - put together from the constants above; values are parameters
    return f"(select x.* from unnest(%(funds)s::bigint[]) f(id) cross join lateral ({found}) x)"  # noqa: S608 - as above


def moves(*, customer_id: int, wanted: Wanted) -> list[Moved]:
    """Page through transfers that touch funds, each once, inside the running scope."""
    turn = "asc" if wanted.oldest_first else "desc"
    sides = " union ".join(_side(column, turn) for column in ("t.fund_id", "t.credit_fund_id"))
    parameters: dict[str, int | datetime | list[int] | None] = {
        "customer": customer_id,
        "funds": list(wanted.fund_ids),
        "after": wanted.after,
        "before": LAST if wanted.before is None else wanted.before,
        "from": wanted.created_from,
        "until": wanted.created_before,
        "limit": wanted.limit,
    }
    with scope.cursor() as cursor:
        cursor.execute(f"{sides} order by 1 {turn} limit %(limit)s", parameters)
        return [Moved(*row) for row in cursor.fetchall()]


def move(*, transfer_id: int) -> Moved | None:
    """Load one transfer inside the running scope; None where there is none that the scope sees."""
    with scope.cursor() as cursor:
        cursor.execute(f"select {_COLUMNS} from ledger_transfer t where t.id = %s and t.kind = {int(EntryKind.TRANSFER)}", [transfer_id])  # noqa: S608 - as above
        row = cursor.fetchone()
    return Moved(*row) if row else None
