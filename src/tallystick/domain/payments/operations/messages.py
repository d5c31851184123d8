"""Keep what gateways say, and let each message have its effect once, in whatever order and however often it comes (law 9)."""

import json
from datetime import date, datetime, timedelta
from uuid import UUID

from tallystick.domain.customers.rules import Viewer, ViewerKind, system
from tallystick.domain.events import operations as events
from tallystick.domain.payments import models, rules
from tallystick.domain.payments.operations import ground, refunding, restoring, reversing, settling
from tallystick.integrations.gateways import protocol
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids

_ABOUT_PAYMENTS = ["settled", "failed", "reversed", "reversal_undone"]
WORKER = Viewer(kind=ViewerKind.SYSTEM, name="Tallystick")
_LONGEST_PAUSE_SECONDS = 3600
REACTION = "payments.act_on_messages"


def store_message(*, provider: str, message: protocol.Message, body: str, now: datetime) -> bool:
    """Keep a verified message once, and wake the worker; False where it is kept already.

    The door that takes it from outside may add to this table and read nothing of it.
    """
    with scope.of(Viewer(kind=ViewerKind.KEY, name=provider)), scope.cursor() as cursor:
        cursor.execute(
            "insert into payments_gatewaymessage (id, provider, message_id, provider_reference, refund_reference, kind, amount_minor, currency,"
            " card, reason, occurred_at, body, received_at, tries, next_try_at, outcome)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s, 0, %s, '') on conflict do nothing",
            [
                ids.new(),
                provider,
                message.message_id,
                message.provider_reference,
                message.refund_reference,
                str(message.kind),
                message.amount_minor,
                message.currency,
                _card(message.card),
                message.reason,
                message.occurred_at,
                body,
                now,
                now,
            ],
        )
        is_new = bool(cursor.rowcount)
        if is_new:
            events.schedule(reaction=REACTION)
    return is_new


def _card(card: protocol.Card | None) -> str | None:
    """Write what a receipt may show of a card; never its number."""
    if card is None:
        return None
    return json.dumps({"brand": card.brand, "last4": card.last4, "expiry": f"{card.expiry_month:02d}/{card.expiry_year}"})


def act_on_messages(*, now: datetime, limit: int = 200) -> int:
    """Act on the messages that wait, oldest first; tell how many had their effect. Several workers may do this at once."""
    with scope.of(WORKER):
        waiting = models.GatewayMessage.objects.filter(handled_at__isnull=True, next_try_at__lte=now).order_by("received_at", "id")
        found = list(waiting.values_list("id", flat=True)[:limit])
    return sum(act_on_message(message_id=message_id, now=now) for message_id in found)


def act_on_reference(*, provider: str, reference: str, now: datetime) -> int:
    """Act on what waits about one payment, whatever pause it was given; tell how many had their effect."""
    with scope.of(WORKER):
        waiting = models.GatewayMessage.objects.filter(provider=provider, provider_reference=reference, handled_at__isnull=True)
        found = list(waiting.order_by("received_at", "id").values_list("id", flat=True))
    return sum(act_on_message(message_id=message_id, now=now) for message_id in found)


def act_on_message(*, message_id: UUID, now: datetime) -> bool:
    """Let one stored message have its effect; False where it still waits for what it is about (a reversal before its settlement).

    Its next try is put off before it is acted on, in a transaction of its own: one that makes trouble never stands in the way of others.
    """
    with scope.of(WORKER):
        message = models.GatewayMessage.objects.get(id=message_id)
        if message.handled_at is not None:
            return True
        _put_off(message, now)
        about_refund = message.kind not in _ABOUT_PAYMENTS
        named = message.refund_reference if about_refund else message.provider_reference
        subject = "refund" if about_refund else "payment"
        about = models.ProviderReference.objects.filter(provider=message.provider, reference=named, subject=subject).first()
        if about is None:
            _wait(message, "Its payment is not known yet.")
            return False
    try:
        return _act_on_refund(message, about, now) if about_refund else _act_on_payment(message, about, now)
    except errors.Refusal as refusal:
        with scope.of(WORKER):
            _wait(message, refusal.sentence)
        return False


@scope.retrying
def _act_on_payment(message: models.GatewayMessage, about: models.ProviderReference, now: datetime) -> bool:
    viewer = system(about.customer_id)
    with scope.of(viewer):
        payment = ground.locked(viewer, about.subject_id)
        said = list(
            models.GatewayMessage.objects.filter(provider=message.provider, provider_reference=message.provider_reference, kind__in=_ABOUT_PAYMENTS)
        )
        if any(one.currency != payment.currency for one in said):
            _wait(message, f"Its currency is not {payment.currency}.")
            return False
        standing = rules.standing([rules.Said(one.kind, one.amount_minor, one.occurred_at, one.message_id) for one in said])
        if not standing.settled_minor and not standing.is_failed:
            _wait(message, "It waits for the settlement.")
            return False
        _bring(payment=payment, standing=standing, message=message, said=said, now=now)
        _handled([one.id for one in said], now, payment.state)
    return True


def _bring(
    *, payment: models.Payment, standing: rules.Standing, message: models.GatewayMessage, said: list[models.GatewayMessage], now: datetime
) -> None:
    """Move a payment from where it stands to where the messages say it stands."""
    viewer = system(payment.customer_id)
    if not standing.settled_minor:
        settling.fail_payment(viewer=viewer, payment=payment, reason=_reason(said))
        return
    settled = next(one for one in said if one.kind == "settled" and one.amount_minor == standing.settled_minor)
    arrival = _arrival(settled, ground.terms(payment.customer_id).today(settled.occurred_at))
    settling.settle_payment(viewer=viewer, payment=payment, arrival=arrival, now=now)
    reference = f"{message.provider}:{message.message_id}"
    more_minor = min(standing.stands_minor, payment.settled_minor) - (payment.settled_minor - payment.reversed_minor)
    if more_minor < 0:
        reversing.reverse_payment(viewer=viewer, payment_id=payment.id, amount_minor=-more_minor, reference=reference, reason=_reason(said), now=now)
    elif more_minor > 0:
        restoring.undo_reversal(viewer=viewer, payment_id=payment.id, amount_minor=more_minor, reference=reference, now=now)
    payment.refresh_from_db(fields=["state"])


def _arrival(settled: models.GatewayMessage, day: date) -> settling.Arrival:
    card = settled.card or {}
    return settling.Arrival(
        amount_minor=settled.amount_minor,
        evidence=f"{settled.provider}:{settled.message_id}",
        received_date=day,
        card_brand=str(card.get("brand", "")),
        card_last4=str(card.get("last4", "")),
        card_expiry=str(card.get("expiry", "")),
    )


def _reason(said: list[models.GatewayMessage]) -> str:
    return next((one.reason for one in sorted(said, key=lambda one: one.occurred_at, reverse=True) if one.reason), "No reason was given.")


@scope.retrying
def _act_on_refund(message: models.GatewayMessage, about: models.ProviderReference, now: datetime) -> bool:
    viewer = system(about.customer_id)
    with scope.of(viewer):
        state = models.Refund.objects.values_list("state", flat=True).get(customer_id=about.customer_id, id=about.subject_id)
        if state == rules.RefundState.STARTED:
            if message.kind == "refunded":
                refunding.settle_refund(viewer=viewer, customer_id=about.customer_id, refund_id=about.subject_id, now=now)
            else:
                refunding.fail_refund(viewer=viewer, customer_id=about.customer_id, refund_id=about.subject_id, reason=message.reason, now=now)
        _handled([message.id], now, message.kind)
    return True


def _handled(message_ids: list[UUID], now: datetime, outcome: str) -> None:
    models.GatewayMessage.objects.filter(id__in=message_ids, handled_at__isnull=True).update(handled_at=now, outcome=outcome)


def _wait(message: models.GatewayMessage, why: str) -> None:
    models.GatewayMessage.objects.filter(id=message.id, handled_at__isnull=True).update(outcome=why)


def _put_off(message: models.GatewayMessage, now: datetime) -> None:
    pause = min(_LONGEST_PAUSE_SECONDS, 2 ** min(message.tries, 12))
    models.GatewayMessage.objects.filter(id=message.id).update(tries=message.tries + 1, next_try_at=now + timedelta(seconds=pause))
