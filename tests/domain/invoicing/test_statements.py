"""Let random months pass, and hold every statement against the journal: nothing appears, nothing is lost between two of them."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connections

import given
from tallystick.domain.invoicing.queries import dues, statements
from tallystick.integrations.postgres import scope

_CLOCK = "create or replace function ledger_now() returns timestamptz language sql volatile parallel restricted as $$select {}$$"


@pytest.fixture
def clock() -> object:
    """Set the journal's clock, as only the owner may; put it back afterwards."""

    def set_to(instant: datetime) -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute(_CLOCK.format(f"timestamptz '{instant.isoformat()}'"))

    yield set_to
    with connections["owner"].cursor() as cursor:
        cursor.execute(_CLOCK.format("clock_timestamp()"))


def _lived(seed: int, clock: object) -> tuple[given.Customer, list[date], dict[date, int]]:
    """Live forty days from 1 January 2027, several acts a day or none; tell what all invoices together were open when each day ended."""
    chance = random.Random(seed)
    acme = given.customer(divisions=1, separate=True, limit_minor=10_000_000)
    days = [date(2027, 1, 1) + timedelta(days=number) for number in range(40)]
    open_then = {}
    unpaid: list[tuple[object, int]] = []
    for day in days:
        clock(datetime(day.year, day.month, day.day, chance.randrange(24), 30, tzinfo=UTC))  # type: ignore[operator]
        for _ in range(chance.randrange(3)):
            match chance.randrange(5):
                case 0:
                    net = chance.randrange(10, 900)
                    unpaid.append((acme.issue((net, "0")), net))
                case 1 if unpaid:
                    invoice, net = unpaid.pop(chance.randrange(len(unpaid)))
                    part = chance.randrange(1, net + 1)
                    acme.record(part, (invoice, part))
                    if part < net:
                        unpaid.append((invoice, net - part))
                case 2 if unpaid:
                    invoice, net = unpaid.pop()
                    acme.credit(invoice, net)
                case _:
                    acme.charge(chance.randrange(1, 500))
        open_then[day] = sum(net for _, net in unpaid)
    return acme, days, open_then


@pytest.mark.parametrize("seed", range(2))
def test_a_statement_is_the_journal_and_the_next_begins_where_it_ends(seed: int, clock: object) -> None:
    acme, days, open_then = _lived(seed, clock)
    viewer = acme.viewer()
    chance = random.Random(seed + 100)
    for _ in range(15):
        first, middle, last = sorted(chance.sample(days, 3))
        one, two, both = (
            statements.statement(viewer=viewer, division_id=acme.top_id, since=since, until=until, separate=True, rows=4, unpaid_rows=4)
            for since, until in ((first, middle), (middle + timedelta(days=1), last), (first, last))
        )
        assert one.closing_minor == two.opening_minor
        assert (both.opening_minor, both.closing_minor) == (one.opening_minor, two.closing_minor)
        assert both.in_minor - both.out_minor == both.closing_minor - both.opening_minor
        assert (one.in_minor + two.in_minor, one.out_minor + two.out_minor) == (both.in_minor, both.out_minor)
        assert both.opening_minor + both.earlier_minor + sum(row.amount_minor for row in both.movements) == both.closing_minor
        assert both.unpaid_minor == open_then[last]
        whole = statements.statement(viewer=viewer, division_id=acme.top_id, since=first, until=last, separate=True, unpaid_rows=1000)
        assert (whole.more_unpaid_count, whole.more_unpaid_minor) == (0, 0)
        assert (both.unpaid, both.unpaid_count) == (whole.unpaid[:4], len(whole.unpaid))


def test_a_statement_of_all_days_ends_at_the_figures() -> None:
    acme = given.customer()
    acme.fund(5000)
    acme.charge(1200)
    acme.issue((700, "0"))
    day = datetime.now(UTC).date()
    told = statements.statement(
        viewer=acme.viewer(), division_id=acme.top_id, since=day - timedelta(days=900), until=day + timedelta(days=900), separate=True
    )
    assert (told.opening_minor, told.closing_minor) == (0, acme.figures().balance_minor)
    assert (told.in_minor, told.out_minor, told.unpaid_minor) == (5000, 1200, 700)


def test_dues_add_up_to_what_is_open() -> None:
    acme = given.customer(percent="10", divisions=1, separate=True)
    acme.issue((1000, "10"))
    acme.issue((500, "10"), division_id=acme.division_ids[1])
    found = dues.dues(viewer=acme.viewer())
    assert sorted((row.division_id, row.count, row.open_minor, row.open_net_minor) for row in found) == [
        (acme.top_id, 1, 1100, 1000),
        (acme.division_ids[1], 1, 550, 500),
    ]
    seen = dues.dues(viewer=acme.viewer(division_ids=frozenset({acme.division_ids[1]})))
    assert [row.division_id for row in seen] == [acme.division_ids[1]]
    with scope.of(given.ADMIN):
        assert acme.figures().unpaid_funding_minor == 1100
