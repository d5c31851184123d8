"""Add, split and tax in plain Python, and hold what the auditor keeps: funds, invoices, payments and sales.

Source: money.md sections 2 and 4.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

type Parts = list[list[int]]
"""[[net, tax], ...], one for each tax rate of an invoice."""


def share(amount: int, weights: Sequence[int]) -> list[int]:
    """Split by largest remainder, ties to the earlier."""
    total = sum(weights)
    if total == 0:
        return [0] * len(weights)
    exact = [Fraction(amount * weight, total) for weight in weights]
    parts = [int(one) for one in exact]
    order = sorted(range(len(weights)), key=lambda place: (parts[place] - exact[place], place))
    for place in order[: amount - sum(parts)]:
        parts[place] += 1
    return parts


def over(amount: int, left: Parts) -> Parts:
    """Split an amount over what is left: the net and each tax first, then the net over its rates."""
    net, *taxes = share(amount, [sum(part[0] for part in left), *(part[1] for part in left)])
    return [[one, tax] for one, tax in zip(share(net, [part[0] for part in left]), taxes, strict=True)]


def add(left: Parts, right: Parts, sign: int = 1) -> Parts:
    """Add or take away."""
    return [[a[0] + sign * b[0], a[1] + sign * b[1]] for a, b in zip(left, right, strict=True)]


def net(parts: Parts) -> int:
    """Sum the nets."""
    return sum(part[0] for part in parts)


def gross(parts: Parts) -> int:
    """Sum everything."""
    return sum(map(sum, parts))


def tax(amount: int, percent: Fraction) -> int:
    """Give the tax half up."""
    return int(amount * percent / 100 + Fraction(1, 2))


@dataclass
class Fund:
    """Hold the figures of one fund."""

    balance: int = 0
    held: int = 0
    funding: int = 0
    owed: int = 0
    unapplied: int = 0
    taxed: int = 0


@dataclass
class Bill:
    """Hold an invoice: what is open of each rate and what payments hold there."""

    kind: str
    division: int
    whole: Parts
    untaxed: list[bool]
    still: Parts = field(default_factory=list)
    paid: Parts = field(default_factory=list)
    touched: int = 0
    voided: bool = False
    credited: list[int] = field(default_factory=list)
    """The funds that got unapplied credit by credit notes, the last first."""


@dataclass
class Placed:
    """Hold what of a payment stands on an invoice, and the fund that has the net or what it was joined into."""

    bill: Hashable
    fund: int
    left: Parts


@dataclass
class Money:
    """Hold a payment: its places in order and its surplus."""

    placed: list[Placed] = field(default_factory=list)
    surplus: int = 0
    surplus_division: int = 0
    surplus_fund: int = 0
    deposit: bool = False

    @property
    def stands(self) -> int:
        """Sum what a bank could take back."""
        return self.surplus + sum(gross(one.left) for one in self.placed)


@dataclass
class Sale:
    """Hold a charge, a hold or a refund: where its money came from, or what that was joined into, and what is left of it."""

    fund: int
    left: int
