"""Write the attack table of /api/v1 out of its document: every route, and in each every place where an id may stand.

A route without its row makes the tests red: one whose body is not described here, and one whose path, query or body has an id of an unknown kind.
"""

import copy
import json
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import httpx

from interfaces.programs import account, operator
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import rules
from tallystick.domain.customers.rules import StaffRole
from tallystick.domain.invoicing.queries import statements as accounts
from tallystick.domain.payments import operations as payments
from tallystick.domain.payments import rules as paying
from tallystick.domain.statements import operations as statements
from tallystick.domain.statements import queries as monthly
from tallystick.interfaces.api import lane, openapi
from tallystick.interfaces.api.framework import document
from tallystick.lib import ids

type Body = dict[str, Any]
DOCUMENT: Body = json.loads(openapi.text())
SCOPES = tuple(one for one in rules.SCOPES if not one.startswith("imports:"))
_USD = {"amount": "1.00", "currency": "USD"}
_PART = [{"invoice_id": "{invoice}", "amount": _USD}]
_ORDER = {
    "number": "PO-X",
    "division_id": "{division}",
    "lines": [{"description": "Certificates", "quantity": "1", "unit_price": _USD}],
    "bill_to": {"name": "N", "street": "1 Way", "city": "Portland", "country": "US"},
    "contact": {"name": "D", "mail": "ap@northwind.example"},
    "signed": True,
}
_CHARGE = {"division_id": "{division}", "amount": _USD}
_SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
_RECORD = {"legal_entity_id": 1, "name": "N", "currency": "USD"}
BODIES: dict[str, tuple[Body, Body]] = {
    "create_charge": (_CHARGE, {}),
    "create_charges": ({"charges": [{**_CHARGE, "idempotency_key": "k"}]}, {}),
    "refund_charge": ({}, {}),
    "create_hold": (_CHARGE, {}),
    "capture_hold": ({}, {}),
    "release_hold": ({}, {}),
    "decline_credit_note": ({"text": "No"}, {}),
    "open_customer": ({**_RECORD, "credit_limit": _USD}, {}),
    "change_customer": (_RECORD, {}),
    "request_credit_terms": ({"credit_limit": _USD, "credit_rule": "consumption", "reason": "R"}, {}),
    "switch_separate_funds": ({"separate": True}, {}),
    "change_settings": ({"payment_methods": ["card"], "default_method": "card"}, {}),
    "start_deposit": ({"division_id": "{division}", "amount": _USD, "method": "bank_transfer"}, {}),
    "create_division": ({"name": "X"}, {"parent_id": "{division}", "customer_id": "{customer}"}),
    "rename_division": ({"name": "X"}, {}),
    "request_credit_note": ({"amount": _USD, "reason": "R"}, {}),
    "void_invoice": ({"reason": "R"}, {}),
    "make_key": ({"name": "X", "scopes": ["balance:read"]}, {"division_ids": ["{division}"], "user_id": "{user}"}),
    "rotate_key": ({}, {}),
    "start_payment": ({"invoices": _PART, "method": "bank_transfer"}, {"division_id": "{division}"}),
    "record_payment": (
        {
            "customer_id": "{customer}",
            "method": "bank_transfer",
            "amount": _USD,
            "received_date": "2026-11-20",
            "reference": "R",
            "division_id": "{division}",
        },
        {"invoices": _PART, "payment_id": "{payment}"},
    ),
    "reverse_payment": ({"amount": _USD, "reference": "R", "reason": "bounced"}, {}),
    "create_purchase_order": (_ORDER, {"customer_id": "{customer}"}),
    "resubmit_purchase_order": (_ORDER, {"customer_id": "{customer}"}),
    "reject_purchase_order": ({"reasons": ["signature"]}, {}),
    "request_refund": (
        {"customer_id": "{customer}", "division_id": "{division}", "amount": _USD, "reason": "R", "account": "DE02"},
        {"payment_id": "{payment}"},
    ),
    "decline_refund": ({"reason": "R"}, {}),
    "fail_refund": ({"reason": "R"}, {}),
    "create_transfer": ({"from_division_id": "{division}", "to_division_id": "{other}", "amount": _USD}, {}),
    "use_unapplied_credit": ({"customer_id": "{customer}", "division_id": "{division}", "invoices": _PART}, {}),
    "invite_user": (
        {"email": "x@northwind.example", "name": "X", "role": "manager"},
        {"division_ids": ["{division}"], "customer_id": "{customer}"},
    ),
    "change_user": ({"role": "manager"}, {"division_ids": ["{division}"], "customer_id": "{customer}"}),
    "add_webhook": ({"url": "https://hooks.northwind.example/", "secret": _SECRET, "events": ["invoice.issued"]}, {}),
    "change_webhook": ({"url": "https://hooks.northwind.example/"}, {}),
    "replay_webhook": ({"first": 1, "last": 1}, {}),
    "rotate_webhook_secret": ({"secret": _SECRET}, {}),
}
"""What is sent to a route that takes a body, and further fields in which ids may stand; the ids in braces."""
NO_IDS_IN_BODIES = {"order_id", "legal_entity_id", "tax_rate_id"}
"""The caller's own order, and what the operator owns and numbers."""
NO_IDS_IN_QUERIES = {
    "limit",
    "status",
    "created[gte]",
    "created[lt]",
    "due[gte]",
    "due[lt]",
    "q",
    "kind",
    "order_id",
    "as_of",
    "day",
    "since",
    "until",
} | {
    "dry_run",
    "syntax",
    "type",
}
_NEEDED = {"since": "2026-10-01", "until": "2026-11-20", "day": "2026-11-20"}
CURSORS = {"after", "before"}
OF_DIVISIONS = {"division", "other", "purchase_order", "invoice", "credit_note", "payment", "charge", "hold", "refund", "transfer", "statement"}
"""Kinds of what belongs to a division."""


@dataclass(frozen=True, slots=True)
class Row:
    """One operation of the document."""

    name: str
    method: str
    path: str
    said: Body

    @property
    def queries(self) -> set[str]:
        """Name its parameters in the query."""
        return {one["name"] for one in self.said["parameters"] if one["in"] == "query"}

    def needed(self, named: Mapping[str, str]) -> dict[str, str]:
        """Give what its query must have."""
        return {one["name"]: {**_NEEDED, **named}[one["name"]] for one in self.said["parameters"] if one["in"] == "query" and one.get("required")}

    @property
    def named(self) -> list[str]:
        """Name the kinds of the ids in its path."""
        return [one.removesuffix("_id") for one in re.findall("{([a-z_]+)}", self.path)]

    def address(self, named: Mapping[str, str]) -> str:
        """Write its address with ids."""
        return self.path.replace("_id}", "}").format(**named)

    @property
    def is_lane(self) -> bool:
        """Tell whether a lane in front of the framework answers it."""
        return lane.find(self.path.replace("{", "").replace("}", "")) is not None

    def body(self, *also: str) -> Body:
        """Write the body, with some of the further fields."""
        sent, more = BODIES.get(self.name, ({}, {}))
        return copy.deepcopy({**sent, **{name: more[name] for name in also}})


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a row where an id may stand: in the path, the query or the body, and of which kind."""

    row: Row
    where: str
    kind: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.row.name}-{self.where}-{self.name or self.kind}"


ROWS = [Row(said["operationId"], method, path, said) for path, method, said in document.operations(DOCUMENT)]


def _in_body(body: object) -> Iterator[str]:
    """Find the kinds of the ids in a body."""
    if isinstance(body, str) and re.fullmatch("{[a-z_]+}", body):
        yield body[1:-1]
    for part in body.values() if isinstance(body, dict) else body if isinstance(body, list) else ():
        yield from _in_body(part)


def places(row: Row) -> Iterator[Place]:
    """List the places of a row."""
    for kind in row.named:
        yield Place(row, "path", kind)
    for name in sorted(row.queries & {"division", "customer"}):
        yield Place(row, "query", name)
    for kind in _in_body(row.body()):
        yield Place(row, "body", kind)
    for name, part in BODIES.get(row.name, ({}, {}))[1].items():
        for kind in _in_body(part):
            yield Place(row, "body", kind, name)


PLACES = [place for row in ROWS for place in places(row)]


def ids_asked(row: Row) -> set[str]:
    """Name the fields of a row's body that are ids by their name, all the way down."""
    content = row.said.get("requestBody", {}).get("content", {})
    return set(_fields(content.get("application/json", {}).get("schema", {})))


def _fields(schema: Body) -> Iterator[str]:
    if "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for one in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from _fields(one)
    for name, part in schema.get("properties", {}).items():
        if re.search("_ids?$", name):
            yield name
        yield from _fields(part)


def ids_sent(row: Row) -> set[str]:
    """Name the fields of a row's body here in which ids stand."""

    def found(body: object, name: str) -> Iterator[str]:
        if isinstance(body, str) and body.startswith("{"):
            yield name
        for key, part in body.items() if isinstance(body, dict) else ():
            yield from found(part, key)
        for part in body if isinstance(body, list) else ():
            yield from found(part, name)

    sent, more = BODIES.get(row.name, ({}, {}))
    return set(found({**sent, **more}, ""))


def written(body: object, named: Mapping[str, str]) -> object:
    """Put ids into the places of a body."""
    if isinstance(body, str):
        return named[body[1:-1]] if re.fullmatch("{[a-z_]+}", body) else body
    if isinstance(body, dict):
        return {name: written(part, named) for name, part in body.items()}
    return [written(part, named) for part in body] if isinstance(body, list) else body


@dataclass(slots=True)
class House:
    """A customer with one of everything that an id can name, in a division, and keys of several reaches."""

    shop: account.Program
    full: str
    narrow: str
    named: dict[str, str] = field(default_factory=dict)


def nobodys(named: Mapping[str, str]) -> dict[str, str]:
    """Give ids of the same kinds that nobody has."""
    return {
        kind: ids.public(one[:-27], ids.new()) if len(one.partition("_")[2]) > 13 else ids.public(one[:-14], 2**40) for kind, one in named.items()
    }


def opened() -> House:
    """Open a customer by the operations and programs that a real one has."""
    shop = account.opened(separate_funds=True)
    north, south = shop.division("North"), shop.division("South")
    full = operator.key(shop, *SCOPES)
    narrow = operator.key(shop, *SCOPES, divisions=(south,))
    for division_id in (shop.top_id, north, south):
        shop.opening(100_00, division_id)
    buyer = operator.Buyer(shop, full)
    div = ids.public("div", north)
    named = {
        "customer": ids.public("cus", shop.customer_id),
        "division": div,
        "other": ids.public("div", shop.top_id),
        "key": ids.public("key", shop.key_id),
        "purchase_order": str(buyer.sent(division_id=div)["id"]),
        "invoice": ids.public("inv", shop.books.issue((50_00, "0"), division_id=north)),
    }
    body = {"division_id": div, "amount": _USD}
    for kind, path, sent in (
        ("charge", "charges", body),
        ("hold", "holds", body),
        ("transfer", "transfers", {"from_division_id": div, "to_division_id": ids.public("div", shop.top_id), "amount": _USD}),
        ("user", "users", {"email": f"{uuid.uuid4().hex}@northwind.example", "name": "Eve", "role": "manager"}),
        ("webhook", "webhooks", {"url": "https://hooks.northwind.example/", "secret": _SECRET, "events": ["invoice.issued"]}),
    ):
        named[kind] = _made(buyer, path, sent)
    named["message"] = _made(buyer, f"webhooks/{named['webhook']}/test", {})
    desk = operator.Program(operator.staff_key(StaffRole.APPROVER, *SCOPES))
    assert desk.post(f"purchase-orders/{named['purchase_order']}/rejection", {"reasons": ["signature"]}).status_code == 200
    return House(shop, full, narrow, {**named, **_by_staff(shop, named, north)})


def _made(by: operator.Program, path: str, sent: object) -> str:
    made = by.post(path, sent)
    assert made.status_code == 201, f"{path}: {made.text}"
    return str(made.json()["id"])


def _by_staff(shop: account.Program, named: Mapping[str, str], division_id: int) -> dict[str, str]:
    clerk = operator.Program(operator.staff_key(StaffRole.CLERK, *SCOPES))
    request = paying.RecordRequest(
        customer_id=shop.customer_id,
        method=paying.Method.BANK_TRANSFER,
        amount_minor=20_00,
        splits=[],
        reference=uuid.uuid4().hex,
        received_date=account.NOW.date(),
        idempotency_key=uuid.uuid4().hex,
        division_id=division_id,
    )
    viewer = rules.Viewer(kind=rules.ViewerKind.STAFF, name="Cleo", person_id=905, staff_role=StaffRole.CLERK)
    payments.record_payment(viewer=viewer, request=request, now=account.NOW)
    paid = clerk.get(f"payments?customer={named['customer']}").json()["data"][0]["id"]
    refund = {"customer_id": named["customer"], "division_id": named["division"], "amount": _USD, "reason": "R", "account": "DE02"}
    terms = {"credit_limit": {"amount": "9000.00", "currency": "USD"}, "credit_rule": "consumption", "reason": "R"}
    return {
        "payment": paid,
        "statement": _stated(shop, division_id),
        "credit_note": _made(clerk, f"invoices/{named['invoice']}/credit-notes", {"amount": _USD, "reason": "R"}),
        "refund": _made(clerk, "refunds", refund),
        "terms": _made(clerk, f"customers/{named['customer']}/credit-terms", terms),
    }


def _stated(shop: account.Program, division_id: int) -> str:
    """Keep a division's statement of a month that is over, and name it."""
    first, last = date(2026, 10, 1), date(2026, 10, 31)
    told = accounts.statement(viewer=shop.viewer, division_id=division_id, since=first, until=last, separate=True)
    statements.keep_statement(customer_id=shop.customer_id, month=first, told=told, content=b"%PDF-1.7", now=account.NOW)
    (made,) = monthly.monthly_statements(viewer=shop.viewer, division_id=division_id)
    return ids.public("st", made.id)


def ask(row: Row, key: str | None, path: Mapping[str, str], query: Mapping[str, str], body: object, **headers: str) -> httpx.Response:
    """Send one request of a row."""
    at, query = row.address(path), {**row.needed(path), **query}
    sent = {"Authorization": f"Bearer {key}"} if key else {}
    if row.method == "post":
        sent |= {"Idempotency-Key": uuid.uuid4().hex, "If-Match": "*", "Content-Type": "application/json"}
        return account.ask("POST", at, headers={**sent, **headers}, params=query, content=json.dumps(written(body, path)).encode())
    return account.ask("GET", at, headers={**sent, **headers}, params=query)


def strike(
    place: Place, key: str, own: Mapping[str, str], struck: str, *, query: Mapping[str, str] | None = None, also: Sequence[str] = ()
) -> httpx.Response:
    """Send a row's request with one's own ids, and another one in one place."""
    named = {**own, place.kind: struck} if place.where != "query" else own
    asked = {**(query or {}), **({place.kind: struck} if place.where == "query" else {})}
    body = place.row.body(*([place.name] if place.name else []), *also)
    if place.where == "body" and place.kind in place.row.named:
        body = written(body, named)  # type: ignore[assignment]  # the path keeps one's own
        named = own
    if place.where == "path":
        body = written(body, own)  # type: ignore[assignment]
    return ask(place.row, key, named, asked, body)


_VOLATILE = {"x-request-id", "date", "content-length"}


def seen(answer: httpx.Response, *hidden: str) -> tuple[int, bytes, dict[str, str]]:
    """Give what an answer tells: status, body byte for byte, headers; the request's own number and the ids that it named aside."""
    body = answer.content
    headers = {name: value for name, value in answer.headers.items() if name not in _VOLATILE and not name.startswith("ratelimit")}
    for one in (answer.headers.get("x-request-id", ""), *hidden):
        if one:
            body = body.replace(one.encode(), b"*")
            headers = {name: value.replace(one, "*") for name, value in headers.items()}
    return answer.status_code, body, headers


def ended_keys(house: House) -> dict[str, str]:
    """Give keys that are none any more: revoked, expired, and one whose overlap is over."""
    from_now = account.NOW
    made = {
        name: customers.make_key(viewer=house.shop.viewer, name=name, terms=customers.KeyTerms(scopes=SCOPES, expires_at=ends))
        for name, ends in (("revoked", None), ("expired", from_now.replace(year=2001)), ("rotated", None))
    }
    customers.revoke_key(viewer=house.shop.viewer, key_id=made["revoked"].id, now=from_now)
    return {name: one.secret for name, one in made.items()} | _rotated(house, made["rotated"].id, made["rotated"].secret)


def _rotated(house: House, key_id: uuid.UUID, secret: str) -> dict[str, str]:
    customers.rotate_key(viewer=house.shop.viewer, key_id=key_id, overlap=timedelta(), now=account.NOW)
    return {"rotated": secret}
