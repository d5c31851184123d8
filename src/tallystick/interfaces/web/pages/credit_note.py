"""Send a credit note's PDF, as it was frozen."""

from uuid import UUID

from django.http import HttpResponse

from tallystick.domain.customers.rules import Act
from tallystick.domain.invoicing import queries as invoicing
from tallystick.interfaces.web import page


@page.page(Act.SEE_FINANCES)
def document(request: page.Seen, credit_note_id: UUID) -> HttpResponse:
    """Send the PDF of an approved credit note. Raises CreditNoteNotFound, and NotFound while it is still being made."""
    found = invoicing.credit_note(viewer=request.viewer, credit_note_id=credit_note_id)
    answer = HttpResponse(invoicing.credit_note_document(viewer=request.viewer, credit_note_id=credit_note_id), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{found.number}.pdf"'
    return answer
