"""Show one payment: on its way, received or failed; the reference and bank details of a transfer; where it went."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Act, permits
from tallystick.domain.funds import queries as funds
from tallystick.domain.payments import operations
from tallystick.domain.payments import queries as payments
from tallystick.interfaces.web import page, places
from tallystick.lib import errors

SESSION = "started_payments"


def remember(request: page.Seen, key: UUID, payment_id: UUID) -> None:
    """Note which payment a form started, so that the gateway's way back finds it."""
    kept = dict(list(request.session.get(SESSION, {}).items())[-20:])
    request.session[SESSION] = {**kept, str(key): str(payment_id)}


@page.page(Act.PAY)
def came_back(request: page.Seen, key: UUID) -> HttpResponse:
    """Lead from the gateway's page to the payment that this browser started. Raises NotFound."""
    found = request.session.get(SESSION, {}).get(str(key))
    if found is None:
        raise errors.NotFound("There is no such payment.")
    return redirect("payment", payment_id=UUID(found))


@page.page(Act.SEE_FINANCES)
def payment(request: page.Seen, payment_id: UUID) -> HttpResponse:
    """Show the payment as it stands now. It says received only when the gateway's or the bank's word is stored."""
    found = payments.payment(viewer=request.viewer, payment_id=payment_id)
    if request.method == "POST" and "withdraw" in request.POST:
        operations.withdraw_transfer(viewer=request.viewer, payment_id=payment_id)
        messages.success(request, _("The announcement is withdrawn. Announce another where you pay."))
        return redirect("payment", payment_id=payment_id)
    where = places.near(request.viewer, found.division_id)
    return page.show(
        request,
        "web/payment.html",
        lambda: {
            "payment": found,
            "where": where,
            "currency": found.currency,
            "bank": customers.bank_account(legal_entity_id=where.customer.legal_entity_id, currency=found.currency)
            if found.method == "bank_transfer" and found.state == "started"
            else None,
            "figures": funds.figures(viewer=request.viewer, division_id=where.here.id),
            "may_withdraw": found.method == "bank_transfer" and found.state == "started" and permits(request.viewer, Act.PAY),
            "now": timezone.now(),
        },
    )
