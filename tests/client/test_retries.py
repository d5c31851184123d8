"""Ask again where that may help: with the same key and bytes, as late as the server says, and not for ever."""

import asyncio
import dataclasses
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from client import speaking
from client.speaking import QUICK, Scripted, refusal
from client.test_values import CHARGE
from tallystick_client import (
    AsyncClient,
    Client,
    Conflict,
    InsufficientFunds,
    Money,
    NotUnderstood,
    RateLimited,
    Retries,
    ServerFailed,
    SpendingFuseOpen,
    Unreachable,
    retries,
)

ONE = Money("1.00", "USD")


def made() -> httpx.Response:
    return httpx.Response(201, json=CHARGE)


def charged(said: Scripted, bounds: Retries = QUICK) -> object:
    with Client(speaking.URL, "tsk_live_x", retries=bounds, transport=httpx.MockTransport(said)) as tally:
        return tally.charges.create(division_id="div_1", amount=ONE, order_id="7")


PASSING = [
    httpx.ConnectError("refused"),
    httpx.ReadTimeout("slow"),
    httpx.RemoteProtocolError("cut"),
    refusal(429, "rate_limited"),
    refusal(500, "internal_error"),
    refusal(503, "unavailable"),
    httpx.Response(502, text="<html>"),
    refusal(409, "request_running"),
]


@pytest.mark.parametrize("passing", PASSING, ids=str)
def test_what_may_pass_is_asked_again_with_the_same_key_and_bytes(passing: speaking.Said) -> None:
    said = Scripted([passing, passing, made()])
    assert charged(said)
    assert len(said.asked) == 3
    assert len({request.headers["idempotency-key"] for request in said.asked}) == 1
    assert len({request.content for request in said.asked}) == 1
    assert len(said.asked[0].headers["idempotency-key"]) == 36


def test_two_calls_have_two_keys() -> None:
    said = Scripted([made(), made()])
    charged(said)
    charged(said)
    assert len({request.headers["idempotency-key"] for request in said.asked}) == 2


@pytest.mark.parametrize(
    ("final", "kind"), [(refusal(402, "insufficient_funds"), InsufficientFunds), (refusal(409, "order_charged"), Conflict)], ids=str
)
def test_what_will_not_pass_is_asked_once(final: httpx.Response, kind: type[Exception]) -> None:
    said = Scripted([final, made()])
    with pytest.raises(kind):
        charged(said)
    assert len(said.asked) == 1


def test_an_open_fuse_stops_the_program_at_once() -> None:
    said = Scripted([refusal(429, "spending_fuse_open", seconds=1), made()])
    with pytest.raises(SpendingFuseOpen):
        charged(said)
    assert len(said.asked) == 1


def test_tries_are_bounded_and_the_key_is_kept_for_later() -> None:
    said = Scripted([httpx.ReadTimeout("slow")] * 9)
    with pytest.raises(Unreachable, match="5 times: ReadTimeout") as caught:
        charged(said)
    assert len(said.asked) == 5
    assert caught.value.idempotency_key == said.asked[0].headers["idempotency-key"]
    failed = Scripted([refusal(503, "unavailable") for _ in range(9)])
    with pytest.raises(ServerFailed) as refused:
        charged(failed, Retries(attempts=2, first_pause_seconds=0.001))
    assert (len(failed.asked), refused.value.idempotency_key) == (2, failed.asked[0].headers["idempotency-key"])


def test_no_pause_is_shorter_than_the_server_asked_for_and_pauses_grow_and_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    paused: list[float] = []
    monkeypatch.setattr("time.sleep", paused.append)
    charged(Scripted([refusal(429, "rate_limited", seconds=3), *PASSING[:3], made()]), Retries())
    assert 3 <= paused[0] <= 3.25
    assert all(0 <= pause <= most for pause, most in zip(paused[1:], [0.5, 1, 2], strict=True))
    drawn = set()
    for _ in range(20):
        paused.clear()
        charged(Scripted([httpx.ConnectError("x"), made()]), Retries())
        drawn.add(paused[0])
    assert len(drawn) > 10


def test_a_server_that_wants_more_patience_than_there_is_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: pytest.fail("slept"))
    said = Scripted([refusal(429, "rate_limited", seconds=61), made()])
    with pytest.raises(RateLimited) as caught:
        charged(said, Retries())
    assert (len(said.asked), caught.value.retry_after_seconds) == (1, 61)


@pytest.mark.parametrize(("written", "least", "most"), [("7", 7, 7), ("in", None, None), ("", None, None), ("-1", None, None)])
def test_retry_after_is_read(written: str, least: float | None, most: float | None) -> None:
    assert retries.retry_after(httpx.Response(429, headers={"Retry-After": written})) in {least, most}


def test_retry_after_may_be_an_instant() -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    found = retries.retry_after(httpx.Response(503, headers={"Retry-After": at}))
    assert found is not None
    assert 80 < found <= 90
    assert retries.retry_after(httpx.Response(503, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"})) == 0


def test_the_client_that_does_not_wait_tries_alike() -> None:
    said = Scripted([*PASSING[:3], made()])

    async def charge() -> str:
        async with AsyncClient(speaking.URL, "tsk_live_x", retries=QUICK, transport=httpx.MockTransport(said)) as tally:
            return (await tally.charges.create(division_id="div_1", amount=ONE, idempotency_key="mine")).id

    assert asyncio.run(charge()) == "chg_1"
    assert [request.headers["idempotency-key"] for request in said.asked] == ["mine"] * 4


def test_a_redirect_takes_the_key_nowhere() -> None:
    said = Scripted([httpx.Response(307, headers={"Location": "https://elsewhere.example/"})])
    with pytest.raises(Exception, match="307"):
        charged(said)


def test_another_server_is_not_understood() -> None:
    with pytest.raises(NotUnderstood, match="Tallystick"):
        charged(Scripted([httpx.Response(200, text="<html>Hello")]))


def test_an_id_never_leads_to_another_path() -> None:
    said = Scripted([refusal(404, "not_found")])
    with Client(speaking.URL, "k", transport=httpx.MockTransport(said)) as tally:
        with pytest.raises(Exception, match="404"):
            tally.invoices.get("../charges?x=1")
        with pytest.raises(ValueError, match="empty"):
            tally.invoices.get("..")
    assert said.asked[0].url.raw_path == b"/api/v1/invoices/..%2Fcharges%3Fx%3D1"
    assert dataclasses.is_dataclass(QUICK)
