"""Make the receipt of a payment that arrived, once, and keep it: what it says is still open is what was open then."""

from uuid import UUID

from django.utils import timezone

from tallystick.domain.customers import rules as customers
from tallystick.domain.events import queries as events
from tallystick.domain.payments import kept_receipts, operations, receipts
from tallystick.integrations.postgres import scope
from tallystick.lib import ids
from tallystick.reactions import signing


def make_receipt_document(customer_id: int, event_id: UUID) -> None:
    """Draw and seal the receipt of the payment that the event is about; a second run keeps the first document."""
    viewer = customers.system(customer_id)
    with scope.of(viewer):
        payment_id = ids.parse("pay", events.event(customer_id=customer_id, event_id=event_id).subject_id)
    facts = receipts.receipt_facts(viewer=viewer, payment_id=payment_id)
    drawn = signing.signed("receipt", facts, kept_receipts.receipt_paper(viewer=viewer, payment_id=payment_id, receipt=facts))
    operations.keep_receipt(customer_id=customer_id, payment_id=payment_id, content=drawn.content, replaced=drawn.replaced, now=timezone.now())
