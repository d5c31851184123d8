"""Draw what was spent, by month and by division, and take the pace of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from tallystick.domain.funds import histories
from tallystick.domain.funds.rules import Figures
from tallystick.domain.ledger import queries as ledger
from tallystick.interfaces.web import drawing, forecast, page, places

MONTHS = 6


@dataclass(frozen=True, slots=True)
class Month:
    """What was spent here in a month, less refunds."""

    first: date
    amount_minor: int
    is_now: bool
    column: drawing.Column


@dataclass(frozen=True, slots=True)
class Share:
    """What a division spent in all these months; `id` is None for divisions out of sight."""

    id: int | None
    name: str
    amount_minor: int
    is_here: bool
    width: str


@dataclass(frozen=True, slots=True)
class Spending:
    """Hold both pictures; `since` is set where there were too many purchases to go back all six months.

    `of_all` says that the months are those of all divisions, which share their funds.
    """

    months: list[Month]
    shares: list[Share]
    total_minor: int
    since: datetime | None
    of_all: bool
    pace: forecast.Pace


def months_until(today: date, count: int = MONTHS) -> list[date]:
    """List the first days of the last months, this one last."""
    found = [today.replace(day=1)]
    while len(found) < count:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[::-1]


def spending(request: page.Seen, where: places.Places, figures: Mapping[int, Figures], today: date) -> Spending:
    """Add up and draw what the funds in sight were spent on."""
    months = months_until(today)
    here = figures[where.here.id]
    zone = request.viewer.zone
    begins = [ledger.start_of(month, zone) for month in months]
    recent_at = ledger.start_of(today - timedelta(days=forecast.RECENT_DAYS - 1), zone)
    funds = sorted({one.fund_id for one in figures.values()})
    found = histories.spending(viewer=request.viewer, fund_ids=funds, months=begins, recent_at=recent_at)
    own = [row for row in found.months if row.fund_id == here.fund_id]
    by_month = {month: sum(row.spent_minor for row in own if row.month_at == begin) for month, begin in zip(months, begins, strict=True)}
    drawn = drawing.columns(list(by_month.values()))
    first_day = min((row.first_at.astimezone(ZoneInfo(zone)).date() for row in own), default=today)
    pace = forecast.Pace(
        spent_minor=sum(row.recent_minor for row in own), purchases=sum(row.recent_purchases for row in own), known_days=(today - first_day).days + 1
    )
    return Spending(
        [Month(month, amount, month == months[-1], column) for (month, amount), column in zip(by_month.items(), drawn, strict=True)],
        _shares(found, where),
        sum(by_month.values()),
        found.since if found.since > begins[0] else None,
        not where.customer.separate_funds and len(where.divisions) > 1,
        pace,
    )


def _shares(found: ledger.Spending, where: places.Places) -> list[Share]:
    """Sum divisions up, the one that spent most first; those out of sight are one row."""
    sums: dict[int | None, int] = {}
    for row in found.months:
        key = row.division_id if where.name(row.division_id) else None
        sums[key] = sums.get(key, 0) + row.spent_minor
    ordered = sorted(sums.items(), key=lambda one: (one[0] is None, -one[1]))
    widths = drawing.shares([amount for _division, amount in ordered])
    return [
        Share(division, where.name(division) if division else _("Other divisions"), amount, division == where.here.id, width)
        for (division, amount), width in zip(ordered, widths, strict=True)
    ]
