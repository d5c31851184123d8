"""Gather the facts of a receipt: what arrived, by which method, what each invoice got of it, what is unapplied credit."""

from uuid import UUID

from tallystick.domain.customers.rules import Viewer
from tallystick.domain.invoicing import models as invoicing
from tallystick.domain.invoicing.operations import freeze
from tallystick.domain.payments import models, queries, refusals, rules
from tallystick.integrations.pdf import facts
from tallystick.integrations.postgres import scope
from tallystick.lib import texts


def receipt_facts(*, viewer: Viewer, payment_id: UUID) -> facts.Receipt:
    """Give the facts of an arrived payment's receipt, in the customer's language. Raises NotFound, PaymentNotSettled."""
    payment = queries.payment(viewer=viewer, payment_id=payment_id)
    if payment.settled_at is None:
        raise refusals.PaymentNotSettled(texts.marked("Payment %(reference)s has not arrived. There is no receipt yet.", reference=payment.reference))
    with scope.of(viewer):
        division_id = payment.division_id or next(part.division_id for part in payment.parts)
        ground = freeze.ground(customer_id=payment.customer_id, division_id=division_id)
        wanted = [part.invoice_id for part in payment.allocations]
        still_open = dict(invoicing.Invoice.objects.filter(customer_id=payment.customer_id, id__in=wanted).values_list("id", "open_minor"))
        released_minor = _released(payment)
    locale, currency = ground.locale, payment.currency

    def shown(minor: int) -> str:
        return freeze.amount(minor, currency, locale)

    surplus_minor = sum(surplus.amount_minor for surplus in payment.surpluses)
    return {
        "number": payment.reference,
        "issued_on": (payment.received_date or ground.today(payment.settled_at)).isoformat(),
        "currency": currency,
        "brand": ground.seller.name,
        "seller": ground.seller.party(),
        "buyer": ground.buyer.party(),
        "language": locale,
        "division": ground.division_name,
        "method": _method(payment),
        "payments": [
            {"invoice_number": part.number, "amount": shown(part.amount_minor), "still_open": shown(still_open[part.invoice_id])}
            for part in payment.allocations
        ],
        "received": shown(payment.settled_minor),
        "unapplied": shown(surplus_minor) if surplus_minor else "",
        "added_to_funds": shown(released_minor) if released_minor else "",
        "reference": payment.reference,
    }


def _method(payment: queries.PaymentFacts) -> str:
    if payment.method != rules.Method.CARD or not payment.card_last4:
        return payment.method_name
    return f"{payment.card_brand} ending in {payment.card_last4}, {payment.card_expiry}"


def _released(payment: queries.PaymentFacts) -> int:
    """Sum the net parts that the payment brought to funding invoices."""
    funding = invoicing.Invoice.objects.filter(customer_id=payment.customer_id, kind="funding").values("id")
    rows = models.Allocation.objects.filter(customer_id=payment.customer_id, payment_id=payment.id, invoice_id__in=funding)
    return sum(part[0] for row in rows for part in row.split)
