"""Take the wish for a file, keep it piece by piece as it is made, and forget it after a day."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F

from tallystick.domain.customers.rules import Act, Viewer, owner, permit
from tallystick.domain.events import operations as events
from tallystick.domain.exports import models, queries, rules
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids, texts

KEPT = timedelta(days=1)
_REACTION_MAKE, _REACTION_FORGET = "make_export", "forget_export"


class ExportNotFailing(errors.Conflict):
    """Say that nothing stands in the way of a file that was asked for anew."""

    code = "export_not_failing"


class TooManyForOneFile(errors.Conflict):
    """Say that a file would hold more than one may."""

    code = "too_many_for_one_file"


def ask_export(*, viewer: Viewer, wish: rules.Wish, now: datetime) -> UUID:
    """Queue a file of what the viewer has listed. Raises NotAllowed, TooManyForOneFile."""
    permit(viewer, Act.SEE_FINANCES)
    assert viewer.customer_id is not None, "a customer's person asks"
    assert viewer.person_id is not None, "a customer's person asks"
    refuse_too_many(subject=wish.subject, kind=wish.kind, count=wish.total)
    export = models.Export(
        customer_id=viewer.customer_id,
        person_id=viewer.person_id,
        division_ids=None if viewer.division_ids is None else sorted(viewer.division_ids),
        subject=wish.subject,
        kind=wish.kind,
        wanted=dict(wish.wanted),
        total=wish.total,
        asked_at=now,
        expires_at=now + KEPT,
    )
    with scope.of(viewer):
        export.save(force_insert=True)
        facts = {"kind": str(wish.kind), "of": str(wish.subject), "rows": wish.total}
        events.record(customer_id=viewer.customer_id, kind="export.asked", subject_id=ids.public("dl", export.id), facts=facts, viewer=viewer)
    return export.id


def ask_anew(*, viewer: Viewer, export_id: UUID, now: datetime) -> UUID:
    """Queue the same file once more, for who waits for one that cannot be made: from its beginning, with the rows that were asked for.

    What was begun stays with the worker, where staff see it. Raises NotAllowed, NotFound, ExportNotFailing.
    """
    with scope.of(viewer):
        before = queries.export(viewer=viewer, export_id=export_id, now=now)
        if not before.is_failing:
            raise ExportNotFailing(texts.marked("This file is being made, or is there already."))
        work = queries.work(viewer=viewer, export_id=export_id)
        assert work is not None, "it was seen in this very transaction"
        return ask_export(viewer=viewer, wish=work.wish, now=now)


def refuse_too_many(*, subject: rules.Subject, kind: rules.ExportKind, count: int, most: int | None = None) -> None:
    """Refuse what is too much for one file; `most` is what fits where that is less than usual. Raises TooManyForOneFile."""
    least = rules.MOST_EXPORTED[subject][kind] if most is None else most
    if count <= least:
        return
    match subject:
        case rules.Subject.INVOICES:
            sentence = texts.marked(
                "One file takes at most %(most)s invoices. Narrow the filter, for instance by dates, and fetch the rest in another one.",
                most=f"{least:,}",
            )
        case rules.Subject.PURCHASE_ORDERS:
            sentence = texts.marked(
                "One file takes at most %(most)s purchase orders. Narrow the filter, for instance by dates, and fetch the rest in another one.",
                most=f"{least:,}",
            )
        case _:
            sentence = texts.marked("These are more than %(most)d rows. Choose fewer days.", most=least)
    raise TooManyForOneFile(sentence)


def begin_piece(*, viewer: Viewer, export_id: UUID) -> None:
    """Count that the next piece is begun: a second time tells that the first was in vain, also where the worker died of it."""
    with scope.of(viewer):
        models.Export.objects.filter(customer_id=owner(viewer), id=export_id, ready_at__isnull=True).update(tries=F("tries") + 1)


def note_failure(*, viewer: Viewer, export_id: UUID, code: str) -> None:
    """Keep what refused the next piece; it will be tried again."""
    with scope.of(viewer):
        models.Export.objects.filter(customer_id=owner(viewer), id=export_id, ready_at__isnull=True).update(failure=code)


def add_piece(*, viewer: Viewer, export_id: UUID, event_id: UUID, after: int, piece: rules.Piece, now: datetime) -> bool:
    """Keep the next piece of a file that had `after` pieces, and queue what follows: the piece after it, or the day on which the file is forgotten.

    Tells whether it was kept: another worker may have made the same piece meanwhile.
    """
    with scope.of(viewer):
        own = models.Export.objects.filter(customer_id=owner(viewer), id=export_id, ready_at__isnull=True, pieces=after)
        export = own.select_for_update().only("size", "expires_at").first()
        if export is None:
            return False
        if piece.content:
            models.Piece(customer_id=owner(viewer), export_id=export_id, position=after, content=piece.content).save(force_insert=True)
        own.update(
            made=piece.made,
            pieces=after + bool(piece.content),
            size=export.size + len(piece.content),
            state=dict(piece.state),
            tries=0,
            failure="",
            missing=piece.missing,
            ready_at=now if piece.is_last else None,
        )
        following = _REACTION_FORGET if piece.is_last else _REACTION_MAKE
        seconds = max(0, int((export.expires_at - now).total_seconds())) + 60 if piece.is_last else 0
        events.schedule(reaction=following, customer_id=viewer.customer_id, event_id=event_id, after_seconds=seconds)
    return True


def forget_export(*, viewer: Viewer, export_id: UUID) -> None:
    """Delete a file that nobody can fetch any more; that it was asked for stays in the log."""
    with scope.of(viewer):
        models.Piece.objects.filter(customer_id=owner(viewer), export_id=export_id).delete()
        models.Export.objects.filter(customer_id=owner(viewer), id=export_id).delete()
