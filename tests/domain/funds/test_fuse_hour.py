"""The hour of a spending fuse, to the last millionth of a second: what still counts, what begins anew, and two who come at the edge at once."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from django.db import connections

import given
from tallystick.domain.funds import models, queries
from tallystick.domain.funds import operations as funds
from tallystick.integrations.postgres import scope

type Clock = Callable[[dt.timedelta], None]
OPEN = funds.Outcome.SPENDING_FUSE_OPEN
PASSED = funds.Outcome.ACCEPTED
BEGUN = dt.datetime(2031, 5, 4, 10, 20, 30, tzinfo=dt.UTC)
NOTHING = dt.timedelta()
HOUR = dt.timedelta(hours=1)
MOMENT = dt.timedelta.resolution
_CLOCK = "create or replace function ledger_now() returns timestamptz language sql volatile parallel restricted as $$select {}$$"


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Set the journal's clock so long after the hour has begun, as only the owner may; put it back afterwards."""

    def set_to(since: dt.timedelta) -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute(_CLOCK.format(f"timestamptz '{(BEGUN + since).isoformat()}'"))

    set_to(NOTHING)
    yield set_to
    with connections["owner"].cursor() as cursor:
        cursor.execute(_CLOCK.format("clock_timestamp()"))


@pytest.fixture
def shop() -> given.Customer:
    """Open a customer whose two divisions have funds of their own and a limit that none of this comes near."""
    return given.customer(limit_minor=100_000_00, separate=True, divisions=1)


def fused(shop: given.Customer, amount_minor: int | None, count: int | None = None, division_id: int | None = None) -> None:
    """Set the fuse of the top-level division, or of another."""
    funds.set_fuse(viewer=shop.viewer(), division_id=division_id or shop.top_id, amount_minor=amount_minor, count=count)


def charged(shop: given.Customer, *amounts: int) -> list[funds.Outcome]:
    """Charge a batch and tell what came of each."""
    return [one.outcome for one in funds.charge(viewer=shop.viewer(), charges=[shop.asked(each) for each in amounts])]


def counted(shop: given.Customer, division_id: int | None = None) -> tuple[dt.timedelta, int, int]:
    """Tell when the running hour began, and what it has counted."""
    with scope.of(shop.viewer()):
        fuse = models.Fuse.objects.get(customer_id=shop.customer_id, id=division_id or shop.top_id)
    assert fuse.started_at is not None
    return fuse.started_at - BEGUN, fuse.spent_minor, fuse.counted


@pytest.mark.parametrize("since", [NOTHING, HOUR / 2, HOUR - MOMENT])
@pytest.mark.parametrize(("amount_minor", "count"), [(100_00, None), (None, 3), (100_00, 3)], ids=["amount", "count", "both"])
def test_until_the_hour_is_over_all_of_it_counts(shop: given.Customer, clock: Clock, since: dt.timedelta, amount_minor: int, count: int) -> None:
    """90.00 in two charges, then 10.00 in one: what comes on top opens the fuse, be it a cent or the fourth charge."""
    fused(shop, amount_minor, count)
    assert charged(shop, 60_00, 30_00) == [PASSED, PASSED]
    clock(since)
    assert charged(shop, 10_00, 1) == [PASSED, OPEN]
    assert counted(shop) == (NOTHING, 100_00, 3)


@pytest.mark.parametrize("since", [HOUR, HOUR + MOMENT, 9 * HOUR])
@pytest.mark.parametrize(("amount_minor", "count"), [(100_00, None), (None, 3), (100_00, 3)], ids=["amount", "count", "both"])
def test_from_then_on_all_is_counted_anew(shop: given.Customer, clock: Clock, since: dt.timedelta, amount_minor: int, count: int) -> None:
    """A full hour's worth passes within the very moment in which the old hour ends; the new one begins with it."""
    fused(shop, amount_minor, count)
    assert charged(shop, 60_00, 30_00, 10_00) == [PASSED] * 3
    clock(since)
    assert charged(shop, 60_00, 30_00, 10_00, 1) == [PASSED, PASSED, PASSED, OPEN]
    assert counted(shop) == (since, 100_00, 3)


def test_an_hour_begins_with_its_first_charge_and_not_with_the_fuse(shop: given.Customer, clock: Clock) -> None:
    """Nor with the end of the hour before; what is refused for want of funds begins none."""
    fused(shop, 200_000_00)
    clock(HOUR / 2)
    assert charged(shop, 150_000_00) == [funds.Outcome.INSUFFICIENT_FUNDS]
    clock(HOUR)
    assert charged(shop, 60_00) == [PASSED]
    assert counted(shop) == (HOUR, 60_00, 1)
    clock(5 * HOUR / 2)
    assert charged(shop, 60_00) == [PASSED]
    assert counted(shop) == (5 * HOUR / 2, 60_00, 1)


def test_an_open_fuse_knows_no_hour(shop: given.Customer, clock: Clock) -> None:
    """Only a person closes it; the hour begins anew with that, and what was counted before is forgotten."""
    fused(shop, 100_00)
    assert charged(shop, 100_00, 1) == [PASSED, OPEN]
    for since in (HOUR - MOMENT, HOUR, 100 * HOUR):
        clock(since)
        assert charged(shop, 1) == [OPEN]
    clock(101 * HOUR)
    assert funds.close_fuse(viewer=shop.viewer(), division_id=shop.top_id, now=BEGUN + 101 * HOUR)
    assert counted(shop) == (101 * HOUR, 0, 0)
    assert charged(shop, 90_00) == [PASSED]
    clock(102 * HOUR - MOMENT)
    assert charged(shop, 10_00) == [PASSED]
    clock(102 * HOUR)
    assert charged(shop, 100_00) == [PASSED]
    assert counted(shop) == (102 * HOUR, 100_00, 1)


def test_a_batch_is_of_one_instant(shop: given.Customer, clock: Clock) -> None:
    """Each division has an hour of its own: at the edge of the one, the other's has half an hour to go."""
    other = shop.division_ids[1]
    fused(shop, 100_00)
    fused(shop, 100_00, division_id=other)
    assert charged(shop, 100_00) == [PASSED]
    clock(HOUR / 2)
    assert shop.charge(100_00, other).outcome is PASSED
    clock(HOUR)
    both = [shop.asked(40_00), shop.asked(1, other), shop.asked(60_00), shop.asked(1), shop.asked(1, other)]
    assert [one.outcome for one in funds.charge(viewer=shop.viewer(), charges=both)] == [PASSED, OPEN, PASSED, OPEN, OPEN]
    assert counted(shop) == (HOUR, 100_00, 2)
    assert counted(shop, other) == (HOUR / 2, 100_00, 1)


@pytest.mark.parametrize("since", [HOUR - MOMENT, HOUR])
def test_of_two_at_once_at_the_edge_one_counts_after_the_other(shop: given.Customer, clock: Clock, since: dt.timedelta) -> None:
    """Two threads, twelve charges of 10.00 each: what is left of the old hour, or one new hour, passes once; one event tells that the fuse opened."""
    fused(shop, 100_00)
    assert charged(shop, 40_00) == [PASSED]
    clock(since)

    def spend() -> list[funds.Outcome]:
        return [shop.charge(10_00).outcome for _ in range(12)]

    answers = given.in_threads([spend, spend])
    outcomes = [outcome for each in answers if isinstance(each, list) for outcome in each]
    assert len(outcomes) == 24, answers
    passed = 10 if since == HOUR else 6
    assert sorted(outcomes) == sorted([PASSED] * passed + [OPEN] * (24 - passed))
    assert counted(shop) == ((HOUR, 100_00, 10) if since == HOUR else (NOTHING, 100_00, 7))
    assert queries.figures(viewer=shop.viewer(), division_id=shop.top_id).balance_minor == -40_00 - passed * 10_00
    with scope.of(given.ADMIN), scope.cursor() as cursor:
        cursor.execute("select count(*) from events_event where customer_id = %s and kind = 'spending_fuse.opened'", [shop.customer_id])
        assert cursor.fetchone() == (1,)
