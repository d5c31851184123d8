"""Lay out groups with their schedules, who is in which, pauses, what was reminded of, and on which day each customer was looked at."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tallystick.domain.reminders import rules
from tallystick.lib import ids


class Group(models.Model):
    """Name a group of customers and keep its schedule: `steps` are pairs of days and tone. One of them is the default."""

    id = models.BigAutoField(primary_key=True)
    name = models.TextField(unique=True)
    steps = models.JSONField()
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_group"),
            models.CheckConstraint(condition=~Q(name=""), name="group_is_named"),
        ]


class Membership(models.Model):
    """Put a customer into a group; who has no row is in the default one."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    group_id = models.BigIntegerField()
    since = models.DateTimeField()
    changed_by = models.TextField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["customer_id"], name="one_group_per_customer")]


class Pause(models.Model):
    """Send no reminders of one invoice, or (without one) to the whole customer, to the end of a day; `lifted_at` is when it was ended early."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    invoice_id = models.UUIDField(null=True)
    until = models.DateField()
    reason = models.TextField()
    paused_at = models.DateTimeField()
    paused_by = models.TextField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.TextField(default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer_id", "invoice_id"], condition=Q(lifted_at__isnull=True), nulls_distinct=False, name="one_pause_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="pause_has_a_reason"),
        ]


class Reminder(models.Model):
    """Keep that a customer was reminded: one mail to each of its contacts, on a day of the legal entity's. `asked_by` is who pressed the button."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    day = models.DateField()
    tone = models.TextField()
    asked_by = models.TextField(default="")
    queued_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(tone__in=list(rules.Tone)), name="reminder_tone")]
        indexes: ClassVar = [models.Index(fields=["id"], name="reminder_newest")]  # of all customers, for the page of staff


class Told(models.Model):
    """Keep that an invoice was reminded of at a step, once for ever: what was open of it, and what was asked for after all that covers it."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    reminder_id = models.UUIDField()
    invoice_id = models.UUIDField()
    step = models.IntegerField()
    tone = models.TextField()
    day = models.DateField()
    open_minor = models.BigIntegerField()
    owed_minor = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer_id", "invoice_id", "step"], name="told_once_at_each_step"),
            models.CheckConstraint(condition=Q(owed_minor__gt=0) & ~Q(step=0), name="told_of_what_is_owed"),
            models.CheckConstraint(condition=Q(tone__in=list(rules.Tone)), name="told_tone"),
        ]
        indexes: ClassVar = [models.Index(fields=["customer_id", "reminder_id"], name="told_by_reminder")]


class Turn(models.Model):
    """Keep on which day the worker looked at a customer last, so that a day has one turn."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    day = models.DateField()
    looked_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["customer_id"], name="one_turn_per_customer")]
