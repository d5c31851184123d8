"""Credit a deposit's invoice to the extent that its payment bounced: nobody owes a deposit."""

from datetime import datetime
from uuid import UUID

from tallystick.domain.customers.rules import Viewer
from tallystick.domain.funds import operations as funds
from tallystick.domain.invoicing import entries
from tallystick.domain.invoicing import models as documents
from tallystick.domain.invoicing import rules as invoices
from tallystick.domain.invoicing.operations import figures as invoicing
from tallystick.domain.invoicing.operations import notes
from tallystick.domain.payments import models
from tallystick.domain.payments.operations import ground
from tallystick.lib import ids


def is_deposit(payment: models.Payment) -> bool:
    """Tell whether every invoice of this payment was issued for a deposit."""
    return models.Deposit.objects.filter(customer_id=payment.customer_id, payment_id=payment.id).exists()


def credit_bounced(*, viewer: Viewer, payment: models.Payment, invoice_id: UUID, taken: invoices.Split, money_fund_id: int, now: datetime) -> None:
    """Credit what a bounce has opened of a deposit's invoice, and raise the taxed debt again that the deposit had settled.

    `money_fund_id` is the fund that the money left.
    """
    if not is_deposit(payment):
        return
    terms = ground.terms(payment.customer_id)
    locked = invoicing.lock_one(customer_id=payment.customer_id, invoice_id=invoice_id)
    note = _note(viewer, locked.row, taken, now)
    subject = invoicing.subject(invoice=locked.row, payment_id=payment.id, credit_note_id=note.id)
    nothing = invoicing.nothing(locked)
    funds.post(customer_id=payment.customer_id, entries=[entries.credited(subject, taken, nothing)])
    by = invoicing.Move(still_open=nothing.minus(taken), paid=nothing, credited_minor=taken.gross_minor)
    invoicing.move(moves=[(locked, by)], viewer=viewer)
    notes.number_and_insert(note=note, locked=locked, against=taken, today=terms.today(now))
    notes.record(note=note, kind="credit_note.issued", viewer=viewer)
    untaxed_minor = sum(part.net_minor for part, tax in zip(taken.parts, locked.taxes, strict=True) if tax.percent == 0)
    if terms.percent_millionths and untaxed_minor:
        funds.settle_taxed_debt(customer_id=payment.customer_id, fund_id=money_fund_id, amount_minor=-untaxed_minor)


def _note(viewer: Viewer, invoice: documents.Invoice, taken: invoices.Split, now: datetime) -> documents.CreditNote:
    return documents.CreditNote(
        customer_id=invoice.customer_id,
        id=ids.new(),
        invoice_id=invoice.id,
        division_id=invoice.division_id,
        state=invoices.CreditState.APPROVED,
        reason="The payment of this deposit was returned by the bank.",
        currency=invoice.currency,
        gross_minor=taken.gross_minor,
        against_open_minor=taken.gross_minor,
        requested_by=viewer.person_id,
        requested_by_name=viewer.name,
        requested_at=now,
        decided_by_name="Tallystick",
        decided_at=now,
    )
