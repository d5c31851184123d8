"""Let payments bounce, whole and part, and win disputes: money.md section 4."""

import pytest

from domain.payments import world
from domain.payments.world import World
from tallystick.domain.administration import operations as administration
from tallystick.domain.customers.rules import CustomerRole, Viewer, ViewerKind
from tallystick.domain.funds import operations as funds
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing import rules as invoices
from tallystick.domain.payments import operations, refusals, rules
from tallystick.lib import errors


def _undo(payment: object, amount_minor: int, reference: str = "WON-1") -> None:
    operations.undo_reversal(viewer=world.CLERK, payment_id=payment, amount_minor=amount_minor, reference=reference, now=world.NOW)  # type: ignore[arg-type]


def test_bounce_reopens_the_invoice_with_the_stored_split(acme: World) -> None:
    """Whole: everything is as before the payment, and the dispute won as after it."""
    invoice = acme.funding(1000_00)
    payment = acme.record(333_33, (invoice, 333_33))
    acme.bounce(payment, 333_33)
    assert (acme.figures().balance_minor, acme.invoice(invoice).state, acme.row(payment).state) == (0, "issued", "reversed")
    _undo(payment, 333_33)
    assert (acme.figures().balance_minor, acme.row(payment).state) == (280_11, "settled")
    assert acme.allocations(payment)[0].left_split == [[280_11, 53_22]]


def test_surplus_first_then_last_invoice_first(acme: World) -> None:
    """One payment over two invoices with a surplus."""
    one, two = acme.funding(100_00), acme.funding(100_00)
    payment = acme.record(250_00, (one, 119_00), (two, 119_00))
    assert acme.figures().unapplied_minor == 12_00
    acme.bounce(payment, 20_00)
    assert acme.figures().unapplied_minor == 0
    assert (acme.invoice(one).open_minor, acme.invoice(two).open_minor) == (0, 8_00)
    assert acme.row(payment).state == "partially_reversed"
    acme.bounce(payment, 130_00, "CB-2")
    assert (acme.invoice(one).open_minor, acme.invoice(two).open_minor) == (19_00, 119_00)
    _undo(payment, 150_00)
    assert (acme.invoice(one).open_minor, acme.invoice(two).open_minor, acme.figures().unapplied_minor) == (0, 0, 12_00)
    assert acme.figures().balance_minor == 200_00


def test_bounce_counts_once(acme: World) -> None:
    """By its reference."""
    invoice = acme.funding(100_00)
    payment = acme.record(119_00, (invoice, 119_00))
    acme.bounce(payment, 19_00)
    acme.bounce(payment, 19_00)
    assert acme.row(payment).reversed_minor == 19_00
    with pytest.raises(refusals.ReferenceTaken):
        acme.bounce(payment, 20_00)
    with pytest.raises(errors.Invalid):
        acme.bounce(payment, 100_01, "CB-3")
    _undo(payment, 19_00)
    _undo(payment, 19_00)
    assert acme.row(payment).reversed_minor == 0


def test_used_surplus_becomes_a_debt(acme: World) -> None:
    """Unapplied credit that was used meanwhile: the rest is a correction invoice without tax, which counts."""
    payment = acme.record(100_00, division_id=acme.top_id)
    invoice = acme.funding(100_00)
    acme.start(rules.Method.UNAPPLIED_CREDIT, (invoice, 70_00), division_id=acme.top_id)
    acme.bounce(payment, 100_00)
    corrections = acme.invoices_of(invoices.Kind.CORRECTION)
    assert [(row.open_minor, row.tax_minor) for row in corrections] == [(70_00, 0)]
    figures = acme.figures()
    assert (figures.unapplied_minor, figures.unpaid_owed_minor) == (0, 70_00)
    _undo(payment, 100_00)
    figures = acme.figures()
    assert (figures.unapplied_minor, figures.unpaid_owed_minor) == (30_00, 0)


def test_what_a_credit_note_took_comes_out_of_unapplied_credit(acme: World) -> None:
    """1,190.00, of it 595.00 paid, credit note 700.00: 105.00 unapplied; then the payment bounces."""
    invoice = acme.funding(1000_00)
    payment = acme.record(595_00, (invoice, 595_00))
    note = invoicing.request_credit_note(viewer=world.CLERK, invoice_id=invoice, amount_minor=700_00, reason="Less", now=world.NOW)
    invoicing.approve_credit_note(viewer=world.APPROVER, credit_note_id=note.id, today=world.TODAY, now=world.NOW)
    assert (acme.figures().balance_minor, acme.figures().unapplied_minor, acme.invoice(invoice).open_minor) == (411_76, 105_00, 0)
    acme.bounce(payment, 595_00)
    assert (acme.figures().balance_minor, acme.figures().unapplied_minor, acme.invoice(invoice).open_minor) == (0, 0, 490_00)
    _undo(payment, 595_00)
    assert (acme.figures().balance_minor, acme.figures().unapplied_minor, acme.invoice(invoice).open_minor) == (411_76, 105_00, 0)


def test_bounce_after_a_transfer() -> None:
    """PO 1,000.00 paid into Top, moved to A, bounced, limit 2,000.00: Top -1,000.00, A 1,000.00; available Top 1,000.00, A 2,000.00."""
    place = world.opened(percent="0", separate_funds=True)
    a_id = administration.create_division(viewer=world.ADMIN, customer_id=place.customer_id, parent_id=place.top_id, name="A")
    administration.switch_separate_funds(viewer=world.ADMIN, customer_id=place.customer_id, separate=True)
    invoice = place.funding(1000_00)
    payment = place.record(1000_00, (invoice, 1000_00))
    anna = Viewer(kind=ViewerKind.CUSTOMER, name="Ada", person_id=2, customer_id=place.customer_id, role=CustomerRole.ADMINISTRATOR)
    funds.transfer(viewer=anna, from_division_id=place.top_id, to_division_id=a_id, amount_minor=1000_00, idempotency_key=world.key())
    place.bounce(payment, 1000_00)
    top, a = place.figures(), place.figures(a_id)
    assert (top.balance_minor, a.balance_minor) == (-1000_00, 1000_00)
    assert (top.available_minor, a.available_minor) == (1000_00, 2000_00)


def test_restored_money_of_an_invoice_paid_meanwhile_is_unapplied(acme: World) -> None:
    """Nothing is paid above its amount due."""
    invoice = acme.funding(100_00)
    payment = acme.record(119_00, (invoice, 119_00))
    acme.bounce(payment, 119_00)
    acme.record(119_00, (invoice, 119_00))
    _undo(payment, 119_00)
    assert (acme.figures().unapplied_minor, acme.figures().balance_minor) == (119_00, 100_00)
    acme.bounce(payment, 119_00, "CB-9")
    assert (acme.figures().unapplied_minor, acme.figures().balance_minor) == (0, 100_00)


def test_credit_and_balance_never_bounce(acme: World) -> None:
    """No bank stands behind them."""
    acme.record(20_00, division_id=acme.top_id)
    started = acme.start(rules.Method.UNAPPLIED_CREDIT, (acme.funding(100_00), 20_00), division_id=acme.top_id)
    with pytest.raises(refusals.PaymentNotSettled):
        acme.bounce(started.payment_id, 20_00)
