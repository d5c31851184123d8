"""Lay out the kept figures: a row per division, a row per customer for the credit, the holds, and the dated terms."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tallystick.integrations.postgres import defaults
from tallystick.lib import ids


class Fund(models.Model):
    """Keep the figures of one division. `holder_id` names the row that serves it: its own, or the top-level one with shared funds.

    `counts_funding` and `shortfall_minor` are the customer's, carried on every row so that a charge need lock no other. `is_fused` says that the
    division has a spending fuse, which its charges must look at; `is_low` that it was told to be below the customer's threshold.
    """

    customer_id = models.BigIntegerField()
    id = models.BigIntegerField(primary_key=True)
    holder_id = models.BigIntegerField()
    is_open = models.BooleanField(db_default=True)
    is_fused = models.BooleanField(db_default=False)
    is_low = models.BooleanField(db_default=False)
    counts_funding = models.BooleanField(db_default=False)
    balance_minor = models.BigIntegerField(db_default=0)
    held_minor = models.BigIntegerField(db_default=0)
    unpaid_funding_minor = models.BigIntegerField(db_default=0)
    unpaid_owed_minor = models.BigIntegerField(db_default=0)
    unapplied_minor = models.BigIntegerField(db_default=0)
    taxed_debt_minor = models.BigIntegerField(db_default=0)
    shortfall_minor = models.BigIntegerField(db_default=0)
    last_posted_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [models.Index(fields=["customer_id", "id"], condition=Q(is_low=True), name="fund_low")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(held_minor__gte=0), name="held_not_negative"),
            models.CheckConstraint(condition=Q(unpaid_funding_minor__gte=0, unpaid_owed_minor__gte=0), name="unpaid_not_negative"),
            models.CheckConstraint(condition=Q(unapplied_minor__gte=0), name="unapplied_not_negative"),
            models.CheckConstraint(condition=Q(taxed_debt_minor__gte=0), name="taxed_debt_not_negative"),
            models.CheckConstraint(condition=Q(shortfall_minor__gte=0), name="shortfall_not_negative"),
            models.CheckConstraint(
                condition=Q(holder_id=F("id"))
                | Q(balance_minor=0, held_minor=0, unpaid_funding_minor=0, unpaid_owed_minor=0, unapplied_minor=0, taxed_debt_minor=0),
                name="served_rows_are_empty",
            ),
        ]


class Fuse(models.Model):
    """Limit what a division spends within an hour; `id` is the division's. Without amount and count it limits nothing.

    The hour begins with its first charge. An open fuse (`opened_at`) refuses every charge until somebody closes it.
    """

    customer_id = models.BigIntegerField()
    id = models.BigIntegerField(primary_key=True)
    amount_minor = models.BigIntegerField(null=True)
    count = models.IntegerField(null=True)
    started_at = models.DateTimeField(null=True)
    spent_minor = models.BigIntegerField(db_default=0)
    counted = models.IntegerField(db_default=0)
    opened_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_minor__isnull=True) | Q(amount_minor__gt=0), name="fuse_amount_positive"),
            models.CheckConstraint(condition=Q(count__isnull=True) | Q(count__gt=0), name="fuse_count_positive"),
        ]


class Joining(models.Model):
    """Keep for ever that one fund was joined into another: where separate funds were switched off, or a division was closed.

    `id` counts with the rows of the journal: money that reached the fund with a smaller number has moved on, later money has not.
    """

    customer_id = models.BigIntegerField()
    id = models.BigIntegerField(primary_key=True, db_default=defaults.JOURNAL_NUMBER)
    fund_id = models.BigIntegerField()
    into_id = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["customer_id", "fund_id", "id"], name="joinings_of_fund")]
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(fund_id=F("into_id")), name="joined_into_another")]


class Credit(models.Model):
    """Keep the customer's credit limit (absent: unlimited), and how much of it all divisions together use.

    `reached_at` is when a charge was refused for want of funds, and for which division and amount, or when the limit was used up; the worker tells it
    and writes down what was left to spend then. Both are forgotten when there is more.
    """

    customer_id = models.BigIntegerField(primary_key=True)
    currency = models.CharField(max_length=3)
    rule = models.TextField(db_default="consumption")
    limit_minor = models.BigIntegerField(null=True)
    in_use_minor = models.BigIntegerField(db_default=0)
    reached_at = models.DateTimeField(null=True)
    reached_division_id = models.BigIntegerField(null=True)
    reached_required_minor = models.BigIntegerField(null=True)
    reached_left_minor = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(limit_minor__isnull=True) | Q(limit_minor__gte=0), name="limit_not_negative"),
            models.CheckConstraint(condition=Q(in_use_minor__gte=0), name="in_use_not_negative"),
        ]


class Terms(models.Model):
    """Keep every change of limit and rule: requested, then approved or declined by another; approved ones are the dated history."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    state = models.TextField()
    rule = models.TextField()
    limit_minor = models.BigIntegerField(null=True)
    requested_by = models.BigIntegerField(null=True)
    requested_at = models.DateTimeField(db_default=Now())
    reason = models.TextField(blank=True)
    decided_by = models.BigIntegerField(null=True)
    in_force_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=["requested", "approved", "declined"]), name="terms_state"),
        ]


class Hold(models.Model):
    """Reserve an amount until it is captured, released or lapses; `named_lapse_at` is when the asker wanted that, absent: as late as may be."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True)
    division_id = models.BigIntegerField()
    fund_id = models.BigIntegerField()
    state = models.TextField()
    amount_minor = models.BigIntegerField()
    captured_minor = models.BigIntegerField(db_default=0)
    order_id = models.TextField(blank=True)
    line_reference = models.TextField(blank=True)
    note = models.TextField(blank=True)
    lapses_at = models.DateTimeField()
    named_lapse_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    ending_key = models.TextField(null=True)  # noqa: DJ001 - a hold that has not ended has none

    class Meta:
        indexes: ClassVar = [models.Index(fields=["lapses_at"], condition=Q(state="open"), name="hold_lapsing")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=["open", "captured", "released", "lapsed"]), name="hold_state"),
            models.CheckConstraint(condition=Q(captured_minor__gte=0, captured_minor__lte=F("amount_minor")), name="captured_within_hold"),
        ]
