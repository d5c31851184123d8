"""Let the fake gateway speak to the real door over HTTP: signed messages are kept once, everything else is turned away."""

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from wsgiref import simple_server

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test.utils import override_settings

from domain.payments import world
from domain.payments.world import Till, World
from tallystick.domain.payments import models, operations, rules
from tallystick.integrations.gateways import messages, protocol
from tallystick.integrations.postgres import scope


class _Quiet(simple_server.WSGIRequestHandler):
    """Write no log."""

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def door() -> Iterator[str]:
    """Serve the hooks on a port of the system's choice."""
    guards = ["django.middleware.csrf.CsrfViewMiddleware"]
    secret = world.SECRET.decode()
    with override_settings(
        ROOT_URLCONF="tallystick.interfaces.hooks.urls",
        GATEWAY_URL="http://127.0.0.1:9",
        GATEWAY_SECRET=secret,
        MIDDLEWARE=guards,
        ALLOWED_HOSTS=["*"],
    ):
        served = simple_server.make_server("127.0.0.1", 0, WSGIHandler(), handler_class=_Quiet)
        thread = threading.Thread(target=served.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{served.server_port}/hooks/plain"
        served.shutdown()
        served.server_close()


def _post(address: str, body: bytes, headers: dict[str, str]) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def _kept(reference: str) -> list[models.GatewayMessage]:
    with scope.of(operations.messages.WORKER):
        return list(models.GatewayMessage.objects.filter(provider_reference=reference))


def test_from_the_card_to_the_balance_over_http(acme: World, door: str) -> None:
    """A card whose messages all come three times: the gateway delivers, the door keeps one, the worker credits once."""
    till = Till(hook_url=door)
    invoice = acme.funding(100_00)
    started = acme.start(rules.Method.CARD, (invoice, 119_00), gateway=till.gateway)
    reference = acme.row(started.payment_id).provider_reference
    till.pay(reference, "4000000000000077")
    until = time.monotonic() + 10
    while len(till.fake.delivery.tries) < 3 and time.monotonic() < until:
        time.sleep(0.02)
    till.close()
    assert [one.status for one in till.fake.delivery.tries] == [200, 200, 200]
    assert len(_kept(reference)) == 1
    assert acme.figures().balance_minor == 0
    operations.act_on_messages(now=_kept(reference)[0].received_at)
    assert (acme.figures().balance_minor, acme.row(started.payment_id).state) == (100_00, "settled")


def _body(reference: str) -> bytes:
    return messages.encode(
        protocol.Message(
            message_id=f"m-{reference}",
            provider_reference=reference,
            kind=protocol.MessageKind.SETTLED,
            amount_minor=1,
            currency="USD",
            occurred_at=world.NOW,
        )
    )


@pytest.mark.parametrize(
    ("secret", "age_seconds", "provider", "status"),
    [
        (world.SECRET, 0, "plain", 200),
        (b"somebody else's secret", 0, "plain", 400),
        (world.SECRET, 4000, "plain", 400),
        (world.SECRET, 0, "other", 404),
    ],
)
def test_only_the_gateway_is_believed(door: str, secret: bytes, age_seconds: int, provider: str, status: int) -> None:
    """Signed by the gateway, now, at its own address; what is turned away is not kept."""
    reference = world.key()
    body = _body(reference)
    headers = messages.headers(secret, f"m-{reference}", body, timestamp=int(time.time()) - age_seconds)
    assert _post(door.replace("plain", provider), body, headers) == status
    assert len(_kept(reference)) == (1 if status == 200 else 0)


def test_a_huge_body_is_turned_away(door: str) -> None:
    """Before anything is read of it."""
    assert _post(door, b"x" * 70_000, {"content-type": "application/json"}) == 413


def test_a_message_of_nobody_waits(acme: World) -> None:
    """A message that comes before its reference is stored keeps its place and hurts no other."""
    reference = world.key()
    world.tell(
        protocol.Message(
            message_id=reference,
            provider_reference=reference,
            kind=protocol.MessageKind.SETTLED,
            amount_minor=1,
            currency="USD",
            occurred_at=world.NOW,
        )
    )
    (kept,) = _kept(reference)
    assert (kept.handled_at, kept.tries, kept.outcome != "") == (None, 1, True)
    assert acme.figures().unapplied_minor == 0
