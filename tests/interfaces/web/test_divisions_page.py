"""The Divisions page: who may give a division another name, and what shows it."""

import uuid

import pytest
from django.test import Client

import given
from interfaces.web import asking
from tallystick.domain.customers import queries
from tallystick.domain.customers.rules import CustomerRole
from tallystick.lib import ids

DIVISIONS = "/account/divisions/"
RENAME_STATEMENTS = 12


def page(division_id: int) -> str:
    """Write the address at which a division is renamed."""
    return f"{DIVISIONS}{ids.public('div', division_id)}/name/"


@pytest.fixture
def acme(database: dict[str, str]) -> given.Customer:
    """Open a customer."""
    assert database, "the database comes first"
    return given.customer()


@pytest.fixture
def ruth(acme: given.Customer) -> Client:
    """Sign its administrator in."""
    return asking.person(acme, CustomerRole.ADMINISTRATOR)


def names(acme: given.Customer) -> set[str]:
    """Read the divisions' names."""
    return {one.name for one in queries.divisions(viewer=acme.viewer())}


def test_a_division_is_renamed(acme: given.Customer, ruth: Client) -> None:
    """From the list, by a form that holds the name; the list, the rail and the audit log show it."""
    north = acme.add_division("North")
    assert f'href="{page(north)}"' in ruth.get(DIVISIONS).content.decode()
    assert 'value="North"' in ruth.get(page(north)).content.decode()
    answer = ruth.post(page(north), {"name": "  North   Pole ", "form_key": str(uuid.uuid4())}, follow=True)
    assert answer.redirect_chain == [(DIVISIONS, 302)]
    assert "The division is called North Pole now." in answer.content.decode()
    assert names(acme) >= {"North Pole"}
    assert "Division renamed" in asking.seen(ruth, "/account/audit-log/")


def test_what_is_refused_stays_in_the_form(acme: given.Customer, ruth: Client) -> None:
    """No name, a sibling's name, and the name of a division that is closed: nothing changes."""
    north, _south = acme.add_division("North"), acme.add_division("South")
    before = names(acme)
    for wrong in ("", " ", "South", "x" * 201):
        answer = ruth.post(page(north), {"name": wrong, "form_key": str(uuid.uuid4())})
        assert answer.status_code == 422, wrong
    assert ruth.post(page(2**40), {"name": "West", "form_key": str(uuid.uuid4())}).status_code == 404
    assert names(acme) == before
    ruth.post(f"{DIVISIONS}{ids.public('div', north)}/closing/")
    assert f'href="{page(north)}"' not in ruth.get(DIVISIONS).content.decode()
    refused = ruth.post(page(north), {"name": "West", "form_key": str(uuid.uuid4())})
    assert refused.status_code == 422
    assert "A closed division keeps its name." in refused.content.decode()
    assert names(acme) == before


@pytest.mark.parametrize(
    ("role", "is_restricted"),
    [(CustomerRole.ADMINISTRATOR, True), (CustomerRole.MANAGER, False), (CustomerRole.FINANCE_MANAGER, False), (CustomerRole.STANDARD_USER, False)],
)
def test_an_unrestricted_administrator_alone(acme: given.Customer, role: CustomerRole, *, is_restricted: bool) -> None:
    """Everybody else neither sees the form nor sends it."""
    north = acme.add_division("North")
    client = asking.person(acme, role, [north] if is_restricted else None)
    assert client.get(page(north)).status_code == 403
    assert client.post(page(north), {"name": "West", "form_key": str(uuid.uuid4())}).status_code == 403
    if role is not CustomerRole.STANDARD_USER:
        assert f'href="{page(north)}"' not in client.get(DIVISIONS).content.decode()
    assert "West" not in names(acme)


def test_the_page_asks_few_questions(acme: given.Customer, ruth: Client) -> None:
    """However many divisions there are."""
    north = acme.add_division("North")
    with asking.statements() as asked:
        assert ruth.get(page(north)).status_code == 200
    assert len(asked) <= RENAME_STATEMENTS, "\n".join(asked)
