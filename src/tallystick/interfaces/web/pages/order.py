"""Show one purchase order: its state and history, the reason of a rejection; withdraw it, or open it for correction."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Act
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.purchasing import operations as purchasing
from tallystick.domain.purchasing import queries
from tallystick.interfaces.web import order_history, page, places


@page.page(Act.SEE_FINANCES)
def order(request: page.Seen, purchase_order_id: UUID) -> HttpResponse:
    """Show the order as its latest revision states it."""
    found = queries.purchase_order(viewer=request.viewer, purchase_order_id=purchase_order_id)
    where = places.of(request.viewer)
    issued = invoicing.invoice(viewer=request.viewer, invoice_id=found.invoice_id) if found.invoice_id else None
    context = {
        "order": found,
        "where": where,
        "currency": found.currency,
        "steps": order_history.steps(request.viewer, found, issued),
        "invoice": issued,
        "invoice_number": issued.number if issued else "",
        "is_picture": found.document_name.lower().endswith((".png", ".jpg", ".jpeg")),
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
    """Send the uploaded document as a file; with `?show` to be looked at inside the order's own page."""
    found = queries.document(viewer=request.viewer, purchase_order_id=purchase_order_id)
    answer = HttpResponse(found.content, content_type=found.kind)
    if "show" in request.GET:
        return _beside(answer)
    ending = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}.get(found.kind, "bin")
    answer["Content-Disposition"] = f'attachment; filename="purchase-order.{ending}"'
    return answer


def _beside(answer: HttpResponse) -> HttpResponse:
    """Let our own page show the document, cleaned when it came in; it loads nothing and runs nothing."""
    answer["Content-Disposition"] = "inline"
    answer["X-Frame-Options"] = "SAMEORIGIN"
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
    return answer
