"""Fetch purchase orders and histories as files: few rows at once, many by the real worker, piece by piece, for their asker alone."""

import csv
import io
import itertools
import pathlib
import uuid
import zipfile
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.urls import reverse

import given
from domain.invoicing import trade
from interfaces.web import asking
from stories import papers
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries as people
from tallystick.domain.customers.rules import CustomerRole
from tallystick.domain.events import operations
from tallystick.domain.events import queries as events
from tallystick.domain.exports import models
from tallystick.domain.exports.rules import MOST_EXPORTED, ExportKind, Subject
from tallystick.domain.purchasing import operations as purchasing
from tallystick.integrations.postgres import scope
from tallystick.integrations.storage import files
from tallystick.interfaces.web.pages import downloads
from tallystick.lib import ids
from tallystick.reactions import worker
from tallystick.reactions.exports import movements, sources
from tallystick.reactions.exports import papers as bundles


def _history(page: str, acme: given.Customer, division_id: int | None = None) -> str:
    return asking.at(page, division_id or acme.top_id) + "file/"


def _table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def _made(client: Client, answer: object) -> bytes:
    """Let the worker make what was asked for, and fetch it."""
    assert answer.status_code == 302, answer.content[:300]  # type: ignore[attr-defined]
    path = answer.headers["Location"]  # type: ignore[attr-defined]
    worker.drain()
    fetched = client.get(f"{path}content/")
    assert fetched.status_code == 200
    content = fetched.getvalue()
    assert len(content) == int(fetched.headers["Content-Length"])
    return content


@pytest.fixture(scope="module")
def busy(database: dict[str, str]) -> given.Customer:
    """A fund with 126 movements, one of another division's, one of an order that looks like a formula."""
    assert database, "the database comes first"
    acme = given.customer(divisions=1, separate=True, limit_minor=10_000_000)
    acme.fund(900_000)
    given.funds.charge(viewer=acme.viewer(), charges=[acme.asked(100 + place, order_id=f"A-{place}") for place in range(120)])
    for _ in range(3):
        acme.hold(50)
    acme.transfer(40, acme.top_id, acme.division_ids[1])
    acme.charge(250, order_id='=HYPERLINK("x")')
    return acme


@pytest.fixture
def pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make everything by the worker, in many pieces."""
    for kind in ExportKind:
        monkeypatch.setitem(downloads.AT_ONCE, kind, 0)
    monkeypatch.setattr(movements, "STEP", 40)
    monkeypatch.setattr(sources, "_STEP", 2)
    monkeypatch.setattr(bundles, "_ORDERS", 2)


def test_the_file_holds_every_row_of_the_filter_and_no_formula() -> None:
    """The newest first, amounts as decimals, an order that a spreadsheet would reckon as a text."""
    acme = given.customer(limit_minor=500_000)
    acme.fund(10_000)
    acme.charge(250, order_id='=HYPERLINK("x")')
    acme.charge(150, order_id="C-2")
    client = asking.person(acme)
    answer = client.post(_history("balance-history", acme), {"kind": "csv"})
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="balance-history-')
    rows = _table(answer.content)
    assert [(row["Amount"], row["Balance"]) for row in rows] == [("-1.50", "96.00"), ("-2.50", "97.50"), ("100.00", "100.00")]
    assert rows[1]["Order"] == '\'=HYPERLINK("x")'
    assert [row["What"] for row in _table(client.post(_history("purchase-history", acme), {"kind": "csv"}).content)] == ["Purchase", "Purchase"]
    assert len(_table(client.post(_history("purchase-history", acme) + "?order=C-2", {"kind": "csv"}).content)) == 1


@pytest.mark.parametrize("page", ["balance-history", "purchase-history", "statement"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.usefixtures("pieces")
def test_a_file_in_pieces_is_the_file_made_at_once(busy: given.Customer, monkeypatch: pytest.MonkeyPatch, page: str, kind: str) -> None:
    """Byte for byte in CSV, cell for cell in XLSX; the page says how far it is before and that it is ready after."""
    client, address = asking.person(busy), _history(page, busy) + "?since=2020-01-01&until=2100-01-01"
    answer = client.post(address, {"kind": kind})
    assert f"0 of {_rows(page)} rows are in the file." in asking.seen(client, answer.headers["Location"])
    content = _made(client, answer)
    assert f"The file of {_rows(page)} rows is ready." in asking.seen(client, answer.headers["Location"])
    with scope.of(busy.viewer()):
        assert models.Piece.objects.filter(export_id=ids.parse("dl", answer.headers["Location"].split("/")[-2])).count() > 3
    monkeypatch.setitem(downloads.AT_ONCE, ExportKind(kind), 1000)
    monkeypatch.setattr(movements, "STEP", 1000)
    at_once = client.post(address, {"kind": kind}).content
    assert _told(content, kind) == _told(at_once, kind)


def _rows(page: str) -> int:
    return 121 + 3 if page == "purchase-history" else 126


def _told(content: bytes, kind: str) -> bytes:
    if kind == "csv":
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert book.testzip() is None
        return book.read("xl/worksheets/sheet1.xml")


def test_a_statement_leads_from_its_first_balance_to_its_last(busy: given.Customer) -> None:
    """Oldest first: each balance is the one above it and the amount."""
    rows = _table(asking.person(busy).post(_history("statement", busy) + "?since=2020-01-01&until=2100-01-01", {"kind": "csv"}).content)
    assert (rows[0]["What"], rows[0]["Posted at (UTC)"], rows[0]["Balance"]) == ("Balance at the start", "2020-01-01 00:00:00", "0.00")
    assert (rows[-1]["What"], rows[-1]["Posted at (UTC)"], rows[-1]["Balance"]) == ("Balance at the end", "2100-01-02 00:00:00", "8804.20")
    for above, row in itertools.pairwise(rows[:-1]):
        assert Decimal(above["Balance"]) + Decimal(row["Amount"]) == Decimal(row["Balance"])


@pytest.mark.usefixtures("pieces")
def test_what_moves_meanwhile_is_not_in_the_file() -> None:
    """The ends are fixed when it is asked for."""
    acme = given.customer(limit_minor=500_000)
    acme.fund(10_000)
    client = asking.person(acme)
    answer = client.post(_history("balance-history", acme), {"kind": "csv"})
    acme.charge(100)
    assert [row["Amount"] for row in _table(_made(client, answer))] == ["100.00"]


@pytest.mark.usefixtures("pieces")
def test_what_is_out_of_sight_stays_out_of_the_file() -> None:
    """The worker sees every division; the file of somebody who sees one of two that share their funds has its rows."""
    acme = given.customer(divisions=1, limit_minor=500_000)
    acme.fund(10_000)
    acme.charge(100, acme.division_ids[1])
    top, other = (row.name for row in people.divisions(viewer=acme.viewer()))
    for divisions, named in ((None, [other, top]), ([acme.top_id], [top])):
        client = asking.person(acme, divisions=divisions)
        answer = client.post(_history("balance-history", acme), {"kind": "csv"})
        assert f"of {len(named)} row" in asking.seen(client, answer.headers["Location"])
        assert [row["Division"] for row in _table(_made(client, answer))] == named
    rows = _table(_made(client, client.post(_history("statement", acme) + "?since=2020-01-01&until=2100-01-01", {"kind": "csv"})))
    assert [(row["What"], row["Amount"], row["Balance"]) for row in rows] == [
        ("Balance at the start", "", "0.00"),
        ("Payment", "100.00", "100.00"),
        ("Movements of other divisions", "-1.00", ""),
        ("Balance at the end", "", "99.00"),
    ]


def test_more_rows_than_a_sheet_has_are_refused(busy: given.Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do; so is a form of file that there is none of, and an end before the start."""
    client, address = asking.person(busy), _history("balance-history", busy)
    assert client.post(address, {"kind": "zip"}).status_code == 422
    assert client.post(f"{address}?since=2026-11-02&until=2026-11-01", {"kind": "csv"}).status_code == 422
    assert client.get(address).status_code == 405
    monkeypatch.setitem(MOST_EXPORTED[Subject.BALANCE_HISTORY], ExportKind.CSV, 20)
    answer = client.post(address, {"kind": "csv"})
    assert answer.status_code == 409
    assert "These are more than 20 rows." in answer.content.decode()


def test_a_piece_takes_the_same_few_questions(busy: given.Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the history is behind it; and asking for the file takes few, however many rows it will have."""
    monkeypatch.setitem(downloads.AT_ONCE, ExportKind.CSV, 0)
    monkeypatch.setattr(movements, "STEP", 40)
    client, address = asking.person(busy), _history("balance-history", busy)
    client.post(address, {"kind": "csv"})
    worker.drain()
    with asking.statements() as asked:
        client.post(address, {"kind": "csv"})
    assert len(asked) <= 20, "\n".join(asked)
    worker.work_once()  # numbers the event
    with asking.statements("worker") as worked:
        worker.work_once()
    assert len(worked) <= 24, "\n".join(worked)
    worker.drain()


class _Orders:
    """Dana with four purchase orders: two of one number of which one was rejected, one with a picture, one without a document."""

    def __init__(self) -> None:
        self.world = world = trade.open_trade(percent="0")
        pdf, number = files.accept("first order.pdf", io.BytesIO(papers.pdf())), "PO/77"
        rejected = self._send(number, pdf)
        purchasing.reject_purchase_order(
            viewer=trade.ABE, purchase_order_id=rejected, expected_revision=1, reasons=["lines"], text="Why", now=trade.NOW
        )
        self.sent = [rejected, self._send(number, files.accept("second.pdf", io.BytesIO(papers.pdf(2)))), self._send("=SUM(A1)", None)]
        email = f"{uuid.uuid4().hex[:8]}@northwind.example"
        person_id = customers.add_person(viewer=trade.ADA, email=email, name="Dana")
        customers.set_membership(
            viewer=trade.ADA, customer_id=world.customer_id, person_id=person_id, role=CustomerRole.FINANCE_MANAGER, division_ids=None
        )
        self.client = asking.signed_in(person_id)

    def _send(self, number: str, document: files.Accepted | None) -> uuid.UUID:
        draft = self.world.draft("70.00", number=number)
        return purchasing.submit_purchase_order(viewer=self.world.dana, order=draft, document=document, now=trade.NOW).id

    def ask(self, kind: str, *ticked: uuid.UUID, query: str = "") -> object:
        """Press a button below the orders."""
        sent = {"kind": kind, "order": [ids.public("po", one) for one in ticked]}
        return self.client.post(reverse("orders-download", args=[self.world.top_id]) + query, sent)


@pytest.fixture(scope="module")
def dana(database: dict[str, str]) -> _Orders:
    """Make her orders."""
    assert database, "the database comes first"
    return _Orders()


def test_orders_come_as_csv_and_xlsx(dana: _Orders) -> None:
    """All of the filter in its order, or the ticked ones whatever their state; no formula in either."""
    rows = _table(dana.ask("csv", query="?po_sort=number&po_order=up").content)  # type: ignore[attr-defined]
    assert [row["Purchase order"] for row in rows] == ["'=SUM(A1)", "PO/77", "PO/77"]
    assert {row["Gross"] for row in rows} == {"70.00"}
    assert [row["State"] for row in _table(dana.ask("csv", dana.sent[0], query="?po_state=approved").content)] == ["rejected"]  # type: ignore[attr-defined]
    answer = dana.ask("xlsx")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="purchase-orders-')  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:  # type: ignore[attr-defined]
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == 4
    assert "<f>" not in sheet


def test_the_documents_come_with_an_index(dana: _Orders) -> None:
    """Named by the orders' numbers, the second of a number counted; the index says which is whose."""
    with zipfile.ZipFile(io.BytesIO(dana.ask("zip", query="?po_sort=submitted&po_order=up").content)) as bundle:  # type: ignore[attr-defined]
        assert bundle.testzip() is None
        assert set(bundle.namelist()) == {"PO-77.pdf", "PO-77 (2).pdf", "index.csv"}
        assert all(bundle.read(name).startswith(b"%PDF-") for name in bundle.namelist() if name.endswith(".pdf"))
        index = _table(bundle.read("index.csv"))
    assert sorted((row["Purchase order"], row["Document"]) for row in index) == [
        ("'=SUM(A1)", ""),
        ("PO/77", "PO-77 (2).pdf"),
        ("PO/77", "PO-77.pdf"),
    ]


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize("kind", ["zip", "csv", "xlsx"])
def test_the_worker_makes_the_same_file_of_orders(dana: _Orders, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Piece by piece, the numbers of the first piece remembered in the last."""
    made = _made(dana.client, dana.ask(kind))
    monkeypatch.setitem(downloads.AT_ONCE, ExportKind(kind), 1000)
    at_once = dana.ask(kind).content  # type: ignore[attr-defined]
    if kind == "csv":
        assert made == at_once
        return
    with zipfile.ZipFile(io.BytesIO(made)) as first, zipfile.ZipFile(io.BytesIO(at_once)) as second:
        assert [(one, first.read(one)) for one in first.namelist()] == [(one, second.read(one)) for one in second.namelist()]


def test_what_is_no_file_of_orders_is_refused(dana: _Orders, monkeypatch: pytest.MonkeyPatch) -> None:
    """A filter without a row, too many, documents too heavy for one file."""
    assert dana.ask("csv", query="?po_state=withdrawn").status_code == 422  # type: ignore[attr-defined]
    assert dana.ask("csv", ids.new()).status_code == 422  # type: ignore[attr-defined]
    monkeypatch.setattr(downloads, "MOST_BYTES", 10)
    heavy = dana.ask("zip")
    assert heavy.status_code == 409  # type: ignore[attr-defined]
    assert "purchase orders. Narrow the filter" in heavy.content.decode()  # type: ignore[attr-defined]
    monkeypatch.setitem(MOST_EXPORTED[Subject.PURCHASE_ORDERS], ExportKind.CSV, 2)
    assert "at most 2 purchase orders" in dana.ask("csv").content.decode()  # type: ignore[attr-defined]


@pytest.mark.usefixtures("pieces")
def test_heavy_documents_wait_for_the_worker(dana: _Orders, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few they are."""
    monkeypatch.setitem(downloads.AT_ONCE, ExportKind.ZIP, 1000)
    assert dana.ask("zip").status_code == 200  # type: ignore[attr-defined]
    monkeypatch.setattr(downloads, "BYTES_AT_ONCE", 10)
    assert dana.ask("zip").status_code == 302  # type: ignore[attr-defined]
    worker.drain()


class _Kept:
    """Dana's orders, with their documents in a folder of this test's own."""

    def __init__(self, folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(settings, "FILES", f"folder:{folder}")
        self.dana = _Orders()
        self.files = sorted((one for one in folder.rglob("*") if one.is_file()), key=lambda one: one.stat().st_size)

    def ask(self) -> object:
        """Ask for the documents of the two orders that have some, the first one's first."""
        return self.dana.ask("zip", *self.dana.sent[:2], query="?po_sort=submitted&po_order=up")


@pytest.fixture
def kept(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> _Kept:
    """Keep documents outside of the database."""
    return _Kept(tmp_path, monkeypatch)


def _due(event: str = "make_export") -> None:
    """Let what was put off be due, and work once."""
    with connections["worker"].cursor() as cursor:
        cursor.execute("update events_job set run_at = now() where reaction = %s", [event])
    worker.drain()


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "in pieces"])
def test_a_lost_document_is_named_and_costs_no_other(kept: _Kept, monkeypatch: pytest.MonkeyPatch, at_once: bool) -> None:
    """In a text file of the ZIP and in its index; the page says so when it is ready."""
    if not at_once:
        monkeypatch.setitem(downloads.AT_ONCE, ExportKind.ZIP, 0)
        monkeypatch.setattr(bundles, "_ORDERS", 1)
    kept.files[0].unlink()
    answer = kept.ask()
    content = answer.content if at_once else _made(kept.dana.client, answer)  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        assert bundle.testzip() is None
        assert sorted(bundle.namelist()) == ["PO-77.pdf", "index.csv", "missing-documents.txt"]
        assert "\n- PO/77: first order.pdf\n" in bundle.read("missing-documents.txt").decode()
        told = sorted(row["Document"] for row in _table(bundle.read("index.csv")))
    assert told == ["PO-77.pdf", "missing, see missing-documents.txt"]
    if not at_once:
        seen = asking.seen(kept.dana.client, answer.headers["Location"])  # type: ignore[attr-defined]
        assert "1 document could not be read and is not in it." in seen


def test_a_file_that_cannot_be_made_says_so_and_can_be_asked_for_anew(kept: _Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store does not answer; as soon as it does, the same documents come at the second wish, or by themselves."""
    monkeypatch.setitem(downloads.AT_ONCE, ExportKind.ZIP, 0)
    broken, content = kept.files[0], kept.files[0].read_bytes()
    broken.unlink()
    broken.mkdir()
    client, answer = kept.dana.client, kept.ask()
    page = answer.headers["Location"]  # type: ignore[attr-defined]
    assert client.post(f"{page}anew/").status_code == 409
    worker.drain()
    seen = asking.seen(client, page)
    assert "This file could not be finished yet. It is tried again by itself." in seen
    assert "Files can not be stored or read at this moment." in seen
    assert 'data-progress="going"' in client.get(page).content.decode()
    for _ in range(operations.PARK_AFTER_ATTEMPTS - 1):
        _due()
    assert "This file could not be made." in asking.seen(client, page)
    assert 'data-progress="stopped"' in client.get(page).content.decode()
    assert asking.person(given.customer()).post(f"{page}anew/").status_code == 404
    broken.rmdir()
    broken.write_bytes(content)
    again = client.post(f"{page}anew/")
    assert again.headers["Location"] != page
    with zipfile.ZipFile(io.BytesIO(_made(client, again))) as bundle:
        assert set(bundle.namelist()) == {"PO-77.pdf", "PO-77 (2).pdf", "index.csv"}
    assert "is ready" in asking.seen(client, again.headers["Location"])
    assert client.post(f"{again.headers['Location']}anew/").status_code == 409
    with scope.of(given.ADMIN):
        (parked,) = [job for job in events.parked() if job.customer_id == kept.dana.world.customer_id]
    with connections["worker"].cursor() as cursor:
        cursor.execute("update events_job set parked_at = null, attempts = 0, run_at = now() where id = %s", [parked.id])
    worker.drain()
    assert "is ready" in asking.seen(client, page)


def test_a_worker_that_dies_of_a_file_is_told_of_too(kept: _Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing refused; what was begun was never kept. The first time may still be running."""
    monkeypatch.setitem(downloads.AT_ONCE, ExportKind.ZIP, 0)
    monkeypatch.setattr(bundles, "piece", lambda *_: 1 // 0)
    client, page = kept.dana.client, kept.ask().headers["Location"]  # type: ignore[attr-defined]
    worker.drain()
    assert "0 of 2 rows are in the file." in asking.seen(client, page)
    _due()
    assert "The fault is ours and is written down." in asking.seen(client, page)
    monkeypatch.undo()
