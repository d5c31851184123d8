"""Ask what happened: an event, a subject's history, a customer's log, the parked jobs."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tallystick.domain.events import models


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


def of_subject(*, customer_id: int, subject_id: str) -> list[models.Event]:
    """List what happened to one thing, oldest first."""
    return list(models.Event.objects.filter(customer_id=customer_id, subject_id=subject_id).order_by("id"))


def log(*, customer_id: int, before: UUID | None = None, limit: int = 50) -> list[models.Event]:
    """Page through a customer's events, newest first, from before an event on."""
    rows = models.Event.objects.filter(customer_id=customer_id)
    return list((rows.filter(id__lt=before) if before else rows).order_by("-id")[:limit])


def parked() -> list[Parked]:
    """List the jobs that wait for the operator, oldest first."""
    rows = models.Job.objects.filter(parked_at__isnull=False).order_by("parked_at")[:200]
    return [Parked(row.pk, row.reaction, row.customer_id, row.attempts, row.parked_at, row.last_error) for row in rows if row.parked_at]


def waiting_count() -> int:
    """Count the jobs that are not parked, and the events that have no number yet."""
    return models.Job.objects.filter(parked_at__isnull=True).count() + models.Unnumbered.objects.count()
