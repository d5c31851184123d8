"""A low balance and a limit that was reached are told once, and again only after they were over; charges that pass write nothing for it."""

import datetime as dt

import pytest

import given
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries as customer_queries
from tallystick.domain.events import queries as events
from tallystick.domain.funds import operations as funds
from tallystick.domain.funds import queries
from tallystick.integrations.postgres import scope
from tallystick.lib import ids
from tallystick.reactions import table

type Facts = dict[str, object]
REFUSED = funds.Outcome.INSUFFICIENT_FUNDS
ALL = 1_000_000


def told(acme: given.Customer, kind: str) -> list[Facts]:
    """Let the worker look, and read the events of a kind, oldest first."""
    if acme.customer_id in queries.alerting(limit=ALL):
        funds.tell_alerts(customer_id=acme.customer_id, now=dt.datetime.now(dt.UTC))
    assert acme.customer_id not in queries.alerting(limit=ALL), "what was told is not asked for again"
    with scope.of(acme.viewer()):
        found = events.log(customer_id=acme.customer_id, limit=500)
    return [{"subject": row.subject_id, **row.facts} for row in reversed(found) if row.kind == kind]


def low(acme: given.Customer) -> int:
    return len(told(acme, "balance.low"))


def reached(acme: given.Customer) -> int:
    return len(told(acme, "credit_limit.reached"))


def threshold(acme: given.Customer, amount_minor: int | None) -> None:
    """Set the amount on the page of settings."""
    with scope.of(acme.viewer()):
        now = customer_queries.customer(viewer=acme.viewer())
    draft = customers.SettingsDraft(
        version=now.version,
        notify_below_minor=amount_minor,
        vat_number="",
        billing_name="",
        billing_email="",
        recipients=(),
        payment_methods=tuple(now.payment_methods),
        default_method=now.default_method,
    )
    customers.change_settings(viewer=acme.viewer(), draft=draft)


def test_a_balance_that_falls_below_the_threshold_is_told_once_until_it_was_above() -> None:
    acme = given.customer()
    acme.fund(100_00)
    threshold(acme, 50_00)
    acme.charge(50_00)
    assert low(acme) == 0, "50.00 is not below 50.00"
    acme.charge(1)
    division = ids.public("div", acme.top_id)
    expected = {"subject": division, "division_id": division, "currency": "USD", "balance": "49.99", "threshold": "50.00"}
    assert told(acme, "balance.low") == [expected]
    acme.charge(10_00)
    assert low(acme) == 1
    acme.fund(10_01)
    assert low(acme) == 1
    acme.charge(1)
    assert low(acme) == 2


def test_without_a_threshold_nothing_is_told_and_a_lifted_one_is_forgotten() -> None:
    acme = given.customer()
    acme.charge(10_00)
    assert low(acme) == 0
    threshold(acme, 5_00)
    assert low(acme) == 1
    threshold(acme, None)
    assert low(acme) == 1
    threshold(acme, 5_00)
    assert low(acme) == 2


def test_each_division_with_funds_of_its_own_is_told_and_one_that_never_had_any_is_not() -> None:
    acme = given.customer(separate=True, divisions=2)
    _, first, second = acme.division_ids
    acme.fund(100_00, first)
    threshold(acme, 50_00)
    assert low(acme) == 0
    acme.charge(60_00, first)
    acme.charge(1_00, second)
    assert {facts["subject"] for facts in told(acme, "balance.low")} == {ids.public("div", first), ids.public("div", second)}


def test_the_first_refusal_for_want_of_funds_is_told_and_a_loop_of_them_once() -> None:
    acme = given.customer(limit_minor=20_00)
    acme.charge(15_00)
    assert reached(acme) == 0
    assert [acme.charge(6_00).outcome for _ in range(20)] == [REFUSED] * 20
    (facts,) = told(acme, "credit_limit.reached")
    assert facts == {
        "subject": ids.public("cus", acme.customer_id),
        "currency": "USD",
        "limit": "20.00",
        "used": "15.00",
        "division_id": ids.public("div", acme.top_id),
        "required": "6.00",
    }
    acme.charge(5_00)
    acme.charge(6_00)
    assert reached(acme) == 1, "it was never over"
    acme.fund(10_00)
    assert reached(acme) == 1
    assert acme.charge(11_00).outcome is REFUSED
    assert reached(acme) == 2


def test_a_hold_and_a_batch_that_are_refused_count_and_what_passes_does_not() -> None:
    acme = given.customer(limit_minor=20_00)
    acme.hold(15_00)
    assert reached(acme) == 0
    funds.charge(viewer=acme.viewer(), charges=[acme.asked(1_00), acme.asked(9_00), acme.asked(1_00)])
    assert [facts["required"] for facts in told(acme, "credit_limit.reached")] == ["9.00"]
    other = given.customer(limit_minor=20_00)
    assert other.hold(21_00).answer.outcome is REFUSED
    assert reached(other) == 1


def test_a_limit_that_is_used_up_is_told_without_a_refusal() -> None:
    acme = given.customer(limit_minor=20_00)
    acme.charge(20_00)
    (facts,) = told(acme, "credit_limit.reached")
    assert (facts["used"], facts["division_id"], facts["required"]) == ("20.00", None, None)
    acme.charge(1)
    assert reached(acme) == 1


@pytest.mark.parametrize("limit_minor", [0, None])
def test_who_pays_in_advance_or_has_no_limit_is_not_told_at_the_start(limit_minor: int | None) -> None:
    acme = given.customer(limit_minor=limit_minor)
    assert reached(acme) == 0
    acme.charge(1_00)
    assert reached(acme) == (1 if limit_minor == 0 else 0)


def test_a_higher_limit_is_more_to_spend() -> None:
    acme = given.customer(limit_minor=20_00)
    acme.charge(21_00)
    assert reached(acme) == 1
    acme.terms(None)
    assert reached(acme) == 1
    acme.terms(20_00)
    acme.charge(21_00)
    assert reached(acme) == 2


def test_two_workers_at_once_tell_it_once() -> None:
    acme = given.customer(limit_minor=20_00)
    threshold(acme, 50_00)
    acme.charge(20_00)
    now = dt.datetime.now(dt.UTC)
    given.in_threads([lambda: funds.tell_alerts(customer_id=acme.customer_id, now=now)] * 8)
    assert (reached(acme), low(acme)) == (1, 1)


def test_the_worker_takes_the_step() -> None:
    acme = given.customer(limit_minor=20_00)
    acme.charge(21_00)
    while acme.customer_id in queries.alerting(limit=ALL):
        table.STEPS["tell_alerts"][1]()
    assert reached(acme) == 1
