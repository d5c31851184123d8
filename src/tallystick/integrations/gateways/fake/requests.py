"""Answer the requests to the fake gateway: find the route, read the bounded body, say what the book says."""

import hmac
import http.server
import json
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import msgspec

from tallystick.integrations.gateways import protocol
from tallystick.integrations.gateways.fake import book, cards, delivery, html
from tallystick.lib import errors, money

_LARGEST_BODY_BYTES = 16_384


@dataclass
class World:
    """Share what every request needs; `lost_answers` counts down the answers still to lose."""

    delivery: delivery.Delivery
    secret: bytes
    book: book.Book
    base_url: str = ""
    lost_answers: int = field(default=0)


@dataclass(frozen=True)
class Answer:
    """Say what to send back."""

    status: int
    body: bytes = b""
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


class _Refund(msgspec.Struct):
    amount_minor: int
    currency: str


class _Start(msgspec.Struct):
    amount_minor: int
    currency: str
    description: str
    return_url: str


class _Control(msgspec.Struct):
    payment: str = ""
    amount_minor: int | None = None
    number: str = "4242424242424242"
    expiry: str = "12/30"
    copies: int = 1
    backwards: bool = False
    answers: int = 1


class Requests(http.server.BaseHTTPRequestHandler):
    """Read one request and answer it."""

    protocol_version = "HTTP/1.1"
    server_version = "fake-gateway"
    sys_version = ""
    timeout = 10

    def do_GET(self) -> None:
        """Answer a question."""
        self._answer("GET")

    def do_POST(self) -> None:
        """Do what is asked."""
        self._answer("POST")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Keep silent."""

    def _answer(self, method: str) -> None:
        world: World = cast("Any", self.server).world
        length = self.headers.get("content-length") or "0"
        if not length.isdigit() or int(length) > _LARGEST_BODY_BYTES or "transfer-encoding" in self.headers:
            self.close_connection = True
            self._send(_problem(413, "too_large", "The request is too large."))
            return
        body = self.rfile.read(int(length))
        address = urllib.parse.urlsplit(self.path)
        parts = tuple(urllib.parse.unquote(part) for part in address.path.strip("/").split("/"))
        self._send(_route(world, method, parts, dict(self.headers.items()), body))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in {
            "content-type": answer.kind,
            "content-length": str(len(answer.body)),
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            **answer.headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)


def _route(world: World, method: str, parts: tuple[str, ...], headers: Mapping[str, str], body: bytes) -> Answer:
    """Find who answers; only calls and switches need the secret."""
    match (method, *parts):
        case ("GET", "style.css"):
            return Answer(200, html.file("style.css").encode(), "text/css; charset=utf-8")
        case ("GET", "pay", reference):
            return _page(world, reference, None)
        case ("POST", "pay", reference, *rest):
            return _page(world, reference, _form(body), authentication=rest == ["authentication"])
        case (_, "v1" | "control", *_):
            given = {name.lower(): value for name, value in headers.items()}
            if not hmac.compare_digest(given.get("authorization", "").encode(), b"Bearer " + world.secret):
                return _problem(401, "unauthorized", "The secret is not right.")
            return _lossy(world, parts, _unless_refused(lambda: _called(world, method, parts, given.get("idempotency-key", ""), body)))
        case _:
            return _problem(404, "not_found", "There is nothing here.")


def _unless_refused(call: Callable[[], Answer]) -> Answer:
    """Turn refusals into statuses."""
    try:
        return call()
    except protocol.GatewayConflict as conflict:
        return _problem(409, "key_used_otherwise", str(conflict))
    except protocol.GatewayRefused as refused:
        return _problem(404 if refused.code == "not_found" else 422, refused.code, refused.sentence)
    except (msgspec.DecodeError, UnicodeDecodeError) as malformed:
        return _problem(400, "malformed", str(malformed))
    except errors.Invalid as invalid:
        return _problem(422, invalid.code, invalid.sentence)


def _lossy(world: World, parts: tuple[str, ...], answer: Answer) -> Answer:
    """Lose the answer, as a broken line would, while an outage lasts."""
    if parts[0] == "v1" and world.lost_answers > 0:
        world.lost_answers -= 1
        return _problem(503, "outage", "The answer was lost.")
    return answer


def _called(world: World, method: str, parts: tuple[str, ...], key: str, body: bytes) -> Answer:
    """Answer a call of the merchant or a test."""
    match (method, *parts):
        case ("POST", "v1", "payments"):
            return _json(_start(world, key, msgspec.json.decode(body, type=_Start)), 201)
        case ("GET", "v1", "payments", reference):
            return _json(world.book.outcome(reference))
        case ("POST", "v1", "payments", reference, "refunds"):
            wanted = msgspec.json.decode(body, type=_Refund)
            attempt = protocol.RefundAttempt(
                idempotency_key=_key(key), provider_reference=reference, amount_minor=wanted.amount_minor, currency=wanted.currency
            )
            return _json(world.book.refund(attempt), 201)
        case ("GET", "control", "deliveries"):
            return _json(world.delivery.tries)
        case ("POST", "control", name) if name in _CONTROLS:
            return _json(_CONTROLS[name](world, msgspec.json.decode(body or b"{}", type=_Control)))
    return _problem(404, "not_found", "There is nothing here.")


def _start(world: World, key: str, wanted: _Start) -> protocol.Started:
    money.exponent(wanted.currency)
    if wanted.amount_minor <= 0 or wanted.amount_minor >= money.LARGEST_MINOR:
        raise protocol.GatewayRefused("amount_out_of_range", "The amount must be above zero and below 10^15 minor units.")
    address = urllib.parse.urlsplit(wanted.return_url)
    if address.scheme not in {"http", "https"} or not wanted.return_url.isascii() or set(address.netloc) & set(" ;,'\""):
        raise protocol.GatewayRefused("return_url_malformed", "The return address must begin with http or https and be ASCII.")
    return world.book.start(
        protocol.Attempt(
            idempotency_key=_key(key),
            amount_minor=wanted.amount_minor,
            currency=wanted.currency,
            description=wanted.description[:500],
            return_url=wanted.return_url,
        )
    )


def _key(key: str) -> str:
    if not 1 <= len(key) <= 255:  # noqa: PLR2004 - the bound of this header
        raise protocol.GatewayRefused("key_missing", "Send an Idempotency-Key of 1 to 255 characters.")
    return key


def _page(world: World, reference: str, form: Mapping[str, str] | None, *, authentication: bool = False) -> Answer:
    """Show the payment page, or do what the person pressed on it."""
    try:
        payment = world.book.find(reference)
    except protocol.GatewayRefused:
        return _html(404, html.missing())
    if form is not None:
        wrong = _press(world, payment, form, authentication=authentication)
        if wrong is not None:
            return wrong
    back = _back(payment)
    if payment.status is protocol.OutcomeStatus.SETTLED:
        return Answer(303, headers={"location": back})
    if payment.status is protocol.OutcomeStatus.FAILED:
        return _html(200, html.failed(payment, back), payment)
    if form is not None:
        return _html(200, html.authenticate(payment), payment)
    return _html(200, html.pay(payment), payment)


def _press(world: World, payment: book.Payment, form: Mapping[str, str], *, authentication: bool) -> Answer | None:
    """Carry out a button; give the page back where the card can not be used."""
    act, typed = form.get("act", ""), (form.get("number", ""), form.get("expiry", ""))
    if act in {"decline", "refuse"}:
        world.book.decline(payment.reference, "authentication_failed" if authentication else "canceled")
        return None
    if authentication:
        if payment.presented is not None:
            world.book.pay(payment.reference, payment.presented, authenticated=True)
        return None
    try:
        presented = cards.read(*typed, today=datetime.now(UTC).date())
    except cards.CardUnusable as wrong:
        return _html(422, html.pay(payment, typed=typed, wrong=wrong), payment)
    if act == "authenticate" and presented.behavior is cards.Behavior.SUCCEED:
        presented = cards.Presented(presented.card, cards.Behavior.AUTHENTICATE)
    world.book.pay(payment.reference, presented)
    return None


def _back(payment: book.Payment) -> str:
    """Add the payment's reference to the address that the person returns to."""
    address = urllib.parse.urlsplit(payment.attempt.return_url)
    query = urllib.parse.urlencode([*urllib.parse.parse_qsl(address.query), ("payment", payment.reference)])
    return urllib.parse.urlunsplit(address._replace(query=query))


def _pay(world: World, wanted: _Control) -> object:
    try:
        presented = cards.read(wanted.number, wanted.expiry, today=datetime.now(UTC).date())
    except cards.CardUnusable as wrong:
        raise protocol.GatewayRefused("card_unusable", wrong.sentence) from wrong
    return {"status": world.book.pay(wanted.payment, presented)}


def _redeliver(world: World, wanted: _Control) -> object:
    messages = world.book.outcome(wanted.payment).messages
    for message in reversed(messages) if wanted.backwards else messages:
        world.delivery.deliver(message, min(wanted.copies, 100))
    return {"messages": len(messages)}


def _lose(world: World, wanted: _Control) -> object:
    world.lost_answers = wanted.answers
    return {"answers": wanted.answers}


_CONTROLS: dict[str, Callable[[World, _Control], object]] = {
    "payments": _pay,
    "chargebacks": lambda world, wanted: world.book.reverse(wanted.payment, wanted.amount_minor, "chargeback"),
    "late-failures": lambda world, wanted: world.book.reverse(wanted.payment, None, "late_failure"),
    "disputes-won": lambda world, wanted: world.book.undo_reversal(wanted.payment, wanted.amount_minor),
    "redeliveries": _redeliver,
    "holds": lambda world, _: world.delivery.hold(),
    "releases": lambda world, wanted: {"messages": world.delivery.release(backwards=wanted.backwards, copies=min(wanted.copies, 100))},
    "outages": _lose,
}


def _form(body: bytes) -> dict[str, str]:
    return dict(urllib.parse.parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20))


def _json(value: object, status: int = 200) -> Answer:
    return Answer(status, msgspec.json.encode(value))


def _problem(status: int, code: str, sentence: str) -> Answer:
    return Answer(status, json.dumps({"code": code, "sentence": sentence}).encode())


def _html(status: int, page: str, payment: book.Payment | None = None) -> Answer:
    """Send a page that may load nothing but its style sheet, and send its form nowhere but here and back."""
    back = urllib.parse.urlsplit(payment.attempt.return_url) if payment else None
    origin = f" {back.scheme}://{back.netloc}" if back else ""
    policy = f"default-src 'none'; style-src 'self'; form-action 'self'{origin}; base-uri 'none'; frame-ancestors 'none'"
    return Answer(status, page.encode(), "text/html; charset=utf-8", {"content-security-policy": policy})
