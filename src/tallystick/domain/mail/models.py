"""Lay out the mails, what each is about, every try and every report, and who wants no alerts."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tallystick.domain.mail import rules
from tallystick.lib import ids


class Mail(models.Model):
    """Keep one mail to one address.

    `parts` are the facts of what it tells, one for each event; `closed_at` is when its words were fixed, and nothing may join any more.
    `next_contacts` are told, in their order, if it comes back. `dealt_at` is when staff looked after a mail that came back or failed.
    """

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    kind = models.TextField()
    cause = models.TextField(default=rules.Cause.EVENT)
    state = models.TextField(default=rules.State.QUEUED)
    address = models.TextField()
    name = models.TextField(blank=True)
    role = models.TextField()
    locale = models.TextField()
    division_id = models.BigIntegerField(null=True)
    parts = models.JSONField(default=list)
    next_contacts = models.JSONField(default=list)
    previous_id = models.UUIDField(null=True)
    asked_by = models.TextField(blank=True)
    queued_at = models.DateTimeField()
    send_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    message_id = models.TextField(blank=True)
    sender = models.TextField(blank=True)
    subject = models.TextField(blank=True)
    html = models.TextField(blank=True)
    text = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    enclosed = models.JSONField(default=list)
    leased_until = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    first_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    dealt_at = models.DateTimeField(null=True)
    last_code = models.IntegerField(null=True)
    last_answer = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=list(rules.State)), name="mail_state"),
            models.CheckConstraint(condition=Q(kind__in=list(rules.Kind)), name="mail_kind"),
            models.CheckConstraint(condition=Q(cause__in=list(rules.Cause)), name="mail_cause"),
            # "sent" is true only of what a server took
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "delivered", "complained"]) | Q(accepted_at__isnull=False), name="mail_sent_was_accepted"
            ),
            models.UniqueConstraint(
                fields=["customer_id", "kind", "address", "locale"],
                condition=Q(closed_at__isnull=True, cause="event", kind="invoice_issued"),
                name="one_mail_gathers",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], name="mail_newest"),  # of all customers, for the pages of staff
            models.Index(fields=["state", "id"], name="mail_newest_of_state"),
            models.Index(fields=["customer_id", "-id"], name="mail_of_customer"),
            models.Index(fields=["id"], condition=Q(state__in=list(rules.TROUBLE), dealt_at__isnull=True), name="mail_in_trouble"),
        ]


class Topic(models.Model):
    """Tie a mail to one thing that it is about; an event is told once to each address, which the key says."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    mail_id = models.UUIDField()
    event_id = models.UUIDField()
    subject_id = models.TextField()
    address_key = models.TextField()
    is_copy = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer_id", "event_id", "address_key", "subject_id"], condition=Q(is_copy=False), name="told_once_to_each_address"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer_id", "subject_id"], name="mail_about"),
            models.Index(fields=["customer_id", "mail_id"], name="mail_topics"),
        ]


class Attempt(models.Model):
    """Keep one try, begun before it is made: without an end, nobody knows what became of it. A later report of a server or provider stands here too."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    mail_id = models.UUIDField()
    source = models.TextField(default=rules.Source.SERVER)
    server = models.TextField(blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    code = models.IntegerField(null=True)
    answer = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(source__in=list(rules.Source)), name="mail_attempt_source")]
        indexes: ClassVar = [models.Index(fields=["customer_id", "mail_id"], name="mail_tries")]


class Silence(models.Model):
    """Keep an address that wants no alerts from this customer's account."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    address_key = models.TextField()
    since = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["customer_id", "address_key"], name="one_silence_per_address")]
