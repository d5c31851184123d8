"""Draw amounts to scale: positions in percent, as SVG attributes; a picture may round, the table beside it never does."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_WHOLE = 10_000
"""Positions are reckoned in hundredths of a percent, in whole numbers."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a waterfall: its start and width, and the dashed guides to the row above and below; percent texts, empty for none."""

    start: str
    width: str
    guide_above: str = ""
    guide_below: str = ""


def waterfall(steps: Sequence[int]) -> list[Bar]:
    """Draw each step from where the one before ended, and at last the sum from zero: one more bar than steps.

    Levels below zero are drawn left of the others' zero; the lane spans from the lowest to the highest level.
    """
    levels = [0]
    for step in steps:
        levels.append(levels[-1] + step)
    low, high = min(levels), max(levels)
    span = max(high - low, 1)

    def place(level: int) -> str:
        return _percent(level - low, span)

    bars = []
    for number, (before, after) in enumerate(pairwise(levels)):
        width = _percent(abs(after - before), span)
        bars.append(Bar(place(min(before, after)), width, place(before) if number else "", place(after)))
    total = levels[-1]
    return [*bars, Bar(place(min(total, 0)), _percent(abs(total), span), place(total))]


def shares(amounts: Sequence[int]) -> list[str]:
    """Give each amount's width as a share of the largest."""
    most = max([1, *amounts])
    return [_percent(max(amount, 0), most) for amount in amounts]


def _percent(amount: int, whole: int) -> str:
    hundredths = (2 * amount * _WHOLE + whole) // (2 * whole)
    return f"{hundredths // 100}.{hundredths % 100:02}%"
