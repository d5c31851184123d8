"""Ask for an export: how far it is, and its file; only who asked for it finds it, and only until it expires."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from tallystick.domain.customers.rules import Act, Viewer, owner, permit
from tallystick.domain.events import operations as events
from tallystick.domain.exports import models, rules
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, texts

_SENT = 1 << 16
"""A piece is handed on in parts of so many bytes: the server queues some of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportView:
    """Show an export: `made` of `total` rows are in it, `size` bytes by now; `missing` documents could not be read and are not.

    `failure` is the code of what refused the next piece, which was begun `tries` times.
    """

    id: UUID
    subject: str
    kind: str
    total: int
    made: int
    size: int
    missing: int
    tries: int
    failure: str
    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime

    @property
    def is_failing(self) -> bool:
        """Tell whether something stands in the way: it refused, or what was begun had to be begun again."""
        return self.ready_at is None and (bool(self.failure) or self.tries > 1)

    @property
    def is_given_up(self) -> bool:
        """Tell whether the worker tries no more by itself."""
        return self.is_failing and self.tries >= events.PARK_AFTER_ATTEMPTS


@dataclass(frozen=True, slots=True)
class Work:
    """Hold what the worker needs to go on with a file: the wish, whose divisions were in sight (None for all), and the last piece's end."""

    wish: rules.Wish
    division_ids: frozenset[int] | None
    so_far: rules.Piece
    pieces: int
    is_ready: bool


def export(*, viewer: Viewer, export_id: UUID, now: datetime) -> ExportView:
    """Open one of the viewer's own exports. Raises NotAllowed, NotFound."""
    with scope.of(viewer):
        found = _own(viewer, export_id, now).values(*ExportView.__dataclass_fields__).first()
    if found is None:
        raise _gone()
    return ExportView(**found)


def content(*, viewer: Viewer, export_id: UUID, now: datetime) -> Iterator[bytes]:
    """Give the file piece by piece, each read when it is asked for. Raises NotAllowed, NotFound, both before the first piece."""
    with scope.of(viewer):
        found = _own(viewer, export_id, now).filter(ready_at__isnull=False).values_list("pieces", "division_ids").first()
    if found is None or not _sees_as_much(viewer, found[1]):
        raise _gone()
    return _pieces(viewer, export_id, found[0])


def work(*, viewer: Viewer, export_id: UUID) -> Work | None:
    """Tell the worker what to go on with; None where it is forgotten already."""
    with scope.of(viewer):
        row = models.Export.objects.filter(customer_id=owner(viewer), id=export_id).first()
    if row is None:
        return None
    wish = rules.Wish(subject=rules.Subject(row.subject), kind=rules.ExportKind(row.kind), wanted=row.wanted, total=row.total)
    sight = None if row.division_ids is None else frozenset(row.division_ids)
    return Work(wish, sight, rules.Piece(made=row.made, missing=row.missing, state=row.state), row.pieces, row.ready_at is not None)


def _pieces(viewer: Viewer, export_id: UUID, count: int) -> Iterator[bytes]:
    for position in range(count):
        with scope.of(viewer):
            found = models.Piece.objects.filter(customer_id=owner(viewer), export_id=export_id, position=position)
            piece = found.values_list("content", flat=True).first()
        if piece is None:
            return  # forgotten while it was read: the file breaks off, which its length tells
        yield from (bytes(piece[start : start + _SENT]) for start in range(0, len(piece), _SENT))


def _own(viewer: Viewer, export_id: UUID, now: datetime) -> QuerySet[models.Export]:
    permit(viewer, Act.SEE_FINANCES)
    return models.Export.objects.filter(customer_id=owner(viewer), id=export_id, person_id=viewer.person_id or 0, expires_at__gt=now)


def _sees_as_much(viewer: Viewer, division_ids: list[int] | None) -> bool:
    """Tell whether the asker still sees every division that was in sight then: one may have been taken from them since."""
    return viewer.division_ids is None or (division_ids is not None and viewer.division_ids.issuperset(division_ids))


def _gone() -> errors.NotFound:
    return errors.NotFound(texts.marked("There is no such download. A download is its asker's alone, for one day."), code="download_gone")
