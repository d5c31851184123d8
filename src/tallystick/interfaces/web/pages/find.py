"""Find a document by its number: an invoice's, an order's, or the number an invoice had in the old system."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from tallystick.domain.customers.rules import Act, ViewerKind
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.purchasing import queries as purchasing
from tallystick.interfaces.web import invoices, page

_ROWS = 50
_CUSTOMER = {"invoice": "invoice", "order": "order"}
_STAFF = {"invoice": "operator-invoice", "order": "review"}


@page.page(Act.SEE_FINANCES)
def find(request: page.Seen) -> HttpResponse:
    """List what matches; one exact match is opened at once."""
    sought = request.GET.get("q", "").strip()[:80]
    found = (
        invoicing.invoices(viewer=request.viewer, today=timezone.localdate(), narrowed=invoicing.InvoiceFilter(q=sought, limit=_ROWS))
        if sought
        else []
    )
    orders = purchasing.purchase_orders(viewer=request.viewer, narrowed=purchasing.OrderFilter(q=sought, limit=_ROWS)) if sought else []
    routes = _STAFF if request.viewer.kind is ViewerKind.STAFF else _CUSTOMER
    if len(found) == 1 and found[0].number.casefold() == sought.casefold():
        return redirect(routes["invoice"], found[0].id)
    context = {
        "sought": sought,
        "invoices": [(row, invoices.origin(row), reverse(routes["invoice"], args=[row.id])) for row in found],
        "orders": [(row, reverse(routes["order"], args=[row.id])) for row in orders],
        "today": timezone.localdate(),
    }
    return page.show(request, "web/find.html", lambda: context)
