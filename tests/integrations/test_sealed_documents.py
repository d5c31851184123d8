"""Seal documents as they are drawn for customers."""

import io
from dataclasses import replace

import pikepdf

from integrations.test_signatures import PAPER, SIGNER, judged
from tallystick.integrations.pdf import documents, facts
from tallystick.integrations.signatures.checking import Result

RECEIPT: facts.Receipt = {
    "number": "PAY-00031",
    "issued_on": "2026-11-20",
    "currency": "EUR",
    "brand": "Lanternfield",
    "seller": {"name": "Lanternfield GmbH", "lines": ["1 Hafenweg"]},
    "buyer": {"name": "Northwind Labs", "lines": ["2 Quay"]},
    "division": "Northwind Labs",
    "method": "bank_transfer",
    "payments": [{"invoice_number": "INV-2026-01184", "amount": "1,190.00", "still_open": "0.00"}],
    "received": "1,190.00",
}


def test_the_typeset_document_is_sealed_too() -> None:
    """As it is drawn for customers: PDF/A-3a stays marked, and the first page is the same."""
    drawn = documents.render("receipt", RECEIPT, qr=SIGNER.code(PAPER)).content
    made = SIGNER.sealed(drawn, replace(PAPER, kind="receipt"))
    assert judged(made).result is Result.GENUINE
    with pikepdf.open(io.BytesIO(drawn)) as before, pikepdf.open(io.BytesIO(made)) as after:
        assert before.pages[0].Contents.read_bytes() == after.pages[0].Contents.read_bytes()
        assert before.Root.Metadata.read_bytes() == after.Root.Metadata.read_bytes()
        assert after.trailer.ID
