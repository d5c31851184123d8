"""Show one purchase order: its state and history, the reason of a rejection; withdraw it, or open it for correction."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Act
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.purchasing import operations as purchasing
from tallystick.domain.purchasing import queries
from tallystick.interfaces.web import page, places

_VERDICTS = {"approved": gettext_lazy("Approved"), "rejected": gettext_lazy("Rejected"), "withdrawn": gettext_lazy("Withdrawn")}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the order's history."""

    title: str
    who: str
    at: datetime
    says: str = ""


@page.page(Act.SEE_FINANCES)
def order(request: page.Seen, purchase_order_id: UUID) -> HttpResponse:
    """Show the order as its latest revision states it."""
    found = queries.purchase_order(viewer=request.viewer, purchase_order_id=purchase_order_id)
    where = places.of(request.viewer)
    numbers = invoicing.numbers(viewer=request.viewer, invoice_ids=[found.invoice_id] if found.invoice_id else [])
    context = {
        "order": found,
        "where": where,
        "currency": found.currency,
        "steps": steps(found),
        "invoice_number": numbers.get(found.invoice_id, "") if found.invoice_id else "",
        "rejection": found.decisions[-1] if found.state == "rejected" and found.decisions else None,
        "vendor": customers.legal_entity(legal_entity_id=where.customer.legal_entity_id).name,
    }
    return page.show(request, "web/order.html", lambda: context)


@require_POST
@page.page(Act.WRITE_ORDERS)
def withdraw(request: page.Seen, purchase_order_id: UUID) -> HttpResponse:
    """Take a pending order back; it stays readable, its number is free again."""
    purchasing.withdraw_purchase_order(viewer=request.viewer, purchase_order_id=purchase_order_id, now=timezone.now())
    return redirect("order", purchase_order_id=purchase_order_id)


@page.page(Act.SEE_FINANCES)
def document(request: page.Seen, purchase_order_id: UUID) -> HttpResponse:
    """Send the uploaded document as a file, never as a page."""
    found = queries.document(viewer=request.viewer, purchase_order_id=purchase_order_id)
    answer = HttpResponse(found.content, content_type=found.kind)
    ending = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}.get(found.kind, "bin")
    answer["Content-Disposition"] = f'attachment; filename="purchase-order.{ending}"'
    return answer


def steps(found: queries.OrderView) -> list[Step]:
    """Tell the history, newest first: each revision's submission and what was decided on it."""
    said = [
        Step(_("Revision %(n)d submitted") % {"n": old.revision} if old.revision > 1 else _("Submitted"), old.entered_by, old.submitted_at)
        for old in found.revisions
    ]
    said.append(
        Step(_("Revision %(n)d submitted") % {"n": found.revision} if found.revision > 1 else _("Submitted"), found.entered_by, found.submitted_at)
    )
    said += [
        Step(str(_VERDICTS.get(one.verdict, one.verdict)), one.person_name, one.decided_at, " ".join([*one.reasons, one.text]).strip())
        for one in found.decisions
    ]
    return sorted(said, key=lambda step: step.at, reverse=True)
