"""Write credit notes: the row, its rates, its number and its frozen facts."""

from datetime import date, datetime

from tallystick.domain.customers import models as customers
from tallystick.domain.customers.rules import Viewer
from tallystick.domain.events import operations as events
from tallystick.domain.invoicing import models, rules
from tallystick.domain.invoicing.operations import figures, freeze, numbers
from tallystick.integrations.pdf import facts
from tallystick.lib import ids, money


def of_tax(*, viewer: Viewer, invoice: models.Invoice, split: rules.Split, now: datetime) -> models.CreditNote:
    """Shape the credit note for the tax of an amount owed that the balance pays; it follows from the payment, so nobody decides on it."""
    return models.CreditNote(
        customer_id=invoice.customer_id,
        id=ids.new(),
        invoice_id=invoice.id,
        division_id=invoice.division_id,
        state=rules.CreditState.APPROVED,
        reason=str(facts.PAID_FROM_BALANCE),
        currency=invoice.currency,
        gross_minor=split.tax_minor,
        tax_minor=split.tax_minor,
        against_open_minor=split.tax_minor,
        requested_by=viewer.person_id,
        requested_by_name=viewer.name,
        requested_at=now,
        decided_by_name="Tallystick",
        decided_at=now,
    )


def number_and_insert(*, note: models.CreditNote, locked: figures.Locked, against: rules.Split, today: date) -> None:
    """Give an approved note its sums, number and frozen facts, and write it with its rates; the number is taken last."""
    note.net_minor, note.tax_minor = against.net_minor, against.tax_minor
    note.issue_date = today
    legal_entity_id = customers.Customer.objects.values_list("legal_entity_id", flat=True).get(id=note.customer_id)
    note.number = numbers.take(
        legal_entity_id=legal_entity_id,
        kind=rules.SeriesKind.CREDIT_NOTE,
        year=today.year,
        customer_id=note.customer_id,
        document_id=note.id,
    )
    sums = [
        rules.RateSum(rules.millionths(tax.percent), part.net_minor, part.tax_minor)
        for tax, part in zip(locked.taxes, against.parts, strict=True)
        if part.net_minor or part.tax_minor
    ]
    note.frozen = dict(freeze.credit_note(note, locked.row, sums, today))
    note.save(force_insert=note._state.adding, force_update=not note._state.adding)  # noqa: SLF001 - Django's own mark of a new row
    models.CreditNoteTax.objects.bulk_create(
        models.CreditNoteTax(
            customer_id=note.customer_id,
            credit_note_id=note.id,
            position=position,
            percent=tax.percent,
            net_minor=part.net_minor,
            tax_minor=part.tax_minor,
        )
        for position, (tax, part) in enumerate(zip(locked.taxes, against.parts, strict=True))
    )


def record(*, note: models.CreditNote, kind: str, viewer: Viewer) -> None:
    """Record an event of a credit note."""
    events.record(
        customer_id=note.customer_id,
        kind=kind,
        subject_id=ids.public("cn", note.id),
        facts={
            "number": note.number,
            "invoice_id": ids.public("inv", note.invoice_id),
            "division_id": ids.public("div", note.division_id),
            "currency": note.currency,
            "gross": money.text(note.gross_minor, note.currency),
            "reason": note.reason,
        },
        viewer=viewer,
    )
