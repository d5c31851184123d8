"""Transfers over the CertCentral face: 204 and nothing else, own money only, once."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import given
from interfaces.programs import account
from tallystick.domain.customers.rules import Act
from tallystick.interfaces.services_v2 import transfers

AT = "/services/v2/finance/transfer"


@pytest.fixture
def split() -> account.Program:
    """Open a customer with separate funds, 100.00 of its own at the top, and a limit of 2,000.00."""
    shop = account.opened(separate_funds=True)
    shop.opening(10_000)
    return shop


def key_of(shop: account.Program) -> str:
    return shop.another_key(acts=[Act.SEE_FINANCES, Act.PAY])


def send(shop: account.Program, body: object, *, key: str = "", **headers: str) -> account.httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return account.ask("POST", AT, headers={"X-DC-DEVKEY": key or key_of(shop), "Content-Type": "application/json", **headers}, content=content)


def asked(shop: account.Program, target: int, amount: object = "10.00") -> dict[str, object]:
    return {"amount": amount, "from_container_id": shop.top_id, "to_container_id": target}


def balance(shop: account.Program, division_id: int) -> str:
    return str(shop.balance(f"container_id={division_id}").json()["balance"])


@pytest.mark.parametrize(
    ("amount", "moved"), [("10.00", "10.00"), (10, "10.00"), (10.5, "10.50"), ("10.5", "10.50"), (b"10.00", "10.00"), (b"0.01", "0.01")]
)
@pytest.mark.parametrize("as_text", [True, False])
def test_numbers_and_numeric_texts(split: account.Program, amount: object, moved: str, as_text: bool) -> None:
    below = split.division("Research")
    body = {**asked(split, below, "?"), **({"from_container_id": str(split.top_id), "to_container_id": str(below)} if as_text else {})}
    content = json.dumps(body).encode().replace(b'"?"', amount if isinstance(amount, bytes) else json.dumps(amount).encode())
    answer = send(split, content)
    assert (answer.status_code, answer.content) == (204, b"")
    assert balance(split, below) == moved


def test_credit_stays_where_it_is(split: account.Program) -> None:
    below = split.division("Research")
    answer = send(split, asked(split, below, "100.01"))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "insufficient_funds")
    assert send(split, asked(split, below, "100.00")).status_code == 204
    assert balance(split, split.top_id) == "0.00"


def test_shared_funds_have_nothing_to_move(shop: account.Program) -> None:
    answer = send(shop, asked(shop, shop.division("Research")))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "separate_funds_not_enabled")


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 60_000, b" " * 70_000, b" " * 3_000_000),
        *({}, {"amount": "1.00"}, {"amount": True, "from_container_id": 1, "to_container_id": 2}),
        *({"amount": amount, "from_container_id": 1, "to_container_id": 2} for amount in ("0.00", "-1.00", "1e3", "1.001", "x", "", "NaN", None, [])),
        *({"amount": "1.00", "from_container_id": one, "to_container_id": 2} for one in ("x", "-1", 1.5, "", None, {})),
        b'{"amount": NaN, "from_container_id": 1, "to_container_id": 2}',
        b'{"amount": 1e30, "from_container_id": 1, "to_container_id": 2}',
    ],
)
def test_what_cannot_be_read_is_refused(split: account.Program, body: object) -> None:
    answer = send(split, body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "bad_request_format")


def test_the_same_container_twice_is_refused(split: account.Program) -> None:
    assert send(split, asked(split, split.top_id)).status_code == 400


def test_a_repetition_within_ten_seconds_has_no_second_effect(split: account.Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the door and that of the journal are moved on together."""
    below, key = split.division("Research"), key_of(split)
    begun = datetime.now(UTC)
    posted: dict[str, datetime] = {}
    now = begun
    monkeypatch.setattr(transfers.timezone, "now", lambda: now)
    real = transfers.funds.transfer

    def transfer(*, idempotency_key: str, **named: Any) -> int:
        posted.setdefault(idempotency_key, now)
        return real(idempotency_key=idempotency_key, **named)

    monkeypatch.setattr(transfers.funds, "transfer", transfer)
    monkeypatch.setattr(transfers.registers, "posted_at_of_key", lambda *, idempotency_key, **_: posted.get(idempotency_key))
    for seconds, moved in ((0, "10.00"), (1, "10.00"), (9.9, "10.00"), (11, "20.00"), (12, "20.00"), (20.9, "20.00"), (40, "30.00")):
        now = begun + timedelta(seconds=seconds)
        assert send(split, asked(split, below), key=key).status_code == 204
        assert balance(split, below) == moved, seconds
    assert send(split, asked(split, below, "10.01"), key=key).status_code == 204
    assert balance(split, below) == "40.01"


def test_the_journal_tells_when_a_key_posted(split: account.Program) -> None:
    below = split.division("Research")
    begun = datetime.now(UTC)
    assert send(split, asked(split, below)).status_code == 204
    with transfers.scope.of(split.viewer), transfers.scope.cursor() as cursor:
        cursor.execute(
            "select idempotency_key from ledger_transfer where customer_id = %s and idempotency_key like %s", [split.customer_id, "services%"]
        )
        ((key,),) = cursor.fetchall()
    posted_at = transfers.registers.posted_at_of_key(viewer=split.viewer, idempotency_key=key)
    assert posted_at is not None
    assert begun - timedelta(seconds=1) < posted_at < datetime.now(UTC) + timedelta(seconds=1)
    assert transfers.registers.posted_at_of_key(viewer=split.viewer, idempotency_key="never") is None


def test_another_key_is_another_program(split: account.Program) -> None:
    below = split.division("Research")
    for moved in ("10.00", "20.00"):
        assert send(split, asked(split, below)).status_code == 204
        assert balance(split, below) == moved


def test_an_idempotency_key_has_one_effect_for_ever(split: account.Program) -> None:
    below, other, key = split.division("Research"), split.division("Sales"), key_of(split)
    for _ in range(3):
        assert send(split, asked(split, below), key=key, **{"Idempotency-Key": "k-1"}).status_code == 204
    assert balance(split, below) == "10.00"
    assert send(split, asked(split, below), key=key, **{"Idempotency-Key": "k-2"}).status_code == 204
    assert balance(split, below) == "20.00"
    for body in (asked(split, below, "11.00"), asked(split, other)):
        answer = send(split, body, key=key, **{"Idempotency-Key": "k-1"})
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "idempotency_key_reused")
    assert send(split, asked(split, below), key=key, **{"Idempotency-Key": "k" * 256}).status_code == 400


def test_a_refusal_is_not_remembered(split: account.Program) -> None:
    below, key = split.division("Research"), key_of(split)
    for headers in ({}, {"Idempotency-Key": "k"}):
        assert send(split, asked(split, below, "100.01"), key=key, **headers).status_code == 400
    split.opening(5_000)
    assert send(split, asked(split, below, "100.01"), key=key, **{"Idempotency-Key": "k"}).status_code == 204


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "at-once"}])
def test_ten_at_once_have_one_effect(split: account.Program, headers: dict[str, str]) -> None:
    below, key = split.division("Research"), key_of(split)
    answers = given.in_threads([lambda: send(split, asked(split, below), key=key, **headers)] * 10)
    assert {getattr(answer, "status_code", answer) for answer in answers} == {204}
    assert balance(split, below) == "10.00"


def test_of_two_at_once_on_both_sides_of_a_stretch_one_has_an_effect(split: account.Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each looks under the funds' locks whether the other was there: without them both would find nothing."""
    below, key = split.division("Research"), key_of(split)
    border = datetime.fromtimestamp(datetime.now(UTC).timestamp() // 10 * 10, UTC)
    nows = itertools.cycle([border - timedelta(seconds=0.1), border + timedelta(seconds=0.1)])
    monkeypatch.setattr(transfers.timezone, "now", lambda: next(nows))
    for amount, moved in (("1.00", "1.00"), ("2.00", "3.00"), ("3.00", "6.00")):
        answers = given.in_threads([lambda amount=amount: send(split, asked(split, below, amount), key=key)] * 6)
        assert {getattr(answer, "status_code", answer) for answer in answers} == {204}
        assert balance(split, below) == moved
