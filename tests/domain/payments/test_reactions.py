"""Run what the worker runs for payments: refunds sent after their approval, silence looked into, requests that lapse."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test.utils import override_settings
from django.utils import timezone

from domain.payments import world
from domain.payments.world import Till, World
from tallystick.domain.events import models as events
from tallystick.domain.payments import models, operations, rules
from tallystick.integrations.postgres import scope
from tallystick.reactions import payments, table


@pytest.fixture
def settled(till: Till) -> Iterator[Till]:
    """Name the fake gateway in the settings."""
    with override_settings(GATEWAY_URL=till.fake.url, GATEWAY_SECRET=world.SECRET.decode()):
        yield till


def test_every_reaction_is_on_the_screen() -> None:
    """What a message and an approval call for stands in the table."""
    assert operations.messages.REACTION in table.STEPS
    assert table.BY_EVENT["refund.approved"] == ["send_refund"]


def test_an_approved_refund_is_sent_once(acme: World, settled: Till) -> None:
    """However often the reaction runs."""
    started = acme.start(rules.Method.CARD, (acme.funding(100_00), 119_00), gateway=settled.gateway, division_id=acme.top_id)
    acme.record(119_00, (acme.payments_invoice(started.payment_id), 119_00))
    reference = acme.row(started.payment_id).provider_reference
    settled.pay(reference)
    world.tell(*settled.messages(reference))
    wish = rules.RefundRequest(
        customer_id=acme.customer_id,
        division_id=acme.top_id,
        amount_minor=119_00,
        reason="Twice",
        idempotency_key=world.key(),
        payment_id=started.payment_id,
    )
    asked = operations.request_refund(viewer=world.CLERK, request=wish, now=world.NOW)
    operations.approve_refund(viewer=world.APPROVER, customer_id=acme.customer_id, refund_id=asked.id, now=world.NOW)
    with scope.of(acme.worker):
        event = events.Event.objects.get(customer_id=acme.customer_id, kind="refund.approved")
    for _ in range(2):
        payments.send_refund(acme.customer_id, event.id)
    assert settled.gateway.fetch(reference).refunded_minor == 119_00


def test_silence_and_lapse_are_looked_after(acme: World, settled: Till) -> None:
    """A paid attempt whose messages were lost is settled; a deposit request past its day lapses."""
    started = acme.start(rules.Method.CARD, (acme.funding(100_00), 119_00), gateway=settled.gateway)
    settled.pay(acme.row(started.payment_id).provider_reference)
    wish = rules.DepositRequest(division_id=acme.top_id, amount_minor=1_00, method=rules.Method.BANK_TRANSFER, idempotency_key=world.key())
    old = timezone.now() - timedelta(days=rules.DEPOSIT_LAPSES_AFTER_DAYS + 1)
    deposit = operations.start_deposit(viewer=acme.fiona, request=wish, now=old)
    payments.look_after_payments()
    assert acme.row(started.payment_id).state == "settled"
    assert acme.row(deposit.payment_id).state == "expired"
    with scope.of(acme.worker):
        assert models.Deposit.objects.get(customer_id=acme.customer_id, payment_id=deposit.payment_id).state == "lapsed"
