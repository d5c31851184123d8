"""Charges by program, as native-api.md has them: figures, replays, refusals with pointers, batches answered element by element."""

import asyncio
import uuid
from pathlib import Path

import httpx
import pytest
from django.test import Client, override_settings

from interfaces.programs import account
from tallystick.domain.administration import operations as administration
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import Act
from tallystick.interfaces.api import access
from tallystick.lib import ids


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    shown = answer.json()
    assert shown["status"] == answer.status_code
    assert shown["request_id"] == answer.headers["x-request-id"]
    return answer.status_code, shown["code"]


def pointers(answer: httpx.Response) -> list[str]:
    return [each["pointer"] for each in answer.json()["errors"]]


def test_a_charge_is_answered_with_all_that_it_did(shop: account.Program) -> None:
    shop.opening(10_000)
    answer = shop.charge("12.50", order_id="A-1", line_reference="1", note="Certificate")
    shown = answer.json()
    assert answer.status_code == 201
    assert "idempotent-replayed" not in answer.headers
    assert ids.parse_integer("chg", shown.pop("id"))
    assert shown.pop("posted_at").endswith("Z")
    assert shown == {
        "division_id": shop.div,
        "amount": {"amount": "12.50", "currency": "USD"},
        "order_id": "A-1",
        "line_reference": "1",
        "note": "Certificate",
        "balance_after": {"amount": "87.50", "currency": "USD"},
    }
    assert shop.balance().json()["balance"] == "87.50"


def test_the_same_request_replays_its_first_answer_and_another_is_refused(shop: account.Program) -> None:
    first = shop.charge("3.00", idempotency_key="k-1", order_id="A-1")
    again = shop.charge("3.00", idempotency_key="k-1", order_id="A-1")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert problem(shop.charge("4.00", idempotency_key="k-1", order_id="A-1")) == (422, "idempotency_key_reused")
    assert shop.balance().json()["balance"] == "-3.00"


def test_fifty_at_once_with_one_key_have_one_effect_and_one_answer(shop: account.Program) -> None:
    async def all_at_once() -> list[httpx.Response]:
        async with account.client() as speaking:
            body = {"division_id": shop.div, "amount": {"amount": "1.00", "currency": "USD"}}
            headers = {"Authorization": f"Bearer {shop.key}", "Idempotency-Key": "one"}
            return await asyncio.gather(*(speaking.post("/api/v1/charges", json=body, headers=headers) for _ in range(50)))

    answers = account.run(all_at_once())
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert shop.balance().json()["balance"] == "-1.00"


def test_many_at_once_stop_at_the_limit_to_the_cent(shop: account.Program) -> None:
    async def all_at_once() -> list[httpx.Response]:
        async with account.client() as speaking:
            body = {"division_id": shop.div, "amount": {"amount": "30.00", "currency": "USD"}}
            headers = {"Authorization": f"Bearer {shop.key}"}
            return await asyncio.gather(
                *(speaking.post("/api/v1/charges", json=body, headers={**headers, "Idempotency-Key": str(n)}) for n in range(100))
            )

    answers = account.run(all_at_once())
    assert sorted(answer.status_code for answer in answers) == [201] * 66 + [402] * 34
    assert shop.balance().json()["total_available_funds"] == "20.00"


def test_too_little_is_refused_with_the_figures_and_not_remembered() -> None:
    shop = account.opened(separate_funds=True)
    other = shop.division("Other")
    shop.spend(30_000, other)
    answer = shop.charge("1700.01", idempotency_key="later")
    assert problem(answer) == (402, "insufficient_funds")
    shown = answer.json()
    assert {name: shown[name]["amount"] for name in ("available", "required", "limit", "used_by_other_divisions")} == {
        "available": "1700.00",
        "required": "1700.01",
        "limit": "2000.00",
        "used_by_other_divisions": "300.00",
    }
    shop.opening(1)
    assert shop.charge("1700.01", idempotency_key="later").status_code == 201


def test_an_order_is_charged_once_whatever_the_key(shop: account.Program) -> None:
    assert shop.charge(order_id="A-1").status_code == 201
    assert problem(shop.charge(order_id="A-1")) == (409, "order_charged")
    assert shop.charge(order_id="A-1", line_reference="2").status_code == 201


@pytest.mark.parametrize(
    ("amount", "currency", "code", "pointer"),
    [
        ("0", "USD", "amount_not_positive", "/amount/amount"),
        ("0.00", "USD", "amount_not_positive", "/amount/amount"),
        ("-1.00", "USD", "amount_malformed", "/amount/amount"),
        ("1e30", "USD", "amount_malformed", "/amount/amount"),
        ("", "USD", "amount_malformed", "/amount/amount"),
        (" 1.00", "USD", "amount_malformed", "/amount/amount"),
        ("1,00", "USD", "amount_malformed", "/amount/amount"),
        ("1.000", "USD", "amount_too_precise", "/amount/amount"),
        ("9999999999999999", "USD", "amount_too_large", "/amount/amount"),
        ("1.00", "EUR", "currency_mismatch", "/amount/currency"),
        ("1.00", "usd", "currency_mismatch", "/amount/currency"),
        (1, "USD", "invalid", "/amount/amount"),
        (1.5, "USD", "invalid", "/amount/amount"),
        (None, "USD", "invalid", "/amount/amount"),
        ("1.00", None, "invalid", "/amount/currency"),
    ],
)
def test_amounts_that_cannot_be(shop: account.Program, amount: object, currency: object, code: str, pointer: str) -> None:
    answer = shop.post("charges", {"division_id": shop.div, "amount": {"amount": amount, "currency": currency}})
    assert problem(answer) == (422, code)
    assert pointers(answer) == [pointer]
    assert shop.balance().json()["balance"] == "0.00"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"surplus": 1}, "/surplus"),
        ({"amount": {"amount": "1.00", "currency": "USD", "x": 1}}, "/amount/x"),
        ({"amount": {"amount": "1.00"}}, "/amount/currency"),
        ({"amount": "1.00"}, "/amount"),
        ({"order_id": ""}, "/order_id"),
        ({"order_id": "A" * 256}, "/order_id"),
        ({"order_id": "A\u0000"}, "/order_id"),
        ({"order_id": "A\n"}, "/order_id"),
        ({"order_id": 7}, "/order_id"),
        ({"note": "x" * 1001}, "/note"),
        ({"division_id": 7}, "/division_id"),
    ],
)
def test_bodies_are_read_strictly(shop: account.Program, change: dict[str, object], pointer: str) -> None:
    answer = shop.post("charges", {"division_id": shop.div, "amount": {"amount": "1.00", "currency": "USD"}, **change})
    assert problem(answer) == (422, "invalid")
    assert pointers(answer) == [pointer]


@pytest.mark.parametrize("body", [b"{", b"\xff", b"nonsense", b'{"division_id": "x"'])
def test_a_body_that_is_no_json(shop: account.Program, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {shop.key}", "Idempotency-Key": "k"}
    assert problem(account.ask("POST", "/api/v1/charges", headers=headers, content=body)) == (400, "body_malformed")


def test_a_body_that_is_too_large(shop: account.Program) -> None:
    headers = {"Authorization": f"Bearer {shop.key}", "Idempotency-Key": "k"}
    assert problem(account.ask("POST", "/api/v1/charges", headers=headers, content=b" " * 100_000)) == (413, "body_too_large")


def test_the_idempotency_key_is_required_and_checked(shop: account.Program) -> None:
    body = {"division_id": shop.div, "amount": {"amount": "1.00", "currency": "USD"}}
    assert problem(shop.post("charges", body, idempotency_key=None)) == (400, "idempotency_key_missing")
    for wrong in ("a b", "k" * 256):
        assert problem(shop.post("charges", body, idempotency_key=wrong)) == (400, "idempotency_key_malformed")


def test_who_may_charge(shop: account.Program) -> None:
    assert problem(shop.charge(key="tsk_live_wrong")) == (401, "unauthenticated")
    assert problem(account.ask("POST", "/api/v1/charges", json={})) == (401, "unauthenticated")
    assert problem(shop.charge(key=shop.another_key(acts=[Act.SEE_FINANCES]))) == (403, "scope_missing")


def test_a_revoked_key_stops_within_a_second(shop: account.Program, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shop.charge().status_code == 201
    customers.revoke_key(viewer=shop.viewer, key_id=shop.key_id, now=account.NOW)
    monkeypatch.setattr(access, "_REMEMBERED_SECONDS", 0)
    access._remembered.clear()
    assert problem(shop.charge()) == (401, "unauthenticated")


def test_divisions_of_others_out_of_sight_closed_and_unknown(shop: account.Program) -> None:
    other, own = account.opened(), shop.division("Research")
    narrow = shop.another_key(divisions=[own])
    for written, key in ((other.div, shop.key), ("div_zzz", shop.key), (ids.public("div", 2**62), shop.key), (shop.div, narrow), ("", shop.key)):
        answer = shop.charge(key=key, division_id=written)
        assert problem(answer) == (404, "division_not_found"), written
        assert pointers(answer) == ["/division_id"]
    administration.close_division(viewer=shop.viewer, division_id=own, now=account.NOW)
    assert problem(shop.charge(division_id=ids.public("div", own))) == (409, "division_closed")


def test_the_request_id_comes_back(shop: account.Program) -> None:
    answer = shop.post("charges", {}, **{"X-Request-Id": "mine-1"})
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "mine-1"
    assert shop.post("charges", {}, **{"X-Request-Id": "not mine"}).headers["x-request-id"] != "not mine"


def element(shop: account.Program, key: str, amount: str = "1.00", **more: object) -> dict[str, object]:
    return {"division_id": shop.div, "amount": {"amount": amount, "currency": "USD"}, "idempotency_key": key, **more}


def test_a_batch_is_answered_element_by_element_in_order(shop: account.Program) -> None:
    other = account.opened()
    rows = [
        element(shop, "a", "1999.00"),
        element(shop, "b", "1.01"),
        element(shop, "c", "1.00", order_id="A-1"),
        element(shop, "a", "1999.00"),
        element(shop, "a", "5.00"),
        element(shop, "d", "0.00"),
        element(other, "e"),
        element(shop, "f", surplus=1),
        element(shop, "g", order_id="A-1"),
        {"division_id": shop.div, "amount": {"amount": "1.00", "currency": "USD"}},
        7,
    ]
    answer = shop.post("charges/batch", {"charges": rows}, idempotency_key=None)
    shown = answer.json()
    assert answer.status_code == 200
    assert [row["status"] for row in shown["data"]] == [201, 402, 201, 201, 422, 422, 404, 422, 409, 422, 422]
    assert [row["replayed"] for row in shown["data"]][:4] == [False, False, False, True]
    assert (shown["accepted"], shown["refused"]) == (3, 8)
    assert shown["data"][0]["charge"] == shown["data"][3]["charge"]
    assert [row["problem"]["code"] for row in shown["data"] if "problem" in row][:3] == [
        "insufficient_funds",
        "idempotency_key_reused",
        "amount_not_positive",
    ]
    assert shop.balance().json()["total_available_funds"] == "0.00"
    again = shop.post("charges/batch", {"charges": rows[:1]}, idempotency_key=None).json()["data"][0]
    assert again == {**shown["data"][0], "replayed": True}


def test_a_batch_holds_one_to_five_thousand(shop: account.Program) -> None:
    shop.opening(10_000_000)
    for count, status in ((0, 422), (5000, 200), (5001, 422)):
        answer = shop.post("charges/batch", {"charges": [element(shop, str(uuid.uuid4())) for _ in range(count)]}, idempotency_key=None)
        assert answer.status_code == status
    assert shop.balance().json()["balance"] == "95000.00"


def test_unknown_routes_and_methods(tmp_path: Path) -> None:
    with override_settings(ROOT_URLCONF="tallystick.interfaces.api.urls", STATIC_ROOT=tmp_path, ALLOWED_HOSTS=["testserver"]):
        assert problem(Client().get("/api/v1/charges")) == (405, "method_not_allowed")
        assert problem(Client().get("/api/v1/nothing")) == (404, "route_not_found")
