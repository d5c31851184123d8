"""Show purchase orders and invoices: a row for each division with funds of its own, and each division's two tables."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from tallystick.domain.customers.rules import Act
from tallystick.domain.funds import queries as funds
from tallystick.domain.funds.rules import Figures
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.purchasing import queries as purchasing
from tallystick.interfaces.web import invoices, page, places
from tallystick.lib import ids

_STATES = ("unpaid", "overdue", "paid")
_ROWS = 100
_ORDERS = 200


@dataclass(frozen=True, slots=True)
class Line:
    """Sum up one division."""

    place: places.Place
    figures: Figures
    pending_count: int
    pending_minor: int
    unpaid_count: int
    unpaid_minor: int
    overdue_minor: int
    overdue_days: int


@page.page(Act.SEE_FINANCES)
def summary(request: page.Seen) -> HttpResponse:
    """Show the summary with separate division funds, else go straight to the one division that has all."""
    where = places.of(request.viewer)
    if not where.several_funds:
        return redirect("orders-division", division_id=where.here.id)
    lines = _lines(request, where)
    first = lines[0].figures
    context = {
        "where": where,
        "currency": where.currency,
        "lines": lines,
        "total": {
            name: sum(getattr(line, name) for line in lines)
            for name in ("pending_count", "pending_minor", "unpaid_count", "unpaid_minor", "overdue_minor")
        },
        "overdue_count": sum(1 for line in lines if line.overdue_minor),
        "balance_minor": sum(line.figures.balance_minor for line in lines),
        "limit_minor": first.limit_minor,
    }
    return page.show(request, "web/orders_summary.html", lambda: context)


def _lines(request: page.Seen, where: places.Places) -> list[Line]:
    today = timezone.localdate()
    every = funds.figures_by_division(viewer=request.viewer)
    summed = invoicing.summary_by_division(viewer=request.viewer, today=today)
    late_since = {row.division_id: row.due_date for row in reversed(invoicing.open_invoices(viewer=request.viewer)) if row.due_date < today}
    pending = purchasing.purchase_orders(viewer=request.viewer, narrowed=purchasing.OrderFilter(states=["pending"], limit=_ORDERS))
    lines = []
    for place in where.divisions:
        own = summed.get(place.id)
        orders = [row for row in pending if row.division_id == place.id]
        lines.append(
            Line(
                place,
                every[place.id],
                len(orders),
                sum(row.gross_minor for row in orders),
                own.unpaid_count if own else 0,
                own.unpaid_minor if own else 0,
                own.overdue_minor if own else 0,
                (today - late_since[place.id]).days if place.id in late_since else 0,
            )
        )
    return lines


@page.page(Act.SEE_FINANCES)
def division(request: page.Seen, division_id: int) -> HttpResponse:
    """Show the pending and rejected orders of a division, and its invoices."""
    where = places.of(request.viewer, division_id)
    only = None if not where.customer.separate_funds and where.here.is_top else division_id
    state, sought = request.GET.get("state", ""), request.GET.get("q", "").strip()[:80]
    today = timezone.localdate()
    narrowed = invoicing.InvoiceFilter(division_id=only, status=state if state in _STATES else "", q=sought, limit=_ROWS, before=_before(request))
    shown = invoicing.invoices(viewer=request.viewer, today=today, narrowed=narrowed)
    orders = purchasing.purchase_orders(
        viewer=request.viewer, narrowed=purchasing.OrderFilter(division_id=only, states=["pending", "rejected"], limit=_ORDERS)
    )
    context = {
        "where": where,
        "currency": where.currency,
        "orders": orders,
        "pending_count": sum(1 for row in orders if row.state == "pending"),
        "rejected_count": sum(1 for row in orders if row.state == "rejected"),
        "invoices": [(row, invoices.origin(row)) for row in shown],
        "count": len(shown),
        "older": _older(request, shown[-1].id) if len(shown) == _ROWS else "",
        "open_minor": sum(row.open_minor for row in shown),
        "state": state,
        "sought": sought,
        "today": today,
    }
    return page.show(request, "web/orders_division.html", lambda: context)


def _before(request: page.Seen) -> UUID | None:
    asked = request.GET.get("before", "")
    return ids.parse("inv", asked) if asked else None


def _older(request: page.Seen, last: UUID) -> str:
    following = request.GET.copy()
    following["before"] = ids.public("inv", last)
    return following.urlencode()
