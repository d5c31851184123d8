"""Read the balances of divisions, now or as they were."""

import functools
import json
from dataclasses import dataclass
from datetime import datetime

import httpx

from tallystick_client import requests
from tallystick_client.money import Money
from tallystick_client.problems import NotUnderstood
from tallystick_client.requests import Call, Each, Listing, Request, Resource

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewed:
    """Show what View balance tells. Without a credit limit `limit` and `available` are None: there is no end to what may be spent."""

    balance: Money
    unpaid_invoices: Money
    unpaid_purchase_orders: Money
    limit: Money | None
    used_by_other_divisions: Money
    available: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Show a division's figures, now (`as_of` is None) or as of an instant. Without a credit limit `limit` and `available` are None."""

    division_id: str
    as_of: datetime | None
    balance: Money
    held: Money
    unpaid_invoices: Money
    unpaid_purchase_orders: Money
    unapplied_credit: Money
    credit_rule: str
    limit: Money | None
    used_by_other_divisions: Money
    available: Money | None
    movable: Money


class Balances[S](Resource[S]):
    """Read balances."""

    @Each
    def list(self, *, as_of: datetime | None = None, customer: str | None = None) -> Listing[Balance]:
        """Go through the figures of every division in sight, now or just before an instant. Raises Invalid."""
        return requests.listed(requests.at("balance"), Balance, as_of=as_of, customer=customer)

    @Call
    def get(self, division_id: str, *, as_of: datetime | None = None, customer: str | None = None) -> Request[Balance]:
        """Read the figures of one division, now or just before an instant. Raises NotFound."""
        return requests.fetched(requests.at("balance", division_id), Balance, as_of=as_of, customer=customer)

    @Call
    def view(self, division_id: str | None = None) -> Request[Viewed]:
        """View a division's balance, by View balance of the CertCentral face; the division may be left out where there is one only. Raises NotFound."""
        query = {} if division_id is None else {"container_id": str(_number(division_id))}
        return Request(method="GET", path="/services/v2/finance/balance", query=query, read=_balance)


def _number(division_id: str) -> int:
    """Tell the number of a container, which is the division's id in Crockford's base 32. Raises ValueError."""
    start, _, letters = division_id.partition("_")
    if start != "div" or not letters or not set(letters) <= set(_ALPHABET):
        raise ValueError(f"{division_id!r:.60} is no division's id, such as div_0000000000001.")
    return functools.reduce(lambda number, letter: number << 5 | _ALPHABET.index(letter), letters, 0)


def _balance(answer: httpx.Response) -> Viewed:
    try:
        told = json.loads(answer.content)
        currency = told["currency"]
        unlimited = told.get("unlimited_negative_balance", False)
        return Viewed(
            balance=Money(told["balance"], currency),
            unpaid_invoices=Money(told["unpaid_invoice_balance"], currency),
            unpaid_purchase_orders=Money(told["unpaid_po_invoice_balance"], currency),
            limit=None if unlimited else Money(told["negative_balance_limit"], currency),
            used_by_other_divisions=Money(told["used_credit_from_other_containers"], currency),
            available=None if unlimited else Money(told["total_available_funds"], currency),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise NotUnderstood("The answer is no balance. Is this the address of a Tallystick?") from wrong
