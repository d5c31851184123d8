"""Go on with a file from where its last piece ended, whoever made that; bytes are made outside of any transaction and kept in one."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from django.utils import timezone

from tallystick.domain.customers import rules as customers
from tallystick.domain.events import queries as events
from tallystick.domain.exports import operations, queries
from tallystick.domain.exports.rules import ExportKind, Piece, Wish
from tallystick.integrations import tables
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids
from tallystick.reactions.exports import papers, sources


def make_export(customer_id: int, event_id: UUID) -> None:
    """Make the next piece of the file that the event asks for; what is ready or forgotten stays as it is."""
    viewer = customers.system(customer_id)
    export_id = _subject(viewer, customer_id, event_id)
    work = queries.work(viewer=viewer, export_id=export_id)
    if work is None or work.is_ready:
        return
    operations.begin_piece(viewer=viewer, export_id=export_id)
    try:
        # the file holds what its asker saw, not what the worker sees
        piece = _next(replace(viewer, division_ids=work.division_ids), work.wish, work.so_far)
    except errors.Refusal as refusal:
        operations.note_failure(viewer=viewer, export_id=export_id, code=refusal.code)
        raise
    operations.add_piece(viewer=viewer, export_id=export_id, event_id=event_id, after=work.pieces, piece=piece, now=timezone.now())


def forget_export(customer_id: int, event_id: UUID) -> None:
    """Delete the file that the event asked for; its time is over."""
    viewer = customers.system(customer_id)
    operations.forget_export(viewer=viewer, export_id=_subject(viewer, customer_id, event_id))


def whole(viewer: customers.Viewer, wish: Wish) -> bytes:
    """Make a small file at once."""
    return b"".join(piece.content for piece in _pieces(viewer, wish))


def _pieces(viewer: customers.Viewer, wish: Wish) -> Iterator[Piece]:
    piece = Piece()
    while not piece.is_last:
        piece = _next(viewer, wish, piece)
        yield piece


def _next(viewer: customers.Viewer, wish: Wish, so_far: Piece) -> Piece:
    """Make the piece after another one; the first one begins the file, the last one ends it."""
    if wish.kind is ExportKind.ZIP:
        return papers.piece(viewer, wish, so_far)
    source = sources.of(wish)
    file: tables.Growing = tables.Sheet(so_far.state.get("file")) if wish.kind is ExportKind.CSV else tables.Workbook(so_far.state.get("file"))
    begun = b"" if so_far.state else file.begin(source.name, source.heads)
    portion = source.portion(viewer, wish.wanted, so_far)
    content = begun + file.add(portion.rows) + (file.end() if portion.is_last else b"")
    return Piece(content=content, made=portion.made, state={"file": file.state, **portion.state}, is_last=portion.is_last)


def _subject(viewer: customers.Viewer, customer_id: int, event_id: UUID) -> UUID:
    with scope.of(viewer):
        return ids.parse("dl", events.event(customer_id=customer_id, event_id=event_id).subject_id)
