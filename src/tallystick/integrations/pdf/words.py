"""Speak a document's language: its words by the catalogues of the pages, its days by what is known about the language.

A document is drawn in the language that was frozen with its facts, whatever language the process speaks at that moment.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Literal, TypedDict

from babel import Locale, UnknownLocaleError, dates
from django.utils import translation
from django.utils.translation import gettext as _

ENGLISH = "en"
RIGHT_TO_LEFT = frozenset({"ar", "he"})
_PLACE = re.compile(r"%\((\w+)\)s")
_PATTERNS = {"medium": ("d MMM y", "yMMMd"), "long": ("d MMMM y", "yMMMMd")}


class Run(TypedDict):
    """Set a piece of a sentence; `strong` in a heavier hand, `figure` kept together and read from left to right."""

    text: str
    strong: bool
    figure: bool


def language(wanted: str) -> str:
    """Choose the language of the catalogues that a customer's is nearest to; English where there is none: half a translation is worse than none."""
    try:
        return translation.get_supported_language_variant(wanted.replace("_", "-").lower())
    except LookupError:
        return ENGLISH


@cache
def locale(wanted: str) -> Locale:
    """Find how a language, or a country's form of it, writes numbers and days; English where it is not known."""
    try:
        return Locale.parse(wanted.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse(ENGLISH)


def day(written: str, wanted: str, *, form: Literal["medium", "long"] = "medium") -> str:
    """Write an ISO day as lists ("20 Dec 2026") or sentences ("20 December 2026") have it; nothing for nothing."""
    if not written:
        return ""
    english, skeleton = _PATTERNS[form]
    spoken = locale(wanted)
    known = spoken.datetime_skeletons.get(skeleton)
    # months that stand alone are written as in a date: babel mixes those of languages up that have none of their own
    pattern = english if spoken.language == ENGLISH else known.pattern.replace("L", "M") if known else form
    return dates.format_date(date.fromisoformat(written), format=pattern, locale=spoken)


def country(code: str, wanted: str) -> str:
    """Name a country in the document's language; a code that is none stays as it is."""
    named: str = locale(wanted).territories.get(code.upper(), code)
    return named


def terms(days: int) -> str:
    """Word the terms of payment."""
    return _("Net %(days)s") % {"days": days} if days else _("Due on receipt")


def run(text: str, *, strong: bool = False, figure: bool = False) -> Run:
    """Make one piece."""
    return Run(text=text, strong=strong, figure=figure)


def sentence(translated: str, **values: str | Run) -> list[Run]:
    """Put values into a translated sentence without losing which of it they are: each stays a piece of its own, set in its own way."""
    return list(_pieces(translated, values))


def _pieces(translated: str, values: dict[str, str | Run]) -> Iterator[Run]:
    at = 0
    for found in _PLACE.finditer(translated):
        if found.start() > at:
            yield run(translated[at : found.start()].replace("%%", "%"))
        value = values[found[1]]
        yield run(value) if isinstance(value, str) else value
        at = found.end()
    if at < len(translated):
        yield run(translated[at:].replace("%%", "%"))
