"""Page through a customer's rows by key, so that the thousandth page of a million rows costs what the first does.

A table that is listed has an index (customer_id, division_id, state, column, id) for each column that it is sorted by. Each division and state is
walked along that index for as many rows as the page has, and these few are merged; nothing that is not shown is sorted or counted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from tallystick.integrations.postgres import scope

MOST_COUNTED = 1000
LAST = "\U0010ffff"
"""No text that starts like another comes behind it with this letter at its end."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Narrow rows: SQL about `r` with %s for each value; never a value in the SQL."""

    sql: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Name the row after which a page begins: its value in the sorted column, and its id."""

    value: Any
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyset:
    """Say what is listed and in which order; every name here is one of our own, never somebody's word."""

    table: str
    customer_id: int
    division_ids: Sequence[int]
    states: Sequence[str]
    column: str
    is_descending: bool
    conditions: Sequence[Condition] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Page[R]:
    """Hold one page; `has_more` tells whether rows follow."""

    rows: list[R]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """Count a list and add up a column of amounts; above MOST_COUNTED only "more than" is known."""

    count: int
    sum_minor: int

    @property
    def is_more(self) -> bool:
        """Tell whether there are more than were counted."""
        return self.count > MOST_COUNTED


def page[R](keyset: Keyset, load: Callable[[Sequence[UUID]], list[R]], *, limit: int, after: Place | None) -> Page[R]:
    """Give one page inside the running scope; `load` turns ids into rows, in their order."""
    wanted = ids(keyset, limit=limit + 1, after=after)
    return Page(load(wanted[:limit]), len(wanted) > limit)


def ids(keyset: Keyset, *, limit: int, after: Place | None = None) -> list[UUID]:
    """Give the ids of one page, in order, inside the running scope."""
    if not keyset.division_ids or not keyset.states:
        return []
    sql, values = statement(keyset, limit=limit, after=after)
    with scope.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]


def statement(keyset: Keyset, *, limit: int, after: Place | None = None) -> tuple[str, list[Any]]:
    """Give the statement of one page and its values."""
    turn, beyond = ("desc", "<") if keyset.is_descending else ("asc", ">")
    narrowed = [*keyset.conditions]
    if after is not None:
        narrowed.append(Condition(f"(r.{keyset.column}, r.id) {beyond} (%s, %s)", (after.value, after.id)))
    inner, values = _rows(keyset, f"r.id, r.{keyset.column} as value", narrowed)
    sql = f"select n.id from {inner} order by r.{keyset.column} {turn}, r.id {turn} limit %s) n order by n.value {turn}, n.id {turn} limit %s"  # noqa: S608 - names of our own
    return sql, [*values, limit, limit]


def tally(keyset: Keyset, *, column: str) -> Tally:
    """Count the rows and add up a column of theirs, looking at no more than MOST_COUNTED + 1 of them."""
    if not keyset.division_ids or not keyset.states:
        return Tally(0, 0)
    inner, values = _rows(keyset, f"r.{column} as value", keyset.conditions)
    sql = f"select count(*), coalesce(sum(m.value), 0)::bigint from (select n.value from {inner} limit %s) n limit %s) m"  # noqa: S608 - as above
    with scope.cursor() as cursor:
        cursor.execute(sql, [*values, MOST_COUNTED + 1, MOST_COUNTED + 1])
        count, total = cursor.fetchone() or (0, 0)
    return Tally(int(count), int(total))


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Name the columns that are looked through: texts in lower case by their beginning, and reversed ones by their end."""

    starts: Sequence[str]
    ends: Sequence[str]

    def conditions(self, text: str) -> list[Condition]:
        """Compare each column as an index can: PostgreSQL uses no other comparison of texts under row-level security."""
        begin, end = text.lower(), text.lower()[::-1]
        pairs = [(name, begin) for name in self.starts] + [(name, end) for name in self.ends]
        return [Condition(f"(r.{name} >= %s and r.{name} < %s)", (sought, sought + LAST)) for name, sought in pairs]


def searched(keyset: Keyset, texts: Texts, text: str, *, most: int = 1000) -> Keyset:
    """Narrow to rows with a text: by their ids where these are few; where they are many, any walk meets enough of them soon."""
    each = texts.conditions(text)
    parts = " union all ".join(
        f"(select r.id from {keyset.table} r where r.customer_id = %s and {one.sql} limit %s)"  # noqa: S608 - as above
        for one in each
    )
    values = [value for one in each for value in (keyset.customer_id, *one.values, most + 1)]
    with scope.cursor() as cursor:
        cursor.execute(parts, values)
        found = [row[0] for row in cursor.fetchall()]
    if len(found) <= most:
        narrowing = Condition("r.id = any(%s::uuid[])", (list(dict.fromkeys(found)),))
    else:
        narrowing = Condition("(" + " or ".join(one.sql for one in each) + ")", tuple(value for one in each for value in one.values))
    return replace(keyset, conditions=[*keyset.conditions, narrowing])


def _rows(keyset: Keyset, shown: str, conditions: Sequence[Condition]) -> tuple[str, list[Any]]:
    """Begin the statement: each division and state beside its rows; the caller ends the inner question."""
    where = "".join(f" and {one.sql}" for one in conditions)
    lanes = "unnest(%s::bigint[]) d(id) cross join unnest(%s::text[]) s(state) cross join lateral "
    begin = f"(select {shown} from {keyset.table} r where r.customer_id = %s and r.division_id = d.id and r.state = s.state{where}"  # noqa: S608 - as above
    return lanes + begin, [list(keyset.division_ids), list(keyset.states), keyset.customer_id, *(value for one in conditions for value in one.values)]
