"""Hold the client against the golden OpenAPI document: every operation is offered or left out for a reason, and sends what is described."""

import dataclasses
import functools
import inspect
import json
import re
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from client import speaking
from tallystick_client import (
    BillTo,
    ChargeDraft,
    Contact,
    CustomerDraft,
    LineDraft,
    MasterRecord,
    Money,
    OrderDraft,
    PartDraft,
    RecordDraft,
    SettingsDraft,
    TallystickError,
)
from tallystick_client.requests import Call, Each, Listing, Request, Resource

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
    "invoices": [PartDraft(invoice_id="inv_1", amount=Money("1.00", "USD"))],
    "method": "bank_transfer",
    "scopes": ["balance:read"],
    "role": "manager",
    "amount": Money("1.00", "USD"),
    "order": ORDER,
    "charges": [ChargeDraft(division_id="div_1", amount=Money("1.00", "USD"))],
    "reasons": ["signature"],
    "customer": CustomerDraft(legal_entity_id=1, name="Cedar Outfitters", currency="USD", credit_limit=None),
    "record": MasterRecord(legal_entity_id=1, name="Cedar Outfitters", currency="USD"),
    "settings": SettingsDraft(payment_methods=["card"], default_method="card"),
    "arrived": RecordDraft(customer_id="cus_1", method="cheque", amount=Money("1.00", "USD"), received_date=date(2026, 11, 23), reference="BANK-1"),
    "credit_limit": None,
    "credit_rule": "consumption",
    "separate": True,
    "since": date(2026, 11, 1),
    "until": date(2026, 11, 30),
    "day": date(2026, 11, 23),
    "first": 1,
    "last": 2,
    "secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "url": "https://hooks.northwind.example/",
}
KINDS: dict[Any, set[str]] = {
    str: {"string"},
    datetime: {"string"},
    date: {"string"},
    Decimal: {"string"},
    int: {"integer"},
    bool: {"boolean"},
    Mapping: {"object"},
}
"""How each type of the client stands in JSON."""
WIDER = {".sequence"}
"""Fields of the feed that are null only in the message that tests an endpoint."""
SAMPLES: dict[Any, object] = {str: "x_1", int: 5, date: date(2026, 11, 23), datetime: datetime(2026, 11, 23, tzinfo=UTC)}


def methods() -> Iterator[tuple[str, str]]:
    """Name every method of every resource."""
    with speaking.client("k") as tally:
        for name, resource in vars(tally).items():
            if isinstance(resource, Resource):
                yield from ((name, verb) for verb, kind in vars(type(resource)).items() if isinstance(kind, Call | Each))


def given(method: Any) -> dict[str, Any]:
    """Give all arguments that a method must have; `self` stands in its signature."""
    found: dict[str, Any] = {}
    for name, parameter in list(inspect.signature(method).parameters.items())[1:]:
        if parameter.kind is parameter.VAR_KEYWORD:
            narrowed = typing.get_args(typing.get_type_hints(method)[name])[0]
            found |= {each: SAMPLES[kind] for each, kind in typing.get_type_hints(narrowed).items()}
        elif parameter.default is parameter.empty:
            found[name] = ARGUMENTS.get(name, f"{name}_1")
    return found


def asked(resource: str, verb: str) -> httpx.Request:
    """Call a method with all that it must have, and give what was sent."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        request.read()
        seen.append(request)
        return httpx.Response(404, json={})

    with speaking.client("k", answer) as tally:
        method = getattr(getattr(tally, resource), verb)
        with pytest.raises(TallystickError):
            list(method(**given(method)))
    return seen[0]


def requested(resource: str, verb: str) -> Request[Any]:
    """Give the description that a method sends; of a list, that of its first page."""
    with speaking.client("k") as tally:
        offered = getattr(tally, resource)
        kind = vars(type(offered))[verb]
        made = kind._describe(offered, **given(kind._describe))
        return made.first if isinstance(made, Listing) else made


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


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Follow references to what they name."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def described(hint: Any, schema: dict[str, Any], document: dict[str, Any], at: str) -> Iterator[str]:
    """Compare the annotation of a field with its schema, and name what differs."""
    schema = resolved(schema, document)
    kinds = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    listed = schema.get("type")
    is_null = len(kinds) < len(schema.get("anyOf", [schema])) or (isinstance(listed, list) and "null" in listed)
    parts = typing.get_args(hint) if typing.get_origin(hint) in {types.UnionType, typing.Union} else (hint,)
    if (types.NoneType in parts) != is_null and (types.NoneType not in parts or at not in WIDER):
        yield f"{at}: null or not"
    if is_null and "anyOf" in schema:
        yield from described(next(one for one in parts if one is not types.NoneType), kinds[0], document, at)
        return
    inner = next(one for one in parts if one is not types.NoneType)
    kind = next(one for one in listed if one != "null") if isinstance(listed, list) else listed
    if inner is Money:
        if set(schema["properties"]) != {"amount", "currency"}:
            yield f"{at}: no money"
    elif dataclasses.is_dataclass(inner):
        yield from compared(inner, schema, document, at)
    elif typing.get_origin(inner) is tuple:
        yield from described(typing.get_args(inner)[0], schema["items"], document, f"{at}[]")
    elif kind not in KINDS[typing.get_origin(inner) or inner]:
        yield f"{at}: {kind} is read as {inner}"


def compared(shape: Any, schema: dict[str, Any], document: dict[str, Any], at: str = "") -> Iterator[str]:
    """Compare the fields of a dataclass with those of an object."""
    hints = typing.get_type_hints(shape)
    fields = {str(one.metadata.get("name", one.name)): one for one in dataclasses.fields(shape)}
    yield from (f"{at}.{name} is not read" for name in schema["properties"].keys() - fields.keys())
    for name, one in fields.items():
        if name in schema["properties"]:
            differences = list(described(hints[one.name], schema["properties"][name], document, f"{at}.{name}"))
            if name not in schema.get("required", []):
                differences = [each for each in differences if each != f"{at}.{name}: null or not"]  # what may be absent is None
                differences += [f"{at}.{name} need not be there"] if one.default is dataclasses.MISSING else []
            yield from differences
        elif one.default is dataclasses.MISSING:
            yield f"{at}.{name} is not described"


@pytest.mark.parametrize(("resource", "verb"), list(methods()))
def test_a_method_reads_what_is_described(resource: str, verb: str, document: dict[str, Any]) -> None:
    told = requested(resource, verb)
    if not told.path.startswith("/api/") or not isinstance(told.read, functools.partial):
        assert (resource, verb) == ("balance", "view") or verb in {"pdf", "document", "xml", "monthly_pdf"}
        return
    sent = httpx.Request(told.method, f"http://x{told.path}")
    answers = operation(document, sent)["responses"]
    status = "200" if told.query.get("dry_run") or "201" not in answers else "201"
    schema = answers[status]["content"]["application/json"]["schema"]
    schema = resolved(schema, document)
    if "anyOf" in schema:  # what was done, or what a dry run says would be
        schema = resolved(schema["anyOf"][-1 if told.query.get("dry_run") else 0], document)
    if told.read.func.__name__ == "_page":
        schema = resolved(schema["properties"]["data"]["items"], document)
    assert list(compared(told.read.args[0], schema, document)) == []


def test_every_operation_is_offered_or_left_out_for_a_reason(document: dict[str, Any]) -> None:
    described = {one["operationId"] for verbs in document["paths"].values() for one in verbs.values()}
    requests = [asked(*method) for method in methods()]
    offered = {operation(document, each)["operationId"] for each in requests if not each.url.path.startswith("/services/")}
    assert described - offered == LEFT_OUT.keys()
