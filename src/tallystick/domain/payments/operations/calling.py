"""Call the gateway, always outside of any transaction, and store what it answered; no answer leaves the attempt blocked until one comes."""

from datetime import datetime, timedelta

from tallystick.domain.customers.rules import Viewer
from tallystick.domain.payments import models, refusals, rules
from tallystick.domain.payments.operations import applying, ground
from tallystick.integrations.gateways import protocol
from tallystick.integrations.postgres import scope
from tallystick.lib import ids, texts

_UNKNOWN = texts.marked("The card company did not answer, so nobody knows yet. Send the same again in a moment: nothing is charged twice.")


def lease(now: datetime) -> datetime:
    """Tell until when a call may still be running."""
    return now + timedelta(seconds=rules.CALL_LEASE_SECONDS)


def call(*, viewer: Viewer, payment: models.Payment, gateway: protocol.Gateway, now: datetime, is_claimed: bool) -> models.Payment:
    """Open the gateway's page for a committed payment, or give the page it has; the payment's own id is the gateway's idempotency key.

    So a call that was cut off is simply made again. Raises PaymentStarting, PaymentResultUnknown.
    """
    assert not scope.is_open(), "a gateway is never called inside a transaction"
    if payment.provider_reference or payment.state != rules.State.STARTED:
        return payment
    if not is_claimed and not _claim(viewer, payment, now):
        raise refusals.PaymentStarting(texts.marked("This payment is being started. Ask again in a moment."))
    attempt = protocol.Attempt(
        idempotency_key=ids.public("pay", payment.id),
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        description=payment.reference,
        return_url=payment.return_url,
    )
    try:
        started = gateway.start(attempt)
    except protocol.GatewayUnavailable as silence:
        _store(viewer, payment, calling_until=None)
        raise refusals.PaymentResultUnknown(_UNKNOWN, facts={"payment_id": ids.public("pay", payment.id)}) from silence
    except protocol.GatewayRefused as refused:
        return _refuse(viewer, payment, refused.sentence)
    return _store(viewer, payment, provider_reference=started.provider_reference, redirect_url=started.redirect_url, calling_until=None)


@scope.retrying
def _claim(viewer: Viewer, payment: models.Payment, now: datetime) -> bool:
    with scope.of(viewer):
        row = ground.locked(viewer, payment.id)
        if row.calling_until is not None and row.calling_until > now:
            return False
        ground.change(row, calling_until=lease(now))
    return True


@scope.retrying
def _store(viewer: Viewer, payment: models.Payment, **values: object) -> models.Payment:
    with scope.of(viewer):
        row = ground.locked(viewer, payment.id)
        named = values.get("provider_reference")
        if isinstance(named, str) and row.provider_reference != named:
            ground.take_reference(provider=row.provider, reference=named, customer_id=row.customer_id, subject="payment", subject_id=row.id)
        ground.change(row, **values)
    return row


@scope.retrying
def _refuse(viewer: Viewer, payment: models.Payment, sentence: str) -> models.Payment:
    with scope.of(viewer):
        row = ground.locked(viewer, payment.id)
        if row.state == rules.State.STARTED:
            ground.enter(row, rules.State.FAILED, failure=sentence, calling_until=None)
            applying.close_attempts(row)
            ground.record(row, "payment.failed", viewer, reason=sentence)
    return row
