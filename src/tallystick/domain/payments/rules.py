"""Decide where money goes and where a bounce takes it from; name the states of payments, deposits and refunds.

States of a payment (late money settles a failed or expired one: it arrived, so it counts):

    started -> settled | failed | expired
    failed -> settled
    expired -> settled
    settled -> partially_reversed | reversed
    partially_reversed -> settled | reversed
    reversed -> settled | partially_reversed

States of a deposit request (no debt; money after the lapse still settles it):

    open -> settled | lapsed
    lapsed -> settled

States of a refund; another person than the one who asked for it decides:

    requested -> started | declined
    started -> settled | failed

Source: money.md sections 3 and 4.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from stdnum.iso7064 import mod_97_10

from tallystick.lib import money


class Method(StrEnum):
    """Name the ways to pay."""

    CARD = "card"
    BANK_TRANSFER = "bank_transfer"
    CHEQUE = "cheque"
    OTHER = "other"
    UNAPPLIED_CREDIT = "unapplied_credit"
    BALANCE = "balance"


class State(StrEnum):
    """Name the states of a payment."""

    STARTED = "started"
    SETTLED = "settled"
    FAILED = "failed"
    EXPIRED = "expired"
    PARTIALLY_REVERSED = "partially_reversed"
    REVERSED = "reversed"


class DepositState(StrEnum):
    """Name the states of a deposit request."""

    OPEN = "open"
    SETTLED = "settled"
    LAPSED = "lapsed"


class RefundState(StrEnum):
    """Name the states of a refund."""

    REQUESTED = "requested"
    DECLINED = "declined"
    STARTED = "started"
    SETTLED = "settled"
    FAILED = "failed"


class Source(StrEnum):
    """Name where a bounce took money from: unapplied credit, an invoice that held it, or a new debt (a correction invoice)."""

    UNAPPLIED = "unapplied"
    INVOICE = "invoice"
    CORRECTION = "correction"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.STARTED: frozenset({State.SETTLED, State.FAILED, State.EXPIRED}),
    State.FAILED: frozenset({State.SETTLED}),
    State.EXPIRED: frozenset({State.SETTLED}),
    State.SETTLED: frozenset({State.PARTIALLY_REVERSED, State.REVERSED}),
    State.PARTIALLY_REVERSED: frozenset({State.SETTLED, State.REVERSED}),
    State.REVERSED: frozenset({State.SETTLED, State.PARTIALLY_REVERSED}),
}

DEPOSIT_TRANSITIONS: dict[DepositState, frozenset[DepositState]] = {
    DepositState.OPEN: frozenset({DepositState.SETTLED, DepositState.LAPSED}),
    DepositState.LAPSED: frozenset({DepositState.SETTLED}),
    DepositState.SETTLED: frozenset(),
}

REFUND_TRANSITIONS: dict[RefundState, frozenset[RefundState]] = {
    RefundState.REQUESTED: frozenset({RefundState.STARTED, RefundState.DECLINED}),
    RefundState.STARTED: frozenset({RefundState.SETTLED, RefundState.FAILED}),
    RefundState.DECLINED: frozenset(),
    RefundState.SETTLED: frozenset(),
    RefundState.FAILED: frozenset(),
}

UNSETTLED = frozenset({State.STARTED, State.FAILED, State.EXPIRED})
"""The states in which no money has arrived."""

RECORDED = frozenset({Method.BANK_TRANSFER, Method.CHEQUE, Method.OTHER})
"""The methods whose arrival a member of staff records."""

MOST_INVOICES = 5000
"""One payment is for so many invoices at the most: it is one transaction, and its receipt names each."""

DEPOSIT_LAPSES_AFTER_DAYS = 30
CALL_LEASE_SECONDS = 60
"""While a first call to the gateway may still run, an equal request is told to come back."""

CARD_EXPIRES_AFTER_HOURS = 24

_BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for an amount of one invoice to be paid."""

    invoice_id: UUID
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequest:
    """Hold what a payer asks for; `division_id` is the division whose unapplied credit pays, or gets a surplus."""

    invoices: Sequence[Ask]
    method: Method
    idempotency_key: str
    division_id: int | None = None
    return_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRequest:
    """Hold a payment that arrived, as a member of staff enters it from a bank statement or a cheque.

    `splits` say what of it goes to which invoice, the rest is unapplied credit; `payment_id` names the started payment
    (a customer's announced transfer, a deposit request) that it settles. `reference` is the bank's, taken once for ever.
    """

    customer_id: int
    method: Method
    amount_minor: int
    splits: Sequence[Ask]
    reference: str
    received_date: date
    idempotency_key: str
    division_id: int | None = None
    payment_id: UUID | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositRequest:
    """Hold a wish for funds: `amount_minor` is net, what the balance will rise by."""

    division_id: int
    amount_minor: int
    method: Method
    idempotency_key: str
    return_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """Hold a wish to pay unapplied credit back: to the card of `payment_id`, or by bank to `account`."""

    customer_id: int
    division_id: int
    amount_minor: int
    reason: str
    idempotency_key: str
    payment_id: UUID | None = None
    account: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Say where arrived money goes: parts of invoices in the order asked, and the surplus."""

    parts: tuple[Ask, ...]
    surplus_minor: int


@dataclass(frozen=True, slots=True)
class Take:
    """Say how much of one surplus or allocation a bounce takes back; exactly one of the two ids is set."""

    amount_minor: int
    surplus_id: UUID | None = None
    allocation_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """Tell what of a surplus or an allocation still stands."""

    id: UUID
    left_minor: int


@dataclass(frozen=True, slots=True)
class Said:
    """Hold one stored message of a gateway about a payment, as far as its figures matter."""

    kind: str
    amount_minor: int
    occurred_at: datetime
    message_id: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Say what all messages so far amount to: what was settled, how much of it stands, whether the attempt failed."""

    settled_minor: int
    stands_minor: int
    is_failed: bool


@dataclass(frozen=True, slots=True)
class DepositParts:
    """Split a deposit: net without tax (it settles taxed opening debt), taxed net, tax, and what can not be invoiced."""

    untaxed_minor: int
    taxed_minor: int
    tax_minor: int
    rest_minor: int = 0

    @property
    def net_minor(self) -> int:
        """Sum what the balance rises by."""
        return self.untaxed_minor + self.taxed_minor

    @property
    def gross_minor(self) -> int:
        """Sum what the invoice asks for."""
        return self.net_minor + self.tax_minor


def allocate(*, arrived_minor: int, asks: Sequence[Ask], due_minor: Mapping[UUID, int]) -> Plan:
    """Give each invoice what was asked for it, in that order, never more than is due; what is left is surplus (law 6)."""
    left, due, parts = arrived_minor, dict(due_minor), []
    for ask in asks:
        amount_minor = max(0, min(ask.amount_minor, due.get(ask.invoice_id, 0), left))
        if amount_minor:
            parts.append(Ask(ask.invoice_id, amount_minor))
            due[ask.invoice_id] -= amount_minor
            left -= amount_minor
    return Plan(tuple(parts), left)


def bounce(*, amount_minor: int, surpluses: Sequence[Left], allocations: Sequence[Left]) -> tuple[Take, ...]:
    """Plan a bounce: surplus first, then the payment's invoices, last first (both given in the order they were made).

    Raises AssertionError where more bounces than stands.
    Source: money.md section 4, payment bounced.
    """
    takes, left = [], amount_minor
    for surplus in reversed(surpluses):
        part = min(left, surplus.left_minor)
        takes.append(Take(part, surplus_id=surplus.id))
        left -= part
    for allocation in reversed(allocations):
        part = min(left, allocation.left_minor)
        takes.append(Take(part, allocation_id=allocation.id))
        left -= part
    assert left == 0, "a payment can not bounce by more than stands of it"
    return tuple(take for take in takes if take.amount_minor)


def restore(*, amount_minor: int, parts: Sequence[Left]) -> tuple[Left, ...]:
    """Plan a dispute won: the latest steps of the bounces are undone first (parts given in the order they were posted).

    Raises AssertionError where more comes back than was reversed.
    """
    undone, left = [], amount_minor
    for part in reversed(parts):
        share = min(left, part.left_minor)
        if share:
            undone.append(Left(part.id, share))
        left -= share
    assert left == 0, "no more can come back than was reversed"
    return tuple(undone)


def standing(messages: Sequence[Said]) -> Standing:
    """Reckon what a gateway's messages amount to, whatever order they came in and however often (law 9).

    They are taken by the gateway's own time. A failure after the settlement takes everything back; a settlement after that starts anew.
    """
    settled_minor = stands_minor = 0
    is_failed = False
    reversed_minor = 0
    for said in sorted({said.message_id: said for said in messages}.values(), key=lambda said: (said.occurred_at, said.message_id)):
        if said.kind == "settled":
            if is_failed:
                reversed_minor = 0
            settled_minor, is_failed = max(settled_minor, said.amount_minor), False
        elif said.kind == "failed":
            is_failed = True
        elif said.kind == "reversed":
            reversed_minor += said.amount_minor
        elif said.kind == "reversal_undone":
            reversed_minor -= said.amount_minor
    if not is_failed:
        stands_minor = min(settled_minor, max(0, settled_minor - reversed_minor))
    return Standing(settled_minor, stands_minor, is_failed)


def state_of(*, settled_minor: int, reversed_minor: int) -> State:
    """Tell the state that the figures of an arrived payment say."""
    if reversed_minor == 0:
        return State.SETTLED
    return State.REVERSED if reversed_minor == settled_minor else State.PARTIALLY_REVERSED


def deposit_for(*, net_minor: int, taxed_debt_minor: int, percent_millionths: int) -> DepositParts:
    """Reckon what a deposit of this net costs: the part that settles taxed opening debt has no tax.

    Example: opening -700.00, deposit 200.00: the card pays 200.00.
    """
    untaxed_minor = min(net_minor, taxed_debt_minor)
    taxed_minor = net_minor - untaxed_minor
    return DepositParts(untaxed_minor, taxed_minor, money.tax(taxed_minor, percent_millionths))


def deposit_from(*, arrived_minor: int, untaxed_minor: int, percent_millionths: int) -> DepositParts:
    """Reckon the deposit that arrived money pays for: the largest net whose net + tax is not above it; the rest can not be invoiced."""
    untaxed_minor = min(arrived_minor, untaxed_minor)
    gross_minor = arrived_minor - untaxed_minor
    taxed_minor = money.largest_net(gross_minor, percent_millionths)
    tax_minor = money.tax(taxed_minor, percent_millionths)
    return DepositParts(untaxed_minor, taxed_minor, tax_minor, gross_minor - taxed_minor - tax_minor)


def reference(payment_id: UUID) -> str:
    """Make our payment reference, which a payer writes on a transfer and a bank can check.

    Source: ISO 11649 (RF, two check digits, at most 21 characters); the 62 random bits of the id in base 36.
    """
    number, body = payment_id.int & (1 << 62) - 1, ""
    while number:
        number, digit = divmod(number, 36)
        body = _BASE36[digit] + body
    return f"RF{mod_97_10.calc_check_digits(body + 'RF')}{body}"


def bank_reference(text: str) -> str:
    """Write a bank's reference the one way it is compared: without blanks, in capitals."""
    return "".join(text.split()).upper()


def fingerprint(*facts: object) -> str:
    """Tell two requests of the same key apart: a hash over everything that was asked."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()
