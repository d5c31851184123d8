"""Make a file of many invoices: their PDFs in a ZIP, or one table as CSV or XLSX; small ones at once, others step by step in the worker."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from uuid import UUID

from django.utils import timezone

from tallystick.domain.customers import rules as customers
from tallystick.domain.events import queries as events
from tallystick.domain.invoicing import operations, queries
from tallystick.domain.invoicing.rules import ExportKind
from tallystick.integrations import tables
from tallystick.integrations.pdf import documents
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids, money

_STEP = 25
_HEADS = (
    *("Invoice", "Kind", "State", "Purchase order", "Formerly", "Division", "Issued", "Due", "Currency"),
    *("Net", "Tax", "Gross", "Paid", "Credited", "Written off", "Open"),
)
_AMOUNTS = ("net_minor", "tax_minor", "gross_minor", "paid_minor", "credited_minor", "written_off_minor", "open_minor")


def make_export(customer_id: int, event_id: UUID) -> None:
    """Make the file that the event asks for; what is ready or forgotten stays as it is."""
    viewer = customers.system(customer_id)
    export_id = _subject(viewer, customer_id, event_id)
    wanted = queries.wanted(viewer=viewer, export_id=export_id)
    if wanted is None or wanted.is_ready:
        return

    def progress(made: int) -> None:
        operations.note_progress(viewer=viewer, export_id=export_id, made=made)

    content = file_of(viewer, ExportKind(wanted.kind), wanted.invoice_ids, progress=progress)
    operations.finish_export(viewer=viewer, export_id=export_id, event_id=event_id, content=content, now=timezone.now())


def forget_export(customer_id: int, event_id: UUID) -> None:
    """Delete the file that the event asked for; its time is over."""
    viewer = customers.system(customer_id)
    operations.forget_export(viewer=viewer, export_id=_subject(viewer, customer_id, event_id))


def file_of(viewer: customers.Viewer, kind: ExportKind, invoice_ids: Sequence[UUID], *, progress: Callable[[int], None]) -> bytes:
    """Make the file; `progress` is told after each step how many invoices are in it."""
    if kind is ExportKind.ZIP:
        return tables.zip_of(_papers(viewer, invoice_ids, progress))
    rows: list[queries.InvoiceRow] = []
    for start in range(0, len(invoice_ids), 40 * _STEP):
        rows += queries.by_ids(viewer=viewer, invoice_ids=invoice_ids[start : start + 40 * _STEP])
        progress(len(rows))
    table = tables.Table("Invoices", _HEADS, [_cells(row) for row in rows])
    return tables.csv_of(table) if kind is ExportKind.CSV else tables.xlsx_of(table)


def _papers(viewer: customers.Viewer, invoice_ids: Sequence[UUID], progress: Callable[[int], None]) -> Iterator[tuple[str, bytes]]:
    for start in range(0, len(invoice_ids), _STEP):
        numbers = queries.numbers(viewer=viewer, invoice_ids=invoice_ids[start : start + _STEP])
        for invoice_id in invoice_ids[start : start + _STEP]:
            if invoice_id in numbers:
                yield f"{numbers[invoice_id]}.pdf", paper(viewer, invoice_id)
        progress(min(start + _STEP, len(invoice_ids)))


def paper(viewer: customers.Viewer, invoice_id: UUID) -> bytes:
    """Give an invoice's PDF; while the worker has not kept it yet, the same frozen facts draw the same bytes."""
    try:
        return queries.invoice_document(viewer=viewer, invoice_id=invoice_id)
    except errors.NotFound as refusal:
        if refusal.code != "document_not_made":
            raise
    return documents.render("invoice", queries.invoice_facts(viewer=viewer, invoice_id=invoice_id)).content


def _cells(row: queries.InvoiceRow) -> list[tables.Cell]:
    amounts = [Decimal(money.text(getattr(row, name), row.currency)) for name in _AMOUNTS]
    texts = (row.number, row.kind, row.state, row.purchase_order_number, row.original_number, row.division_name)
    return [*texts, row.issue_date, row.due_date, row.currency, *amounts]


def _subject(viewer: customers.Viewer, customer_id: int, event_id: UUID) -> UUID:
    with scope.of(viewer):
        return ids.parse("dl", events.event(customer_id=customer_id, event_id=event_id).subject_id)
