"""Give back holds whose time is over."""

from django.utils import timezone

from tallystick.domain.customers import rules as customers
from tallystick.domain.funds import operations, queries


def lapse_holds() -> None:
    """Let every overdue hold lapse, customer by customer."""
    now = timezone.now()
    for customer_id, hold_id in queries.lapsing_holds(limit=500):
        operations.lapse_hold(viewer=customers.system(customer_id), hold_id=hold_id, now=now)
