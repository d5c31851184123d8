"""Fetch a credit note's PDF from the page of its invoice: once it is made, and only by those whose it is."""

from datetime import UTC, datetime

from django.test import Client

import given
from interfaces.web import asking
from tallystick.domain.invoicing import operations, queries
from tallystick.lib import ids

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_a_credit_note_is_downloaded_from_its_invoice(database: dict[str, str]) -> None:
    """Not there while nothing is credited or made; then with its number, and not for another customer or nobody."""
    assert database, "the database comes first"
    customer = given.customer(percent="19")
    client = asking.person(customer)
    invoice_id = customer.issue((10_000, "19"))
    page = f"/finances/invoices/{ids.public('inv', invoice_id)}/"
    assert "/credit-notes/" not in client.get(page).content.decode()
    customer.credit(invoice_id, 1_190)
    [note] = queries.credit_notes(viewer=customer.viewer(), invoice_id=invoice_id)
    address = f"/finances/credit-notes/{ids.public('cn', note.id)}/document/"
    assert address not in client.get(page).content.decode()
    assert client.get(address).status_code == 404
    operations.store_document(customer_id=customer.customer_id, credit_note_id=note.id, content=b"%PDF credit", now=NOW)
    assert address in client.get(page).content.decode()
    answer = client.get(address)
    assert (answer.content, answer.headers["Content-Type"]) == (b"%PDF credit", "application/pdf")
    assert note.number in answer.headers["Content-Disposition"]
    assert asking.person(given.customer()).get(address).status_code == 404
    assert Client(headers={"host": "localhost"}).get(address).status_code == 302
