"""Make an invoice or credit note from its frozen facts, once: its XML, the PDF around it; sign it, and keep it under its hash."""

from uuid import UUID

from django.utils import timezone

from tallystick.domain.customers import rules as customers
from tallystick.domain.events import queries as events
from tallystick.domain.invoicing import operations, queries
from tallystick.domain.invoicing.queries import papers
from tallystick.integrations.postgres import scope
from tallystick.lib import ids
from tallystick.reactions import einvoicing, signing


def make_invoice_document(customer_id: int, event_id: UUID) -> None:
    """Make the document of the invoice that the event is about; a second run keeps the first one."""
    make_invoice(customer_id, ids.parse("inv", _subject(customer_id, event_id)))


def make_invoice(customer_id: int, invoice_id: UUID) -> None:
    """Draw, sign and keep an invoice; drawing stands outside of any transaction."""
    viewer = customers.system(customer_id)
    facts = queries.invoice_facts(viewer=viewer, invoice_id=invoice_id)
    xml = einvoicing.embedded(customer_id, invoice_id, facts)
    paper = papers.invoice_paper(viewer=viewer, invoice_id=invoice_id, xml_sha256=xml.xml_sha256)
    drawn = signing.signed("invoice", facts, paper, attachments=xml.attachments, finish=xml.finish)
    operations.store_document(customer_id=customer_id, invoice_id=invoice_id, content=drawn.content, replaced=drawn.replaced, now=timezone.now())


def make_credit_note_document(customer_id: int, event_id: UUID) -> None:
    """Make the document of the credit note that the event is about."""
    viewer = customers.system(customer_id)
    credit_note_id = ids.parse("cn", _subject(customer_id, event_id))
    facts = queries.credit_note_facts(viewer=viewer, credit_note_id=credit_note_id)
    xml = einvoicing.embedded(customer_id, credit_note_id, facts)
    paper = papers.credit_note_paper(viewer=viewer, credit_note_id=credit_note_id, xml_sha256=xml.xml_sha256)
    drawn = signing.signed("credit_note", facts, paper, attachments=xml.attachments, finish=xml.finish)
    operations.store_document(
        customer_id=customer_id, credit_note_id=credit_note_id, content=drawn.content, replaced=drawn.replaced, now=timezone.now()
    )


def _subject(customer_id: int, event_id: UUID) -> str:
    with scope.of(customers.system(customer_id)):
        return events.event(customer_id=customer_id, event_id=event_id).subject_id
