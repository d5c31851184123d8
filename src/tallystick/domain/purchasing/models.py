"""Lay out purchase orders: their lines, earlier revisions, decisions, and uploaded documents."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tallystick.domain.purchasing import rules
from tallystick.lib import ids


class PurchaseOrder(models.Model):
    """Keep one purchase order as its latest revision states it; amounts in minor units, `net_minor` is what was ordered."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    division_id = models.BigIntegerField()
    number = models.TextField()
    number_key = models.TextField()
    state = models.TextField(default=rules.State.PENDING)
    revision = models.IntegerField(default=1)
    currency = models.CharField(max_length=3)
    percent = models.DecimalField(max_digits=9, decimal_places=6)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()
    terms_days = models.IntegerField()
    bill_to_name = models.TextField()
    bill_to_street = models.TextField()
    bill_to_city = models.TextField()
    bill_to_country = models.CharField(max_length=2)
    contact_name = models.TextField()
    contact_mail = models.TextField()
    vat_number = models.TextField(blank=True)
    recipients = models.JSONField(default=list)
    note = models.TextField(blank=True)
    signed = models.BooleanField()
    channel = models.TextField()
    form_key = models.TextField(blank=True)
    fingerprint = models.TextField(blank=True)
    entered_by_id = models.BigIntegerField(null=True)
    entered_by = models.TextField()
    is_entered_by_staff = models.BooleanField(default=False)
    submitted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by_id = models.BigIntegerField(null=True)
    decided_by = models.TextField(blank=True)
    invoice_id = models.UUIDField(null=True)
    document_id = models.UUIDField(null=True)
    document_name = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=list(rules.State)), name="purchase_order_state"),
            models.CheckConstraint(condition=Q(channel__in=list(rules.Channel)), name="purchase_order_channel"),
            models.CheckConstraint(
                condition=Q(net_minor__gt=0, tax_minor__gte=0, gross_minor=F("net_minor") + F("tax_minor")), name="purchase_order_adds_up"
            ),
            models.CheckConstraint(condition=Q(terms_days__gte=0, terms_days__lte=rules.LONGEST_TERMS_DAYS), name="purchase_order_terms"),
            models.CheckConstraint(
                condition=Q(state="approved", invoice_id__isnull=False) | Q(~Q(state="approved"), invoice_id__isnull=True),
                name="approved_has_invoice",
            ),
            models.UniqueConstraint(
                fields=["customer_id", "number_key"], condition=Q(state__in=["pending", "approved"]), name="one_live_order_per_number"
            ),
            models.UniqueConstraint(fields=["customer_id", "form_key"], condition=~Q(form_key=""), name="one_order_per_form"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer_id", "division_id", "id"], name="order_of_division"),
            models.Index(fields=["submitted_at"], condition=Q(state="pending"), name="order_waiting"),
            # what lists are sorted by: queries/listing.py walks along these
            models.Index(fields=["customer_id", "division_id", "state", "submitted_at", "id"], name="order_by_submitted"),
            models.Index(fields=["customer_id", "division_id", "state", "number_key", "id"], name="order_by_number"),
            models.Index(fields=["customer_id", "division_id", "state", "gross_minor", "id"], name="order_by_amount"),
        ]


class PurchaseOrderLine(models.Model):
    """Keep one line of the latest revision."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    purchase_order_id = models.UUIDField()
    position = models.IntegerField()
    description = models.TextField()
    quantity = models.DecimalField(max_digits=24, decimal_places=6)
    unit_price_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    order_reference = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["customer_id", "purchase_order_id", "position"], name="purchase_order_line_place")]


class Revision(models.Model):
    """Keep an earlier revision as it stood, frozen."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    purchase_order_id = models.UUIDField()
    revision = models.IntegerField()
    facts = models.JSONField()
    entered_by = models.TextField()
    submitted_at = models.DateTimeField()
    replaced_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["customer_id", "purchase_order_id", "revision"], name="one_row_per_revision")]


class Decision(models.Model):
    """Keep what was decided on a revision, by whom and why; append-only."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    purchase_order_id = models.UUIDField()
    revision = models.IntegerField()
    verdict = models.TextField()
    reasons = models.JSONField(default=list)
    text = models.TextField(blank=True)
    person_id = models.BigIntegerField(null=True)
    person_name = models.TextField()
    decided_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer_id", "purchase_order_id", "revision"], name="one_decision_per_revision"),
            models.CheckConstraint(condition=Q(verdict__in=["approved", "rejected", "withdrawn"]), name="decision_verdict"),
        ]


class ScheduledApproval(models.Model):
    """Keep an approval from the page that runs at `due_at` unless it is undone; the worker ends it, or a person does."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    purchase_order_id = models.UUIDField()
    revision = models.IntegerField()
    state = models.TextField(default=rules.ScheduleState.WAITING)
    person_id = models.BigIntegerField()
    person_name = models.TextField()
    scheduled_at = models.DateTimeField()
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(blank=True)
    refusal = models.TextField(blank=True)
    invoice_id = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=list(rules.ScheduleState)), name="scheduled_approval_state"),
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at__isnull=True) | Q(~Q(state="waiting"), ended_at__isnull=False), name="scheduled_approval_ends"
            ),
            models.CheckConstraint(
                condition=Q(state="approved", invoice_id__isnull=False) | Q(~Q(state="approved"), invoice_id__isnull=True),
                name="scheduled_approval_has_invoice",
            ),
            models.UniqueConstraint(
                fields=["customer_id", "purchase_order_id"], condition=Q(state="waiting"), name="one_scheduled_approval_per_order"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="scheduled_approval_waiting"),
            models.Index(fields=["person_id", "ended_at"], name="scheduled_approval_of_person"),
        ]


class Document(models.Model):
    """Keep an uploaded document under its hash; `reference` says where the store holds it, `content` is its bytes when that is this row."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    sha256 = models.TextField()
    kind = models.TextField()
    size = models.BigIntegerField()
    content = models.BinaryField(null=True)
    reference = models.TextField(blank=True)
    stored_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer_id", "sha256"], name="purchasing_document_once"),
            models.CheckConstraint(condition=Q(content__isnull=False) | ~Q(reference=""), name="document_is_somewhere"),
        ]
