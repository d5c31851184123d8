"""See that every document the worker makes is signed over its own facts, by the key of the legal entity that issues it."""

import io
from uuid import UUID

import pikepdf
from django.conf import settings

import given
from domain.payments.world import ADMIN, APPROVER, CLERK, NOW, TODAY
from tallystick.domain.customers import operations as customers
from tallystick.domain.invoicing import operations as invoices
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.payments import kept_receipts
from tallystick.domain.signing import operations, queries
from tallystick.integrations.signatures import checking
from tallystick.integrations.signatures.checking import Verdict
from tallystick.reactions import worker

IBAN = "DE89370400440532013000"


def paid() -> tuple[given.Customer, UUID, UUID]:
    """Issue an invoice with tax and take its payment in; the worker makes what follows."""
    acme = given.customer(percent="19")
    customers.create_bank_account(viewer=ADMIN, legal_entity_id=acme.legal_entity_id, currency="USD", holder="Tally Inc.", account=IBAN)
    invoice_id = acme.issue((100_000, "19"))
    payment_id = acme.record(119_000, (invoice_id, 119_000))
    worker.drain()
    return acme, invoice_id, payment_id


def judged(content: bytes) -> Verdict:
    """Check with the published keys."""
    return checking.check_file(content, {key.key_id: key for key in queries.published()})


def test_an_invoice_and_its_receipt_are_signed() -> None:
    """Number, parties, amounts and account are those of the books."""
    acme, invoice_id, payment_id = paid()
    invoice = judged(invoicing.invoice_document(viewer=acme.viewer(), invoice_id=invoice_id))
    shown = invoicing.invoice(viewer=acme.viewer(), invoice_id=invoice_id)
    assert invoice.result is checking.Result.GENUINE
    assert invoice.key is not None
    assert invoice.said is not None
    assert invoice.key.issuer == "Tally Inc."
    assert {name: invoice.said[name] for name in ("kind", "number", "seller", "buyer", "currency", "net", "tax", "gross", "account")} == {
        "kind": "invoice",
        "number": shown.number,
        "seller": "Tally Inc.",
        "buyer": "Acme",
        "currency": "USD",
        "net": "1000.00",
        "tax": "190.00",
        "gross": "1190.00",
        "account": IBAN,
    }
    number, content = kept_receipts.receipt_document(viewer=acme.viewer(), payment_id=payment_id)
    receipt = judged(content)
    assert receipt.result is checking.Result.GENUINE
    assert receipt.said is not None
    assert (receipt.said["kind"], receipt.said["number"], receipt.said["gross"]) == ("receipt", number, "1190.00")


def test_a_credit_note_is_signed() -> None:
    """With its own number and amounts."""
    acme, invoice_id, _payment_id = paid()
    note = invoices.request_credit_note(viewer=CLERK, invoice_id=invoice_id, amount_minor=11_900, reason="Less was delivered.", now=NOW)
    invoices.approve_credit_note(viewer=APPROVER, credit_note_id=note.id, today=TODAY, now=NOW)
    worker.drain()
    verdict = judged(invoicing.credit_note_document(viewer=acme.viewer(), credit_note_id=note.id))
    assert verdict.result is checking.Result.GENUINE
    assert verdict.said is not None
    assert (verdict.said["kind"], verdict.said["gross"]) == ("credit_note", "119.00")


def test_a_document_stays_genuine_when_its_key_is_rotated() -> None:
    """What was made is never made anew; the next one has the new key."""
    acme, invoice_id, _payment_id = paid()
    before = invoicing.invoice_document(viewer=acme.viewer(), invoice_id=invoice_id)
    new = operations.rotate_key(viewer=ADMIN, legal_entity_id=acme.legal_entity_id, secret=settings.SECRET_KEY, now=NOW)
    other = acme.issue((500, "0"))
    worker.drain()
    assert judged(before).result is checking.Result.GENUINE
    after = judged(invoicing.invoice_document(viewer=acme.viewer(), invoice_id=other))
    assert (after.result, after.key.key_id if after.key else "") == (checking.Result.GENUINE, new)


def test_the_page_carries_the_code() -> None:
    """A document with a signature has one attachment more than the e-invoice, and its XML is what was signed."""
    acme, invoice_id, _payment_id = paid()
    content = invoicing.invoice_document(viewer=acme.viewer(), invoice_id=invoice_id)
    said = judged(content).said or {}
    with pikepdf.open(io.BytesIO(content)) as pdf:
        names = sorted(pdf.attachments)
        assert "tallystick-signature.json" in names
        assert (len(names) > 1) == ("xml_sha256" in said)
