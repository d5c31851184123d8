"""Find a document by its number: an invoice's, an order's, or the number an invoice had in the old system; for staff a customer too.

The same answer stands on a page of its own and, as typed, below the search field (the palette), where pages are found as well.
"""

from dataclasses import dataclass, field

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Act, Viewer, ViewerKind
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.purchasing import queries as purchasing
from tallystick.interfaces.web import invoices, page, shell

_ROWS = 50
_TYPED_ROWS = 6
_CUSTOMER = {"invoice": "invoice", "order": "order"}
_STAFF = {"invoice": "operator-invoice", "order": "review"}


@dataclass(frozen=True, slots=True)
class Found:
    """Hold what matches, each with its address."""

    invoices: list[tuple[invoicing.InvoiceRow, str, str]] = field(default_factory=list)
    orders: list[tuple[purchasing.Order, str]] = field(default_factory=list)
    customers: list[tuple[str, str]] = field(default_factory=list)
    pages: list[shell.Line] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Count all."""
        return len(self.invoices) + len(self.orders) + len(self.customers) + len(self.pages)


@page.page(Act.SEE_FINANCES)
def find(request: page.Seen) -> HttpResponse:
    """List what matches; one exact match is opened at once, unless somebody still types."""
    sought = request.GET.get("q", "").strip()[:80]
    typed = "HX-Request" in request.headers
    found = _found(request.viewer, sought, _TYPED_ROWS if typed else _ROWS) if sought else Found()
    context = {"sought": sought, "found": found, "today": timezone.localdate()}
    if typed:
        found.pages.extend(shell.pages_named(request, request.viewer, sought) if sought else [])
        return render(request, "web/parts/found.html", {**context, "viewer": request.viewer})
    if len(found.invoices) == 1 and found.invoices[0][0].number.casefold() == sought.casefold():
        return redirect(found.invoices[0][2])
    return page.show(request, "web/find.html", lambda: context)


def _found(viewer: Viewer, sought: str, most: int) -> Found:
    is_staff = viewer.kind is ViewerKind.STAFF
    routes = _STAFF if is_staff else _CUSTOMER
    bills = invoicing.invoices(viewer=viewer, today=timezone.localdate(), narrowed=invoicing.InvoiceFilter(q=sought, limit=most))
    orders = purchasing.purchase_orders(viewer=viewer, narrowed=purchasing.OrderFilter(q=sought, limit=most))
    firms = customers.customers(viewer=viewer, text=sought, limit=most) if is_staff else []
    return Found(
        [(row, invoices.origin(row), reverse(routes["invoice"], args=[row.id])) for row in bills],
        [(row, reverse(routes["order"], args=[row.id])) for row in orders],
        [(firm.name, reverse("operator-customer", args=[firm.id])) for firm in firms],
    )
