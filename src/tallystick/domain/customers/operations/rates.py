"""Settle how often keys asked among all the processes that answer them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection


@dataclass(frozen=True, slots=True)
class Sum:
    """Show how often a key asked within one rolling window, and since when the oldest tenth of it counts."""

    key_id: str
    seconds: int
    total: int
    oldest: datetime | None


def settle_rates(*, connection: Connection[tuple[object, ...]], counted: Mapping[str, int], windows: Sequence[int], now: datetime) -> list[Sum]:
    """Add what this process counted by key, and give the sums over all processes for each window (seconds). A count of 0 only looks."""
    keys = sorted(counted)
    rows = connection.execute(
        "select key_id::text, seconds, total, oldest from customers_count_requests(%s::uuid[], %s::integer[], %s::smallint[], %s)",
        [keys, [counted[key] for key in keys], list(windows), now],
    ).fetchall()
    return [Sum(*row) for row in rows]  # type: ignore[arg-type]  # the function's own column types


def forget_rates(*, connection: Connection[tuple[object, ...]], now: datetime) -> None:
    """Forget what no window reaches any more."""
    connection.execute("select customers_forget_requests(%s)", [now])
