"""Lay out the journal: one row is one transfer from one account to another, so that it can not be unbalanced."""

from typing import ClassVar

from django.db import models


class Transfer(models.Model):
    """Post one transfer. A charge is such a row and nothing else: its order and its idempotency key stand on it.

    `entry_id` is the id of the first transfer of its journal entry. `fund_id` is the division whose accounts are touched,
    `credit_fund_id` the credit side's where it is another. The balances are those of the funds account after this row.
    `effective_date` empty means the day of `posted_at` in the legal entity's zone. `takes_rest` says of a refund that all that was left
    was asked for, which is another request than one for as much; absent everywhere else.
    """

    customer_id = models.BigIntegerField()
    id = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField()
    kind = models.SmallIntegerField()
    debit = models.SmallIntegerField()
    credit = models.SmallIntegerField()
    amount_minor = models.BigIntegerField()
    fund_id = models.BigIntegerField()
    credit_fund_id = models.BigIntegerField(null=True)
    division_id = models.BigIntegerField()
    debit_balance_after = models.BigIntegerField(null=True)
    credit_balance_after = models.BigIntegerField(null=True)
    posted_at = models.DateTimeField()
    effective_date = models.DateField(null=True)
    reverses_id = models.BigIntegerField(null=True)
    invoice_id = models.UUIDField(null=True)
    credit_note_id = models.UUIDField(null=True)
    payment_id = models.UUIDField(null=True)
    hold_id = models.UUIDField(null=True)
    order_id = models.TextField(null=True)  # noqa: DJ001 - absent is not the empty order
    line_reference = models.TextField(null=True)  # noqa: DJ001 - absent is not empty
    idempotency_key = models.TextField(null=True)  # noqa: DJ001 - absent is not empty
    note = models.TextField(null=True)  # noqa: DJ001 - an empty text would cost four bytes in a hundred million rows
    takes_rest = models.BooleanField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["customer_id", "fund_id", "id"], name="history_of_fund"),
            models.Index(fields=["customer_id", "reverses_id"], condition=models.Q(reverses_id__isnull=False), name="reversals"),
            models.Index(fields=["customer_id", "invoice_id"], condition=models.Q(invoice_id__isnull=False), name="transfers_of_invoice"),
            models.Index(fields=["customer_id", "credit_fund_id", "id"], condition=models.Q(credit_fund_id__isnull=False), name="incoming_of_fund"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="transfer_is_positive"),
            models.CheckConstraint(
                condition=~models.Q(debit=models.F("credit")) | models.Q(credit_fund_id__isnull=False), name="transfer_has_two_accounts"
            ),
            models.UniqueConstraint(
                fields=["customer_id", "idempotency_key"], condition=models.Q(idempotency_key__isnull=False), name="one_posting_per_key"
            ),
            models.UniqueConstraint(
                fields=["customer_id", "order_id", "line_reference"],
                condition=models.Q(order_id__isnull=False, kind=1),
                name="one_charge_per_order_line",
            ),
        ]
