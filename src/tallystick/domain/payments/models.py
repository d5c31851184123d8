"""Lay out payments: what was asked, what arrived, where it went, what came back; and the two directories that no customer owns."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint

from tallystick.domain.payments import rules
from tallystick.integrations.postgres import defaults
from tallystick.lib import ids

_UNSETTLED = [rules.State.STARTED, rules.State.FAILED, rules.State.EXPIRED]


class Payment(models.Model):
    """Stand for one payment from its start to its last reversal; the idempotency key and the request's fingerprint are kept for ever."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    division_id = models.BigIntegerField(null=True)
    method = models.TextField()
    state = models.TextField(default=rules.State.STARTED)
    amount_minor = models.BigIntegerField()
    settled_minor = models.BigIntegerField(default=0)
    reversed_minor = models.BigIntegerField(default=0)
    currency = models.TextField()
    reference = models.TextField()
    received_date = models.DateField(null=True)
    provider = models.TextField(default="")
    provider_reference = models.TextField(default="")
    return_url = models.TextField(default="")
    redirect_url = models.TextField(default="")
    calling_until = models.DateTimeField(null=True)
    evidence = models.TextField(default="")
    failure = models.TextField(default="")
    idempotency_key = models.TextField()
    fingerprint = models.TextField()
    recording_key = models.TextField(default="")
    recording_fingerprint = models.TextField(default="")
    entered_by_id = models.BigIntegerField(null=True)
    entered_by = models.TextField()
    card_brand = models.TextField(default="")
    card_last4 = models.TextField(default="")
    card_expiry = models.TextField(default="")
    note = models.TextField(default="")
    started_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(fields=["customer_id", "idempotency_key"], name="payment_key_once"),
            UniqueConstraint(fields=["customer_id", "recording_key"], condition=~Q(recording_key=""), name="payment_recording_key_once"),
            UniqueConstraint(fields=["customer_id", "reference"], name="payment_reference_once"),
            CheckConstraint(condition=Q(state__in=list(rules.State)), name="payment_state"),
            CheckConstraint(condition=Q(method__in=list(rules.Method)), name="payment_method"),
            CheckConstraint(condition=Q(amount_minor__gt=0, reversed_minor__gte=0, reversed_minor__lte=F("settled_minor")), name="payment_amounts"),
            CheckConstraint(
                condition=Q(state__in=_UNSETTLED, settled_minor=0) | (~Q(state__in=_UNSETTLED) & Q(settled_minor__gt=0)),
                name="payment_settled_amount",
            ),
            CheckConstraint(condition=Q(settled_minor=0) | ~Q(evidence=""), name="payment_settled_by_evidence"),
            CheckConstraint(
                condition=Q(state__in=_UNSETTLED)
                | Q(state=rules.State.SETTLED, reversed_minor=0)
                | Q(state=rules.State.PARTIALLY_REVERSED, reversed_minor__gt=0, reversed_minor__lt=F("settled_minor"))
                | Q(state=rules.State.REVERSED, reversed_minor=F("settled_minor")),
                name="payment_reversed_amount",
            ),
        ]
        indexes: ClassVar = [
            Index(fields=["customer_id", "provider_reference"], name="payment_by_provider"),
            Index(fields=["customer_id", "started_at"], condition=Q(state=rules.State.STARTED), name="payment_started"),
        ]


class Attempt(models.Model):
    """Name an invoice that a payment was started for, and how much of it; an open one is the card attempt that blocks every other (law 9)."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    payment_id = models.UUIDField()
    invoice_id = models.UUIDField()
    place = models.IntegerField()
    amount_minor = models.BigIntegerField()
    is_open = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(fields=["customer_id", "invoice_id"], condition=Q(is_open=True), name="one_open_card_attempt"),
            UniqueConstraint(fields=["customer_id", "payment_id", "place"], name="attempt_place_once"),
            CheckConstraint(condition=Q(amount_minor__gt=0), name="attempt_amount"),
        ]


class Allocation(models.Model):
    """Keep what of a payment went to one invoice, with the split that was posted; `reversed_minor` of it was taken back.

    `fund_id` is the fund that got the money, `journal_number` when, in the order of the journal: what that fund was joined into since got it.
    """

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    payment_id = models.UUIDField()
    invoice_id = models.UUIDField()
    place = models.IntegerField()
    fund_id = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    split = models.JSONField()
    left_split = models.JSONField()
    reversed_minor = models.BigIntegerField(default=0)
    journal_number = models.BigIntegerField(db_default=defaults.JOURNAL_NUMBER)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(fields=["customer_id", "payment_id", "place"], name="allocation_place_once"),
            CheckConstraint(condition=Q(amount_minor__gt=0, reversed_minor__gte=0, reversed_minor__lte=F("amount_minor")), name="allocation_amounts"),
        ]
        indexes: ClassVar = [Index(fields=["customer_id", "invoice_id"], name="allocation_of_invoice")]


class Surplus(models.Model):
    """Keep the unapplied credit that a payment made in a division, and the fund that got it; `reversed_minor` of it was taken back."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    payment_id = models.UUIDField()
    division_id = models.BigIntegerField()
    fund_id = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    reversed_minor = models.BigIntegerField(default=0)
    journal_number = models.BigIntegerField(db_default=defaults.JOURNAL_NUMBER)

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(condition=Q(amount_minor__gt=0, reversed_minor__gte=0, reversed_minor__lte=F("amount_minor")), name="surplus_amounts"),
        ]
        indexes: ClassVar = [Index(fields=["customer_id", "payment_id"], name="surplus_of_payment")]


class Reversal(models.Model):
    """Record one bounce of a payment (a chargeback, a returned debit), whole or part, by the gateway's or bank's reference for it."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    payment_id = models.UUIDField()
    reference = models.TextField()
    amount_minor = models.BigIntegerField()
    reason = models.TextField(default="")
    posted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(fields=["customer_id", "payment_id", "reference"], name="reversal_reference_once"),
            CheckConstraint(condition=Q(amount_minor__gt=0), name="reversal_amount"),
        ]


class ReversalPart(models.Model):
    """Keep where a bounce took its money from, step by step, so that a dispute won is posted anew with the same split.

    `fund_id` is the fund whose unapplied credit was taken.
    """

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    reversal_id = models.UUIDField()
    place = models.IntegerField()
    source = models.TextField()
    amount_minor = models.BigIntegerField()
    division_id = models.BigIntegerField()
    surplus_id = models.UUIDField(null=True)
    allocation_id = models.UUIDField(null=True)
    invoice_id = models.UUIDField(null=True)
    split = models.JSONField(default=list)
    undone_minor = models.BigIntegerField(default=0)
    fund_id = models.BigIntegerField(null=True)
    journal_number = models.BigIntegerField(db_default=defaults.JOURNAL_NUMBER)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(fields=["customer_id", "reversal_id", "place"], name="reversal_part_place_once"),
            CheckConstraint(condition=Q(amount_minor__gt=0, source__in=list(rules.Source)), name="reversal_part_source"),
            CheckConstraint(condition=Q(undone_minor__gte=0, undone_minor__lte=F("amount_minor")), name="reversal_part_amounts"),
        ]


class Restoration(models.Model):
    """Record that bounced money came back (a dispute won), by the gateway's or bank's reference for it."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    payment_id = models.UUIDField()
    reference = models.TextField()
    amount_minor = models.BigIntegerField()
    posted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(fields=["customer_id", "payment_id", "reference"], name="restoration_reference_once"),
            CheckConstraint(condition=Q(amount_minor__gt=0), name="restoration_amount"),
        ]


class Deposit(models.Model):
    """Ask for money before its invoice exists: no debt, no reminders; the invoice is issued and paid when the money arrives."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    division_id = models.BigIntegerField()
    payment_id = models.UUIDField()
    method = models.TextField()
    state = models.TextField(default=rules.DepositState.OPEN)
    net_minor = models.BigIntegerField()
    untaxed_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    reference = models.TextField()
    requested_at = models.DateTimeField()
    lapses_at = models.DateTimeField()
    invoice_id = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(fields=["customer_id", "payment_id"], name="deposit_of_payment_once"),
            CheckConstraint(condition=Q(state__in=list(rules.DepositState)), name="deposit_state"),
            CheckConstraint(
                condition=Q(net_minor__gt=0, untaxed_minor__gte=0, untaxed_minor__lte=F("net_minor"), tax_minor__gte=0), name="deposit_amounts"
            ),
        ]
        indexes: ClassVar = [Index(fields=["customer_id", "lapses_at"], condition=Q(state=rules.DepositState.OPEN), name="deposit_open")]


class Refund(models.Model):
    """Pay unapplied credit back: requested by one person, approved by another, then started, settled or failed.

    `fund_id` is the fund that gave it, `journal_number` the row of the journal by which it did, both empty before the start.
    """

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    division_id = models.BigIntegerField()
    payment_id = models.UUIDField(null=True)
    state = models.TextField(default=rules.RefundState.REQUESTED)
    amount_minor = models.BigIntegerField()
    currency = models.TextField()
    reason = models.TextField()
    account = models.TextField(default="")
    provider = models.TextField(default="")
    provider_reference = models.TextField(default="")
    failure = models.TextField(default="")
    idempotency_key = models.TextField()
    fingerprint = models.TextField()
    requested_by_id = models.BigIntegerField(null=True)
    requested_by = models.TextField()
    requested_at = models.DateTimeField()
    decided_by_id = models.BigIntegerField(null=True)
    decided_by = models.TextField(default="")
    decided_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    fund_id = models.BigIntegerField(null=True)
    journal_number = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(fields=["customer_id", "idempotency_key"], name="refund_key_once"),
            CheckConstraint(condition=Q(amount_minor__gt=0, state__in=list(rules.RefundState)), name="refund_state"),
        ]
        indexes: ClassVar = [Index(fields=["customer_id", "payment_id"], name="refund_of_payment")]


class ProviderReference(models.Model):
    """Find whose payment or refund a gateway's or bank's reference means, before any viewer is known; each is taken once, for ever (law 9)."""

    id = models.UUIDField(primary_key=True, default=ids.new)
    provider = models.TextField()
    reference = models.TextField()
    customer_id = models.BigIntegerField()
    subject = models.TextField()
    subject_id = models.UUIDField()

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(fields=["provider", "reference"], name="provider_reference_once"),
            CheckConstraint(condition=Q(subject__in=["payment", "refund"]) & ~Q(reference=""), name="provider_reference_subject"),
        ]


class GatewayMessage(models.Model):
    """Keep a gateway's message as it came, once; `handled_at` is empty while it waits for what it is about."""

    id = models.UUIDField(primary_key=True, default=ids.new)
    provider = models.TextField()
    message_id = models.TextField()
    provider_reference = models.TextField()
    refund_reference = models.TextField(default="")
    kind = models.TextField()
    amount_minor = models.BigIntegerField()
    currency = models.TextField()
    card = models.JSONField(null=True)
    reason = models.TextField(default="")
    occurred_at = models.DateTimeField()
    body = models.TextField()
    received_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    next_try_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
    outcome = models.TextField(default="")

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(fields=["provider", "message_id"], name="gateway_message_once"),
        ]
        indexes: ClassVar = [
            Index(fields=["next_try_at"], condition=Q(handled_at__isnull=True), name="gateway_message_waiting"),
            Index(fields=["provider", "provider_reference"], name="gateway_message_about"),
        ]
