"""Try the calculator, the splits and the entries of invoices without a database."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tallystick.domain.invoicing import entries, rules
from tallystick.domain.invoicing.rules import Kind, Line, Part, Split
from tallystick.domain.ledger.rules import Account, Entry
from tallystick.lib import money

NINETEEN = 19_000_000


def line(net_minor: int, percent_millionths: int = NINETEEN, quantity: str = "1") -> Line:
    return Line(description="x", quantity=Decimal(quantity), unit_price_minor=net_minor, percent_millionths=percent_millionths)


@pytest.mark.parametrize(
    ("lines", "net", "tax"),
    [
        pytest.param([line(100_000)], 100_000, 19_000, id="the worked example"),
        pytest.param([line(1001, 10_000_000)], 1001, 100, id="JPY 1,001 at 10 % is 100, half up"),
        pytest.param([line(12_345, 5_000_000)], 12_345, 617, id="BHD 12.345 at 5 % is 0.617"),
        pytest.param([line(33, 7_500_000)] * 3, 99, 7, id="tax is taken of the sum, not of each line"),
        pytest.param([line(100, quantity="0.005")], 1, 0, id="half of a minor unit goes up"),
        pytest.param([line(100, quantity="0.004999")], 0, 0, id="less than half goes down"),
        pytest.param([line(10_000, 8_875_000)], 10_000, 888, id="8.875 % of 100.00 is 8.88"),
        pytest.param([line(50_000, 0), line(10_000)], 60_000, 1_900, id="opening debt is not taxed twice: 619.00"),
        pytest.param([line(1_000_000, 1)], 1_000_000, 0, id="a millionth of a percent"),
    ],
)
def test_calculator(lines: list[Line], net: int, tax: int) -> None:
    totals = rules.calculate(lines)
    assert (totals.net_minor, totals.tax_minor, totals.gross_minor) == (net, tax, net + tax)


def test_the_tax_of_a_rate_is_spread_over_its_lines_by_largest_remainder() -> None:
    totals = rules.calculate([line(33, 7_500_000), line(500, 0), line(33, 7_500_000), line(33, 7_500_000)])
    assert totals.line_taxes == (3, 0, 2, 2)
    assert [(rate.percent_millionths, rate.net_minor, rate.tax_minor) for rate in totals.rates] == [(7_500_000, 99, 7), (0, 500, 0)]


LINES = some.lists(
    some.builds(
        line, some.integers(1, 10**9), some.sampled_from([0, 7_000_000, NINETEEN, 8_875_000]), some.sampled_from(["1", "2.5", "0.333333", "12"])
    ),
    min_size=1,
    max_size=8,
)


@given(LINES)
def test_lines_and_rates_add_up_to_the_totals(lines: list[Line]) -> None:
    totals = rules.calculate(lines)
    assert sum(totals.line_nets) == totals.net_minor == sum(rate.net_minor for rate in totals.rates)
    assert sum(totals.line_taxes) == totals.tax_minor == sum(money.tax(rate.net_minor, rate.percent_millionths) for rate in totals.rates)


@pytest.mark.parametrize(
    ("issued", "terms", "due"), [("2026-11-22", 30, "2026-12-22"), ("2026-02-27", 15, "2026-03-14"), ("2024-02-29", 0, "2024-02-29")]
)
def test_due_date(issued: str, terms: int, due: str) -> None:
    assert rules.due_date(date.fromisoformat(issued), terms) == date.fromisoformat(due)


def one(net: int, tax: int) -> Split:
    return Split((Part(net, tax),))


def test_part_payments_of_the_worked_example() -> None:
    left, nets = one(100_000, 19_000), []
    for amount_minor in (33_333, 33_333, 52_334):
        split = rules.split_over(amount_minor, left)
        left = left.minus(split)
        nets.append(split.net_minor)
    assert nets == [28_011, 28_011, 43_978]
    assert left.gross_minor == 0


def test_a_credit_note_takes_what_is_open_first() -> None:
    against_open, against_paid = rules.split_credit(70_000, one(50_000, 9_500), one(50_000, 9_500))
    assert (against_open, against_paid) == (one(50_000, 9_500), one(8_824, 1_676))


PARTS = some.lists(some.tuples(some.integers(0, 10**7), some.integers(0, 10**6)), min_size=1, max_size=4).map(
    lambda parts: Split(tuple(Part(*part) for part in parts))
)


@given(PARTS, some.lists(some.integers(0, 100), max_size=6))
def test_any_payments_release_each_part_exactly_once_and_never_go_back(whole: Split, shares: list[int]) -> None:
    left = whole
    for share in (*shares, 100):
        split = rules.split_over(left.gross_minor * share // 100, left)
        left = left.minus(split)
        assert all(part.net_minor >= 0 and part.tax_minor >= 0 for part in (*split.parts, *left.parts))
    assert left.gross_minor == 0


@given(PARTS, some.tuples(some.integers(0, 100), some.integers(0, 100), some.integers(0, 100)))
def test_what_credit_notes_left_is_given_back_and_not_more(whole: Split, shares: tuple[int, int, int]) -> None:
    paid = rules.split_over(whole.gross_minor * shares[0] // 100, whole)
    held = paid.minus(rules.split_over(paid.gross_minor * shares[1] // 100, paid))
    wanted = rules.split_over(paid.gross_minor * shares[2] // 100, paid)
    taken = rules.take_back(wanted, held)
    assert taken.gross_minor == min(wanted.gross_minor, held.gross_minor)
    assert all(part.net_minor >= 0 and part.tax_minor >= 0 for part in held.minus(taken).parts)


def test_a_split_is_stored_and_read() -> None:
    split = Split((Part(1, 2), Part(3, 0)))
    assert Split.read(split.stored()) == split


@pytest.mark.parametrize(("paid", "still_open", "state"), [(0, 100, "issued"), (40, 60, "partially_paid"), (100, 0, "paid"), (0, 0, "paid")])
def test_the_state_follows_the_figures(paid: int, still_open: int, state: str) -> None:
    assert rules.state_of(paid_minor=paid, open_minor=still_open) == state


def subject(kind: Kind, fund_id: int = 1) -> entries.Subject:
    return entries.Subject(invoice_id=UUID(int=1), kind=kind, number="INV-1", division_id=1, fund_id=fund_id)


def posted(entry: Entry) -> list[tuple[str, str, int]]:
    return [(step.debit.name, step.credit.name, step.amount_minor) for step in entry.transfers]


WHOLE = one(100_000, 19_000)
HALF = one(50_000, 9_500)
NONE = one(0, 0)
CREDIT = one(10_000, 1_900)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (
            entries.issued(subject(Kind.FUNDING), WHOLE),
            [("RECEIVABLE_FUNDING", "AWAITING_PAYMENT", 100_000), ("RECEIVABLE_FUNDING", "TAX_AWAITING_PAYMENT", 19_000)],
        ),
        (
            entries.paid(subject(Kind.FUNDING), HALF, source=Account.CASH),
            [("CASH", "RECEIVABLE_FUNDING", 59_500), ("AWAITING_PAYMENT", "FUNDS", 50_000), ("TAX_AWAITING_PAYMENT", "TAX_PAYABLE", 9_500)],
        ),
        (entries.issued(subject(Kind.AMOUNT_OWED), HALF), [("RECEIVABLE_OWED", "FUNDS", 50_000), ("RECEIVABLE_OWED", "TAX_PAYABLE", 9_500)]),
        (entries.paid(subject(Kind.AMOUNT_OWED), HALF, source=Account.CASH), [("CASH", "RECEIVABLE_OWED", 59_500)]),
        (entries.paid(subject(Kind.AMOUNT_OWED), HALF, source=Account.UNAPPLIED_CREDIT), [("UNAPPLIED_CREDIT", "RECEIVABLE_OWED", 59_500)]),
        (
            entries.paid_from_balance(subject(Kind.AMOUNT_OWED), HALF),
            [("FUNDS", "RECEIVABLE_OWED", 50_000), ("TAX_PAYABLE", "RECEIVABLE_OWED", 9_500)],
        ),
        (entries.issued(subject(Kind.CORRECTION), one(700, 0)), [("RECEIVABLE_OWED", "CASH", 700)]),
        (
            entries.credited(subject(Kind.FUNDING), CREDIT, NONE),
            [("AWAITING_PAYMENT", "RECEIVABLE_FUNDING", 10_000), ("TAX_AWAITING_PAYMENT", "RECEIVABLE_FUNDING", 1_900)],
        ),
        (entries.credited(subject(Kind.FUNDING), NONE, CREDIT), [("FUNDS", "UNAPPLIED_CREDIT", 10_000), ("TAX_PAYABLE", "UNAPPLIED_CREDIT", 1_900)]),
        (
            entries.credited(subject(Kind.AMOUNT_OWED), CREDIT, NONE),
            [("REVENUE", "RECEIVABLE_OWED", 10_000), ("TAX_PAYABLE", "RECEIVABLE_OWED", 1_900)],
        ),
        (
            entries.credited(subject(Kind.AMOUNT_OWED), NONE, CREDIT),
            [("REVENUE", "UNAPPLIED_CREDIT", 10_000), ("TAX_PAYABLE", "UNAPPLIED_CREDIT", 1_900)],
        ),
        (
            entries.voided(subject(Kind.FUNDING), WHOLE),
            [("AWAITING_PAYMENT", "RECEIVABLE_FUNDING", 100_000), ("TAX_AWAITING_PAYMENT", "RECEIVABLE_FUNDING", 19_000)],
        ),
        (entries.voided(subject(Kind.AMOUNT_OWED), HALF), [("FUNDS", "RECEIVABLE_OWED", 50_000), ("TAX_PAYABLE", "RECEIVABLE_OWED", 9_500)]),
        (entries.written_off(subject(Kind.AMOUNT_OWED), 50), [("WRITE_OFF", "RECEIVABLE_OWED", 50)]),
        (
            entries.payment_reversed(subject(Kind.FUNDING), HALF, source=Account.CASH, money_fund_id=1),
            [("RECEIVABLE_FUNDING", "CASH", 59_500), ("FUNDS", "AWAITING_PAYMENT", 50_000), ("TAX_PAYABLE", "TAX_AWAITING_PAYMENT", 9_500)],
        ),
    ],
    ids=lambda value: value.kind.name if isinstance(value, Entry) else "",
)
def test_entries_of_the_journal(entry: Entry, expected: list[tuple[str, str, int]]) -> None:
    assert posted(entry) == expected


def test_a_reversal_takes_the_funds_from_the_fund_that_got_them() -> None:
    entry = entries.payment_reversed(subject(Kind.FUNDING, fund_id=7), HALF, source=Account.CASH, money_fund_id=2)
    funds = next(step for step in entry.transfers if step.debit is Account.FUNDS)
    assert (funds.fund_id, funds.credit_fund_id) == (2, 7)


def test_a_funding_invoice_is_never_written_off() -> None:
    with pytest.raises(AssertionError):
        entries.written_off(subject(Kind.FUNDING), 50)
