"""Pay invoices, ask for funds, and follow what was paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict, Unpack

from tallystick_client import requests
from tallystick_client.foreseeing import Foresight
from tallystick_client.money import Money
from tallystick_client.requests import Call, Each, Listing, Request, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class PartDraft:
    """Pay an amount of one invoice."""

    invoice_id: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidPart:
    """Show what goes to one invoice; before the payment has arrived, what it is for."""

    invoice_id: str
    invoice_number: str
    amount: Money
    reversed: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Show a payment. Lists leave `invoices` and `redirect_url` empty."""

    id: str
    customer_id: str
    division_id: str | None
    method: str
    state: str
    reference: str
    amount: Money
    settled: Money
    reversed: Money
    started_at: datetime
    settled_at: datetime | None
    failure: str | None
    redirect_url: str | None = None
    invoices: tuple[PaidPart, ...] = ()
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPreview(Payment, Foresight):
    """Show what a payment would be and do; its id is of no use, for it is not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """Show a deposit that is asked for and not here yet; its payment is followed under `payments`."""

    payment_id: str
    division_id: str
    method: str
    reference: str
    net: Money
    tax: Money
    gross: Money
    requested_at: datetime
    lapses_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositStarted:
    """Say what is to be paid for a deposit, and how."""

    payment_id: str
    state: str
    gross: Money
    reference: str
    redirect_url: str | None
    failure: str | None
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositPreview(DepositStarted, Foresight):
    """Show what a deposit would be and do."""

    net: Money
    tax: Money
    lapses_at: datetime | None


class PaymentsNarrowed(TypedDict, total=False):
    """Narrow a list of payments; `limit` is the size of a page."""

    status: str
    customer: str
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDraft:
    """Say what arrived outside of any gateway: by bank_transfer, cheque or other. What no invoice takes is unapplied credit of the division.

    The bank's `reference` counts once, for ever; `payment_id` is the announced payment or deposit that this settles.
    """

    customer_id: str
    method: str
    amount: Money
    received_date: date
    reference: str
    invoices: Sequence[PartDraft] = ()
    division_id: str | None = None
    payment_id: str | None = None
    note: str = ""


class Payments[S](Resource[S]):
    """Pay invoices, and keep payments as the operator."""

    @Each
    def list(self, **narrowed: Unpack[PaymentsNarrowed]) -> Listing[Payment]:
        """Go through payments, newest first."""
        return requests.listed(requests.at("payments"), Payment, **narrowed)

    @Call
    def get(self, payment_id: str) -> Request[Payment]:
        """Open a payment. Raises NotFound."""
        return requests.fetched(requests.at("payments", payment_id), Payment)

    @Call
    def start(
        self,
        *,
        invoices: Sequence[PartDraft],
        method: str,
        division_id: str | None = None,
        return_url: str = "",
        idempotency_key: str | None = None,
    ) -> Request[Payment]:
        """Start paying: by card a person pays at `redirect_url`, a bank_transfer bears the `reference`, unapplied_credit and balance pay at once.

        Raises Invalid, Conflict, NotFound, NotAllowed.
        """
        body = {"invoices": invoices, "method": method, "division_id": division_id, "return_url": return_url}
        return requests.sent(requests.at("payments"), Payment, body, idempotency_key=idempotency_key)

    @Call
    def preview_start(self, *, invoices: Sequence[PartDraft], method: str, division_id: str | None = None) -> Request[PaymentPreview]:
        """See what paying would do; nothing is written, and no gateway asked. Raises as start does."""
        body = {"invoices": invoices, "method": method, "division_id": division_id}
        return requests.rehearsed(requests.sent(requests.at("payments"), PaymentPreview, body))

    @Call
    def record(self, arrived: RecordDraft, *, idempotency_key: str | None = None) -> Request[Payment]:
        """Record a payment that arrived. For programs of the operator. Raises Invalid, Conflict, NotFound."""
        return requests.sent(requests.at("payments", "record"), Payment, arrived, idempotency_key=idempotency_key)

    @Call
    def preview_record(self, arrived: RecordDraft) -> Request[PaymentPreview]:
        """See where a payment that arrived would go; nothing is written. For programs of the operator. Raises as record does."""
        return requests.rehearsed(requests.sent(requests.at("payments", "record"), PaymentPreview, arrived))

    @Call
    def reverse(self, payment_id: str, *, amount: Money, reference: str, reason: str = "", idempotency_key: str | None = None) -> Request[Payment]:
        """Take a payment back that bounced, once by amount and the bank's reference. For programs of the operator. Raises Conflict, Invalid."""
        body = {"amount": amount, "reference": reference, "reason": reason}
        return requests.sent(requests.at("payments", payment_id, "reversal"), Payment, body, idempotency_key=idempotency_key)

    @Call
    def preview_reversal(self, payment_id: str, *, amount: Money, reference: str, reason: str = "") -> Request[PaymentPreview]:
        """See what a reversal would take from where; nothing is written. For programs of the operator. Raises as reverse does."""
        body = {"amount": amount, "reference": reference, "reason": reason}
        return requests.rehearsed(requests.sent(requests.at("payments", payment_id, "reversal"), PaymentPreview, body))


class Deposits[S](Resource[S]):
    """Ask for funds."""

    @Each
    def list(self, *, division: str) -> Listing[Deposit]:
        """Go through the deposits of a division that are on their way, newest first."""
        return requests.listed(requests.at("deposits"), Deposit, division=division)

    @Call
    def start(
        self, *, division_id: str, amount: Money, method: str, return_url: str = "", idempotency_key: str | None = None
    ) -> Request[DepositStarted]:
        """Ask for funds of a net amount, by card or bank_transfer. Raises Invalid, NotFound, NotAllowed."""
        body = {"division_id": division_id, "amount": amount, "method": method, "return_url": return_url}
        return requests.sent(requests.at("deposits"), DepositStarted, body, idempotency_key=idempotency_key)

    @Call
    def preview_start(self, *, division_id: str, amount: Money, method: str) -> Request[DepositPreview]:
        """See what a deposit would come to with its tax; nothing is written. Raises as start does."""
        body = {"division_id": division_id, "amount": amount, "method": method}
        return requests.rehearsed(requests.sent(requests.at("deposits"), DepositPreview, body))
