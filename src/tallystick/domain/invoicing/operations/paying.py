"""Apply money to invoices and take it back, inside the transaction of the payment that brings or loses it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tallystick.domain.customers import rules as customers
from tallystick.domain.funds import operations as funds
from tallystick.domain.invoicing import entries, models, rules
from tallystick.domain.invoicing.operations import figures, notes, refusals
from tallystick.domain.ledger import rules as ledger
from tallystick.domain.ledger.rules import Account
from tallystick.lib import errors, money, texts


@dataclass(frozen=True, slots=True)
class Applied:
    """Tell how an amount lay on the invoice's parts (keep `split.stored()`), which fund got the net, and how the invoice now stands."""

    split: rules.Split
    fund_id: int
    invoice: models.Invoice


@dataclass(frozen=True, slots=True)
class Anew:
    """Say of a payment whose bounce was taken back how it lay (None: it goes to a new invoice), and which fund its money left by the bounce."""

    split: rules.Split | None
    fund_id: int


@dataclass(frozen=True, slots=True)
class Reversed:
    """Tell what the invoice gave back, and the rest that credit notes had turned into unapplied credit: the caller takes that from there."""

    split: rules.Split
    missing_minor: int
    invoice: models.Invoice


def apply_payment(
    *,
    customer_id: int,
    invoice_id: UUID,
    amount_minor: int,
    source: Account,
    payment_id: UUID | None,
    effective_date: date | None = None,
    anew: Anew | None = None,
) -> Applied:
    """Pay an amount of an invoice from CASH or UNAPPLIED_CREDIT; of a funding invoice the net part is in the balance at once.

    `anew` is that of a payment whose bounce was taken back: its stored split is posted anew as far as it still fits what is open.
    Runs in the caller's scope. Raises InvoiceNotFound, InvoiceNotOpen, AmountAboveOpen.
    Source: money.md laws 3, 4 and 6.
    """
    assert source in {Account.CASH, Account.UNAPPLIED_CREDIT}, "money comes from outside or from unapplied credit"
    locked = figures.lock_one(customer_id=customer_id, invoice_id=invoice_id)
    _require_open(locked.row, amount_minor)
    stored = anew.split if anew and anew.split and _fits(anew.split, locked.still_open) else None
    assert stored is None or stored.gross_minor == amount_minor, "a stored split is posted anew as a whole"
    chosen = stored or rules.split_over(amount_minor, locked.still_open)
    subject = figures.subject(invoice=locked.row, payment_id=payment_id, effective_date=effective_date)
    fund_id = anew.fund_id if anew else subject.fund_id
    entry = entries.restored(subject, chosen, money_fund_id=fund_id) if anew else entries.paid(subject, chosen, source=source)
    _move(locked, chosen, entry)
    return Applied(chosen, fund_id, locked.row)


def apply_payments(
    *, locked: Sequence[tuple[figures.Locked, int]], payment_id: UUID, effective_date: date, source: Account = Account.CASH
) -> list[Applied]:
    """Pay amounts of several locked invoices of one customer in one posting, in this order; each invoice is named once.

    Runs in the caller's scope. Raises InvoiceNotOpen, AmountAboveOpen. Source: money.md laws 3, 4 and 6.
    """
    if not locked:
        return []
    for one, amount_minor in locked:
        _require_open(one.row, amount_minor)
    fund_ids = figures.fund_ids(locked[0][0].row.customer_id)
    steps = [
        (
            one,
            rules.split_over(amount_minor, one.still_open),
            figures.subject(invoice=one.row, fund_id=fund_ids[one.row.division_id], payment_id=payment_id, effective_date=effective_date),
        )
        for one, amount_minor in locked
    ]
    _move_all([(one, split, entries.paid(subject, split, source=source)) for one, split, subject in steps])
    return [Applied(split, subject.fund_id, one.row) for one, split, subject in steps]


def reverse_application(
    *,
    customer_id: int,
    invoice_id: UUID,
    split: rules.Split,
    source: Account,
    payment_id: UUID | None,
    effective_date: date | None = None,
    money_fund_id: int | None = None,
) -> Reversed:
    """Take a payment back from an invoice with its stored split, as far as credit notes have left it there; the invoice opens again.

    `split` is what is to be reversed: the stored one, or `rules.split_over(part, stored)` of it. `money_fund_id` is the fund that got the net
    (`Applied.fund_id`), or what that was joined into. Runs in the caller's scope. Raises InvoiceNotFound.
    """
    locked = figures.lock_one(customer_id=customer_id, invoice_id=invoice_id)
    taken = rules.take_back(split, locked.paid)
    if taken.gross_minor:
        subject = figures.subject(invoice=locked.row, payment_id=payment_id, effective_date=effective_date)
        entry = entries.payment_reversed(subject, taken, source=source, money_fund_id=money_fund_id or subject.fund_id)
        _move(locked, figures.nothing(locked).minus(taken), entry)
    return Reversed(taken, split.gross_minor - taken.gross_minor, locked.row)


@dataclass(frozen=True, slots=True, kw_only=True)
class FromBalance:
    """Say how much of which amount-owed invoice to pay out of the balance, in the payment of that id."""

    customer_id: int
    invoice_id: UUID
    amount_minor: int
    payment_id: UUID | None


def pay_from_balance(*, viewer: customers.Viewer, payment: FromBalance, today: date, now: datetime) -> Applied:
    """Pay an amount-owed invoice out of a positive balance: the funds give the net, a credit note the tax.

    The split tells both; `split.net_minor` is what the payment brought. Runs in the caller's scope.
    Raises InvoiceNotFound, InvoiceNotOpen, AmountAboveOpen, NotPaidFromBalance, InsufficientFunds.
    Source: money.md law 7.
    """
    locked = figures.lock_one(customer_id=payment.customer_id, invoice_id=payment.invoice_id)
    row = locked.row
    if row.kind != rules.Kind.AMOUNT_OWED:
        raise refusals.NotPaidFromBalance(texts.marked("Only amount-owed invoices are paid from the balance."))
    _require_open(row, payment.amount_minor)
    split = rules.split_over(payment.amount_minor, locked.still_open)
    balance_minor = funds.lock(payment.customer_id)[row.division_id].balance_minor
    if split.net_minor > balance_minor:
        shown = money.shown(max(0, balance_minor), row.currency)
        raise errors.InsufficientFunds(
            texts.marked("The balance holds %(amount)s %(currency)s. Pay less, or by another method.", amount=shown, currency=row.currency),
            facts={"available_minor": max(0, balance_minor), "required_minor": split.net_minor},
        )
    note = notes.of_tax(viewer=viewer, invoice=row, split=split, now=now) if split.tax_minor else None
    subject = figures.subject(invoice=row, payment_id=payment.payment_id, credit_note_id=note.id if note else None)
    funds.post(customer_id=row.customer_id, entries=[entries.paid_from_balance(subject, split)])
    if note:
        notes.number_and_insert(
            note=note, locked=locked, against=rules.Split(tuple(rules.Part(0, part.tax_minor) for part in split.parts)), today=today
        )
    nets = rules.Split(tuple(rules.Part(part.net_minor, 0) for part in split.parts))
    by = figures.Move(still_open=figures.nothing(locked).minus(split), paid=nets, credited_minor=split.tax_minor)
    figures.move(moves=[(locked, by)], viewer=viewer)
    if note:
        notes.record(note=note, kind="credit_note.issued", viewer=viewer)
    return Applied(split, subject.fund_id, row)


def _require_open(invoice: models.Invoice, amount_minor: int) -> None:
    if invoice.open_minor == 0:
        raise refusals.InvoiceNotOpen(texts.marked("%(number)s has nothing open.", number=invoice.number))
    if amount_minor > invoice.open_minor:
        shown = money.shown(invoice.open_minor, invoice.currency)
        raise refusals.AmountAboveOpen(
            texts.marked(
                "%(number)s has %(amount)s %(currency)s open. Pay at most that.", number=invoice.number, amount=shown, currency=invoice.currency
            ),
            facts={"open_minor": invoice.open_minor},
        )
    if amount_minor <= 0:
        raise errors.Invalid(texts.marked("Enter an amount above zero."), field="amount")


def _fits(split: rules.Split, still_open: rules.Split) -> bool:
    rest = still_open.minus(split)
    return all(part.net_minor >= 0 and part.tax_minor >= 0 for part in rest.parts)


def _move(locked: figures.Locked, paid: rules.Split, entry: ledger.Entry) -> None:
    _move_all([(locked, paid, entry)])


def _move_all(steps: Sequence[tuple[figures.Locked, rules.Split, ledger.Entry]]) -> None:
    customer_id = steps[0][0].row.customer_id
    funds.post(customer_id=customer_id, entries=[entry for _, _, entry in steps])
    moves = [(one, figures.Move(still_open=figures.nothing(one).minus(paid), paid=paid)) for one, paid, _ in steps]
    figures.move(moves=moves, viewer=customers.system(customer_id))
