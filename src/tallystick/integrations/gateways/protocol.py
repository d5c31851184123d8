"""Say what any card gateway must do for us, in our words; each provider is an adapter behind this protocol.

How payments use it (the gateway is never called inside a database transaction):

1. Store the attempt with its own `idempotency_key` (for instance `pay_...`), commit, then call `start`. The same key with the same attempt
   gives the same `Started` however often it is asked; with another amount it raises GatewayConflict. On GatewayUnavailable nothing is known:
   ask again with the same key.
2. Redirect the person to `Started.redirect_url`. The gateway's page sends them back to `return_url` (with `?payment=<provider_reference>`
   added); coming back proves nothing.
3. Money arrived only when a stored message says SETTLED. The hook door calls `verify_message(headers, body)`, stores the message by
   `message_id` (unique: doubled messages carry the same one) and answers 200; the worker acts on it. Messages come late, doubled and in any
   order: act on the figures, for instance a REVERSED may come before its SETTLED.
4. `fetch(provider_reference)` asks how it stands now (after a silence, or for the page that waits); its `messages` are all messages of the
   attempt so far, oldest first, with the same ids as those delivered: replaying them through the same door loses nothing.

Kinds of messages and what their `amount_minor` means:

- SETTLED: the whole amount was taken. `card` carries brand, last four digits and expiry for the receipt.
- FAILED: nothing was taken and nothing will be (declined, or given up). An attempt gets exactly one of SETTLED and FAILED, never both: a new
  try is a new attempt. A settled payment that fails afterwards (late failure) is a REVERSED of the whole with reason "late_failure".
- REVERSED: this much was taken back by the payer's bank (chargeback, returned debit), whole or part; several may come and add up.
- REVERSAL_UNDONE: this much of earlier reversals came back (a dispute won).
- REFUNDED / REFUND_FAILED: the refund named by `refund_reference` (what `refund` returned) is done, or gave nothing back.

So the sums do not depend on the order of arrival: what stands of a payment is SETTLED - REVERSED + REVERSAL_UNDONE - REFUNDED over its distinct
messages; an adapter for a gateway that speaks otherwise translates into this.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


class GatewayError(Exception):
    """Stand for all that a gateway can answer but success; callers outside this package catch its subclasses."""


class GatewayUnavailable(GatewayError):
    """Say that no answer came (time-out, refused connection, 5xx): whether it took effect is unknown, ask again with the same key."""


class GatewayConflict(GatewayError):
    """Say that this idempotency key was used with another request."""


class GatewayRefused(GatewayError):
    """Say that the gateway understood and said no, for good; `code` is its word (for instance "refund_too_large")."""

    def __init__(self, code: str, sentence: str) -> None:
        """Keep the gateway's code and sentence."""
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class MessageUntrusted(GatewayError):
    """Say that a message was not signed by this gateway, or is too old or malformed: answer 400 and store nothing."""


class MessageKind(enum.StrEnum):
    """Name what a gateway's message says; the module's docstring says what each means for money."""

    SETTLED = "settled"
    FAILED = "failed"
    REVERSED = "reversed"
    REVERSAL_UNDONE = "reversal_undone"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"


class OutcomeStatus(enum.StrEnum):
    """Name how an attempt stands at the gateway."""

    OPEN = "open"
    SETTLED = "settled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Ask for one card payment of `amount_minor` (minor units, above zero); the person returns to `return_url`."""

    idempotency_key: str
    amount_minor: int
    currency: str
    description: str
    return_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Tell where to send the person, and the gateway's name of the payment (unique per gateway, kept for ever)."""

    redirect_url: str
    provider_reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Describe a card as a receipt may: never its number."""

    brand: str
    last4: str
    expiry_month: int
    expiry_year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Carry one signed statement of the gateway; `message_id` is unique per gateway and the same on every delivery.

    `amount_minor` is above zero; `card` comes with SETTLED only; `refund_reference` with the two kinds about refunds;
    `reason` is the gateway's short word for a failure or reversal ("card_declined", "chargeback"), else empty.
    """

    message_id: str
    provider_reference: str
    kind: MessageKind
    amount_minor: int
    currency: str
    occurred_at: datetime
    card: Card | None = None
    refund_reference: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Tell how an attempt stands now: `reversed_minor` and `refunded_minor` are what stands of each, after disputes won."""

    provider_reference: str
    status: OutcomeStatus
    amount_minor: int
    currency: str
    reversed_minor: int = 0
    refunded_minor: int = 0
    messages: tuple[Message, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundAttempt:
    """Ask to give back `amount_minor` of a settled payment; own idempotency key, stored before the call."""

    idempotency_key: str
    provider_reference: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundStarted:
    """Name a refund that the gateway took on; REFUNDED or REFUND_FAILED follows as a message with the same `refund_reference`."""

    refund_reference: str


class Gateway(Protocol):
    """Take and give back card payments. All calls block for at most the adapter's time-out."""

    @property
    def name(self) -> str:
        """Give the provider's name, stored beside every reference ("plain" for our own HTTP gateway)."""
        ...

    def start(self, attempt: Attempt) -> Started:
        """Open a payment page. Raises GatewayUnavailable, GatewayConflict, GatewayRefused."""
        ...

    def fetch(self, provider_reference: str) -> Outcome:
        """Ask how a payment stands. Raises GatewayUnavailable, GatewayRefused (code "not_found")."""
        ...

    def refund(self, attempt: RefundAttempt) -> RefundStarted:
        """Give money back. Raises GatewayUnavailable, GatewayConflict, GatewayRefused ("refund_too_large", "not_settled")."""
        ...

    def verify_message(self, headers: Mapping[str, str], body: bytes) -> Message:
        """Read a message whose signature is right; header names in any case. Raises MessageUntrusted."""
        ...
