"""Put arrived money where it was meant: on its invoices as far as they are due, and the surplus into unapplied credit (law 6)."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from tallystick.domain.funds import operations as funds
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing import rules as invoices
from tallystick.domain.ledger.rules import Account, Entry, EntryKind, Transfer
from tallystick.domain.payments import models, rules
from tallystick.integrations.postgres import rows


def put(*, payment: models.Payment, asks: Sequence[rules.Ask], effective_date: date) -> None:
    """Allocate the whole settled amount of a payment under the locks of its row and of the invoices.

    The surplus goes to the division that the payer named, else to that of the last invoice asked for.
    """
    customer_id = payment.customer_id
    locked = invoicing.lock(customer_id=customer_id, invoice_ids=[ask.invoice_id for ask in asks])
    due_minor = {invoice_id: one.row.open_minor for invoice_id, one in locked.items()}
    plan = rules.allocate(arrived_minor=payment.settled_minor, asks=asks, due_minor=due_minor)
    applied = invoicing.apply_payments(
        locked=[(locked[part.invoice_id], part.amount_minor) for part in plan.parts], payment_id=payment.id, effective_date=effective_date
    )
    parts = enumerate(zip(plan.parts, applied, strict=True))
    rows.insert(*(_allocation(payment, part, one.split, one.fund_id, place) for place, (part, one) in parts))
    if plan.surplus_minor:
        named = payment.division_id or locked[asks[-1].invoice_id].row.division_id
        keep_surplus(payment=payment, division_id=named, amount_minor=plan.surplus_minor, kind=EntryKind.SURPLUS, effective_date=effective_date)


def apply(
    *, payment: models.Payment, part: rules.Ask, source: Account, effective_date: date, anew: invoicing.Anew | None = None
) -> models.Allocation:
    """Pay one invoice with a part of a payment, `anew` where its bounce was taken back, and keep the split as it was posted."""
    applied = invoicing.apply_payment(
        customer_id=payment.customer_id,
        invoice_id=part.invoice_id,
        amount_minor=part.amount_minor,
        source=source,
        payment_id=payment.id,
        effective_date=effective_date,
        anew=anew,
    )
    return keep(payment, part, applied.split, applied.fund_id)


def keep(payment: models.Payment, part: rules.Ask, split: invoices.Split, fund_id: int) -> models.Allocation:
    """Keep an allocation, after the earlier ones of its payment."""
    place = models.Allocation.objects.filter(customer_id=payment.customer_id, payment_id=payment.id).count()
    allocation = _allocation(payment, part, split, fund_id, place)
    rows.insert(allocation)
    return allocation


def _allocation(payment: models.Payment, part: rules.Ask, split: invoices.Split, fund_id: int, place: int) -> models.Allocation:
    return models.Allocation(
        customer_id=payment.customer_id,
        payment_id=payment.id,
        invoice_id=part.invoice_id,
        place=place,
        fund_id=fund_id,
        amount_minor=part.amount_minor,
        split=split.stored(),
        left_split=split.stored(),
    )


def keep_surplus(
    *, payment: models.Payment, division_id: int, amount_minor: int, kind: EntryKind, effective_date: date, fund_id: int | None = None
) -> None:
    """Turn a part of a payment into unapplied credit of a division: Dr cash / Cr unapplied credit. `fund_id` None is the fund that serves it."""
    reached_id = fund_id or funds.lock(payment.customer_id)[division_id].fund_id
    post(payment, kind, Transfer(Account.CASH, Account.UNAPPLIED_CREDIT, amount_minor, reached_id), division_id, effective_date)
    rows.insert(
        models.Surplus(customer_id=payment.customer_id, payment_id=payment.id, division_id=division_id, fund_id=reached_id, amount_minor=amount_minor)
    )


def post(payment: models.Payment, kind: EntryKind, transfer: Transfer, division_id: int, effective_date: date) -> None:
    """Post one transfer of a payment."""
    entry = Entry(kind, (transfer,), division_id, effective_date=effective_date, note=payment.reference, payment_id=payment.id)
    funds.post(customer_id=payment.customer_id, entries=[entry])


def asked(payment: models.Payment) -> list[rules.Ask]:
    """Load what a payment was started for, in the payer's order."""
    found = models.Attempt.objects.filter(customer_id=payment.customer_id, payment_id=payment.id).order_by("place")
    return [rules.Ask(row.invoice_id, row.amount_minor) for row in found]


def ask(payment: models.Payment, asks: Sequence[rules.Ask], *, is_open: bool) -> None:
    """Write down what a payment is started for; an open row blocks other card attempts of its invoice."""
    rows.insert(*attempts(payment, asks, is_open=is_open))


def attempts(payment: models.Payment, asks: Sequence[rules.Ask], *, is_open: bool) -> list[models.Attempt]:
    """Shape the rows of what a payment is meant for."""
    return [
        models.Attempt(
            customer_id=payment.customer_id,
            payment_id=payment.id,
            invoice_id=one.invoice_id,
            place=place,
            amount_minor=one.amount_minor,
            is_open=is_open,
        )
        for place, one in enumerate(asks)
    ]


def close_attempts(payment: models.Payment) -> None:
    """Let other card payments of the invoices pass."""
    models.Attempt.objects.filter(customer_id=payment.customer_id, payment_id=payment.id, is_open=True).update(is_open=False)


def blocked_by(customer_id: int, invoice_ids: Sequence[UUID]) -> models.Attempt | None:
    """Find the open card attempt of any of these invoices."""
    return models.Attempt.objects.filter(customer_id=customer_id, invoice_id__in=invoice_ids, is_open=True).first()
