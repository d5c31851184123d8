"""Queue messages: of what happened, of a test, once more of one event, and of a range of the sequence."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tallystick.domain.customers.rules import Viewer, system
from tallystick.domain.events import operations as events
from tallystick.domain.events import queries as recorded
from tallystick.domain.webhooks import models, queries, rules
from tallystick.domain.webhooks.operations import endpoints
from tallystick.domain.webhooks.operations.refusals import EndpointOff
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, texts


@scope.retrying
def tell_endpoints(*, customer_id: int, event_id: UUID, now: datetime) -> None:
    """Queue a message for every endpoint that wants this event; a second run finds them queued."""
    with scope.of(system(customer_id)):
        event = recorded.event(customer_id=customer_id, event_id=event_id)
        if event.kind not in rules.KINDS:
            return
        wanting = [row for row in queries.kept(customer_id).filter(off_at=None) if not row.kinds or event.kind in row.kinds]
        told = set(
            models.Delivery.objects.filter(customer_id=customer_id, event_id=event_id, cause=rules.Cause.EVENT).values_list("endpoint_id", flat=True)
        )
        number = recorded.number_of(customer_id=customer_id, event_id=event_id)
        subject = _Subject(event.kind, event_id, number)
        fresh = [_message(row, subject, now) for row in wanting if row.id not in told]
        _queue(customer_id, fresh)


@scope.retrying
def send_test(*, viewer: Viewer, endpoint_id: UUID, now: datetime) -> UUID:
    """Send a message that means nothing, once; also to an endpoint that is switched off. Raises NotAllowed, NotFound."""
    customer_id = queries.permitted(viewer)
    with scope.of(viewer):
        row = endpoints.locked(customer_id, endpoint_id)
        made = _message(row, _Subject(rules.TEST_KIND), now, _Wish(rules.Cause.TEST, viewer.name))
        _queue(customer_id, [made])
    return made.id


@scope.retrying
def resend(*, viewer: Viewer, delivery_id: UUID, now: datetime) -> UUID:
    """Send one message of the log once more, under the same webhook-id. Raises NotAllowed, NotFound, EndpointOff."""
    customer_id = queries.permitted(viewer)
    with scope.of(viewer):
        found = models.Delivery.objects.filter(customer_id=customer_id, id=delivery_id).first()
        if found is None or found.event_id is None:
            raise errors.NotFound(texts.marked("There is no such message."))
        row = _on(customer_id, found.endpoint_id)
        made = _message(row, _Subject(found.kind, found.event_id, found.number), now, _Wish(rules.Cause.RESENT, viewer.name))
        _queue(customer_id, [made])
    return made.id


@scope.retrying
def replay(*, viewer: Viewer, endpoint_id: UUID, first: int, last: int, now: datetime) -> int:
    """Send all events of a range of the sequence (both ends inclusive) that the endpoint wants once more; tell how many.

    Raises NotAllowed, NotFound, Invalid, EndpointOff.
    """
    customer_id = queries.permitted(viewer)
    if not 0 < first <= last < 2**63 or last - first >= rules.MOST_REPLAYED:
        raise errors.Invalid(
            texts.marked("Name the first and the last number, at most %(most)s events apart.", most=rules.MOST_REPLAYED), field="last"
        )
    with scope.of(viewer):
        row = _on(customer_id, endpoint_id)
        kinds = row.kinds or rules.KINDS
        found = recorded.feed(customer_id=customer_id, after=first - 1, through=last, kinds=kinds, limit=rules.MOST_REPLAYED)
        wish = _Wish(rules.Cause.REPLAYED, viewer.name)
        made = [_message(row, _Subject(one.event.kind, one.event.id, one.number), now, wish) for one in found]
        _queue(customer_id, made)
        endpoints.record(row, "webhook_endpoint.replayed", viewer, first=first, last=last, count=len(made))
    return len(made)


def _on(customer_id: int, endpoint_id: UUID) -> models.Endpoint:
    row = endpoints.locked(customer_id, endpoint_id)
    if row.off_at is not None:
        raise EndpointOff(texts.marked("The endpoint is switched off. Switch it on first."))
    return row


@dataclass(frozen=True, slots=True)
class _Subject:
    """Name what a message tells; a test tells of no event."""

    kind: str
    event_id: UUID | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class _Wish:
    """Tell why it is sent, and who wanted it."""

    cause: rules.Cause = rules.Cause.EVENT
    asked_by: str = ""


def _message(row: models.Endpoint, subject: _Subject, now: datetime, wish: _Wish | None = None) -> models.Delivery:
    why = wish or _Wish()
    return models.Delivery(
        customer_id=row.customer_id,
        endpoint_id=row.id,
        event_id=subject.event_id,
        number=subject.number,
        kind=subject.kind,
        cause=why.cause,
        asked_by=why.asked_by,
        created_at=now,
        next_at=now,
    )


def _queue(customer_id: int, made: list[models.Delivery]) -> None:
    if made:
        models.Delivery.objects.bulk_create(made)
        events.schedule_each(reaction=rules.REACTION_DELIVER, customer_id=customer_id, event_ids=[one.id for one in made])
