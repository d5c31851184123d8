"""The OpenAPI document: valid, complete, equal to the kept one, and every example in it works.

TALLYSTICK_GOLDEN=write writes the kept one anew, to be reviewed as a file.
"""

import json
import os
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from interfaces.programs import account, operator
from tallystick.domain.customers import queries as customers
from tallystick.domain.customers import rules
from tallystick.domain.customers.rules import StaffRole
from tallystick.interfaces.api import lane, openapi
from tallystick.interfaces.api.framework import document
from tallystick.lib import ids

KEPT = Path(__file__).parents[2] / "golden" / "openapi.json"
DOCUMENT: dict[str, Any] = json.loads(openapi.text())
OPERATIONS = list(document.operations(DOCUMENT))


def test_the_document_is_the_kept_one() -> None:
    if os.environ.get("TALLYSTICK_GOLDEN") == "write":
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(openapi.text(), encoding="utf-8")
    assert json.loads(KEPT.read_text(encoding="utf-8")) == DOCUMENT, "run this test with TALLYSTICK_GOLDEN=write, and review the change"


def test_the_document_is_valid_and_served_without_a_key() -> None:
    validate(DOCUMENT)
    served = account.ask("GET", "/api/v1/openapi.json")
    assert (served.status_code, served.headers["content-type"], served.json()) == (200, "application/json", DOCUMENT)


def test_every_operation_of_the_lane_is_in_it() -> None:
    told = {path for path, method, _ in OPERATIONS if method == "post" and lane.find(path.replace("{", "").replace("}", ""))}
    assert len(told) == len(lane._ROUTES)


@pytest.mark.parametrize(("_path", "method", "operation"), OPERATIONS, ids=[one[2]["operationId"] for one in OPERATIONS])
def test_every_operation_says_what_it_needs_and_what_it_refuses(_path: str, method: str, operation: dict[str, Any]) -> None:
    assert operation["x-scope"] in rules.SCOPES
    assert operation["security"] == [{"key": []}]
    wanted = {"401", "403", "404", "422", "429", "500", "503"} | ({"400", "409", "415"} if method == "post" else set())
    headers = {one["name"]: one["required"] for one in operation["parameters"] if one["in"] == "header"}
    if "If-Match" in headers:
        wanted |= {"412"} | ({"428"} if headers["If-Match"] else set())
    if operation["x-scope"] in {"charges:write", "holds:write"}:
        wanted |= {"402"}
    assert wanted <= operation["responses"].keys()
    for status, answer in operation["responses"].items():
        if status >= "400":
            assert list(answer["content"]) == ["application/problem+json"], status


def test_no_amount_is_a_number() -> None:
    for name in ("Money", "MoneyAsked"):
        amount = DOCUMENT["components"]["schemas"][name]["properties"]["amount"]
        assert amount["type"] == "string"
        assert amount["pattern"]


def _examples() -> list[tuple[str, str, Any]]:
    found = []
    for path, _, operation in OPERATIONS:
        media = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        name = media.get("schema", {}).get("$ref", "").rpartition("/")[2]
        listed = [media["example"]] if "example" in media else DOCUMENT["components"]["schemas"].get(name, {}).get("examples", [])
        found += [(path, operation["operationId"], one) for one in listed]
    return found


EXAMPLES = _examples()


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 7


@pytest.mark.parametrize(("path", "name", "example"), EXAMPLES, ids=[one[1] for one in EXAMPLES])
def test_every_example_works(shop: account.Program, path: str, name: str, example: Any) -> None:
    """Sent as it stands, with ids that exist in the place of those that are shown."""
    body = json.loads(json.dumps(example).replace("div_0000000000001", shop.div))
    everything = tuple(one for one in rules.SCOPES if not one.startswith("imports:"))
    customer = operator.Buyer(shop, operator.key(shop, *everything))
    staff = operator.Program(operator.staff_key(StaffRole.APPROVER))
    if name == "open_customer":
        staff = operator.Program(operator.staff_key(StaffRole.ADMINISTRATOR, "customers:write"))
        body["legal_entity_id"] = customers.customer(viewer=shop.viewer).legal_entity_id
    speaks = staff if "programs of the operator" in DOCUMENT["paths"][path]["post"]["description"] else customer
    at = path.removeprefix("/api/v1/").replace("{division_id}", shop.div)
    if "{purchase_order_id}" in at:
        order = customer.sent()
        if name == "resubmit_purchase_order":
            staff.post(f"purchase-orders/{order['id']}/rejection", {"reasons": ["terms"]})
        at = at.format(purchase_order_id=order["id"])
    elif "{invoice_id}" in at or "{credit_note_id}" in at:
        invoice = ids.public("inv", shop.books.issue((50_000, "0")))
        asked = {"amount": {"amount": "50.00", "currency": "USD"}, "reason": "Less"}
        other = operator.Program(operator.staff_key(StaffRole.CLERK))
        note = other.post(f"invoices/{invoice}/credit-notes", asked).json()["id"] if "credit_note" in at else ""
        at = at.format(invoice_id=invoice, credit_note_id=note)
    if name == "start_payment":
        body["invoices"][0]["invoice_id"] = ids.public("inv", shop.books.issue((50_000, "0")))
    if name == "create_transfer":
        shop.books.separate(separate=True)
        shop.opening(10_000)
        body["to_division_id"] = ids.public("div", shop.division("North"))
    answer = speaks.post(at, body)
    promised = [status for status in DOCUMENT["paths"][path]["post"]["responses"] if status < "300"]
    assert str(answer.status_code) in promised, answer.text
    assert all(one["status"] == 201 for one in answer.json().get("data", [])) or name != "create_charges"


def test_people_read_it_on_a_page_that_needs_nothing_from_elsewhere() -> None:
    """No key, no question to the database, no script; every operation and every shape, and every link leads somewhere."""
    with CaptureQueriesContext(connection) as asked:
        answer = Client(headers={"Host": "127.0.0.1"}).get("/api/v1/")
    text = answer.content.decode()
    assert (answer.status_code, len(asked)) == (200, 0)
    assert "script" not in "".join(re.findall("<[a-z]+", text))
    assert not re.findall(r"(?:src|href)=.https?:", text)
    assert not re.findall(r" (?:style|on[a-z]+)=", text)
    for _, _, operation in OPERATIONS:
        assert f'id="{operation["operationId"]}"' in text
    targets = set(re.findall(r'id="([^"]+)"', text))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= targets


OF_RESOURCES = [one for one in OPERATIONS if not lane.find(one[0].replace("{", "").replace("}", ""))]


@pytest.fixture(scope="module")
def outsiders(database: dict[str, str]) -> dict[str, str]:
    """Give a key of one scope for each of two resources: whatever is asked, one of them is the wrong one."""
    assert database, "the database comes first"
    shop = account.opened()
    return {name: operator.key(shop, f"{name}:read") for name in ("balance", "statements")}


@pytest.mark.parametrize(("path", "method", "operation"), OF_RESOURCES, ids=[one[2]["operationId"] for one in OF_RESOURCES])
def test_every_operation_refuses_whoever_has_no_key_or_another_scope(
    outsiders: dict[str, str], path: str, method: str, operation: dict[str, Any]
) -> None:
    """Before anything is read of the request, and with a problem."""
    at = re.sub("{[a-z_]+}", "x_1", path)
    wrong = outsiders["statements" if operation["x-scope"].startswith("balance:") else "balance"]
    for key, status, code in ((None, 401, "unauthenticated"), ("tsk_live_unknown", 401, "unauthenticated"), (wrong, 403, "scope_missing")):
        refused = account.ask(method.upper(), at, headers={"Authorization": f"Bearer {key}"} if key else {})
        assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
        assert refused.headers["content-type"] == "application/problem+json"


def _promised(path: str, method: str, answer: httpx.Response) -> None:
    """Hold an answer against what the document promises."""
    content = DOCUMENT["paths"][path][method]["responses"][str(answer.status_code)]["content"]
    schema = content[answer.headers["content-type"]]["schema"]
    OAS31Validator({**schema, "components": DOCUMENT["components"]}).validate(answer.json())


def test_answers_have_the_shape_that_the_document_promises(shop: account.Program) -> None:
    """Nothing is missing, and no name is another; what is not promised is refused by nobody, so names are compared too."""
    buyer = operator.Buyer(shop, operator.key(shop, "purchase_orders:write", "invoices:write"))
    order, invoice = buyer.sent()["id"], ids.public("inv", shop.books.issue((50_000, "0")))
    for path, at in (
        ("/api/v1/purchase-orders", "purchase-orders"),
        ("/api/v1/purchase-orders/{purchase_order_id}", f"purchase-orders/{order}"),
        ("/api/v1/invoices", "invoices"),
        ("/api/v1/invoices/{invoice_id}", f"invoices/{invoice}"),
        ("/api/v1/invoices/{invoice_id}/credit-notes", f"invoices/{invoice}/credit-notes"),
        ("/api/v1/invoices/{invoice_id}", "invoices/inv_1"),
        ("/api/v1/invoices", "invoices?colour=red"),
    ):
        _promised(path, "get", buyer.get(at))
    _promised("/api/v1/charges", "post", buyer.shop.charge())
    _promised("/api/v1/charges", "post", buyer.shop.charge("999999.00"))
    body = {"charges": [{"division_id": shop.div, "amount": {"amount": "1.00", "currency": "USD"}, "idempotency_key": "b"}]}
    _promised("/api/v1/charges/batch", "post", shop.post("charges/batch", body, idempotency_key=None))
