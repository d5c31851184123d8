"""Follow what moved a balance, and move money between divisions."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict, Unpack

from tallystick_client import requests
from tallystick_client.money import Money
from tallystick_client.requests import Call, Each, Listing, Request, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Show one movement of a balance: above zero came in, below went out. What the key does not see is None."""

    id: str
    kind: str
    division_id: str | None
    amount: Money
    balance_after: Money
    created_at: datetime
    effective_date: date | None
    order_id: str | None
    note: str | None
    charge_id: str | None
    transfer_id: str | None
    invoice_id: str | None
    payment_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Show a transfer. A division that the key does not see is None."""

    id: str
    from_division_id: str | None
    to_division_id: str | None
    amount: Money
    created_at: datetime
    etag: str = ""
    replayed: bool = False


class MovementsNarrowed(TypedDict, total=False):
    """Narrow a history; `limit` is the size of a page."""

    customer: str
    kind: str
    order_id: str
    created_from: datetime
    created_before: datetime
    limit: int


class TransfersNarrowed(TypedDict, total=False):
    """Narrow a list of transfers; the division may be on either side, `limit` is the size of a page."""

    division: str
    customer: str
    created_from: datetime
    created_before: datetime
    limit: int


class BalanceHistory[S](Resource[S]):
    """Follow what moved balances."""

    @Each
    def list(self, *, division: str, **narrowed: Unpack[MovementsNarrowed]) -> Listing[Movement]:
        """Go through the movements of a division's balance, newest first. Raises NotFound."""
        return requests.listed(requests.at("balance-history"), Movement, division=division, **narrowed)


class Transfers[S](Resource[S]):
    """Move money between divisions that have funds of their own."""

    @Each
    def list(self, **narrowed: Unpack[TransfersNarrowed]) -> Listing[Transfer]:
        """Go through transfers, newest first."""
        return requests.listed(requests.at("transfers"), Transfer, **narrowed)

    @Call
    def get(self, transfer_id: str) -> Request[Transfer]:
        """Open a transfer. Raises NotFound."""
        return requests.fetched(requests.at("transfers", transfer_id), Transfer)

    @Call
    def create(self, *, from_division_id: str, to_division_id: str, amount: Money, idempotency_key: str | None = None) -> Request[Transfer]:
        """Move money: at most what is movable, for credit stays where it is. Raises InsufficientFunds, Conflict, NotFound."""
        body = {"from_division_id": from_division_id, "to_division_id": to_division_id, "amount": amount}
        return requests.sent(requests.at("transfers"), Transfer, body, idempotency_key=idempotency_key)
