"""Purchase orders by program: send, list, open, approve, reject, send again; each step safe to repeat, and nobody decides on what changed."""

import json
import threading
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from interfaces.programs import account, operator
from tallystick.domain.customers.rules import StaffRole
from tallystick.domain.purchasing import queries
from tallystick.interfaces.services_v2 import gate
from tallystick.lib import ids


def _png() -> bytes:
    made = BytesIO()
    Image.new("RGB", (8, 8), "white").save(made, "PNG")
    return made.getvalue()


PNG = _png()

SCOPES = ("purchase_orders:write", "invoices:write")


@pytest.fixture
def buyer(shop: account.Program) -> operator.Buyer:
    """A program of the customer that sends orders."""
    return operator.Buyer(shop, operator.key(shop, *SCOPES))


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def pointers(answer: httpx.Response) -> list[str]:
    return [wrong["pointer"] for wrong in answer.json()["errors"]]


def test_an_order_is_sent_listed_and_opened(buyer: operator.Buyer) -> None:
    sent = buyer.send(buyer.order())
    assert sent.status_code == 201, sent.text
    order = sent.json()
    assert sent.headers["location"] == f"/api/v1/purchase-orders/{order['id']}"
    assert (order["state"], order["revision"], order["gross"]) == ("pending", 1, {"amount": "500.00", "currency": "USD"})
    assert order["lines"][0]["quantity"] == "2"
    assert (order["channel"], order["division_id"], order["submitted_at"][-1]) == ("api", buyer.shop.div, "Z")
    opened = buyer.get(f"purchase-orders/{order['id']}")
    assert (opened.status_code, opened.json()) == (200, order)
    assert opened.headers["etag"] == sent.headers["etag"]
    assert buyer.get(f"purchase-orders/{order['id']}", **{"If-None-Match": opened.headers["etag"]}).status_code == 304
    listed = buyer.get("purchase-orders").json()
    assert ([one["id"] for one in listed["data"]], listed["has_more"]) == ([order["id"]], False)
    assert "x-request-id" in opened.headers
    assert buyer.get("purchase-orders", **{"X-Request-Id": "mine"}).headers["x-request-id"] == "mine"


@pytest.fixture(scope="module")
def approver(database: dict[str, str]) -> operator.Program:
    """A program of the operator that approves."""
    assert database, "the database comes first"
    return operator.Program(operator.staff_key(StaffRole.APPROVER))


def test_a_document_comes_with_the_order_in_one_form(buyer: operator.Buyer) -> None:
    sent = account.ask(
        "POST",
        "/api/v1/purchase-orders",
        headers={"Authorization": f"Bearer {buyer.key}"},
        data={"order": json.dumps(buyer.order())},
        files={"document": ("order.png", PNG, "image/png")},
    )
    assert sent.status_code == 201, sent.text
    assert sent.json()["document_name"] == "order.png"
    kept = buyer.get(f"purchase-orders/{sent.json()['id']}/document")
    assert (kept.status_code, kept.headers["content-type"], kept.headers["x-content-type-options"]) == (200, "image/png", "nosniff")
    for files, data, wrong in (
        ({"document": ("order.png", b"no picture", "image/png")}, {"order": json.dumps(buyer.order())}, "/document"),
        ({"picture": ("order.png", PNG, "image/png")}, {"order": json.dumps(buyer.order())}, "/picture"),
        ({"document": ("order.png", PNG, "image/png")}, {}, "/order"),
    ):
        refused = account.ask("POST", "/api/v1/purchase-orders", headers={"Authorization": f"Bearer {buyer.key}"}, data=data, files=files)
        assert (refused.status_code, pointers(refused)) == (422, [wrong]), refused.text


def test_the_same_request_has_one_effect(buyer: operator.Buyer) -> None:
    body = buyer.order()
    first, again = buyer.send(body, idempotency_key="k"), buyer.send(body, idempotency_key="k")
    assert (again.status_code, again.content, again.headers["etag"]) == (201, first.content, first.headers["etag"])
    assert (again.headers["idempotent-replayed"], "idempotent-replayed" in first.headers) == ("true", False)
    assert code(buyer.send(buyer.order(), idempotency_key="k")) == (422, "idempotency_key_reused")
    assert len(buyer.get("purchase-orders").json()["data"]) == 1
    assert code(buyer.send(body)) == (422, "purchase_order_number_used")
    assert code(buyer.send(body, idempotency_key="a b")) == (400, "idempotency_key_malformed")


def test_a_refusal_is_not_remembered(buyer: operator.Buyer) -> None:
    wrong = buyer.order(signed=False)
    assert code(buyer.send(wrong, idempotency_key="k"))[0] == 422
    assert buyer.send({**wrong, "signed": True}, idempotency_key="k").status_code == 201


def test_a_narrower_key_is_not_told_what_a_wider_one_was(buyer: operator.Buyer) -> None:
    north = buyer.shop.division("North")
    body = buyer.order()
    buyer.send(body, idempotency_key="k")
    narrow = operator.Buyer(buyer.shop, operator.key(buyer.shop, *SCOPES, divisions=(north,)))
    refused = narrow.send(body, idempotency_key="k")
    assert (refused.status_code, pointers(refused)) == (422, ["/division_id"])


def test_many_at_once_have_one_effect(buyer: operator.Buyer) -> None:
    body, answers = buyer.order(), []
    threads = [threading.Thread(target=lambda: answers.append(buyer.send(body, idempotency_key="k"))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 5
    assert len(buyer.get("purchase-orders").json()["data"]) == 1


def test_nobody_approves_what_changed_under_them(buyer: operator.Buyer, approver: operator.Program) -> None:
    order = buyer.sent()
    at = f"purchase-orders/{order['id']}"
    assert code(approver.post(f"{at}/approval")) == (428, "if_match_missing")
    assert code(approver.post(f"{at}/approval", **{"If-Match": '"1-rejected"'})) == (412, "precondition_failed")
    assert code(approver.post(f"{at}/approval", idempotency_key=None, **{"If-Match": str(order["etag"])})) == (400, "idempotency_key_missing")
    shown = approver.post(f"{at}/approval?dry_run=true", idempotency_key="a", **{"If-Match": str(order["etag"])})
    assert shown.status_code == 200, shown.text
    assert shown.json()["gross"] == {"amount": "500.00", "currency": "USD"}
    assert shown.json()["funds_after_payment"]["balance"]["amount"] == "500.00"
    assert buyer.get(at).json()["state"] == "pending"
    approved = approver.post(f"{at}/approval", idempotency_key="b", **{"If-Match": str(order["etag"])})
    assert approved.status_code == 201, approved.text
    assert (approved.json()["number"], approved.json()["purchase_order_id"]) == (shown.json()["number"], order["id"])
    again = approver.post(f"{at}/approval", idempotency_key="b", **{"If-Match": str(order["etag"])})
    assert (again.content, again.headers["idempotent-replayed"]) == (approved.content, "true")
    assert buyer.get(at).json()["invoice_id"] == approved.json()["id"]
    assert code(approver.post(f"{at}/approval", **{"If-Match": buyer.get(at).headers["etag"]})) == (409, "purchase_order_decided")


def test_a_rejected_order_comes_back_corrected(buyer: operator.Buyer, approver: operator.Program) -> None:
    order = buyer.sent()
    at = f"purchase-orders/{order['id']}"
    assert pointers(approver.post(f"{at}/rejection", {"reasons": []})) == ["/reasons"]
    rejected = approver.post(f"{at}/rejection", {"reasons": ["signature"], "text": "Sign page 2"})
    assert (rejected.status_code, rejected.json()["state"]) == (200, "rejected")
    assert rejected.json()["decisions"][0]["text"] == "Sign page 2"
    body = buyer.order(number=order["number"])
    assert code(buyer.post(f"{at}/revisions", body, **{"If-Match": str(order["etag"])})) == (412, "precondition_failed")
    back = buyer.post(f"{at}/revisions", body, **{"If-Match": rejected.headers["etag"]})
    assert (back.status_code, back.json()["state"], back.json()["revision"]) == (201, "pending", 2)
    taken = buyer.post(f"{at}/withdrawal")
    assert (taken.status_code, taken.json()["state"]) == (200, "withdrawn")
    assert code(buyer.post(f"{at}/withdrawal")) == (409, "purchase_order_decided")


def test_lists_page_by_cursor_both_ways(buyer: operator.Buyer) -> None:
    sent = [buyer.sent()["id"] for _ in range(5)][::-1]
    first = buyer.get("purchase-orders?limit=2")
    assert [one["id"] for one in first.json()["data"]] == sent[:2]
    assert first.json()["has_more"] is True
    assert first.headers["link"] == f'</api/v1/purchase-orders?limit=2&after={sent[1]}>; rel="next"'
    second = account.ask("GET", first.headers["link"].partition(">")[0][1:], headers={"Authorization": f"Bearer {buyer.key}"})
    assert [one["id"] for one in second.json()["data"]] == sent[2:4]
    last = buyer.get(f"purchase-orders?limit=2&after={sent[3]}")
    assert ([one["id"] for one in last.json()["data"]], last.json()["has_more"], "next" in last.headers["link"]) == (sent[4:], False, False)
    back = buyer.get(f"purchase-orders?limit=2&before={sent[3]}")
    assert ([one["id"] for one in back.json()["data"]], back.json()["has_more"]) == (sent[1:3], True)
    assert code(buyer.get(f"purchase-orders?after={sent[0]}&before={sent[1]}")) == (422, "cursor_twice")


def test_lists_are_narrowed(buyer: operator.Buyer) -> None:
    north = buyer.shop.division("North")
    one, two = buyer.sent(number="AB-7"), buyer.sent(division_id=ids.public("div", north))

    def found(query: str) -> list[str]:
        answer = buyer.get(f"purchase-orders?{query}")
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()["data"]]

    assert found("q=ab-7") == [one["id"]]
    assert found(f"division={ids.public('div', north)}") == [two["id"]]
    assert found("status=approved") == []
    assert found("created[gte]=2020-01-01T00:00:00Z") == [two["id"], one["id"]]
    assert found("created[lt]=2020-01-01T00:00:00Z") == []


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("colour=red", "?colour"),
        ("limit=0", "?limit"),
        ("limit=201", "?limit"),
        ("limit=1&limit=2", "?limit"),
        ("status=open", "?status"),
        ("created[gte]=2026-01-01T00:00:00", "?created[gte]"),
        ("after=inv_1", "?after"),
        ("q=%00", "?q"),
    ],
)
def test_what_is_no_parameter_is_refused(buyer: operator.Buyer, query: str, pointer: str) -> None:
    refused = buyer.get(f"purchase-orders?{query}")
    assert (refused.status_code, pointers(refused)) == (422, [pointer]), refused.text


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"colour": "red"}, "/colour"),
    ({"terms_days": "30"}, "/terms_days"),
    ({"terms_days": 31}, "/terms_days"),
    ({"signed": False}, "/signed"),
    ({"bill_to": {"name": "N", "street": "S", "city": "C", "country": "us"}}, "/bill_to/country"),
    ({"contact": {"name": "D", "mail": "nobody"}}, "/contact/mail"),
    ({"amount": {"amount": "1.00", "currency": "USD"}}, "/amount/amount"),
    ({"amount": {"amount": "500.00", "currency": "EUR"}}, "/amount/currency"),
    ({"amount": {"amount": "-1", "currency": "USD"}}, "/amount/amount"),
    ({"lines": [{"description": "C", "quantity": "0", "unit_price": {"amount": "1", "currency": "USD"}}]}, "/lines/0/quantity"),
    ({"lines": [{"description": "C", "unit_price": {"amount": "1.001", "currency": "USD"}}]}, "/lines/0/unit_price/amount"),
    ({"division_id": "div_0"}, "/division_id"),
    ({"number": "\x00"}, "/number"),
]


@pytest.mark.parametrize(("change", "pointer"), WRONG)
def test_every_complaint_points_into_the_body(buyer: operator.Buyer, change: dict[str, Any], pointer: str) -> None:
    refused = buyer.send(buyer.order(**change))
    assert (refused.status_code, pointers(refused)) == (422, [pointer]), refused.text


def test_a_body_that_cannot_be_read(buyer: operator.Buyer) -> None:
    headers = {"Authorization": f"Bearer {buyer.key}", "Content-Type": "application/json"}
    for content in (b"{", b"\xff", b"[" * 100_000):
        assert code(account.ask("POST", "/api/v1/purchase-orders", headers=headers, content=content)) == (400, "body_malformed")
    form = {**headers, "Content-Type": "multipart/form-data"}
    assert code(account.ask("POST", "/api/v1/purchase-orders", headers=form, content=b"x")) == (400, "body_malformed")
    large = b" " * 12_100_000
    assert code(account.ask("POST", "/api/v1/purchase-orders", headers=headers, content=large)) == (413, "body_too_large")
    xml = {**headers, "Content-Type": "application/xml"}
    assert code(account.ask("POST", "/api/v1/purchase-orders", headers=xml, content=b"<a/>")) == (415, "content_type_unsupported")
    assert code(buyer.send(None, idempotency_key="k"))[0] == 422


def test_who_may_not(buyer: operator.Buyer, approver: operator.Program) -> None:
    """No key, an unknown one, no scope, reading only, another customer's: and nothing tells whether an id exists."""
    order = buyer.sent()
    path = f"purchase-orders/{order['id']}"
    assert code(account.ask("GET", f"/api/v1/{path}")) == (401, "unauthenticated")
    assert account.ask("GET", f"/api/v1/{path}").headers["www-authenticate"] == "Bearer"
    assert code(operator.Program("tsk_live_wrong").get(path)) == (401, "unauthenticated")
    assert code(operator.Program(operator.key(buyer.shop, "invoices:write")).get(path)) == (403, "scope_missing")
    reader = operator.Buyer(buyer.shop, operator.key(buyer.shop, "purchase_orders:read"))
    assert reader.get(path).status_code == 200
    assert code(reader.send(buyer.order())) == (403, "scope_missing")
    assert code(buyer.post(f"{path}/approval", **{"If-Match": str(order["etag"])})) == (403, "not_allowed")
    assert code(buyer.post(f"{path}/rejection", {"reasons": ["terms"]})) == (403, "not_allowed")
    clerk = operator.Program(operator.staff_key(StaffRole.CLERK))
    assert code(clerk.post(f"{path}/approval", **{"If-Match": str(order["etag"])})) == (403, "not_allowed")
    assert code(operator.Program(operator.staff_key(StaffRole.AUDITOR)).post(f"{path}/rejection", {"reasons": ["terms"]}))[0] == 403
    assert approver.get(path).status_code == 200
    assert buyer.get(path).json()["state"] == "pending"


def test_another_customers_order_is_as_one_that_is_not(buyer: operator.Buyer) -> None:
    order = buyer.sent()
    stranger_shop = account.opened()
    stranger = operator.Buyer(stranger_shop, operator.key(stranger_shop, *SCOPES))
    nobody = ids.public("po", ids.new())
    for path, verb in (
        ("", "get"),
        ("/document", "get"),
        ("/withdrawal", "post"),
        ("/approval", "post"),
        ("/rejection", "post"),
        ("/revisions", "post"),
    ):
        body = {"reasons": ["terms"]} if path == "/rejection" else stranger.order() if path == "/revisions" else None

        def told(order_id: object, path: str = path, verb: str = verb, body: object = body) -> tuple[int, dict[str, Any]]:
            at = f"purchase-orders/{order_id}{path}"
            answer = stranger.get(at) if verb == "get" else stranger.post(at, body, **{"If-Match": str(order["etag"])})
            shown = answer.json()
            return answer.status_code, {name: shown[name] for name in shown if name not in {"instance", "request_id"}}

        assert told(order["id"]) == told(nobody), path
        assert told(order["id"])[0] == 404
    for query in (f"division={buyer.shop.div}", f"customer={ids.public('cus', buyer.shop.customer_id)}"):
        assert stranger.get(f"purchase-orders?{query}").status_code == 404
    assert stranger.get(f"purchase-orders?after={order['id']}").json()["data"] == []
    assert pointers(stranger.send(stranger.order(division_id=buyer.shop.div))) == ["/division_id"]
    own = stranger.send(stranger.order(customer_id=ids.public("cus", buyer.shop.customer_id)))
    assert code(own)[0] == 404


def test_a_key_of_one_division_sees_that_division(buyer: operator.Buyer) -> None:
    north = buyer.shop.division("North")
    top = buyer.sent()
    narrow = operator.Buyer(buyer.shop, operator.key(buyer.shop, *SCOPES, divisions=(north,)))
    own = narrow.sent(division_id=ids.public("div", north))
    assert [one["id"] for one in narrow.get("purchase-orders").json()["data"]] == [own["id"]]
    assert code(narrow.get(f"purchase-orders/{top['id']}"))[0] == 404
    assert code(narrow.post(f"purchase-orders/{top['id']}/withdrawal"))[0] == 404
    assert code(narrow.get(f"purchase-orders?division={buyer.shop.div}"))[0] == 404


def test_an_operators_program_enters_and_lists_for_a_customer(buyer: operator.Buyer) -> None:
    clerk = operator.Buyer(buyer.shop, operator.staff_key(StaffRole.CLERK))
    assert pointers(clerk.send(buyer.order())) == ["/customer_id"]
    customer = ids.public("cus", buyer.shop.customer_id)
    made = clerk.sent(customer_id=customer, channel="mail")
    assert (made["customer_id"], made["channel"]) == (customer, "mail")
    assert [one["id"] for one in clerk.get(f"purchase-orders?customer={customer}").json()["data"]] == [made["id"]]
    assert code(clerk.get(f"purchase-orders?division={buyer.shop.div}")) == (422, "customer_missing")
    assert code(clerk.get(f"purchase-orders?customer={ids.public('cus', 2**40)}"))[0] == 404


def test_a_method_that_is_none_and_a_route_that_is_none(buyer: operator.Buyer) -> None:
    refused = account.ask("DELETE", "/api/v1/purchase-orders", headers={"Authorization": f"Bearer {buyer.key}"})
    assert (code(refused), refused.headers["allow"]) == ((405, "method_not_allowed"), "GET, HEAD, POST")
    assert code(buyer.get("orders")) == (404, "route_not_found")


def test_a_key_that_asks_too_often_is_told_when_to_come_back(buyer: operator.Buyer) -> None:
    gate.limit("2/60", processes=1)
    try:
        answers = [buyer.get("purchase-orders") for _ in range(3)]
    finally:
        gate.limit("off")
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["ratelimit"] for answer in answers] == ['"60s";r=1', '"60s";r=0', '"60s";r=0']
    assert answers[0].headers["ratelimit-policy"] == '"60s";q=2;w=60'
    assert code(answers[2]) == (429, "rate_limited")
    assert 0 < int(answers[2].headers["retry-after"]) <= 66


def test_what_breaks_is_a_problem_too(buyer: operator.Buyer, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_asked: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(queries, "purchase_orders", broken)
    assert code(buyer.get("purchase-orders")) == (500, "internal_error")
