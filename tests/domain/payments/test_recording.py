"""Work the numbers of money.md section 4 that are about payments."""

from datetime import timedelta

import pytest

from domain.payments import world
from domain.payments.world import World
from tallystick.domain.invoicing import rules as invoices
from tallystick.domain.payments import refusals, rules
from tallystick.lib import errors


def test_part_payments_bring_their_net_parts(acme: World) -> None:
    """1,190.00 paid as 333.33, 333.33, 523.34: net 280.11, 280.11, 439.78."""
    invoice = acme.funding(1000_00)
    nets = []
    for amount_minor in (333_33, 333_33, 523_34):
        before = acme.figures().balance_minor
        acme.record(amount_minor, (invoice, amount_minor))
        nets.append(acme.figures().balance_minor - before)
    assert nets == [280_11, 280_11, 439_78]
    assert acme.invoice(invoice).state == "paid"
    assert acme.figures().balance_minor == 1000_00


def test_surplus_becomes_unapplied_credit(acme: World) -> None:
    """Overpaid by 20.00."""
    invoice = acme.funding(1000_00)
    payment = acme.record(1210_00, (invoice, 1210_00))
    assert acme.figures().unapplied_minor == 20_00
    assert acme.row(payment).state == "settled"
    assert acme.invoice(invoice).open_minor == 0


def test_unapplied_credit_pays_an_invoice(acme: World) -> None:
    """Unapplied credit of 20.00 used on an invoice."""
    acme.record(20_00, division_id=acme.top_id)
    invoice = acme.funding(1000_00)
    started = acme.start(rules.Method.UNAPPLIED_CREDIT, (invoice, 20_00), division_id=acme.top_id)
    assert started.state == "settled"
    assert acme.figures().unapplied_minor == 0
    assert acme.invoice(invoice).paid_minor == 20_00
    with pytest.raises(refusals.NotEnoughUnappliedCredit):
        acme.start(rules.Method.UNAPPLIED_CREDIT, (invoice, 1), division_id=acme.top_id)


def test_balance_pays_amounts_owed_only(acme: World) -> None:
    """An amount-owed invoice paid from a positive balance: the balance falls by the net, a credit note takes the tax."""
    funding = acme.funding(1000_00)
    acme.record(1190_00, (funding, 1190_00))
    owed = acme.owed(500_00)
    assert acme.figures().balance_minor == 1500_00
    open_funding = acme.funding(10_00)
    with pytest.raises(refusals.NotFromBalance):
        acme.start(rules.Method.BALANCE, (open_funding, 1_00))
    available = acme.figures().available_minor
    acme.start(rules.Method.BALANCE, (owed, 595_00))
    assert acme.figures().balance_minor == 1000_00
    assert acme.figures().available_minor == (available or 0) + 95_00
    assert acme.invoice(owed).open_minor == 0


def test_balance_never_pays_out_of_credit(acme: World) -> None:
    """Law 7."""
    acme.opening(-500_00)
    owed = acme.owed(500_00)
    assert acme.figures().available_minor == 1405_00
    with pytest.raises(errors.InsufficientFunds):
        acme.start(rules.Method.BALANCE, (owed, 1_19))
    assert acme.figures().balance_minor == 0


def test_bank_reference_counts_once(acme: World) -> None:
    """Law 9, whatever blanks and letter case."""
    acme.record(10_00, division_id=acme.top_id, reference="ab 12 77" + str(acme.customer_id))
    with pytest.raises(refusals.ReferenceTaken):
        acme.record(10_00, division_id=acme.top_id, reference="AB1277" + str(acme.customer_id))
    assert acme.figures().unapplied_minor == 10_00


def test_same_key_same_answer(acme: World) -> None:
    """Law 8."""
    key, reference = world.key(), world.key()
    first = acme.record(10_00, division_id=acme.top_id, idempotency_key=key, reference=reference)
    assert acme.record(10_00, division_id=acme.top_id, idempotency_key=key, reference=reference) == first
    with pytest.raises(refusals.IdempotencyKeyReused):
        acme.record(11_00, division_id=acme.top_id, idempotency_key=key, reference=reference)
    assert acme.figures().unapplied_minor == 10_00


def test_another_request_with_the_key_is_refused(acme: World) -> None:
    """Whatever of it is another: also the note, which is kept and shown."""
    key, reference = world.key(), world.key()
    entered: dict[str, object] = {"division_id": acme.top_id, "idempotency_key": key, "reference": reference, "note": "Cheque 17"}
    first = acme.record(10_00, **entered)
    assert acme.record(10_00, **entered) == first
    day = world.TODAY - timedelta(days=1)
    for change in ({"note": "Cheque 18"}, {"note": ""}, {"reference": world.key()}, {"received_date": day}, {"method": rules.Method.OTHER}):
        with pytest.raises(refusals.IdempotencyKeyReused):
            acme.record(10_00, **{**entered, **change})
    assert acme.figures().unapplied_minor == 10_00
    assert acme.row(first).note == "Cheque 17"


def test_announced_transfer_is_settled_by_its_record(acme: World) -> None:
    """A customer's transfer waits with our reference; it may come several invoices at once, and another amount."""
    one, two = acme.funding(100_00), acme.funding(200_00)
    started = acme.start(rules.Method.BANK_TRANSFER, (one, 119_00), (two, 238_00))
    assert started.reference.startswith("RF")
    acme.record(300_00, payment_id=started.payment_id)
    assert acme.invoice(one).open_minor == 0
    assert acme.invoice(two).open_minor == 57_00
    assert acme.row(started.payment_id).state == "settled"


def test_fifty_equal_records_are_one(acme: World) -> None:
    """Law 8, at once."""
    key, reference = world.key(), world.key()
    answers = world.at_once(50, lambda _: acme.record(10_00, division_id=acme.top_id, idempotency_key=key, reference=reference))
    assert len(set(answers)) == 1
    assert acme.figures().unapplied_minor == 10_00


@pytest.mark.parametrize("amount_minor", [0, -1, 10**15])
def test_amounts_that_can_not_be(acme: World, amount_minor: int) -> None:
    """Refused beside the field."""
    with pytest.raises(errors.Invalid):
        acme.record(amount_minor, division_id=acme.top_id)
    with pytest.raises(errors.Invalid):
        acme.start(rules.Method.BANK_TRANSFER, (acme.funding(1_00), amount_minor))


def test_more_than_due_is_refused_at_the_start(acme: World) -> None:
    """And nothing is written."""
    invoice = acme.funding(100_00)
    with pytest.raises(refusals.AmountAboveDue):
        acme.start(rules.Method.BANK_TRANSFER, (invoice, 119_01))


def test_example_default_rule(untaxed: World) -> None:
    """Balance 454.00, limit 2,000.00: 2,454.00; PO 10,000.00: the same; 4,000.00 paid: 6,454.00; the rest: 12,454.00."""
    first = untaxed.funding(454_00)
    untaxed.record(454_00, (first, 454_00))
    assert untaxed.figures().available_minor == 2454_00
    order = untaxed.funding(10000_00)
    assert (untaxed.figures().available_minor, untaxed.figures().unpaid_minor) == (2454_00, 10000_00)
    untaxed.record(4000_00, (order, 4000_00))
    assert (untaxed.figures().available_minor, untaxed.figures().unpaid_minor) == (6454_00, 6000_00)
    untaxed.record(6000_00, (order, 6000_00))
    assert (untaxed.figures().available_minor, untaxed.figures().balance_minor) == (12454_00, 10454_00)


def test_fifty_payments_race_for_one_invoice(acme: World) -> None:
    """Law 6: never above the amount due, the surplus to unapplied credit, however many at once."""
    invoice = acme.funding(1000_00)
    answers = world.at_once(16, lambda _: acme.record(119_00, (invoice, 119_00)))
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert acme.invoice(invoice).open_minor == 0
    assert acme.figures().unapplied_minor == 16 * 119_00 - 1190_00
    assert acme.figures().balance_minor == 1000_00


def test_expected_kinds() -> None:
    """Every method has a way in."""
    assert {rules.Method.CHEQUE, rules.Method.OTHER} <= rules.RECORDED
    assert invoices.Kind.FUNDING
