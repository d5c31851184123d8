"""Remember how many rows of a fund lie up to which of them, so that a long list is counted once and a page far down begins nearby.

Within one fund the numbers of the journal rise in the order in which its rows are seen (ADR 0009), and no row is ever taken away: what was counted
up to a number stays counted, for every process and for ever.
"""

import bisect
import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

LAST = 2**62
"""No row of the journal has a larger number."""
_MOST_REMEMBERED = 500
_MOST_ANCHORS = 2_000


class Anchors:
    """Remember the places of some rows of one fund, counted from the oldest."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._known: list[tuple[int, int]] = []

    def keep(self, place: int, transfer_id: int) -> None:
        """Remember one; every second is forgotten where there are too many."""
        with self._lock:
            at = bisect.bisect_left(self._known, (place, transfer_id))
            if at == len(self._known) or self._known[at] != (place, transfer_id):
                self._known.insert(at, (place, transfer_id))
            if len(self._known) > _MOST_ANCHORS:
                self._known = self._known[::2]

    def at_or_after(self, place: int, *, end: tuple[int, int]) -> tuple[int, int]:
        """Find place and number of the nearest row at or behind a place; `end` are those of the last row."""
        with self._lock:
            at = bisect.bisect_left(self._known, (place, 0))
            return min(self._known[at], end) if at < len(self._known) else end

    def at_or_before(self, place: int) -> tuple[int, int]:
        """Find place and number of the nearest row at or before a place; (1, 1) where none is known: no row has a smaller number."""
        with self._lock:
            at = bisect.bisect_right(self._known, (place, LAST)) - 1
            return self._known[at] if at >= 0 else (1, 1)


@dataclass(slots=True)
class Counted:
    """Hold how many rows of each fund lie up to which number: fund to number and count."""

    seen: dict[int, tuple[int, int]] = field(default_factory=dict)
    anchors: Anchors = field(default_factory=Anchors)

    @property
    def total(self) -> int:
        """Give the number of all rows counted."""
        return sum(count for _, count in self.seen.values())

    def last(self, fund_id: int) -> int:
        """Give the last number counted of a fund."""
        return self.seen.get(fund_id, (0, 0))[0]

    def with_more(self, more: dict[int, tuple[int, int]]) -> "Counted":
        """Add what came since, in a copy: another request may be reading this one."""
        grown = dict(self.seen)
        for fund_id, (last, count) in more.items():
            grown[fund_id] = (last, grown.get(fund_id, (0, 0))[1] + count)
        return Counted(grown, self.anchors)


_remembered: OrderedDict[Hashable, Counted] = OrderedDict()
_lock = threading.Lock()


def recall(name: Hashable) -> Counted:
    """Give what was counted of a list so far."""
    with _lock:
        return _remembered.get(name) or Counted()


def remember(name: Hashable, counted: Counted) -> None:
    """Remember what was counted of a list; the one that was asked for least lately is forgotten."""
    with _lock:
        _remembered[name] = counted
        _remembered.move_to_end(name)
        if len(_remembered) > _MOST_REMEMBERED:
            _remembered.popitem(last=False)
