"""Follow unapplied credit: where it lies, what it pays, and what of it is paid back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, Unpack

from tallystick_client import requests
from tallystick_client.money import Money
from tallystick_client.paying import PartDraft
from tallystick_client.requests import Call, Each, Listing, Request, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Show the unapplied credit of a division."""

    customer_id: str
    division_id: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditUsed:
    """Show what was paid from unapplied credit; the payment is followed under `payments`."""

    payment_id: str
    amount: Money
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyRefund:
    """Show unapplied credit that is paid back. What a charge gives back is the refund of a charge, and no money leaves."""

    id: str
    customer_id: str
    division_id: str
    state: str
    amount: Money
    reason: str
    payment_id: str | None
    account: str
    requested_by: str
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    ended_at: datetime | None
    failure: str | None
    etag: str = ""
    replayed: bool = False


class RefundsNarrowed(TypedDict, total=False):
    """Narrow a list of refunds; `limit` is the size of a page."""

    customer: str
    limit: int


class UnappliedCredit[S](Resource[S]):
    """See and use unapplied credit."""

    @Each
    def list(self, *, customer: str | None = None) -> Listing[Credit]:
        """Go through the divisions with unapplied credit, the largest first."""
        return requests.listed(requests.at("unapplied-credit"), Credit, customer=customer)

    @Call
    def use(self, *, customer_id: str, division_id: str, invoices: Sequence[PartDraft], idempotency_key: str | None = None) -> Request[CreditUsed]:
        """Pay invoices from a division's unapplied credit. For programs of the operator; a customer's pays with that method. Raises Conflict, Invalid."""
        body = {"customer_id": customer_id, "division_id": division_id, "invoices": invoices}
        return requests.sent(requests.at("unapplied-credit", "use"), CreditUsed, body, idempotency_key=idempotency_key)


class Refunds[S](Resource[S]):
    """Pay unapplied credit back: one person asks, another approves. For programs of the operator."""

    @Each
    def list(self, **narrowed: Unpack[RefundsNarrowed]) -> Listing[MoneyRefund]:
        """Go through refunds, newest first."""
        return requests.listed(requests.at("refunds"), MoneyRefund, **narrowed)

    @Call
    def get(self, refund_id: str) -> Request[MoneyRefund]:
        """Open a refund. Raises NotFound."""
        return requests.fetched(requests.at("refunds", refund_id), MoneyRefund)

    @Call
    def request(
        self,
        *,
        customer_id: str,
        division_id: str,
        amount: Money,
        reason: str,
        payment_id: str | None = None,
        account: str = "",
        idempotency_key: str | None = None,
    ) -> Request[MoneyRefund]:
        """Ask for unapplied credit to be paid back: to the card of `payment_id`, or else to an account. Raises Conflict, Invalid."""
        body = {
            "customer_id": customer_id,
            "division_id": division_id,
            "amount": amount,
            "reason": reason,
            "payment_id": payment_id,
            "account": account,
        }
        return requests.sent(requests.at("refunds"), MoneyRefund, body, idempotency_key=idempotency_key)

    @Call
    def approve(self, refund_id: str, *, if_match: str, idempotency_key: str | None = None) -> Request[MoneyRefund]:
        """Start what was looked at, by its `etag`. Raises Conflict, Stale, NotAllowed for who asked."""
        path = requests.at("refunds", refund_id, "approval")
        return requests.sent(path, MoneyRefund, if_match=if_match, idempotency_key=idempotency_key)

    @Call
    def decline(self, refund_id: str, *, reason: str, if_match: str | None = None, idempotency_key: str | None = None) -> Request[MoneyRefund]:
        """Turn a refund down: its money is unapplied credit again. Raises Conflict, Stale."""
        path = requests.at("refunds", refund_id, "decline")
        return requests.sent(path, MoneyRefund, {"reason": reason}, if_match=if_match, idempotency_key=idempotency_key)

    @Call
    def settle(self, refund_id: str, *, if_match: str | None = None, idempotency_key: str | None = None) -> Request[MoneyRefund]:
        """Note that a refund reached its receiver. Raises Conflict, Stale."""
        path = requests.at("refunds", refund_id, "settlement")
        return requests.sent(path, MoneyRefund, if_match=if_match, idempotency_key=idempotency_key)

    @Call
    def fail(self, refund_id: str, *, reason: str, if_match: str | None = None, idempotency_key: str | None = None) -> Request[MoneyRefund]:
        """Note that a refund came back: its money is unapplied credit again. Raises Conflict, Stale."""
        path = requests.at("refunds", refund_id, "failure")
        return requests.sent(path, MoneyRefund, {"reason": reason}, if_match=if_match, idempotency_key=idempotency_key)
