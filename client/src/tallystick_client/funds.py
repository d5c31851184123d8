"""View the balance of a division."""

import functools
import json
from dataclasses import dataclass

import httpx

from tallystick_client.money import Money
from tallystick_client.problems import NotUnderstood
from tallystick_client.requests import Call, Request, Resource

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Show a division's figures. Without a credit limit `limit` and `available` are None: there is no end to what may be spent."""

    balance: Money
    unpaid_invoices: Money
    unpaid_purchase_orders: Money
    limit: Money | None
    used_by_other_divisions: Money
    available: Money | None


class Balances[S](Resource[S]):
    """View balances."""

    @Call
    def view(self, division_id: str | None = None) -> Request[Balance]:
        """View a division's balance, by View balance of the CertCentral face; the division may be left out where there is one only. Raises NotFound."""
        query = {} if division_id is None else {"container_id": str(_number(division_id))}
        return Request(method="GET", path="/services/v2/finance/balance", query=query, read=_balance)


def _number(division_id: str) -> int:
    """Tell the number of a container, which is the division's id in Crockford's base 32. Raises ValueError."""
    start, _, letters = division_id.partition("_")
    if start != "div" or not letters or not set(letters) <= set(_ALPHABET):
        raise ValueError(f"{division_id!r:.60} is no division's id, such as div_0000000000001.")
    return functools.reduce(lambda number, letter: number << 5 | _ALPHABET.index(letter), letters, 0)


def _balance(answer: httpx.Response) -> Balance:
    try:
        told = json.loads(answer.content)
        currency = told["currency"]
        unlimited = told.get("unlimited_negative_balance", False)
        return Balance(
            balance=Money(told["balance"], currency),
            unpaid_invoices=Money(told["unpaid_invoice_balance"], currency),
            unpaid_purchase_orders=Money(told["unpaid_po_invoice_balance"], currency),
            limit=None if unlimited else Money(told["negative_balance_limit"], currency),
            used_by_other_divisions=Money(told["used_credit_from_other_containers"], currency),
            available=None if unlimited else Money(told["total_available_funds"], currency),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise NotUnderstood("The answer is no balance. Is this the address of a Tallystick?") from wrong
