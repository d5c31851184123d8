"""Ask for invoices, credit notes, their documents and their numbers."""

from tallystick.domain.invoicing.queries.documents import (
    CreditNoteView,
    credit_note,
    credit_note_document,
    credit_note_facts,
    credit_notes,
    document,
    invoice_document,
    invoice_facts,
)
from tallystick.domain.invoicing.queries.evidence import SeriesEvidence, number_evidence, series
from tallystick.domain.invoicing.queries.lists import (
    DivisionSummary,
    InvoiceFilter,
    InvoiceView,
    LineView,
    OpenTotals,
    TaxView,
    invoice,
    invoices,
    numbers,
    open_amounts_by_division,
    open_invoices,
    open_totals,
    summary_by_division,
)
from tallystick.domain.invoicing.queries.rows import InvoiceRow
from tallystick.domain.invoicing.queries.write_offs import WriteOffView, write_off, write_offs

OpenInvoice = InvoiceRow

__all__ = [
    "CreditNoteView",
    "DivisionSummary",
    "InvoiceFilter",
    "InvoiceRow",
    "InvoiceView",
    "LineView",
    "OpenInvoice",
    "OpenTotals",
    "SeriesEvidence",
    "TaxView",
    "WriteOffView",
    "credit_note",
    "credit_note_document",
    "credit_note_facts",
    "credit_notes",
    "document",
    "invoice",
    "invoice_document",
    "invoice_facts",
    "invoices",
    "number_evidence",
    "numbers",
    "open_amounts_by_division",
    "open_invoices",
    "open_totals",
    "series",
    "summary_by_division",
    "write_off",
    "write_offs",
]
