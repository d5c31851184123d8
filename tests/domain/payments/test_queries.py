"""Ask for payments as the pages do: lists, parts, receipts, and nothing of anybody else."""

import pytest

from domain.payments import world
from domain.payments.world import World
from tallystick.domain.administration import operations as administration
from tallystick.domain.customers.rules import CustomerRole, Viewer, ViewerKind
from tallystick.domain.payments import operations, queries, receipts, rules
from tallystick.integrations.pdf import documents
from tallystick.lib import errors


def test_where_a_payment_went(acme: World) -> None:
    """Its parts, its surplus, what came back."""
    one, two = acme.funding(100_00), acme.funding(100_00)
    payment = acme.record(250_00, (one, 119_00), (two, 119_00), division_id=acme.top_id)
    acme.bounce(payment, 20_00)
    found = queries.payment(viewer=acme.fiona, payment_id=payment)
    assert [(part.number, part.amount_minor, part.reversed_minor) for part in found.parts] == [
        (acme.invoice(one).number, 119_00, 0),
        (acme.invoice(two).number, 119_00, 8_00),
    ]
    assert [(row.division_name, row.amount_minor, row.reversed_minor) for row in found.surpluses] == [("Acme", 12_00, 12_00)]
    assert [(row.reference, row.amount_minor, row.taken_back_at) for row in found.reversals] == [("CB-1", 20_00, None)]
    assert [(row.state, row.amount_minor) for row in queries.of_invoice(viewer=acme.fiona, invoice_id=two)] == [("partially_reversed", 119_00)]


def test_lists(acme: World) -> None:
    """By state, by reference, page by page; the work queue's failed ones."""
    payments = [acme.record(1_00, division_id=acme.top_id) for _ in range(3)]
    waiting = acme.start(rules.Method.BANK_TRANSFER, (acme.funding(10_00), 11_90))
    assert [row.id for row in queries.payments(viewer=acme.fiona)] == [waiting.payment_id, *reversed(payments)]
    assert [row.id for row in queries.payments(viewer=acme.fiona, show="started")] == [waiting.payment_id]
    assert [row.id for row in queries.payments(viewer=acme.fiona, before=payments[1])] == [payments[0]]
    assert [row.id for row in queries.payments(viewer=world.CLERK, search=waiting.reference.lower())] == [waiting.payment_id]
    assert queries.failed(viewer=acme.fiona) == []
    (credit,) = queries.unapplied_credit(viewer=acme.fiona)
    assert (credit.division_name, credit.unapplied_minor, credit.currency) == ("Acme", 3_00, "USD")


def test_nobody_sees_anybody_else(acme: World) -> None:
    """Another customer's payment is not there, in any verb or question."""
    other = world.opened(percent="19")
    invoice = other.funding(10_00)
    payment = other.record(11_90, (invoice, 11_90))
    for ask in (
        lambda: queries.payment(viewer=acme.fiona, payment_id=payment),
        lambda: queries.of_invoice(viewer=acme.fiona, invoice_id=invoice),
        lambda: acme.start(rules.Method.BANK_TRANSFER, (invoice, 1)),
        lambda: receipts.receipt_facts(viewer=acme.fiona, payment_id=payment),
        lambda: operations.reverse_payment(viewer=acme.worker, payment_id=payment, amount_minor=1, reference="x", reason="", now=world.NOW),
        lambda: acme.record(1_00, (invoice, 1_00)),
    ):
        with pytest.raises(errors.NotFound):
            ask()
    assert queries.payments(viewer=acme.fiona) == []


def test_a_restricted_user_sees_own_divisions(acme: World) -> None:
    """Payments for other divisions are not listed, and of a shared one only the own part."""
    a_id = administration.create_division(viewer=world.ADMIN, customer_id=acme.customer_id, parent_id=acme.top_id, name="A")
    own, others = acme.funding(10_00, division_id=a_id), acme.funding(10_00)
    both = acme.record(23_80, (own, 11_90), (others, 11_90))
    acme.record(1_00, division_id=acme.top_id)
    rita = Viewer(
        kind=ViewerKind.CUSTOMER,
        name="Rita",
        person_id=3,
        customer_id=acme.customer_id,
        role=CustomerRole.FINANCE_MANAGER,
        division_ids=frozenset({a_id}),
    )
    assert [row.id for row in queries.payments(viewer=rita)] == [both]
    assert [part.invoice_id for part in queries.payment(viewer=rita, payment_id=both).parts] == [own]
    request = rules.PaymentRequest(invoices=[rules.Ask(others, 1)], method=rules.Method.BANK_TRANSFER, idempotency_key=world.key())
    with pytest.raises(errors.NotFound):
        operations.start_payment(viewer=rita, request=request, now=world.NOW)


@pytest.mark.parametrize("role", [CustomerRole.STANDARD_USER, CustomerRole.LIMITED_USER])
def test_no_finance_work_for_others(acme: World, role: CustomerRole) -> None:
    """The table of product.md."""
    lea = Viewer(kind=ViewerKind.CUSTOMER, name="Lea", person_id=4, customer_id=acme.customer_id, role=role)
    with pytest.raises(errors.NotAllowed):
        queries.payments(viewer=lea)
    request = rules.PaymentRequest(invoices=[], method=rules.Method.BANK_TRANSFER, idempotency_key=world.key())
    with pytest.raises(errors.NotAllowed):
        operations.start_payment(viewer=lea, request=request, now=world.NOW)
    with pytest.raises(errors.NotAllowed):
        operations.reverse_payment(viewer=acme.fiona, payment_id=world.uuid.uuid4(), amount_minor=1, reference="x", reason="", now=world.NOW)


def test_receipt(acme: World) -> None:
    """What arrived, what each invoice got, what is unapplied; it can be drawn."""
    invoice = acme.funding(1000_00)
    waiting = acme.start(rules.Method.BANK_TRANSFER, (invoice, 595_00))
    with pytest.raises(errors.Conflict):
        receipts.receipt_facts(viewer=acme.fiona, payment_id=waiting.payment_id)
    acme.record(600_00, payment_id=waiting.payment_id)
    facts = receipts.receipt_facts(viewer=acme.fiona, payment_id=waiting.payment_id)
    assert facts["payments"] == [{"invoice_number": acme.invoice(invoice).number, "amount": "595.00", "still_open": "595.00"}]
    assert (facts["received"], facts["unapplied"], facts["added_to_funds"], facts["method"]) == ("600.00", "5.00", "500.00", "bank_transfer")
    assert documents.render("receipt", facts).content.startswith(b"%PDF")
