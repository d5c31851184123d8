"""Payments by program: a customer's key starts one, once; what it brought is listed and opened by whoever sees it."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.conf import settings

from interfaces.programs import account, operator
from tallystick.domain.customers.rules import StaffRole, Viewer, ViewerKind
from tallystick.domain.payments import operations as payments
from tallystick.domain.payments import rules
from tallystick.integrations.gateways import protocol
from tallystick.interfaces import gateway
from tallystick.lib import ids

CLERK = Viewer(kind=ViewerKind.STAFF, name="Max Lindt", person_id=902, staff_role=StaffRole.CLERK)


def amount(text: str) -> dict[str, str]:
    return {"amount": text, "currency": "USD"}


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def payer(shop: account.Program, *divisions: int) -> operator.Program:
    return operator.Program(operator.key(shop, "payments:write", divisions=divisions or None))


def issued(shop: account.Program, net_minor: int = 45_400, division_id: int | None = None) -> str:
    return ids.public("inv", shop.books.issue((net_minor, "0"), division_id=division_id))


def test_a_transfer_is_announced_once(shop: account.Program) -> None:
    first, second = issued(shop), issued(shop, 10_000)
    wish = {
        "invoices": [{"invoice_id": first, "amount": amount("454.00")}, {"invoice_id": second, "amount": amount("40.00")}],
        "method": "bank_transfer",
    }
    program = payer(shop)
    made = program.post("payments", wish, idempotency_key="p")
    assert made.status_code == 201, made.text
    shown = made.json()
    assert (shown["state"], shown["amount"], shown["settled"], shown["settled_at"]) == ("started", amount("494.00"), amount("0.00"), None)
    assert [(part["invoice_id"], part["amount"]) for part in shown["invoices"]] == [(first, amount("454.00")), (second, amount("40.00"))]
    again = program.post("payments", wish, idempotency_key="p")
    assert (again.content, again.headers["idempotent-replayed"]) == (made.content, "true")
    assert code(program.post("payments", {**wish, "method": "balance"}, idempotency_key="p")) == (422, "idempotency_key_reused")
    assert program.get(made.headers["location"].removeprefix("/api/v1/")).json() == shown
    listed = program.get("payments?status=started").json()
    assert [row["reference"] for row in listed["data"]] == [shown["reference"]]
    assert program.get("payments?status=settled").json()["data"] == []


def test_unapplied_credit_pays_at_once(shop: account.Program) -> None:
    arrived = rules.RecordRequest(
        customer_id=shop.customer_id,
        method=rules.Method.BANK_TRANSFER,
        amount_minor=5_000,
        splits=[],
        reference=f"BANK-{ids.new()}",
        received_date=account.NOW.date(),
        idempotency_key=str(ids.new()),
        division_id=shop.top_id,
    )
    payments.record_payment(viewer=CLERK, request=arrived, now=account.NOW)
    invoice = issued(shop)
    wish = {"invoices": [{"invoice_id": invoice, "amount": amount("50.00")}], "method": "unapplied_credit"}
    program = payer(shop)
    assert code(program.post("payments", wish))[0] == 422
    made = program.post("payments", {**wish, "division_id": shop.div}).json()
    assert (made["state"], made["settled"]) == ("settled", amount("50.00"))
    assert code(program.post("payments", {**wish, "division_id": shop.div}))[0] in {402, 409, 422}


def test_the_same_payment_by_many_at_once_is_one(shop: account.Program) -> None:
    wish = {"invoices": [{"invoice_id": issued(shop), "amount": amount("454.00")}], "method": "bank_transfer"}
    program = payer(shop)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: program.post("payments", wish, idempotency_key="same"), range(8)))
    made = [answer for answer in answers if answer.status_code == 201]
    assert all(code(answer) == (409, "request_running") for answer in answers if answer not in made)
    assert len({answer.content for answer in made}) == 1
    assert len(program.get("payments").json()["data"]) == 1


def test_pages_go_both_ways(shop: account.Program) -> None:
    invoice, program = issued(shop), payer(shop)
    wish = {"invoices": [{"invoice_id": invoice, "amount": amount("1.00")}], "method": "bank_transfer"}
    made = [program.post("payments", wish).json()["id"] for _ in range(3)]
    first = program.get("payments?limit=2")
    assert [row["id"] for row in first.json()["data"]] == made[:0:-1]
    second = program.get(first.links["next"]["url"].removeprefix("/api/v1/"))
    assert [row["id"] for row in second.json()["data"]] == made[:1]
    back = program.get(second.links["prev"]["url"].removeprefix("/api/v1/"))
    assert [row["id"] for row in back.json()["data"]] == made[:0:-1]


def test_wrong_wishes_are_pointed_at(shop: account.Program) -> None:
    invoice, program = issued(shop), payer(shop)
    wrong = [
        ({"invoices": []}, 422, "/invoices"),
        ({"invoices": [{"invoice_id": ids.public("inv", ids.new()), "amount": amount("1.00")}]}, 404, "/invoices/0/invoice_id"),
        ({"invoices": [{"invoice_id": "inv_1", "amount": amount("1.00")}]}, 404, "/invoices/0/invoice_id"),
        ({"invoices": [{"invoice_id": invoice, "amount": amount("0.00")}]}, 422, "/invoices/0/amount/amount"),
        ({"invoices": [{"invoice_id": invoice, "amount": {"amount": "1.00", "currency": "EUR"}}]}, 422, "/invoices/0/amount/currency"),
        ({"invoices": [{"invoice_id": invoice, "amount": amount("1.00")}] * 2}, 422, "/invoices"),
        ({"invoices": [{"invoice_id": invoice}]}, 422, "/invoices/0/amount"),
        ({"method": "cheque"}, 422, "/method"),
        ({"method": "card"}, 422, "/return_url"),
        ({"method": "balance"}, None, "/method"),
        ({"division_id": "div_0000000000009"}, 404, "/division_id"),
    ]
    for change, status, pointer in wrong:
        refused = program.post("payments", {"invoices": [{"invoice_id": invoice, "amount": amount("1.00")}], "method": "bank_transfer", **change})
        assert refused.status_code == (status or refused.status_code), refused.text
        assert refused.json()["errors"][0]["pointer"] == pointer, refused.text
    above = {"invoices": [{"invoice_id": invoice, "amount": amount("454.01")}], "method": "bank_transfer"}
    assert program.post("payments", above).status_code in {409, 422}
    assert program.get("payments").json()["data"] == []
    assert code(program.post("payments", above, idempotency_key=None)) == (400, "idempotency_key_missing")


def test_who_may_not_pay_or_does_not_see_is_refused(shop: account.Program) -> None:
    north = shop.division("North")
    top, below = issued(shop), issued(shop, division_id=north)
    wish = {"invoices": [{"invoice_id": top, "amount": amount("454.00")}], "method": "bank_transfer"}
    reading = operator.Program(operator.key(shop, "payments:read"))
    assert code(reading.post("payments", wish)) == (403, "scope_missing")
    assert code(operator.Program(operator.key(shop, "invoices:read")).get("payments")) == (403, "scope_missing")
    northern, everything = payer(shop, north), payer(shop)
    assert code(northern.post("payments", wish, idempotency_key="k")) == (404, "invoice_not_found")
    made = everything.post("payments", wish, idempotency_key="k")
    assert made.status_code == 201
    # the key of another sight has nothing to do with it: it is not told that "k" was used
    own = northern.post("payments", {**wish, "invoices": [{"invoice_id": below, "amount": amount("454.00")}]}, idempotency_key="k")
    assert own.status_code == 201
    assert code(northern.get(f"payments/{made.json()['id']}"))[0] == 404
    assert [row["id"] for row in northern.get("payments").json()["data"]] == [own.json()["id"]]
    stranger = payer(account.opened())
    assert code(stranger.get(f"payments/{made.json()['id']}"))[0] == 404
    assert code(stranger.post("payments", wish)) == (404, "invoice_not_found")
    assert code(stranger.get("payments?customer=" + ids.public("cus", shop.customer_id)))[0] == 404
    desk = operator.Program(operator.staff_key(StaffRole.CLERK, "payments:read"))
    assert desk.get(f"payments/{made.json()['id']}").json()["customer_id"] == ids.public("cus", shop.customer_id)


class Gateway:
    """Take the start of a payment by card; nothing else is asked of it here."""

    name = "fake"

    def __init__(self) -> None:
        self.starts: list[protocol.Attempt] = []

    def start(self, attempt: protocol.Attempt) -> protocol.Started:
        self.starts.append(attempt)
        return protocol.Started(redirect_url=f"https://gateway.example/{attempt.idempotency_key}", provider_reference=f"gw-{ids.new()}")


def test_by_card_a_person_goes_on_at_the_gateway(shop: account.Program, monkeypatch: pytest.MonkeyPatch) -> None:
    wish = {"invoices": [{"invoice_id": issued(shop), "amount": amount("1.00")}], "method": "card", "return_url": "https://northwind.example/back"}
    program, cards = payer(shop), Gateway()
    monkeypatch.setattr(gateway, "configured", lambda: cards)
    made = program.post("payments", wish, idempotency_key="card")
    assert made.status_code == 201, made.text
    assert (made.json()["state"], made.json()["redirect_url"]) == ("started", f"https://gateway.example/{made.json()['id']}")
    assert program.post("payments", wish, idempotency_key="card").content == made.content
    assert [(one.amount_minor, one.return_url) for one in cards.starts] == [(100, "https://northwind.example/back")]
    # another card payment of the same invoice waits for the end of this one
    assert code(program.post("payments", wish))[0] == 409


def test_without_a_gateway_no_card_is_taken(shop: account.Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "configured", gateway.configured.__wrapped__)
    monkeypatch.setattr(settings, "GATEWAY_URL", "")
    wish = {"invoices": [{"invoice_id": issued(shop), "amount": amount("1.00")}], "method": "card", "return_url": "https://northwind.example/back"}
    program = payer(shop)
    assert code(program.post("payments", wish)) == (409, "no_card_gateway")
    assert program.get("payments").json()["data"] == []
