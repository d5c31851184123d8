"""Invoices and their credit notes: list, open, fetch the PDF, ask for a credit note, approve or decline it, void."""

from datetime import UTC, date, datetime

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from ninja import Query

from tallystick.domain.customers import queries as customers
from tallystick.domain.invoicing import operations, queries
from tallystick.integrations.postgres import scope
from tallystick.interfaces.api.framework import bodies, callers, conditions, paging, resource, shapes
from tallystick.interfaces.api.framework.replies import Told
from tallystick.interfaces.api.framework.resource import Act, Need
from tallystick.interfaces.api.resources import invoice_shapes, rehearsed
from tallystick.interfaces.api.resources.invoice_shapes import (
    CreditNote,
    CreditNoteAsked,
    CreditNotePreview,
    CreditNotes,
    DeclineAsked,
    Invoice,
    InvoiceInFull,
    InvoicePreview,
    InvoicesAsked,
    Syntax,
    VoidAsked,
)
from tallystick.lib import errors, ids

invoices = resource.Resource("invoices", tag="Invoices", prefix="/invoices")
notes = resource.Resource("invoices", tag="Credit notes", prefix="/credit-notes")
RESOURCES = (invoices, notes)


@invoices.reading("", answers=shapes.Listed[Invoice])
def list_invoices(request: HttpRequest, asked: Query[InvoicesAsked]) -> Told:
    """List invoices, newest first."""
    at = paging.cursor(asked, "inv")
    customer = callers.customer_id(request, asked.customer)
    narrowed = queries.InvoiceFilter(
        customer_id=customer,
        division_id=callers.division_id(request, asked.division, customer),
        status=asked.status or "",
        q=asked.q or "",
        due_from=asked.due_from,
        due_before=asked.due_before,
        created_from=asked.created_from,
        created_before=asked.created_before,
        before=at.older_than,
        newer_than=at.newer_than,
        limit=at.limit,
    )
    found = queries.invoices(viewer=callers.of(request).viewer, today=_today(request, narrowed.customer_id), narrowed=narrowed)
    return paging.told(request, found, at, prefix="inv", shape=shapes.Listed[Invoice], show=invoice_shapes.show)


@invoices.reading("/{invoice_id}", answers=InvoiceInFull)
def get_invoice(request: HttpRequest, invoice_id: str) -> Told:
    """Open an invoice, with its lines and taxes."""
    return invoice_shapes.told(_seen(request, invoice_id))


@invoices.reading("/{invoice_id}/pdf", answers=None, extra={"x-media": ["application/pdf"]})
def get_invoice_pdf(request: HttpRequest, invoice_id: str) -> HttpResponse:
    """Fetch the PDF of an invoice; 404 document_not_made while it is being made, for a moment after it was issued."""
    found = _seen(request, invoice_id)
    return _pdf(queries.invoice_document(viewer=callers.of(request).viewer, invoice_id=found.id), found.number)


@invoices.reading("/{invoice_id}/xml", answers=None, extra={"x-media": ["application/xml"]})
def get_invoice_xml(request: HttpRequest, invoice_id: str, syntax: Syntax = Syntax.CII) -> HttpResponse:
    """Fetch an invoice as XML of EN 16931, CII or UBL 2.1; 404 document_not_made while it is being made, 409 einvoice_parked where a rule forbids it."""
    found = _seen(request, invoice_id)
    return _xml(queries.invoice_xml(viewer=callers.of(request).viewer, invoice_id=found.id, syntax=syntax), found.number)


@invoices.writing("/{invoice_id}/void", answers=InvoiceInFull, key=Need.REQUIRED, match=Need.OPTIONAL, previews=InvoicePreview)
def void_invoice(request: HttpRequest, invoice_id: str, asked: VoidAsked, dry_run: bool = False) -> Act:  # noqa: FBT001, FBT002 - a parameter of the address
    """Void an invoice of which nothing is paid or credited; its number stays used. For programs of the operator.

    dry_run=true says what would be.
    """
    viewer = callers.of(request).viewer

    def act() -> Told:
        found = _looked_at(request, invoice_id)
        operations.void_invoice(viewer=viewer, invoice_id=found.id, reason=asked.reason)
        scope.write_gathered()
        return invoice_shapes.told(queries.invoice(viewer=viewer, invoice_id=found.id))

    return rehearsed.rehearsal(viewer, act, shape=InvoicePreview, customer_id=_seen(request, invoice_id).customer_id) if dry_run else act


@invoices.reading("/{invoice_id}/credit-notes", answers=CreditNotes)
def list_credit_notes(request: HttpRequest, invoice_id: str) -> Told:
    """List the credit notes of an invoice, newest first."""
    found = _seen(request, invoice_id)
    rows = queries.credit_notes(viewer=callers.of(request).viewer, invoice_id=found.id)
    return Told(content=CreditNotes(rows=[invoice_shapes.show_note(note) for note in rows]))


@invoices.writing("/{invoice_id}/credit-notes", answers=CreditNote, status=201, key=Need.REQUIRED, match=Need.OPTIONAL, previews=CreditNotePreview)
def request_credit_note(request: HttpRequest, invoice_id: str, asked: CreditNoteAsked, dry_run: bool = False) -> Act:  # noqa: FBT001, FBT002 - a parameter of the address
    """Ask for a credit note, which another person approves. For programs of the operator. dry_run=true says whether it could be asked for."""
    viewer = callers.of(request).viewer

    def act() -> Told:
        found = _looked_at(request, invoice_id)
        try:
            made = operations.request_credit_note(
                viewer=viewer,
                invoice_id=found.id,
                amount_minor=shapes.minor(asked.amount, found.currency),
                reason=asked.reason,
                now=datetime.now(UTC),
            )
        except errors.Refusal as refusal:
            raise bodies.repointed(refusal, {"amount": "amount/amount"}) from refusal
        scope.write_gathered()
        return invoice_shapes.note_told(queries.credit_note(viewer=viewer, credit_note_id=made.id), created=True)

    return rehearsed.rehearsal(viewer, act, shape=CreditNotePreview, customer_id=_seen(request, invoice_id).customer_id) if dry_run else act


@notes.reading("/{credit_note_id}", answers=CreditNote)
def get_credit_note(request: HttpRequest, credit_note_id: str) -> Told:
    """Open a credit note."""
    return invoice_shapes.note_told(_note(request, credit_note_id))


@notes.reading("/{credit_note_id}/pdf", answers=None, extra={"x-media": ["application/pdf"]})
def get_credit_note_pdf(request: HttpRequest, credit_note_id: str) -> HttpResponse:
    """Fetch the PDF of an approved credit note."""
    found = _note(request, credit_note_id)
    return _pdf(queries.credit_note_document(viewer=callers.of(request).viewer, credit_note_id=found.id), found.number)


@notes.reading("/{credit_note_id}/xml", answers=None, extra={"x-media": ["application/xml"]})
def get_credit_note_xml(request: HttpRequest, credit_note_id: str, syntax: Syntax = Syntax.CII) -> HttpResponse:
    """Fetch an approved credit note as XML of EN 16931, CII or UBL 2.1; refused as an invoice's."""
    found = _note(request, credit_note_id)
    return _xml(queries.credit_note_xml(viewer=callers.of(request).viewer, credit_note_id=found.id, syntax=syntax), found.number)


@notes.writing("/{credit_note_id}/approval", answers=CreditNote, key=Need.REQUIRED, match=Need.REQUIRED, previews=CreditNotePreview)
def approve_credit_note(request: HttpRequest, credit_note_id: str, dry_run: bool = False) -> Act:  # noqa: FBT001, FBT002 - a parameter of the address
    """Approve a credit note that another person asked for. For programs of the operator. dry_run=true says its number and what it would move."""
    viewer = callers.of(request).viewer

    def act() -> Told:
        note = _note_looked_at(request, credit_note_id)
        operations.approve_credit_note(viewer=viewer, credit_note_id=note.id, today=_today(request, note.customer_id), now=datetime.now(UTC))
        scope.write_gathered()
        return invoice_shapes.note_told(queries.credit_note(viewer=viewer, credit_note_id=note.id))

    return rehearsed.rehearsal(viewer, act, shape=CreditNotePreview, customer_id=_note(request, credit_note_id).customer_id) if dry_run else act


@notes.writing("/{credit_note_id}/rejection", answers=CreditNote, key=Need.REQUIRED, match=Need.OPTIONAL)
def decline_credit_note(request: HttpRequest, credit_note_id: str, asked: DeclineAsked) -> Act:
    """Decline a credit note that another person asked for. For programs of the operator."""
    viewer = callers.of(request).viewer

    def act() -> Told:
        note = _note_looked_at(request, credit_note_id)
        operations.decline_credit_note(viewer=viewer, credit_note_id=note.id, text=asked.text, now=datetime.now(UTC))
        scope.write_gathered()
        return invoice_shapes.note_told(queries.credit_note(viewer=viewer, credit_note_id=note.id))

    return act


def _today(request: HttpRequest, customer_id: int | None) -> date:
    return customers.today(viewer=callers.of(request).viewer, customer_id=customer_id, now=datetime.now(UTC))


def _seen(request: HttpRequest, written: str) -> queries.InvoiceView:
    return queries.invoice(viewer=callers.of(request).viewer, invoice_id=ids.parse("inv", written))


def _looked_at(request: HttpRequest, written: str) -> queries.InvoiceView:
    """Open an invoice that is still what the caller looked at. Raises InvoiceNotFound, Stale."""
    found = _seen(request, written)
    conditions.require(request, invoice_shapes.tag(found))
    return found


def _note(request: HttpRequest, written: str) -> queries.CreditNoteView:
    return queries.credit_note(viewer=callers.of(request).viewer, credit_note_id=ids.parse("cn", written))


def _note_looked_at(request: HttpRequest, written: str) -> queries.CreditNoteView:
    note = _note(request, written)
    conditions.require(request, invoice_shapes.note_told(note).etag)
    return note


def _xml(content: bytes, number: str) -> HttpResponse:
    disposition = content_disposition_header(as_attachment=True, filename=f"{number}.xml") or "attachment"
    return HttpResponse(content, content_type="application/xml", headers={"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"})


def _pdf(content: bytes, number: str) -> HttpResponse:
    disposition = content_disposition_header(as_attachment=True, filename=f"{number}.pdf") or "attachment"
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"})
