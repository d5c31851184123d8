"""Name what moved a balance in the words of this face: one name for each kind of entry, those that DigiCert documents where they fit."""

from collections.abc import Sequence
from dataclasses import dataclass

from tallystick.domain.ledger.registers import Register, Sort
from tallystick.domain.ledger.rules import EntryKind

SALE = "Sale from Account Balance"
CARD_DEPOSIT = "Credit Card Deposit"
CREDIT = "Credit"
_IN, _OUT = 1, -1


@dataclass(frozen=True, slots=True)
class Kind:
    """Name one sort of row; `note` says what belongs to an invoice's number, where the row is about one."""

    name: str
    sort: Sort
    note: str = ""


_PAID = "Payment for invoice #{number}"
KINDS: Sequence[Kind] = (
    Kind(SALE, Sort(EntryKind.CHARGE)),
    Kind(SALE, Sort(EntryKind.CAPTURE, _OUT)),
    Kind("Refund to Account Balance", Sort(EntryKind.CHARGE_REFUND)),
    Kind("Hold", Sort(EntryKind.HOLD)),
    Kind("Hold Release", Sort(EntryKind.HOLD_RELEASE)),
    Kind("Hold Release", Sort(EntryKind.CAPTURE, _IN)),
    Kind("Funds Transfer", Sort(EntryKind.TRANSFER)),
    Kind("Division Joined", Sort(EntryKind.DIVISION_JOINED)),
    Kind("Invoice Issued", Sort(EntryKind.INVOICE_ISSUED), "Invoice #{number}"),
    Kind(CARD_DEPOSIT, Sort(EntryKind.INVOICE_PAID, is_named=True), _PAID),
    Kind(CREDIT, Sort(EntryKind.INVOICE_PAID, is_named=False), _PAID),
    Kind("Unapplied Credit Used", Sort(EntryKind.UNAPPLIED_CREDIT_USED), _PAID),
    Kind("Payment Reversal", Sort(EntryKind.PAYMENT_REVERSED), "Payment reversed for invoice #{number}"),
    Kind("Payment Restored", Sort(EntryKind.PAYMENT_RESTORED), "Payment restored for invoice #{number}"),
    Kind("Credit Note", Sort(EntryKind.CREDIT_NOTE), "Credit note for invoice #{number}"),
    Kind("Invoice Void", Sort(EntryKind.INVOICE_VOIDED), "Invoice #{number} voided"),
    Kind("Amount Owed Invoice", Sort(EntryKind.AMOUNT_OWED), "Invoice #{number} for amount owed"),
    Kind("Invoice Payment from Account Balance", Sort(EntryKind.PAID_FROM_BALANCE), _PAID),
    Kind("Opening Balance", Sort(EntryKind.OPENING_BALANCE)),
    Kind("Expiration", Sort(EntryKind.EXPIRY)),
    Kind("Correction", Sort(EntryKind.CORRECTION), "Correction of invoice #{number}"),
    Kind("Write-off", Sort(EntryKind.WRITE_OFF), "Invoice #{number} written off"),
)


def of(row: Register, *, is_card_deposit: bool) -> Kind:
    """Find the name of a row."""
    for kind in KINDS:
        sort = kind.sort
        fits = sort.direction == 0 or (row.amount_minor > 0) == (sort.direction == _IN)
        if sort.kind is row.kind and fits and sort.is_named in {None, is_card_deposit}:
            return kind
    return Kind(row.kind.name.replace("_", " ").title(), Sort(row.kind))


def named(texts: Sequence[str], parts: Sequence[str]) -> tuple[Sort, ...]:
    """Find what is meant by whole names, and by parts of names, in letters of any case."""
    whole = {text.lower() for text in texts}
    return tuple(kind.sort for kind in KINDS if kind.name.lower() in whole or any(part.lower() in kind.name.lower() for part in parts))


def expression() -> str:
    """Write the names as an expression to sort by; %(payments)s names the deposits by card."""
    cases = []
    for kind in KINDS:
        side = {0: "", _IN: " and m.amount > 0", _OUT: " and m.amount < 0"}[kind.sort.direction]
        is_named = {None: "", True: " and coalesce(m.payment_id = any(%(payments)s::uuid[]), false)", False: ""}[kind.sort.is_named]
        cases.append(f"when m.kind = {int(kind.sort.kind)}{side}{is_named} then '{kind.name}'")
    return f'(case {" ".join(cases)} end) collate "C"'
