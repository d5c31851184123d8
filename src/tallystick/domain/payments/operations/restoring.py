"""Post a payment anew whose bounce was taken back (a dispute won): the latest steps first, each with its stored split."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.funds import operations as funds
from tallystick.domain.funds import queries as figures
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing import rules as invoices
from tallystick.domain.ledger.rules import Account, EntryKind, Transfer
from tallystick.domain.payments import models, refusals, rules
from tallystick.domain.payments.operations import applying, bounced_deposits, depositing, ground
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, money, texts


@dataclass(slots=True)
class _Again:
    viewer: Viewer
    payment: models.Payment
    day: date
    now: datetime


@scope.retrying
def undo_reversal(*, viewer: Viewer, payment_id: UUID, amount_minor: int, reference: str, now: datetime) -> UUID:
    """Take bounced money in again, as much as came back. The same reference counts once.

    What its invoices can not take any more (paid otherwise meanwhile) is unapplied credit of their division.
    Raises NotAllowed, NotFound, Invalid, ReferenceTaken.
    """
    permit(viewer, Act.ENTER)
    with scope.of(viewer):
        payment = ground.locked(viewer, payment_id)
        customer_id = payment.customer_id
        seen = models.Restoration.objects.filter(customer_id=customer_id, payment_id=payment_id, reference=reference).first()
        if seen is not None:
            if seen.amount_minor != amount_minor:
                raise refusals.ReferenceTaken(texts.marked("Money with this reference and another amount came back already."), field="reference")
            return payment.id
        if not reference.strip() or not 0 < amount_minor <= payment.reversed_minor:
            most = money.named(payment.reversed_minor, payment.currency)
            raise errors.Invalid(
                texts.marked("%(most)s of this payment are reversed. Enter at most that, and the reference.", most=most), field="amount"
            )
        models.Restoration.objects.create(
            customer_id=customer_id, payment_id=payment_id, reference=reference, amount_minor=amount_minor, posted_at=now
        )
        _restore(_Again(viewer, payment, ground.terms(customer_id).today(now), now), amount_minor)
    return payment.id


def _restore(again: _Again, amount_minor: int) -> None:
    payment = again.payment
    reversals = models.Reversal.objects.filter(customer_id=payment.customer_id, payment_id=payment.id).values_list("id", flat=True)
    rows = models.ReversalPart.objects.filter(customer_id=payment.customer_id, reversal_id__in=list(reversals)).order_by("reversal_id", "place")
    parts = {row.id: row for row in rows}
    plan = rules.restore(amount_minor=amount_minor, parts=[rules.Left(row.id, row.amount_minor - row.undone_minor) for row in parts.values()])
    invoicing.lock(customer_id=payment.customer_id, invoice_ids={row.invoice_id for row in parts.values() if row.invoice_id})
    funds.lock(payment.customer_id)
    for step in plan:
        part = parts[step.id]
        if part.source == rules.Source.UNAPPLIED:
            _to_credit(again, part, step.left_minor)
        elif part.source == rules.Source.CORRECTION:
            _to_correction(again, part, step.left_minor)
        else:
            _to_invoice(again, part, step.left_minor)
        ground.change(part, undone_minor=part.undone_minor + step.left_minor)
    reversed_minor = payment.reversed_minor - amount_minor
    ground.enter(payment, rules.state_of(settled_minor=payment.settled_minor, reversed_minor=reversed_minor), reversed_minor=reversed_minor)
    ground.record(payment, "payment.restored", again.viewer, restored=money.text(amount_minor, payment.currency))


def _to_credit(again: _Again, part: models.ReversalPart, amount_minor: int) -> None:
    """Give unapplied credit back: to the surplus it came out of, or (where a credit note had made it) as a surplus of its own."""
    payment = again.payment
    if part.surplus_id is None:
        _surplus(again, part.division_id, amount_minor, ground.fund_that_got(part))
        return
    transfer = Transfer(Account.CASH, Account.UNAPPLIED_CREDIT, amount_minor, ground.fund_that_got(part))
    applying.post(payment, EntryKind.PAYMENT_RESTORED, transfer, part.division_id, again.day)
    surplus = models.Surplus.objects.get(customer_id=payment.customer_id, id=part.surplus_id)
    ground.change(surplus, reversed_minor=surplus.reversed_minor - amount_minor)


def _to_correction(again: _Again, part: models.ReversalPart, amount_minor: int) -> None:
    """Settle the debt that the bounce had made, as far as it is open; the rest is unapplied credit."""
    invoice_id = part.invoice_id
    assert invoice_id is not None, "a correction is an invoice"
    locked = invoicing.lock(customer_id=again.payment.customer_id, invoice_ids=[invoice_id])[invoice_id]
    paid_minor = min(amount_minor, locked.row.open_minor)
    if paid_minor:
        applying.apply(payment=again.payment, part=rules.Ask(invoice_id, paid_minor), source=Account.CASH, effective_date=again.day)
    if amount_minor > paid_minor:
        _surplus(again, part.division_id, amount_minor - paid_minor)


def _to_invoice(again: _Again, part: models.ReversalPart, amount_minor: int) -> None:
    payment, invoice_id = again.payment, part.invoice_id
    assert invoice_id is not None, "it came from an invoice"
    assert part.allocation_id is not None, "it came from an allocation"
    allocation = models.Allocation.objects.get(customer_id=payment.customer_id, id=part.allocation_id)
    money_fund_id = ground.fund_that_got(allocation)
    if bounced_deposits.is_deposit(payment):
        _to_new_deposit(again, part, amount_minor, money_fund_id)
        return
    locked = invoicing.lock(customer_id=payment.customer_id, invoice_ids=[invoice_id])[invoice_id]
    split = _rest(part)
    paid_minor = min(amount_minor, locked.row.open_minor)
    if paid_minor:
        chosen = invoices.split_over(paid_minor, split)
        applied = invoicing.apply_payment(
            customer_id=payment.customer_id,
            invoice_id=invoice_id,
            amount_minor=paid_minor,
            source=Account.CASH,
            payment_id=payment.id,
            effective_date=again.day,
            anew=invoicing.Anew(chosen, money_fund_id),
        )
        ground.change(
            allocation,
            reversed_minor=allocation.reversed_minor - paid_minor,
            left_split=invoices.Split.read(allocation.left_split).plus(applied.split).stored(),
        )
    if amount_minor > paid_minor:
        _surplus(again, locked.row.division_id, amount_minor - paid_minor)


def _rest(part: models.ReversalPart) -> invoices.Split:
    """Tell what of a step's stored split has not come back yet."""
    split = invoices.Split.read(part.split)
    return split.minus(invoices.split_over(part.undone_minor, split))


def _to_new_deposit(again: _Again, part: models.ReversalPart, amount_minor: int, money_fund_id: int) -> None:
    """Issue and pay a new deposit invoice: the first one was credited when its payment bounced. The money returns to the fund that it left."""
    payment = again.payment
    rate = ground.terms(payment.customer_id).percent_millionths
    debt_minor = figures.read_figures(customer_id=payment.customer_id)[money_fund_id].taxed_debt_minor
    untaxed_minor = min(debt_minor, _untaxed(payment, part)) if rate else 0
    parts = rules.deposit_from(arrived_minor=amount_minor, untaxed_minor=untaxed_minor, percent_millionths=rate)
    anew = invoicing.Anew(None, money_fund_id)
    depositing.issue_and_pay(viewer=again.viewer, payment=payment, division_id=part.division_id, parts=parts, now=again.now, anew=anew)
    if parts.untaxed_minor:
        funds.settle_taxed_debt(customer_id=payment.customer_id, fund_id=money_fund_id, amount_minor=parts.untaxed_minor)


def _untaxed(payment: models.Payment, part: models.ReversalPart) -> int:
    """Tell how much of a deposit's bounced step had settled taxed debt: the parts of the rate of zero."""
    assert part.invoice_id is not None, "it came from an invoice"
    locked = invoicing.lock(customer_id=payment.customer_id, invoice_ids=[part.invoice_id])[part.invoice_id]
    return sum(one.net_minor for one, tax in zip(_rest(part).parts, locked.taxes, strict=True) if tax.percent == 0)


def _surplus(again: _Again, division_id: int, amount_minor: int, fund_id: int | None = None) -> None:
    applying.keep_surplus(
        payment=again.payment,
        division_id=division_id,
        amount_minor=amount_minor,
        kind=EntryKind.PAYMENT_RESTORED,
        effective_date=again.day,
        fund_id=fund_id,
    )
