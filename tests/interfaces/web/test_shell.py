"""Try the frame of the pages: what the palette finds, what a person chooses for themselves, and how an open page asks for news."""

import re
import uuid
from dataclasses import dataclass

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import given
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import CustomerRole, StaffRole
from tallystick.interfaces.cli.prepare import OPERATOR
from tallystick.interfaces.web import live
from tallystick.lib import ids

_TYPED = {"HX-Request": "true"}
_MARK = re.compile(r'data-live="(?P<address>[^"]+)" data-version="(?P<version>[^"]*)"')
_READ_STATEMENTS = 2
"""One names the customer to row-level security, one reads the index."""


@dataclass
class Desk:
    """A customer, one of its people and their browser."""

    customer: given.Customer
    email: str
    client: Client

    def mark(self, path: str = "/preferences/") -> tuple[str, str]:
        """Open a page and read its mark."""
        found = _MARK.search(self.client.get(path).content.decode())
        assert found, "the page carries a mark"
        return found["address"], found["version"]


def _signed_in(email: str) -> Client:
    client = Client(headers={"host": "localhost"})
    person_id = customers.add_person(viewer=OPERATOR, email=email, name="Dana Whitfield")
    client.get(f"/sign-in/link/{customers.issue_sign_in_link(viewer=OPERATOR, person_id=person_id, now=timezone.now())}")
    return client


@pytest.fixture
def desk(database: dict[str, str]) -> Desk:
    """Let Dana sit down."""
    assert database, "the database comes first"
    customer = given.customer()
    email = f"dana.{uuid.uuid4().hex[:10]}@northwind.example"
    person_id = customers.add_person(viewer=OPERATOR, email=email, name="Dana Whitfield")
    customers.set_membership(viewer=OPERATOR, customer_id=customer.customer_id, person_id=person_id, role=CustomerRole.FINANCE_MANAGER)
    return Desk(customer, email, _signed_in(email))


def _staff() -> Client:
    email = f"priya.{uuid.uuid4().hex[:10]}@lanternfield.example"
    customers.set_staff(viewer=OPERATOR, person_id=customers.add_person(viewer=OPERATOR, email=email, name="Priya"), role=StaffRole.CLERK)
    return _signed_in(email)


def test_asking_for_news_costs_one_read_and_no_session(desk: Desk) -> None:
    """The address is all that is needed: no cookie is read or written, one index is."""
    address, version = desk.mark()
    with CaptureQueriesContext(connections["default"]) as asked:
        answer = Client(headers={"host": "localhost"}).get(address)
    assert (answer.status_code, answer.content.decode()) == (200, version)
    assert len([query for query in asked.captured_queries if query["sql"].startswith("select")]) == _READ_STATEMENTS
    assert "Set-Cookie" not in answer.headers
    assert not answer.cookies
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_change_moves_the_mark_of_its_customer_and_of_staff_only(desk: Desk) -> None:
    """What happens at another customer is no news."""
    address, version = desk.mark()
    staff = _staff()
    seen = _MARK.search(staff.get("/preferences/").content.decode())
    assert seen
    other = given.customer()
    other.issue((100, "0"))
    assert desk.client.get(address).content.decode() == version
    after = staff.get(seen["address"]).content.decode()
    assert after != seen["version"]
    desk.customer.issue((100, "0"))
    assert desk.client.get(address).content.decode() != version
    assert staff.get(seen["address"]).content.decode() != after


def test_a_mark_of_nobody_is_answered_with_gone(desk: Desk) -> None:
    """A forged name of a customer, or one that is older than a session, tells nothing."""
    assert Client(headers={"host": "localhost"}).get("/live/forged:1:2/").status_code == 410
    assert live.version("1") is None
    address, _version = desk.mark()
    assert Client(headers={"host": "localhost"}).get(address[:-3] + "xx/").status_code == 410


def test_single_keys_are_switched_off_for_one_person(desk: Desk) -> None:
    """Stored with the person, and said to the page before any script runs."""
    assert b'data-single-keys="off"' not in desk.client.get("/preferences/").content
    desk.client.post("/preferences/", {})
    assert b'data-single-keys="off"' in _signed_in(desk.email).get("/preferences/").content
    desk.client.post("/preferences/", {"shortcuts": "on"})
    assert b'data-single-keys="off"' not in desk.client.get("/preferences/").content


def test_the_palette_finds_pages_and_numbers_and_the_page_does_without_script(desk: Desk) -> None:
    """As typed a fragment; sent, a page of its own, which opens the one exact match."""
    desk.customer.issue((4500, "0"))
    typed = desk.client.get("/find/", {"q": "deposit"}, headers=_TYPED).content.decode()
    assert "<html" not in typed
    assert 'href="/finances/deposit/"' in typed
    assert "1 found" in typed
    listed = desk.client.get("/find/", {"q": "INV"})
    number = re.search(r">(INV-[\w-]+)</a>", listed.content.decode())
    assert number, "the invoice is listed"
    opened = desk.client.get("/find/", {"q": number[1]})
    assert (opened.status_code, opened.headers["Location"].startswith("/finances/invoices/inv_")) == (302, True)
    assert "Nothing matches zzz" in desk.client.get("/find/", {"q": "zzz"}, headers=_TYPED).content.decode()


def test_staff_find_customers_and_a_customer_does_not(desk: Desk) -> None:
    """A name of a customer is found by the operator only."""
    theirs = f"/operator/customers/{ids.public('cus', desk.customer.customer_id)}/"
    assert theirs not in desk.client.get("/find/", {"q": "Acme"}, headers=_TYPED).content.decode()
    assert ">Acme</span>" in _staff().get("/find/", {"q": "Acme"}, headers=_TYPED).content.decode()
