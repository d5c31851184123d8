"""Hold money exactly, read answers strictly where they promise, and tell failures apart."""

import json
from decimal import Decimal

import pytest

from tallystick_client import InsufficientFunds, Invalid, Money, NotUnderstood, ServerFailed, SpendingFuseOpen, problems, shapes
from tallystick_client.charging import Charge
from tallystick_client.hooks import Event


def test_money_is_exact() -> None:
    assert Money("0.10", "USD") + Money("0.20", "USD") == Money(Decimal("0.30"), "USD")
    assert -Money(5, "JPY") == Money("-5", "JPY")
    assert str(Money("1e3", "JPY")) == "1000 JPY"
    assert Money("1.5", "USD") < Money("1.50", "USD") + Money("0.01", "USD")
    assert Money("2", "USD") >= Money("2.00", "USD")
    assert hash(Money("2", "USD")) == hash(Money("2.00", "USD"))
    assert not Money("0.00", "USD")


@pytest.mark.parametrize("wrong", [0.1, True, None, b"1"])
def test_money_is_never_a_float(wrong: object) -> None:
    with pytest.raises(TypeError):
        Money(wrong, "USD")  # type: ignore[arg-type]  # what a program without types does


@pytest.mark.parametrize("wrong", ["", "12,50", "NaN", "Infinity"])
def test_what_is_no_amount_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="no amount"):
        Money(wrong, "USD")


def test_two_currencies_are_never_added_or_compared() -> None:
    with pytest.raises(ValueError, match="two currencies"):
        Money("1", "USD") + Money("1", "EUR")
    with pytest.raises(ValueError, match="two currencies"):
        assert Money("1", "USD") < Money("1", "EUR")
    assert Money("1", "USD") != Money("1", "EUR")


CHARGE = {
    "id": "chg_1",
    "division_id": "div_1",
    "amount": {"amount": "1.00", "currency": "USD"},
    "order_id": None,
    "line_reference": None,
    "note": None,
    "balance_after": {"amount": "-1.00", "currency": "USD"},
    "posted_at": "2026-11-22T09:30:00.5Z",
}


def test_a_newer_server_may_say_more() -> None:
    read = shapes.read(Charge, {**CHARGE, "color": "green"})
    assert read.balance_after == Money("-1.00", "USD")
    assert read.posted_at.utcoffset() is not None


@pytest.mark.parametrize(
    "change",
    [{"amount": {"amount": 1.0, "currency": "USD"}}, {"id": 7}, {"posted_at": "soon"}, {"amount": None}, {"note": 1}, {"balance_after": "1"}],
)
def test_an_answer_of_another_shape_is_not_understood(change: dict[str, object]) -> None:
    with pytest.raises(NotUnderstood, match="no Charge"):
        shapes.read(Charge, {**CHARGE, **change})


def test_what_is_missing_is_not_understood() -> None:
    with pytest.raises(NotUnderstood, match="timestamp"):
        shapes.read(Event, {"id": "evt_1", "sequence": 1, "type": "invoice.paid"})


def test_nothing_inexact_is_sent() -> None:
    with pytest.raises(TypeError, match=r"0\.1"):
        shapes.written({"amount": 0.1})
    assert json.dumps(shapes.written({"quantity": Decimal("1.50"), "note": None})) == '{"quantity": "1.50"}'


def test_a_refusal_says_all_that_it_said() -> None:
    money = {"amount": "5.00", "currency": "USD"}
    figures = {"available": {"amount": "-2.00", "currency": "USD"}, "required": money, "limit": None, "used_by_other_divisions": money}
    short = problems.problem(402, {"code": "insufficient_funds", "detail": "Too much.", "request_id": "r", **figures})
    assert isinstance(short, InsufficientFunds)
    assert (short.available, short.required, short.limit) == (Money("-2", "USD"), Money("5", "USD"), None)
    assert str(short) == "Too much. (402 insufficient_funds)"
    wrong = problems.problem(422, {"code": "invalid", "errors": [{"pointer": "/signed", "detail": "Sign it."}]})
    assert isinstance(wrong, Invalid)
    assert wrong.errors == (problems.Wrong("/signed", "Sign it."),)


def test_refusals_of_proxies_and_of_the_other_face_are_read_too() -> None:
    away = problems.problem(502, {})
    assert isinstance(away, ServerFailed)
    assert str(away) == "The server answered 502. (502)"
    other = problems.problem(403, {"errors": [{"code": "access_denied|invalid_key", "message": "No."}]})
    assert (other.code, other.detail) == ("access_denied|invalid_key", "No.")
    assert isinstance(problems.problem(429, {"code": "spending_fuse_open"}), SpendingFuseOpen)
