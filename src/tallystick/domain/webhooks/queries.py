"""Ask for the endpoints, the log of each, and the feed of events by their numbers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Act, Viewer, owner, permit
from tallystick.domain.events import models as recorded
from tallystick.domain.events import queries as events
from tallystick.domain.webhooks import models, rules
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids, texts

_MOST_TOLD = 201
"""A page of 200, and the one that tells that others follow."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Show an endpoint; its secret is shown once, when it is made."""

    id: UUID
    url: str
    description: str
    kinds: tuple[str, ...]
    created_at: datetime
    is_on: bool
    off_reason: str
    off_at: datetime | None
    failing_since: datetime | None


@dataclass(frozen=True, slots=True)
class Message:
    """Show a message of an endpoint's log; `number` is the event's place in the sequence, None for a test."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID | None
    number: int | None
    kind: str
    cause: str
    asked_by: str
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime | None
    ended_at: datetime | None
    last_status: int | None
    last_error: str


@dataclass(frozen=True, slots=True)
class Try:
    """Show one try of a message."""

    made_at: datetime
    status: int | None
    error: str
    milliseconds: int


_ENDPOINT = ("id", "url", "description", "kinds", "created_at", "is_on", "off_reason", "off_at", "failing_since")
_MESSAGE = tuple(Message.__dataclass_fields__)


def permitted(viewer: Viewer) -> int:
    """Name the customer whose endpoints the viewer keeps; messages tell of all divisions, so a restricted viewer keeps none. Raises NotAllowed."""
    permit(viewer, Act.MANAGE_KEYS)
    if viewer.division_ids is not None:
        raise errors.NotAllowed(texts.marked("Your role does not allow this. Ask an administrator of your account."))
    return owner(viewer)


def kept(customer_id: int) -> QuerySet[models.Endpoint]:
    """Narrow to the endpoints of a customer that were not removed."""
    return models.Endpoint.objects.filter(customer_id=customer_id, removed_at=None)


def private_allowed() -> bool:
    """Tell whether the operator lets endpoints be on private networks and this machine."""
    return customers.setting(name=rules.PRIVATE_TARGETS, default=False) is True


def endpoints(*, viewer: Viewer) -> list[Endpoint]:
    """List the endpoints, the oldest first. Raises NotAllowed."""
    customer_id = permitted(viewer)
    with scope.of(viewer):
        return [_endpoint(row) for row in kept(customer_id).order_by("id")]


def endpoint(*, viewer: Viewer, endpoint_id: UUID) -> Endpoint:
    """Show one endpoint. Raises NotAllowed, NotFound."""
    customer_id = permitted(viewer)
    with scope.of(viewer):
        row = kept(customer_id).filter(id=endpoint_id).first()
    if row is None:
        raise errors.NotFound(texts.marked("There is no such endpoint."))
    return _endpoint(row)


def messages(*, viewer: Viewer, endpoint_id: UUID, before: UUID | None = None, newer_than: UUID | None = None, limit: int = 50) -> list[Message]:
    """Page through the log of an endpoint, newest first: from before a message on, or the next ones after another. Raises NotAllowed."""
    customer_id = permitted(viewer)
    with scope.of(viewer):
        found = models.Delivery.objects.filter(customer_id=customer_id, endpoint_id=endpoint_id)
        if newer_than:
            return [_message(row) for row in reversed(found.filter(id__gt=newer_than).order_by("id")[:limit])]
        rows = (found.filter(id__lt=before) if before else found).order_by("-id")[:limit]
        return [_message(row) for row in rows]


def message(*, viewer: Viewer, delivery_id: UUID) -> tuple[Message, list[Try]]:
    """Show one message and its tries, oldest first. Raises NotAllowed, NotFound."""
    customer_id = permitted(viewer)
    with scope.of(viewer):
        row = models.Delivery.objects.filter(customer_id=customer_id, id=delivery_id).first()
        if row is None:
            raise errors.NotFound(texts.marked("There is no such message."))
        tries = models.Attempt.objects.filter(customer_id=customer_id, delivery_id=delivery_id).order_by("id")
        return _message(row), [Try(one.made_at, one.status, one.error, one.milliseconds) for one in tries]


def feed(*, viewer: Viewer, after: int = 0, kinds: Collection[str] = (), limit: int = 100) -> list[rules.Told]:
    """List what happened after a number of the customer's gapless sequence, at most _MOST_TOLD events, in the order of the numbers.

    Events tell of all divisions: a viewer restricted to some sees none. Raises NotAllowed.
    """
    permit(viewer, Act.SEE_FINANCES)
    if viewer.division_ids is not None:
        raise errors.NotAllowed(texts.marked("Your role does not allow this. Ask an administrator of your account."))
    with scope.of(viewer):
        found = events.feed(customer_id=owner(viewer), after=after, kinds=kinds, limit=min(limit, _MOST_TOLD))
        return [told(one.event, one.number) for one in found]


def last_number(*, viewer: Viewer) -> int:
    """Tell how far the sequence has come. Raises NotAllowed."""
    customer_id = permitted(viewer)
    with scope.of(viewer):
        return events.last_number(customer_id=customer_id)


def told(event: recorded.Event, number: int | None) -> rules.Told:
    """Tell an event as programs outside see it."""
    return rules.Told(ids.public("evt", event.id), number, event.kind, event.occurred_at, event.subject_id, event.facts)


def _endpoint(row: models.Endpoint) -> Endpoint:
    values = {name: getattr(row, name) for name in _ENDPOINT}
    return Endpoint(**{**values, "kinds": tuple(row.kinds)})


def _message(row: models.Delivery) -> Message:
    return Message(**{name: getattr(row, name) for name in _MESSAGE})
