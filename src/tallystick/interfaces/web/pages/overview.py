"""Show where a division stands: available funds taken apart, what is due, what moved last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from tallystick.domain.customers.rules import Act
from tallystick.domain.funds import histories
from tallystick.domain.funds import queries as funds
from tallystick.domain.funds.rules import Figures
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.invoicing.queries import dues as invoicing_dues
from tallystick.domain.invoicing.queries.dues import Due
from tallystick.interfaces.web import drawing, forecast, page, places, spending, statuses
from tallystick.interfaces.web import movements as moved

_WEEKS = 5
_MOVEMENTS = 5
_NEXT = 6


@dataclass(frozen=True, slots=True)
class Part:
    """One row of the sum of available funds; `mark` is the class of its bar."""

    name: str
    says: str
    explained: str
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
    all_dues = invoicing_dues.dues(viewer=request.viewer)
    request.unpaid_count = sum(row.count for row in all_dues)
    due = [row for row in all_dues if row.division_id == division_id or not where.customer.separate_funds]
    names = invoicing.Names(where.customer.name, {place.id: place.name for place in where.divisions})
    mine = division_id if where.customer.separate_funds else None
    following = invoicing.open_invoices(viewer=request.viewer, division_id=mine, limit=_NEXT, names=names) if due else []
    narrowed = histories.MovementFilter(limit=_MOVEMENTS)
    last = histories.movements(viewer=request.viewer, division_id=division_id, narrowed=narrowed, fund_id=figures.fund_id)
    spent = spending.spending(request, where, every, today)
    shared = where.customer.separate_funds and (where.several_funds or request.viewer.division_ids is not None)
    fuses = funds.open_fuses(viewer=request.viewer)
    parts, total = _sum(figures, several=shared)
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
            "shared": shared,
            **_limit(where, every, division_id),
            "open_fuses": fuses,
            "low": where.customer.notify_below_minor is not None and figures.balance_minor < where.customer.notify_below_minor,
            "waiting": _waiting(due, figures),
            "overdue_count": sum(row.count for row in due if row.due_date < today),
            "unpaid_count": sum(row.count for row in due),
            "next": following,
            "weeks": _calendar(due, today),
            "dues": _dues(due, today),
            "spent": spent,
            "forecast": forecast.forecast(
                balance_minor=figures.balance_minor, pace=spent.pace, today=today, notify_below_minor=where.customer.notify_below_minor
            ),
            "movements": moved.tell(request.viewer, last),
            "short_days": True,
        },
    )


def _limit(where: places.Places, every: Mapping[int, Figures], division_id: int) -> dict[str, object]:
    """Say who uses the credit limit: the other divisions in sight by name, those out of sight together, and what is left."""
    figures = every[division_id]
    others = [place for place in where.divisions if place.id != division_id] if where.several_funds else []
    users = [(place.name, every[place.id]) for place in others if every[place.id].own_use_minor]
    return {
        "users": users,
        "unseen_minor": figures.used_by_others_minor - sum(other.own_use_minor for _name, other in users),
        "left_minor": None if figures.limit_minor is None else figures.limit_minor - figures.credit_in_use_minor,
    }


def _sum(figures: Figures, *, several: bool) -> tuple[list[Part], drawing.Bar]:
    """Take available funds apart; the bars of the parts, and the bar of the sum."""
    own = "mark-own" if figures.balance_minor >= 0 else "mark-less"
    rows = [(_("Balance"), _("paid in, less purchases and holds"), "balance", figures.balance_minor, own)]
    if figures.limit_minor is not None:
        shared = _("shared by all divisions") if several else _("how far you may go below zero")
        rows.append((_("Credit limit"), shared, "credit_limit", figures.limit_minor, "mark-credit"))
    counted = (_("every unpaid invoice"), "counted_every_unpaid") if figures.counts_funding else (_("amounts owed and corrections"), "counted_unpaid")
    rows.append((_("Counted unpaid invoices"), *counted, -figures.counted_minor, "mark-less"))
    if figures.limit_minor is not None and (several or figures.used_by_others_minor):
        rows.append((_("Used by other divisions"), _("of the shared credit limit"), "used_elsewhere", -figures.used_by_others_minor, "mark-less"))
    *bars, total = drawing.waterfall([row[3] for row in rows])
    return [Part(*row, bar) for row, bar in zip(rows, bars, strict=True)], total


@dataclass(frozen=True, slots=True)
class Waiting:
    """What unpaid purchase-order invoices would bring: how many, their sum, and available funds after paying them all."""

    count: int
    gross_minor: int
    available_after_minor: int | None


def _waiting(due: Sequence[Due], figures: Figures) -> Waiting:
    funding = [row for row in due if row.is_funding]
    after = figures.after(
        balance_minor=sum(row.open_net_minor for row in funding),
        unpaid_funding_minor=-min(sum(row.open_minor for row in funding), figures.unpaid_funding_minor),
    )
    return Waiting(sum(row.count for row in funding), figures.unpaid_funding_minor, after.available_minor)


def _calendar(due: Sequence[Due], today: date) -> list[list[Day]]:
    """Lay five weeks out, from the Monday on or before six days ago, with what is due on each day: four weeks ahead are always in."""
    recent = today - timedelta(days=6)
    first = recent - timedelta(days=recent.weekday())
    days = {first + timedelta(days=number): Day(first + timedelta(days=number)) for number in range(7 * _WEEKS)}
    for row in due:
        if row.due_date in days:
            before = days[row.due_date]
            days[row.due_date] = replace(before, due_minor=before.due_minor + row.open_minor, tone=_tone(row.due_date, today))
    every = list(days.values())
    return [every[week : week + 7] for week in range(0, len(every), 7)]


def _tone(due: date, today: date) -> str:
    if due < today:
        return "late"
    return "soon" if (due - today).days <= statuses.DUE_SOON_DAYS else ""


def _dues(due: Sequence[Due], today: date) -> dict[str, int]:
    """Sum what is overdue, due in a week, and due later; they add up to all that is open."""
    sums = {"late": 0, "soon": 0, "later": 0}
    for row in due:
        sums[_tone(row.due_date, today) or "later"] += row.open_minor
    return sums
