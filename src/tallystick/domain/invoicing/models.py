"""Lay out invoices, their lines and rates, credit notes, frozen documents, and the number series with its directory."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tallystick.domain.invoicing import rules
from tallystick.lib import ids


class Series(models.Model):
    """Count the documents of one kind of one legal entity; '{year}' and '{number:05}' in the pattern; a pattern with a year starts anew with it."""

    id = models.BigAutoField(primary_key=True)
    legal_entity_id = models.BigIntegerField()
    kind = models.TextField()
    pattern = models.TextField()
    year = models.IntegerField()
    next_number = models.BigIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["legal_entity_id", "kind"], name="one_series_per_kind"),
            models.CheckConstraint(condition=Q(kind__in=list(rules.SeriesKind)), name="series_kind"),
            models.CheckConstraint(condition=Q(next_number__gte=1), name="series_counts_from_one"),
        ]


class IssuedNumber(models.Model):
    """Prove each number that was handed out: a directory that no customer owns, append-only."""

    id = models.BigAutoField(primary_key=True)
    series_id = models.BigIntegerField()
    year = models.IntegerField()
    number = models.BigIntegerField()
    text = models.TextField()
    customer_id = models.BigIntegerField()
    document_id = models.UUIDField()
    issued_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["series_id", "year", "number"], name="one_number_once"),
            models.UniqueConstraint(fields=["series_id", "text"], name="one_text_once"),
        ]


class Invoice(models.Model):
    """Keep one invoice: what it asks for, frozen, and what is paid, credited, written off and open of it; `overdue_at` is when that was told."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    division_id = models.BigIntegerField()
    number = models.TextField()
    kind = models.TextField()
    state = models.TextField()
    purchase_order_id = models.UUIDField(null=True)
    purchase_order_number = models.TextField(blank=True)
    original_number = models.TextField(blank=True)
    issue_date = models.DateField()
    due_date = models.DateField()
    currency = models.CharField(max_length=3)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField(default=0)
    credited_minor = models.BigIntegerField(default=0)
    written_off_minor = models.BigIntegerField(default=0)
    open_minor = models.BigIntegerField()
    disputed = models.BooleanField(default=False)
    dispute_reason = models.TextField(blank=True)
    frozen = models.JSONField()
    document_sha256 = models.TextField(blank=True)
    version = models.IntegerField(default=1)
    issued_at = models.DateTimeField()
    overdue_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=list(rules.Kind)), name="invoice_kind"),
            models.CheckConstraint(condition=Q(state__in=list(rules.State)), name="invoice_state"),
            models.CheckConstraint(
                condition=Q(net_minor__gte=0, tax_minor__gte=0, gross_minor=F("net_minor") + F("tax_minor")), name="invoice_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(paid_minor__gte=0, credited_minor__gte=0, written_off_minor__gte=0, open_minor__gte=0), name="invoice_never_overpaid"
            ),
            models.CheckConstraint(
                condition=Q(state="voided", open_minor=0, paid_minor=0, credited_minor=0, written_off_minor=0)
                | Q(~Q(state="voided"), open_minor=F("gross_minor") - F("paid_minor") - F("credited_minor") - F("written_off_minor")),
                name="invoice_open_is_the_rest",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["paid", "voided"], open_minor=0) | Q(state__in=["issued", "partially_paid"], open_minor__gt=0),
                name="invoice_state_follows",
            ),
            models.UniqueConstraint(fields=["customer_id", "number"], name="invoice_number_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer_id", "due_date", "id"], condition=Q(open_minor__gt=0), name="invoice_open"),
            models.Index(fields=["customer_id", "division_id", "id"], name="invoice_of_division"),
            models.Index(fields=["customer_id", "purchase_order_id"], condition=Q(purchase_order_id__isnull=False), name="invoice_of_order"),
            # what lists are sorted by: queries/listing.py walks along these
            models.Index(fields=["customer_id", "division_id", "state", "issue_date", "id"], name="invoice_by_issued"),
            models.Index(fields=["customer_id", "division_id", "state", "due_date", "id"], name="invoice_by_due"),
            models.Index(fields=["customer_id", "division_id", "state", "gross_minor", "id"], name="invoice_by_amount"),
            models.Index(fields=["customer_id", "division_id", "state", "open_minor", "id"], name="invoice_by_open"),
            # what staff's list and Pay Invoice walk along
            models.Index(fields=["id"], name="invoice_newest"),
            models.Index(fields=["state", "id"], name="invoice_newest_of_state"),
            models.Index(fields=["id"], condition=Q(open_minor__gt=0), name="invoice_newest_open"),
            models.Index(fields=["id"], condition=Q(disputed=True), name="invoice_newest_disputed"),
            models.Index(fields=["customer_id", "division_id", "due_date", "id"], condition=Q(open_minor__gt=0), name="invoice_open_of_division"),
            models.Index(fields=["customer_id", "division_id"], condition=Q(open_minor__gt=0, kind="amount_owed"), name="invoice_open_owed"),
            # what the worker has to tell of
            models.Index(fields=["due_date", "id"], condition=Q(open_minor__gt=0, overdue_at__isnull=True), name="invoice_not_told"),
        ]


class InvoiceLine(models.Model):
    """Keep one line, net, with its share of its rate's tax."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    invoice_id = models.UUIDField()
    position = models.IntegerField()
    description = models.TextField()
    quantity = models.DecimalField(max_digits=24, decimal_places=6)
    unit_price_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    percent = models.DecimalField(max_digits=9, decimal_places=6)
    order_reference = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["customer_id", "invoice_id", "position"], name="invoice_line_place")]


class InvoiceTax(models.Model):
    """Keep one rate of an invoice: its sums, what is open of them, and what payments have brought that no credit note took back."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    invoice_id = models.UUIDField()
    position = models.IntegerField()
    percent = models.DecimalField(max_digits=9, decimal_places=6)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    open_net_minor = models.BigIntegerField()
    open_tax_minor = models.BigIntegerField()
    paid_net_minor = models.BigIntegerField(default=0)
    paid_tax_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer_id", "invoice_id", "position"], name="invoice_tax_place"),
            models.CheckConstraint(
                condition=Q(open_net_minor__gte=0, open_tax_minor__gte=0, paid_net_minor__gte=0, paid_tax_minor__gte=0), name="invoice_tax_parts"
            ),
            models.CheckConstraint(
                condition=Q(net_minor__gte=F("open_net_minor") + F("paid_net_minor"), tax_minor__gte=F("open_tax_minor") + F("paid_tax_minor")),
                name="invoice_tax_within_sums",
            ),
        ]


class CreditNote(models.Model):
    """Reduce an invoice: requested by one person, approved or declined by another; it has a number once it is approved."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    invoice_id = models.UUIDField()
    division_id = models.BigIntegerField()
    number = models.TextField(blank=True)
    state = models.TextField()
    reason = models.TextField()
    currency = models.CharField(max_length=3)
    gross_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    against_open_minor = models.BigIntegerField(default=0)
    against_paid_minor = models.BigIntegerField(default=0)
    issue_date = models.DateField(null=True)
    frozen = models.JSONField(default=dict)
    document_sha256 = models.TextField(blank=True)
    requested_by = models.BigIntegerField(null=True)
    requested_by_name = models.TextField()
    requested_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True)
    decided_by_name = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    decision_text = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=list(rules.CreditState)), name="credit_note_state"),
            models.CheckConstraint(condition=Q(gross_minor__gt=0), name="credit_note_positive"),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | Q(gross_minor=F("net_minor") + F("tax_minor")) & Q(gross_minor=F("against_open_minor") + F("against_paid_minor")) & ~Q(number=""),
                name="credit_note_adds_up",
            ),
            models.UniqueConstraint(fields=["customer_id", "number"], condition=~Q(number=""), name="credit_note_number_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["customer_id", "invoice_id"], name="credit_note_of_invoice")]


class CreditNoteTax(models.Model):
    """Keep one rate of an approved credit note, in the order of the invoice's rates."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    credit_note_id = models.UUIDField()
    position = models.IntegerField()
    percent = models.DecimalField(max_digits=9, decimal_places=6)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["customer_id", "credit_note_id", "position"], name="credit_note_tax_place")]


class WriteOff(models.Model):
    """Give up an amount of what is open: posted at once within the tolerance, as a bad debt once another person approved it."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    invoice_id = models.UUIDField()
    state = models.TextField()
    is_bad_debt = models.BooleanField()
    reason = models.TextField()
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    requested_by = models.BigIntegerField(null=True)
    requested_by_name = models.TextField()
    requested_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True)
    decided_by_name = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    decision_text = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=list(rules.CreditState)), name="write_off_state"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="write_off_positive"),
            models.UniqueConstraint(fields=["customer_id", "invoice_id"], condition=Q(state="requested"), name="one_write_off_waits"),
        ]
        indexes: ClassVar = [models.Index(fields=["customer_id", "invoice_id"], name="write_off_of_invoice")]


class EInvoice(models.Model):
    """Keep how an invoice or credit note stands in one syntax of EN 16931: the document that may leave, or the rules that it breaks."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    subject_id = models.UUIDField()
    number = models.TextField()
    syntax = models.TextField()
    sha256 = models.TextField(blank=True)
    faults = models.JSONField(default=list)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-made_at"], condition=~Q(faults=[]), name="einvoice_parked")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer_id", "subject_id", "syntax"], name="einvoice_once"),
            models.CheckConstraint(condition=Q(syntax__in=["cii", "ubl"]), name="einvoice_syntax"),
            models.CheckConstraint(condition=Q(sha256="") ^ Q(faults=[]), name="einvoice_leaves_or_is_parked"),
        ]


class Document(models.Model):
    """Keep a made document under its SHA-256; made once, never changed. `reference` says where its bytes are when `content` does not have them.

    `subject_id` is the invoice, credit note, payment (of a receipt) or monthly statement; `replaced` has the characters of its facts that no font could draw, shown as U+FFFD.
    """

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    sha256 = models.TextField()
    kind = models.TextField()
    content = models.BinaryField(null=True)
    reference = models.TextField(blank=True)
    subject_id = models.UUIDField(null=True)
    replaced = models.TextField(blank=True, default="", db_default="")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-made_at"], condition=~Q(replaced=""), name="document_replaced"),
            models.Index(fields=["customer_id", "subject_id"], condition=Q(subject_id__isnull=False), name="document_of_subject"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer_id", "sha256"], name="invoicing_document_once"),
            models.CheckConstraint(condition=Q(content__isnull=False) | ~Q(reference=""), name="made_document_is_somewhere"),
        ]
