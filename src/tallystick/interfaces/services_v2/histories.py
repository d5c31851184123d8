"""Answer what moved a balance and what was bought: finance/balance-history, adjustment, purchase-history."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Viewer
from tallystick.domain.funds import registers
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.ledger.registers import Order, Register
from tallystick.domain.ledger.rules import EntryKind
from tallystick.domain.payments import cards
from tallystick.integrations.postgres import scope
from tallystick.interfaces.services_v2 import answers, asked, door, kinds, lists
from tallystick.lib import errors, money

_SECOND = "date_trunc('second', m.posted_at)"
ADJUSTED = {
    "id": "m.row_id",
    "credit": "case when m.amount > 0 then m.amount end",
    "debit": "case when m.amount < 0 then -m.amount end",
    "transaction_type": kinds.expression(),
    "receipt_id": "case when m.kind in (1, 5) and m.amount < 0 then m.row_id when m.kind = 8 then 0 end",
    "transaction_date": _SECOND,
    "balance_after": "m.balance_after",
    "order_id": "nullif(m.order_id, '') collate \"C\"",
    "expiration_date": "null::timestamptz",
}
BOUGHT = {
    "id": "m.row_id",
    "order_id": "nullif(m.order_id, '') collate \"C\"",
    "receipt_id": "m.row_id",
    "acct_adjust_id": "m.row_id",
    "amount": "-m.amount",
    "payment_type": "'balance'::text",
    "transaction_date": _SECOND,
    "transaction_type": "case when m.amount < 0 then 'purchase' else 'refund' end",
    "product_name": "coalesce(nullif(m.note, ''), m.line_reference) collate \"C\"",
}
_ADJUSTED_COLUMNS = (
    *("id", "container.id", "container.name", "credit", "debit", "transaction_type", "receipt_id", "transaction_date"),
    *("balance_after", "order_id", "note", "currency", "expiration_date"),
)
_BOUGHT_COLUMNS = (
    *("id", "container.id", "container.name", "order_id", "receipt_id", "acct_adjust_id", "amount", "payment_type"),
    *("transaction_date", "transaction_type", "product_name"),
)
_BALANCE = "balance"
_NEVER: tuple[asked.Span, ...] = ()


@dataclass(frozen=True, slots=True)
class _Facts:
    """Hold what belongs to rows: which are deposits by card, which payments were made by card, the numbers of their invoices."""

    deposits: frozenset[UUID]
    by_card: frozenset[UUID]
    numbers: dict[UUID, str]
    currency: str


@door.opened("GET", "HEAD")
@door.finance("balance")
def balance_history(caller: door.Caller) -> answers.Answer:
    """List what moved the balance of the funds that serve the container."""
    query = asked.read(caller.request.META.get("QUERY_STRING", ""))
    limit, offset = asked.page(query)
    wanted, beside = asked.containers(query)
    terms = asked.terms(query, frozenset(ADJUSTED))
    spans = asked.spans(query.filters("transaction_date"))
    if asked.spans(query.filters("expiration_date")) is not None:
        spans = _NEVER  # no row has a date on which it expires
    types = query.filters("adjust_type")
    with scope.of(caller.viewer):
        divisions = wanted or [_only(caller.viewer)]
        needs_deposits = bool(types) or any(term.field == "transaction_type" for term in terms)
        narrowed = registers.Narrowing(
            sorts=kinds.named(*asked.texts(types)) if types else None,
            named_payments=tuple(cards.deposits_by_card(viewer=caller.viewer)) if needs_deposits else (),
            division_ids=tuple(sorted(set(beside))) if beside else None,
            spans=spans,
        )
        listed = registers.balance_rows(
            viewer=caller.viewer, division_ids=divisions, narrowed=narrowed, ask=_ask(terms, ADJUSTED, limit, offset), now=timezone.now()
        )
        known = lists.container_of(caller.viewer)
        facts = _facts(caller, listed.rows)
    rows = [{**_adjustment(row, facts), "container": lists.container(known, row.division_id), "currency": caller.currency} for row in listed.rows]
    return lists.answer(caller, "adjustments", rows, _ADJUSTED_COLUMNS, (listed.total, limit, offset))


@door.opened("GET", "HEAD")
@door.finance("balance")
def adjustment(caller: door.Caller, written: str) -> answers.Answer:
    """Show one row of the balance history."""
    row_id = row_number(written)
    with scope.of(caller.viewer):
        row = registers.row(viewer=caller.viewer, row_id=row_id)
        facts = _facts(caller, [row])
    return answers.shown({**_adjustment(row, facts), "container": {"id": row.division_id}})


@door.opened("GET", "HEAD")
@door.finance("balance")
def purchase_history(caller: door.Caller) -> answers.Answer:
    """List what the container bought and gave back, or all containers in sight."""
    query = asked.read(caller.request.META.get("QUERY_STRING", ""))
    limit, offset = asked.page(query)
    wanted, beside = asked.containers(query)
    divisions = sorted(set(wanted)) if wanted else None
    if divisions is not None and beside:
        divisions = [one for one in divisions if one in beside]
    terms = asked.terms(query, frozenset(BOUGHT))
    spans = asked.spans(query.filters("transaction_date"))
    types, parts = asked.texts([value.lower() for value in query.filters("payment_type")])
    if (types or parts) and _BALANCE not in types and not any(part in _BALANCE for part in parts):
        spans = _NEVER  # all is bought from the balance
    orders, order_parts = asked.texts(query.filters("order_id"))
    narrowed = registers.Narrowing(order_ids=orders, order_parts=tuple(asked.pattern(part) for part in order_parts), spans=spans)
    ask = _ask(terms, BOUGHT, limit, offset)
    with scope.of(caller.viewer):
        listed = registers.purchases(viewer=caller.viewer, division_ids=divisions, narrowed=narrowed, ask=ask, now=timezone.now())
        known = lists.container_of(caller.viewer)
    rows = [{**_purchase(row, caller.currency), "container": lists.container(known, row.division_id)} for row in listed.rows]
    return lists.answer(caller, "order_transactions", rows, _BOUGHT_COLUMNS, (listed.total, limit, offset))


def row_number(written: str) -> int:
    """Read the number of a row. Raises NotFound, for what is no number too."""
    if not (written.isascii() and written.isdecimal()):
        raise errors.NotFound("There is no such row.")
    return int(written[:20])


def is_sale(row: Register) -> bool:
    """Tell whether a row took money for something bought."""
    return row.kind in {EntryKind.CHARGE, EntryKind.CAPTURE} and row.amount_minor < 0


def _only(viewer: Viewer) -> int:
    """Name the customer's only division. Raises ParameterMissing where it has several, also those out of sight."""
    found = customers.divisions(viewer=viewer)
    everything = len(found) if viewer.division_ids is None else 2
    if everything != 1:
        raise door.ParameterMissing("The parameter container_id is required: this account has several containers.")
    return found[0].id


def _ask(terms: Sequence[asked.Term], expressions: dict[str, str], limit: int, offset: int) -> registers.Ask:
    walk, is_rising = asked.walk(list(terms))
    orders = tuple(Order(expressions[term.field], term.is_descending) for term in terms)
    return registers.Ask(limit=limit, offset=offset, orders=orders, walk=walk, is_rising=is_rising)


def _facts(caller: door.Caller, rows: Sequence[Register]) -> _Facts:
    paid = {row.payment_id for row in rows if row.kind is EntryKind.INVOICE_PAID and row.payment_id is not None}
    return _Facts(
        frozenset(cards.deposits_by_card(viewer=caller.viewer, payment_ids=paid)) if paid else frozenset(),
        frozenset(cards.cards_of(viewer=caller.viewer, payment_ids=paid)),
        invoicing.numbers(viewer=caller.viewer, invoice_ids=[row.invoice_id for row in rows if row.invoice_id]),
        caller.currency,
    )


def _adjustment(row: Register, facts: _Facts) -> dict[str, object]:
    """Show one row, with exactly one of credit and debit."""
    kind = kinds.of(row, is_card_deposit=row.payment_id in facts.deposits)
    side = "credit" if row.amount_minor > 0 else "debit"
    made: dict[str, object] = {
        "id": str(row.row_id),
        "container": None,
        side: money.text(abs(row.amount_minor), facts.currency),
        "transaction_type": kind.name,
    }
    receipt = _receipt(row, facts)
    if receipt:
        made["receipt_id"] = receipt
    made["transaction_date"] = lists.time(row.posted_at)
    made["balance_after"] = money.text(row.balance_after_minor, facts.currency)
    if row.order_id:
        made["order_id"] = row.order_id
    number = facts.numbers.get(row.invoice_id, "") if row.invoice_id else ""
    note = kind.note.format(number=number) if kind.note and number else row.note
    if note:
        made["note"] = note
    return made


def _receipt(row: Register, facts: _Facts) -> str:
    """Give the id of a row's receipt: "0" for money that came in without one, empty where a receipt has no place."""
    if is_sale(row):
        return str(row.row_id)
    if row.kind is not EntryKind.INVOICE_PAID:
        return ""
    return str(row.row_id) if row.payment_id in facts.by_card else "0"


def _purchase(row: Register, currency: str) -> dict[str, object]:
    made: dict[str, object] = {"id": str(row.row_id), "container": None}
    if row.order_id:
        made["order_id"] = row.order_id
    return {
        **made,
        "receipt_id": str(row.row_id),
        "acct_adjust_id": str(row.row_id),
        "amount": money.text(-row.amount_minor, currency),
        "payment_type": _BALANCE,
        "transaction_date": lists.time(row.posted_at),
        "transaction_type": "purchase" if row.amount_minor < 0 else "refund",
        "product_name": row.note or row.line_reference,
    }
