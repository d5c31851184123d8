"""Write and read amounts, quantities and days in the form of a language: 1,250.00 in English, 1.250,00 in German, 1 250,00 in French.

What a page shows, `text` writes; what a person types, `plain` turns into the decimal text that lib/money.py reads. A language whose
decimal mark is a comma takes a plain 1250.00 as well; what can be read in two ways (1.234 of a currency with three decimals) is refused.
The CSV files, the API and the mails write amounts by lib/money.py and know no language.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from babel import Locale, numbers
from django.utils import translation

from tallystick.lib import errors, money, texts

MINUS = "\u2212"
KEPT = 4096
"""Amounts and days repeat from row to row; how they are written depends on nothing but themselves and the language."""
_MARKS = {"\u066b": ".", "\u066c": ","}
"""The Arabic decimal mark and the one between thousands."""
_BLANK = re.compile(r"[ \u00a0\u2009\u202f]")
_ENGLISH_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_GROUPED_AND_POINT = re.compile(r"[0-9]{1,3}(,[0-9]{3})+\.[0-9]+")
_WITH_POINT = re.compile(r"[0-9]+(\.[0-9]+)?")
_WITH_COMMA = re.compile(r"[0-9]+(,[0-9]+)?")
_WITH_BLANKS = re.compile(r"[0-9]{1,3}( [0-9]{3})+(,[0-9]+)?")
_WITH_POINTS = re.compile(r"[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Form:
    """The marks with which a language writes numbers."""

    decimal: str
    group: str


class Ambiguous(errors.Invalid):
    """Say that an amount can be read in two ways, and how each is written without doubt."""

    code = "amount_ambiguous"


@cache
def locale_of(language: str) -> Locale:
    """Find what is known about a language of the settings, such as pt-br."""
    return Locale.parse(language, sep="-")


def language() -> str:
    """Name the language that is spoken now."""
    return translation.get_language() or "en"


@cache
def form(spoken: str) -> Form:
    """Give a language's marks."""
    locale = locale_of(spoken)
    return Form(numbers.get_decimal_symbol(locale), numbers.get_group_symbol(locale))


def text(minor: int, currency: str) -> str:
    """Write an amount with all decimals of its currency, thousands grouped, minus as U+2212."""
    return _text(minor, currency, language())


def typed(minor: int, currency: str, *, grouped: bool = True) -> str:
    """Write an amount as one would type it: what `plain` reads back."""
    marks = form(language())
    whole, point, part = money.text(minor, currency).partition(".")
    return f"{f'{int(whole):,}'.replace(',', marks.group) if grouped else whole}{marks.decimal if point else ''}{part}"


class Many(int):
    """A number of things that is written with its thousands grouped, and stays a number for those who choose the plural."""

    def __str__(self) -> str:
        """Write it in the active language."""
        return f"{int(self):,}".replace(",", form(language()).group)


def counted(sentence: str, **numbers: int) -> str:
    """Put numbers of things into a sentence that has them as %(count)d, thousands grouped."""
    return re.sub(r"%\((\w+)\)d", r"%(\1)s", sentence) % {name: Many(number) for name, number in numbers.items()}


def number(plain_text: str) -> str:
    """Write a quantity or rate, given as plain text, with the decimal mark of the language."""
    return plain_text.replace(".", form(language()).decimal)


def plain(written: str, currency: str) -> str:
    """Turn a typed amount into decimal text with a point; what is no amount in this language comes back as it is. Raises Ambiguous."""
    return _plain(written, money.exponent(currency), currency)


def plain_number(written: str) -> str:
    """Turn a typed quantity into decimal text with a point; what is none comes back as it is. A point or a comma is its decimal mark, not between thousands."""
    read = _even(written)
    return read.replace(",", ".") if form(language()).decimal == "," and _WITH_COMMA.fullmatch(read) else read


def begun(written: str) -> Iterator[tuple[str, str]]:
    """Read an amount that is still being typed, in each way in which it may go on: its whole part, and what stands after the decimal mark.

    Nothing where no typing on can make an amount of it: 0, 12. and 1,2 may become one in English; .5 and 12x may not.
    """
    marks = form(language())
    ways = [(",", ".")] if marks.decimal == "." else [(f"{marks.group} \u00a0", ","), ("", ".")]
    for group, decimal in ways:
        found = _beginning(group, decimal).fullmatch(_even(written))
        if found:
            yield re.sub(r"[^0-9]", "", found["whole"] or "0"), (found["point"] or "") and f".{found['part']}"


@cache
def _beginning(group: str, decimal: str) -> re.Pattern[str]:
    between = f"(?:[{re.escape(group)}][0-9]{{0,3}})*" if group else ""
    return re.compile(f"(?:(?P<whole>[0-9]+{between})(?:(?P<point>{re.escape(decimal)})(?P<part>[0-9]*))?)?")


@lru_cache(maxsize=KEPT)
def _text(minor: int, currency: str, spoken: str) -> str:
    marks, places = form(spoken), money.exponent(currency)
    digits = str(abs(minor)).rjust(places + 1, "0")
    whole, part = (digits[:-places], digits[-places:]) if places else (digits, "")
    return f"{MINUS if minor < 0 else ''}{f'{int(whole):,}'.replace(',', marks.group)}{marks.decimal if part else ''}{part}"


def _even(written: str) -> str:
    """Take the digits and marks of other scripts and wide keyboards for ours; English is read as it stands."""
    read = written.strip()
    if language() == "en" or read.isascii():
        return read
    wide = unicodedata.normalize("NFKC", "".join(_MARKS.get(letter, letter) for letter in read))
    return "".join(str(unicodedata.digit(letter)) if letter.isdecimal() else letter for letter in wide)


def _plain(written: str, places: int, currency: str) -> str:
    read, marks = _even(written), form(language())
    if marks.decimal == ".":
        return read.replace(",", "") if _ENGLISH_GROUPED.fullmatch(read) else read
    spaced = _BLANK.sub(" ", read)
    if _WITH_BLANKS.fullmatch(spaced) or _WITH_COMMA.fullmatch(read):
        return spaced.replace(" ", "").replace(",", ".")
    if _GROUPED_AND_POINT.fullmatch(read):
        return read.replace(",", "")
    if marks.group == "." and _WITH_POINTS.fullmatch(read):
        return _without_points(read, places, currency)
    return read


def _without_points(read: str, places: int, currency: str) -> str:
    together = read.replace(".", "").replace(",", ".")
    _whole, _, part = read.partition(".")
    if _WITH_POINT.fullmatch(read) and len(part) <= places:  # 1.234 of a currency with three decimals: a thousand, or little more than one
        first, second = (typed(money.parse(one, currency), currency) for one in (f"{together}.{'0' * places}", read))
        raise Ambiguous(
            texts.marked("%(typed)s can be read in two ways. Write %(first)s or %(second)s.", typed=read, first=first, second=second), field="amount"
        )
    return together
