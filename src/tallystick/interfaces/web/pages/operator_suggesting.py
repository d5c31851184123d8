"""Suggest which invoices a payment pays: by the numbers in its reference, by its amount, else the oldest first. Pure; a person decides."""

import itertools
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

_SHORTEST = 4
"""A number of fewer letters and digits stands in a reference by chance."""
_PAIRED = 60
"""Among so many of the oldest invoices two are sought that add up."""


class Open(Protocol):
    """An open invoice, as far as it is compared; amounts in minor units."""

    @property
    def id(self) -> uuid.UUID:
        """Name it."""

    @property
    def number(self) -> str:
        """Give its number."""

    @property
    def purchase_order_number(self) -> str:
        """Give the number of the order it comes from; empty for none."""

    @property
    def original_number(self) -> str:
        """Give the number it had elsewhere; empty for none."""

    @property
    def due_date(self) -> date:
        """Tell when it is due."""

    @property
    def open_minor(self) -> int:
        """Tell what is open of it."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What goes where, in minor units by invoice; why, as a sentence; what no invoice takes."""

    parts: dict[uuid.UUID, int]
    says: str
    left_minor: int


def suggest(reference: str, amount_minor: int, invoices: Sequence[Open]) -> Suggestion:
    """Give the first that fits: named in the reference, exactly one or two invoices, all of them, the oldest first."""
    oldest = sorted(invoices, key=lambda row: (row.due_date, row.id))
    named = _named(reference, oldest)
    if named:
        numbers = ", ".join(row.number for row in named)
        says = ngettext("The reference names %(numbers)s.", "The reference names %(numbers)s, paid oldest first.", len(named)) % {"numbers": numbers}
        return _filled(named, amount_minor, says)
    exact = next((row for row in oldest if row.open_minor == amount_minor), None)
    if exact is not None:
        return _filled([exact], amount_minor, _("Exactly this amount is open of %(number)s.") % {"number": exact.number})
    pair = next((two for two in itertools.combinations(oldest[:_PAIRED], 2) if sum(row.open_minor for row in two) == amount_minor), None)
    if pair is not None:
        return _filled(pair, amount_minor, _("%(one)s and %(other)s add up to this amount.") % {"one": pair[0].number, "other": pair[1].number})
    run = next((count for count, sum_minor in enumerate(itertools.accumulate(row.open_minor for row in oldest), 1) if sum_minor == amount_minor), 0)
    if run:
        says = _("All open invoices add up to this amount.") if run == len(oldest) else _("The oldest %(n)d add up to this amount.") % {"n": run}
        return _filled(oldest[:run], amount_minor, says)
    return _filled(oldest, amount_minor, _("Neither reference nor amount points at an invoice, so the oldest are paid first."))


def spread(amount_minor: int, invoices: Sequence[Open]) -> dict[uuid.UUID, int]:
    """Pay the oldest first."""
    return _filled(sorted(invoices, key=lambda row: (row.due_date, row.id)), amount_minor, "").parts


def _filled(invoices: Iterable[Open], amount_minor: int, says: str) -> Suggestion:
    parts: dict[uuid.UUID, int] = {}
    left_minor = amount_minor
    for row in invoices:
        part_minor = min(left_minor, row.open_minor)
        if part_minor > 0:
            parts[row.id] = part_minor
            left_minor -= part_minor
    return Suggestion(parts, says, left_minor)


def _named(reference: str, invoices: Sequence[Open]) -> list[Open]:
    """List those whose number, purchase order or original number stands in the reference; banks drop signs, blanks and case."""
    written = _plain(reference)
    numbers = {row.id: [_plain(one) for one in (row.number, row.purchase_order_number, row.original_number) if one] for row in invoices}
    return [row for row in invoices if any(len(one) >= _SHORTEST and _stands_in(one, written) for one in numbers[row.id])]


def _stands_in(number: str, written: str) -> bool:
    """Tell whether a number stands there whole: INV7 is not named by INV77."""
    return re.search(rf"{re.escape(number)}(?![0-9])", written) is not None


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
