"""Page through lists by ids: newest first, with the addresses of the neighbors in a Link header. Source: RFC 8288."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from pydantic import BaseModel

from tallystick.interfaces.api.framework import shapes
from tallystick.interfaces.api.framework.replies import Told
from tallystick.lib import errors, ids


class _Rowed(Protocol):
    @property
    def id(self) -> UUID | int:
        """Name the row."""


@dataclass(frozen=True, slots=True)
class Cursor[K: UUID | int]:
    """Say which page: older than an id, newer than an id, or the newest; `limit` has one more, to see whether others follow."""

    limit: int
    older_than: K | None
    newer_than: K | None


def cursor(asked: shapes.Paged, prefix: str) -> Cursor[UUID]:
    """Read a page's cursor. Raises Invalid."""
    return _cursor(asked, prefix, ids.parse)


def numbered(asked: shapes.Paged, prefix: str) -> Cursor[int]:
    """Read the cursor of a list whose ids are numbers, as those of the journal. Raises Invalid."""
    return _cursor(asked, prefix, ids.parse_integer)


def _cursor[K: UUID | int](asked: shapes.Paged, prefix: str, parse: Callable[[str, str], K]) -> Cursor[K]:
    if asked.after is not None and asked.before is not None:
        raise errors.Invalid("Send after or before, not both.", code="cursor_twice", field="?before")
    return Cursor(asked.limit + 1, _place(asked.after, prefix, "?after", parse), _place(asked.before, prefix, "?before", parse))


def _place[K: UUID | int](written: str | None, prefix: str, field: str, parse: Callable[[str, str], K]) -> K | None:
    if written is None:
        return None
    try:
        return parse(prefix, written)
    except errors.NotFound as refusal:
        raise errors.Invalid(refusal.sentence, code="cursor_malformed", field=field) from None


@dataclass(frozen=True, slots=True)
class Page[R: _Rowed]:
    """Hold the rows of a page, whether others follow in the direction that was asked, and the headers with the addresses of its neighbors."""

    rows: Sequence[R]
    has_more: bool
    headers: dict[str, str]


def told[R: _Rowed, S: BaseModel](
    request: HttpRequest, found: Sequence[R], at: Cursor[Any], *, prefix: str, shape: type[shapes.Listed[S]], show: Callable[[R], S]
) -> Told:
    """Word a page of rows that came newest first."""
    shown = page(request, found, at, prefix=prefix)
    return Told(content=shape(rows=[show(row) for row in shown.rows], has_more=shown.has_more), headers=shown.headers)


def page[R: _Rowed](request: HttpRequest, found: Sequence[R], at: Cursor[Any], *, prefix: str) -> Page[R]:
    """Cut a page out of rows that came in the order of the list; the one too many is left out at the far end."""
    has_more = len(found) == at.limit
    is_newer = at.newer_than is not None
    rows = found if not has_more else found[1:] if is_newer else found[:-1]
    is_older_left = bool(rows) and (is_newer or has_more)
    is_newer_left = bool(rows) and (has_more if is_newer else at.older_than is not None)
    links = []
    if is_older_left:
        links.append(_link(request, "next", "after", ids.public(prefix, rows[-1].id)))
    if is_newer_left:
        links.append(_link(request, "prev", "before", ids.public(prefix, rows[0].id)))
    return Page(rows, has_more, {"Link": ", ".join(links)} if links else {})


def _link(request: HttpRequest, relation: str, name: str, value: str) -> str:
    kept = [(key, one) for key, many in request.GET.lists() if key not in {"after", "before"} for one in many]
    return f'<{request.path}?{urlencode([*kept, (name, value)])}>; rel="{relation}"'
