"""Make the PDF of an invoice or credit note from its frozen facts, once, and keep it under its hash."""

from uuid import UUID

from django.utils import timezone

from tallystick.domain.customers import rules as customers
from tallystick.domain.events import queries as events
from tallystick.domain.invoicing import operations, queries
from tallystick.integrations.pdf import documents
from tallystick.integrations.postgres import scope
from tallystick.lib import ids


def make_invoice_document(customer_id: int, event_id: UUID) -> None:
    """Draw the invoice that the event is about; drawing stands outside of any transaction, and a second run keeps the first document."""
    viewer = customers.system(customer_id)
    invoice_id = ids.parse("inv", _subject(viewer, customer_id, event_id))
    rendered = documents.render("invoice", queries.invoice_facts(viewer=viewer, invoice_id=invoice_id))
    operations.store_document(customer_id=customer_id, invoice_id=invoice_id, content=rendered.content, now=timezone.now())


def make_credit_note_document(customer_id: int, event_id: UUID) -> None:
    """Draw the credit note that the event is about."""
    viewer = customers.system(customer_id)
    credit_note_id = ids.parse("cn", _subject(viewer, customer_id, event_id))
    rendered = documents.render("credit_note", queries.credit_note_facts(viewer=viewer, credit_note_id=credit_note_id))
    operations.store_document(customer_id=customer_id, credit_note_id=credit_note_id, content=rendered.content, now=timezone.now())


def _subject(viewer: customers.Viewer, customer_id: int, event_id: UUID) -> str:
    with scope.of(viewer):
        return events.event(customer_id=customer_id, event_id=event_id).subject_id
