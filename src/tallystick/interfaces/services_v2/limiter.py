"""Limit how often a key asks, in rolling windows, over all processes together.

Each process counts in memory and settles every key with the database twice a second, and sooner one that asks much: what a process has not yet
told the others is never more than its share of 4 % of the limit, so that all together overshoot by less than 5 %. A tenth of the keys is settled
at a time, so that no request waits behind all of them.
"""

import concurrent.futures
import math
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg

from tallystick.domain.customers.operations import rates
from tallystick.integrations.postgres import lanes

_SETTLE_SECONDS = 0.5
_STALE_SECONDS = 3 * _SETTLE_SECONDS
_LOOK_AGAIN_SECONDS = 0.2
_FORGET_SECONDS = 60.0
_PARTS = 10
_AT_LEAST = 20
"""Keys that one settling takes, where a tenth would be fewer."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Allow so many requests in so many seconds."""

    count: int
    seconds: int


def limits(written: str) -> tuple[Limit, ...]:
    """Read "1000/180,100/5"; "off" is no limit. Raises ValueError for anything else."""
    if written.strip().lower() == "off":
        return ()
    pairs = (part.split("/") for part in written.split(","))
    return tuple(Limit(int(count), int(seconds)) for count, seconds in pairs)


@dataclass(slots=True)
class _Count:
    """Count one key: not yet told the database, being told just now, and how much more it may ask until the next look."""

    unsettled: int = 0
    telling: int = 0
    room: int = 0
    settled_at: float = float("-inf")
    seen_at: float = 0.0
    retry_at: datetime | None = None

    @property
    def is_full(self) -> bool:
        """Tell whether nothing is left until the next look."""
        return self.unsettled + self.telling >= self.room


class _Line:
    """Hold a connection that one thread at a time uses."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None

    @contextmanager
    def opened(self) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
        """Give the connection, opened where it is not."""
        with self._lock:
            if self._connection is None or self._connection.closed:
                self._connection = lanes.connect()
                self._connection.execute("set synchronous_commit = off")
                # a new plan for each length of the arrays costs more than the count
                self._connection.execute("set plan_cache_mode = force_generic_plan")
            yield self._connection

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()


class Limiter:
    """Count requests by key. Safe to use from several threads."""

    def __init__(self, chosen: tuple[Limit, ...], *, processes: int = 2) -> None:
        """Choose the limits; `processes` is how many share them."""
        self._limits = {limit.seconds: limit.count for limit in chosen}
        self._smallest = min(self._limits.values(), default=0)
        self._share = max(1, self._smallest * 4 // 100 // max(1, processes - 1))
        self._lock = threading.Lock()
        self._counts: dict[str, _Count] = {}
        self._untold: deque[str] = deque()
        self._settling_since = self._forgot_at = time.monotonic()
        self._asking, self._settling = _Line(), _Line()
        self._thread = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="limiter")

    def admit(self, key_id: str) -> int:
        """Count a request: 0 lets it pass, else the seconds after which to come back. Raises OperationalError."""
        if not self._limits:
            return 0
        now = time.monotonic()
        with self._lock:
            count = self._counts.setdefault(key_id, _Count())
            count.seen_at = now
            must_look = self._must_look(count, now)
        if must_look:
            self._settle([key_id], self._asking)
        with self._lock:
            if count.is_full:
                return self._wait_seconds(count)
            if count.unsettled == 0:
                self._untold.append(key_id)
            count.unsettled += 1
            is_due = now - self._settling_since > _SETTLE_SECONDS / _PARTS
            if is_due:
                self._settling_since = now
        if is_due:
            self._thread.submit(self._settle_some, now)
        return 0

    @property
    def policy(self) -> tuple[Limit, ...]:
        """List the limits, the longest window first."""
        return tuple(Limit(count, seconds) for seconds, count in sorted(self._limits.items(), reverse=True))

    def left(self, key_id: str) -> int | None:
        """Tell how often a key may still ask in its narrowest window, as far as this process knows; None where nothing is known."""
        with self._lock:
            count = self._counts.get(key_id)
            return None if count is None else max(0, count.room - count.unsettled - count.telling)

    def close(self) -> None:
        """Stop settling, and close the connections."""
        self._thread.shutdown(wait=True)
        self._asking.close()
        self._settling.close()

    def _must_look(self, count: _Count, now: float) -> bool:
        age = now - count.settled_at
        if count.is_full:
            return count.unsettled > 0 or age > _LOOK_AGAIN_SECONDS
        return age > _STALE_SECONDS or count.unsettled >= self._share

    @staticmethod
    def _wait_seconds(count: _Count) -> int:
        left = (count.retry_at - datetime.now(UTC)).total_seconds() if count.retry_at is not None else 0
        return max(1, math.ceil(left))

    def _settle_some(self, now: float) -> None:
        with self._lock:
            oldest = [self._untold.popleft() for _ in range(min(len(self._untold), max(_AT_LEAST, len(self._untold) // _PARTS)))]
            keys = sorted({key for key in oldest if key in self._counts and self._counts[key].unsettled})
        try:
            if keys:
                self._settle(keys, self._settling)
            if now - self._forgot_at > _FORGET_SECONDS:
                self._forget(now)
        except psycopg.OperationalError:
            with self._lock:
                self._untold.extend(keys)  # what was counted is kept, and settled with the next

    def _forget(self, now: float) -> None:
        self._forgot_at = now
        with self._settling.opened() as connection:
            rates.forget_rates(connection=connection, now=datetime.now(UTC))
        with self._lock:
            for key in [key for key, count in self._counts.items() if now - count.seen_at > _FORGET_SECONDS and not count.unsettled]:
                del self._counts[key]

    def _settle(self, keys: Sequence[str], line: _Line) -> None:
        """Tell the database what was counted for these keys, and learn what the other processes counted."""
        with self._lock:
            told = {key: self._counts[key].unsettled for key in keys}
            for key, number in told.items():
                self._counts[key].unsettled -= number
                self._counts[key].telling += number
        started, sums, is_told = time.monotonic(), list[rates.Sum](), False
        try:
            with line.opened() as connection:
                sums = rates.settle_rates(connection=connection, counted=told, windows=list(self._limits), now=datetime.now(UTC))
            is_told = True
        finally:
            with self._lock:
                for key, number in told.items():
                    self._counts[key].telling -= number
                    self._counts[key].unsettled += 0 if is_told else number
                self._learn(sums, started)

    def _learn(self, sums: Sequence[rates.Sum], started: float) -> None:
        fresh = {each.key_id: self._counts[each.key_id] for each in sums if self._counts[each.key_id].settled_at <= started}
        for count in fresh.values():
            count.settled_at, count.room, count.retry_at = started, self._smallest, None
        for each in sums:
            if each.key_id in fresh:
                self._narrow(fresh[each.key_id], each)

    def _narrow(self, count: _Count, window: rates.Sum) -> None:
        left = self._limits[window.seconds] - window.total
        count.room = min(count.room, max(0, left))
        if left <= 0 and window.oldest is not None:
            free_at = window.oldest + timedelta(seconds=window.seconds * 1.1)
            count.retry_at = max(free_at, count.retry_at or free_at)
