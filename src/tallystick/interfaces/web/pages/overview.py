"""Show where a division stands: available funds taken apart, what is due, what moved last."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from tallystick.domain.customers.rules import Act
from tallystick.domain.funds import histories as journal
from tallystick.domain.funds import queries as funds
from tallystick.domain.funds.rules import Figures
from tallystick.domain.invoicing import queries as invoicing
from tallystick.interfaces.web import drawing, invoices, page, places, statuses
from tallystick.interfaces.web import movements as moved

_WEEKS = 5
_MOVEMENTS = 5
_NEXT = 6


@dataclass(frozen=True, slots=True)
class Part:
    """One row of the sum of available funds; `mark` is the class of its bar."""

    name: str
    says: str
    amount_minor: int
    mark: str
    bar: drawing.Bar


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the due calendar."""

    date: date
    due_minor: int = 0
    tone: str = ""


@page.page(Act.SEE_FINANCES)
def start(request: page.Seen) -> HttpResponse:
    """Go to the overview of the chosen or top-level division."""
    return places.send_on(request, "overview-division")


@page.page(Act.SEE_FINANCES)
def overview(request: page.Seen, division_id: int) -> HttpResponse:
    """Show the overview of one division."""
    where = places.of(request.viewer, division_id)
    today = timezone.localdate()
    every = funds.figures_by_division(viewer=request.viewer)
    figures = every[division_id]
    unpaid = invoicing.open_invoices(viewer=request.viewer, division_id=division_id if where.customer.separate_funds else None)
    last = journal.movements(viewer=request.viewer, division_id=division_id, narrowed=journal.MovementFilter(limit=_MOVEMENTS))
    others = [place for place in where.divisions if place.id != division_id] if where.several_funds else []
    users = [(place.name, every[place.id]) for place in others if every[place.id].own_use_minor]
    parts, total = _sum(figures, several=where.several_funds)
    return page.show(
        request,
        "web/overview.html",
        lambda: {
            "where": where,
            "currency": where.currency,
            "today": today,
            "figures": figures,
            "parts": parts,
            "total": total,
            "users": users,
            "unseen_minor": figures.used_by_others_minor - sum(other.own_use_minor for _name, other in users),
            "left_minor": None if figures.limit_minor is None else figures.limit_minor - figures.credit_in_use_minor,
            "low": where.customer.notify_below_minor is not None and figures.balance_minor < where.customer.notify_below_minor,
            "waiting": _waiting(unpaid, figures),
            "overdue": [row for row in unpaid if row.due_date < today],
            "unpaid_count": len(unpaid),
            "next": unpaid[:_NEXT],
            "weeks": _calendar(unpaid, today),
            "dues": _dues(unpaid, today),
            "movements": moved.tell(request.viewer, last),
            "short_days": True,
        },
    )


def _sum(figures: Figures, *, several: bool) -> tuple[list[Part], drawing.Bar]:
    """Take available funds apart; the bars of the parts, and the bar of the sum."""
    rows = [(_("Balance"), _("paid in, less purchases and holds"), figures.balance_minor, "mark-own" if figures.balance_minor >= 0 else "mark-less")]
    if figures.limit_minor is not None:
        rows.append(
            (_("Credit limit"), _("shared by all divisions") if several else _("how far you may go below zero"), figures.limit_minor, "mark-credit")
        )
    counted = _("every unpaid invoice") if figures.counts_funding else _("amounts owed and corrections")
    rows.append((_("Counted unpaid invoices"), counted, -figures.counted_minor, "mark-less"))
    if several:
        rows.append((_("Used by other divisions"), _("of the shared credit limit"), -figures.used_by_others_minor, "mark-less"))
    *bars, total = drawing.waterfall([row[2] for row in rows])
    return [Part(*row, bar) for row, bar in zip(rows, bars, strict=True)], total


@dataclass(frozen=True, slots=True)
class Waiting:
    """What unpaid purchase-order invoices would bring: how many, their sum, and available funds after paying them all."""

    count: int
    gross_minor: int
    available_after_minor: int | None


def _waiting(unpaid: Sequence[invoicing.OpenInvoice], figures: Figures) -> Waiting:
    funding = [row for row in unpaid if row.kind == "funding"]
    net_minor = sum(invoices.net_of(row, row.open_minor) for row in funding)
    after = figures.after(balance_minor=net_minor, unpaid_funding_minor=-sum(row.open_minor for row in funding))
    return Waiting(len(funding), figures.unpaid_funding_minor, after.available_minor)


def _calendar(unpaid: Sequence[invoicing.OpenInvoice], today: date) -> list[list[Day]]:
    """Lay five weeks out, from the Monday on or before six days ago, with what is due on each day: four weeks ahead are always in."""
    recent = today - timedelta(days=6)
    first = recent - timedelta(days=recent.weekday())
    days = {first + timedelta(days=number): Day(first + timedelta(days=number)) for number in range(7 * _WEEKS)}
    for row in unpaid:
        if row.due_date in days:
            before = days[row.due_date]
            days[row.due_date] = replace(before, due_minor=before.due_minor + row.open_minor, tone=_tone(row.due_date, today))
    every = list(days.values())
    return [every[week : week + 7] for week in range(0, len(every), 7)]


def _tone(due: date, today: date) -> str:
    if due < today:
        return "late"
    return "soon" if (due - today).days <= statuses.DUE_SOON_DAYS else ""


def _dues(unpaid: Sequence[invoicing.OpenInvoice], today: date) -> dict[str, int]:
    """Sum what is overdue, due in a week, and due later; they add up to all that is open."""
    sums = {"late": 0, "soon": 0, "later": 0}
    for row in unpaid:
        sums[_tone(row.due_date, today) or "later"] += row.open_minor
    return sums
