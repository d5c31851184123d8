"""Hold an amount of money exactly: a decimal number and its currency, never a float."""

import decimal
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, init=False)
class Money:
    """Hold an amount in one currency: `Money("454.00", "USD")`. Amounts of two currencies are never added or compared."""

    amount: Decimal
    currency: str

    def __init__(self, amount: Decimal | int | str, currency: str) -> None:
        """Take an amount as decimal text, a Decimal or a whole number. Raises TypeError for a float, ValueError for what is no amount."""
        if type(amount) not in {Decimal, int, str}:
            raise TypeError(f"Write an amount as text or as a Decimal, not as {type(amount).__name__}: money is exact.")
        try:
            exact = Decimal(amount)
        except decimal.InvalidOperation:
            raise ValueError(f"{amount!r} is no amount.") from None
        if not exact.is_finite():
            raise ValueError(f"{amount!r} is no amount.")
        object.__setattr__(self, "amount", exact)
        object.__setattr__(self, "currency", currency)

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.amount >= self._same(other)

    def _same(self, other: "Money") -> Decimal:
        if self.currency != other.currency:
            raise ValueError(f"{self} and {other} are of two currencies.")
        return other.amount

    def written(self) -> dict[str, str]:
        """Write it as the API does."""
        return {"amount": f"{self.amount:f}", "currency": self.currency}
