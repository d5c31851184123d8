"""Send every wrong request to every route of programs: a problem of the right kind with a pointer, and nothing changed."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from interfaces.programs import account
from tallystick.domain.customers.rules import Act
from tallystick.domain.funds import queries as funds
from tallystick.lib import ids

type Body = dict[str, object]


@dataclass(frozen=True)
class Open:
    """A shop with one open hold and one charge, which every route can name."""

    shop: account.Program
    hold: str
    charge: str

    def body(self, route: str, **change: object) -> Body:
        """Write the right body of a route, with a change."""
        if route in {"charges", "holds"}:
            return {"division_id": self.shop.div, "amount": {"amount": "1.00", "currency": "USD"}, **change}
        return {} if route == "holds/*/release" and not change else {"amount": {"amount": "1.00", "currency": "USD"}, **change}

    def path(self, route: str) -> str:
        """Write the address of a route."""
        return route.replace("*", self.charge if route.startswith("charges") else self.hold)

    def send(self, route: str, body: object) -> httpx.Response:
        """Send a body; to the batch as its one element, whose own answer is given."""
        if route != "charges/batch":
            return self.shop.post(self.path(route), body)
        return self.shop.post(route, {"charges": [{**body, "idempotency_key": str(uuid.uuid4())}]}, idempotency_key=None)  # type: ignore[dict-item]

    def raw(self, route: str, content: bytes, **headers: str) -> httpx.Response:
        """Send bytes as they are."""
        sent = {"Authorization": f"Bearer {self.shop.key}", "Idempotency-Key": str(uuid.uuid4()), "Content-Type": "application/json", **headers}
        return account.ask("POST", f"/api/v1/{self.path(route)}", headers=sent, content=content)

    def standing(self) -> object:
        """Show all that a request could change."""
        return funds.figures(viewer=self.shop.viewer, division_id=self.shop.top_id)


ROUTES = ["charges", "charges/batch", "holds", "holds/*/capture", "holds/*/release", "charges/*/refund"]
WITH_AMOUNT = [route for route in ROUTES if not route.endswith("release")]


@pytest.fixture(scope="module")
def made(database: dict[str, str]) -> Open:
    """Open the shop, with a balance to lose."""
    assert database, "the database comes first"
    shop = account.opened()
    shop.opening(100_000)
    body = {"division_id": shop.div, "amount": {"amount": "50.00", "currency": "USD"}}
    return Open(shop, shop.post("holds", body).json()["id"], shop.charge("50.00").json()["id"])


@pytest.fixture
def unchanged(made: Open) -> Iterator[None]:
    """See that no figure moved."""
    before = made.standing()
    yield
    assert made.standing() == before


def _problem(answer: httpx.Response) -> tuple[int, str, list[str]]:
    """Read a problem, or that of a batch's one element."""
    shown = answer.json()
    if "data" in shown:
        shown = shown["data"][0]["problem"]
    else:
        assert answer.headers["content-type"] == "application/problem+json"
        assert shown["instance"].startswith("/api/v1/")
        assert shown["request_id"] == answer.headers["x-request-id"]
        assert shown["status"] == answer.status_code
    assert {"type", "title", "status", "detail", "code"} <= set(shown)
    return shown["status"], shown["code"], [each["pointer"] for each in shown.get("errors", [])]


_AMOUNT, _CURRENCY = ["/amount/amount"], ["/amount/currency"]
AMOUNTS: list[tuple[object, object, str, list[str]]] = [
    ("0", "USD", "amount_not_positive", _AMOUNT),
    ("-0", "USD", "amount_malformed", _AMOUNT),
    ("-0.00", "USD", "amount_malformed", _AMOUNT),
    ("-1.00", "USD", "amount_malformed", _AMOUNT),
    ("+1.00", "USD", "amount_malformed", _AMOUNT),
    ("1e30", "USD", "amount_malformed", _AMOUNT),
    ("1E2", "USD", "amount_malformed", _AMOUNT),
    ("0x10", "USD", "amount_malformed", _AMOUNT),
    ("1_000", "USD", "amount_malformed", _AMOUNT),
    ("1,000.00", "USD", "amount_malformed", _AMOUNT),
    ("NaN", "USD", "amount_malformed", _AMOUNT),
    ("Infinity", "USD", "amount_malformed", _AMOUNT),
    ("\u0661\u0662", "USD", "amount_malformed", _AMOUNT),
    ("\uff11", "USD", "amount_malformed", _AMOUNT),
    ("\u00b2", "USD", "amount_malformed", _AMOUNT),
    ("1\u0000", "USD", "amount_malformed", _AMOUNT),
    ("1\n", "USD", "amount_malformed", _AMOUNT),
    (".5", "USD", "amount_malformed", _AMOUNT),
    ("5.", "USD", "amount_malformed", _AMOUNT),
    ("1.000", "USD", "amount_too_precise", _AMOUNT),
    ("9" * 30, "USD", "amount_malformed", _AMOUNT),
    ("9" * 5000, "USD", "amount_malformed", _AMOUNT),
    ("9" * 16, "USD", "amount_too_large", _AMOUNT),
    (1.5, "USD", "invalid", _AMOUNT),
    (1, "USD", "invalid", _AMOUNT),
    (10**40, "USD", "invalid", _AMOUNT),
    (True, "USD", "invalid", _AMOUNT),
    (["1.00"], "USD", "invalid", _AMOUNT),
    (None, "USD", "invalid", _AMOUNT),
    ("1.00", "EUR", "currency_mismatch", _CURRENCY),
    ("1.00", "JPY", "currency_mismatch", _CURRENCY),
    ("1.00", "XXX", "currency_mismatch", _CURRENCY),
    ("1.00", "", "currency_mismatch", _CURRENCY),
    ("1.00", 840, "invalid", _CURRENCY),
]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("route", WITH_AMOUNT)
@pytest.mark.parametrize(("amount", "currency", "code", "pointers"), AMOUNTS)
def test_no_wrong_amount_passes(made: Open, route: str, amount: object, currency: object, code: str, pointers: list[str]) -> None:
    """Whatever the route, the amount is refused where it stands."""
    body = made.body("charges" if route == "charges/batch" else route, amount={"amount": amount, "currency": currency})
    assert _problem(made.send(route, body)) == (422, code, pointers)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("change", "pointer"), [({"surplus": 1}, "/surplus"), ({"a/b~c": 1}, "/a~1b~0c"), ({"__class__": "x"}, "/__class__"), ({"Amount": 1}, "/Amount")]
)
def test_unknown_fields_are_refused(made: Open, route: str, change: Body, pointer: str) -> None:
    """They are never ignored."""
    body = {} if route.endswith("release") else made.body("charges" if route == "charges/batch" else route)
    assert _problem(made.send(route, {**body, **change})) == (422, "invalid", [pointer])


_DEEP = 30_000
BODIES = {
    "cut off": b'{"amount": ',
    "two of them": b'{"amount": {"amount": "1.00", "currency": "USD"}}{}',
    "no UTF-8": b'{"note": "\xff"}',
    "no UTF-8 in a place of its own": b'{"division_id": "\xff", "charges": ["\xff"]}',
    "UTF-16": "{}".encode("utf-16"),
    "NaN": b'{"amount": NaN}',
    "single quotes": b"{'amount': 1}",
    "a form": b"amount=1.00&currency=USD",
    "a list": b"[]",
    "nothing": b"null",
    "a text": b'"1.00"',
    "half a pair": b'{"note": "\\ud800"}',
    "deep lists": b'{"amount": ' + b"[" * _DEEP + b"]" * _DEEP + b"}",
    "deep elements": b'{"charges": [' + b"[" * _DEEP + b"]" * _DEEP + b"]}",
    "deep objects": b'{"x":' * 10_000 + b"1" + b"}" * 10_000,
    "deep and cut off": b"[" * 60_000,
    "a long number": b'{"amount": ' + b"9" * 60_000 + b"}",
    "large": b" " * 8_100_000,
}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("kind", list(BODIES))
def test_no_wrong_body_passes(made: Open, route: str, kind: str) -> None:
    """What is no JSON, or bombs its reader, is a problem and no crash; what is not the route's JSON is told where."""
    status, code, _ = _problem(made.raw(route, BODIES[kind]))
    assert (status, code) in ({(413, "body_too_large")} if kind == "large" else {(400, "body_malformed"), (422, "invalid")})


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", "application/xml", "application/jsonx", "nonsense"])
def test_a_body_of_another_type_is_refused(made: Open, route: str, content_type: str) -> None:
    """A route takes JSON, and says so; curl's own content type is let pass, since so many examples send JSON under it."""
    body = made.body("charges" if route == "charges/batch" else route)
    answer = made.raw(route, json.dumps(body).encode(), **{"Content-Type": content_type})
    assert _problem(answer) == (415, "content_type_unsupported", [])


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON", "application/x-www-form-urlencoded"]
)
def test_json_by_its_names_is_taken(made: Open, content_type: str) -> None:
    """Parameters and letter case do not matter."""
    body = json.dumps(made.body("charges")).encode()
    assert made.raw("charges", body, **{"Content-Type": content_type}).status_code == 201


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("length", [str(2 * 1024**3), "9" * 30])
def test_two_gigabytes_are_refused_before_they_come(made: Open, route: str, length: str) -> None:
    """The announced length is enough to refuse."""
    assert _problem(made.raw(route, b"{}", **{"Content-Length": length}))[:2] == (413, "body_too_large")


@pytest.mark.parametrize(("amount", "code"), [("1.5", "amount_too_precise"), ("1.0", "amount_too_precise"), ("0", "amount_not_positive"), ("1", "")])
def test_yen_have_no_decimals(amount: str, code: str) -> None:
    """A currency without minor units takes whole amounts only."""
    shop = account.opened(currency="JPY", limit_minor=1000)
    answer = shop.post("charges", {"division_id": shop.div, "amount": {"amount": amount, "currency": "JPY"}})
    assert (answer.status_code, answer.json().get("code", "")) == ((422, code) if code else (201, ""))
    assert shop.balance().json()["balance"] == ("0" if code else "-1")


@pytest.mark.parametrize("written", ["0", "-1", "1.5", "1e3", "\u0661", "abc", "", "9" * 40, "%00", "null", "%FF", "1%20"])
def test_view_balance_takes_a_number_of_a_container(shop: account.Program, written: str) -> None:
    """What is none is a bad request; what names nothing is not found; an empty one is as none."""
    answer = shop.balance(f"container_id={written}")
    expected = {"0": 404, "9" * 40: 404, "": 200}
    assert answer.status_code == expected.get(written, 400), answer.text
    assert answer.status_code == 200 or set(answer.json()) == {"errors"}


@pytest.mark.parametrize("key", ["", " ", "x" * 60_000, "tsk_live_", "\xff", "' or 1=1 --"])
def test_no_wrong_key_passes(made: Open, key: str) -> None:
    """A key that is none opens no door."""
    assert made.shop.balance(key=key.encode("latin-1")).status_code in {401, 403}  # type: ignore[arg-type]
    headers = {"Authorization": f"Bearer {key}".encode("latin-1"), "Idempotency-Key": "k"}
    for route in ROUTES:
        answer = account.ask("POST", f"/api/v1/{made.path(route)}", headers=headers, json={})
        assert _problem(answer)[:2] == (401, "unauthenticated")


@pytest.mark.usefixtures("unchanged")
def test_others_ids_are_not_found_wherever_they_stand(made: Open) -> None:
    """Another customer's hold, charge and division, a division out of the key's sight, and ids of another kind."""
    other = account.opened()
    other.opening(100_000)
    theirs = Open(other, other.post("holds", made.body("holds", division_id=other.div)).json()["id"], other.charge("5.00").json()["id"])
    before = theirs.standing()
    narrow = made.shop.another_key(divisions=[made.shop.division(f"Narrow {uuid.uuid4().hex[:6]}")], acts=[Act.CHARGE])
    for route in ROUTES[3:]:
        for path, key in ((theirs.path(route), made.shop.key), (made.path(route), narrow), (made.path(route), other.key)):
            answer = made.shop.post(path, {}, key=key)
            assert answer.status_code == 404, f"{path}: {answer.text}"
    for written in ("hold_0", made.charge, "chg_" + "z" * 13, ids.public("chg", 2**63 - 1), "%00", "'", made.shop.div):
        assert made.shop.post(f"holds/{written}/capture", {}).status_code == 404
        if written != made.charge:
            assert made.shop.post(f"charges/{written}/refund", {}).status_code == 404
    for route in ("charges", "holds", "charges/batch"):
        answer = made.send(route, made.body("charges", division_id=other.div))
        assert _problem(answer) == (404, "division_not_found", ["/division_id"])
    assert theirs.standing() == before


def test_a_hook_takes_no_forged_and_no_large_message() -> None:
    """Without the gateway's signature nothing is stored; a large one is not even checked."""
    for content, expected in ((b"{}", {400, 503}), (b"\xff", {400, 503}), (b"x" * 70_000, {413, 503})):
        assert account.ask("POST", "/hooks/plain", content=content).status_code in expected
    assert account.ask("POST", "/hooks/other", content=b"{}").status_code in {404, 503}
    assert account.ask("GET", "/hooks/plain").status_code == 405
