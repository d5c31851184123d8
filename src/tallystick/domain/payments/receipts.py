"""Gather the facts of a payment's documents: the receipt of what arrived, and the slip of a transfer that is to come."""

from uuid import UUID

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Viewer
from tallystick.domain.invoicing import models as invoicing
from tallystick.domain.invoicing.operations import freeze
from tallystick.domain.payments import models, queries, refusals, rules
from tallystick.integrations.pdf import facts
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, texts


class NoSlip(errors.Conflict):
    """Say that a payment has no slip: it is no transfer, or it does not wait any more."""

    code = "no_slip"


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
        logo = customers.logo(sha256=ground.logo_sha256)
    locale, currency = ground.locale, payment.currency

    def shown(minor: int) -> str:
        return freeze.amount(minor, currency, locale)

    surplus_minor = sum(surplus.amount_minor for surplus in payment.surpluses)
    receipt: facts.Receipt = {
        "number": payment.reference,
        "issued_on": (payment.received_date or ground.today(payment.settled_at)).isoformat(),
        "currency": currency,
        "brand": ground.seller.name,
        "logo": logo,
        "seller": ground.seller.party(),
        "buyer": ground.buyer.party(),
        "language": locale,
        "division": ground.division_name,
        "method": payment.method,
        "payments": [
            {"invoice_number": part.number, "amount": shown(part.amount_minor), "still_open": shown(still_open[part.invoice_id])}
            for part in payment.allocations
        ],
        "received": shown(payment.settled_minor),
        "unapplied": shown(surplus_minor) if surplus_minor else "",
        "added_to_funds": shown(released_minor) if released_minor else "",
        "reference": payment.reference,
    }
    if payment.method == rules.Method.CARD and payment.card_last4:
        receipt["card"] = {"brand": payment.card_brand, "last4": payment.card_last4, "expiry": payment.card_expiry}
    return receipt


def slip_facts(*, viewer: Viewer, payment_id: UUID) -> facts.PaymentSlip:
    """Give the facts of the slip of a transfer that is awaited, in the customer's language. Raises NotFound, NoSlip."""
    payment = queries.payment(viewer=viewer, payment_id=payment_id)
    with scope.of(viewer):
        division_id = payment.division_id or next(part.division_id for part in payment.parts)
        ground = freeze.ground(customer_id=payment.customer_id, division_id=division_id)
        logo = customers.logo(sha256=ground.logo_sha256)
    if payment.method != rules.Method.BANK_TRANSFER or payment.state != rules.State.STARTED or ground.bank is None:
        raise NoSlip(texts.marked("There is no slip for this payment: it waits for no transfer to an account of ours."))
    locale, currency = ground.locale, payment.currency
    return {
        "number": payment.reference,
        "issued_on": ground.today(payment.started_at).isoformat(),
        "currency": currency,
        "brand": ground.seller.name,
        "logo": logo,
        "seller": ground.seller.party(),
        "buyer": ground.buyer.party(),
        "language": locale,
        "division": ground.division_name,
        "amount": freeze.amount(payment.amount_minor, currency, locale),
        "amount_minor": payment.amount_minor,
        "bank": ground.bank,
        "reference": payment.reference,
        "payments": [{"invoice_number": part.number, "amount": freeze.amount(part.amount_minor, currency, locale)} for part in payment.parts],
    }


def _released(payment: queries.PaymentFacts) -> int:
    """Sum the net parts that the payment brought to funding invoices."""
    funding = invoicing.Invoice.objects.filter(customer_id=payment.customer_id, kind="funding").values("id")
    rows = models.Allocation.objects.filter(customer_id=payment.customer_id, payment_id=payment.id, invoice_id__in=funding)
    return sum(part[0] for row in rows for part in row.split)
