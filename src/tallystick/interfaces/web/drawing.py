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


WIDE, HIGH = 1000, 200
"""The field of a line, in its own units; it is stretched to the room there is, its strokes are not."""


@dataclass(frozen=True, slots=True)
class Line:
    """A step line with the area between it and zero, as paths of a field of WIDE by HIGH; where zero lies, in percent from above."""

    path: str
    area: str
    zero: str
    high_minor: int
    low_minor: int


def step_line(places: Sequence[int], amounts: Sequence[int]) -> Line:
    """Draw amounts that hold until the next place; places are whole numbers that rise (days), of which there are at least two.

    Zero is always in the picture.
    """
    high, low = max(0, *amounts), min(0, *amounts)
    span, wide = max(high - low, 1), max(places[-1] - places[0], 1)

    def across(place: int) -> int:
        return (place - places[0]) * WIDE // wide

    def down(amount: int) -> int:
        return (high - amount) * HIGH // span

    steps = [f"M0 {down(amounts[0])}"]
    for place, amount in zip(places[1:], amounts[1:], strict=True):
        steps.append(f"H{across(place)}V{down(amount)}")
    path = "".join(steps)
    return Line(path, f"{path}V{down(0)}H0Z", _percent(high, span), high, low)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a picture of months: its start, width and middle across, its top and height; percent texts."""

    start: str
    width: str
    middle: str
    top: str
    height: str


def columns(amounts: Sequence[int]) -> list[Column]:
    """Draw a column for each amount, the largest over the whole height, none for what is below zero."""
    most, count = max([1, *amounts]), max(len(amounts), 1)
    drawn = []
    for number, amount in enumerate(amounts):
        height = max(amount, 0)
        left, middle = 8 * number + 1, 8 * number + 4
        drawn.append(
            Column(
                _percent(left, 8 * count), _percent(6, 8 * count), _percent(middle, 8 * count), _percent(most - height, most), _percent(height, most)
            )
        )
    return drawn


def stretch(start: int, end: int, whole: int) -> tuple[str, str]:
    """Place a stretch of days in a picture of so many: its start and width."""
    return _percent(start, max(whole, 1)), _percent(end - start, max(whole, 1))
