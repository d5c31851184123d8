"""Look through the tables of orders and invoices: each link narrows or sorts, a filter that finds nothing says what it looked for, downloads."""

import csv
import io
import re
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from domain.invoicing import trade
from tallystick.domain.administration import operations as administration
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries as people
from tallystick.domain.customers.rules import CustomerRole, Viewer
from tallystick.domain.events import queries as events
from tallystick.domain.exports import queries as kept
from tallystick.domain.exports.rules import MOST_EXPORTED, ExportKind, Subject
from tallystick.domain.invoicing import queries
from tallystick.domain.purchasing import operations as purchasing
from tallystick.domain.purchasing.queries import listing
from tallystick.integrations import tables
from tallystick.integrations.postgres import scope
from tallystick.integrations.storage import files
from tallystick.interfaces.cli.prepare import OPERATOR
from tallystick.interfaces.web.pages import downloads
from tallystick.lib import errors, ids
from tallystick.reactions import exports, worker


class Desk:
    """A finance manager of one customer at her browser."""

    def __init__(self, world: trade.Trade, role: CustomerRole = CustomerRole.FINANCE_MANAGER, divisions: list[int] | None = None) -> None:
        self.world = world
        email = f"{uuid.uuid4().hex[:8]}@northwind.example"
        person_id = customers.add_person(viewer=OPERATOR, email=email, name="Dana")
        customers.set_membership(viewer=OPERATOR, customer_id=world.customer_id, person_id=person_id, role=role, division_ids=divisions)
        self.person_id = person_id
        self.viewer: Viewer = people.customer_viewer(person_id=person_id, customer_id=world.customer_id)
        self.client = Client(headers={"host": "127.0.0.1"})
        self.client.get(f"/sign-in/link/{customers.issue_sign_in_link(viewer=OPERATOR, person_id=person_id, now=datetime.now(UTC))}", follow=True)
        self.path = reverse("orders-division", args=[world.top_id])

    def numbers(self, query: str = "") -> list[str]:
        """Read the invoices' numbers of one page, in order."""
        return re.findall(r'aria-label="Tick ([^"]+)"', self.read(query).split('id="invs"')[1])

    def read(self, query: str = "", path: str = "") -> str:
        """Open a page."""
        answer = self.client.get((path or self.path) + query)
        assert answer.status_code == 200, answer.content[:400]
        return answer.content.decode()

    def ask(self, kind: str, *ticked: uuid.UUID, query: str = "") -> object:
        """Press a button of the bulk download."""
        sent = {"kind": kind, "invoice": [ids.public("inv", one) for one in ticked]}
        return self.client.post(reverse("download-ask", args=[self.world.top_id]) + query, sent)


@contextmanager
def statements(most: int) -> Iterator[None]:
    """Count what is asked of PostgreSQL on every connection."""
    with ExitStack() as stack:
        counted = [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in settings.DATABASES]
        yield
        said = [one["sql"] for part in counted for one in part.captured_queries]
        assert len(said) <= most, "\n".join(said)


@pytest.fixture(scope="module")
def desk() -> Desk:
    """Five open invoices and a paid one, a pending order and a rejected one."""
    world = trade.open_trade(percent="0")
    made = [world.approved(amount) for amount in ("600.00", "100.00", "500.00", "300.00", "400.00", "200.00")]
    world.pay(made[0], 60_000)
    for number in ("WAIT-1", "BACK-2"):
        order = purchasing.submit_purchase_order(viewer=world.dana, order=world.draft("70.00", number=number), now=trade.NOW)
    purchasing.reject_purchase_order(viewer=trade.ABE, purchase_order_id=order.id, expected_revision=1, reasons=["lines"], text="Why", now=trade.NOW)
    worker.drain()
    return Desk(world)


def test_the_page_takes_few_statements_however_many_rows(desk: Desk) -> None:
    """Sign-in, frame, two lists, two tallies."""
    desk.read()
    with statements(32):
        desk.read()


def test_each_head_sorts_and_turns_round(desk: Desk) -> None:
    """The head's link sorts, says so, and the second press turns the order."""
    first = desk.read("?sort=amount")
    assert '<th scope="col" role="columnheader" class="num" aria-sort="descending"><a href="?sort=amount&amp;order=up">Amount</a>' in first
    largest = desk.numbers("?sort=amount")
    assert desk.numbers("?sort=amount&order=up") == largest[::-1]
    assert len(largest) == 6


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?state=unpaid", 5),
        ("?state=paid", 1),
        ("?state=overdue", 0),
        ("?least=300&most=500.00", 3),
        ("?by=due&from=2999-01-01", 0),
        ("?q=inv-2026", 6),
    ],
)
def test_the_address_narrows(desk: Desk, query: str, count: int) -> None:
    """State, amounts, days and text stand in the address; a state keeps the rest of it."""
    assert len(desk.numbers(query)) == count
    assert ("No invoice matches this filter" in desk.read(query)) is (count == 0)


def test_a_filter_that_finds_nothing_says_what_it_looked_for(desk: Desk) -> None:
    """And how to clear it, the other list's filter kept."""
    page = desk.read("?state=overdue&q=4477&least=1000&po_state=pending")
    assert "Looked for: Overdue; number beginning or ending with “4477”; at least 1,000.00 USD." in page
    assert 'href="?po_state=pending">Clear the filter' in page


def test_what_can_not_be_read_is_said_and_narrows_nothing(desk: Desk) -> None:
    """A day and an amount that are none."""
    page = desk.read("?from=soon&least=12,345.6.7")
    assert "Write the day as YYYY-MM-DD." in page
    assert page.count('aria-invalid="true"') == 2
    assert len(desk.numbers("?from=soon")) == 6


def test_orders_open_with_what_wants_something(desk: Desk) -> None:
    """Pending and rejected ones; approved ones behind their own link; a rejected one offers its correction."""
    page = desk.read()
    assert "WAIT-1" in page
    assert "Correct BACK-2" in page
    assert "WAIT-1" not in desk.read("?po_state=approved")
    assert "WAIT-1" in desk.read("?po_q=" + quote("wait-"))


def test_pages_follow_by_key(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pages of four and two; the second leads back to the first."""
    monkeypatch.setattr("tallystick.interfaces.web.pages.orders._INVOICES", 4)
    page = desk.read("?sort=amount")
    following = re.search(r'href="(\?[^"]*after=[^"]+)" rel="next"', page)
    assert following is not None
    second = following[1].replace("&amp;", "&")
    assert len(desk.numbers("?sort=amount")) == 4
    assert len(desk.numbers(second)) == 2
    assert "First page" in desk.read(second)


def test_an_empty_filter_tells_what_the_other_states_have(desk: Desk) -> None:
    """A number that is there in another state is not kept secret."""
    assert "In other states it finds 1 invoice." in desk.read(f"?state=voided&q={desk.numbers()[0]}")
    assert "In other states" not in desk.read("?state=voided&q=4477")


def test_an_orders_page_tells_its_history(desk: Desk) -> None:
    """Approved: who and when, the invoice with its amount and due day, what is open; rejected: the reasons, and the way back."""
    order = _order(desk, "approved", "amount")
    page = desk.read(path=reverse("order", args=[order.id]))
    for said in ("Submitted", "Approved", "Abe Stone", "issued", "Pay invoice"):
        assert said in page, said
    assert page.index(">Approved<small>") < page.rindex("Submitted")
    back = desk.read(path=reverse("order", args=[_order(desk, "rejected", "submitted").id]))
    assert "A line has no description, quantity or unit price." in back
    assert "Correct and resubmit" in back
    with statements(30):
        desk.read(path=reverse("order", args=[order.id]))


def _order(desk: Desk, state: str, sort: str) -> listing.OrderRow:
    asked = listing.Listing(division_ids=[desk.world.top_id], state=state, sort=listing.Sort(sort), is_descending=False)
    return listing.listed(viewer=desk.viewer, listing=asked).rows[0]


def _picture() -> io.BytesIO:
    drawn = io.BytesIO()
    Image.new("RGB", (8, 8)).save(drawn, "PNG")
    return io.BytesIO(drawn.getvalue())


def test_a_document_is_shown_inside_its_page_and_nowhere_else(desk: Desk) -> None:
    """As a file by default; to look at, it may stand in our own page, and loads nothing."""
    draft = desk.world.draft("5.00", number="PAPER-1")
    picture = files.accept("order.png", _picture())
    order = purchasing.submit_purchase_order(viewer=desk.world.dana, order=draft, document=picture, now=trade.NOW)
    path = reverse("order-document", args=[order.id])
    assert desk.client.get(path).headers["Content-Disposition"].startswith("attachment")
    shown = desk.client.get(path + "?show")
    assert shown.headers["Content-Disposition"] == "inline"
    assert shown.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert f'<img src="{path}?show"' in desk.read(path=reverse("order", args=[order.id]))


def test_the_summary_adds_divisions_up() -> None:
    """A row for each division with its pending, unpaid and overdue documents; the statements do not grow with the rows."""
    world = trade.open_trade(percent="0")
    administration.switch_separate_funds(viewer=trade.ADA, customer_id=world.customer_id, separate=True)
    administration.create_division(viewer=trade.ADA, customer_id=world.customer_id, parent_id=world.top_id, name="Research")
    world.approved("250.00")
    purchasing.submit_purchase_order(viewer=world.dana, order=world.draft("70.00"), now=trade.NOW)
    desk = Desk(world)
    path = reverse("orders")
    said = re.sub(r"<[^>]+>|\s+", " ", desk.read(path=path))
    assert "1 pending" in said
    assert "1 unpaid" in said
    assert "Research" in said
    with statements(24):
        desk.read(path=path)


def test_ticked_invoices_come_as_pdfs_at_once(desk: Desk) -> None:
    """Two ticked: a ZIP of two PDFs, named by their numbers."""
    rows = queries.listed(viewer=desk.viewer, listing=queries.Listing(division_ids=[desk.world.top_id]), today=trade.TODAY).rows[:2]
    answer = desk.ask("zip", *(row.id for row in rows))
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="invoices-')  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:  # type: ignore[attr-defined]
        assert sorted(bundle.namelist()) == sorted(f"{row.number}.pdf" for row in rows)
        assert all(bundle.read(name).startswith(b"%PDF-") for name in bundle.namelist())


def test_a_filter_comes_as_csv_and_xlsx(desk: Desk) -> None:
    """Nothing ticked: all of the filter, in its order, amounts as decimals."""
    answer = desk.ask("csv", query="?state=unpaid&sort=amount&order=up")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert [row["Open"] for row in rows] == ["100.00", "200.00", "300.00", "400.00", "500.00"]
    with zipfile.ZipFile(io.BytesIO(desk.ask("xlsx").content)) as book:  # type: ignore[attr-defined]
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == 7
    assert "<f>" not in sheet


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1"])
def test_no_text_becomes_a_formula(text: str) -> None:
    """A text that begins like a formula is a text in both files."""
    table = tables.Table("Sheet", ["A"], [[text]])
    assert next(csv.reader(io.StringIO(tables.csv_of(table).decode("utf-8-sig").split("\r\n", 1)[1], newline="")))[0] == "'" + text
    with zipfile.ZipFile(io.BytesIO(tables.xlsx_of(table))) as book:
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()


def test_many_are_made_by_the_worker_for_their_asker_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page says how far it is, then gives the link; a colleague finds nothing; after a day nobody does, and the file is deleted."""
    monkeypatch.setitem(downloads.AT_ONCE, ExportKind.ZIP, 1)
    answer = desk.ask("zip")
    assert answer.status_code == 302  # type: ignore[attr-defined]
    path = answer.headers["Location"]  # type: ignore[attr-defined]
    assert "0 of 6 invoices are in the file." in desk.read(path=path)
    worker.drain()
    page = desk.read(path=path)
    assert "The file of 6 invoices is ready." in page
    content = desk.client.get(f"{path}content/").getvalue()
    assert len(zipfile.ZipFile(io.BytesIO(content)).namelist()) == 6
    colleague = Desk(desk.world)
    assert [colleague.client.get(path + more).status_code for more in ("", "content/")] == [404, 404]
    export_id = ids.parse("dl", path.split("/")[-2])
    late = datetime.now(UTC) + timedelta(hours=25)
    with pytest.raises(errors.NotFound):
        kept.content(viewer=desk.viewer, export_id=export_id, now=late)
    event = _event(desk, export_id)
    exports.forget_export(desk.world.customer_id, event)
    assert desk.client.get(path).status_code == 404
    exports.make_export(desk.world.customer_id, event)  # a job that comes late finds nothing to do


def test_a_file_is_closed_to_who_lost_a_division_meanwhile(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one asked for while one saw it is not given out any more when one does not."""
    monkeypatch.setitem(downloads.AT_ONCE, ExportKind.CSV, 1)
    world, role = desk.world, CustomerRole.FINANCE_MANAGER
    elsewhere = administration.create_division(viewer=trade.ADA, customer_id=world.customer_id, parent_id=world.top_id, name="Elsewhere")
    mei = Desk(world, divisions=[world.top_id])
    path = mei.ask("csv").headers["Location"]  # type: ignore[attr-defined]
    worker.drain()
    assert mei.client.get(f"{path}content/").status_code == 200
    customers.set_membership(viewer=OPERATOR, customer_id=world.customer_id, person_id=mei.person_id, role=role, division_ids=[elsewhere])
    assert mei.client.get(f"{path}content/").status_code == 404


def _event(desk: Desk, export_id: uuid.UUID) -> uuid.UUID:
    with scope.of(desk.viewer):
        return events.of_subject(customer_id=desk.world.customer_id, subject_id=ids.public("dl", export_id))[0].id


def test_too_many_for_one_file_are_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a sentence on what to do."""
    monkeypatch.setitem(MOST_EXPORTED[Subject.INVOICES], ExportKind.CSV, 3)
    answer = desk.ask("csv")
    assert answer.status_code == 409  # type: ignore[attr-defined]
    assert "Narrow the filter" in answer.content.decode()  # type: ignore[attr-defined]


def test_nothing_and_nonsense_are_refused(desk: Desk) -> None:
    """A filter without a row, an unknown kind, a foreign id."""
    assert desk.ask("csv", query="?state=voided").status_code == 422  # type: ignore[attr-defined]
    assert desk.ask("doc").status_code == 422  # type: ignore[attr-defined]
    assert desk.ask("csv", ids.new()).status_code == 422  # type: ignore[attr-defined]
