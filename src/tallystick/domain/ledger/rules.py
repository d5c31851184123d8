"""Name the accounts and the kinds of journal entry, and shape an entry before it is posted.

Source: money.md section 4; docs/ledger.md works every row of it in numbers.
"""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from uuid import UUID


class Account(IntEnum):
    """Name the chart of accounts; the numbers stand in the journal and never change."""

    RECEIVABLE_FUNDING = 10
    RECEIVABLE_OWED = 11
    CASH = 12
    AWAITING_PAYMENT = 20
    TAX_AWAITING_PAYMENT = 21
    TAX_PAYABLE = 22
    FUNDS = 30
    HELD = 31
    UNAPPLIED_CREDIT = 32
    REFUNDS_PENDING = 33
    REVENUE = 40
    WRITE_OFF = 41
    BREAKAGE = 42
    OPENING_BALANCE = 50


class EntryKind(IntEnum):
    """Name what a journal entry is about; the history of a fund shows a word for each."""

    CHARGE = 1
    CHARGE_REFUND = 2
    HOLD = 3
    HOLD_RELEASE = 4
    CAPTURE = 5
    TRANSFER = 6
    INVOICE_ISSUED = 7
    INVOICE_PAID = 8
    PAYMENT_REVERSED = 9
    PAYMENT_RESTORED = 10
    CREDIT_NOTE = 11
    INVOICE_VOIDED = 12
    SURPLUS = 13
    UNAPPLIED_CREDIT_USED = 14
    REFUND_STARTED = 15
    REFUND_SETTLED = 16
    REFUND_FAILED = 17
    WRITE_OFF = 18
    OPENING_BALANCE = 19
    DIVISION_JOINED = 20
    AMOUNT_OWED = 21
    PAID_FROM_BALANCE = 22
    EXPIRY = 23
    CORRECTION = 24


@dataclass(frozen=True, slots=True)
class Transfer:
    """Move an amount of minor units, above zero, from the credit account to the debit account of one fund, or of two."""

    debit: Account
    credit: Account
    amount_minor: int
    fund_id: int
    credit_fund_id: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """Shape one journal entry: its transfers are posted together or not at all. Transfers of zero are left out."""

    kind: EntryKind
    transfers: tuple[Transfer, ...]
    division_id: int
    effective_date: date | None = None
    note: str = ""
    invoice_id: UUID | None = None
    credit_note_id: UUID | None = None
    payment_id: UUID | None = None
    hold_id: UUID | None = None
    order_id: str = ""
    line_reference: str = ""
    idempotency_key: str = ""
    reverses_id: int | None = None
    takes_rest: bool = False
