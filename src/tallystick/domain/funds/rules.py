"""Redo the one formula in plain Python, for pages and reports. The decision about the limit is SQL's alone (sql/debit.sql).

A hold: open -> captured | released | lapsed.

Source: money.md section 2.
"""

from dataclasses import dataclass, replace

from tallystick.domain.ledger.rules import Entry

HOLD_DAYS = 7
"""A hold that nobody captures or releases lapses after this many days, unless the caller names an earlier instant."""

HOLD_TRANSITIONS: dict[str, frozenset[str]] = {
    "open": frozenset({"captured", "released", "lapsed"}),
    "captured": frozenset(),
    "released": frozenset(),
    "lapsed": frozenset(),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Show the figures of one division, in minor units of the customer's currency; `limit_minor` None means unlimited."""

    division_id: int
    fund_id: int
    currency: str
    balance_minor: int
    held_minor: int
    unpaid_funding_minor: int
    unpaid_owed_minor: int
    unapplied_minor: int
    taxed_debt_minor: int
    shortfall_minor: int
    counts_funding: bool
    limit_minor: int | None
    credit_in_use_minor: int
    is_open: bool = True

    @property
    def unpaid_minor(self) -> int:
        """Sum what is still owed on all unpaid invoices, gross."""
        return self.unpaid_funding_minor + self.unpaid_owed_minor

    @property
    def counted_minor(self) -> int:
        """Sum the unpaid invoices that the customer's credit rule counts."""
        return self.unpaid_minor if self.counts_funding else self.unpaid_owed_minor

    @property
    def net_minor(self) -> int:
        """Give N: the balance less the counted unpaid invoices."""
        return self.balance_minor - self.counted_minor

    @property
    def own_use_minor(self) -> int:
        """Give the credit that this division itself uses."""
        return max(0, -self.net_minor)

    @property
    def used_by_others_minor(self) -> int:
        """Give the credit that the customer's other divisions use."""
        return self.credit_in_use_minor - self.own_use_minor

    @property
    def movable_minor(self) -> int:
        """Give what is own and free: what may leave the division."""
        return max(0, self.net_minor - self.shortfall_minor)

    @property
    def available_minor(self) -> int | None:
        """Give what may be spent; None when unlimited, and negative while the limit is overdrawn."""
        if self.limit_minor is None:
            return None
        return self.limit_minor - self.credit_in_use_minor + max(0, self.net_minor)

    def after(self, *, balance_minor: int = 0, unpaid_funding_minor: int = 0, unpaid_owed_minor: int = 0) -> "Figures":
        """Give the figures as they would be after these changes, for dry runs and for the bar of the Pay Invoice page."""
        moved = replace(
            self,
            balance_minor=self.balance_minor + balance_minor,
            unpaid_funding_minor=self.unpaid_funding_minor + unpaid_funding_minor,
            unpaid_owed_minor=self.unpaid_owed_minor + unpaid_owed_minor,
        )
        in_use = self.credit_in_use_minor - self.own_use_minor + moved.own_use_minor
        shortfall = max(0, in_use - self.limit_minor) if self.limit_minor is not None else 0
        return replace(moved, credit_in_use_minor=in_use, shortfall_minor=shortfall)


def transfers(entries: list[Entry]) -> list[dict[str, object]]:
    """Flatten journal entries into the rows that the SQL function takes; transfers of zero are left out."""
    return [
        {
            "entry": place,
            "kind": int(entry.kind),
            "debit": int(transfer.debit),
            "credit": int(transfer.credit),
            "amount": transfer.amount_minor,
            "fund": transfer.fund_id,
            "credit_fund": transfer.credit_fund_id,
            "division": entry.division_id,
            "effective_date": entry.effective_date.isoformat() if entry.effective_date else None,
            "reverses": entry.reverses_id,
            "invoice": str(entry.invoice_id) if entry.invoice_id else None,
            "credit_note": str(entry.credit_note_id) if entry.credit_note_id else None,
            "payment": str(entry.payment_id) if entry.payment_id else None,
            "hold": str(entry.hold_id) if entry.hold_id else None,
            "order": entry.order_id or None,
            "line": entry.line_reference or None,
            # a key stands on one row only: the first of its entry
            "key": (entry.idempotency_key or None) if transfer is entry.transfers[0] else None,
            "note": entry.note or None,
            "rest": entry.takes_rest or None,
        }
        for place, entry in enumerate(entries)
        for transfer in entry.transfers
        if transfer.amount_minor
    ]
