"""Read and write amounts: whole minor units inside, decimal text at the doors, never a float.

Source: ISO 4217 (the exponent: JPY 0, USD 2, BHD 3).
"""

import re
from collections.abc import Sequence
from functools import cache

from iso4217 import Currency

from tallystick.lib import errors, texts

LARGEST_MINOR = 10**15
"""No single amount reaches this; sums of a thousand of them still fit PostgreSQL's bigint."""

_FORM = re.compile(r"(?P<whole>[0-9]{1,16})(?:\.(?P<part>[0-9]+))?")


@cache
def exponent(currency: str) -> int:
    """Tell how many decimals the currency has. Raises Invalid for what is no currency."""
    try:
        places = Currency(currency).exponent
    except ValueError:
        places = None
    if places is None:
        raise errors.Invalid(texts.marked("%(currency)s is not a currency.", currency=currency[:10]), code="unknown_currency", field="currency")
    return int(places)


def text(minor: int, currency: str) -> str:
    """Write an amount as decimal text with all decimals of its currency: 45400 USD is "454.00", -5 is "-0.05"."""
    places = exponent(currency)
    sign = "-" if minor < 0 else ""
    digits = str(abs(minor)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def shown(minor: int, currency: str) -> texts.Amount:
    """Write an amount into a sentence, where its currency stands anyway."""
    return texts.amount(text(minor, currency), minor=minor, currency=currency)


def named(minor: int, currency: str) -> texts.Amount:
    """Write an amount with its currency into a sentence: "454.00 USD"."""
    return texts.amount(f"{text(minor, currency)} {currency}", minor=minor, currency=currency)


def parse(written: str, currency: str, *, field: str = "amount") -> int:
    """Read a positive or zero decimal text into minor units; the point is the only separator.

    Raises Invalid for signs, exponents, blanks inside, more decimals than the currency has, and amounts of 10^15 minor units or more.
    """
    found = _FORM.fullmatch(written.strip())
    places = exponent(currency)
    if found is None:
        raise errors.Invalid(texts.marked("Enter an amount such as 1250.00."), code="amount_malformed", field=field)
    part = found["part"] or ""
    if len(part) > places:
        most = (
            texts.marked("%(currency)s has at most %(places)s decimals.", currency=currency, places=places)
            if places
            else texts.marked("%(currency)s has no decimals.", currency=currency)
        )
        raise errors.Invalid(most, code="amount_too_precise", field=field)
    minor = int(found["whole"] + part.ljust(places, "0"))
    if minor >= LARGEST_MINOR:
        raise errors.Invalid(texts.marked("This amount is too large. Split it."), code="amount_too_large", field=field)
    return minor


def split(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """Split an amount over weights by largest remainder, ties to the earlier part; the parts add up to the amount.

    Raises AssertionError where the weights are negative or all zero with an amount above zero.
    Source: money.md section 4, split of a part payment (Hare quota, largest remainder).
    """
    total = sum(weights)
    assert total > 0 or amount_minor == 0, "an amount needs a weight to go to"
    if total == 0:
        return [0] * len(weights)
    parts = [amount_minor * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(amount_minor * weights[place] % total), place))
    for place in by_remainder[: amount_minor - sum(parts)]:
        parts[place] += 1
    return parts


def tax(net_minor: int, percent_millionths: int) -> int:
    """Add tax half up: `percent_millionths` is the rate in millionths of a percent (19 % is 19_000_000).

    Source: money.md section 4 (JPY 1,001 at 10 % = 100; BHD 12.345 at 5 % = 0.617).
    """
    return (net_minor * percent_millionths + 50_000_000) // 100_000_000


def largest_net(gross_minor: int, percent_millionths: int) -> int:
    """Find the largest net amount whose net + tax is not above the gross.

    Source: money.md section 4, bank transfer for a deposit request of another amount.
    """
    net = gross_minor * 100_000_000 // (100_000_000 + percent_millionths) + 1
    while net + tax(net, percent_millionths) > gross_minor:
        net -= 1
    return net
