"""Show purchase orders and invoices: a row for each division with funds of its own, and each division's two tables."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Act
from tallystick.domain.funds import queries as funds
from tallystick.domain.funds.rules import Figures
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.purchasing.queries import listing as purchasing
from tallystick.interfaces.web import amounts, invoices, narrowing, page, places

_INVOICES = 25
_ORDERS = 25
INVOICES = narrowing.Kind(
    prefix="",
    id_prefix="inv",
    states={"": pgettext_lazy("invoices", "All"), "unpaid": _("Unpaid"), "overdue": _("Overdue"), "paid": _("Paid"), "voided": _("Voided")},
    sorts={"issued": _("Issued"), "due": _("Due"), "amount": _("Amount"), "open": _("Open")},
    days={"due": _("Due"), "issued": _("Issued")},
)
ORDERS = narrowing.Kind(
    prefix="po_",
    id_prefix="po",
    states={
        "": _("To do"), "pending": _("Pending"), "rejected": _("Rejected"), "approved": _("Approved"), "withdrawn": _("Withdrawn"),
        "all": pgettext_lazy("purchase orders", "All"),
    },
    sorts={"submitted": _("Submitted"), "number": _("Purchase order"), "amount": _("Amount")},
    days={"submitted": _("Submitted")},
)  # fmt: skip


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
    pending = purchasing.pending_sums(viewer=request.viewer)
    lines = []
    for place in where.divisions:
        own = summed.get(place.id)
        count, pending_minor = pending.get(place.id, (0, 0))
        lines.append(
            Line(
                place,
                every[place.id],
                count,
                pending_minor,
                own.unpaid_count if own else 0,
                own.unpaid_minor if own else 0,
                own.overdue_minor if own else 0,
                (today - own.overdue_since).days if own and own.overdue_since else 0,
            )
        )
    return lines


@page.page(Act.SEE_FINANCES)
def division(request: page.Seen, division_id: int) -> HttpResponse:
    """Show a division's orders and its invoices, each filtered, sorted and paged by the address."""
    where = places.of(request.viewer, division_id)
    listed = division_ids(request, where)
    context = {
        "where": where,
        "currency": where.currency,
        "today": timezone.localdate(),
        **_orders(request, where, listed),
        **_invoices(request, where, listed),
    }
    return page.show(request, "web/orders_division.html", lambda: context)


@page.page(Act.SEE_FINANCES)
def switch(request: page.Seen) -> HttpResponse:
    """Go to the division chosen in the dropdown."""
    return places.send_on(request, "orders-division")


def division_ids(request: page.Seen, where: places.Places) -> list[int]:
    """Name the divisions whose documents stand on a division's page: with shared funds the top-level one shows all, closed ones too."""
    if where.customer.separate_funds or not where.here.is_top:
        return [where.here.id]
    return [row.id for row in customers.divisions(viewer=request.viewer)]


def invoice_listing(asked: narrowing.Asked, listed: list[int]) -> invoicing.Listing:
    """Ask the domain for what the address asks."""
    is_due = asked.day == "due"
    return invoicing.Listing(
        division_ids=listed,
        status=asked.state,
        text=asked.text,
        due_from=asked.start if is_due else None,
        due_to=asked.end if is_due else None,
        issued_from=None if is_due else asked.start,
        issued_to=None if is_due else asked.end,
        least_minor=asked.least_minor,
        most_minor=asked.most_minor,
        sort=invoicing.Sort(asked.sort),
        is_descending=asked.is_descending,
    )


def order_listing(asked: narrowing.Asked, listed: list[int]) -> purchasing.Listing:
    """Ask the domain for what the address asks of the orders."""
    return purchasing.Listing(
        division_ids=listed,
        state=asked.state,
        text=asked.text,
        submitted_from=_midnight(asked.start),
        submitted_before=_midnight(asked.end + timedelta(days=1)) if asked.end else None,
        least_minor=asked.least_minor,
        most_minor=asked.most_minor,
        sort=purchasing.Sort(asked.sort),
        is_descending=asked.is_descending,
    )


def _invoices(request: page.Seen, where: places.Places, listed: list[int]) -> dict[str, Any]:
    asked, today = narrowing.read(request.GET, INVOICES, where.currency), timezone.localdate()
    listing = invoice_listing(asked, listed)
    found = invoicing.listed(viewer=request.viewer, listing=listing, today=today, after=asked.after, limit=_INVOICES)
    return {
        "asked": asked,
        "invoices": [(row, invoices.origin(row)) for row in found.rows],
        "told": invoicing.tally(viewer=request.viewer, listing=listing, today=today),
        "next": asked.next(found.rows[-1].id) if found.has_more else "",
        "nothing_says": "" if found.rows else _nothing(request, asked, listing),
    }


def _nothing(request: page.Seen, asked: narrowing.Asked, listing: invoicing.Listing) -> str:
    """Say what was looked for, and how much of it the other states have."""
    if not asked.state or not (asked.text or asked.has_more):
        return asked.sought()
    elsewhere = invoicing.tally(viewer=request.viewer, listing=replace(listing, status=""), today=timezone.localdate()).count
    if not elsewhere:
        return asked.sought()
    more = ngettext("In other states it finds %(count)d invoice.", "In other states it finds %(count)d invoices.", elsewhere)
    return f"{asked.sought()} {amounts.counted(more, count=elsewhere)}"


def _orders(request: page.Seen, where: places.Places, listed: list[int]) -> dict[str, Any]:
    asked = narrowing.read(request.GET, ORDERS, where.currency)
    listing = order_listing(asked, listed)
    found = purchasing.listed(viewer=request.viewer, listing=listing, after=asked.after, limit=_ORDERS)
    return {
        "po_asked": asked,
        "orders": found.rows,
        "po_told": purchasing.tally(viewer=request.viewer, listing=listing),
        "po_next": asked.next(found.rows[-1].id) if found.has_more else "",
    }


def _midnight(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time())) if day else None
