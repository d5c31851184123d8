"""Ask what happened: an event, a subject's history, a customer's log, the parked jobs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from tallystick.domain.events import models
from tallystick.integrations.postgres import scope

_NEWEST = 20
"""So many events tell two states apart: an id is made before its commit, so the newest id alone could hide one that committed later."""


@dataclass(frozen=True, slots=True)
class Parked:
    """Show the operator a job that keeps failing."""

    id: int
    reaction: str
    customer_id: int | None
    attempts: int
    parked_at: datetime
    last_error: str


def event(*, customer_id: int, event_id: UUID) -> models.Event:
    """Load one event inside the running scope."""
    return models.Event.objects.get(customer_id=customer_id, id=event_id)


def written_here(*, customer_id: int, after: UUID) -> list[models.Event]:
    """List what the running transaction itself has written of a customer since an id was made, in that order."""
    written = "select * from events_event where customer_id = %s and id > %s and xmin = pg_current_xact_id()::xid order by id"
    return list(models.Event.objects.raw(written, [customer_id, after]))


def of_subject(*, customer_id: int, subject_id: str) -> list[models.Event]:
    """List what happened to one thing, oldest first."""
    return list(models.Event.objects.filter(customer_id=customer_id, subject_id=subject_id).order_by("id"))


@dataclass(frozen=True, slots=True)
class Numbered:
    """Show an event in its place in the customer's gapless sequence."""

    number: int
    event: models.Event


_FEED = (
    "select e.*, n.id as number from events_number n join events_event e on e.customer_id = n.customer_id and e.id = n.event_id"
    " where n.customer_id = %s and n.id > %s and n.id <= %s and (cardinality(%s::text[]) = 0 or e.kind = any(%s)) order by n.id limit %s"
)
_LAST_NUMBER = 2**63 - 1


def feed(*, customer_id: int, after: int = 0, through: int = _LAST_NUMBER, kinds: Collection[str] = (), limit: int = 100) -> list[Numbered]:
    """List a customer's events by their numbers: those after one, through another (inclusive), of some kinds or of all."""
    found = models.Event.objects.raw(_FEED, [customer_id, after, through, list(kinds), list(kinds), limit])
    return [Numbered(vars(row)["number"], row) for row in found]


def number_of(*, customer_id: int, event_id: UUID) -> int | None:
    """Tell the place of an event in its customer's sequence; None before it has one."""
    return models.Number.objects.filter(customer_id=customer_id, event_id=event_id).values_list("id", flat=True).first()


def last_number(*, customer_id: int) -> int:
    """Tell how far the sequence of a customer has come; 0 before its first event has a number."""
    return models.Number.objects.filter(customer_id=customer_id).order_by("-id").values_list("id", flat=True).first() or 0


def log(*, customer_id: int, before: UUID | None = None, limit: int = 50) -> list[models.Event]:
    """Page through a customer's events, newest first, from before an event on."""
    rows = models.Event.objects.filter(customer_id=customer_id)
    return list((rows.filter(id__lt=before) if before else rows).order_by("-id")[:limit])


def version(*, customer_id: int | None, beside: str = "''") -> str:
    """Mark how far a customer's events have come, or all customers' (None); another mark means that something happened.

    One read of an index, inside the running scope. `beside` is an SQL expression of ours for what is no event yet and shown all the same. Charges of programs are no events and do not move the mark.
    """
    mine = "" if customer_id is None else " where customer_id = %s"
    with scope.cursor() as cursor:
        cursor.execute(
            f"select coalesce(md5(string_agg(id::text, ' ')), '') || {beside} from (select id from events_event{mine} order by id desc limit {_NEWEST}) newest",  # noqa: S608 - our own words
            [] if customer_id is None else [customer_id],
        )
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def parked() -> list[Parked]:
    """List the jobs that wait for the operator, oldest first."""
    rows = models.Job.objects.filter(parked_at__isnull=False).order_by("parked_at")[:200]
    return [Parked(row.pk, row.reaction, row.customer_id, row.attempts, row.parked_at, row.last_error) for row in rows if row.parked_at]


def waiting_count() -> int:
    """Count the jobs that are due or have failed before and are not parked, and the events that have no number yet."""
    due = models.Job.objects.filter(Q(run_at__lte=Now()) | Q(attempts__gt=0), parked_at__isnull=True)
    return due.count() + models.Unnumbered.objects.count()


@dataclass(frozen=True, slots=True)
class Queued:
    """Show the operator a job that waits for the worker, or is with one (`leased_until`)."""

    reaction: str
    customer_id: int | None
    attempts: int
    run_at: datetime
    leased_until: datetime | None
    last_error: str


def queued(*, limit: int = 50) -> list[Queued]:
    """List the jobs that wait, the next one first."""
    rows = models.Job.objects.filter(parked_at__isnull=True).order_by("run_at", "id")[:limit]
    return [Queued(row.reaction, row.customer_id, row.attempts, row.run_at, row.leased_until, row.last_error) for row in rows]


def is_queued(*, reaction: str) -> bool:
    """Tell whether a job of this reaction waits or runs."""
    return models.Job.objects.filter(reaction=reaction, parked_at__isnull=True).exists()
