"""Give the receipts that were made, and say what is signed of one."""

from uuid import UUID

from tallystick.domain.customers import models as customers
from tallystick.domain.customers.rules import Viewer
from tallystick.domain.invoicing.queries import kept, papers
from tallystick.domain.payments import queries, refusals
from tallystick.integrations.pdf import facts
from tallystick.integrations.postgres import scope
from tallystick.integrations.signatures.papers import Paper
from tallystick.lib import money, texts


def receipt_paper(*, viewer: Viewer, payment_id: UUID, receipt: facts.Receipt) -> papers.Signable:
    """Say what is signed of a receipt: what arrived, and from whom. Raises NotFound."""
    payment = queries.payment(viewer=viewer, payment_id=payment_id)
    with scope.of(viewer):
        legal_entity_id = customers.Customer.objects.values_list("legal_entity_id", flat=True).get(id=payment.customer_id)
    paper = Paper(
        kind="receipt",
        number=receipt["number"],
        day=receipt["issued_on"],
        seller=receipt["seller"]["name"],
        seller_tax_number=receipt["seller"].get("tax_number", ""),
        buyer=receipt["buyer"]["name"],
        buyer_tax_number=receipt["buyer"].get("tax_number", ""),
        currency=payment.currency,
        gross=money.text(payment.settled_minor, payment.currency),
        reference=payment.reference,
    )
    return papers.Signable(legal_entity_id, paper)


def receipt_document(*, viewer: Viewer, payment_id: UUID) -> tuple[str, bytes]:
    """Give the number and the PDF of a receipt. Raises NotAllowed, PaymentNotSettled, and NotFound, also while it is still being made."""
    payment = queries.payment(viewer=viewer, payment_id=payment_id)
    if payment.settled_at is None:
        raise refusals.PaymentNotSettled(texts.marked("Payment %(reference)s has not arrived. There is no receipt yet.", reference=payment.reference))
    with scope.of(viewer):
        return payment.reference, kept.document_of(customer_id=payment.customer_id, subject_id=payment_id)
