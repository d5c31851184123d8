"""Refuse methods that a customer's settings leave out, whoever asks; what was started before stays."""

import dataclasses

import pytest

from domain.payments import world
from domain.payments.world import World
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries
from tallystick.domain.customers.rules import CustomerRole
from tallystick.domain.payments import operations, refusals, rules
from tallystick.integrations.postgres import scope


def _allow(acme: World, *methods: str) -> None:
    ruth = dataclasses.replace(acme.fiona, role=CustomerRole.ADMINISTRATOR)
    with scope.of(ruth):
        version = queries.customer(viewer=ruth).version
    draft = customers.SettingsDraft(
        version=version,
        notify_below_minor=None,
        vat_number="",
        billing_name="",
        billing_email="",
        recipients=(),
        payment_methods=methods,
        default_method=methods[0],
    )
    customers.change_settings(viewer=ruth, draft=draft)


def test_payments_and_deposits_by_another_method_are_refused(acme: World) -> None:
    """Nothing is written for them; an equal request from before the change gives its payment again."""
    invoice_id = acme.funding(100_00)
    wish = rules.DepositRequest(division_id=acme.top_id, amount_minor=50_00, method=rules.Method.BANK_TRANSFER, idempotency_key=world.key())
    before = operations.start_deposit(viewer=acme.fiona, request=wish, now=world.NOW)
    _allow(acme, "card", "balance")
    with pytest.raises(refusals.PaymentMethodNotAllowed):
        acme.start(rules.Method.BANK_TRANSFER, (invoice_id, 119_00))
    with pytest.raises(refusals.PaymentMethodNotAllowed):
        operations.start_deposit(viewer=acme.fiona, request=dataclasses.replace(wish, idempotency_key=world.key()), now=world.NOW)
    assert operations.start_deposit(viewer=acme.fiona, request=wish, now=world.NOW) == before
    assert [row.id for row in acme.payments()] == [before.payment_id]


def test_staff_record_what_arrived_all_the_same(acme: World) -> None:
    """Money that came is money that came."""
    invoice_id = acme.funding(100_00)
    _allow(acme, "card")
    acme.record(119_00, (invoice_id, 119_00))
    assert acme.invoice(invoice_id).open_minor == 0
