"""Walk invoices through payment, bounce, credit note, void and write-off on PostgreSQL, in the numbers of money.md."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from domain.invoicing import trade
from domain.invoicing.trade import ABE, AUDRA, CLEO, NOW, TODAY, Trade
from tallystick.domain.customers.rules import CreditRule, CustomerRole
from tallystick.domain.events import queries as events
from tallystick.domain.invoicing import operations, queries, rules
from tallystick.domain.ledger.rules import Account
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids
from tallystick.reactions import documents


@pytest.fixture
def northwind() -> Trade:
    return trade.open_trade()


def approve_credit(asked_minor: int, invoice_id: object) -> object:
    note = operations.request_credit_note(viewer=CLEO, invoice_id=invoice_id, amount_minor=asked_minor, reason="Goodwill", now=NOW)  # type: ignore[arg-type]
    return operations.approve_credit_note(viewer=ABE, credit_note_id=note.id, today=TODAY, now=NOW)


def test_issuing_a_funding_invoice_changes_only_what_is_unpaid(northwind: Trade) -> None:
    before = northwind.figures()
    invoice = northwind.approved("1000.00")
    after = northwind.figures()
    assert (invoice.net_minor, invoice.tax_minor, invoice.open_minor, invoice.due_date) == (100_000, 19_000, 119_000, TODAY + timedelta(days=30))
    assert (after.balance_minor, after.unpaid_minor, after.unpaid_funding_minor) == (0, 119_000, 119_000)
    assert after.available_minor == before.available_minor == 200_000


def test_under_all_unpaid_issuing_lowers_available_funds_by_the_gross() -> None:
    strict = trade.open_trade(rule=CreditRule.ALL_UNPAID)
    invoice = strict.approved("1000.00")
    assert strict.figures().available_minor == 200_000 - 119_000
    strict.pay(invoice, 59_500)
    assert strict.figures().available_minor == 200_000 - 59_500 + 50_000


def test_a_part_payment_brings_its_net_part_at_once_and_the_last_one_the_rest(northwind: Trade) -> None:
    invoice = northwind.approved("1000.00")
    nets = [northwind.pay(invoice, amount_minor).split.net_minor for amount_minor in (33_333, 33_333)]
    assert northwind.invoice(invoice).state == rules.State.PARTIALLY_PAID
    nets.append(northwind.pay(invoice, 52_334).split.net_minor)
    assert nets == [28_011, 28_011, 43_978]
    assert (northwind.figures().balance_minor, northwind.figures().unpaid_minor) == (100_000, 0)
    assert northwind.invoice(invoice).state == rules.State.PAID


def test_more_than_is_open_is_refused(northwind: Trade) -> None:
    invoice = northwind.approved("1000.00")
    with pytest.raises(operations.AmountAboveOpen) as refused:
        northwind.pay(invoice, 119_001)
    assert refused.value.facts == {"open_minor": 119_000}
    northwind.pay(invoice, 119_000)
    with pytest.raises(operations.InvoiceNotOpen):
        northwind.pay(invoice, 1)


def test_the_credit_note_of_the_worked_example(northwind: Trade) -> None:
    invoice = northwind.approved("1000.00")
    northwind.pay(invoice, 59_500)
    note = approve_credit(70_000, invoice.id)
    now = northwind.invoice(invoice)
    assert (now.open_minor, now.paid_minor, now.credited_minor, now.state) == (0, 49_000, 70_000, rules.State.PAID)
    assert (northwind.figures().balance_minor, northwind.figures().unapplied_minor) == (41_176, 10_500)
    assert (note.net_minor, note.tax_minor, note.against_open_minor, note.against_paid_minor) == (58_824, 11_176, 59_500, 10_500)  # type: ignore[attr-defined]


def test_a_bounce_after_a_credit_note_leaves_the_rest_to_unapplied_credit(northwind: Trade) -> None:
    invoice = northwind.approved("1000.00")
    paid = northwind.pay(invoice, 59_500)
    approve_credit(70_000, invoice.id)
    back = northwind.take_back(invoice, paid.split)
    assert (back.split.gross_minor, back.missing_minor) == (49_000, 10_500)
    now = northwind.invoice(invoice)
    assert (now.open_minor, now.paid_minor, now.state) == (49_000, 0, rules.State.ISSUED)
    assert northwind.figures().balance_minor == 0


def test_a_bounce_opens_the_invoice_again_even_below_zero(northwind: Trade) -> None:
    invoice = northwind.approved("1000.00")
    paid = northwind.pay(invoice, 119_000)
    northwind.spend(80_000)
    northwind.take_back(invoice, paid.split)
    assert northwind.figures().balance_minor == -80_000
    assert northwind.invoice(invoice).open_minor == 119_000


def test_a_taken_back_bounce_is_posted_anew_with_its_stored_split(northwind: Trade) -> None:
    invoice = northwind.approved("1000.00")
    paid = northwind.pay(invoice, 33_333)
    northwind.take_back(invoice, paid.split)
    with scope.of(CLEO):
        again = operations.apply_payment(
            customer_id=northwind.customer_id,
            invoice_id=invoice.id,
            amount_minor=33_333,
            source=Account.CASH,
            payment_id=None,
            anew=operations.Anew(rules.Split.read(paid.split.stored()), paid.fund_id),
        )
    assert again.split == paid.split


def test_spent_funds_are_not_credited(northwind: Trade) -> None:
    invoice = northwind.approved("1000.00")
    northwind.pay(invoice, 119_000)
    northwind.spend(95_000)
    note = operations.request_credit_note(viewer=CLEO, invoice_id=invoice.id, amount_minor=11_900, reason="x", now=NOW)
    with pytest.raises(operations.FundsAlreadyUsed) as refused:
        operations.approve_credit_note(viewer=ABE, credit_note_id=note.id, today=TODAY, now=NOW)
    assert (refused.value.code, refused.value.facts) == ("funds_already_used", {"movable_minor": 5_000, "required_minor": 10_000})
    assert northwind.invoice(invoice).credited_minor == 0
    assert [row.state for row in queries.credit_notes(viewer=CLEO, invoice_id=invoice.id)] == ["requested"]


def test_amount_owed_is_paid_from_outside_without_touching_the_balance(northwind: Trade) -> None:
    northwind.spend(50_000)
    invoice = northwind.owed((50_000, 19))
    issued = northwind.figures()
    assert (issued.balance_minor, issued.unpaid_minor, issued.unpaid_funding_minor, issued.available_minor) == (0, 59_500, 0, 140_500)
    northwind.pay(invoice, 59_500)
    assert (northwind.figures().balance_minor, northwind.figures().available_minor) == (0, 200_000)


def test_amount_owed_is_credited_against_revenue(northwind: Trade) -> None:
    northwind.spend(50_000)
    invoice = northwind.owed((50_000, 19))
    approve_credit(11_900, invoice.id)
    assert (northwind.figures().balance_minor, northwind.figures().unpaid_minor) == (0, 47_600)
    northwind.pay(invoice, 47_600)
    approve_credit(11_900, invoice.id)
    assert (northwind.figures().balance_minor, northwind.figures().unapplied_minor) == (0, 11_900)


def test_amount_owed_is_paid_from_a_positive_balance_with_a_credit_note_for_its_tax(northwind: Trade) -> None:
    northwind.spend(50_000)
    owed = northwind.owed((50_000, 19))
    order = operations.FromBalance(customer_id=northwind.customer_id, invoice_id=owed.id, amount_minor=59_500, payment_id=None)
    with pytest.raises(errors.InsufficientFunds), scope.of(northwind.dana):
        operations.pay_from_balance(viewer=northwind.dana, payment=order, today=TODAY, now=NOW)
    northwind.pay(northwind.approved("600.00"), 71_400)
    before = northwind.figures()
    with scope.of(northwind.dana):
        applied = operations.pay_from_balance(viewer=northwind.dana, payment=order, today=TODAY, now=NOW)
    after = northwind.figures()
    assert (applied.split.net_minor, applied.split.tax_minor) == (50_000, 9_500)
    assert (after.balance_minor, after.unpaid_minor) == (10_000, 0)
    assert (after.available_minor or 0) - (before.available_minor or 0) == 9_500
    [note] = queries.credit_notes(viewer=northwind.dana, invoice_id=owed.id)
    assert (note.net_minor, note.tax_minor, note.state, bool(note.number)) == (0, 9_500, "approved", True)


def test_a_funding_invoice_is_never_paid_from_the_balance(northwind: Trade) -> None:
    invoice = northwind.approved("10.00")
    order = operations.FromBalance(customer_id=northwind.customer_id, invoice_id=invoice.id, amount_minor=100, payment_id=None)
    with pytest.raises(operations.NotPaidFromBalance), scope.of(northwind.dana):
        operations.pay_from_balance(viewer=northwind.dana, payment=order, today=TODAY, now=NOW)


def test_a_void_keeps_the_number_and_gives_the_debt_back(northwind: Trade) -> None:
    northwind.spend(50_000)
    owed = northwind.owed((50_000, 19))
    voided = operations.void_invoice(viewer=ABE, invoice_id=owed.id, reason="Wrong month")
    assert (voided.number, voided.state, voided.open_minor) == (owed.number, rules.State.VOIDED, 0)
    assert (northwind.figures().balance_minor, northwind.figures().unpaid_minor) == (-50_000, 0)
    with pytest.raises(operations.InvoiceNotVoidable):
        operations.void_invoice(viewer=ABE, invoice_id=owed.id, reason="again")
    with pytest.raises(operations.InvoiceNotOpen):
        northwind.pay(owed, 1)


def test_a_part_paid_invoice_is_not_voided(northwind: Trade) -> None:
    invoice = northwind.approved("10.00")
    northwind.pay(invoice, 100)
    with pytest.raises(operations.InvoiceNotVoidable):
        operations.void_invoice(viewer=ABE, invoice_id=invoice.id, reason="x")


def test_a_shortage_is_written_off_of_an_amount_owed_only(northwind: Trade) -> None:
    northwind.spend(50_000)
    owed = northwind.owed((50_000, 19))
    northwind.pay(owed, 59_450)
    asked = operations.write_off(viewer=CLEO, invoice_id=owed.id, amount_minor=50, reason="Short", now=NOW)
    operations.approve_write_off(viewer=ABE, write_off_id=asked.id, now=NOW)
    done = northwind.invoice(owed)
    assert (done.state, done.open_minor, done.written_off_minor) == (rules.State.PAID, 0, 50)
    with pytest.raises(operations.NotWrittenOff):
        operations.write_off(viewer=ABE, invoice_id=northwind.approved("1.00").id, amount_minor=50, reason="x", now=NOW)


def test_nobody_approves_their_own_credit_note(northwind: Trade) -> None:
    invoice = northwind.approved("10.00")
    note = operations.request_credit_note(viewer=ABE, invoice_id=invoice.id, amount_minor=100, reason="x", now=NOW)
    with pytest.raises(operations.SamePerson):
        operations.approve_credit_note(viewer=ABE, credit_note_id=note.id, today=TODAY, now=NOW)
    for viewer in (CLEO, AUDRA, northwind.dana):
        with pytest.raises(errors.NotAllowed):
            operations.approve_credit_note(viewer=viewer, credit_note_id=note.id, today=TODAY, now=NOW)
    other = replace(ABE, person_id=999, name="Bea Lund")
    assert operations.decline_credit_note(viewer=other, credit_note_id=note.id, text="No", now=NOW).state == "declined"
    with pytest.raises(operations.CreditNoteDecided):
        operations.approve_credit_note(viewer=other, credit_note_id=note.id, today=TODAY, now=NOW)


@pytest.mark.parametrize(
    ("amount_minor", "reason", "refusal"), [(0, "x", errors.InvalidFields), (100, " ", errors.InvalidFields), (11_901, "x", operations.NotCreditable)]
)
def test_a_credit_note_that_can_not_be_is_refused(northwind: Trade, amount_minor: int, reason: str, refusal: type[errors.Refusal]) -> None:
    invoice = northwind.approved("100.00")
    with pytest.raises(refusal):
        operations.request_credit_note(viewer=CLEO, invoice_id=invoice.id, amount_minor=amount_minor, reason=reason, now=NOW)


def test_two_rates_split_and_credit(northwind: Trade) -> None:
    northwind.spend(60_000)
    owed = northwind.owed((50_000, 0), (10_000, 19))
    assert owed.gross_minor == 61_900
    northwind.pay(owed, 30_000)
    approve_credit(40_000, owed.id)
    taxes = queries.invoice(viewer=CLEO, invoice_id=owed.id).taxes
    assert all(tax.open_net_minor == tax.open_tax_minor == 0 for tax in taxes)
    assert northwind.figures().unapplied_minor == 40_000 - 31_900


def test_documents_are_made_once(northwind: Trade) -> None:
    invoice = northwind.approved("10.00")
    with pytest.raises(errors.NotFound):
        queries.invoice_document(viewer=northwind.dana, invoice_id=invoice.id)
    first = operations.store_document(customer_id=northwind.customer_id, invoice_id=invoice.id, content=b"%PDF first", now=NOW)
    second = operations.store_document(customer_id=northwind.customer_id, invoice_id=invoice.id, content=b"%PDF second", now=NOW)
    assert first == second
    assert queries.invoice_document(viewer=northwind.dana, invoice_id=invoice.id) == b"%PDF first"


def test_another_customer_and_another_division_see_nothing(northwind: Trade) -> None:
    invoice = northwind.approved("10.00")
    stranger = trade.open_trade().dana
    restricted = replace(northwind.dana, division_ids=frozenset({-1}))
    plain = replace(northwind.dana, role=CustomerRole.STANDARD_USER)
    for viewer in (stranger, restricted):
        with pytest.raises(errors.NotFound):
            queries.invoice(viewer=viewer, invoice_id=invoice.id)
        assert queries.open_invoices(viewer=viewer) == []
        assert queries.numbers(viewer=viewer, invoice_ids=[invoice.id]) == {}
    with pytest.raises(errors.NotAllowed):
        queries.invoice(viewer=plain, invoice_id=invoice.id)


def test_lists_find_by_number_order_and_status(northwind: Trade) -> None:
    first, second = northwind.approved("10.00"), northwind.approved("20.00")
    northwind.pay(second, second.gross_minor)
    late = TODAY + timedelta(days=31)

    def found(**narrowed: object) -> list[str]:
        chosen = queries.InvoiceFilter(**narrowed)  # type: ignore[arg-type]
        return [row.number for row in queries.invoices(viewer=northwind.dana, today=late, narrowed=chosen)]

    assert found() == [second.number, first.number]
    assert found(status="overdue") == found(status="unpaid") == [first.number]
    assert found(status="paid") == found(q=second.number) == found(q=second.purchase_order_number.lower()) == [second.number]
    assert found(before=second.id) == [first.number]
    totals = queries.open_totals(viewer=northwind.dana, today=late)
    assert (totals.count, totals.open_minor, totals.overdue_count) == (1, first.gross_minor, 1)


STEPS = some.lists(some.tuples(some.sampled_from(["pay", "bounce", "credit", "spend"]), some.integers(1, 100)), min_size=1, max_size=12)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS, some.sampled_from(["0", "19", "8.875"]))
def test_whatever_happens_figures_and_documents_agree(steps: list[tuple[str, int]], percent: str) -> None:
    world = trade.open_trade(percent=percent, limit_minor=None)
    invoice, applied = world.approved("777.77"), []
    for verb, share in steps:
        row = world.invoice(invoice)
        amount_minor = row.open_minor * share // 100
        if verb == "pay" and amount_minor:
            applied.append(world.pay(invoice, amount_minor).split)
        elif verb == "bounce" and applied:
            world.take_back(invoice, applied.pop())
        elif verb == "spend":
            world.spend(share)
        elif verb == "credit" and (row.open_minor + row.paid_minor) * share // 400:
            note = operations.request_credit_note(
                viewer=CLEO, invoice_id=invoice.id, amount_minor=(row.open_minor + row.paid_minor) * share // 400, reason="x", now=NOW
            )
            try:
                operations.approve_credit_note(viewer=ABE, credit_note_id=note.id, today=TODAY, now=NOW)
            except operations.FundsAlreadyUsed:
                operations.decline_credit_note(viewer=ABE, credit_note_id=note.id, text="", now=NOW)
        shown, figures = queries.invoice(viewer=CLEO, invoice_id=invoice.id), world.figures()
        assert shown.open_minor == sum(tax.open_net_minor + tax.open_tax_minor for tax in shown.taxes) == figures.unpaid_funding_minor
        assert shown.gross_minor == shown.paid_minor + shown.credited_minor + shown.open_minor
        assert shown.state == rules.state_of(paid_minor=shown.paid_minor, open_minor=shown.open_minor)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some.integers(1, 10**9), some.sampled_from(["0", "7", "19", "8.875"]), some.sampled_from(list(CreditRule)), some.integers(0, 100))
def test_laws_2_and_3_hold_for_any_amount(net_minor: int, percent: str, rule: CreditRule, share: int) -> None:
    world = trade.open_trade(percent=percent, rule=rule)
    counted = rule is CreditRule.ALL_UNPAID
    before = world.figures()
    invoice = world.approved(f"{net_minor // 100}.{net_minor % 100:02}")
    issued = world.figures()
    assert (issued.available_minor or 0) - (before.available_minor or 0) == (-invoice.gross_minor if counted else 0)
    part_minor = invoice.gross_minor * share // 100
    for amount_minor in (part_minor, invoice.gross_minor - part_minor):
        if amount_minor:
            earlier = world.figures()
            split = world.pay(invoice, amount_minor).split
            later = world.figures()
            assert later.balance_minor - earlier.balance_minor == split.net_minor
            assert (later.available_minor or 0) - (earlier.available_minor or 0) == split.net_minor + (amount_minor if counted else 0)
    assert (world.figures().balance_minor, world.figures().unpaid_minor) == (net_minor, 0)


def test_the_worker_draws_the_document_once(northwind: Trade) -> None:
    invoice = northwind.approved("1000.00")
    with scope.of(northwind.dana):
        [event] = events.of_subject(customer_id=northwind.customer_id, subject_id=ids.public("inv", invoice.id))
    for _ in range(2):
        documents.make_invoice_document(northwind.customer_id, event.id)
    assert queries.invoice_document(viewer=northwind.dana, invoice_id=invoice.id).startswith(b"%PDF")
    assert queries.invoice(viewer=northwind.dana, invoice_id=invoice.id).has_document
