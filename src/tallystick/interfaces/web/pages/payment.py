"""Show one payment: on its way, received or failed; the reference and bank details of a transfer; where it went."""

from typing import Any, Protocol
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Act, permits
from tallystick.domain.funds import queries as funds
from tallystick.domain.payments import kept_receipts, operations, receipts
from tallystick.domain.payments import queries as payments
from tallystick.domain.payments.rules import Method, State
from tallystick.integrations.pdf import documents, epc
from tallystick.interfaces.web import page, places, slip
from tallystick.lib import errors, texts

SESSION = "started_payments"


class BankAccount(Protocol):
    """Name what a slip needs of the seller's account."""

    holder: str
    account: str
    bic: str


def remember(request: page.Seen, key: UUID, payment_id: UUID) -> None:
    """Note which payment a form started, so that the gateway's way back finds it."""
    kept = dict(list(request.session.get(SESSION, {}).items())[-20:])
    request.session[SESSION] = {**kept, str(key): str(payment_id)}


@page.page(Act.PAY)
def came_back(request: page.Seen, key: UUID) -> HttpResponse:
    """Lead from the gateway's page to the payment that this browser started. Raises NotFound."""
    found = request.session.get(SESSION, {}).get(str(key))
    if found is None:
        raise errors.NotFound(texts.marked("There is no such payment."))
    return redirect("payment", payment_id=UUID(found))


@page.page(Act.SEE_FINANCES)
def payment(request: page.Seen, payment_id: UUID) -> HttpResponse:
    """Show the payment as it stands now. It says received only when the gateway's or the bank's word is stored."""
    found = payments.payment(viewer=request.viewer, payment_id=payment_id)
    if request.method == "POST" and "withdraw" in request.POST:
        operations.withdraw_transfer(viewer=request.viewer, payment_id=payment_id)
        messages.success(request, _("The announcement is withdrawn. Announce another where you pay."))
        return redirect("payment", payment_id=payment_id)
    return page.show(request, "web/payment.html", lambda: _shown(request, found))


@page.page(Act.SEE_FINANCES)
def receipt(request: page.Seen, payment_id: UUID) -> HttpResponse:
    """Send the kept receipt of a payment that arrived, as PDF. Raises PaymentNotSettled, and NotFound, also while it is being made."""
    number, content = kept_receipts.receipt_document(viewer=request.viewer, payment_id=payment_id)
    return _sent(content, number)


@page.page(Act.SEE_FINANCES)
def slip_document(request: page.Seen, payment_id: UUID) -> HttpResponse:
    """Send the slip of a transfer that is awaited, as PDF. Raises NotFound, NoSlip."""
    facts = receipts.slip_facts(viewer=request.viewer, payment_id=payment_id)
    return _sent(documents.render("payment_slip", facts).content, facts["number"])


def _sent(content: bytes, number: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{number}.pdf"'
    return answer


def _shown(request: page.Seen, found: payments.PaymentFacts) -> dict[str, Any]:
    where = places.near(request.viewer, found.division_id)
    is_awaited = found.method == Method.BANK_TRANSFER and found.state == State.STARTED
    bank = customers.bank_account(legal_entity_id=where.customer.legal_entity_id, currency=found.currency) if is_awaited else None
    reached = {part.division_id for part in found.parts} | {where.here.id}
    every = funds.figures_by_division(viewer=request.viewer)
    return {
        "payment": found,
        "where": where,
        "currency": found.currency,
        "is_awaited": is_awaited,
        "bank": bank,
        "seller": None if bank or not is_awaited else customers.legal_entity(legal_entity_id=where.customer.legal_entity_id),
        "code": slip.picture(_transfer(found, bank)) if bank else "",
        "figures": every[where.here.id],
        "reached": [(place, every[place.id]) for place in where.divisions if place.id in reached and place.id in every],
        "may_withdraw": is_awaited and permits(request.viewer, Act.PAY),
        "now": timezone.now(),
    }


def _transfer(found: payments.PaymentFacts, bank: BankAccount) -> epc.Transfer:
    return epc.Transfer(bank.holder, bank.account, bank.bic, found.amount_minor, found.currency, found.reference)
