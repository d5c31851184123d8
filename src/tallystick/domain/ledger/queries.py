"""Ask the journal: the movements of a fund, one charge and what of it was refunded."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

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


@dataclass(frozen=True, slots=True)
class Span:
    """Narrow a history to days of posting (UTC), both ends inclusive."""

    since: date | None = None
    until: date | None = None


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


_COLUMNS = "t.id, t.kind, t.division_id, {amount}, {after}, t.posted_at, t.effective_date, coalesce(t.order_id, ''), coalesce(t.note, ''), t.invoice_id, t.payment_id"
_FILTER = " and (%(before)s::bigint is null or t.id < %(before)s) and (%(since)s::timestamptz is null or t.posted_at >= %(since)s) and (%(until)s::timestamptz is null or t.posted_at < %(until)s) order by t.id desc limit %(limit)s"


def _sides() -> str:
    own = _COLUMNS.format(
        amount="case when t.debit = 30 then -t.amount_minor else t.amount_minor end", after="coalesce(t.debit_balance_after, t.credit_balance_after)"
    )
    incoming = _COLUMNS.format(amount="t.amount_minor", after="t.credit_balance_after")
    here = "t.customer_id = %(customer)s and"
    return (
        f"(select {own} from ledger_transfer t where {here} t.fund_id = %(fund)s and (t.debit = 30 or (t.credit = 30 and t.credit_fund_id is null)){_FILTER})"  # noqa: S608 - put together from the constants above; values are parameters
        f" union all (select {incoming} from ledger_transfer t where {here} t.credit_fund_id = %(fund)s and t.credit = 30{_FILTER})"
        " order by 1 desc limit %(limit)s"
    )


def movements(*, customer_id: int, fund_id: int, span: Span, before: int | None, limit: int) -> list[Movement]:
    """Page through the rows of a fund's history, newest first, by two index ranges: own rows and incoming transfers."""
    bounds = {
        "customer": customer_id,
        "fund": fund_id,
        "before": before,
        "since": datetime.combine(span.since, time.min, UTC) if span.since else None,
        "until": datetime.combine(span.until + timedelta(days=1), time.min, UTC) if span.until else None,
        "limit": limit,
    }
    with scope.cursor() as cursor:
        cursor.execute(_sides(), bounds)
        return [Movement(row[0], EntryKind(row[1]), *row[2:]) for row in cursor.fetchall()]


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


def posting_of_key(*, customer_id: int, idempotency_key: str) -> tuple[int, int, int, int | None] | None:
    """Find what a key once posted: transfer id, kind, amount in minor units, and the transfer that it reverses."""
    with scope.cursor() as cursor:
        cursor.execute(
            "select id, kind, amount_minor, reverses_id from ledger_transfer where customer_id = %s and idempotency_key = %s",
            [customer_id, idempotency_key],
        )
        row = cursor.fetchone()
    return (row[0], row[1], row[2], row[3]) if row else None


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
