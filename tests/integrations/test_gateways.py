"""Walk the plain gateway protocol through real HTTP against the fake gateway: every card, every doubt."""

import json
import pathlib
import subprocess
import sys
import threading
import time
import types
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from integrations import hook
from tallystick.integrations.gateways import http, messages, protocol
from tallystick.integrations.gateways.fake import cards, server

SECRET = b"a secret that only tests know"
ATTEMPT = protocol.Attempt(
    idempotency_key="pay_1", amount_minor=119_00, currency="USD", description="Invoice INV-1 <b>", return_url="http://127.0.0.1:9/back?a=1"
)
EXPIRY = "12/30"


@dataclass
class World:
    """Hold a running fake gateway, its client and the hook it speaks to."""

    fake: server.Running
    gateway: http.PlainGateway
    hook: hook.Hook

    def started(self) -> protocol.Started:
        """Start the usual attempt."""
        return self.gateway.start(ATTEMPT)

    def control(self, name: str, **body: object) -> dict[str, object]:
        """Turn a switch of the fake gateway."""
        request = urllib.request.Request(f"{self.fake.url}/control/{name}", json.dumps(body).encode(), {"authorization": f"Bearer {SECRET.decode()}"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            found: dict[str, object] = json.load(answer)
        return found

    def paid(self, number: str = "4242424242424242") -> str:
        """Pay the usual attempt with a card; give its reference."""
        reference = self.started().provider_reference
        self.control("payments", payment=reference, number=number)
        return reference


@pytest.fixture
def world() -> Iterator[World]:
    """Start a fake gateway whose late events come at once."""
    receiver = hook.Hook()
    fake = server.start(hook_url=receiver.url, secret=SECRET, late_seconds=0.05)
    gateway = http.PlainGateway(base_url=fake.url, secret=SECRET, timeout_seconds=5)
    receiver.verify = gateway.verify_message
    yield World(fake, gateway, receiver)
    fake.close()
    receiver.close()


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follow no redirect."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Stay."""


def press(url: str, **form: str) -> tuple[int, str, str]:
    """Press a button of a page; give status, page and where it leads."""
    opener = urllib.request.build_opener(_Stay)
    body = urllib.parse.urlencode(form).encode() if form else None
    try:
        with opener.open(url, body, timeout=5) as answer:
            return answer.status, answer.read().decode(), ""
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode(), answer.headers.get("location", "")


K = protocol.MessageKind
BY_CARD = [
    ("4242424242424242", [(K.SETTLED, 119_00, "")], 119_00),
    ("5555555555554444", [(K.SETTLED, 119_00, "")], 119_00),
    ("4000000000000002", [(K.FAILED, 119_00, "card_declined")], 0),
    ("4000000000009995", [(K.FAILED, 119_00, "insufficient_funds")], 0),
    ("4000000000000341", [(K.SETTLED, 119_00, ""), (K.REVERSED, 119_00, "late_failure")], 0),
    ("4000000000000259", [(K.SETTLED, 119_00, ""), (K.REVERSED, 119_00, "chargeback")], 0),
    ("4000000000002685", [(K.SETTLED, 119_00, ""), (K.REVERSED, 59_50, "chargeback")], 59_50),
    ("4000000000001976", [(K.SETTLED, 119_00, ""), (K.REVERSED, 119_00, "chargeback"), (K.REVERSAL_UNDONE, 119_00, "dispute_won")], 119_00),
    ("4000000000000077", [(K.SETTLED, 119_00, "")] * 3, 119_00),
    ("4000000000003055", [(K.REVERSED, 59_50, "chargeback"), (K.SETTLED, 119_00, "")], 59_50),
]


@pytest.mark.parametrize(("number", "expected", "standing"), BY_CARD, ids=[cards.CARDS[row[0]] + " " + row[0][:1] for row in BY_CARD])
def test_each_card_sends_its_messages_and_their_sum_is_what_stands(
    world: World, number: str, expected: list[tuple[protocol.MessageKind, int, str]], standing: int
) -> None:
    reference = world.paid(number)
    came = world.hook.wait(len(expected))
    assert [(message.kind, message.amount_minor, message.reason) for message in came] == expected
    signs = {K.SETTLED: 1, K.REVERSED: -1, K.REVERSAL_UNDONE: 1, K.REFUNDED: -1}
    distinct = {message.message_id: message for message in came}
    assert sum(signs.get(message.kind, 0) * message.amount_minor for message in distinct.values()) == standing
    assert {message.message_id for message in world.gateway.fetch(reference).messages} == set(distinct)


def test_a_receipt_knows_the_card_but_never_its_number(world: World) -> None:
    world.paid()
    (settled,) = world.hook.wait(1)
    assert settled.card == protocol.Card(brand="Visa", last4="4242", expiry_month=12, expiry_year=2030)
    assert b"4242424242424242" not in messages.encode(settled)


def test_the_person_pays_on_the_page_and_comes_back(world: World) -> None:
    started = world.started()
    status, page, _ = press(started.redirect_url)
    assert status == 200
    assert "119.00 USD" in page
    assert "INV-1 &lt;b&gt;" in page
    assert "<script" not in page
    assert "style=" not in page
    status, _, leads = press(started.redirect_url, act="pay", number="4242 4242 4242 4242", expiry=EXPIRY)
    assert (status, leads) == (303, f"http://127.0.0.1:9/back?a=1&payment={started.provider_reference}")
    press(started.redirect_url, act="pay", number="4242 4242 4242 4242", expiry=EXPIRY)
    press(started.redirect_url, act="decline")
    assert world.gateway.fetch(started.provider_reference).status is protocol.OutcomeStatus.SETTLED
    assert len(world.hook.wait(1)) == 1


@pytest.mark.parametrize(("act", "settled"), [("confirm", True), ("refuse", False)])
def test_extra_authentication_decides(world: World, act: str, settled: bool) -> None:
    url = world.started().redirect_url
    status, page, _ = press(url, act="pay", number="4000 0027 6000 3184", expiry=EXPIRY)
    assert status == 200
    assert "whether it is you" in page
    press(f"{url}/authentication", act=act)
    (message,) = world.hook.wait(1)
    assert message.kind is (K.SETTLED if settled else K.FAILED)


def test_declining_on_the_page_fails_the_payment(world: World) -> None:
    status, page, _ = press(world.started().redirect_url, act="decline")
    assert status == 200
    assert "was not charged" in page
    (message,) = world.hook.wait(1)
    assert (message.kind, message.reason) == (K.FAILED, "canceled")


@pytest.mark.parametrize(
    ("number", "expiry", "marked"),
    [
        ("4111 1111 1111 1111", EXPIRY, "number"),
        ('"><script>alert(1)</script>', EXPIRY, "number"),
        ("4242 4242 4242 4242", "13/30", "expiry"),
        ("4242 4242 4242 4242", "01/20", "expiry"),
        ("4242 4242 4242 4242", "١٢/٣٠", "expiry"),
    ],
)
def test_a_card_that_can_not_be_used_is_marked_and_kept(world: World, number: str, expiry: str, marked: str) -> None:
    started = world.started()
    status, page, _ = press(started.redirect_url, act="pay", number=number, expiry=expiry)
    assert status == 422
    assert f'id="{marked}-sentence"' in page
    assert "<script" not in page
    assert world.gateway.fetch(started.provider_reference).status is protocol.OutcomeStatus.OPEN


def test_the_same_key_starts_once_and_another_request_is_refused(world: World) -> None:
    answers: list[protocol.Started] = []
    threads = [threading.Thread(target=lambda: answers.append(world.gateway.start(ATTEMPT))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 20
    assert len(set(answers)) == 1
    with pytest.raises(protocol.GatewayConflict):
        world.gateway.start(replace(ATTEMPT, amount_minor=1))


def test_a_lost_answer_is_found_again_with_the_same_key(world: World) -> None:
    world.control("outages", answers=1)
    with pytest.raises(protocol.GatewayUnavailable):
        world.started()
    reference = world.paid()
    world.control("outages", answers=1)
    wanted = protocol.RefundAttempt(idempotency_key="ref_1", provider_reference=reference, amount_minor=1900, currency="USD")
    with pytest.raises(protocol.GatewayUnavailable):
        world.gateway.refund(wanted)
    assert world.gateway.refund(wanted) == world.gateway.refund(wanted)
    assert world.gateway.fetch(reference).refunded_minor == 1900


@pytest.mark.parametrize(("number", "kind"), [("4242424242424242", K.REFUNDED), ("4000000000005126", K.REFUND_FAILED)])
def test_a_refund_says_how_it_ended(world: World, number: str, kind: protocol.MessageKind) -> None:
    reference = world.paid(number)
    started = world.gateway.refund(protocol.RefundAttempt(idempotency_key="ref_1", provider_reference=reference, amount_minor=1900, currency="USD"))
    _, message = world.hook.wait(2)
    assert (message.kind, message.amount_minor, message.refund_reference) == (kind, 1900, started.refund_reference)


def test_more_than_what_stands_is_never_given_back(world: World) -> None:
    reference = world.paid()
    world.control("chargebacks", payment=reference, amount_minor=100_00)
    refund = protocol.RefundAttempt(idempotency_key="ref_1", provider_reference=reference, amount_minor=19_01, currency="USD")
    with pytest.raises(protocol.GatewayRefused) as refused:
        world.gateway.refund(refund)
    assert refused.value.code == "refund_too_large"
    with pytest.raises(protocol.GatewayRefused) as unknown:
        world.gateway.fetch("fp_unknown")
    assert unknown.value.code == "not_found"


@pytest.mark.parametrize(
    "change",
    [{"amount_minor": 0}, {"amount_minor": -1}, {"amount_minor": 10**15}, {"currency": "XXXX"}, {"return_url": "javascript:alert(1)"}],
    ids=str,
)
def test_a_wrong_start_is_refused(world: World, change: dict[str, object]) -> None:
    with pytest.raises(protocol.GatewayRefused):
        world.gateway.start(replace(ATTEMPT, idempotency_key="pay_2", **change))  # type: ignore[arg-type]


def test_messages_can_be_held_back_doubled_and_turned_round(world: World) -> None:
    world.control("holds")
    reference = world.paid()
    world.control("chargebacks", payment=reference, amount_minor=1)
    assert world.hook.came == []
    world.control("releases", backwards=True, copies=2)
    assert [message.kind for message in world.hook.wait(4)] == [K.REVERSED] * 2 + [K.SETTLED] * 2
    world.control("redeliveries", payment=reference, copies=3)
    assert len(world.hook.wait(10)) == 10


def test_a_message_is_sent_until_the_hook_takes_it(world: World) -> None:
    world.hook.failures = 2
    world.paid()
    assert len(world.hook.wait(1)) == 1
    until = time.monotonic() + 5
    while len(world.fake.delivery.tries) < 3 and time.monotonic() < until:  # the hook has the message before the sender has the answer
        time.sleep(0.01)
    assert [tried.status for tried in world.fake.delivery.tries] == [503, 503, 200]


def test_nobody_calls_without_the_secret_and_that_ends_no_payment(world: World) -> None:
    reference = world.started().provider_reference
    stranger = replace(world.gateway, secret=b"another secret")
    for call in (lambda: stranger.start(ATTEMPT), lambda: stranger.fetch(reference)):
        with pytest.raises(protocol.GatewayUnavailable, match="401"):
            call()
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{world.fake.url}/control/deliveries", timeout=5)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/payments", b"{", 400),
        ("/v1/payments", b"\xff", 400),
        ("/v1/payments", b'{"amount_minor": 1.5}', 400),
        ("/v1/payments", b" " * 20_000, 413),
        ("/v1/nothing", b"{}", 404),
        ("/control/nothing", b"{}", 404),
        ("/elsewhere", b"{}", 404),
        ("/pay/fp_unknown", b"act=pay", 404),
    ],
)
def test_a_malformed_call_is_answered_and_the_gateway_lives_on(world: World, path: str, body: bytes, status: int) -> None:
    request = urllib.request.Request(f"{world.fake.url}{path}", body, {"authorization": f"Bearer {SECRET.decode()}"})
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(request, timeout=5)
    assert answer.value.code == status
    world.started()


def test_an_installation_without_a_gateway_says_so() -> None:
    with pytest.raises(protocol.GatewayRefused) as refused:
        http.from_settings(types.SimpleNamespace(GATEWAY_URL="", GATEWAY_SECRET=""))
    assert refused.value.code == "not_configured"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://[::1]:1"])
def test_no_answer_means_unknown(url: str) -> None:
    with pytest.raises(protocol.GatewayUnavailable):
        http.PlainGateway(base_url=url, secret=SECRET, timeout_seconds=0.5).start(ATTEMPT)


NOW = 1_800_000_000
BODY = messages.encode(
    protocol.Message(
        message_id="fm_1",
        provider_reference="fp_1",
        kind=K.SETTLED,
        amount_minor=1,
        currency="USD",
        occurred_at=datetime(2026, 11, 20, tzinfo=UTC),
    )
)
SIGNED = messages.headers(SECRET, "fm_1", BODY, timestamp=NOW)


@pytest.mark.parametrize(
    ("headers", "body", "now"),
    [
        ({}, BODY, NOW),
        (SIGNED, BODY.replace(b'"amount_minor":1', b'"amount_minor":9'), NOW),
        (SIGNED, BODY, NOW + 301),
        (SIGNED, BODY, NOW - 301),
        ({**SIGNED, "webhook-timestamp": str(NOW + 1)}, BODY, NOW),
        ({**SIGNED, "webhook-id": "fm_2"}, BODY, NOW),
        ({**SIGNED, "webhook-signature": "v1,"}, BODY, NOW),
        ({**SIGNED, "webhook-timestamp": "9" * 30}, BODY, NOW),
        (messages.headers(b"another", "fm_1", BODY, timestamp=NOW), BODY, NOW),
        (messages.headers(SECRET, "fm_1", b"{}", timestamp=NOW), b"{}", NOW),
        (messages.headers(SECRET, "fm_1", b"\xff", timestamp=NOW), b"\xff", NOW),
    ],
)
def test_a_message_that_is_not_the_gateways_is_not_trusted(headers: dict[str, str], body: bytes, now: int) -> None:
    gateway = http.PlainGateway(base_url="http://127.0.0.1:1", secret=SECRET, clock=lambda: now)
    with pytest.raises(protocol.MessageUntrusted):
        gateway.verify_message(headers, body)


def test_a_message_of_the_gateway_is_read_with_headers_in_any_case() -> None:
    gateway = http.PlainGateway(base_url="http://127.0.0.1:1", secret=SECRET, clock=lambda: NOW)
    assert gateway.verify_message({name.title(): value for name, value in SIGNED.items()}, BODY).message_id == "fm_1"


def test_every_card_number_passes_its_check_digit() -> None:
    for number in cards.CARDS:
        # ISO/IEC 7812: every second figure from the end doubled, its digits added
        total = sum(int(digit) * (1 + place % 2) // 10 + int(digit) * (1 + place % 2) % 10 for place, digit in enumerate(reversed(number)))
        assert total % 10 == 0, number


def test_the_command_says_where_it_answers(tmp_path: pathlib.Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(SECRET)
    command = [sys.executable, "-m", "tallystick.integrations.gateways.fake", "--secret-file", str(secret), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        url = json.loads(running.stdout.readline())["url"]
        gateway = http.PlainGateway(base_url=url, secret=SECRET)
        assert gateway.start(ATTEMPT).redirect_url.startswith(f"{url}/pay/")
        running.terminate()
        assert running.wait(timeout=10) == 0


def test_the_command_refuses_a_short_secret(tmp_path: pathlib.Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"short")
    command = [sys.executable, "-m", "tallystick.integrations.gateways.fake", "--secret-file", str(secret)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "at least 16" in ended.stderr
