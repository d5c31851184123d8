"""Ask the gateway what became of attempts that nobody heard of again, and send approved refunds; outside of any transaction."""

from datetime import datetime, timedelta
from uuid import UUID

from tallystick.domain.customers.rules import Viewer, system
from tallystick.domain.payments import models, rules
from tallystick.domain.payments.operations import calling, ground, messages, refunding, settling
from tallystick.integrations.gateways import protocol
from tallystick.integrations.postgres import scope
from tallystick.lib import ids


def resolve_payment(*, customer_id: int, payment_id: UUID, gateway: protocol.Gateway, now: datetime) -> rules.State:
    """Find out how a started card payment stands: finish a call that was cut off, fetch, and replay the messages through the same door.

    An attempt that is still open at the gateway after CARD_EXPIRES_AFTER_HOURS is expired. Raises PaymentStarting, PaymentResultUnknown.
    """
    viewer = system(customer_id)
    payment = _read(viewer, payment_id)
    if payment.state != rules.State.STARTED or payment.method != rules.Method.CARD:
        return rules.State(payment.state)
    payment = calling.call(viewer=viewer, payment=payment, gateway=gateway, now=now, is_claimed=False)
    if payment.provider_reference and _is_over(payment, gateway, now):
        settling.expire_payment(viewer=viewer, payment_id=payment_id)
    return rules.State(_read(viewer, payment_id).state)


def _is_over(payment: models.Payment, gateway: protocol.Gateway, now: datetime) -> bool:
    """Replay what the gateway says of an attempt; tell whether nobody will finish it."""
    is_stale = payment.started_at + timedelta(hours=rules.CARD_EXPIRES_AFTER_HOURS) < now
    try:
        outcome = gateway.fetch(payment.provider_reference)
    except protocol.GatewayUnavailable:
        return False
    except protocol.GatewayRefused:
        return is_stale
    for message in outcome.messages:
        messages.store_message(provider=gateway.name, message=message, body="", now=now)
    messages.act_on_reference(provider=gateway.name, reference=payment.provider_reference, now=now)
    return is_stale and outcome.status is protocol.OutcomeStatus.OPEN


def send_refund(*, customer_id: int, refund_id: UUID, gateway: protocol.Gateway, now: datetime) -> rules.RefundState:
    """Ask the gateway to send an approved refund to its card; the refund's own id is the gateway's idempotency key, so again is once.

    A refusal ends the refund: the money is unapplied credit again. Raises protocol.GatewayUnavailable: try again later.
    """
    assert not scope.is_open(), "a gateway is never called inside a transaction"
    viewer = system(customer_id)
    with scope.of(viewer):
        refund = models.Refund.objects.get(customer_id=customer_id, id=refund_id)
        if refund.state != rules.RefundState.STARTED or refund.payment_id is None or refund.provider_reference:
            return rules.RefundState(refund.state)
        reference = models.Payment.objects.values_list("provider_reference", flat=True).get(customer_id=customer_id, id=refund.payment_id)
    attempt = protocol.RefundAttempt(
        idempotency_key=ids.public("ref", refund.id), provider_reference=reference, amount_minor=refund.amount_minor, currency=refund.currency
    )
    try:
        started = gateway.refund(attempt)
    except protocol.GatewayRefused as refused:
        return rules.RefundState(
            refunding.fail_refund(viewer=viewer, customer_id=customer_id, refund_id=refund_id, reason=refused.sentence, now=now).state
        )
    with scope.of(viewer):
        row = models.Refund.objects.select_for_update(no_key=True).get(customer_id=customer_id, id=refund_id)
        if not row.provider_reference:
            taken = started.refund_reference
            ground.take_reference(provider=gateway.name, reference=taken, customer_id=customer_id, subject="refund", subject_id=refund_id)
            ground.change(row, provider_reference=started.refund_reference)
    return rules.RefundState(row.state)


def _read(viewer: Viewer, payment_id: UUID) -> models.Payment:
    with scope.of(viewer):
        return models.Payment.objects.get(customer_id=ground.owner(viewer), id=payment_id)
