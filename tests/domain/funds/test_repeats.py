"""Send each verb that bears an idempotency key again: the same request has the same answer, any other with that key is refused."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from tests.domain.funds.test_charging import TODAY, TOMORROW, World, world

from tallystick.domain.funds import operations as funds
from tallystick.domain.funds.operations import charging

__all__ = ["world"]


def _transfer(shop: World, **other: Any) -> object:
    wish = {"from_division_id": shop.b, "to_division_id": shop.c, "amount_minor": 10_00, **other}
    return funds.transfer(viewer=shop.viewer, idempotency_key="k", **wish)


def _refund(shop: World, **other: Any) -> object:
    charged = funds.charge(viewer=shop.viewer, charges=[shop.asked(shop.b, 50_00, "charge")])[0]
    wish = {"transfer_id": charged.transfer_id, "amount_minor": 10_00, "note": "Sent back", **other}
    return funds.refund_charge(viewer=shop.viewer, idempotency_key="k", **wish).transfer_id


def _charge(shop: World, *, division_id: int = 0, amount: int = 10_00, order: str = "o") -> object:
    answer = funds.charge(viewer=shop.viewer, charges=[shop.asked(division_id or shop.b, amount, "k", order)])[0]
    if answer.outcome is charging.Outcome.KEY_REUSED:
        raise charging.KeyReused("so the answer says")
    return answer.transfer_id


def _refund_rest(shop: World, **other: Any) -> object:
    return _refund(shop, **{"amount_minor": None, **other})


def _hold(shop: World, *, division_id: int = 0, amount: int = 10_00, order: str = "o", lapses_at: dt.datetime | None = TOMORROW) -> object:
    asked = shop.asked(division_id or shop.b, amount, "k", order)
    held = funds.hold(viewer=shop.viewer, asked=asked, now=TODAY, lapses_at=lapses_at)
    if held.answer.outcome is charging.Outcome.KEY_REUSED:
        raise charging.KeyReused("so the answer says")
    return held.hold_id


def _hold_unnamed(shop: World, *, lapses_at: dt.datetime | None = None, **later: int) -> object:
    now = TODAY + dt.timedelta(**later)
    held = funds.hold(viewer=shop.viewer, asked=shop.asked(shop.b, 10_00, "k"), now=now, lapses_at=lapses_at)
    if held.answer.outcome is charging.Outcome.KEY_REUSED:
        raise charging.KeyReused("so the answer says")
    return held.hold_id, held.lapses_at


def _capture(shop: World, **other: Any) -> object:
    held = funds.hold(viewer=shop.viewer, asked=shop.asked(shop.b, 50_00, "hold"), now=TODAY, lapses_at=TOMORROW)
    return funds.capture_hold(viewer=shop.viewer, idempotency_key="k", **{"hold_id": held.hold_id, "amount_minor": 10_00, **other})


_VERBS: dict[str, Callable[..., object]] = {
    "transfer": _transfer,
    "refund": _refund,
    "refund the rest": _refund_rest,
    "charge": _charge,
    "hold": _hold,
    "hold for as long as may be": _hold_unnamed,
    "capture": _capture,
}
_CHANGES: list[tuple[str, Callable[[World], dict[str, object]]]] = [
    ("transfer", lambda shop: {"from_division_id": shop.c, "to_division_id": shop.b}),
    ("transfer", lambda shop: {"to_division_id": shop.a}),
    ("transfer", lambda _shop: {"amount_minor": 9_99}),
    ("refund", lambda _shop: {"amount_minor": 9_99}),
    ("refund", lambda _shop: {"amount_minor": None}),
    ("refund", lambda _shop: {"note": "For another reason"}),
    ("refund the rest", lambda _shop: {"amount_minor": 50_00}),
    ("charge", lambda shop: {"division_id": shop.a}),
    ("charge", lambda _shop: {"amount": 9_99}),
    ("charge", lambda _shop: {"order": "p"}),
    ("hold", lambda shop: {"division_id": shop.a}),
    ("hold", lambda _shop: {"amount": 9_99}),
    ("hold", lambda _shop: {"order": "p"}),
    ("hold", lambda _shop: {"lapses_at": TOMORROW - dt.timedelta(seconds=1)}),
    ("hold", lambda _shop: {"lapses_at": None}),
    ("hold for as long as may be", lambda _shop: {"lapses_at": TODAY + dt.timedelta(days=7)}),
    ("capture", lambda _shop: {"amount_minor": 9_99}),
]


@pytest.mark.parametrize("verb", list(_VERBS))
def test_the_same_request_has_the_same_answer(world: World, verb: str) -> None:
    first = _VERBS[verb](world)
    before = world.balances()
    assert _VERBS[verb](world) == first
    assert world.balances() == before


@pytest.mark.parametrize(("verb", "change"), _CHANGES)
def test_another_request_with_the_key_is_refused(world: World, verb: str, change: Callable[[World], dict[str, object]]) -> None:
    _VERBS[verb](world)
    before = world.balances()
    with pytest.raises(charging.KeyReused):
        _VERBS[verb](world, **change(world))
    assert world.balances() == before


def test_a_refund_of_another_charge_is_another_request(world: World) -> None:
    _refund(world)
    other = funds.charge(viewer=world.viewer, charges=[world.asked(world.b, 20_00, "other")])[0]
    with pytest.raises(charging.KeyReused):
        _refund(world, transfer_id=other.transfer_id)


def test_a_refund_of_the_rest_is_the_same_request_whatever_is_left_by_then(world: World) -> None:
    """20.00 were given back before; the repeat finds nothing left and is answered all the same."""
    charged = funds.charge(viewer=world.viewer, charges=[world.asked(world.b, 50_00, "charge")])[0]
    assert charged.transfer_id is not None
    funds.refund_charge(viewer=world.viewer, transfer_id=charged.transfer_id, amount_minor=20_00, idempotency_key="part")
    asked = {"viewer": world.viewer, "transfer_id": charged.transfer_id, "amount_minor": None, "idempotency_key": "rest"}
    first, again = (funds.refund_charge(**asked) for _ in range(2))  # type: ignore[arg-type]
    assert (first.amount_minor, again.amount_minor, again.transfer_id, again.replayed) == (30_00, 30_00, first.transfer_id, True)


def test_a_hold_that_names_no_end_is_the_same_request_an_hour_later(world: World) -> None:
    """It lapses a week after the first."""
    first = _hold_unnamed(world)
    assert _hold_unnamed(world, hours=1) == first
