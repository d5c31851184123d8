"""Forget what is kept for a time only, in bounded steps: each is a transaction of its own, and what is left over comes with the next run."""

from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

from tallystick.domain.answers import operations as answers
from tallystick.domain.webhooks import operations as webhooks

_AT_ONCE = 1000
_MOST_STEPS = 50


def prune() -> None:
    """Forget answers to repeats, and messages to endpoints with their tries."""
    now = timezone.now()
    for forget in (answers.prune, webhooks.prune):
        _in_steps(forget, now)


def _in_steps(forget: Callable[..., int], now: datetime) -> None:
    for _ in range(_MOST_STEPS):
        if forget(now=now, limit=_AT_ONCE) < _AT_ONCE:
            return
