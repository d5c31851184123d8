"""Count what the operator's pages ask of the database: as much with many rows as with few."""

import uuid

import pytest
from django.urls import reverse

from interfaces.operator.operating import Town
from interfaces.web import asking

MOST = {
    "queue": 30,  # ten lists of what waits; each that has rows asks once for the names of customers, divisions or invoices on them
    "operator-orders": 12,
    "operator-invoices": 12,
    "operator-payments": 12,
    "operator-refunds": 14,
    "operator-customers": 12,
    "operator-ageing": 10,
    "operator-scheduled": 8,
    "operator-health": 18,
}


@pytest.fixture(scope="module")
def customer_id(town: Town) -> int:
    """Open a customer with an invoice."""
    made = town.customer("Asked")
    town.invoice(made, f"AK-{uuid.uuid4().hex[:6]}")
    return made


def _count(town: Town, address: str) -> list[str]:
    with asking.statements("operator") as asked:
        assert town.approver.get(address).status_code == 200
    return list(asked)


@pytest.mark.parametrize("route", list(MOST))
def test_a_page_asks_little(town: Town, customer_id: int, route: str) -> None:
    """Whatever stands on it."""
    assert customer_id
    _count(town, reverse(route))
    asked = _count(town, reverse(route))
    assert len(asked) <= MOST[route], "\n".join(asked)


def test_more_orders_ask_no_more(town: Town, customer_id: int) -> None:
    """Queue and review ask the same with three more orders waiting."""
    order = town.order(customer_id, f"AK-{uuid.uuid4().hex[:6]}")
    pages = [reverse("queue"), reverse("review", args=[order.id])]
    before = [len(_count(town, address)) for address in pages]
    for _ in range(3):
        town.order(customer_id, f"AK-{uuid.uuid4().hex[:6]}")
    assert [len(_count(town, address)) for address in pages] == before
    assert before[1] <= 34, before


def test_recording_a_payment_asks_little(town: Town, customer_id: int) -> None:
    """Customer, divisions, invoices, and the frame."""
    assert len(_count(town, reverse("record-payment-of", args=[customer_id]))) <= 14
