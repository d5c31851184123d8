"""Say how long a balance lasts at the pace of the last weeks; nothing where there is too little to go by."""

from dataclasses import dataclass
from datetime import date, timedelta

RECENT_DAYS = 30
"""The pace is that of so many days, or of all there are when they are fewer."""

LEAST_DAYS = 14
LEAST_PURCHASES = 3
LONGEST_DAYS = 365
"""Beyond a year a pace of a month says nothing."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Say in how many days a balance is used up, and how that was reckoned; amounts in minor units.

    `notice_days` tells when it falls below the amount at which the customer asked to be told; None where it is below already or nothing was asked.
    """

    days: int
    ends_on: date
    spent_minor: int
    over_days: int
    a_day_minor: int
    notice_days: int | None


@dataclass(frozen=True, slots=True)
class Pace:
    """Tell what was spent recently: the sum, the number of purchases, and the days since the first purchase that is known."""

    spent_minor: int
    purchases: int
    known_days: int


def forecast(*, balance_minor: int, pace: Pace, today: date, notify_below_minor: int | None) -> Forecast | None:
    """Divide the balance by what a day took; credit is not counted in. None without two weeks, three purchases and a balance above zero."""
    if balance_minor <= 0 or pace.spent_minor <= 0 or pace.known_days < LEAST_DAYS or pace.purchases < LEAST_PURCHASES:
        return None
    over = min(pace.known_days, RECENT_DAYS)
    days = balance_minor * over // pace.spent_minor
    if days > LONGEST_DAYS:
        return None
    above = None if notify_below_minor is None else balance_minor - notify_below_minor
    return Forecast(
        days=days,
        ends_on=today + timedelta(days=days),
        spent_minor=pace.spent_minor,
        over_days=over,
        a_day_minor=pace.spent_minor // over,
        notice_days=above * over // pace.spent_minor if above is not None and above >= 0 else None,
    )
