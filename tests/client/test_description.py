"""Hold the client against the golden OpenAPI document: every operation is offered or left out for a reason, and sends what is described."""

import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from client import speaking
from tallystick_client import BillTo, ChargeDraft, Contact, LineDraft, Money, OrderDraft, TallystickError
from tallystick_client.requests import Call, Each, Resource

GOLDEN = Path(__file__).parents[1] / "golden" / "openapi.json"
LEFT_OUT: dict[str, str] = {}
"""Operations that the client does not offer, each with its reason."""
ORDER = OrderDraft(
    number="PO-1",
    division_id="div_1",
    lines=[LineDraft(description="Certificates", unit_price=Money("1.00", "USD"))],
    bill_to=BillTo(name="N", street="1", city="P", country="US"),
    contact=Contact(name="D", mail="d@n.example"),
    signed=True,
)
ARGUMENTS: dict[str, Any] = {
    "amount": Money("1.00", "USD"),
    "order": ORDER,
    "charges": [ChargeDraft(division_id="div_1", amount=Money("1.00", "USD"))],
    "reasons": ["signature"],
    "first": 1,
    "last": 2,
    "secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "url": "https://hooks.northwind.example/",
}
NARROWED = {"status": "pending", "division": "div_1", "q": "x", "limit": 5, "customer": "cus_1"}


def methods() -> Iterator[tuple[str, str]]:
    """Name every method of every resource."""
    with speaking.client("k") as tally:
        for name, resource in vars(tally).items():
            if isinstance(resource, Resource):
                yield from ((name, verb) for verb, kind in vars(type(resource)).items() if isinstance(kind, Call | Each))


def asked(resource: str, verb: str) -> httpx.Request:
    """Call a method with all that it must have, and give what was sent."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        request.read()
        seen.append(request)
        return httpx.Response(404, json={})

    with speaking.client("k", answer) as tally:
        method = getattr(getattr(tally, resource), verb)
        given: dict[str, Any] = {}
        for name, parameter in list(inspect.signature(method).parameters.items())[1:]:
            if parameter.kind is parameter.VAR_KEYWORD:
                given |= NARROWED
            elif parameter.default is parameter.empty:
                given[name] = ARGUMENTS.get(name, f"{name}_1")
        with pytest.raises(TallystickError):
            list(method(**given))
    return seen[0]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return found


def operation(document: dict[str, Any], request: httpx.Request) -> dict[str, Any]:
    """Find what a request is in the document."""
    for path, verbs in document["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", r"[^/]+", path), request.url.path) and request.method.lower() in verbs:
            fixed = "{" not in path
            found: dict[str, Any] = verbs[request.method.lower()]
            if fixed or request.url.path not in document["paths"]:
                return found
    raise AssertionError(f"{request.method} {request.url.path} is not described")


@pytest.mark.parametrize(("resource", "verb"), list(methods()))
def test_a_method_sends_what_is_described(resource: str, verb: str, document: dict[str, Any]) -> None:
    request = asked(resource, verb)
    if request.url.path.startswith("/services/v2/"):
        assert (resource, verb) == ("balance", "view")
        return
    found = operation(document, request)
    parameters = {one["name"]: one for one in found.get("parameters", [])}
    assert set(request.url.params) <= parameters.keys()
    needed = {name for name, one in parameters.items() if one["required"] and one["in"] == "header"}
    assert needed <= {name for name in parameters if name in request.headers}
    assert ("Idempotency-Key" in parameters) == ("idempotency-key" in request.headers)
    if "requestBody" in found:
        schema = found["requestBody"]["content"]["application/json"]["schema"]
        jsonschema.validate(json.loads(request.content), {**schema, "components": document["components"]})


def test_every_operation_is_offered_or_left_out_for_a_reason(document: dict[str, Any]) -> None:
    described = {one["operationId"] for verbs in document["paths"].values() for one in verbs.values()}
    requests = [asked(*method) for method in methods()]
    offered = {operation(document, each)["operationId"] for each in requests if not each.url.path.startswith("/services/")}
    assert described - offered == LEFT_OUT.keys()
