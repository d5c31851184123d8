"""Take a message that is due, signed; and note what came of the try: delivered, tried again later, given up, or the endpoint switched off.

Between the two the message goes out, outside of any transaction. Killed in between, the job is leased again and the message goes out twice,
under the same webhook-id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from tallystick.domain.customers.rules import system
from tallystick.domain.events import operations as events
from tallystick.domain.events import queries as recorded
from tallystick.domain.webhooks import models, queries, rules
from tallystick.domain.webhooks.operations import endpoints
from tallystick.integrations.postgres import scope
from tallystick.lib import ids

_DONE_ALREADY = timedelta(minutes=1)
"""A try that lies further ahead shows that another run of this job noted its own."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Hold a message that is ready to go."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    private_allowed: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """Tell what came of a try: the receiver's status, or why there is none."""

    status: int | None
    error: str
    milliseconds: int


@scope.retrying
def take_message(*, customer_id: int, delivery_id: UUID, now: datetime, spread_permille: int = 0) -> Outgoing | None:
    """Sign a message that is due; None where there is nothing to send (now): ended, switched off, or its endpoint is left alone for a while."""
    with scope.of(system(customer_id)):
        try:
            endpoint, delivery = _locked(customer_id, delivery_id)
        except models.Delivery.DoesNotExist:  # a job that lay longer than messages are kept
            return None
        if delivery.state != rules.State.WAITING or (delivery.next_at and delivery.next_at > now + _DONE_ALREADY):
            return None
        is_test = delivery.cause == rules.Cause.TEST
        if endpoint.removed_at is not None or (endpoint.off_at is not None and not is_test):
            _update(delivery, state=rules.State.STOPPED, ended_at=now, next_at=None)
            return None
        is_last = now >= delivery.created_at + rules.GIVES_UP_AFTER
        if endpoint.quiet_until and endpoint.quiet_until > now and not (is_test or is_last):
            _put_off(delivery, endpoint.quiet_until + timedelta(seconds=abs(spread_permille) // 10), now)
            return None
        message_id, body = _content(delivery)
        headers = rules.headers(secrets=_secrets(endpoint, now), message_id=message_id, sent_at=now, body=body)
        return Outgoing(endpoint.url, headers, body, queries.private_allowed())


@scope.retrying
def note_outcome(*, customer_id: int, delivery_id: UUID, outcome: Outcome, now: datetime, spread_permille: int) -> None:
    """Keep the try in the log, and decide what follows. `spread_permille` shortens or lengthens the pause."""
    with scope.of(system(customer_id)):
        endpoint, delivery = _locked(customer_id, delivery_id)
        models.Attempt.objects.create(
            customer_id=customer_id,
            delivery_id=delivery_id,
            made_at=now,
            status=outcome.status,
            error=outcome.error,
            milliseconds=outcome.milliseconds,
        )
        if delivery.state != rules.State.WAITING:
            return
        tried: dict[str, object] = {
            "attempts": delivery.attempts + 1,
            "first_at": delivery.first_at or now,
            "last_status": outcome.status,
            "last_error": outcome.error,
        }
        if rules.is_success(outcome.status):
            _update(delivery, **tried, state=rules.State.DELIVERED, ended_at=now, next_at=None)
            if endpoint.failing_since is not None:
                _of_endpoint(endpoint, failing_since=None, failures=0, quiet_until=None)
            return
        _update(delivery, **tried)
        _failed(endpoint, delivery, outcome, now, spread_permille)


def _failed(endpoint: models.Endpoint, delivery: models.Delivery, outcome: Outcome, now: datetime, spread_permille: int) -> None:
    if delivery.cause == rules.Cause.TEST:  # says how the endpoint is, and changes nothing about it
        _update(delivery, state=rules.State.FAILED, ended_at=now, next_at=None)
        return
    failures = endpoint.failures + 1
    quiet_until = now + timedelta(seconds=rules.quiet_seconds(failures))
    _of_endpoint(endpoint, failing_since=endpoint.failing_since or now, failures=failures, quiet_until=quiet_until)
    assert delivery.first_at is not None, "a try was made"
    assert endpoint.failing_since is not None, "and failed"
    gone = outcome.status == rules.GONE
    next_at = rules.next_try(attempts=delivery.attempts, first_at=delivery.first_at, now=now, spread_permille=spread_permille)
    if next_at is not None and not gone:
        _put_off(delivery, next_at, now)
        return
    _update(delivery, state=rules.State.FAILED, ended_at=now, next_at=None)
    failed_throughout = endpoint.failing_since <= delivery.first_at
    if endpoint.is_on and (gone or failed_throughout):
        reason = rules.Off.GONE if gone else rules.Off.FAILING
        endpoints.put_off(row=endpoint, reason=reason, now=now, viewer=system(endpoint.customer_id))


def _locked(customer_id: int, delivery_id: UUID) -> tuple[models.Endpoint, models.Delivery]:
    """Lock the endpoint, then the message: its fate may change the endpoint's."""
    endpoint_id = models.Delivery.objects.values_list("endpoint_id", flat=True).get(customer_id=customer_id, id=delivery_id)
    endpoint = models.Endpoint.objects.select_for_update(no_key=True).get(customer_id=customer_id, id=endpoint_id)
    return endpoint, models.Delivery.objects.select_for_update(no_key=True).get(customer_id=customer_id, id=delivery_id)


def _put_off(delivery: models.Delivery, until: datetime, now: datetime) -> None:
    _update(delivery, next_at=until)
    seconds = ceil((until - now).total_seconds())
    events.schedule(reaction=rules.REACTION_DELIVER, customer_id=delivery.customer_id, event_id=delivery.id, after_seconds=seconds)


def _content(delivery: models.Delivery) -> tuple[str, bytes]:
    """Give the message's id, the same for every try and every endpoint, and its body."""
    if delivery.event_id is None:
        subject = ids.public("wh", delivery.endpoint_id)
        told = rules.Told(ids.public("msg", delivery.id), None, delivery.kind, delivery.created_at, subject, {})
    else:
        event = recorded.event(customer_id=delivery.customer_id, event_id=delivery.event_id)
        told = queries.told(event, delivery.number)
    return told.id, told.body()


def _secrets(endpoint: models.Endpoint, now: datetime) -> list[str]:
    found = models.Secret.objects.filter(customer_id=endpoint.customer_id, endpoint_id=endpoint.id).order_by("-created_at", "-id")
    return [one.secret for one in found if one.expires_at is None or one.expires_at > now]


def _update(delivery: models.Delivery, **values: object) -> None:
    models.Delivery.objects.filter(customer_id=delivery.customer_id, id=delivery.id).update(**values)
    for name, value in values.items():
        setattr(delivery, name, value)


def _of_endpoint(endpoint: models.Endpoint, **values: object) -> None:
    models.Endpoint.objects.filter(customer_id=endpoint.customer_id, id=endpoint.id).update(**values)
    for name, value in values.items():
        setattr(endpoint, name, value)
