"""Ask the journal: the movements of a fund, where it stood at an instant, one charge and what of it was refunded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from tallystick.domain.ledger.rules import EntryKind
from tallystick.integrations.postgres import scope


@dataclass(frozen=True, slots=True)
class Movement:
    """Show one row of balance history: `amount_minor` is signed, `balance_after_minor` is that of the fund."""

    transfer_id: int
    kind: EntryKind
    division_id: int
    amount_minor: int
    balance_after_minor: int
    posted_at: datetime
    effective_date: date | None
    order_id: str
    note: str
    invoice_id: UUID | None
    payment_id: UUID | None


type Parameters = dict[str, int | str | datetime | list[int] | list[datetime]]

LAST = 2**63 - 1
"""No row of the journal has a larger number."""


@dataclass(frozen=True, slots=True)
class ChargeFacts:
    """Show one posted charge and how much of it was refunded, in minor units."""

    transfer_id: int
    division_id: int
    fund_id: int
    amount_minor: int
    refunded_minor: int
    order_id: str
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Say where a fund stood at an instant: its last movement before it (0 before the first), and the balance after that."""

    transfer_id: int
    balance_minor: int


def start_of(day: date, zone: str) -> datetime:
    """Give the instant at which a day begins in a zone, as histories and statements count days."""
    return datetime.combine(day, time.min, ZoneInfo(zone))


def standing(*, customer_id: int, fund_id: int, instants: Sequence[datetime]) -> dict[datetime, Standing]:
    """Find where a fund stood at each instant, inside the running scope; as quick after a million movements as after ten."""
    with scope.cursor() as cursor:
        cursor.execute(
            "select instant, transfer_id, balance_minor from ledger_boundaries(%s, %s, %s::timestamptz[])", [customer_id, fund_id, list(instants)]
        )
        return {row[0]: Standing(row[1], row[2]) for row in cursor.fetchall()}


def first_at(*, customer_id: int, fund_id: int) -> datetime | None:
    """Tell when a fund was first posted to, inside the running scope; None where it never was."""
    with scope.cursor() as cursor:
        cursor.execute(
            "select least((select posted_at from ledger_transfer where customer_id = %s and fund_id = %s order by id limit 1),"
            " (select posted_at from ledger_transfer where customer_id = %s and credit_fund_id = %s order by id limit 1))",
            [customer_id, fund_id, customer_id, fund_id],
        )
        row = cursor.fetchone()
    return row[0] if row else None


OTHER_KINDS = tuple(kind for kind in EntryKind if kind is not EntryKind.CHARGE)
"""All that the index of other movements holds; charges are found by the index of histories."""

_COLUMNS = "t.id, t.kind, t.division_id, {amount}, {after}, t.posted_at, t.effective_date, coalesce(t.order_id, ''), coalesce(t.note, ''), t.invoice_id, t.payment_id"
_OWN = _COLUMNS.format(
    amount="case when t.debit = 30 then -t.amount_minor else t.amount_minor end",
    after="case when t.debit = 30 then t.debit_balance_after else t.credit_balance_after end",
)
_INCOMING = _COLUMNS.format(amount="t.amount_minor", after="t.credit_balance_after")
_RANGE = " and t.id > %(after)s and t.id < %(before)s"
_TOUCHES = "t.customer_id = %(customer)s and t.fund_id = %(fund)s and (t.debit = 30 or (t.credit = 30 and t.credit_fund_id is null))"
_COMES_IN = f"t.customer_id = %(customer)s and t.credit_fund_id = %(fund)s and t.credit = 30{_RANGE}"
_OF_ORDER = " and t.order_id = %(order)s"
_STARTED_BY = " and t.division_id = any(%(divisions)s::bigint[])"
_BROUGHT_BY = " and (t.division_id = any(%(divisions)s::bigint[]) or %(fund)s = any(%(divisions)s::bigint[]))"
"""What comes in from another fund was started by the division that gave it, and concerns the one that got it."""


def _sides(kinds: Sequence[EntryKind], *, order: bool, narrow: bool, turn: str) -> str:
    """Put the statement together: one index range for each way in which rows can be found, the newest (`desc`) or oldest (`asc`) of each."""
    narrowed = (_OF_ORDER if order else "") + (_STARTED_BY if narrow else "")
    brought = (_OF_ORDER if order else "") + (_BROUGHT_BY if narrow else "")
    most = f" order by t.id {turn} limit %(limit)s"
    if not kinds:
        arms = [f"select {_OWN} from ledger_transfer t where {_TOUCHES}{_RANGE}{narrowed}{most}"]  # noqa: S608 - put together from the constants above; values are parameters
    else:
        others = f"select {_OWN} from ledger_transfer t where {_TOUCHES} and t.kind = k.kind and t.kind <> 1{_RANGE}{narrowed}{most}"  # noqa: S608 - as above
        arms = [f"select m.* from unnest(%(kinds)s::smallint[]) k(kind) cross join lateral ({others}) m order by 1 {turn} limit %(limit)s"]  # noqa: S608 - as above
        if EntryKind.CHARGE in kinds:
            arms.append(f"select {_OWN} from ledger_transfer t where {_TOUCHES} and t.kind = 1{_RANGE}{narrowed}{most}")  # noqa: S608 - as above
    chosen = " and t.kind = any(%(kinds)s::smallint[])" if kinds else ""
    arms.append(f"select {_INCOMING} from ledger_transfer t where {_COMES_IN}{chosen}{brought}{most}")  # noqa: S608 - as above
    return " union all ".join(f"({arm})" for arm in arms) + f" order by 1 {turn} limit %(limit)s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Narrow the rows of a history: numbers between two ends (both exclusive), kinds (none for all), one order, so many rows, newest first or oldest first.

    `division_ids` are those that started the rows, None for all of the fund.
    """

    after: int = 0
    before: int | None = None
    kinds: tuple[EntryKind, ...] = ()
    division_ids: tuple[int, ...] | None = None
    order_id: str = ""
    limit: int = 50
    oldest_first: bool = False


def movements(*, customer_id: int, fund_id: int, wanted: Wanted) -> list[Movement]:
    """Page through the rows of a fund's history, each way of finding them by an index of its own."""
    turn = "asc" if wanted.oldest_first else "desc"
    with scope.cursor() as cursor:
        sides = _sides(wanted.kinds, order=bool(wanted.order_id), narrow=wanted.division_ids is not None, turn=turn)
        cursor.execute(sides, _parameters(customer_id, fund_id, wanted))
        return [Movement(row[0], EntryKind(row[1]), *row[2:]) for row in cursor.fetchall()]


def count(*, customer_id: int, fund_id: int, wanted: Wanted) -> int:
    """Count the rows of a fund's history, no further than `limit` of each way of finding them, inside the running scope."""
    narrowed = (" and t.kind = any(%(kinds)s::smallint[])" if wanted.kinds else "") + (_OF_ORDER if wanted.order_id else "")
    own, brought = ("", "") if wanted.division_ids is None else (_STARTED_BY, _BROUGHT_BY)
    ways = [f"{_TOUCHES}{_RANGE}{own}", f"{_COMES_IN}{brought}"]
    arms = [f"(select count(*) from (select from ledger_transfer t where {way}{narrowed} limit %(limit)s) found)" for way in ways]  # noqa: S608 - put together from the constants above; values are parameters
    with scope.cursor() as cursor:
        cursor.execute("select " + " + ".join(arms), _parameters(customer_id, fund_id, wanted))
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _parameters(customer_id: int, fund_id: int, wanted: Wanted) -> Parameters:
    return {
        "customer": customer_id,
        "fund": fund_id,
        "after": wanted.after,
        "before": LAST if wanted.before is None else wanted.before,
        "kinds": [int(kind) for kind in wanted.kinds],
        "order": wanted.order_id,
        "divisions": list(wanted.division_ids or ()),
        "limit": wanted.limit,
    }


@dataclass(frozen=True, slots=True)
class Spent:
    """Add up what a division spent in the month that begins at `month_at`, refunds taken off; the recent is the part of it from `recent_at` on."""

    fund_id: int
    division_id: int
    month_at: datetime
    spent_minor: int
    recent_minor: int
    recent_purchases: int
    first_at: datetime


@dataclass(frozen=True, slots=True)
class Spending:
    """Hold what was spent, by fund, division and month; whole from `since` on, which is later than asked for where there was too much."""

    months: list[Spent]
    since: datetime


_SPENT = (
    "with moved as ("
    " select f.fund_id, m.* from unnest(%(funds)s::bigint[]) f(fund_id)"
    " cross join ledger_boundaries(%(customer)s, f.fund_id, array[%(since)s::timestamptz]) b cross join lateral ("
    "  select t.id, t.division_id, t.posted_at, t.kind, case when t.debit = 30 then t.amount_minor else -t.amount_minor end as spent"
    "  from ledger_transfer t where t.customer_id = %(customer)s and t.fund_id = f.fund_id and t.id > b.transfer_id"
    "  and ((t.debit = 30 and t.credit = 40) or (t.debit = 40 and t.credit = 30)) order by t.id desc limit %(limit)s) m"
    "), cut as (select coalesce(max(first), %(since)s::timestamptz) as at from ("
    "  select case when count(*) = %(limit)s then min(posted_at) end as first from moved group by fund_id) whole)"
    " select m.fund_id, m.division_id, (%(months)s::timestamptz[])[width_bucket(m.posted_at, %(months)s::timestamptz[])], sum(m.spent)::bigint,"
    " coalesce(sum(m.spent) filter (where m.posted_at >= %(recent)s), 0)::bigint, count(*) filter (where m.kind <> 2 and m.posted_at >= %(recent)s), min(m.posted_at), cut.at"
    " from moved m cross join cut group by m.fund_id, m.division_id, 3, cut.at order by 3, 1, 2"
)


def spending(*, customer_id: int, fund_ids: Sequence[int], months: Sequence[datetime], recent_at: datetime, rows: int) -> Spending:
    """Add up purchases, less refunds, by division and month, from the first of the instants at which months begin on, inside the running scope, reading so many rows of each fund at most."""
    with scope.cursor() as cursor:
        parameters: Parameters = {
            "customer": customer_id,
            "funds": list(fund_ids),
            "since": months[0],
            "months": list(months),
            "recent": recent_at,
            "limit": rows,
        }
        cursor.execute(_SPENT, parameters)
        found = cursor.fetchall()
    return Spending([Spent(*row[:7]) for row in found], found[0][7] if found else months[0])


_RECEIVABLES = (
    "select t.invoice_id, sum(case when t.debit in (10, 11) then t.amount_minor else -t.amount_minor end)::bigint"
    " from unnest(%(funds)s::bigint[]) f(fund_id)"
    " cross join ledger_boundaries(%(customer)s, f.fund_id, array[%(instant)s::timestamptz]) b"
    " cross join unnest(%(kinds)s::smallint[]) k(kind)"
    " join ledger_transfer t on t.customer_id = %(customer)s and t.fund_id = f.fund_id and t.kind = k.kind and t.kind <> 1 and t.id > b.transfer_id"
    " where t.invoice_id is not null and t.posted_at >= %(instant)s"
    " and ((t.debit in (10, 11)) <> (t.credit in (10, 11))) group by t.invoice_id"
)


def receivables_since(*, customer_id: int, fund_ids: Sequence[int], instant: datetime) -> dict[UUID, int]:
    """Tell by how much each invoice's open amount has risen (or, below zero, fallen) since an instant, inside the running scope."""
    with scope.cursor() as cursor:
        parameters: Parameters = {"customer": customer_id, "funds": list(fund_ids), "instant": instant, "kinds": [int(kind) for kind in OTHER_KINDS]}
        cursor.execute(_RECEIVABLES, parameters)
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Sum:
    """Add up what one kind of movement brought to a fund and took from it, both above zero, in minor units."""

    kind: EntryKind
    count: int
    in_minor: int
    out_minor: int


def sums(*, customer_id: int, fund_id: int, after: int, until: int, division_ids: tuple[int, ...] | None = None) -> list[Sum]:
    """Add up the movements of a fund by kind, from behind one number of the journal up to another (inclusive), inside the running scope.

    `division_ids` are those that started them, None for all of the fund.
    """
    own, brought = ("", "") if division_ids is None else (_STARTED_BY, _BROUGHT_BY)
    with scope.cursor() as cursor:
        parameters: Parameters = {
            "customer": customer_id,
            "fund": fund_id,
            "after": after,
            "before": until + 1,
            "divisions": list(division_ids or ()),
        }
        cursor.execute(_SUMS.format(own=own, brought=brought), parameters)
        return [Sum(EntryKind(row[0]), *row[1:]) for row in cursor.fetchall()]


_SUMS = (
    "select kind, count(*), coalesce(sum(amount) filter (where amount > 0), 0)::bigint, coalesce(-sum(amount) filter (where amount < 0), 0)::bigint from ("  # noqa: S608 - put together from the constants above; values are parameters
    f"select t.kind, case when t.debit = 30 then -t.amount_minor else t.amount_minor end as amount from ledger_transfer t where {_TOUCHES}{_RANGE}{{own}}"
    f" union all select t.kind, t.amount_minor from ledger_transfer t where {_COMES_IN}{{brought}}) moved group by kind order by kind"
)


def charge(*, customer_id: int, transfer_id: int) -> ChargeFacts | None:
    """Load a charge or a capture, and what of it was refunded so far; None where there is none."""
    with scope.cursor() as cursor:
        cursor.execute(
            "select t.id, t.division_id, t.fund_id, t.amount_minor,"
            " coalesce((select sum(r.amount_minor) from ledger_transfer r where r.customer_id = t.customer_id and r.reverses_id = t.id), 0)::bigint,"
            " coalesce(t.order_id, ''), t.posted_at"
            " from ledger_transfer t where t.customer_id = %s and t.id = %s and t.kind in (1, 5) and t.credit = 40",
            [customer_id, transfer_id],
        )
        row = cursor.fetchone()
    return ChargeFacts(*row) if row else None


@dataclass(frozen=True, slots=True)
class Posted:
    """Hold the journal's row of an idempotency key, so that a repeat can be told from another request; the amount in minor units."""

    id: int
    kind: int
    amount_minor: int
    reverses_id: int | None
    division_id: int
    credit_fund_id: int | None
    note: str
    takes_rest: bool


def posting_of_key(*, customer_id: int, idempotency_key: str) -> Posted | None:
    """Find what a key once posted, inside the running scope."""
    with scope.cursor() as cursor:
        cursor.execute(
            "select id, kind, amount_minor, reverses_id, division_id, credit_fund_id, coalesce(note, ''), coalesce(takes_rest, false) from ledger_transfer"
            " where customer_id = %s and idempotency_key = %s",
            [customer_id, idempotency_key],
        )
        row = cursor.fetchone()
    return Posted(*row) if row else None


def is_posted(*, customer_id: int) -> bool:
    """Tell whether anything was ever posted for a customer, inside the running scope."""
    with scope.cursor() as cursor:
        cursor.execute("select exists (select from ledger_transfer where customer_id = %s)", [customer_id])
        row = cursor.fetchone()
    return bool(row and row[0])


def unapplied_by_credit_notes(*, customer_id: int, invoice_id: UUID) -> list[tuple[int, int]]:
    """List what credit notes of an invoice turned into unapplied credit, the last first: the fund that got it, and the row of the journal."""
    with scope.cursor() as cursor:
        cursor.execute(
            "select coalesce(credit_fund_id, fund_id), id from ledger_transfer"
            " where customer_id = %s and invoice_id = %s and credit_note_id is not null and credit = 32 order by id desc",
            [customer_id, invoice_id],
        )
        return [(row[0], row[1]) for row in cursor.fetchall()]
