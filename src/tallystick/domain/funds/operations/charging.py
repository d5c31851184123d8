"""Charge sales against a division's funds, singly or by thousands, and give charges back."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection

from tallystick.domain.customers.rules import Viewer, permit_division, sees_division
from tallystick.domain.funds import queries
from tallystick.domain.funds.operations import posting
from tallystick.domain.ledger import queries as ledger
from tallystick.domain.ledger.rules import Account, Entry, EntryKind, Transfer
from tallystick.integrations.postgres import arrays, scope
from tallystick.lib import errors, texts

LARGEST_BATCH = 5000


class ChargeNotFound(errors.NotFound):
    """Say that there is no such charge for this viewer."""

    code = "charge_not_found"


class RefundTooLarge(errors.Invalid):
    """Say that more was asked back than is left of the charge."""

    code = "refund_exceeds_charge"


class KeyReused(errors.Conflict):
    """Say that an idempotency key came again with another request."""

    code = "idempotency_key_reused"


class SpendingFuseOpen(errors.Conflict):
    """Say that the division spent more within an hour than its fuse lets through: nothing passes until somebody closes it."""

    code = "spending_fuse_open"


class Outcome(StrEnum):
    """Answer one element of a batch."""

    ACCEPTED = "accepted"
    REPLAYED = "replayed"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    UNKNOWN_DIVISION = "unknown_division"
    DIVISION_CLOSED = "division_closed"
    KEY_REUSED = "key_reused"
    ORDER_CHARGED = "order_charged"
    SPENDING_FUSE_OPEN = "spending_fuse_open"


@dataclass(frozen=True, slots=True)
class Charge:
    """Ask for one charge, or with `hold_id` for one hold, of minor units above zero.

    The pair of customer and idempotency key makes it unique for ever; so does order and line reference, where given.
    """

    customer_id: int
    division_id: int
    amount_minor: int
    idempotency_key: str
    order_id: str | None = None
    line_reference: str = ""
    note: str = ""
    hold_id: UUID | None = None


class ChargeAnswer(NamedTuple):
    """Answer one charge; `available_minor`, `limit_minor` and `used_by_others_minor` stand only on a refusal for want of funds.

    A tuple, because five thousand of them are made while a batch is waited for.
    """

    outcome: Outcome
    transfer_id: int | None
    fund_id: int | None
    balance_after_minor: int | None
    posted_at: datetime | None
    available_minor: int | None = None
    limit_minor: int | None = None
    used_by_others_minor: int | None = None


_DEBIT = (
    "select outcomes, transfer_ids, balances_after, fund_ids, posted_ats, available, credit_limits, used_by_others"
    " from funds_debit(%b::bigint[], %b::bigint[], %b::integer[], %b::bigint[], %b::text[], %b::text[], %b::text[], %b::text[], %b::uuid[])"
)
_OUTCOMES = {str(outcome): outcome for outcome in Outcome}


def debit(*, connection: Connection[tuple[Any, ...]], charges: Sequence[Charge]) -> list[ChargeAnswer]:
    """Post up to LARGEST_BATCH charges and holds, of one customer or many, in one round trip; the caller commits.

    Each is accepted or refused by itself, in order; a key that was seen before gives its first answer again. The caller has checked
    that each customer and division is the asker's own. A unique violation (two equal orders at the same instant) rolls all back: ask again.
    """
    pairs = [(c.customer_id, c.division_id) for c in charges]
    divisions = sorted(set(pairs))
    place = {division: number for number, division in enumerate(divisions, 1)}
    at = [place[pair] for pair in pairs]
    texts: list[list[str | None]] = [
        [c.idempotency_key for c in charges],
        [c.order_id for c in charges],
        [c.line_reference for c in charges],
        [c.note for c in charges],
    ]
    holds = [c.hold_id for c in charges]
    asked = [
        arrays.Bigints([customer for customer, _ in divisions]),
        arrays.Bigints([division for _, division in divisions]),
        arrays.Integers(at),
        arrays.Bigints([c.amount_minor for c in charges]),
        # a column without any value goes as an empty array: unnest fills it up
        *(arrays.Texts(column if any(column) else []) for column in texts),
        arrays.Uuids(holds if any(holds) else []),
    ]
    answer = arrays.cursor(connection).execute(_DEBIT, asked, binary=True).fetchone()
    assert answer is not None, "the function answers with one row"
    outcomes, transfers, balances, funds, instants, available, limits, others = answer
    if outcomes is None:
        # by _make, which takes half the time of a call: five thousand are waited for
        wheres, whens, none = [funds[n - 1] for n in at], [instants[n - 1] for n in at], itertools.repeat(None)
        return list(
            map(ChargeAnswer._make, zip(itertools.repeat(Outcome.ACCEPTED), transfers, wheres, balances, whens, none, none, none, strict=False))
        )
    each = zip(transfers, funds, balances, instants, available, limits, others, strict=True)
    return [ChargeAnswer(_OUTCOMES[outcome], *rest) for outcome, rest in zip(outcomes, each, strict=True)]


@scope.retrying
def charge(*, viewer: Viewer, charges: Sequence[Charge]) -> list[ChargeAnswer]:
    """Post charges inside one scope of the viewer; each answered by itself. Raises NotFound for another customer's division."""
    for asked in charges:
        permit_division(viewer, asked.division_id)
        if viewer.customer_id not in (None, asked.customer_id):
            raise errors.NotFound(texts.marked("There is no such division."), field="division")
    with scope.of(viewer), scope.cursor() as cursor:
        return debit(connection=cursor.connection, charges=charges)


@dataclass(frozen=True, slots=True)
class Refunded:
    """Answer a refund: the id of its journal row, and what is still left of the charge to refund."""

    transfer_id: int
    amount_minor: int
    left_minor: int
    replayed: bool = False


@scope.retrying
def refund_charge(*, viewer: Viewer, transfer_id: int, amount_minor: int | None, idempotency_key: str, note: str = "") -> Refunded:
    """Give a charge back, all that is left (None) or in part: a reversing entry to the fund that the money came from, or what it was joined into.

    All that is left and a named amount are two requests, even where they come to the same. Raises ChargeNotFound, RefundTooLarge, KeyReused.
    """
    customer_id = viewer.customer_id
    assert customer_id is not None, "a refund is asked for by a customer's viewer"
    with scope.of(viewer):
        posting.lock(customer_id)  # serializes the refunds of one charge
        seen = ledger.posting_of_key(customer_id=customer_id, idempotency_key=idempotency_key)
        found = ledger.charge(customer_id=customer_id, transfer_id=transfer_id)
        if found is None or not sees_division(viewer, found.division_id):
            raise ChargeNotFound(texts.marked("There is no such charge."))
        left = found.amount_minor - found.refunded_minor
        if seen is not None:
            takes_rest = amount_minor is None
            asked = (EntryKind.CHARGE_REFUND, transfer_id, takes_rest, seen.amount_minor if amount_minor is None else amount_minor, note)
            if (seen.kind, seen.reverses_id, seen.takes_rest, seen.amount_minor, seen.note) != asked:
                raise KeyReused(texts.marked("This idempotency key was used for another request."))
            return Refunded(seen.id, seen.amount_minor, left, replayed=True)
        amount = left if amount_minor is None else amount_minor
        if not 0 < amount <= left:
            raise RefundTooLarge(texts.marked("This is more than is left of the charge."), field="amount", facts={"left_minor": left})
        fund_id = queries.fund_that_got(customer_id=customer_id, fund_id=found.fund_id, journal_number=transfer_id)
        entry = Entry(
            EntryKind.CHARGE_REFUND,
            (Transfer(Account.REVENUE, Account.FUNDS, amount, fund_id),),
            found.division_id,
            note=note,
            order_id=found.order_id,
            reverses_id=transfer_id,
            idempotency_key=idempotency_key,
            takes_rest=amount_minor is None,
        )
        posted = posting.post(customer_id=customer_id, entries=[entry])
    return Refunded(posted.transfer_ids[0][0], amount, left - amount)
