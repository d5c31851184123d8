"""Read what a list is asked for: filters in all their spellings, ranges of dates, the order, the page. Unknown fields are ignored."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from tallystick.domain.funds.registers import Walk
from tallystick.interfaces.services_v2.door import Malformed

MOST_ROWS = 1000
_LARGEST = 2**63 - 1
_NAME = re.compile(r"filters\[(?P<name>[a-z_]+)\](?:\[\d*\])?")
_DATE = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[ +T]+(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2}))?)?", re.ASCII
)
_BEGIN, _END = datetime.min.replace(tzinfo=UTC) + timedelta(days=2), datetime.max.replace(tzinfo=UTC, microsecond=0) - timedelta(days=2)

type Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Term:
    """Sort by a field."""

    field: str
    is_descending: bool


@dataclass(frozen=True, slots=True)
class Query:
    """Hold the fields of a query, each with all its values."""

    fields: dict[str, list[str]]

    def filters(self, name: str) -> list[str]:
        """Give the values of a filter; empty ones do not narrow."""
        return [value for value in self.fields.get(f"filters[{name}]", []) if value]

    def last(self, name: str) -> str:
        """Give the last value of a plain field, empty where it is missing."""
        return self.fields.get(name, [""])[-1]


def read(query: str) -> Query:
    """Read a query string, brackets raw or percent-encoded; `filters[a][0]`, `filters[a][]` and a repeated `filters[a]` are values of one filter."""
    fields: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        found = _NAME.fullmatch(name)
        fields.setdefault(f"filters[{found['name']}]" if found else name, []).append(value.replace("\x00", "\ufffd"))
    return Query(fields)


def whole(written: str, name: str) -> int:
    """Read a whole number from 0 on. Raises Malformed."""
    if not (written.isascii() and written.isdecimal()):
        raise Malformed(f"The parameter {name} must be a whole number.")
    return min(int(written[:20]), _LARGEST)


def page(query: Query) -> tuple[int, int]:
    """Read limit, at most 1000, and offset. Raises Malformed."""
    limit = whole(query.last("limit") or str(MOST_ROWS), "limit")
    if limit == 0:
        raise Malformed("The parameter limit must be at least 1.")
    return min(limit, MOST_ROWS), whole(query.last("offset") or "0", "offset")


def containers(query: Query) -> tuple[list[int], list[int]]:
    """Read the container that is asked for, and those that a filter names beside it. Raises Malformed.

    The filter alone satisfies the parameter.
    """
    plain = query.last("container_id")
    named = [whole(value, "container_id") for value in query.filters("container_id")]
    return ([whole(plain, "container_id")], named) if plain else (named, [])


def terms(query: Query, known: frozenset[str]) -> list[Term]:
    """Read `sort=-transaction_date,id`. Raises Malformed for fields that this list is not sorted by."""
    found = [Term(part.strip().lstrip("-"), part.strip().startswith("-")) for part in query.last("sort").split(",") if part.strip()]
    unknown = next((term.field for term in found if term.field not in known), None)
    if unknown is not None:
        raise Malformed(f"This list cannot be sorted by {unknown[:60]}.")
    return found


def walk(found: list[Term]) -> tuple[Walk | None, bool]:
    """Tell whether an order is one that can be walked, and whether it rises: newest first where none is asked for."""
    if not found:
        return Walk.BY_NUMBER, False
    first, second = found[0], found[1] if len(found) > 1 else None
    if first.field == "id":
        return Walk.BY_NUMBER, not first.is_descending
    if first.field != "transaction_date" or (second is not None and second.field != "id"):
        return None, False
    turned = second is not None and second.is_descending != first.is_descending
    return Walk.BY_SECOND_TURNED if turned else Walk.BY_SECOND, not first.is_descending


def texts(values: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Part values into whole texts, and (behind a percent sign) parts that a text contains."""
    return tuple(value for value in values if not value.startswith("%")), tuple(value[1:] for value in values if value.startswith("%"))


def pattern(part: str) -> str:
    """Write a part as PostgreSQL looks for it."""
    return "%" + re.sub(r"([\\%_])", r"\\\1", part) + "%"


def spans(values: list[str]) -> tuple[Span, ...] | None:
    """Read dates: exact ones and ranges (both ends included) are alternatives, `<date` and `>date` narrow them all. Raises Malformed."""
    if not values:
        return None
    either: list[Span] = []
    begin, end = _BEGIN, _END
    for value in (one.strip() for one in values):
        if value.startswith("<"):
            end = min(end, _span(value[1:])[0])
        elif value.startswith(">"):
            begin = max(begin, _span(value[1:])[1])
        else:
            first, dots, last = value.partition("...")
            since = _span(first)[0] if first.strip() else _BEGIN
            until = (_span(last)[1] if last.strip() else _END) if dots else _span(first)[1]
            either.append((since, until))
    cut = [(max(begin, since), min(end, until)) for since, until in either or [(begin, end)]]
    return tuple((since, until) for since, until in cut if since < until)


def _span(written: str) -> Span:
    """Read a day, or a second of it (UTC); a minute where no seconds are written."""
    found = _DATE.fullmatch(written.strip(" +"))
    if found is None:
        raise Malformed("Write a date as 2026-07-04 or 2026-07-04 09:05:03.")
    parts = [int(found[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second")]
    try:
        since = datetime(*parts[:6], tzinfo=UTC)  # type: ignore[misc,arg-type]  # six numbers
    except ValueError:
        raise Malformed(f"There is no such date: {written.strip()[:40]}.") from None
    lasts = timedelta(days=1) if found["hour"] is None else timedelta(minutes=1) if found["second"] is None else timedelta(seconds=1)
    since = min(max(since, _BEGIN), _END)
    return since, since + lasts
