"""A runaway program meets its division's spending fuse: how it opens, what it refuses, what it leaves alone, who closes it."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Sequence

import pytest
from django.db import connections

import given
from tallystick.domain.customers.rules import CustomerRole, StaffRole
from tallystick.domain.events import queries as events
from tallystick.domain.funds import operations as funds
from tallystick.domain.funds import queries
from tallystick.domain.funds.operations import holding
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids

type Answers = Sequence[funds.ChargeAnswer]
OPEN = funds.Outcome.SPENDING_FUSE_OPEN
PASSED = funds.Outcome.ACCEPTED


@pytest.fixture
def shop() -> given.Customer:
    """Open a customer with a limit of 100,000.00 and separate funds of two divisions, 1,000.00 in each, which the quick way would take."""
    return opened(given.customer(limit_minor=100_000_00, separate=True, divisions=1))


def opened(customer: given.Customer) -> given.Customer:
    """Put 1,000.00 into each fund."""
    with scope.of(given.ADMIN):
        for division_id in {queries.fund_of(customer_id=customer.customer_id, division_id=each) for each in customer.division_ids}:
            funds.post_opening_balance(customer_id=customer.customer_id, division_id=division_id, amount_minor=1000_00)
    return customer


def charged(shop: given.Customer, *amounts: int, division_id: int | None = None) -> list[funds.Outcome]:
    """Charge a batch and tell what came of each."""
    return outcomes(funds.charge(viewer=shop.viewer(), charges=[shop.asked(each, division_id) for each in amounts]))


def outcomes(answers: Answers) -> list[funds.Outcome]:
    """Tell what came of each."""
    return [answer.outcome for answer in answers]


def fused(shop: given.Customer, amount_minor: int | None, count: int | None = None, division_id: int | None = None) -> None:
    """Set the fuse of the top-level division, or of another."""
    funds.set_fuse(viewer=shop.viewer(), division_id=division_id or shop.top_id, amount_minor=amount_minor, count=count)


def earlier(shop: given.Customer, **by: float) -> None:
    """Let the hour of the fuse have begun earlier."""
    with scope.of(given.ADMIN), scope.cursor() as cursor:
        cursor.execute("update funds_fuse set started_at = started_at - %s where customer_id = %s", [dt.timedelta(**by), shop.customer_id])


def recorded(shop: given.Customer, kind: str) -> list[dict[str, object]]:
    """Read the events of a kind, newest first."""
    with scope.of(shop.viewer()):
        return [
            {"subject": row.subject_id, "by": row.viewer_name, **row.facts} for row in events.log(customer_id=shop.customer_id) if row.kind == kind
        ]


def test_the_amount_of_an_hour_opens_the_fuse_and_then_nothing_passes(shop: given.Customer) -> None:
    """100.00 exactly passes, the next cent opens it, and then not even a cent; the balance shows what passed."""
    fused(shop, 100_00)
    assert charged(shop, 60_00) == [PASSED]
    assert charged(shop, 40_00, 1, 1) == [PASSED, OPEN, OPEN]
    assert charged(shop, 1) == [OPEN]
    assert queries.figures(viewer=shop.viewer(), division_id=shop.top_id).balance_minor == 900_00
    found = queries.fuse(viewer=shop.viewer(), division_id=shop.top_id)
    assert found is not None
    assert (found.spent_minor, found.counted, found.opened_at is not None) == (100_00, 2, True)
    assert given.faults() == []


def test_a_charge_that_alone_is_too_large_opens_it(shop: given.Customer) -> None:
    """A smaller one after it, in the same batch, does not pass either."""
    fused(shop, 100_00)
    assert charged(shop, 100_01, 1) == [OPEN, OPEN]


def test_the_count_of_an_hour_opens_it(shop: given.Customer) -> None:
    """Three charges or holds, of whatever amount."""
    fused(shop, None, 3)
    assert charged(shop, 1, 1) == [PASSED, PASSED]
    assert shop.hold(1).answer.outcome is PASSED
    held = shop.hold(1)
    assert held.answer.outcome is OPEN
    assert charged(shop, 1) == [OPEN]


def test_an_hour_later_all_is_counted_anew_but_an_open_fuse_stays_open(shop: given.Customer) -> None:
    """The hour begins with its first charge."""
    fused(shop, 100_00)
    assert charged(shop, 90_00) == [PASSED]
    earlier(shop, minutes=59)
    assert charged(shop, 10_00) == [PASSED]
    earlier(shop, minutes=2)
    assert charged(shop, 90_00, 20_00) == [PASSED, OPEN]
    earlier(shop, hours=5)
    assert charged(shop, 1) == [OPEN]


def test_what_is_refused_for_want_of_funds_or_replayed_does_not_count(shop: given.Customer) -> None:
    """A client that repeats a refused or an accepted charge ten times trips nothing."""
    fused(shop, 200_000_00, 2)
    assert charged(shop, *[150_000_00] * 10) == [funds.Outcome.INSUFFICIENT_FUNDS] * 10
    same = shop.asked(1_00)
    got = [funds.charge(viewer=shop.viewer(), charges=[same])[0] for _ in range(10)]
    assert outcomes(got) == [PASSED] + [funds.Outcome.REPLAYED] * 9
    assert charged(shop, 1) == [PASSED]
    assert charged(shop, 1) == [OPEN]
    assert funds.charge(viewer=shop.viewer(), charges=[same])[0].outcome is funds.Outcome.REPLAYED


def test_other_divisions_and_what_was_held_go_on(shop: given.Customer) -> None:
    """The fuse is the division's own; a hold from before is captured through it, a charge from before refunded."""
    held = shop.hold(5_00)
    bought = shop.charge(3_00)
    fused(shop, 1)
    assert charged(shop, 2) == [OPEN]
    other = shop.division_ids[1]
    both = [shop.asked(1, other), shop.asked(1), shop.asked(1, other)]
    assert outcomes(funds.charge(viewer=shop.viewer(), charges=both)) == [PASSED, OPEN, PASSED]
    assert holding.capture_hold(viewer=shop.viewer(), hold_id=held.hold_id, amount_minor=None, idempotency_key=uuid.uuid4().hex)
    assert bought.transfer_id is not None
    assert (
        funds.refund_charge(viewer=shop.viewer(), transfer_id=bought.transfer_id, amount_minor=None, idempotency_key=uuid.uuid4().hex).amount_minor
        == 3_00
    )
    assert given.faults() == []


def test_with_shared_funds_each_division_has_its_own() -> None:
    """The fuse looks at who spends, not at whose funds are spent."""
    shared = opened(given.customer(limit_minor=100_000_00, separate=False, divisions=1))
    other = shared.division_ids[1]
    fused(shared, 10_00, division_id=other)
    both = [shared.asked(9_00, other), shared.asked(50_00), shared.asked(2_00, other), shared.asked(50_00)]
    assert outcomes(funds.charge(viewer=shared.viewer(), charges=both)) == [PASSED, PASSED, OPEN, PASSED]
    assert queries.figures(viewer=shared.viewer(), division_id=shared.top_id).balance_minor == 891_00
    assert given.faults() == []


def test_a_large_batch_meets_the_fuse_too() -> None:
    """More than a hundred divisions are tried another way first, which must not overlook a fuse."""
    many = opened(given.customer(limit_minor=100_000_00, separate=True, divisions=100))
    fused(many, 5, division_id=many.division_ids[50])
    got = outcomes(funds.charge(viewer=many.viewer(), charges=[many.asked(6, division_id) for division_id in many.division_ids]))
    assert got == [OPEN if number == 50 else PASSED for number in range(101)]
    assert given.faults() == []


def test_opening_is_an_event_once_in_the_transaction_of_the_charge(shop: given.Customer) -> None:
    """With what was set and what was counted; numbered like every other."""
    fused(shop, 100_00, 10)
    charged(shop, 60_00, 60_00, 60_00)
    charged(shop, 60_00)
    (opened,) = recorded(shop, "spending_fuse.opened")
    assert opened == {
        "subject": ids.public("div", shop.top_id),
        "by": "Tallystick",
        "amount_minor": 100_00,
        "count": 10,
        "spent_minor": 60_00,
        "counted": 1,
    }
    with connections["worker"].cursor() as cursor:
        cursor.execute("select count(*) from events_unnumbered where customer_id = %s and kind = 'spending_fuse.opened'", [shop.customer_id])
        assert cursor.fetchone() == (1,)


def test_closing_lets_the_division_spend_again(shop: given.Customer) -> None:
    """The hour begins anew; who closed it is on record; closing a closed one does nothing."""
    fused(shop, 100_00)
    charged(shop, 90_00, 90_00)
    assert [one.division_id for one in queries.open_fuses(viewer=shop.viewer())] == [shop.top_id]
    manager = shop.viewer(CustomerRole.FINANCE_MANAGER)
    now = dt.datetime.now(dt.UTC)
    assert [funds.close_fuse(viewer=manager, division_id=shop.top_id, now=now) for _ in range(2)] == [True, False]
    assert charged(shop, 100_00) == [PASSED]
    assert len(recorded(shop, "spending_fuse.closed")) == 1
    assert queries.open_fuses(viewer=shop.viewer()) == []


def test_a_fuse_that_is_taken_away_limits_nothing(shop: given.Customer) -> None:
    """Also an open one; and setting another limit leaves an open one open."""
    fused(shop, 100_00)
    assert charged(shop, 200_00) == [OPEN]
    fused(shop, 500_00)
    assert charged(shop, 1) == [OPEN]
    fused(shop, None)
    assert charged(shop, 200_00, 200_00) == [PASSED, PASSED]
    assert len(recorded(shop, "spending_fuse.set")) == 3


def test_who_sets_and_closes(shop: given.Customer) -> None:
    """An administrator sets; whoever pays closes, in their divisions; staff that approve do both; nobody reaches another customer's."""
    limits = {"division_id": shop.top_id, "amount_minor": 1, "count": None}
    now = dt.datetime.now(dt.UTC)
    other = shop.division_ids[1]
    for viewer in (
        shop.viewer(CustomerRole.FINANCE_MANAGER),
        shop.viewer(division_ids=frozenset({other})),
        dataclasses.replace(given.ADMIN, staff_role=StaffRole.CLERK),
    ):
        with pytest.raises(errors.NotAllowed):
            funds.set_fuse(viewer=viewer, customer_id=shop.customer_id, **limits)  # type: ignore[arg-type]
    approver = dataclasses.replace(given.ADMIN, staff_role=StaffRole.APPROVER)
    funds.set_fuse(viewer=approver, customer_id=shop.customer_id, **limits)  # type: ignore[arg-type]
    assert charged(shop, 2) == [OPEN]
    with pytest.raises(errors.NotFound):
        funds.close_fuse(viewer=shop.viewer(CustomerRole.FINANCE_MANAGER, frozenset({other})), division_id=shop.top_id, now=now)
    with pytest.raises(errors.NotAllowed):
        funds.close_fuse(viewer=shop.viewer(CustomerRole.STANDARD_USER), division_id=shop.top_id, now=now)
    stranger = given.customer(limit_minor=0, separate=True, divisions=1)
    for act in (
        lambda: funds.close_fuse(viewer=stranger.viewer(), division_id=shop.top_id, now=now),
        lambda: funds.set_fuse(viewer=stranger.viewer(), **limits),  # type: ignore[arg-type]
    ):
        with pytest.raises(errors.NotFound):
            act()
    assert shop.top_id in {one.division_id for one in queries.open_fuses(viewer=approver)}
    assert queries.open_fuses(viewer=stranger.viewer()) == []
    assert funds.close_fuse(viewer=approver, division_id=shop.top_id, now=now, customer_id=shop.customer_id)
    for amount_minor, count in ((0, None), (None, 0), (-1, None), (None, 10**10)):
        with pytest.raises(errors.Invalid):
            fused(shop, amount_minor, count)
