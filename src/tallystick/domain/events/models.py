"""Lay out the events: one append-only row per change, its number given after commit, and the reactions that wait."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from tallystick.lib import ids


class Event(models.Model):
    """Record one change: the audit trail, the outbox and the source of webhooks in one row."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    kind = models.TextField()
    subject_id = models.TextField()
    facts = models.JSONField(default=dict)
    viewer_kind = models.TextField()
    person_id = models.BigIntegerField(null=True)
    viewer_name = models.TextField()
    occurred_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["customer_id", "subject_id"], name="event_of_subject"),
            models.Index(fields=["id"], name="event_newest"),  # of all customers, for the pages of staff
        ]


class Unnumbered(models.Model):
    """Queue an event for its number and its reactions; no customer owns the queue, and it holds ids only."""

    event_id = models.UUIDField(primary_key=True)
    customer_id = models.BigIntegerField()
    kind = models.TextField()


class Number(models.Model):
    """Give an event its place in the customer's gapless sequence, after commit."""

    customer_id = models.BigIntegerField()
    id = models.BigIntegerField(primary_key=True)
    event_id = models.UUIDField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer_id", "event_id"], name="one_number_per_event"),
        ]


class Listener(models.Model):
    """Name a reaction that every event of one customer calls for, beside those that the table of reactions names by kind."""

    customer_id = models.BigIntegerField()
    id = models.TextField(primary_key=True)


class Job(models.Model):
    """Queue one reaction to one event, or one timed step; a lease lets a job of a dead worker be taken again."""

    id = models.BigAutoField(primary_key=True)
    reaction = models.TextField()
    customer_id = models.BigIntegerField(null=True)
    event_id = models.UUIDField(null=True)
    attempts = models.IntegerField(db_default=0)
    run_at = models.DateTimeField(db_default=Now())
    leased_until = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    last_error = models.TextField(db_default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["run_at"], condition=models.Q(parked_at__isnull=True), name="job_due"),
        ]
