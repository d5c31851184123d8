"""Deposit funds: the invoice is issued and paid when the money arrives, for what arrived; nobody owes a deposit."""

from datetime import timedelta

import pytest

from domain.payments import world
from domain.payments.world import Till, World
from tallystick.domain.invoicing import rules as invoices
from tallystick.domain.payments import operations, queries, refusals, rules
from tallystick.lib import errors

FUNDING = invoices.Kind.FUNDING
BACK = "http://127.0.0.1:9/back"


def _deposit(acme: World, amount_minor: int, method: rules.Method, till: Till | None = None) -> operations.Started:
    request = rules.DepositRequest(division_id=acme.top_id, amount_minor=amount_minor, method=method, idempotency_key=world.key(), return_url=BACK)
    return operations.start_deposit(viewer=acme.fiona, request=request, now=world.NOW, gateway=till.gateway if till else None)


def _paid_by_card(acme: World, till: Till, amount_minor: int, number: str = "4242424242424242") -> operations.Started:
    started = _deposit(acme, amount_minor, rules.Method.CARD, till)
    reference = acme.row(started.payment_id).provider_reference
    till.pay(reference, number)
    world.tell(*till.messages(reference))
    return started


def test_card_deposit_charges_the_tax_too(acme: World, till: Till) -> None:
    """Deposit of 200.00: the card pays 238.00, and only then is there an invoice."""
    started = _deposit(acme, 200_00, rules.Method.CARD, till)
    assert (started.amount_minor, acme.invoices_of(FUNDING)) == (238_00, [])
    reference = acme.row(started.payment_id).provider_reference
    till.pay(reference)
    world.tell(*till.messages(reference))
    (invoice,) = acme.invoices_of(FUNDING)
    assert (invoice.gross_minor, invoice.state, acme.figures().balance_minor, acme.figures().unpaid_minor) == (238_00, "paid", 200_00, 0)
    assert queries.payment(viewer=acme.fiona, payment_id=started.payment_id).deposit_invoice_id == invoice.id


def test_bounced_deposit_is_credited(acme: World, till: Till) -> None:
    """To the extent of the bounce; a dispute won brings the funds back on a new deposit invoice."""
    started = _paid_by_card(acme, till, 200_00)
    acme.bounce(started.payment_id, 119_00)
    (invoice,) = acme.invoices_of(FUNDING)
    assert (invoice.open_minor, invoice.credited_minor, acme.figures().balance_minor) == (0, 119_00, 100_00)
    acme.bounce(started.payment_id, 119_00, "CB-2")
    assert acme.figures().balance_minor == 0
    operations.undo_reversal(viewer=world.CLERK, payment_id=started.payment_id, amount_minor=238_00, reference="WON", now=world.NOW)
    assert (acme.figures().balance_minor, acme.figures().unpaid_minor) == (200_00, 0)


def test_transfer_deposit_is_no_debt_and_lapses(acme: World) -> None:
    """A request in none of the figures; it lapses; money that still comes settles it."""
    started = _deposit(acme, 100_00, rules.Method.BANK_TRANSFER)
    assert (acme.figures().unpaid_minor, started.reference[:2]) == (0, "RF")
    late = world.NOW + timedelta(days=31)
    with world.scope.of(world.ADMIN):
        deposit_id = world.models.Deposit.objects.get(payment_id=started.payment_id).id
    own = {"viewer": acme.worker, "customer_id": acme.customer_id, "deposit_id": deposit_id}
    assert not operations.lapse_deposit(**own, now=world.NOW)  # type: ignore[arg-type]
    assert operations.lapse_deposit(**own, now=late)  # type: ignore[arg-type]
    acme.record(119_00, payment_id=started.payment_id)
    assert (acme.figures().balance_minor, acme.row(started.payment_id).state) == (100_00, "settled")


@pytest.mark.parametrize(("arrived_minor", "balance_minor", "rest_minor"), [(100_00, 84_03, 0), (119_03, 100_02, 1), (300_00, 252_10, 0), (1, 1, 0)])
def test_another_amount_is_invoiced_for_what_arrived(acme: World, arrived_minor: int, balance_minor: int, rest_minor: int) -> None:
    """The largest net whose net + tax is not above it; the rest is unapplied credit."""
    started = _deposit(acme, 100_00, rules.Method.BANK_TRANSFER)
    acme.record(arrived_minor, payment_id=started.payment_id)
    assert (acme.figures().balance_minor, acme.figures().unapplied_minor) == (balance_minor, rest_minor)


def test_deposit_settles_taxed_debt_without_tax(acme: World, till: Till) -> None:
    """Opening -700.00, deposit 200.00: the card pays 200.00; bounced, the debt is taxed debt again."""
    acme.opening(-700_00)
    started = _paid_by_card(acme, till, 200_00)
    assert (started.amount_minor, acme.figures().balance_minor, acme.figures().taxed_debt_minor) == (200_00, -500_00, 500_00)
    acme.bounce(started.payment_id, 200_00)
    assert (acme.figures().balance_minor, acme.figures().taxed_debt_minor) == (-700_00, 700_00)
    assert operations.deposit_price(viewer=acme.fiona, division_id=acme.top_id, amount_minor=800_00).gross_minor == 819_00


def test_wrong_deposits(acme: World) -> None:
    """Zero, cheque, another customer's division."""
    with pytest.raises(errors.Invalid):
        _deposit(acme, 0, rules.Method.BANK_TRANSFER)
    with pytest.raises(errors.Invalid):
        _deposit(acme, 1_00, rules.Method.CHEQUE)
    other = world.opened(percent="0")
    request = rules.DepositRequest(division_id=other.top_id, amount_minor=1_00, method=rules.Method.BANK_TRANSFER, idempotency_key=world.key())
    with pytest.raises(errors.NotFound):
        operations.start_deposit(viewer=acme.fiona, request=request, now=world.NOW)


def _refund(acme: World, amount_minor: int, **more: object) -> world.models.Refund:
    wish = {"account": "DE02", "payment_id": None, "reason": "Paid twice", "idempotency_key": world.key(), **more}
    request = rules.RefundRequest(
        customer_id=acme.customer_id,
        division_id=acme.top_id,
        amount_minor=amount_minor,
        **wish,  # type: ignore[arg-type]
    )
    return operations.request_refund(viewer=world.CLERK, request=request, now=world.NOW)


def test_refund_by_bank_needs_another_person(acme: World) -> None:
    """Requested, approved by another, sent; a failed one is unapplied credit again."""
    acme.record(50_00, division_id=acme.top_id)
    asked = _refund(acme, 30_00)
    own = {"customer_id": acme.customer_id, "refund_id": asked.id, "now": world.NOW}
    same = world.replace(world.APPROVER, person_id=world.CLERK.person_id)
    with pytest.raises(refusals.ApprovedByRequester):
        operations.approve_refund(viewer=same, **own)  # type: ignore[arg-type]
    assert acme.figures().unapplied_minor == 50_00
    operations.approve_refund(viewer=world.APPROVER, **own)  # type: ignore[arg-type]
    assert acme.figures().unapplied_minor == 20_00
    operations.fail_refund(viewer=world.CLERK, reason="Account closed", **own)  # type: ignore[arg-type]
    assert acme.figures().unapplied_minor == 50_00
    with pytest.raises(refusals.RefundNotWaiting):
        operations.settle_refund(viewer=world.CLERK, **own)  # type: ignore[arg-type]
    with pytest.raises(refusals.NotEnoughUnappliedCredit):
        _refund(acme, 50_01)


def test_another_refund_with_the_key_is_refused(acme: World) -> None:
    """Whatever of it is another: also the reason, which the approver decides on."""
    acme.record(50_00, division_id=acme.top_id)
    key = world.key()
    first = _refund(acme, 30_00, idempotency_key=key)
    assert _refund(acme, 30_00, idempotency_key=key).id == first.id
    assert _refund(acme, 30_00, idempotency_key=key, reason=" Paid twice ").id == first.id
    for change in ({"reason": "The customer asked"}, {"account": "DE03"}):
        with pytest.raises(refusals.IdempotencyKeyReused):
            _refund(acme, 30_00, idempotency_key=key, **change)
    with pytest.raises(refusals.IdempotencyKeyReused):
        _refund(acme, 29_99, idempotency_key=key)


@pytest.mark.parametrize(("number", "state", "left_minor"), [("4242424242424242", "settled", 0), ("4000000000005126", "failed", 100_00)])
def test_refund_to_the_card(acme: World, till: Till, number: str, state: str, left_minor: int) -> None:
    """The gateway is asked once, and its message ends the refund."""
    invoice = acme.funding(100_00)
    started = acme.start(rules.Method.CARD, (invoice, 119_00), gateway=till.gateway)
    acme.record(100_00, (invoice, 100_00))
    reference = acme.row(started.payment_id).provider_reference
    till.pay(reference, number)
    world.tell(*till.messages(reference))
    assert acme.figures().unapplied_minor == 100_00
    asked = _refund(acme, 100_00, account="", payment_id=started.payment_id)
    operations.approve_refund(viewer=world.APPROVER, customer_id=acme.customer_id, refund_id=asked.id, now=world.NOW)
    for _ in range(2):
        operations.send_refund(customer_id=acme.customer_id, refund_id=asked.id, gateway=till.gateway, now=world.NOW)
    world.tell(*till.messages(reference), *till.messages(reference))
    (found,) = [row for row in queries.refunds(viewer=acme.fiona) if row.id == asked.id]
    assert (found.state, acme.figures().unapplied_minor) == (state, left_minor)
