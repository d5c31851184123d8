"""Money that arrived, recorded by the operator's programs, and taken back when it bounced: once each, and by nobody else."""

import uuid

import pytest

from interfaces.programs import account, operator
from tallystick.domain.customers.rules import StaffRole
from tallystick.lib import ids


def _usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


@pytest.fixture
def desk() -> operator.Program:
    """A program of the operator's clerks."""
    return operator.Program(operator.staff_key(StaffRole.CLERK, "payments:write", "invoices:read"))


def _arrived(shop: account.Program, **change: object) -> dict[str, object]:
    day = account.NOW.date().isoformat()
    named = {"customer_id": ids.public("cus", shop.customer_id), "reference": f"BANK-{uuid.uuid4().hex}", "received_date": day}
    return {**named, "method": "bank_transfer", "amount": _usd("120.00"), **change}


def test_money_is_recorded_once_and_taken_back_once(shop: account.Program, desk: operator.Program) -> None:
    """The invoice is paid, the rest is credit; a bounce opens the invoice again."""
    invoice = ids.public("inv", shop.books.issue((100_00, "0")))
    key = uuid.uuid4().hex
    asked = _arrived(shop, invoices=[{"invoice_id": invoice, "amount": _usd("100.00")}])
    made = [desk.post("payments/record", asked, idempotency_key=key) for _ in range(2)]
    assert [one.status_code for one in made] == [201, 201], made[0].text
    assert made[0].json() == made[1].json()
    shown = made[0].json()
    assert (shown["state"], shown["settled"]) == ("settled", _usd("120.00"))
    assert [(one["invoice_id"], one["amount"]) for one in shown["invoices"]] == [(invoice, _usd("100.00"))]
    assert desk.get(f"invoices/{invoice}").json()["state"] == "paid"
    again = desk.post("payments/record", {**asked, "invoices": []})
    assert (again.status_code, again.json()["code"]) == (409, "reference_taken"), again.text
    bounce = {"amount": _usd("120.00"), "reference": "RETURN-1", "reason": "Account closed"}
    taken = [desk.post(f"payments/{shown['id']}/reversal", bounce) for _ in range(2)]
    assert [(one.status_code, one.json()["state"], one.json()["reversed"]) for one in taken] == [(200, "reversed", _usd("120.00"))] * 2
    assert desk.get(f"invoices/{invoice}").json()["state"] == "issued"


@pytest.mark.parametrize(
    ("change", "status", "pointer"),
    [
        ({"amount": _usd("0.00")}, 422, "/amount/amount"),
        ({"amount": {"amount": "1.00", "currency": "EUR"}}, 422, "/amount/currency"),
        ({"received_date": "2999-01-01"}, 422, "/received_date"),
        ({"reference": ""}, 422, "/reference"),
        ({"method": "card"}, 422, "/method"),
        (
            {"invoices": [{"invoice_id": "inv_00000000000000000000000000", "amount": {"amount": "1.00", "currency": "USD"}}]},
            404,
            "/invoices/0/invoice_id",
        ),
        ({"customer_id": "cus_7zzzzzzzzzzzz"}, 404, None),
        ({"tip": 1}, 422, "/tip"),
    ],
)
def test_what_is_refused(shop: account.Program, desk: operator.Program, change: dict[str, object], status: int, pointer: str | None) -> None:
    """Nothing is recorded by a request that is wrong."""
    refused = desk.post("payments/record", _arrived(shop, **change))
    assert refused.status_code == status, refused.text
    assert pointer is None or [one["pointer"] for one in refused.json()["errors"]] == [pointer]
    assert desk.get(f"payments?customer={ids.public('cus', shop.customer_id)}").json()["data"] == []


def test_who_may_not(shop: account.Program, desk: operator.Program) -> None:
    """A customer's own program, an auditor's, another customer's invoice, and a payment that is not there."""
    own = operator.Program(operator.key(shop, "payments:write"))
    auditor = operator.Program(operator.staff_key(StaffRole.AUDITOR, "payments:write"))
    for who in (own, auditor):
        assert who.post("payments/record", _arrived(shop)).status_code == 403
    made = desk.post("payments/record", _arrived(shop)).json()["id"]
    bounce = {"amount": _usd("1.00"), "reference": "RETURN-2"}
    assert own.post(f"payments/{made}/reversal", bounce).status_code == 403
    assert desk.post("payments/pay_00000000000000000000000000/reversal", bounce).status_code == 404
    assert desk.post(f"payments/{made}/reversal", {**bounce, "amount": _usd("120.01")}).status_code in {409, 422}
    rival = account.opened()
    theirs = ids.public("inv", rival.books.issue((100_00, "0")))
    refused = desk.post("payments/record", _arrived(shop, invoices=[{"invoice_id": theirs, "amount": _usd("1.00")}]))
    assert (refused.status_code, refused.json()["code"]) == (404, "invoice_not_found")
    assert account.ask("POST", "/api/v1/payments/record", json={}).status_code == 401
