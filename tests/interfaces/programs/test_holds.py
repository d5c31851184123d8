"""Holds and refunds by program: reserve, capture up to the amount, release, give back; each repeated safely."""

import time
from datetime import UTC, datetime, timedelta, timezone

import httpx
import pytest

from interfaces.programs import account
from tallystick.lib import ids


def reserve(shop: account.Program, amount: str = "100.00", idempotency_key: str = "", **more: object) -> httpx.Response:
    body = {"division_id": shop.div, "amount": {"amount": amount, "currency": "USD"}, **more}
    return shop.post("holds", body, idempotency_key=idempotency_key)


def funds(shop: account.Program) -> tuple[str, str]:
    shown = shop.balance().json()
    return shown["balance"], shown["total_available_funds"]


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def test_a_hold_is_captured_in_part_and_the_rest_comes_back(shop: account.Program) -> None:
    made = reserve(shop, order_id="A-1")
    assert (made.status_code, made.json()["state"]) == (201, "open")
    assert funds(shop) == ("-100.00", "1900.00")
    at = f"holds/{made.json()['id']}/capture"
    captured = shop.post(at, {"amount": {"amount": "60.00", "currency": "USD"}}, idempotency_key="c")
    assert captured.status_code == 200
    assert {name: captured.json()[name] for name in ("state", "held", "captured")} == {
        "state": "captured",
        "held": {"amount": "100.00", "currency": "USD"},
        "captured": {"amount": "60.00", "currency": "USD"},
    }
    assert funds(shop) == ("-60.00", "1940.00")
    again = shop.post(at, {"amount": {"amount": "60.00", "currency": "USD"}}, idempotency_key="c")
    assert again.content == captured.content
    assert again.headers["idempotent-replayed"] == "true"
    assert code(shop.post(at, {})) == (409, "hold_not_open")
    refunded = shop.post(f"charges/{captured.json()['charge_id']}/refund", {})
    assert refunded.json()["amount"] == {"amount": "60.00", "currency": "USD"}
    assert funds(shop) == ("0.00", "2000.00")


def test_a_hold_is_released_once(shop: account.Program) -> None:
    at = f"holds/{reserve(shop).json()['id']}/release"
    first = shop.post(at, {}, idempotency_key="r")
    again = shop.post(at, {}, idempotency_key="r")
    assert (first.status_code, again.content, again.headers["idempotent-replayed"]) == (200, first.content, "true")
    assert code(shop.post(at, {})) == (409, "hold_not_open")
    assert funds(shop) == ("0.00", "2000.00")


def test_a_hold_is_replayed_by_its_key(shop: account.Program) -> None:
    first, again = reserve(shop, idempotency_key="h"), reserve(shop, idempotency_key="h")
    assert (again.status_code, again.content, again.headers["idempotent-replayed"]) == (201, first.content, "true")
    assert code(reserve(shop, "1.00", idempotency_key="h")) == (422, "idempotency_key_reused")
    assert code(shop.charge("100.00", idempotency_key="h")) == (422, "idempotency_key_reused")


def test_another_end_of_a_hold_is_another_request(shop: account.Program) -> None:
    """Later, earlier, or left open; the same instant in other words is the same."""
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
    first = reserve(shop, idempotency_key="h", lapses_at=end.isoformat())
    again = reserve(shop, idempotency_key="h", lapses_at=end.astimezone(timezone(timedelta(hours=9))).isoformat())
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    for other in ({"lapses_at": (end + timedelta(seconds=1)).isoformat()}, {}):
        assert code(reserve(shop, idempotency_key="h", **other)) == (422, "idempotency_key_reused")
    unnamed = reserve(shop, idempotency_key="u")
    assert reserve(shop, idempotency_key="u").content == unnamed.content
    assert code(reserve(shop, idempotency_key="u", lapses_at=unnamed.json()["lapses_at"])) == (422, "idempotency_key_reused")


def test_a_repeat_that_comes_when_the_hold_has_lapsed_has_the_first_answer(shop: account.Program) -> None:
    """A named end that is over by then is refused to new holds alone."""
    end = datetime.now(UTC) + timedelta(seconds=1.5)
    first = reserve(shop, idempotency_key="h", lapses_at=end.isoformat())
    assert first.status_code == 201
    time.sleep(max(0.0, (end - datetime.now(UTC)).total_seconds()))
    again = reserve(shop, idempotency_key="h", lapses_at=end.isoformat())
    assert (again.status_code, again.content, again.headers["idempotent-replayed"]) == (201, first.content, "true")
    assert code(reserve(shop, lapses_at=end.isoformat())) == (422, "lapse_out_of_range")
    assert code(reserve(shop, idempotency_key="h", lapses_at="0001-01-01T00:00:00+14:00")) == (422, "idempotency_key_reused")


ENDINGS: list[tuple[str, dict[str, object], str, dict[str, object]]] = [
    ("capture", {"amount": "60.00"}, "capture", {"amount": "59.99"}),
    ("capture", {"amount": "60.00"}, "capture", {}),
    ("capture", {}, "capture", {"amount": "60.00"}),
    ("capture", {}, "release", {}),
    ("release", {}, "capture", {}),
]


@pytest.mark.parametrize(("first", "told", "second", "changed"), ENDINGS)
def test_a_key_that_ended_a_hold_fits_no_other_request(
    shop: account.Program, first: str, told: dict[str, object], second: str, changed: dict[str, object]
) -> None:
    """Another amount, the other ending, another hold, a charge, a refund: each is 422, and nothing moves."""

    def body(facts: dict[str, object]) -> dict[str, object]:
        return {name: {"amount": value, "currency": "USD"} for name, value in facts.items()}

    hold, other, charge = reserve(shop).json()["id"], reserve(shop).json()["id"], shop.charge("1.00").json()["id"]
    done = shop.post(f"holds/{hold}/{first}", body(told), idempotency_key="e")
    assert done.status_code == 200
    before = funds(shop)
    for path, asked in (
        (f"holds/{hold}/{second}", body(changed)),
        (f"holds/{other}/{first}", body(told)),
        (f"charges/{charge}/refund", {}),
    ):
        assert code(shop.post(path, asked, idempotency_key="e")) == (422, "idempotency_key_reused"), path
    assert code(shop.charge("1.00", idempotency_key="e")) == (422, "idempotency_key_reused")
    assert code(reserve(shop, idempotency_key="e")) == (422, "idempotency_key_reused")
    assert funds(shop) == before
    again = shop.post(f"holds/{hold}/{first}", body(told), idempotency_key="e")
    assert (again.content, again.headers["idempotent-replayed"]) == (done.content, "true")


def test_a_key_used_elsewhere_ends_no_hold(shop: account.Program) -> None:
    """Those of its own reservation and of a charge."""
    hold = reserve(shop, idempotency_key="made").json()["id"]
    shop.charge("1.00", idempotency_key="charged")
    for ending in ("capture", "release"):
        for key in ("made", "charged"):
            assert code(shop.post(f"holds/{hold}/{ending}", {}, idempotency_key=key)) == (422, "idempotency_key_reused")
    assert shop.post(f"holds/{hold}/capture", {}).status_code == 200


def test_what_holds_refuse(shop: account.Program) -> None:
    assert code(reserve(shop, "2000.01")) == (402, "insufficient_funds")
    assert code(reserve(shop, "0.00")) == (422, "amount_not_positive")
    now = datetime.now(UTC)
    for wrong in (now - timedelta(seconds=1), now + timedelta(days=8)):
        assert code(reserve(shop, lapses_at=wrong.isoformat())) == (422, "lapse_out_of_range")
    assert code(reserve(shop, lapses_at="2026-11-23T10:00:00")) == (422, "invalid")
    assert reserve(shop, lapses_at=(now + timedelta(hours=1)).isoformat()).status_code == 201
    hold = reserve(shop).json()["id"]
    too_much = shop.post(f"holds/{hold}/capture", {"amount": {"amount": "100.01", "currency": "USD"}})
    assert code(too_much) == (422, "capture_exceeds_hold")
    assert code(shop.post(f"holds/{hold}/release", {"x": 1})) == (422, "invalid")
    assert code(shop.post(f"holds/{hold}/release", {}, idempotency_key=None)) == (400, "idempotency_key_missing")


def test_others_holds_and_charges_are_not_found(shop: account.Program) -> None:
    other = account.opened()
    hold, charge = reserve(other).json()["id"], other.charge().json()["id"]
    narrow = shop.another_key(divisions=[shop.division("Research")])
    own = reserve(shop).json()["id"]
    for at, key in (
        (f"holds/{hold}/capture", shop.key),
        (f"holds/{hold}/release", shop.key),
        (f"holds/{own}/release", narrow),
        ("holds/hold_nothing/release", shop.key),
        (f"charges/{charge}/refund", shop.key),
        ("charges/chg_nothing/refund", shop.key),
        (f"charges/{ids.public('chg', 2**62)}/refund", shop.key),
    ):
        assert shop.post(at, {}, key=key).status_code == 404, at


def test_a_charge_is_refunded_in_parts_and_never_beyond_its_amount(shop: account.Program) -> None:
    at = f"charges/{shop.charge('10.00').json()['id']}/refund"
    first = shop.post(at, {"amount": {"amount": "4.00", "currency": "USD"}, "note": "Half"}, idempotency_key="a")
    again = shop.post(at, {"amount": {"amount": "4.00", "currency": "USD"}, "note": "Half"}, idempotency_key="a")
    assert (first.status_code, again.content, again.headers["idempotent-replayed"]) == (201, first.content, "true")
    assert code(shop.post(at, {"amount": {"amount": "5.00", "currency": "USD"}}, idempotency_key="a")) == (422, "idempotency_key_reused")
    assert code(shop.post(at, {"amount": {"amount": "6.01", "currency": "USD"}})) == (422, "refund_exceeds_charge")
    assert code(shop.post(at, {"note": "Half"}, idempotency_key="a")) == (422, "idempotency_key_reused")
    rest = shop.post(at, {}, idempotency_key="b")
    assert rest.json()["amount"]["amount"] == "6.00"
    assert shop.post(at, {}, idempotency_key="b").content == rest.content
    assert code(shop.post(at, {"amount": {"amount": "6.00", "currency": "USD"}}, idempotency_key="b")) == (422, "idempotency_key_reused")
    assert code(shop.post(at, {})) == (422, "refund_exceeds_charge")
    assert funds(shop) == ("0.00", "2000.00")


@pytest.mark.parametrize("amount", ["0", "-1", "1e30", "1.001"])
def test_refund_and_capture_take_real_amounts_only(shop: account.Program, amount: str) -> None:
    body = {"amount": {"amount": amount, "currency": "USD"}}
    for at in (f"charges/{shop.charge('10.00').json()['id']}/refund", f"holds/{reserve(shop).json()['id']}/capture"):
        assert shop.post(at, body).status_code == 422
