"""Lay out monthly statements."""

from typing import ClassVar

from django.db import models

from tallystick.lib import ids


class MonthlyStatement(models.Model):
    """Keep that a fund's month was stated, and with which balances; its document is found by this row's id. `month` is its first day."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    fund_id = models.BigIntegerField()
    month = models.DateField()
    currency = models.TextField()
    opening_minor = models.BigIntegerField()
    closing_minor = models.BigIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer_id", "fund_id", "month"], name="one_statement_per_fund_and_month"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="statement_month_is_named_by_its_first_day"),
        ]
