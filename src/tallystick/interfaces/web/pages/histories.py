"""Show what moved the balance of a fund, and what was bought: newest first, paged by the last row seen, drawn over time, between two days."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from tallystick.domain.customers.rules import Act
from tallystick.domain.exports.rules import Subject
from tallystick.domain.funds import histories
from tallystick.domain.funds import queries as funds
from tallystick.domain.funds.rules import Figures
from tallystick.interfaces.web import drawing, fetching, movements, page, places, spans
from tallystick.interfaces.web.pages import downloads

_ROWS = 50
_LEAST_DAYS = 30
_FIRST_DAYS = 180
"""The line begins so many days ago, or with the first movement if that is later, until the reader chooses days."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The balance over time: from one day to another, where it stood at both ends, and which part of it the reader chose."""

    line: drawing.Line
    points: list[histories.Point]
    since: date
    until: date
    chosen_start: str = ""
    chosen_width: str = ""


@page.page(Act.SEE_FINANCES)
def balance_start(request: page.Seen) -> HttpResponse:
    """Go to the balance history of the chosen or top-level division."""
    return places.send_on(request, "balance-history-division")


@page.page(Act.SEE_FINANCES)
def purchase_start(request: page.Seen) -> HttpResponse:
    """Go to the purchase history of the chosen or top-level division."""
    return places.send_on(request, "purchase-history-division")


@page.page(Act.SEE_FINANCES)
def balance_history(request: page.Seen, division_id: int) -> HttpResponse:
    """Show deposits, debits and adjustments with the balance after each, and the balance as a line over time."""
    return _history(request, division_id, "balance-history")


@page.page(Act.SEE_FINANCES)
def purchase_history(request: page.Seen, division_id: int) -> HttpResponse:
    """Show purchases, their refunds and the holds, each with its order."""
    return _history(request, division_id, "purchase-history")


@require_POST
@page.page(Act.SEE_FINANCES)
def balance_file(request: page.Seen, division_id: int) -> HttpResponse:
    """Give the balance history of the chosen days as a file for spreadsheets."""
    return _file(request, division_id, "balance-history", Subject.BALANCE_HISTORY)


@require_POST
@page.page(Act.SEE_FINANCES)
def purchase_file(request: page.Seen, division_id: int) -> HttpResponse:
    """Give the purchase history of the chosen days as a file for spreadsheets."""
    return _file(request, division_id, "purchase-history", Subject.PURCHASE_HISTORY)


def _history(request: page.Seen, division_id: int, route: str) -> HttpResponse:
    where = places.of(request.viewer, division_id)
    form = spans.form_of(request.GET, route)
    figures = funds.figures(viewer=request.viewer, division_id=division_id)
    narrowed = form.narrowed(limit=_ROWS + 1)
    found = histories.movements(viewer=request.viewer, division_id=division_id, narrowed=narrowed, fund_id=figures.fund_id)
    shown = found[:_ROWS]
    clear = reverse(f"{route}-division", kwargs={"division_id": division_id})
    query = form.query()
    context = {
        "where": where,
        "currency": where.currency,
        "form": form,
        "route": route,
        "purchases": route == "purchase-history",
        "figures": figures,
        "picture": _picture(request, figures, form) if route == "balance-history" else None,
        "movements": movements.tell(request.viewer, shown, orders=f"{clear}?order=" if route == "purchase-history" else ""),
        "narrowed": bool(query),
        "order_minor": sum(row.amount_minor for row in shown) if form.asked("order") and len(found) <= _ROWS else None,
        "query": query,
        "older": form.query(before=shown[-1].transfer_id) if len(found) > _ROWS else "",
        "newest": f"{clear}?{query}" if form.asked("before") else "",
        "clear": clear,
        "as_file": reverse(f"{route}-file", kwargs={"division_id": division_id}),
    }
    return page.show(request, "web/history.html", lambda: context, status=200 if form.is_valid() else 422)


def _picture(request: page.Seen, figures: Figures, form: spans.SpanForm) -> Picture | None:
    """Draw the balance of the last half year, or of the chosen days with as many around them; nothing while nothing has moved."""
    today = timezone.localdate()
    chosen = form.days()
    until = max(today, chosen[1]) if chosen else today
    since = min(today - timedelta(days=_FIRST_DAYS), chosen[0]) if chosen else today - timedelta(days=_FIRST_DAYS)
    since = max(since, min(_began(request, figures), today - timedelta(days=_LEAST_DAYS)))
    if since > until:
        return None
    points = histories.closing_balances(
        viewer=request.viewer, division_id=figures.division_id, since=since, until=min(until, today), fund_id=figures.fund_id
    )
    if not any(point.balance_minor for point in points):
        return None
    first = points[0].day
    line = drawing.step_line([(point.day - first).days for point in points], [point.balance_minor for point in points])
    start, width = "", ""
    if chosen:
        begins, ends = max(chosen[0] - timedelta(days=1), first), max(min(chosen[1], points[-1].day), first)
        start, width = drawing.stretch((begins - first).days, (ends - first).days, (points[-1].day - first).days)
    return Picture(line, points, points[0].day + timedelta(days=1), points[-1].day, start, width)


def _began(request: page.Seen, figures: Figures) -> date:
    """Tell the day of a fund's first movement; today where nothing has moved."""
    first = histories.first_day(viewer=request.viewer, fund_id=figures.fund_id)
    return first or timezone.localdate()


def _file(request: page.Seen, division_id: int, route: str, subject: Subject) -> HttpResponse:
    form = spans.form_of(request.GET, route)
    spans.required(form)
    with page.reading(request):
        where = places.of(request.viewer, division_id)
        wish = fetching.movements(request, where, subject, form.narrowed(limit=0))
    return downloads.answer(request, wish)
