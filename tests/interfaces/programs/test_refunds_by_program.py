"""Unapplied credit by program: read, used on invoices, paid back by two people; refused to everybody else."""

import uuid

import pytest

from interfaces.programs import account, operator
from tallystick.domain.customers.rules import StaffRole, Viewer, ViewerKind
from tallystick.domain.payments import operations as payments
from tallystick.domain.payments import queries
from tallystick.domain.payments import rules as paying
from tallystick.lib import ids

_CLERK = Viewer(kind=ViewerKind.STAFF, name="Cleo", person_id=905, staff_role=StaffRole.CLERK)
_SCOPES = ("unapplied_credit:write", "refunds:write", "payments:read", "invoices:read")


def _usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


def _surplus(shop: account.Program, amount_minor: int) -> None:
    """Let money arrive that no invoice asks for."""
    request = paying.RecordRequest(
        customer_id=shop.customer_id,
        method=paying.Method.BANK_TRANSFER,
        amount_minor=amount_minor,
        splits=[],
        reference=uuid.uuid4().hex,
        received_date=account.NOW.date(),
        idempotency_key=uuid.uuid4().hex,
        division_id=shop.top_id,
    )
    payments.record_payment(viewer=_CLERK, request=request, now=account.NOW)


@pytest.fixture
def desk() -> operator.Program:
    """A program of the operator's that enters."""
    return operator.Program(operator.staff_key(StaffRole.CLERK, *_SCOPES))


@pytest.fixture
def chief() -> operator.Program:
    """Another one, that approves."""
    return operator.Program(operator.staff_key(StaffRole.APPROVER, *_SCOPES))


def _wish(shop: account.Program, **change: object) -> dict[str, object]:
    named = {"customer_id": ids.public("cus", shop.customer_id), "division_id": shop.div}
    return {**named, "amount": _usd("60.00"), "reason": "Paid twice", "account": "DE02 1203 0000 0000 2020 51", **change}


def test_a_small_credit_is_found_behind_the_large_ones_of_others(
    shop: account.Program, desk: operator.Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_CREDITS", 1)
    _surplus(account.opened(), 9_000_000_00)
    _surplus(shop, 1)
    cus = ids.public("cus", shop.customer_id)
    assert [one["amount"] for one in desk.get(f"unapplied-credit?customer={cus}").json()["data"]] == [_usd("0.01")]
    assert desk.get("unapplied-credit").json()["has_more"], "what is cut off is said"


def test_credit_is_read_used_and_paid_back(shop: account.Program, desk: operator.Program, chief: operator.Program) -> None:
    """One asks, another approves, the bank's word ends it; nothing is posted twice."""
    _surplus(shop, 100_00)
    cus = ids.public("cus", shop.customer_id)
    assert desk.get(f"unapplied-credit?customer={cus}").json()["data"] == [{"customer_id": cus, "division_id": shop.div, "amount": _usd("100.00")}]
    assert operator.Program(operator.key(shop, "unapplied_credit:read")).get("unapplied-credit").json()["data"][0]["amount"] == _usd("100.00")
    invoice = ids.public("inv", shop.books.issue((40_00, "0")))
    use = {"customer_id": cus, "division_id": shop.div, "invoices": [{"invoice_id": invoice, "amount": _usd("40.00")}]}
    used = [desk.post("unapplied-credit/use", use, idempotency_key="use-it") for _ in range(2)]
    assert [one.status_code for one in used] == [201, 201], used[0].text
    assert used[0].json() == used[1].json()
    made = desk.post("refunds", _wish(shop), idempotency_key="back")
    assert made.status_code == 201, made.text
    path = made.headers["location"].removeprefix("/api/v1/")
    assert desk.post("refunds", _wish(shop), idempotency_key="back").json() == made.json()
    assert chief.post(f"{path}/approval").status_code == 428
    match = {"If-Match": made.headers["etag"]}
    approved = chief.post(f"{path}/approval", **match)
    assert (approved.json()["state"], approved.json()["amount"]) == ("started", _usd("60.00")), approved.text
    assert chief.post(f"{path}/approval", **match).status_code == 412
    settled = [desk.post(f"{path}/settlement") for _ in range(2)]
    assert [one.json()["state"] for one in settled] == ["settled", "settled"]
    assert desk.post(f"{path}/failure", {"reason": "Unknown account"}).status_code == 409
    assert desk.get(path).json() == settled[0].json()
    assert [one["id"] for one in desk.get(f"refunds?customer={cus}").json()["data"]] == [made.json()["id"]]
    assert desk.get(f"unapplied-credit?customer={cus}").json()["data"] == []


def test_a_refund_is_declined_or_comes_back(shop: account.Program, desk: operator.Program, chief: operator.Program) -> None:
    """The credit stays, or is there again; nobody approves what they asked for."""
    _surplus(shop, 100_00)
    own = chief.post("refunds", _wish(shop))
    path = own.headers["location"].removeprefix("/api/v1/")
    assert chief.post(f"{path}/approval", **{"If-Match": own.headers["etag"]}).status_code == 403
    second = operator.Program(operator.staff_key(StaffRole.APPROVER, *_SCOPES))
    assert second.post(f"{path}/decline", {"reason": "Not ours"}).json()["state"] == "declined"
    other = desk.post("refunds", _wish(shop))
    path = other.headers["location"].removeprefix("/api/v1/")
    assert chief.post(f"{path}/approval", **{"If-Match": other.headers["etag"]}).json()["state"] == "started"
    failed = desk.post(f"{path}/failure", {"reason": "Unknown account"})
    assert (failed.json()["state"], failed.json()["failure"]) == ("failed", "Unknown account")
    assert desk.get(f"unapplied-credit?customer={ids.public('cus', shop.customer_id)}").json()["data"][0]["amount"] == _usd("100.00")


@pytest.mark.parametrize(
    ("change", "status", "pointer"),
    [
        ({"amount": _usd("100.01")}, 409, "/amount/amount"),
        ({"amount": _usd("0.00")}, 422, "/amount/amount"),
        ({"amount": {"amount": "1.00", "currency": "EUR"}}, 422, "/amount/currency"),
        ({"account": ""}, 422, "/account"),
        ({"reason": ""}, 422, "/reason"),
        ({"payment_id": "pay_00000000000000000000000000", "account": ""}, 404, None),
        ({"tip": 1}, 422, "/tip"),
    ],
)
def test_what_is_refused(shop: account.Program, desk: operator.Program, change: dict[str, object], status: int, pointer: str | None) -> None:
    """Nothing is asked for by a request that is wrong."""
    _surplus(shop, 100_00)
    refused = desk.post("refunds", _wish(shop, **change))
    pointers = [one["pointer"] for one in refused.json().get("errors", [])]
    assert refused.status_code == status, refused.text
    assert pointer is None or pointers == [pointer], refused.text
    assert desk.get(f"refunds?customer={ids.public('cus', shop.customer_id)}").json()["data"] == []


def test_who_may_not(shop: account.Program, desk: operator.Program) -> None:
    """No key, no scope, a customer's own program, another customer's ids: the latter answer as ids that nobody has."""
    _surplus(shop, 100_00)
    made = desk.post("refunds", _wish(shop)).json()["id"]
    rival = account.opened()
    nobody = "ref_" + "0" * 26
    for path in ("unapplied-credit", "refunds", f"refunds/{made}"):
        assert account.ask("GET", f"/api/v1/{path}").status_code == 401
        assert operator.Program(operator.key(shop, "keys:write")).get(path).json()["code"] == "scope_missing"
    own, theirs = operator.Program(operator.key(shop, *_SCOPES)), operator.Program(operator.key(rival, *_SCOPES))
    assert own.get(f"refunds/{made}").status_code == 200
    assert own.post("refunds", _wish(shop)).status_code == 403
    assert own.post("unapplied-credit/use", {**_wish(shop), "invoices": []}).status_code == 422
    assert [theirs.get(f"refunds/{one}").json()["detail"] for one in (made, nobody)] == ["There is no such refund."] * 2
    for act, body in (("decline", {"reason": "No"}), ("settlement", {}), ("failure", {"reason": "No"})):
        assert theirs.post(f"refunds/{made}/{act}", body).status_code == 404
        assert own.post(f"refunds/{made}/{act}", body).status_code == 403
    below = shop.division("Below")
    narrow = operator.Program(operator.key(shop, *_SCOPES, divisions=(below,)))
    assert narrow.get(f"refunds/{made}").status_code == 404
    assert narrow.get("refunds").json()["data"] == []
    assert narrow.get("unapplied-credit").json()["data"] == []
    assert desk.post("refunds", _wish(shop, division_id=rival.div)).status_code == 404
    assert desk.post("refunds", _wish(shop, customer_id=ids.public("cus", 2**62))).status_code == 404
