"""Mail each thing that is mailed, to whom it belongs and in their language, with the headers that tell machines what it is."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from email.message import EmailMessage

import pytest
from django.test import Client
from django.utils import timezone

import given
from domain.invoicing import trade
from domain.mail import post
from tallystick.domain.administration import operations as administration
from tallystick.domain.customers import operations as customers
from tallystick.domain.funds import operations as funds
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing import rules as invoices
from tallystick.domain.mail import queries, rules
from tallystick.domain.purchasing import operations as purchasing
from tallystick.domain.purchasing import rules as orders
from tallystick.lib import ids
from tallystick.reactions import worker


@pytest.fixture
def office() -> Iterator[post.Office]:
    with post.running() as opened:
        yield opened


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "TOGETHER_FOR", timedelta(0))


def plain(message: EmailMessage) -> str:
    """Read the plain text, its lines put together."""
    found = message.get_body(("plain",))
    assert found
    return " ".join(found.get_content().split())


def of(office: post.Office, customer_id: int, kind: str) -> list[tuple[str, EmailMessage]]:
    """List what came of a customer, of a kind, with its recipient."""
    kinds = {mail.message_id: mail.kind for mail in post.mails_of(customer_id)}
    return [(recipient, message) for _, recipient, message in office.came if kinds.get(message["Message-ID"]) == kind]


def _number(message: EmailMessage) -> str:
    return str(message["Subject"]).split()[1]


def test_an_order_is_confirmed_then_rejected_with_its_reasons_in_one_thread(office: post.Office) -> None:
    world = trade.open_trade()
    order = purchasing.submit_purchase_order(viewer=world.dana, order=world.draft(), now=trade.NOW)
    worker.drain()
    ((to, received),) = of(office, world.customer_id, "order_received")
    assert (to, received["Subject"]) == ("ap@northwind.example", f"Purchase order {order.number} received")
    assert received["In-Reply-To"] is None
    purchasing.reject_purchase_order(
        viewer=trade.ABE,
        purchase_order_id=order.id,
        expected_revision=1,
        reasons=[orders.Reason.VENDOR],
        text="Name Lanternfield, Inc. in full.",
        now=trade.NOW,
    )
    worker.drain()
    ((_, rejected),) = of(office, world.customer_id, "order_rejected")
    assert rejected["In-Reply-To"] == received["Message-ID"]
    assert received["Message-ID"] in rejected["References"]
    for words in ("The legal name or address of the vendor is wrong or missing.", "Name Lanternfield, Inc. in full."):
        assert words in plain(rejected)


def test_an_approved_order_sends_its_invoice_to_who_stands_on_it(office: post.Office) -> None:
    world = trade.open_trade()
    draft = world.draft(recipients="books@northwind.example")
    order = purchasing.submit_purchase_order(viewer=world.dana, order=draft, now=trade.NOW)
    purchasing.approve_purchase_order(viewer=trade.ABE, purchase_order_id=order.id, expected_revision=1, now=trade.NOW)
    worker.drain()
    came = dict(of(office, world.customer_id, "invoice_issued"))
    assert {"ap@northwind.example", "books@northwind.example"} <= came.keys()
    message = came["ap@northwind.example"]
    assert f"Your purchase order {order.number} is approved" in plain(message)
    assert [part.get_filename() for part in message.iter_attachments()] == [f"{_number(message)}.pdf"]  # its XML breaks rules and never leaves


def test_an_electronic_invoice_goes_along_where_it_breaks_no_rule(office: post.Office) -> None:
    seller = customers.create_legal_entity(
        viewer=given.ADMIN,
        name="Tally GmbH",
        address="Am Hafen 1\n20457 Hamburg",
        country="DE",
        tax_number="DE123456788",
        email="billing@tally.example",
    )
    for kind, pattern in ((invoices.SeriesKind.INVOICE, "R-{number:05}"), (invoices.SeriesKind.CREDIT_NOTE, "G-{number:05}")):
        invoicing.set_series(viewer=given.ADMIN, legal_entity_id=seller, kind=kind, pattern=pattern, year=2026)
    rate = customers.create_tax_rate(viewer=given.ADMIN, legal_entity_id=seller, name="USt.", percent="19")
    draft = customers.CustomerDraft(
        legal_entity_id=seller,
        name="Acme",
        currency="EUR",
        limit_minor=0,
        tax_rate_id=rate,
        address="Hafenstr. 2\n20457 Hamburg",
        country="DE",
        billing_name="Alma Petersen",
        billing_email="ap@acme.example",
    )
    opened = administration.create_customer(viewer=given.ADMIN, draft=draft)
    acme = given.Customer(opened.customer_id, opened.top_division_id, Decimal(19), seller, (opened.top_division_id,))
    acme.issue((10_000, "19"))
    worker.drain()
    ((_, message),) = of(office, acme.customer_id, "invoice_issued")
    assert [part.get_filename() for part in message.iter_attachments()] == ["R-00001.pdf", "R-00001.xml"]
    assert "machine-readable" in plain(message)
    assert message["Reply-To"] == "billing@tally.example"


def test_money_that_arrived_is_confirmed_with_its_receipt_and_credit_used_is_not(office: post.Office) -> None:
    acme = post.customer()
    invoice_id = acme.issue((10_000, "0"))
    acme.record(12_000, (invoice_id, 10_000))
    worker.drain()
    ((to, message),) = of(office, acme.customer_id, "payment_received")
    assert to == "ap@acme.example"
    assert "We received your payment" in plain(message)
    assert "Kept as unapplied credit: 20.00 USD" in plain(message)
    (receipt,) = message.iter_attachments()
    assert receipt.get_content().startswith(b"%PDF")
    assert [one.kind for one in queries.about(viewer=acme.viewer(), subject_id=ids.public("inv", invoice_id))] == [
        "invoice_issued",
        "payment_received",
    ]


def test_a_low_balance_is_told_and_can_be_stopped_with_one_click(office: post.Office) -> None:
    acme = post.customer()
    customers.change_settings(
        viewer=acme.viewer(),
        draft=customers.SettingsDraft(
            version=2, notify_below_minor=50_000, vat_number="", billing_name="Alma Petersen", billing_email="ap@acme.example", recipients=()
        ),
    )
    acme.fund(60_000)
    funds.tell_alerts(customer_id=acme.customer_id, now=timezone.now())
    acme.charge(20_000)
    funds.tell_alerts(customer_id=acme.customer_id, now=timezone.now())
    worker.drain()
    ((to, message),) = of(office, acme.customer_id, "balance_low")
    assert (to, message["Subject"]) == ("ap@acme.example", "The balance of Acme is below 500.00 USD")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = message["List-Unsubscribe"].strip("<>").partition("/e-mail/")[2]
    client = Client(enforce_csrf_checks=True, SERVER_NAME="127.0.0.1")
    assert "No more alerts?" in client.get(f"/e-mail/{address}").content.decode()
    assert client.get(f"/e-mail/{address[:-3]}/").status_code == 404
    stopped = client.post(f"/e-mail/{address}", {"List-Unsubscribe": "One-Click"})
    assert "gets no more alerts" in stopped.content.decode()
    acme.fund(60_000)
    funds.tell_alerts(customer_id=acme.customer_id, now=timezone.now())
    acme.charge(70_000)
    funds.tell_alerts(customer_id=acme.customer_id, now=timezone.now())
    worker.drain()
    assert [to for to, _ in of(office, acme.customer_id, "balance_low")] == ["ap@acme.example"]
    acme.issue((100, "0"))
    worker.drain()
    assert of(office, acme.customer_id, "invoice_issued")


def test_a_reached_limit_is_told(office: post.Office) -> None:
    acme = post.customer()
    acme.charge(200_000)
    funds.tell_alerts(customer_id=acme.customer_id, now=timezone.now())
    worker.drain()
    ((_, message),) = of(office, acme.customer_id, "credit_limit_reached")
    assert message["Subject"] == "The credit limit of Acme is reached"
    assert "Of 2,000.00 USD, 2,000.00 USD are in use." in plain(message).replace("\u00a0", " ")


@pytest.mark.parametrize(("language", "subject", "direction"), [("de", "fällig am 20. Dezember 2026", "ltr"), ("ar", "الفاتورة", "rtl")])
def test_a_reader_reads_their_own_language(office: post.Office, language: str, subject: str, direction: str) -> None:
    acme = post.customer(locale=language)
    acme.issue((140_000, "0"))
    worker.drain()
    ((_, message),) = of(office, acme.customer_id, "invoice_issued")
    assert subject in message["Subject"]
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert f'lang="{language}" dir="{direction}"' in html
    assert ("\u2068Tally Inc.\u2069" in html) == (direction == "rtl")


def test_a_mail_fetches_nothing_and_knows_the_dark(office: post.Office) -> None:
    acme = post.customer()
    acme.issue((10_000, "0"))
    worker.drain()
    ((_, message),) = of(office, acme.customer_id, "invoice_issued")
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "prefers-color-scheme: dark" in html
    assert 'style="' in html
    for fetching in ("<img", "<link", "<script", "@import", "url(", "src="):
        assert fetching not in html


def test_nobody_is_written_to_where_nobody_is_named(office: post.Office) -> None:
    acme = given.customer()
    acme.issue((10_000, "0"))
    worker.drain()
    assert post.mails(acme) == []
    assert of(office, acme.customer_id, "invoice_issued") == []
