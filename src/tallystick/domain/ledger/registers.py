"""List what moved funds, in any order and from any place on, with the exact number of all rows: what programs page through by offset."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tallystick.domain.ledger import places
from tallystick.domain.ledger.rules import EntryKind
from tallystick.integrations.postgres import scope


@dataclass(frozen=True, slots=True)
class Register:
    """Show one row: `row_id` is its own among the rows of both sides of a transfer; amount signed, in minor units, the balance is that of the fund."""

    row_id: int
    transfer_id: int
    fund_id: int
    kind: EntryKind
    division_id: int
    amount_minor: int
    balance_after_minor: int
    posted_at: datetime
    order_id: str
    note: str
    invoice_id: UUID | None
    payment_id: UUID | None
    line_reference: str


@dataclass(frozen=True, slots=True)
class Sort:
    """Match rows of one kind: what came in (1), went out (-1) or both (0); `is_named` only those of the payments named, or of all others."""

    kind: EntryKind
    direction: int = 0
    is_named: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Say which rows are meant; None does not narrow. Only sales and their refunds are `purchases`.

    `starts` and `ends` bound the numbers of each fund, exclusive and inclusive; `spans` are instants, from the first to before the second.
    """

    customer_id: int
    fund_ids: tuple[int, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    purchases: bool = False
    sorts: tuple[Sort, ...] | None = None
    named_payments: tuple[UUID, ...] = ()
    division_ids: tuple[int, ...] | None = None
    order_ids: tuple[str, ...] = ()
    order_parts: tuple[str, ...] = ()
    spans: tuple[tuple[datetime, datetime], ...] | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Sort by an expression of our own about `m`."""

    expression: str
    is_descending: bool


_COLUMNS = (
    "{row} as row_id, t.id, f.id as fund_id, t.kind, t.division_id, {amount} as amount, {after} as balance_after, t.posted_at,"
    " coalesce(t.order_id, '') as order_id, coalesce(t.note, '') as note, t.invoice_id, t.payment_id, coalesce(t.line_reference, '') as line_reference"
)
_OWN = _COLUMNS.format(
    row="t.id * 2",
    amount="case when t.debit = 30 then -t.amount_minor else t.amount_minor end",
    after="case when t.debit = 30 then t.debit_balance_after else t.credit_balance_after end",
)
_INCOMING = _COLUMNS.format(row="t.id * 2 + 1", amount="t.amount_minor", after="t.credit_balance_after")
_FUNDS = "unnest(%(funds)s::bigint[], %(lows)s::bigint[], %(highs)s::bigint[]) f(id, low, high)"
_KINDS = " cross join unnest(%(kinds)s::smallint[]) k(kind)"
_RANGE = "t.customer_id = %(customer)s and t.id > f.low and t.id <= f.high"
_TOUCHES = "t.fund_id = f.id and (t.debit = 30 or (t.credit = 30 and t.credit_fund_id is null))"
_BOUGHT = "t.fund_id = f.id and ((t.debit = 30 and t.credit = 40) or (t.debit = 40 and t.credit = 30))"
_COMES_IN = "t.credit_fund_id = f.id and t.credit = 30"
_PURCHASES = (EntryKind.CHARGE, EntryKind.CHARGE_REFUND, EntryKind.CAPTURE)
_SPANS = " and exists (select from unnest(%(since)s::timestamptz[], %(until)s::timestamptz[]) s(since, until) where t.posted_at >= s.since and t.posted_at < s.until)"
_NAMED = "coalesce(t.payment_id = any(%(payments)s::uuid[]), false)"

type _Values = dict[str, Any]


def page(selection: Selection, *, is_descending: bool, limit: int, offset: int) -> tuple[list[Register], int]:
    """Give a page in the order of the rows' numbers, and how many rows there are, inside the running scope."""
    counted = _count(selection)
    total = counted.total
    if offset >= total:
        return [], total
    highs = [counted.last(fund_id) for fund_id in selection.fund_ids]
    if len(selection.fund_ids) != 1:
        return _walk(selection, selection.starts, highs, is_descending=is_descending, limit=limit, skip=offset), total
    if is_descending:
        first = total - offset
        place, near = counted.anchors.at_or_after(first, end=(total, highs[0]))
        rows = _walk(selection, selection.starts, [near], is_descending=True, limit=limit, skip=place - first)
        counted.anchors.keep(first - len(rows) + 1, rows[-1].transfer_id)
    else:
        first = offset + 1
        place, near = counted.anchors.at_or_before(first)
        rows = _walk(selection, [max(near - 1, selection.starts[0])], highs, is_descending=False, limit=limit, skip=first - place)
        counted.anchors.keep(first + len(rows) - 1, rows[-1].transfer_id)
    return rows, total


def sorted_page(selection: Selection, orders: Sequence[Order], *, limit: int, offset: int) -> tuple[list[Register], int]:
    """Give a page in any other order, for which every row is looked at, and how many rows there are, inside the running scope."""
    counted = _count(selection)
    if offset >= counted.total:
        return [], counted.total
    arms, values = _arms(selection, selection.starts, [counted.last(fund_id) for fund_id in selection.fund_ids])
    terms = [f"{one.expression} {'desc nulls last' if one.is_descending else 'asc nulls first'}" for one in orders]
    terms.append("m.row_id desc" if orders and orders[-1].is_descending else "m.row_id")
    sql = f"select m.* from ({arms}) m order by {', '.join(terms)} limit %(limit)s offset %(offset)s"  # noqa: S608 - put together from words of our own; values are parameters
    return _rows(sql, {**values, "limit": limit, "offset": offset}), counted.total


def between(selection: Selection, *, after: int, until: int) -> list[Register]:
    """Give all rows of a selection from behind one number up to another (inclusive), newest first, inside the running scope."""
    count = len(selection.fund_ids)
    arms, values = _arms(selection, [after] * count, [until] * count)
    return _rows(f"select m.* from ({arms}) m order by m.row_id desc", values)  # noqa: S608 - as above


def entry_sums(*, customer_id: int, transfer_id: int) -> tuple[int, int, int]:
    """Add up the entry to which a row belongs, inside the running scope: money that came in, what of it reached funds, and the tax."""
    with scope.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(o.amount_minor) filter (where o.debit = 12), 0)::bigint, coalesce(sum(o.amount_minor) filter (where o.credit = 30), 0)::bigint,"
            " coalesce(sum(o.amount_minor) filter (where o.credit = 22), 0)::bigint"
            " from ledger_transfer t join ledger_transfer o on o.customer_id = t.customer_id and o.fund_id = t.fund_id and o.entry_id = t.entry_id"
            " and o.id between t.entry_id and t.entry_id + 1000 where t.customer_id = %s and t.id = %s",
            [customer_id, transfer_id],
        )
        found = cursor.fetchone() or (0, 0, 0)
    return int(found[0]), int(found[1]), int(found[2])


def posted_at_of_key(*, customer_id: int, idempotency_key: str) -> datetime | None:
    """Tell when a key posted, inside the running scope; None where it did not."""
    with scope.cursor() as cursor:
        cursor.execute("select posted_at from ledger_transfer where customer_id = %s and idempotency_key = %s", [customer_id, idempotency_key])
        found = cursor.fetchone()
    return found[0] if found else None


def _count(selection: Selection) -> places.Counted:
    """Count what came since the last time."""
    known = places.recall(selection)
    lows = [max(known.last(fund_id), start) for fund_id, start in zip(selection.fund_ids, selection.starts, strict=True)]
    arms, values = _arms(selection, lows, selection.ends)
    with scope.cursor() as cursor:
        cursor.execute(f"select m.fund_id, max(m.id), count(*) from ({arms}) m group by m.fund_id", values)  # noqa: S608 - as above
        counted = known.with_more({row[0]: (row[1], row[2]) for row in cursor.fetchall()})
    places.remember(selection, counted)
    return counted


def _walk(selection: Selection, lows: Sequence[int], highs: Sequence[int], *, is_descending: bool, limit: int, skip: int) -> list[Register]:
    """Walk the index of each fund from one end, and merge."""
    turn = "desc" if is_descending else "asc"
    arms, values = _arms(selection, lows, highs, walk=f" order by t.id {turn} limit %(most)s")
    sql = f"select m.* from ({arms}) m order by m.row_id {turn} limit %(limit)s offset %(skip)s"  # noqa: S608 - as above
    return _rows(sql, {**values, "limit": limit, "skip": skip, "most": limit + skip})


def _rows(sql: str, values: _Values) -> list[Register]:
    with scope.cursor() as cursor:
        cursor.execute(sql, values)
        return [Register(row[0], row[1], row[2], EntryKind(row[3]), *row[4:]) for row in cursor.fetchall()]


def _arms(selection: Selection, lows: Sequence[int], highs: Sequence[int], *, walk: str = "") -> tuple[str, _Values]:
    """Find rows by an index range for each fund, and for each kind where kinds are named: charges by the index of histories, the rest by theirs."""
    narrowed = _narrowed(selection)
    kinds = _kinds(selection)
    touches = _BOUGHT if selection.purchases else _TOUCHES
    arms = []
    if kinds is None:
        arms.append((_FUNDS, f"{touches}{narrowed}{_matched(selection, incoming=False)}", _OWN))
    else:
        matched = f"{narrowed}{_matched(selection, incoming=False)}"
        arms.append((_FUNDS + _KINDS, f"{touches} and t.kind = k.kind and t.kind <> 1{matched}", _OWN))
        if EntryKind.CHARGE in kinds:
            arms.append((_FUNDS, f"{touches} and t.kind = 1{matched}", _OWN))
    if not selection.purchases:
        arms.append((_FUNDS, f"{_COMES_IN}{narrowed}{_matched(selection, incoming=True)}", _INCOMING))
    parts = [
        f"select x.* from {begin} cross join lateral (select {columns} from ledger_transfer t where {_RANGE} and {where}{walk}) x"  # noqa: S608 - as above
        for begin, where, columns in arms
    ]
    values: _Values = {
        "customer": selection.customer_id,
        "funds": list(selection.fund_ids),
        "lows": list(lows),
        "highs": list(highs),
        "kinds": [int(kind) for kind in kinds or ()],
        "payments": list(selection.named_payments),
        "divisions": list(selection.division_ids or ()),
        "orders": list(selection.order_ids),
        "parts": list(selection.order_parts),
        "since": [span[0] for span in selection.spans or ()],
        "until": [span[1] for span in selection.spans or ()],
    }
    return " union all ".join(f"({part})" for part in parts), values


def _kinds(selection: Selection) -> tuple[EntryKind, ...] | None:
    if selection.sorts is not None:
        return tuple(sorted({one.kind for one in selection.sorts}))
    return _PURCHASES if selection.purchases else None


def _narrowed(selection: Selection) -> str:
    narrowed = "" if selection.division_ids is None else " and t.division_id = any(%(divisions)s::bigint[])"
    if selection.order_ids or selection.order_parts:
        narrowed += " and (t.order_id = any(%(orders)s::text[])"
        narrowed += " or t.order_id ilike any(%(parts)s::text[]))" if selection.order_parts else ")"
    return narrowed + ("" if selection.spans is None else _SPANS)


def _matched(selection: Selection, *, incoming: bool) -> str:
    """Say which sorts match; a row that comes in from another fund never goes out."""
    if selection.sorts is None:
        return ""
    either = []
    for one in selection.sorts:
        if incoming and one.direction < 0:
            continue
        side = {0: "", 1: "" if incoming else " and t.debit <> 30", -1: " and t.debit = 30"}[one.direction]
        named = {None: "", True: f" and {_NAMED}", False: f" and not {_NAMED}"}[one.is_named]
        either.append(f"(t.kind = {int(one.kind)}{side}{named})")
    return f" and ({' or '.join(either)})" if either else " and false"
