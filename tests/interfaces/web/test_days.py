"""See that each page goes by the day of the legal entity concerned: between Kiritimati and Pago Pago it is never the same day."""

import csv
import io
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import given
from interfaces.operator import operating
from interfaces.web import asking
from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import StaffRole
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing import queries as invoices
from tallystick.domain.invoicing import rules
from tallystick.integrations.postgres import scope
from tallystick.interfaces.web.templatetags import tally
from tallystick.lib import ids

ZONES = ("Pacific/Kiritimati", "Pacific/Pago_Pago")
DAY = timedelta(days=1)


class Island:
    """A customer of a legal entity somewhere, with an invoice that is due on that day there, and a charge of this moment."""

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self.books = given.customer(legal_entity_id=given.legal_entity(time_zone=zone))
        self.client = asking.person(self.books)
        line = rules.Line(description="Funds", quantity=Decimal(1), unit_price_minor=40_000, percent_millionths=0)
        draft = invoicing.InvoiceDraft(customer_id=self.books.customer_id, division_id=self.books.top_id, lines=(line,), terms_days=30)
        with scope.of(given.ADMIN):
            issued = invoicing.issue_funding_invoice(viewer=given.ADMIN, draft=draft, today=self.today - 30 * DAY, now=given.NOW)
        self.invoice_id, self.inv = issued.id, ids.public("inv", issued.id)
        self.order_id = uuid.uuid4().hex
        self.books.charge(700, order_id=self.order_id)

    @property
    def today(self) -> date:
        """Tell the day there."""
        return datetime.now(ZoneInfo(self.zone)).date()

    def page(self, name: str) -> str:
        """Read a page of the customer."""
        return asking.seen(self.client, asking.at(name, self.books.top_id))


@pytest.fixture(scope="module", params=ZONES)
def island(request: pytest.FixtureRequest, database: dict[str, str]) -> Island:  # noqa: ARG001 - the database must be there
    """Be in one of the two, at the same instant."""
    return Island(request.param)


@pytest.fixture
def clerk(database: dict[str, str]) -> Client:  # noqa: ARG001 - as above
    """Be the operator's clerk."""
    return operating.staff(StaffRole.CLERK, f"{uuid.uuid4().hex}@lanternfield.example")


@pytest.fixture(autouse=True)
def _nothing_stays() -> Iterator[None]:
    """No request leaves its zone to the next one of the thread."""
    yield
    assert timezone.get_current_timezone_name() == "UTC"


def test_what_is_due_today_is_not_overdue(island: Island) -> None:
    today, late = str(tally.due(island.today, island.today)), str(tally.invoice_state("issued", island.today - DAY, island.today))
    assert tally.week_day(island.today) in island.page("overview")
    for address in (asking.at("overview", island.books.top_id), asking.at("pay-invoice", island.books.top_id), f"/finances/invoices/{island.inv}/"):
        assert today in island.client.get(address).content.decode(), address
    listed = asking.at("orders", island.books.top_id)
    assert island.inv in island.client.get(listed).content.decode()
    assert late not in island.client.get(listed).content.decode()
    assert island.inv not in island.client.get(f"{listed}?state=overdue").content.decode()


def test_the_operator_sees_it_by_the_customers_day(island: Island, clerk: Client) -> None:
    shown = clerk.get(reverse("operator-invoice", args=[island.invoice_id])).content.decode()
    assert str(tally.due(island.today, island.today)) in shown
    customer = clerk.get(reverse("operator-customer", args=[island.books.customer_id])).content.decode()
    assert re.findall(r'data-label="Overdue"><span class="money">([^<]+)', customer) == ["0.00"]


def test_a_history_and_a_statement_count_days_there(island: Island) -> None:
    today = island.today
    for name in ("balance-history", "purchase-history", "statement"):
        address = asking.at(name, island.books.top_id)
        for day, moved in ((today, True), (today - DAY, False), (today + DAY, False)):
            rows = re.findall(r"<tr.*?</tr>", island.client.get(f"{address}?since={day}&until={day}").content.decode(), re.DOTALL)
            own = [row for row in rows if island.order_id in row]
            assert bool(own) is moved, (name, day)
            assert all(tally.day(today) in row for row in own), "the day it is shown under is the day it is found by"
    assert f"until={today}" in island.client.get(asking.at("statement", island.books.top_id)).content.decode()


def test_a_file_counts_days_there(island: Island) -> None:
    """Histories and statements hold what the page of those days shows; a statement says in UTC, as its rows do, when its days begin and end."""
    today = island.today
    for name in ("balance-history", "purchase-history", "statement"):
        address = asking.at(name, island.books.top_id) + "file/"
        for day, moved in ((today, True), (today - DAY, False), (today + DAY, False)):
            answer = island.client.post(f"{address}?since={day}&until={day}", {"kind": "csv"})
            rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
            assert any(row["Order"] == island.order_id for row in rows) is moved, (name, day)
            if name == "statement":
                begins, ends = (datetime.combine(edge, time(), ZoneInfo(island.zone)).astimezone(UTC) for edge in (day, day + DAY))
                told = [(row["What"], row["Posted at (UTC)"]) for row in (rows[0], rows[-1])]
                assert told == [("Balance at the start", f"{begins:%Y-%m-%d %H:%M:%S}"), ("Balance at the end", f"{ends:%Y-%m-%d %H:%M:%S}")]
                assert all(told[0][1] <= row["Posted at (UTC)"] < told[1][1] for row in rows[1:-1])


def test_a_file_is_named_by_the_day_there(island: Island) -> None:
    answer = island.client.post(reverse("download-ask", args=[island.books.top_id]), {"kind": "csv"})
    assert f"-{island.today}.csv" in answer["Content-Disposition"]


def test_money_is_recorded_with_the_day_there(island: Island, clerk: Client) -> None:
    address = reverse("record-payment-of", args=[island.books.customer_id])
    assert operating.filled_of(clerk.get(address))["received_date"] == str(island.today)
    wanted = {"method": "cheque", "amount": "1.00", "reference": uuid.uuid4().hex, "division": island.books.top_id}
    refused = operating.sent(clerk, address, **wanted, received_date=str(island.today + DAY))
    assert refused.status_code == 422  # type: ignore[attr-defined]
    taken = operating.sent(clerk, address, **wanted, received_date=str(island.today))
    assert taken.status_code == 302, taken.content.decode()  # type: ignore[attr-defined]


def test_a_program_is_answered_by_the_day_there(island: Island) -> None:
    asked = customers.today(viewer=island.books.viewer(), customer_id=None, now=timezone.now())
    assert asked == island.today == customers.today(viewer=given.ADMIN, customer_id=island.books.customer_id, now=timezone.now())
    late = invoices.InvoiceFilter(status="overdue")
    assert invoices.invoices(viewer=island.books.viewer(), today=asked, narrowed=late) == []


def test_a_list_over_many_customers_goes_by_the_operators_first_company(clerk: Client) -> None:
    first = customers.legal_entities()[0]
    there = datetime.now(ZoneInfo(first.time_zone)).date()
    assert customers.today(viewer=given.ADMIN, customer_id=None, now=timezone.now()) == there
    assert f'value="{there}"' in clerk.get(reverse("operator-ageing")).content.decode()
