"""Reckon an invoice: its states, its one calculator of net, tax and gross, and how payments and credits split over its parts.

States of an invoice, which follow its figures both ways (a bounce reopens it); overdue is a fact of the date, not a state:

    issued -> partially_paid | paid | voided
    partially_paid -> issued | paid
    paid -> issued | partially_paid

States of a credit note and of a write-off; another person than the one who asked for it decides:

    requested -> approved | declined

Source: money.md sections 3 and 4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from stdnum.iso7064 import mod_97_10

from tallystick.lib import money

MILLION = 1_000_000
_REFERENCE_CHARACTERS = 21


class Kind(StrEnum):
    """Tell what an invoice asks payment for: funds to come, what a fund owed at a cutoff, or a bounced payment."""

    FUNDING = "funding"
    AMOUNT_OWED = "amount_owed"
    CORRECTION = "correction"


class State(StrEnum):
    """Name the states of an invoice."""

    ISSUED = "issued"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    VOIDED = "voided"


class CreditState(StrEnum):
    """Name the states of a credit note, and of a write-off."""

    REQUESTED = "requested"
    APPROVED = "approved"
    DECLINED = "declined"


class SeriesKind(StrEnum):
    """Name the documents that have a number series of their own."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.ISSUED: frozenset({State.PARTIALLY_PAID, State.PAID, State.VOIDED}),
    State.PARTIALLY_PAID: frozenset({State.ISSUED, State.PAID}),
    State.PAID: frozenset({State.ISSUED, State.PARTIALLY_PAID}),
    State.VOIDED: frozenset(),
}

CREDIT_TRANSITIONS: dict[CreditState, frozenset[CreditState]] = {
    CreditState.REQUESTED: frozenset({CreditState.APPROVED, CreditState.DECLINED}),
    CreditState.APPROVED: frozenset(),
    CreditState.DECLINED: frozenset(),
}

UNPAID = (State.ISSUED, State.PARTIALLY_PAID)
"""The states in which something is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Describe what is asked for: quantity times unit price, net, with the tax rate in millionths of a percent (19 % is 19_000_000)."""

    description: str
    quantity: Decimal
    unit_price_minor: int
    percent_millionths: int
    order_reference: str = ""


@dataclass(frozen=True, slots=True)
class RateSum:
    """Sum the lines of one tax rate."""

    percent_millionths: int
    net_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Hold what the calculator found: net and tax of each line, sums of each rate in the order of their first line, net, tax, gross."""

    line_nets: tuple[int, ...]
    line_taxes: tuple[int, ...]
    rates: tuple[RateSum, ...]
    net_minor: int
    tax_minor: int
    gross_minor: int


@dataclass(frozen=True, slots=True)
class Part:
    """Hold an amount of one tax rate: net and tax."""

    net_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class Split:
    """Hold how an amount lies on the parts of an invoice, one part a tax rate in the invoice's order of rates."""

    parts: tuple[Part, ...]

    @property
    def net_minor(self) -> int:
        """Sum the net parts: what a payment of a funding invoice brings into the balance."""
        return sum(part.net_minor for part in self.parts)

    @property
    def tax_minor(self) -> int:
        """Sum the taxes."""
        return sum(part.tax_minor for part in self.parts)

    @property
    def gross_minor(self) -> int:
        """Sum everything."""
        return self.net_minor + self.tax_minor

    def stored(self) -> list[list[int]]:
        """Write the split as JSON: [[net, tax], ...], which an allocation keeps."""
        return [[part.net_minor, part.tax_minor] for part in self.parts]

    @classmethod
    def read(cls, stored: Sequence[Sequence[int]]) -> "Split":
        """Read a split that `stored` wrote."""
        return cls(tuple(Part(net, tax) for net, tax in stored))

    def plus(self, other: "Split") -> "Split":
        """Add a split of the same invoice."""
        return Split(tuple(Part(a.net_minor + b.net_minor, a.tax_minor + b.tax_minor) for a, b in zip(self.parts, other.parts, strict=True)))

    def minus(self, other: "Split") -> "Split":
        """Take a split of the same invoice away."""
        return Split(tuple(Part(a.net_minor - b.net_minor, a.tax_minor - b.tax_minor) for a, b in zip(self.parts, other.parts, strict=True)))


def millionths(percent: Decimal) -> int:
    """Turn a rate of up to six decimals into millionths of a percent."""
    return int(percent * MILLION)


def percent(percent_millionths: int) -> Decimal:
    """Turn millionths of a percent into the rate as a number of six decimals."""
    return (Decimal(percent_millionths) / MILLION).quantize(Decimal("0.000001"))


def line_net(quantity: Decimal, unit_price_minor: int) -> int:
    """Multiply quantity and unit price, half up to the minor unit."""
    return int((quantity * unit_price_minor).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def calculate(lines: Sequence[Line]) -> Totals:
    """Reckon the one way: net of each line half up, tax half up on the sum of each rate, spread over its lines by largest remainder.

    Source: money.md section 4, tax.
    """
    nets = [line_net(line.quantity, line.unit_price_minor) for line in lines]
    rates = tuple(
        RateSum(rate, net, money.tax(net, rate))
        for rate in dict.fromkeys(line.percent_millionths for line in lines)
        for net in [sum(net for net, line in zip(nets, lines, strict=True) if line.percent_millionths == rate)]
    )
    taxes = [0] * len(lines)
    for rate in rates:
        places = [place for place, line in enumerate(lines) if line.percent_millionths == rate.percent_millionths]
        for place, share in zip(places, money.split(rate.tax_minor, [nets[place] for place in places]), strict=True):
            taxes[place] = share
    net_minor, tax_minor = sum(nets), sum(rate.tax_minor for rate in rates)
    return Totals(tuple(nets), tuple(taxes), rates, net_minor, tax_minor, net_minor + tax_minor)


def creditor_reference(number: str) -> str:
    """Make of a document's number the reference that a bank can check; the number itself where it has nothing or too much to make one of.

    Source: ISO 11649: RF, two check digits, then at most 21 letters and digits.
    """
    body = "".join(sign for sign in number.upper() if sign.isascii() and sign.isalnum())
    if not 0 < len(body) <= _REFERENCE_CHARACTERS:
        return number
    return f"RF{mod_97_10.calc_check_digits(body + 'RF')}{body}"


def due_date(issue_date: date, terms_days: int) -> date:
    """Add the terms to the issue date, both days in the legal entity's zone."""
    return issue_date + timedelta(days=terms_days)


def split_over(amount_minor: int, left: Split) -> Split:
    """Split an amount over what is left of each part: over net and the tax of each rate by largest remainder, then the net over the rates.

    Raises AssertionError where the amount is more than what is left.
    Source: money.md section 4, split of a part payment (splitting the running total could lower one tax).
    """
    assert 0 <= amount_minor <= left.gross_minor, "no more can be split than is left"
    net_minor, *taxes = money.split(amount_minor, [left.net_minor, *(part.tax_minor for part in left.parts)])
    nets = money.split(net_minor, [part.net_minor for part in left.parts])
    return Split(tuple(Part(net, tax) for net, tax in zip(nets, taxes, strict=True)))


def split_credit(amount_minor: int, still_open: Split, paid: Split) -> tuple[Split, Split]:
    """Split a credit note: first over what is open, the rest over what was paid, each in proportion to what is left of the rates.

    Example: 1,190.00, of it 595.00 paid, credit note 700.00: (500.00 + 95.00, 88.24 + 16.76).
    Source: money.md section 4, credit note on a part-paid invoice.
    """
    against_open = min(amount_minor, still_open.gross_minor)
    return split_over(against_open, still_open), split_over(amount_minor - against_open, paid)


def take_back(wanted: Split, held: Split) -> Split:
    """Find what an invoice gives back of a reversed payment: the stored split, as far as credit notes have left it there.

    Where one part holds too little and another one more than the stored split, the total counts: the other gives.
    """
    amount_minor = min(wanted.gross_minor, held.gross_minor)
    taken = Split(
        tuple(
            Part(min(want.net_minor, have.net_minor), min(want.tax_minor, have.tax_minor))
            for want, have in zip(wanted.parts, held.parts, strict=True)
        )
    )
    return taken.plus(split_over(amount_minor - taken.gross_minor, held.minus(taken)))


def state_of(*, paid_minor: int, open_minor: int) -> State:
    """Tell the state that the figures say: paid when nothing is open, whether paid, credited or written off."""
    if open_minor == 0:
        return State.PAID
    return State.PARTIALLY_PAID if paid_minor else State.ISSUED


def is_overdue(due: date, *, open_minor: int, today: date) -> bool:
    """Tell whether something is open after the due day has passed; today is the legal entity's day."""
    return open_minor > 0 and due < today


AGES = (0, 30, 60, 90, None)
"""The last day late of each age: not due, then up to 30, 60 and 90 days, then longer."""


def age(due: date, day: date) -> int:
    """Tell to which of the AGES an open amount belongs on a day: 0 up to the due day itself, 1 from the day after."""
    late_days = (day - due).days
    return next(place for place, last in enumerate(AGES) if last is None or late_days <= last)
