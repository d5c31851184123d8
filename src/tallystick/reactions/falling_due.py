"""Tell what has fallen due."""

from django.utils import timezone

from tallystick.domain.invoicing import operations, queries

_MOST = 500


def tell_overdue() -> None:
    """Record what is overdue since its legal entity's midnight, customer by customer; what is left over comes with the next run."""
    now = timezone.now()
    for today, customer_id, invoice_ids in queries.overdue_untold(now=now, limit=_MOST):
        operations.tell_overdue(customer_id=customer_id, invoice_ids=invoice_ids, today=today, now=now)
