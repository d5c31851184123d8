"""Tell of low balances and reached limits."""

from django.utils import timezone

from tallystick.domain.funds import operations, queries

_MOST = 500


def tell_alerts() -> None:
    """Look at all customers' figures, and go to those of whom there is something to tell."""
    now = timezone.now()
    for customer_id in queries.alerting(limit=_MOST):
        operations.tell_alerts(customer_id=customer_id, now=now)
