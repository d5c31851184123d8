"""Show one invoice: its figures and lines as frozen, what was paid, and its PDF."""

from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone

from tallystick.domain.customers.rules import Act
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.mail import queries as mail
from tallystick.domain.payments import queries as payments
from tallystick.interfaces.web import invoices, page, places
from tallystick.lib import ids


@page.page(Act.SEE_FINANCES)
def invoice(request: page.Seen, invoice_id: UUID) -> HttpResponse:
    """Show the invoice with its state, lines, taxes and payments."""
    found = invoicing.invoice(viewer=request.viewer, invoice_id=invoice_id)
    where = places.of(request.viewer)
    credited = invoicing.credit_notes(viewer=request.viewer, invoice_id=invoice_id) if found.credited_minor else []
    context = {
        "invoice": found,
        "lines": found.lines,
        "taxes": found.taxes,
        "payments": payments.of_invoice(viewer=request.viewer, invoice_id=invoice_id),
        "mails": mail.about(viewer=request.viewer, subject_id=ids.public("inv", invoice_id)),
        "where": where,
        "division": where.name(found.division_id),
        "origin": invoices.origin(found),
        "currency": found.currency,
        "today": timezone.localdate(),
        "syntaxes": [syntax for syntax, broken in invoicing.einvoices(viewer=request.viewer, subject_id=invoice_id).items() if not broken],
        "reduced_minor": found.credited_minor + found.written_off_minor,
        "credit_notes": [note for note in credited if note.document_sha256],
    }
    return page.show(request, "web/invoice.html", lambda: context)


@page.page(Act.SEE_FINANCES)
def document(request: page.Seen, invoice_id: UUID) -> HttpResponse:
    """Send the invoice's PDF, as it was frozen."""
    found = invoicing.invoice(viewer=request.viewer, invoice_id=invoice_id)
    content = invoicing.invoice_document(viewer=request.viewer, invoice_id=invoice_id)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{found.number}.pdf"'
    return answer


@page.page(Act.SEE_FINANCES)
def electronic(request: page.Seen, invoice_id: UUID, syntax: str) -> HttpResponse:
    """Send the invoice as XML, for the programs of accounts payable."""
    found = invoicing.invoice(viewer=request.viewer, invoice_id=invoice_id)
    content = invoicing.invoice_xml(viewer=request.viewer, invoice_id=invoice_id, syntax=syntax)
    disposition = f'attachment; filename="{found.number}-{syntax}.xml"'
    return HttpResponse(content, content_type="application/xml", headers={"Content-Disposition": disposition})
