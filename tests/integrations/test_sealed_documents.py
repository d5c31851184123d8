"""Seal documents as they are drawn for customers."""

import io
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from integrations import papers
from integrations.test_document_checks import checked
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


@pytest.mark.parametrize("kind", ["invoice", "credit_note", "receipt"])
def test_a_sealed_document_keeps_its_standards(kind: str, tmp_path: Path) -> None:
    """PDF/UA by two checkers and PDF/A by our own look find nothing, with the e-invoice and the signature in it."""
    xml = documents.Attachment(name="factur-x.xml", content=b"<a/>", media_type="text/xml", relationship="alternative", description="As data")
    drawn = documents.render(kind, papers.changed(kind), attachments=[xml], qr=SIGNER.code(PAPER))
    made = SIGNER.sealed(drawn.content, replace(PAPER, kind=kind))
    assert checked(made, tmp_path) == []
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert sorted(pdf.attachments) == ["factur-x.xml", "tallystick-signature.json"]
        assert pdf.attachments["factur-x.xml"].get_file().read_bytes() == b"<a/>"


def test_a_page_with_an_altered_amount_is_told() -> None:
    """The text layer of a typeset document changed by hand, each stream left as it was: altered, and what was issued is told."""
    made = SIGNER.sealed(documents.render("receipt", RECEIPT, qr=SIGNER.code(PAPER)).content, PAPER)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        contents = pdf.pages[0].Contents
        contents.write(contents.read_bytes() + b"\nBT ET")
        out = io.BytesIO()
        pdf.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    verdict = judged(out.getvalue())
    assert verdict.result is Result.ALTERED
    assert (verdict.said or {})["gross"] == PAPER.gross
