"""Keep the payments of the fake gateway: idempotent starts and refunds, and what each card makes happen.

Everything here runs under one lock and in memory; the oldest payments are forgotten beyond a bound.
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from tallystick.integrations.gateways import protocol
from tallystick.integrations.gateways.fake import cards
from tallystick.integrations.gateways.protocol import MessageKind, OutcomeStatus

LARGEST_COUNT = 10_000
"""More payments than this, or keys, and the oldest are forgotten."""

_TAKEN_BACK = {
    cards.Behavior.LATE_FAILURE: "late_failure",
    cards.Behavior.CHARGEBACK: "chargeback",
    cards.Behavior.PART_CHARGEBACK: "chargeback",
    cards.Behavior.DISPUTE_WON: "chargeback",
}


@dataclass(slots=True)
class Payment:
    """Follow one payment; amounts in minor units."""

    reference: str
    attempt: protocol.Attempt
    status: OutcomeStatus = OutcomeStatus.OPEN
    presented: cards.Presented | None = None
    reversed_minor: int = 0
    refunded_minor: int = 0
    messages: list[protocol.Message] = field(default_factory=list)

    @property
    def standing_minor(self) -> int:
        """Tell what can still be refunded or charged back."""
        return self.attempt.amount_minor - self.reversed_minor - self.refunded_minor if self.status is OutcomeStatus.SETTLED else 0


@dataclass(frozen=True, slots=True)
class Wire:
    """Lend the book its ways out: deliver a message so many times, and do something later (seconds)."""

    deliver: Callable[[protocol.Message, int], None]
    later: Callable[[float, Callable[[], None]], None]
    late_seconds: float


class Book:
    """Hold all payments; every public method is safe to call from any thread."""

    def __init__(self, wire: Wire, base_url: Callable[[], str]) -> None:
        """Begin empty; `base_url` is asked late, because the port may be chosen by the system."""
        self._wire = wire
        self._base_url = base_url
        self._payments: dict[str, Payment] = {}
        self._answers: dict[str, tuple[object, object]] = {}
        self._lock = threading.RLock()

    def start(self, attempt: protocol.Attempt) -> protocol.Started:
        """Open a payment, once per key. Raises GatewayConflict."""
        with self._lock:
            known = self._answered(attempt.idempotency_key, attempt)
            if isinstance(known, protocol.Started):
                return known
            reference = f"fp_{secrets.token_urlsafe(18)}"
            self._payments[reference] = Payment(reference, attempt)
            _bound(self._payments)
            started = protocol.Started(redirect_url=f"{self._base_url()}/pay/{reference}", provider_reference=reference)
            self._answers[attempt.idempotency_key] = (attempt, started)
            return started

    def find(self, reference: str) -> Payment:
        """Give a payment. Raises GatewayRefused "not_found"."""
        with self._lock:
            payment = self._payments.get(reference)
        if payment is None:
            raise protocol.GatewayRefused("not_found", "There is no such payment.")
        return payment

    def outcome(self, reference: str) -> protocol.Outcome:
        """Tell how a payment stands."""
        with self._lock:
            payment = self.find(reference)
            return protocol.Outcome(
                provider_reference=reference,
                status=payment.status,
                amount_minor=payment.attempt.amount_minor,
                currency=payment.attempt.currency,
                reversed_minor=payment.reversed_minor,
                refunded_minor=payment.refunded_minor,
                messages=tuple(payment.messages),
            )

    def pay(self, reference: str, presented: cards.Presented, *, authenticated: bool = False) -> str:
        """Try a card; tell "settled", "failed" or "authenticate". A payment that is decided already stays as it is."""
        with self._lock:
            payment = self.find(reference)
            if payment.status is not OutcomeStatus.OPEN:
                return payment.status.value
            payment.presented = presented
            match presented.behavior:
                case cards.Behavior.DECLINE:
                    self._fail(payment, "card_declined")
                case cards.Behavior.SHORT:
                    self._fail(payment, "insufficient_funds")
                case cards.Behavior.AUTHENTICATE if not authenticated:
                    return "authenticate"
                case _:
                    self._settle(payment, presented)
            return payment.status.value

    def decline(self, reference: str, reason: str) -> None:
        """Give an open payment up."""
        with self._lock:
            payment = self.find(reference)
            if payment.status is OutcomeStatus.OPEN:
                self._fail(payment, reason)

    def refund(self, wanted: protocol.RefundAttempt) -> protocol.RefundStarted:
        """Take on a refund, once per key; its result follows as a message. Raises GatewayConflict, GatewayRefused."""
        with self._lock:
            known = self._answered(wanted.idempotency_key, wanted)
            if isinstance(known, protocol.RefundStarted):
                return known
            payment = self.find(wanted.provider_reference)
            self._may_take(payment, wanted.amount_minor, wanted.currency)
            started = protocol.RefundStarted(refund_reference=f"fr_{secrets.token_urlsafe(12)}")
            self._answers[wanted.idempotency_key] = (wanted, started)
            fails = payment.presented is not None and payment.presented.behavior is cards.Behavior.REFUND_FAILS
            kind = MessageKind.REFUND_FAILED if fails else MessageKind.REFUNDED
            payment.refunded_minor += 0 if fails else wanted.amount_minor
            message = self._write(payment, kind, wanted.amount_minor, reason="account_closed" if fails else "")
            self._say(payment, replace(message, refund_reference=started.refund_reference))
            return started

    def reverse(self, reference: str, amount_minor: int | None, reason: str) -> protocol.Message:
        """Charge back this much, or all that stands. Raises GatewayRefused."""
        with self._lock:
            payment = self.find(reference)
            amount = payment.standing_minor if amount_minor is None else amount_minor
            self._may_take(payment, amount, payment.attempt.currency)
            payment.reversed_minor += amount
            return self._say(payment, self._write(payment, MessageKind.REVERSED, amount, reason=reason))

    def undo_reversal(self, reference: str, amount_minor: int | None) -> protocol.Message:
        """Win a dispute over this much, or over all that was charged back. Raises GatewayRefused."""
        with self._lock:
            payment = self.find(reference)
            amount = payment.reversed_minor if amount_minor is None else amount_minor
            if not 0 < amount <= payment.reversed_minor:
                raise protocol.GatewayRefused("not_reversed", "So much was not charged back.")
            payment.reversed_minor -= amount
            return self._say(payment, self._write(payment, MessageKind.REVERSAL_UNDONE, amount, reason="dispute_won"))

    def _settle(self, payment: Payment, presented: cards.Presented) -> None:
        """Take the money, and set off what the card is for."""
        payment.status = OutcomeStatus.SETTLED
        message = replace(self._write(payment, MessageKind.SETTLED, payment.attempt.amount_minor), card=presented.card)
        reference, amount = payment.reference, payment.attempt.amount_minor
        part = max(1, amount // 2)
        late = self._wire.late_seconds
        if presented.behavior is cards.Behavior.REORDERED:
            payment.messages.append(message)
            self.reverse(reference, part, "chargeback")
            self._wire.later(late, lambda: self._wire.deliver(message, 1))
            return
        self._say(payment, message)
        if presented.behavior in _TAKEN_BACK:
            reason = _TAKEN_BACK[presented.behavior]
            taken = part if presented.behavior is cards.Behavior.PART_CHARGEBACK else None
            self._wire.later(late, lambda: self._quietly(lambda: self.reverse(reference, taken, reason)))
        if presented.behavior is cards.Behavior.DISPUTE_WON:
            self._wire.later(2 * late, lambda: self._quietly(lambda: self.undo_reversal(reference, None)))

    @staticmethod
    def _quietly(act: Callable[[], object]) -> None:
        """Let a late event pass when meanwhile nothing is left to take (all refunded)."""
        try:
            act()
        except protocol.GatewayRefused:
            return

    def _fail(self, payment: Payment, reason: str) -> None:
        payment.status = OutcomeStatus.FAILED
        self._say(payment, self._write(payment, MessageKind.FAILED, payment.attempt.amount_minor, reason=reason))

    def _write(self, payment: Payment, kind: MessageKind, amount_minor: int, *, reason: str = "") -> protocol.Message:
        return protocol.Message(
            message_id=f"fm_{secrets.token_urlsafe(12)}",
            provider_reference=payment.reference,
            kind=kind,
            amount_minor=amount_minor,
            currency=payment.attempt.currency,
            occurred_at=datetime.now(UTC),
            reason=reason,
        )

    def _say(self, payment: Payment, message: protocol.Message) -> protocol.Message:
        payment.messages.append(message)
        doubled = payment.presented is not None and payment.presented.behavior is cards.Behavior.DOUBLED
        self._wire.deliver(message, 3 if doubled else 1)
        return message

    def _answered(self, key: str, wanted: object) -> object:
        """Find what a key was answered with. Raises GatewayConflict where it asked for something else."""
        known = self._answers.get(key)
        if known is None:
            _bound(self._answers)
            return None
        if known[0] != wanted:
            raise protocol.GatewayConflict("This key was used with another request.")
        return known[1]

    @staticmethod
    def _may_take(payment: Payment, amount_minor: int, currency: str) -> None:
        if payment.status is not OutcomeStatus.SETTLED:
            raise protocol.GatewayRefused("not_settled", "This payment is not settled.")
        if currency != payment.attempt.currency:
            raise protocol.GatewayRefused("wrong_currency", "The payment is in another currency.")
        if not 0 < amount_minor <= payment.standing_minor:
            raise protocol.GatewayRefused("refund_too_large", "This is more than what stands of the payment.")


def _bound(kept: dict[str, Payment] | dict[str, tuple[object, object]]) -> None:
    while len(kept) > LARGEST_COUNT:
        del kept[next(iter(kept))]
