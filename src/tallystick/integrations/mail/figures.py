"""Write amounts and days into mails as their reader's language has them."""

from datetime import date
from decimal import Decimal
from functools import cache

from babel import Locale, UnknownLocaleError, dates, numbers
from django.utils import translation

from tallystick.lib import money

ENGLISH = "en"


def language(wanted: str) -> str:
    """Choose the language of the catalogues that a person's is nearest to; English where there is none."""
    try:
        return translation.get_supported_language_variant(wanted.replace("_", "-").lower())
    except LookupError:
        return ENGLISH


@cache
def locale(wanted: str) -> Locale:
    """Find how a language, or a country's form of it, writes numbers and days; English where it is not known."""
    try:
        return Locale.parse(wanted, sep="-" if "-" in wanted else "_")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(ENGLISH)


def amount(minor: int, currency: str, wanted: str) -> str:
    """Write an amount without its currency: "1,400.00", minus as U+2212."""
    places = money.exponent(currency)
    pattern = numbers.parse_pattern("#,##0" + ("." + "0" * places if places else ""))
    written = pattern.apply(Decimal(money.text(abs(minor), currency)), locale(wanted), numbering_system="latn")
    return f"\u2212{written}" if minor < 0 else written


def named(minor: int, currency: str, wanted: str) -> str:
    """Write an amount with its currency behind it, which do not part at the end of a line."""
    return f"{amount(minor, currency, wanted)}\u00a0{currency}"


def day(written: str, wanted: str) -> str:
    """Write an ISO day as sentences have it ("20 December 2026")."""
    spoken = locale(wanted)
    if spoken.language == ENGLISH:
        return dates.format_date(date.fromisoformat(written), format="d MMMM y", locale=spoken)
    return dates.format_date(date.fromisoformat(written), format="long", locale=spoken)
