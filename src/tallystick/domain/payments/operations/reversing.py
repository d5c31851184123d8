"""Take a bounced payment back, whole or part, from where its money went (money.md section 4, payment bounced)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.funds import operations as funds
from tallystick.domain.funds import queries as figures
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing import rules as invoices
from tallystick.domain.ledger import queries as ledger
from tallystick.domain.ledger.rules import Account, EntryKind, Transfer
from tallystick.domain.payments import models, refusals, rules
from tallystick.domain.payments.operations import applying, bounced_deposits, ground
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, money, texts


@dataclass(slots=True)
class _Steps:
    """Collect the steps of one bounce as they are posted, and per division what unapplied credit did not cover."""

    viewer: Viewer
    payment: models.Payment
    reversal: models.Reversal
    day: date
    now: datetime
    place: int = 0

    def keep(self, source: rules.Source, amount_minor: int, division_id: int, **values: object) -> None:
        """Write one step down, after the earlier ones."""
        models.ReversalPart.objects.create(
            customer_id=self.payment.customer_id,
            reversal_id=self.reversal.id,
            place=self.place,
            source=source,
            amount_minor=amount_minor,
            division_id=division_id,
            **values,
        )
        self.place += 1


@scope.retrying
def reverse_payment(*, viewer: Viewer, payment_id: UUID, amount_minor: int, reference: str, reason: str, now: datetime) -> UUID:
    """Reverse a settled payment, whole or part: its surplus first, then its invoices, last first. The same reference counts once.

    Funds leave the division that got them, wherever they went since; the balance may become negative.
    Raises NotAllowed, NotFound, Invalid, PaymentNotSettled, ReferenceTaken.
    """
    permit(viewer, Act.ENTER)
    if not 0 < amount_minor < money.LARGEST_MINOR or not reference.strip():
        raise errors.Invalid(texts.marked("Enter an amount above zero and the bank's reference."), field="amount")
    with scope.of(viewer):
        payment = ground.locked(viewer, payment_id)
        seen = models.Reversal.objects.filter(customer_id=payment.customer_id, payment_id=payment_id, reference=reference).first()
        if seen is not None:
            if seen.amount_minor != amount_minor:
                raise refusals.ReferenceTaken(
                    texts.marked("A reversal with this reference and another amount is recorded already."), field="reference"
                )
            return payment.id
        _require_standing(payment, amount_minor)
        reversal = models.Reversal.objects.create(
            customer_id=payment.customer_id, payment_id=payment.id, reference=reference, amount_minor=amount_minor, reason=reason, posted_at=now
        )
        _reverse(_Steps(viewer, payment, reversal, ground.terms(payment.customer_id).today(now), now))
    return payment.id


def _require_standing(payment: models.Payment, amount_minor: int) -> None:
    stands_minor = payment.settled_minor - payment.reversed_minor
    if payment.method in {rules.Method.UNAPPLIED_CREDIT, rules.Method.BALANCE} or stands_minor == 0:
        raise refusals.PaymentNotSettled(
            texts.marked("Nothing stands of payment %(reference)s that a bank could take back.", reference=payment.reference)
        )
    if amount_minor > stands_minor:
        most = money.named(stands_minor, payment.currency)
        raise errors.Invalid(texts.marked("Only %(most)s of this payment stand.", most=most), code="amount_above_standing", field="amount")


def _reverse(steps: _Steps) -> None:
    payment, amount_minor = steps.payment, steps.reversal.amount_minor
    own = {"customer_id": payment.customer_id, "payment_id": payment.id}
    surpluses = {row.id: row for row in models.Surplus.objects.filter(**own).order_by("id")}
    allocations = {row.id: row for row in models.Allocation.objects.filter(**own).order_by("place")}
    invoicing.lock(customer_id=payment.customer_id, invoice_ids={row.invoice_id for row in allocations.values()})
    funds.lock(payment.customer_id)
    for take in rules.bounce(amount_minor=amount_minor, surpluses=_left(surpluses.values()), allocations=_left(allocations.values())):
        if take.surplus_id:
            _from_surplus(steps, surpluses[take.surplus_id], take.amount_minor)
        elif take.allocation_id:
            _from_invoice(steps, allocations[take.allocation_id], take.amount_minor)
    reversed_minor = payment.reversed_minor + amount_minor
    ground.enter(payment, rules.state_of(settled_minor=payment.settled_minor, reversed_minor=reversed_minor), reversed_minor=reversed_minor)
    bounced = money.text(amount_minor, payment.currency)
    ground.record(payment, "payment.reversed", steps.viewer, bounced=bounced, reason=steps.reversal.reason)


def _left(rows: Iterable[models.Surplus | models.Allocation]) -> list[rules.Left]:
    return [rules.Left(row.id, row.amount_minor - row.reversed_minor) for row in rows]


def _from_surplus(steps: _Steps, surplus: models.Surplus, amount_minor: int) -> None:
    ground.change(surplus, reversed_minor=surplus.reversed_minor + amount_minor)
    _from_credit(steps, amount_minor, surplus.division_id, [ground.fund_that_got(surplus)], surplus_id=surplus.id)


def _from_invoice(steps: _Steps, allocation: models.Allocation, amount_minor: int) -> None:
    payment = steps.payment
    left = invoices.Split.read(allocation.left_split)
    wanted = invoices.split_over(amount_minor, left)
    money_fund_id = ground.fund_that_got(allocation)
    answer = invoicing.reverse_application(
        customer_id=payment.customer_id,
        invoice_id=allocation.invoice_id,
        split=wanted,
        source=Account.CASH,
        payment_id=payment.id,
        effective_date=steps.day,
        money_fund_id=money_fund_id,
    )
    ground.change(allocation, reversed_minor=allocation.reversed_minor + amount_minor, left_split=left.minus(wanted).stored())
    division_id = answer.invoice.division_id
    own = {"allocation_id": allocation.id}
    if answer.split.gross_minor:
        split = answer.split.stored()
        steps.keep(rules.Source.INVOICE, answer.split.gross_minor, division_id, invoice_id=allocation.invoice_id, split=split, **own)
        bounced_deposits.credit_bounced(
            viewer=steps.viewer,
            payment=payment,
            invoice_id=allocation.invoice_id,
            taken=answer.split,
            money_fund_id=money_fund_id,
            now=steps.now,
        )
    if answer.missing_minor:
        _from_credit(steps, answer.missing_minor, division_id, _credited_funds(allocation), **own)


def _credited_funds(allocation: models.Allocation) -> list[int]:
    """List the funds that answer for what credit notes made of the invoice's payments, the last credit note's first."""
    customer_id = allocation.customer_id
    credited = ledger.unapplied_by_credit_notes(customer_id=customer_id, invoice_id=allocation.invoice_id)
    found = [figures.fund_that_got(customer_id=customer_id, fund_id=fund_id, journal_number=number) for fund_id, number in credited]
    return list(dict.fromkeys(found))


def _from_credit(steps: _Steps, amount_minor: int, division_id: int, fund_ids: Sequence[int], **own: object) -> None:
    """Take from the unapplied credit of these funds in turn; what it does not cover is a debt of the division at once."""
    payment = steps.payment
    every = figures.read_figures(customer_id=payment.customer_id)
    for fund_id in fund_ids:
        covered_minor = min(amount_minor, every[fund_id].unapplied_minor)
        if covered_minor:
            transfer = Transfer(Account.UNAPPLIED_CREDIT, Account.CASH, covered_minor, fund_id)
            applying.post(payment, EntryKind.PAYMENT_REVERSED, transfer, division_id, steps.day)
            steps.keep(rules.Source.UNAPPLIED, covered_minor, division_id, fund_id=fund_id, **own)
            amount_minor -= covered_minor
    if amount_minor:
        invoice_id = _correct(steps, division_id, amount_minor)
        steps.keep(rules.Source.CORRECTION, amount_minor, division_id, invoice_id=invoice_id, **own)


def _correct(steps: _Steps, division_id: int, amount_minor: int) -> UUID:
    text = f"Payment {steps.payment.reference} was returned after its money had been used"
    line = invoices.Line(description=text, quantity=Decimal(1), unit_price_minor=amount_minor, percent_millionths=0)
    draft = invoicing.InvoiceDraft(customer_id=steps.payment.customer_id, division_id=division_id, lines=(line,), payment_id=steps.payment.id)
    return invoicing.issue_correction_invoice(viewer=steps.viewer, draft=draft, today=steps.day, now=steps.now).id
