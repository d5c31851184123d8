"""Tell customers' endpoints what happened: queue a message for each, send it, note what came of it."""

import random
from uuid import UUID

from django.utils import timezone

from tallystick.domain.webhooks import operations, rules
from tallystick.integrations.webhooks import sending


def tell_endpoints(customer_id: int, event_id: UUID) -> None:
    """Queue a message for every endpoint that wants this event."""
    operations.tell_endpoints(customer_id=customer_id, event_id=event_id, now=timezone.now())


def deliver_webhook(customer_id: int, delivery_id: UUID) -> None:
    """Send one message that is due, outside of any transaction; a failure is not the job's: the message waits for its next try."""
    spread = random.randint(-rules.SPREAD_PERMILLE, rules.SPREAD_PERMILLE)  # noqa: S311 - spreads tries, guards nothing
    message = operations.take_message(customer_id=customer_id, delivery_id=delivery_id, now=timezone.now(), spread_permille=spread)
    if message is None:
        return
    came = sending.post(url=message.url, headers=message.headers, body=message.body, private_allowed=message.private_allowed)
    outcome = operations.Outcome(came.status, came.error, came.milliseconds)
    operations.note_outcome(customer_id=customer_id, delivery_id=delivery_id, outcome=outcome, now=timezone.now(), spread_permille=spread)
