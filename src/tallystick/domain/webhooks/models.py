"""Lay out endpoints and their secrets, the messages to them, and every try."""

from typing import ClassVar

from django.db import models

from tallystick.domain.webhooks import rules
from tallystick.lib import ids


class Endpoint(models.Model):
    """Name an address of a customer's program; `kinds` empty means every event, `failing_since` starts with the first failure after a success."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    url = models.TextField()
    description = models.TextField(blank=True)
    kinds = models.JSONField(default=list)
    created_at = models.DateTimeField()
    created_by = models.TextField()
    off_reason = models.TextField(blank=True)
    off_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    quiet_until = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(off_reason__in=["", *rules.Off]), name="webhook_off_reason"),
            models.UniqueConstraint(fields=["customer_id", "url"], condition=models.Q(removed_at__isnull=True), name="one_webhook_endpoint_per_url"),
        ]

    @property
    def is_on(self) -> bool:
        """Tell whether messages go there."""
        return self.off_at is None and self.removed_at is None


class Secret(models.Model):
    """Keep what messages to an endpoint are signed with: only the worker reads it, pages may write it and end it."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    endpoint_id = models.UUIDField()
    secret = models.TextField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)


class Delivery(models.Model):
    """Keep one message to one endpoint; a test has no event. `number` is the event's place in the customer's sequence."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    endpoint_id = models.UUIDField()
    event_id = models.UUIDField(null=True)
    number = models.BigIntegerField(null=True)
    kind = models.TextField()
    cause = models.TextField(default=rules.Cause.EVENT)
    asked_by = models.TextField(blank=True)
    state = models.TextField(default=rules.State.WAITING)
    attempts = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    first_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    last_status = models.IntegerField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=list(rules.State)), name="webhook_delivery_state"),
            models.CheckConstraint(condition=models.Q(cause__in=list(rules.Cause)), name="webhook_delivery_cause"),
            models.CheckConstraint(
                condition=models.Q(state="waiting", ended_at__isnull=True) | models.Q(~models.Q(state="waiting"), ended_at__isnull=False),
                name="webhook_delivery_ends",
            ),
            models.UniqueConstraint(
                fields=["customer_id", "endpoint_id", "event_id"], condition=models.Q(cause="event"), name="one_webhook_per_endpoint_and_event"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer_id", "endpoint_id", "-id"], name="webhook_log"),
            models.Index(fields=["ended_at"], condition=models.Q(ended_at__isnull=False), name="webhook_ended"),
        ]


class Attempt(models.Model):
    """Keep one try of a message, as long as the message: the status that came back, or why none did. What the receiver wrote is not kept."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    delivery_id = models.UUIDField()
    made_at = models.DateTimeField()
    status = models.IntegerField(null=True)
    error = models.TextField(blank=True)
    milliseconds = models.IntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["customer_id", "delivery_id"], name="webhook_tries")]
