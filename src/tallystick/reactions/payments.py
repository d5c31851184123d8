"""Let payments follow what gateways say, send approved refunds, and look after what nobody heard of again."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from tallystick.domain.customers import rules as customers
from tallystick.domain.events import queries as events
from tallystick.domain.payments import operations, queries, refusals
from tallystick.integrations.gateways import http, protocol
from tallystick.integrations.postgres import scope
from tallystick.lib import ids

SILENCE = timedelta(minutes=2)
"""After this long without a word, the gateway is asked how an attempt stands."""

_WORKER = customers.Viewer(kind=customers.ViewerKind.SYSTEM, name="Tallystick")


def act_on_messages(_customer_id: int | None = None, _event_id: UUID | None = None) -> None:
    """Act on the stored messages of gateways that wait. Queued for each new message, and run by the clock for those that had to wait."""
    operations.act_on_messages(now=timezone.now())


def send_refund(customer_id: int, event_id: UUID) -> None:
    """Send an approved refund to its card; one by bank is sent by people. Raises GatewayUnavailable: the worker tries again."""
    with scope.of(customers.system(customer_id)):
        subject = events.event(customer_id=customer_id, event_id=event_id).subject_id
    gateway = _gateway()
    if gateway is not None:
        operations.send_refund(customer_id=customer_id, refund_id=ids.parse("ref", subject), gateway=gateway, now=timezone.now())


def look_after_payments(_customer_id: int | None = None, _event_id: UUID | None = None) -> None:
    """Ask the gateway about silent attempts, let overdue deposit requests lapse, take up messages that waited; run by the clock each minute."""
    now = timezone.now()
    operations.act_on_messages(now=now)
    with scope.of(_WORKER):
        silent = queries.unresolved(before=now - SILENCE)
        lapsed = queries.lapsed_deposits(now=now)
    for customer_id, deposit_id in lapsed:
        operations.lapse_deposit(viewer=customers.system(customer_id), customer_id=customer_id, deposit_id=deposit_id, now=now)
    gateway = _gateway()
    for customer_id, payment_id in silent if gateway else []:
        _resolve(customer_id, payment_id, gateway)


def _resolve(customer_id: int, payment_id: UUID, gateway: protocol.Gateway | None) -> None:
    assert gateway is not None, "asked only where there is one"
    try:
        operations.resolve_payment(customer_id=customer_id, payment_id=payment_id, gateway=gateway, now=timezone.now())
    except (refusals.PaymentResultUnknown, refusals.PaymentStarting, protocol.GatewayRefused):
        return  # nobody knows yet: asked again in a minute


def _gateway() -> protocol.Gateway | None:
    try:
        return http.from_settings(settings)
    except protocol.GatewayRefused:
        return None
