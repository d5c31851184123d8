"""Foot statements of random histories to the journal, and state each month once, whoever else does at the same moment."""

import io
import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pikepdf
import psycopg
import pytest

import given
from domain.statements import histories
from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import CustomerRole
from tallystick.domain.invoicing.queries import statements as stated
from tallystick.domain.statements import queries, rules
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, money
from tallystick.reactions import statements, stating

SEEDS = range(6)


def today(zone: str = "UTC") -> date:
    """Tell the day in a zone."""
    return datetime.now(ZoneInfo(zone)).date()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_statement_of_any_days_foots_to_the_journal(database: dict[str, str], seed: int) -> None:
    """Opening and closing are what the journal adds up to; opening and all movements are closing; sums are their movements."""
    acme = histories.lived(database, seed, separate=bool(seed % 2))
    chance = random.Random(seed)
    funds = acme.division_ids if seed % 2 else (acme.top_id,)
    for _ in range(8):
        since = today() - timedelta(days=chance.randint(1, histories.DAYS))
        until = since + timedelta(days=chance.randint(0, 50))
        for fund_id in funds:
            told = stated.statement(viewer=acme.viewer(), division_id=fund_id, since=since, until=until, separate=bool(seed % 2), rows=10_000)
            start, end = (datetime.combine(day, datetime.min.time(), UTC) for day in (since, until + timedelta(days=1)))
            assert told.opening_minor == histories.added(database, acme.customer_id, fund_id, start)
            assert told.closing_minor == histories.added(database, acme.customer_id, fund_id, end)
            assert told.opening_minor + sum(row.amount_minor for row in told.movements) == told.closing_minor
            assert told.opening_minor + told.in_minor - told.out_minor == told.closing_minor
            balance = told.opening_minor
            for row in told.movements:
                balance += row.amount_minor
                assert row.balance_after_minor == balance


def test_statements_of_following_days_join(database: dict[str, str]) -> None:
    """The closing balance of one is the opening balance of the next; short lists have the rest in one line."""
    acme = histories.lived(database, 77)
    day = today() - timedelta(days=histories.DAYS)
    before = 0
    while day < today():
        told = stated.statement(viewer=acme.viewer(), division_id=acme.top_id, since=day, until=day + timedelta(days=6), separate=False, rows=2)
        assert told.opening_minor == before
        assert told.opening_minor + told.earlier_minor + sum(row.amount_minor for row in told.movements) == told.closing_minor
        before, day = told.closing_minor, day + timedelta(days=7)
    assert before == acme.figures().balance_minor


def months(acme: given.Customer, division_id: int | None = None) -> list[queries.Made]:
    """List what the customer's administrator sees."""
    return queries.monthly_statements(viewer=acme.viewer(), division_id=division_id or acme.top_id)


def run_until_done() -> None:
    """Let the step run as the clock does, until it finds nothing more: other tests' customers are stated as well."""
    while queries.unstated(now=datetime.now(UTC), limit=1):
        statements.state_months()


def test_the_last_month_is_stated_once(database: dict[str, str]) -> None:
    """By its legal entity's days, with a document whose text has the balances; the second run, and one at the same time, make nothing."""
    zone = "Pacific/Kiritimati"
    acme = histories.lived(database, 5, time_zone=zone)
    given.in_threads([statements.state_months, statements.state_months])
    run_until_done()
    (made,) = months(acme)
    month = rules.last_month(today(zone))
    start, end = (datetime.combine(day, datetime.min.time(), ZoneInfo(zone)) for day in (month, rules.end_of(month) + timedelta(days=1)))
    assert made.month == month
    assert made.opening_minor == histories.added(database, acme.customer_id, acme.top_id, start)
    assert made.closing_minor == histories.added(database, acme.customer_id, acme.top_id, end)
    content = queries.monthly_document(viewer=acme.viewer(), division_id=acme.top_id, month=month)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert len(pdf.pages) >= 1
    with psycopg.connect(database["auditor"]) as connection:
        counted = connection.execute(
            "select count(*) from events_event where customer_id = %s and kind = %s", [acme.customer_id, rules.MADE]
        ).fetchone()
    assert counted == (1,)


def test_each_fund_has_its_own(database: dict[str, str]) -> None:
    """Divisions with separate funds one each; with shared funds the one of the top-level division, which all of them see."""
    apart, together = histories.lived(database, 1, separate=True), histories.lived(database, 2)
    run_until_done()
    assert [len(months(apart, division_id)) for division_id in apart.division_ids] == [1, 1, 1]
    assert months(together, together.division_ids[1]) == months(together)
    assert len(months(together)) == 1


def test_a_fund_that_never_moved_has_no_statement() -> None:
    """Nor one that began to after the month."""
    fresh = given.customer()
    fresh.fund(10_000)
    run_until_done()
    assert months(fresh) == []
    with pytest.raises(errors.NotFound):
        queries.monthly_document(viewer=fresh.viewer(), division_id=fresh.top_id, month=rules.last_month(today()))


def test_who_sees_some_divisions_sees_no_statement_of_all(database: dict[str, str]) -> None:
    """The kept document has the movements of all that share the fund; another customer's has nobody else."""
    acme = histories.lived(database, 3)
    run_until_done()
    seen = acme.division_ids[1]
    restricted = acme.viewer(CustomerRole.FINANCE_MANAGER, frozenset({seen}))
    assert queries.monthly_statements(viewer=restricted, division_id=seen) == []
    with pytest.raises(errors.NotFound):
        queries.monthly_document(viewer=restricted, division_id=seen, month=rules.last_month(today()))
    with pytest.raises(errors.Refusal):
        queries.monthly_statements(viewer=given.customer().viewer(), division_id=acme.top_id)


@pytest.mark.parametrize("language", ["en", "de", "pt-br", "ja", "ar", "xx"])
def test_the_sheet_is_in_the_customers_language_and_adds_up(database: dict[str, str], language: str) -> None:
    """Whatever the language, the last sum is the closing balance."""
    acme = histories.lived(database, 4)
    viewer = acme.viewer()
    told = stated.statement(viewer=viewer, division_id=acme.top_id, since=today() - timedelta(days=90), until=today(), separate=False)
    account = customers.customer(viewer=viewer)
    with scope.of(viewer):
        sheet = stating.sheet(viewer, account, "Acme", told, language=language)
    digits = "".join(sign for sign in sheet["sums"][-1]["value"] if sign.isdecimal())
    assert int(digits) == int(money.text(abs(told.closing_minor), "USD").replace(".", ""))
    assert len(sheet["rows"]) == len(told.movements) + 1 + bool(told.earlier_count)


@pytest.mark.parametrize(
    ("day", "month", "end"),
    [
        (date(2026, 11, 1), date(2026, 10, 1), date(2026, 10, 31)),
        (date(2026, 3, 31), date(2026, 2, 1), date(2026, 2, 28)),
        (date(2028, 3, 1), date(2028, 2, 1), date(2028, 2, 29)),
        (date(2027, 1, 15), date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_months(day: date, month: date, end: date) -> None:
    """The last one, and its end."""
    assert (rules.last_month(day), rules.end_of(rules.last_month(day))) == (month, end)
