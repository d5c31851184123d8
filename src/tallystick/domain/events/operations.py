"""Record events inside the change, number them after commit, and lease jobs to the worker."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from tallystick.domain.events import models
from tallystick.integrations.postgres import rows, scope

LEASE_SECONDS = 120
PARK_AFTER_ATTEMPTS = 12


class Actor(Protocol):
    """Say who did it."""

    @property
    def kind(self) -> str:
        """Tell what kind of viewer acts."""

    @property
    def person_id(self) -> int | None:
        """Name the person, where there is one."""

    @property
    def name(self) -> str:
        """Give the name for the log."""


@dataclass(frozen=True, slots=True)
class Leased:
    """Hold one job for LEASE_SECONDS."""

    id: int
    reaction: str
    customer_id: int | None
    event_id: UUID | None
    attempts: int


def record(*, customer_id: int, kind: str, subject_id: str, facts: Mapping[str, object], viewer: Actor) -> UUID:
    """Write one event as the running scope commits, so that it is there exactly when its change is.

    `facts` must be JSON: amounts as decimal text or whole minor units, ids in their outside form; never a secret.
    """
    event = models.Event(
        customer_id=customer_id,
        kind=kind,
        subject_id=subject_id,
        facts=facts,
        viewer_kind=str(viewer.kind),
        person_id=viewer.person_id,
        viewer_name=viewer.name,
    )
    rows.later(event, models.Unnumbered(event_id=event.id, customer_id=customer_id, kind=kind))
    return event.id


def number(*, reactions: Mapping[str, list[str]], limit: int = 500) -> int:
    """Give committed events their numbers and queue their reactions, in one transaction of the worker; tell how many.

    One numbering step runs at a time (advisory lock inside the function), so the numbers of a customer have no gap.
    """
    with scope.cursor() as cursor:
        cursor.execute("select events_number_next(%s, %s)", [limit, json.dumps(dict(reactions))])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def lease(*, limit: int = 1, only: Collection[str] = (), but: Collection[str] = (), first: Collection[str] = ()) -> list[Leased]:
    """Take due jobs for LEASE_SECONDS, skipping those that another worker holds: of some reactions only, or of all but some.

    The oldest come first, those of the reactions named `first` before them.
    """
    with scope.cursor() as cursor:
        cursor.execute(
            "update events_job set leased_until = now() + make_interval(secs => %s), attempts = attempts + 1 where id in"
            " (select id from events_job where parked_at is null and run_at <= now() and (leased_until is null or leased_until < now())"
            " and (cardinality(%s::text[]) = 0 or reaction = any(%s)) and reaction <> all(%s)"
            " order by reaction <> all(%s), run_at, id limit %s for update skip locked)"
            " returning id, reaction, customer_id, event_id, attempts",
            [LEASE_SECONDS, list(only), list(only), list(but), list(first), limit],
        )
        leased = [Leased(*row) for row in cursor.fetchall()]  # as the update came by them, which is no order
    return sorted(leased, key=lambda job: (job.reaction not in first, job.id))


def finish(*, job_id: int) -> None:
    """Forget a job that has done its work."""
    with scope.cursor() as cursor:
        cursor.execute("delete from events_job where id = %s", [job_id])


def postpone(*, job_id: int, attempts: int, error: str) -> None:
    """Put a failed job off with growing pauses (2, 4, 8 ... seconds, at most an hour); park it after PARK_AFTER_ATTEMPTS."""
    pause = min(3600, 2**attempts)
    with scope.cursor() as cursor:
        cursor.execute(
            "update events_job set leased_until = null, run_at = now() + make_interval(secs => %s), last_error = %s,"
            " parked_at = case when %s >= %s then now() end where id = %s",
            [pause, error[:2000], attempts, PARK_AFTER_ATTEMPTS, job_id],
        )


def resume(*, job_id: int) -> None:
    """Take a parked job up again, with its attempts forgotten."""
    with scope.cursor() as cursor:
        cursor.execute("update events_job set parked_at = null, attempts = 0, run_at = now() where id = %s", [job_id])


def schedule(*, reaction: str, customer_id: int | None = None, event_id: UUID | None = None, after_seconds: int = 0) -> None:
    """Queue a job that no event calls for, inside the running scope."""
    with scope.cursor() as cursor:
        cursor.execute(
            "insert into events_job (reaction, customer_id, event_id, run_at) values (%s, %s, %s, now() + make_interval(secs => %s))",
            [reaction, customer_id, event_id, after_seconds],
        )


def schedule_each(*, reaction: str, customer_id: int, event_ids: Collection[UUID]) -> None:
    """Queue the same job for each of several ids at once, due now, inside the running scope."""
    with scope.cursor() as cursor:
        cursor.execute(
            "insert into events_job (reaction, customer_id, event_id) select %s, %s, unnest(%s::uuid[])", [reaction, customer_id, list(event_ids)]
        )


def listen(*, customer_id: int, reaction: str) -> None:
    """Queue this reaction for every event of the customer that gets its number from now on, inside the running scope; safe to repeat."""
    models.Listener.objects.get_or_create(customer_id=customer_id, id=reaction)
