"""Try what Pay Invoice, Deposit Funds and Credit Cards answer: the server's reckoning, the marks, what a page costs in statements."""

import re
import uuid
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

import given
from domain.payments.world import TODAY
from integrations import pdfs
from interfaces.web import asking
from tallystick.domain.customers import operations as customers_verbs
from tallystick.domain.customers import queries as customers
from tallystick.domain.signing import queries as signing
from tallystick.integrations.postgres import scope
from tallystick.integrations.signatures import checking
from tallystick.interfaces.web import selection
from tallystick.lib import ids
from tallystick.reactions import worker

PAY_STATEMENTS = 11
ALL_STATEMENTS = 11
DEPOSIT_STATEMENTS = 12
CARDS_STATEMENTS = 8
RECEIVED_STATEMENTS = 20
_MANY = 60


@dataclass
class Desk:
    """A customer of three divisions with 19 percent of tax, its finance manager, and her browser."""

    customer: given.Customer
    client: Client

    @property
    def address(self) -> str:
        """Give the page of the top-level division."""
        return f"/finances/pay-invoice/{ids.public('div', self.customer.top_id)}/"

    def sent(self, step: str, **typed: object) -> HttpResponse:
        """Send the form of the page."""
        answer: HttpResponse = self.client.post(f"{self.address}{step}/", {"form_key": str(uuid.uuid4()), "method": "card", **typed})
        return answer

    def statements(self, path: str) -> int:
        """Count the statements of a page, its transaction's own included."""
        self.client.get(path)
        with CaptureQueriesContext(connections["default"]) as asked:
            assert self.client.get(path).status_code == 200
        return len(asked)


@pytest.fixture
def desk(database: dict[str, str]) -> Desk:
    """Let Dana sit down."""
    assert database, "the database comes first"
    customer = given.customer(percent="19", divisions=2, separate=True)
    return Desk(customer, asking.person(customer))


def _text(answer: HttpResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def _marks(answer: HttpResponse) -> dict[str, str]:
    return dict(re.findall(r'<p data-mark="([^"]+)">([^<]+)</p>', answer.content.decode()))


def test_pages_ask_the_same_few_statements_however_long_the_list_is(desk: Desk) -> None:
    """No statement for a row: two invoices and twenty cost the same."""
    below = desk.customer.division_ids[1]
    for division_id in (desk.customer.top_id, below):
        desk.customer.issue((10_000, "19"), division_id=division_id)
    top = ids.public("div", desk.customer.top_id)
    received = desk.customer.fund(5_000)
    paths = [
        desk.address,
        f"{desk.address}?of=all",
        f"/finances/deposit/{top}/",
        "/finances/credit-cards/",
        f"/finances/payments/{ids.public('pay', received)}/",
    ]
    few = [desk.statements(path) for path in paths]
    for _ in range(9):
        desk.customer.issue((10_000, "19"))
        desk.customer.issue((10_000, "19"), division_id=below)
    assert [desk.statements(path) for path in paths] == few
    assert few == [PAY_STATEMENTS, ALL_STATEMENTS, DEPOSIT_STATEMENTS, CARDS_STATEMENTS, RECEIVED_STATEMENTS]


def test_of_a_taxed_invoice_only_the_net_comes_into_the_balance(desk: Desk) -> None:
    """100.00 and 19.00 tax: the row says so, paying it brings 100.00, paying half of it 50.00."""
    invoice = ids.public("inv", desk.customer.issue((10_000, "19")))
    assert "of it tax 19.00" in _text(desk.client.get(desk.address))
    assert "119.00 USD. Balance after: 100.00 USD." in _text(desk.sent("outcome", invoice=invoice))
    assert "59.50 USD. Balance after: 50.00 USD." in _text(desk.sent("outcome", **{"invoice": invoice, f"amount-{invoice}": "59.5"}))


@pytest.mark.parametrize("begun", ["", " ", "0", "0.", "0.0", "1", "118.", "119.00", "1,", "00"])
def test_what_has_begun_well_may_become_right(begun: str) -> None:
    """Of 119.00: typing on can make an amount of each."""
    assert selection.may_become_right(begun, currency="USD", most_minor=11_900)


@pytest.mark.parametrize("wrong", [".", ".5", "120", "119.01", "1.234", "12x", "-", "1e3", "1..2", "1.2.3", "1,1900", "9" * 30, "\u0661"])
def test_what_can_never_become_right_is_known(wrong: str) -> None:
    """Of 119.00: whatever is typed behind it, it stays wrong."""
    assert not selection.may_become_right(wrong, currency="USD", most_minor=11_900)


def test_an_amount_is_marked_while_typed_only_when_it_cannot_become_right(desk: Desk) -> None:
    """When the field is left, all that is wrong is said."""
    invoice = ids.public("inv", desk.customer.issue((10_000, "19")))
    for typed, while_typing, after in (
        ("118.", "", "Enter"),
        ("0", "", "Between"),
        ("120", "Between", "Between"),
        ("1x", "Enter", "Enter"),
        ("1", "", ""),
    ):
        sent = {"invoice": invoice, f"amount-{invoice}": typed}
        for field, said in ((f"amount-{invoice}", while_typing), ("", after)):
            assert "".join(_marks(desk.sent("outcome", **sent, typing=field)).values()).startswith(said), (typed, field)
            assert bool(_marks(desk.sent("outcome", **sent, typing=field))) is bool(said), (typed, field)


def test_yen_have_no_decimals_to_type() -> None:
    """A point can never become right there."""
    assert selection.may_become_right("1,00", currency="JPY", most_minor=1_000)
    assert not selection.may_become_right("1.", currency="JPY", most_minor=1_000)


def test_all_divisions_are_paid_at_once_and_each_keeps_its_own_balance(desk: Desk) -> None:
    """The review names every invoice with its division, and what each division gets; credit and balance are of one division only."""
    named = {
        division_id: [ids.public("inv", desk.customer.issue((10_000, "19"), division_id=division_id)) for _ in range(2)]
        for division_id in desk.customer.division_ids
    }
    page = _text(desk.client.get(f"{desk.address}?of=all"))
    assert "Paying 6 of 6 invoices 714.00 USD" in page
    assert "Unapplied credit and the balance belong to one division each." in page
    assert _text(desk.client.get(desk.address)).count("INV-") == 2
    answer = desk.sent("review", of="all", invoice=[*named[desk.customer.division_ids[1]], named[desk.customer.top_id][0]])
    reviewed = _text(answer)
    assert reviewed.count("INV-") == 3
    assert "Division 0 2 238.00 200.00" in reviewed
    assert "Acme 1 119.00 100.00" in reviewed
    assert "Division 1 2" not in reviewed


@pytest.mark.parametrize(
    ("asked", "found"), [("", 2), ("due=overdue", 0), ("due=month", 2), ("q=nothing", 0), ("by={due}", 2), ("by={before}", 0), ("on={due}", 2)]
)
def test_the_address_narrows_the_list(desk: Desk, asked: str, found: int) -> None:
    """By text, by what is late or near, by a day; what is found is ticked, all of it."""
    for _ in range(2):
        desk.customer.issue((10_000, "19"))
    due = TODAY + timedelta(days=30)
    page = desk.client.get(f"{desk.address}?{asked.format(due=due, before=due - timedelta(days=1))}").content.decode()
    assert len(re.findall(r'name="invoice" value="[^"]+" checked', page)) == found
    assert ("No unpaid invoice matches this filter" in page) is (found == 0)


def test_without_script_all_of_a_filter_is_ticked_or_unticked_by_a_button(desk: Desk) -> None:
    """What was typed stays."""
    invoice = ids.public("inv", desk.customer.issue((10_000, "19")))
    desk.customer.issue((10_000, "19"))
    for back, ticked in (("all", 2), ("none", 0), ("sum", 1)):
        page = desk.sent("review", **{"back": back, "invoice": invoice, f"amount-{invoice}": "7.00"}).content.decode()
        assert len(re.findall(r'name="invoice" value="[^"]+" checked', page)) == ticked
        assert 'value="7.00"' in page


def test_more_than_fifty_are_ticked_as_one(desk: Desk) -> None:
    """The first 50 are drawn; one box stands for the others of the filter, and counts them."""
    for _ in range(_MANY):
        desk.customer.issue((10_000, "0"))
    page = _text(desk.client.get(desk.address))
    assert f"Paying {_MANY} of {_MANY} invoices 6,000.00 USD" in page
    assert "Also pay the other 10 invoices of this filter, 1,000.00 USD" in page


def test_what_came_after_the_review_is_not_paid_unseen(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """One box stands for many rows: an invoice that comes between review and payment is not slipped in under it."""
    monkeypatch.setattr(selection, "SHOWN", 1)
    for _ in range(3):
        first = ids.public("inv", desk.customer.issue((10_000, "0")))
    sent = {"invoice": first, "rest": "on", "method": "bank_transfer", "form_key": str(uuid.uuid4())}
    reviewed = re.search(r'name="reviewed" value="([^"]+)"', desk.sent("review", **sent).content.decode())
    assert reviewed is not None
    desk.customer.issue((10_000, "0"))
    answer = desk.sent("payment", **sent, reviewed=reviewed[1])
    assert answer.status_code == 422
    assert "changed after your review" in _text(answer)
    again = re.search(r'name="reviewed" value="([^"]+)"', desk.sent("review", **sent).content.decode())
    assert again is not None
    assert desk.sent("payment", **sent, reviewed=again[1]).status_code == 302


def test_a_deposit_shows_its_parts_while_it_is_typed_and_stays_listed_until_it_is_here(desk: Desk) -> None:
    """1,000.00 net is 1,190.00 with 19 percent; a slip with a reference follows, and the page lists the request with its last day."""
    address = f"/finances/deposit/{ids.public('div', desk.customer.top_id)}/"
    typed = {"amount": "1000", "method": "bank_transfer", "form_key": str(uuid.uuid4())}
    parts = _text(desk.client.post(address, {**typed, "step": "parts"}))
    assert "Added to the balance (net) 1,000.00 Tax at 19 % 190.00 You pay (gross), USD 1,190.00" in parts
    wrong = _marks(desk.client.post(address, {**typed, "amount": "12x", "step": "parts", "typing": "id_amount"}))
    assert wrong == {"id_amount": "Enter an amount such as 1250.00."}
    assert not _marks(desk.client.post(address, {**typed, "amount": "0.", "step": "parts", "typing": "id_amount"}))
    assert "Deposits on their way" not in _text(desk.client.get(address))
    assert "1,190.00" in _text(desk.client.post(address, {**typed, "step": "review"}))
    slip = desk.client.post(address, {**typed, "step": "pay"}, follow=True)
    assert "1,190.00 USD" in _text(slip)
    reference = re.search(r"RF\d{2}[A-Z0-9]+", slip.content.decode())
    assert reference is not None
    listed = _text(desk.client.get(address))
    assert "Deposits on their way" in listed
    assert reference[0] in listed


def test_a_receipt_is_there_when_the_money_is(desk: Desk) -> None:
    """The page of a payment that arrived leads to its receipt; one that has not arrived has none."""
    invoice_id = desk.customer.issue((10_000, "19"))
    page = desk.sent("payment", method="bank_transfer", invoice=ids.public("inv", invoice_id))
    awaited = page.headers["Location"]
    assert "Receipt (PDF)" not in _text(desk.client.get(awaited))
    assert desk.client.get(f"{awaited}receipt/").status_code == 409
    received = f"/finances/payments/{ids.public('pay', desk.customer.record(11_900, (invoice_id, 11_900)))}/"
    assert "Receipt (PDF)" in _text(desk.client.get(received))
    assert desk.client.get(f"{received}receipt/").status_code == 404  # the worker makes it, once
    worker.drain()
    receipt = desk.client.get(f"{received}receipt/")
    assert receipt.content.startswith(b"%PDF-")
    assert checking.check_file(receipt.content, {key.key_id: key for key in signing.published()}).result is checking.Result.GENUINE
    assert desk.client.get(f"{received}receipt/").content == receipt.content
    assert receipt.headers["Content-Type"] == "application/pdf"


def test_a_slip_is_there_while_the_money_is_not(desk: Desk) -> None:
    """The page of a transfer that is awaited leads to its slip, where we have an account in its currency; once received, to the receipt instead."""
    invoice_id = desk.customer.issue((10_000, "19"))
    awaited = desk.sent("payment", method="bank_transfer", invoice=ids.public("inv", invoice_id)).headers["Location"]
    assert "Payment slip (PDF)" not in _text(desk.client.get(awaited))
    assert desk.client.get(f"{awaited}slip/").status_code == 409
    with scope.of(given.ADMIN):
        entity_id = customers.customer(viewer=given.ADMIN, customer_id=desk.customer.customer_id).legal_entity_id
    customers_verbs.create_bank_account(viewer=given.ADMIN, legal_entity_id=entity_id, currency="USD", holder="Tally Inc.", account="0042 118 2207")
    assert "Payment slip (PDF)" in _text(desk.client.get(awaited))
    slip = desk.client.get(f"{awaited}slip/")
    assert slip.headers["Content-Type"] == "application/pdf"
    said = pdfs.text(slip.content)
    assert [word for word in ("Payment slip", "119.00", "0042 118 2207", "Tally Inc.") if word not in said] == []
    received = f"/finances/payments/{ids.public('pay', desk.customer.record(11_900, (invoice_id, 11_900)))}/"
    assert desk.client.get(f"{received}slip/").status_code == 409
