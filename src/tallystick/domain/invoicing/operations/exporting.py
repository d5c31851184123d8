"""Take the wish for a file of many invoices, make it step by step, give it to its asker, and forget it after a day."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from tallystick.domain.customers.rules import Act, Viewer, owner, permit
from tallystick.domain.events import operations as events
from tallystick.domain.invoicing import models, rules
from tallystick.domain.invoicing.operations.refusals import TooManyForOneFile
from tallystick.integrations.postgres import scope
from tallystick.lib import ids, texts

KEPT = timedelta(days=1)


def ask_export(*, viewer: Viewer, kind: rules.ExportKind, wanted: Sequence[UUID], now: datetime) -> UUID:
    """Queue a file of these invoices, which the viewer has listed. Raises NotAllowed, TooManyForOneFile."""
    permit(viewer, Act.SEE_FINANCES)
    assert viewer.customer_id is not None, "a customer's person asks"
    assert viewer.person_id is not None, "a customer's person asks"
    refuse_too_many(kind=kind, count=len(wanted))
    export = models.Export(
        customer_id=viewer.customer_id,
        person_id=viewer.person_id,
        kind=kind,
        wanted=[ids.public("inv", one) for one in wanted],
        total=len(wanted),
        asked_at=now,
        expires_at=now + KEPT,
    )
    with scope.of(viewer):
        export.save(force_insert=True)
        facts = {"kind": str(kind), "invoices": len(wanted)}
        events.record(customer_id=viewer.customer_id, kind="export.asked", subject_id=ids.public("dl", export.id), facts=facts, viewer=viewer)
    return export.id


def refuse_too_many(*, kind: rules.ExportKind, count: int) -> None:
    """Refuse what is too much for one file. Raises TooManyForOneFile."""
    most = rules.MOST_EXPORTED[kind]
    if count > most:
        raise TooManyForOneFile(
            texts.marked(
                "One file takes at most %(most)s invoices. Narrow the filter, for instance by dates, and fetch the rest in another one.",
                most=f"{most:,}",
            )
        )


def note_progress(*, viewer: Viewer, export_id: UUID, made: int) -> None:
    """Say how many invoices the file has so far, for the page that waits for it."""
    with scope.of(viewer):
        models.Export.objects.filter(customer_id=owner(viewer), id=export_id, ready_at__isnull=True).update(made=made)


def finish_export(*, viewer: Viewer, export_id: UUID, event_id: UUID, content: bytes, now: datetime) -> None:
    """Keep the made file, and see to it that it is forgotten when its time is over; a second run changes nothing."""
    with scope.of(viewer):
        waiting = models.Export.objects.filter(customer_id=owner(viewer), id=export_id, ready_at__isnull=True)
        expires_at = waiting.values_list("expires_at", flat=True).select_for_update().first()
        if expires_at is None:
            return
        waiting.update(content=content, ready_at=now)
        after_seconds = max(0, int((expires_at - now).total_seconds())) + 60
        events.schedule(reaction="forget_export", customer_id=viewer.customer_id, event_id=event_id, after_seconds=after_seconds)


def forget_export(*, viewer: Viewer, export_id: UUID) -> None:
    """Delete a file that nobody can fetch any more; that it was asked for stays in the log."""
    with scope.of(viewer):
        models.Export.objects.filter(customer_id=owner(viewer), id=export_id).delete()
