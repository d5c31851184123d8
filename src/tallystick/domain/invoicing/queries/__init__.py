"""Ask for invoices, credit notes, their documents and their numbers."""

from tallystick.domain.invoicing.queries.ages import Aged, ageing
from tallystick.domain.invoicing.queries.documents import (
    CreditNoteView,
    Replacement,
    credit_note,
    credit_note_document,
    credit_note_facts,
    credit_notes,
    document,
    invoice_document,
    invoice_facts,
    replaced,
    replacements,
)
from tallystick.domain.invoicing.queries.evidence import SeriesEvidence, number_evidence, series
from tallystick.domain.invoicing.queries.listing import Listing, Sort, by_ids, listed, listed_ids, tally
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
    open_count,
    open_invoices,
    open_totals,
    summary_by_division,
)
from tallystick.domain.invoicing.queries.rows import InvoiceRow, Names, customer_names
from tallystick.domain.invoicing.queries.unpaid import Narrowed, UnpaidSum, has_amount_owed, unpaid_named, unpaid_page, unpaid_sums
from tallystick.domain.invoicing.queries.untold import overdue_untold
from tallystick.domain.invoicing.queries.write_offs import WriteOffView, write_off, write_offs

OpenInvoice = InvoiceRow

__all__ = [
    "Aged",
    "CreditNoteView",
    "DivisionSummary",
    "InvoiceFilter",
    "InvoiceRow",
    "InvoiceView",
    "LineView",
    "Listing",
    "Names",
    "Narrowed",
    "OpenInvoice",
    "OpenTotals",
    "Replacement",
    "SeriesEvidence",
    "Sort",
    "TaxView",
    "UnpaidSum",
    "WriteOffView",
    "ageing",
    "by_ids",
    "credit_note",
    "credit_note_document",
    "credit_note_facts",
    "credit_notes",
    "customer_names",
    "document",
    "has_amount_owed",
    "invoice",
    "invoice_document",
    "invoice_facts",
    "invoices",
    "listed",
    "listed_ids",
    "number_evidence",
    "numbers",
    "open_amounts_by_division",
    "open_count",
    "open_invoices",
    "open_totals",
    "overdue_untold",
    "replaced",
    "replacements",
    "series",
    "summary_by_division",
    "tally",
    "unpaid_named",
    "unpaid_page",
    "unpaid_sums",
    "write_off",
    "write_offs",
]
