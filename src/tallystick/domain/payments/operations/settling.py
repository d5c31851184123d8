"""Settle, fail and expire started payments; only the worker settles one, and only by a gateway's stored message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tallystick.domain.customers.rules import Viewer
from tallystick.domain.payments import models, rules
from tallystick.domain.payments.operations import applying, depositing, ground
from tallystick.integrations.postgres import scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Hold the evidence that money arrived: how much, on which bank day, by which message or whose entry, from which card."""

    amount_minor: int
    evidence: str
    received_date: date
    card_brand: str = ""
    card_last4: str = ""
    card_expiry: str = ""


def settle_payment(*, viewer: Viewer, payment: models.Payment, arrival: Arrival, now: datetime, asks: Sequence[rules.Ask] | None = None) -> bool:
    """Take the money in once: allocate it as asked, the surplus to unapplied credit. False where it had arrived already.

    `asks` None means what the payment was started for.

    Runs in the caller's scope, under the lock of the payment's row. A failed or expired payment whose money comes after all is settled too.
    """
    if rules.State(payment.state) not in rules.UNSETTLED:
        return False
    ground.enter(payment, rules.State.SETTLED, **arrived(arrival, now))
    if payment.method == rules.Method.CARD:
        applying.close_attempts(payment)
    take_in(viewer=viewer, payment=payment, now=now, asks=applying.asked(payment) if asks is None else asks)
    return True


def arrived(arrival: Arrival, now: datetime) -> dict[str, Any]:
    """Shape what a payment's row says of money that is there."""
    return {
        "settled_minor": arrival.amount_minor,
        "settled_at": now,
        "evidence": arrival.evidence,
        "received_date": arrival.received_date,
        "card_brand": arrival.card_brand,
        "card_last4": arrival.card_last4,
        "card_expiry": arrival.card_expiry,
        "failure": "",
        "calling_until": None,
    }


def take_in(*, viewer: Viewer, payment: models.Payment, now: datetime, asks: Sequence[rules.Ask]) -> None:
    """Put the money of a payment that just became settled where it was meant; without asks a deposit's invoice is issued and paid."""
    found = models.Deposit.objects.select_for_update(no_key=True).filter(customer_id=payment.customer_id, payment_id=payment.id)
    deposit = None if asks else found.first()
    if deposit is not None:
        depositing.settle_deposit(viewer=viewer, payment=payment, deposit=deposit, now=now)
    else:
        assert payment.received_date is not None, "settled money has its bank day"
        applying.put(payment=payment, asks=asks, effective_date=payment.received_date)
    ground.record(payment, "payment.settled", viewer)


def fail_payment(*, viewer: Viewer, payment: models.Payment, reason: str) -> bool:
    """Note that a started payment brought nothing, and let another attempt pass; in the caller's scope, under the row's lock."""
    if payment.state != rules.State.STARTED:
        return False
    ground.enter(payment, rules.State.FAILED, failure=reason, calling_until=None)
    applying.close_attempts(payment)
    ground.record(payment, "payment.failed", viewer, reason=reason)
    return True


@scope.retrying
def expire_payment(*, viewer: Viewer, payment_id: UUID) -> bool:
    """Give a started card payment up that nobody finished; money that still comes for it is taken in all the same."""
    with scope.of(viewer):
        payment = ground.locked(viewer, payment_id)
        if payment.state != rules.State.STARTED:
            return False
        ground.enter(payment, rules.State.EXPIRED, calling_until=None)
        applying.close_attempts(payment)
        ground.record(payment, "payment.expired", viewer)
    return True
