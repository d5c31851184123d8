"""Remind customers, from the morning of each legal entity's day on."""

from django.urls import reverse
from django.utils import timezone

from tallystick.domain.reminders import operations, queries

_MOST = 100
"""So many customers of each legal entity in one turn, so that a morning holds nothing else up; the next ones a minute later."""


def remind() -> None:
    """Look at whoever was not looked at today; run by the clock, and whoever runs it a second time finds it done."""
    now, paying_path = timezone.now(), reverse("pay-invoice")
    for customer_id, _today in queries.waiting(now=now, limit=_MOST):
        operations.take_turn(customer_id=customer_id, paying_path=paying_path, now=now)
