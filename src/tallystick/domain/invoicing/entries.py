"""Shape the journal entries of invoices and credit notes: every row of money.md section 4 that is about a document.

`fund_id` is the fund that serves the document's division now: there the receivable counts. Money that was released into another fund is
taken back from that one (`money_fund_id`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tallystick.domain.invoicing import rules
from tallystick.domain.ledger import rules as ledger
from tallystick.domain.ledger.rules import Account, EntryKind, Transfer

_ISSUE_KINDS = {
    rules.Kind.FUNDING: EntryKind.INVOICE_ISSUED,
    rules.Kind.AMOUNT_OWED: EntryKind.AMOUNT_OWED,
    rules.Kind.CORRECTION: EntryKind.CORRECTION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Say which invoice an entry is about and which fund it counts in; `effective_date` None is the day of posting."""

    invoice_id: UUID
    kind: rules.Kind
    number: str
    division_id: int
    fund_id: int
    payment_id: UUID | None = None
    credit_note_id: UUID | None = None
    effective_date: date | None = None

    @property
    def receivable(self) -> Account:
        """Name the account that holds what is open of it."""
        return Account.RECEIVABLE_FUNDING if self.kind is rules.Kind.FUNDING else Account.RECEIVABLE_OWED


def issued(subject: Subject, amount: rules.Split) -> ledger.Entry:
    """Post the debt: awaiting payment for a funding invoice, out of the funds for an amount owed, out of cash for a bounced payment."""
    net_from, tax_from = {
        rules.Kind.FUNDING: (Account.AWAITING_PAYMENT, Account.TAX_AWAITING_PAYMENT),
        rules.Kind.AMOUNT_OWED: (Account.FUNDS, Account.TAX_PAYABLE),
        rules.Kind.CORRECTION: (Account.CASH, Account.TAX_PAYABLE),
    }[subject.kind]
    return _entry(
        _ISSUE_KINDS[subject.kind],
        subject,
        [
            Transfer(subject.receivable, net_from, amount.net_minor, subject.fund_id),
            Transfer(subject.receivable, tax_from, amount.tax_minor, subject.fund_id),
        ],
    )


def voided(subject: Subject, amount: rules.Split) -> ledger.Entry:
    """Post the issue in reverse: the debt of an amount owed returns to the fund."""
    return _entry(EntryKind.INVOICE_VOIDED, subject, _reversed(issued(subject, amount).transfers))


def paid(subject: Subject, split: rules.Split, *, source: Account) -> ledger.Entry:
    """Post a payment out of cash or unapplied credit; of a funding invoice it releases the net part into the funds at once."""
    kind = EntryKind.UNAPPLIED_CREDIT_USED if source is Account.UNAPPLIED_CREDIT else EntryKind.INVOICE_PAID
    return _entry(kind, subject, _payment(subject, split, source, subject.fund_id))


def restored(subject: Subject, split: rules.Split, *, money_fund_id: int) -> ledger.Entry:
    """Post a payment anew whose bounce was taken back; the funds return to the fund that they left."""
    return _entry(EntryKind.PAYMENT_RESTORED, subject, _payment(subject, split, Account.CASH, money_fund_id))


def payment_reversed(subject: Subject, split: rules.Split, *, source: Account, money_fund_id: int) -> ledger.Entry:
    """Post a payment in reverse with its stored split; the funds leave the fund that got them."""
    return _entry(EntryKind.PAYMENT_REVERSED, subject, _reversed(_payment(subject, split, source, money_fund_id)))


def paid_from_balance(subject: Subject, split: rules.Split) -> ledger.Entry:
    """Post an amount owed paid out of the balance: the funds give the net, and a credit note the tax (they were taxed when they came in)."""
    return _entry(
        EntryKind.PAID_FROM_BALANCE,
        subject,
        [
            Transfer(Account.FUNDS, subject.receivable, split.net_minor, subject.fund_id),
            Transfer(Account.TAX_PAYABLE, subject.receivable, split.tax_minor, subject.fund_id),
        ],
    )


def credited(subject: Subject, against_open: rules.Split, against_paid: rules.Split) -> ledger.Entry:
    """Post a credit note: what was open is no longer owed, what was paid becomes unapplied credit."""
    if subject.kind is rules.Kind.FUNDING:
        sources = [(Account.AWAITING_PAYMENT, Account.TAX_AWAITING_PAYMENT), (Account.FUNDS, Account.TAX_PAYABLE)]
    else:
        sources = [(Account.REVENUE, Account.TAX_PAYABLE)] * 2
    targets = [subject.receivable, Account.UNAPPLIED_CREDIT]
    transfers: list[Transfer] = []
    for split, (net_from, tax_from), target in zip((against_open, against_paid), sources, targets, strict=True):
        transfers += [Transfer(net_from, target, split.net_minor, subject.fund_id), Transfer(tax_from, target, split.tax_minor, subject.fund_id)]
    return _entry(EntryKind.CREDIT_NOTE, subject, transfers)


def written_off(subject: Subject, amount_minor: int) -> ledger.Entry:
    """Post a bad debt or a small shortage; never of a funding invoice, for there are no funds without money."""
    assert subject.kind is not rules.Kind.FUNDING, "a funding invoice paid short gets a credit note"
    return _entry(EntryKind.WRITE_OFF, subject, [Transfer(Account.WRITE_OFF, subject.receivable, amount_minor, subject.fund_id)])


def _payment(subject: Subject, split: rules.Split, source: Account, money_fund_id: int) -> list[Transfer]:
    settled = Transfer(source, subject.receivable, split.gross_minor, subject.fund_id)
    if subject.kind is not rules.Kind.FUNDING:
        return [settled]
    elsewhere = money_fund_id if money_fund_id != subject.fund_id else None
    return [
        settled,
        Transfer(Account.AWAITING_PAYMENT, Account.FUNDS, split.net_minor, subject.fund_id, elsewhere),
        Transfer(Account.TAX_AWAITING_PAYMENT, Account.TAX_PAYABLE, split.tax_minor, subject.fund_id),
    ]


def _reversed(transfers: Iterable[Transfer]) -> list[Transfer]:
    return [
        Transfer(step.credit, step.debit, step.amount_minor, step.credit_fund_id or step.fund_id, step.fund_id if step.credit_fund_id else None)
        for step in transfers
    ]


def _entry(kind: EntryKind, subject: Subject, transfers: Iterable[Transfer]) -> ledger.Entry:
    return ledger.Entry(
        kind=kind,
        transfers=tuple(step for step in transfers if step.amount_minor),
        division_id=subject.division_id,
        effective_date=subject.effective_date,
        note=subject.number,
        invoice_id=subject.invoice_id,
        payment_id=subject.payment_id,
        credit_note_id=subject.credit_note_id,
    )
