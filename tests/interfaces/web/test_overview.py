"""Look at the Overview in every state that a fund can be in, and count what it asks."""

from datetime import date, timedelta

import pytest

import given
from interfaces.web import asking
from tallystick.domain.customers.rules import CreditRule
from tallystick.interfaces.web import drawing, forecast, spending

TODAY = date(2026, 11, 22)


def test_the_overview_asks_the_same_few_questions_whatever_there_is() -> None:
    acme = given.customer(divisions=2, separate=True)
    client = asking.person(acme)
    address = asking.at("overview", acme.top_id)
    client.get(address)
    with asking.statements() as few:
        client.get(address)
    for division in acme.division_ids:
        acme.fund(5000, division)
        for _ in range(4):
            acme.charge(700, division)
            acme.issue((300, "0"), division_id=division)
    with asking.statements() as many:
        client.get(address)
    # more only for what a new customer has none of: the next invoices, and the numbers of those that moved the balance
    assert len(few) == 11
    assert len(many) == 13


def test_a_fund_in_credit_shows_its_four_parts_and_their_sum() -> None:
    acme = given.customer(divisions=1, separate=True, limit_minor=500_000)
    other = acme.division_ids[1]
    acme.fund(100_000)
    acme.charge(30_000, other)
    seen = asking.seen(asking.person(acme), asking.at("overview", acme.top_id))
    assert "Balance" in seen
    assert "1,000.00" in seen
    assert "+5,000.00" in seen
    assert "Used by other divisions" in seen
    assert "\u2212300.00" in seen
    assert "5,700.00" in seen  # 1,000.00 own, and of the limit what the other division has left
    assert "Shared credit limit" in seen


def test_who_sees_one_division_still_sees_that_others_use_the_limit() -> None:
    acme = given.customer(divisions=2, separate=True, limit_minor=500_000)
    _top, mine, other = acme.division_ids
    acme.charge(30_000, other)
    seen = asking.seen(asking.person(acme, divisions=[mine]), asking.at("overview", mine))
    assert "Division 1" not in seen
    assert "Used by other divisions" in seen
    assert "Shared credit limit" in seen
    assert "4,700.00" in seen
    assert asking.person(acme, divisions=[mine]).get(asking.at("overview", other)).status_code == 404


def test_shared_funds_have_no_part_for_other_divisions() -> None:
    acme = given.customer(divisions=1, limit_minor=500_000)
    acme.charge(30_000, acme.division_ids[1])
    seen = asking.seen(asking.person(acme), asking.at("overview", acme.division_ids[1]))
    assert "Used by other divisions" not in seen
    assert "\u2212300.00" in seen  # the balance is below zero
    assert "4,700.00" in seen


def test_without_a_limit_available_funds_are_unlimited() -> None:
    acme = given.customer(limit_minor=None)
    acme.charge(30_000)
    seen = asking.seen(asking.person(acme), asking.at("overview", acme.top_id))
    assert "What orders may spend now" in seen
    assert seen.count("Unlimited") == 2
    assert "Credit limit" not in seen


def test_more_in_use_than_the_limit_is_said_in_words() -> None:
    acme = given.customer(limit_minor=50_000)
    acme.charge(40_000)
    acme.terms(10_000)
    seen = asking.seen(asking.person(acme), asking.at("overview", acme.top_id))
    assert "\u2212300.00" in seen
    assert "More is in use than the limit allows." in seen


def test_unpaid_orders_say_what_paying_them_brings() -> None:
    acme = given.customer(percent="10", limit_minor=0)
    acme.issue((100_000, "10"))
    seen = asking.seen(asking.person(acme), asking.at("overview", acme.top_id))
    assert "1,100.00" in seen
    assert "They neither give nor take until you pay." in seen
    assert "Paying it lifts available funds to 1,000.00 USD." in seen  # the net part
    acme.terms(0, CreditRule.ALL_UNPAID)
    assert "They neither give nor take" not in asking.seen(asking.person(acme), asking.at("overview", acme.top_id))


def test_an_empty_account_speaks_of_no_spending_and_no_pace() -> None:
    acme = given.customer()
    seen = asking.seen(asking.person(acme), asking.at("overview", acme.top_id))
    assert "Spent by month" not in seen
    assert "At this pace" not in seen
    assert "Nothing has moved yet" in seen


@pytest.mark.parametrize(
    ("balance", "spent", "purchases", "known", "days"),
    [
        (431_260, 562_506, 8, 60, 23),
        (100_000, 100_000, 3, 14, 14),
        (100_000, 100_000, 3, 13, None),  # too short a history
        (100_000, 100_000, 2, 60, None),  # too few purchases
        (100_000, 0, 5, 60, None),  # all refunded
        (0, 100_000, 5, 60, None),
        (-100, 100_000, 5, 60, None),
        (10_000_000, 1_000, 5, 60, None),  # beyond a year
    ],
)
def test_the_pace_is_that_of_a_month_and_silent_without_one(balance: int, spent: int, purchases: int, known: int, days: int | None) -> None:
    found = forecast.forecast(balance_minor=balance, pace=forecast.Pace(spent, purchases, known), today=TODAY, notify_below_minor=None)
    assert (found.days if found else None) == days
    if found:
        assert found.ends_on == TODAY + timedelta(days=found.days)


def test_the_notice_comes_before_the_end() -> None:
    found = forecast.forecast(balance_minor=3000, pace=forecast.Pace(3000, 5, 30), today=TODAY, notify_below_minor=1000)
    assert found is not None
    assert (found.days, found.notice_days, found.a_day_minor, found.over_days) == (30, 20, 100, 30)
    below = forecast.forecast(balance_minor=500, pace=forecast.Pace(3000, 5, 30), today=TODAY, notify_below_minor=1000)
    assert below is not None
    assert below.notice_days is None


def test_what_was_spent_is_drawn_to_scale() -> None:
    assert spending.months_until(date(2026, 2, 28), 4) == [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]
    columns = drawing.columns([50, 100, -10])
    assert [(column.top, column.height) for column in columns] == [("50.00%", "50.00%"), ("0.00%", "100.00%"), ("100.00%", "0.00%")]


def test_a_line_holds_its_level_until_it_steps_and_has_zero_in_it() -> None:
    line = drawing.step_line([0, 5, 10], [100, -100, 0])
    assert (line.path, line.zero, line.high_minor, line.low_minor) == ("M0 0H500V200H1000V100", "50.00%", 100, -100)
    assert line.area == f"{line.path}V100H0Z"
    assert drawing.step_line([0, 1], [0, 0]).path == "M0 0H1000V0"


def test_spending_counts_each_division_and_takes_refunds_off() -> None:
    acme = given.customer(divisions=1, limit_minor=500_000)
    charge = acme.charge(30_000)
    acme.charge(10_000, acme.division_ids[1])
    assert charge.transfer_id is not None
    given.funds.refund_charge(viewer=acme.viewer(), transfer_id=charge.transfer_id, amount_minor=5_000, idempotency_key=given.key())
    acme.hold(7_000)
    seen = asking.seen(asking.person(acme), asking.at("overview", acme.top_id))
    shares = seen[seen.index("Spent by division") :]
    assert "250.00" in shares
    assert "100.00" in shares
    assert "350.00" in seen  # the month's sum: a hold is no purchase
