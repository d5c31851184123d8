"""Find the monthly statements on the page of statements, and fetch one; who sees less than all of a fund finds none."""

from datetime import UTC, datetime

import pytest

import given
from domain.statements import histories
from interfaces.web import asking
from tallystick.domain.customers.rules import CustomerRole
from tallystick.domain.statements import queries, rules
from tallystick.reactions import statements


@pytest.fixture(scope="module")
def acme(database: dict[str, str]) -> given.Customer:
    """Live through some months and have the last one stated."""
    made = histories.lived(database, 9)
    while queries.unstated(now=datetime.now(UTC), limit=1):
        statements.state_months()
    return made


def test_a_month_is_listed_and_fetched(acme: given.Customer) -> None:
    """The same bytes each time; no other month has one."""
    client = asking.person(acme)
    month = rules.last_month(datetime.now(UTC).date())
    assert "Monthly statements" in asking.seen(client, asking.at("statement", acme.top_id))
    address = f"{asking.at('statement', acme.top_id)}months/{month.year}-{month.month}/"
    assert f'href="{address}"' in client.get(asking.at("statement", acme.top_id)).content.decode()
    first = client.get(address)
    assert first.content.startswith(b"%PDF-")
    assert client.get(address).content == first.content
    for other in (f"{month.year - 1}-{month.month}", f"{month.year}-13", f"{month.year}-0", "99999-1"):
        assert client.get(f"{asking.at('statement', acme.top_id)}months/{other}/").status_code == 404


def test_a_restricted_person_and_a_stranger_find_none(acme: given.Customer) -> None:
    """The kept document tells of all divisions."""
    month = rules.last_month(datetime.now(UTC).date())
    division_id = acme.division_ids[1]
    address = f"{asking.at('statement', division_id)}months/{month.year}-{month.month}/"
    restricted = asking.person(acme, CustomerRole.FINANCE_MANAGER, [division_id])
    assert "Monthly statements" not in asking.seen(restricted, asking.at("statement", division_id))
    assert restricted.get(address).status_code == 404
    assert asking.person(given.customer()).get(address).status_code == 404
