"""Void invoices, mark disputes, and keep the made documents."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tallystick.domain.customers import rules as customers
from tallystick.domain.funds import operations as funds
from tallystick.domain.invoicing import entries, models, rules
from tallystick.domain.invoicing.operations import figures, refusals
from tallystick.integrations.postgres import scope
from tallystick.integrations.storage import chosen
from tallystick.lib import errors, texts

_LONGEST_REASON = 500
_WORDS = {rules.State.ISSUED: "Unpaid", rules.State.PARTIALLY_PAID: "Part paid", rules.State.PAID: "Paid", rules.State.VOIDED: "Voided"}
"""What pages call an invoice's states, in the catalogues."""


@scope.retrying
def void_invoice(*, viewer: customers.Viewer, invoice_id: UUID, reason: str) -> models.Invoice:
    """Void an invoice of which nothing is paid or credited; the number stays used, and the debt of an amount owed returns to the fund.

    Raises NotAllowed, InvoiceNotFound, InvoiceNotVoidable, Invalid.
    """
    customers.permit(viewer, customers.Act.APPROVE)
    why = reason_of(reason)
    with scope.of(viewer):
        locked = figures.lock_seen(viewer=viewer, invoice_id=invoice_id)
        row = locked.row
        if row.kind == rules.Kind.CORRECTION:
            # its entry in reverse would be cash that never came; the debt is paid or written off
            raise refusals.InvoiceNotVoidable(
                texts.marked("%(number)s stands for a payment that was taken back. Have it paid, or write it off.", number=row.number)
            )
        touched = row.paid_minor or row.credited_minor or row.written_off_minor
        if touched or rules.State.VOIDED not in rules.TRANSITIONS[rules.State(row.state)]:
            raise refusals.InvoiceNotVoidable(
                texts.marked(
                    "%(number)s is %(state)s. Issue a credit note instead.",
                    number=row.number,
                    state=texts.word(row.state.replace("_", " "), msgid=_WORDS[rules.State(row.state)]),
                )
            )
        funds.post(customer_id=row.customer_id, entries=[entries.voided(figures.subject(invoice=row), locked.whole)])
        row.state, row.open_minor, row.version = rules.State.VOIDED, 0, row.version + 1
        row.save(force_update=True, update_fields=["state", "open_minor", "version"])
        models.InvoiceTax.objects.filter(customer_id=row.customer_id, invoice_id=row.id).update(open_net_minor=0, open_tax_minor=0)
        figures.record(invoice=row, kind="invoice.voided", viewer=viewer, reason=why)
    return row


@scope.retrying
def mark_disputed(*, viewer: customers.Viewer, invoice_id: UUID, reason: str) -> models.Invoice:
    """Mark an invoice as disputed with a reason, which stops its reminders; an empty reason takes the mark off.

    Raises NotAllowed, InvoiceNotFound, Invalid.
    """
    customers.permit(viewer, customers.Act.ENTER if viewer.kind is customers.ViewerKind.STAFF else customers.Act.WRITE_ORDERS)
    why = reason_of(reason) if reason.strip() else ""
    with scope.of(viewer):
        row = figures.lock_seen(viewer=viewer, invoice_id=invoice_id).row
        row.disputed, row.dispute_reason, row.version = bool(why), why, row.version + 1
        row.save(force_update=True, update_fields=["disputed", "dispute_reason", "version"])
        figures.record(invoice=row, kind="invoice.disputed" if why else "invoice.dispute_settled", viewer=viewer, reason=why)
    return row


def store_document(
    *,
    customer_id: int,
    content: bytes,
    invoice_id: UUID | None = None,
    credit_note_id: UUID | None = None,
    replaced: Sequence[str] = (),
    now: datetime,
) -> str:
    """Keep the made document of an invoice or of a credit note once, and give its SHA-256; a second call gives the first one's.

    `replaced` are the characters that no font could draw. Runs as the worker.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    placed = chosen.CHOSEN.put(sha256, content)  # before the transaction: a file without a row does no harm
    table: type[models.Invoice | models.CreditNote] = models.Invoice if invoice_id else models.CreditNote
    document_of = invoice_id or credit_note_id
    assert document_of is not None, "a document is of an invoice or of a credit note"
    with scope.of(customers.system(customer_id)):
        rows = table.objects.filter(customer_id=customer_id, id=document_of)
        kept = rows.select_for_update(no_key=True).values_list("document_sha256", flat=True).get()
        if kept:
            return kept
        models.Document.objects.get_or_create(
            customer_id=customer_id,
            sha256=sha256,
            defaults={
                "kind": "application/pdf",
                "content": placed.content,
                "reference": placed.reference,
                "subject_id": document_of,
                "replaced": "".join(replaced),
                "made_at": now,
            },
        )
        rows.update(document_sha256=sha256)
    return sha256


def reason_of(reason: str) -> str:
    """Read why something is done to an invoice. Raises Invalid."""
    written = reason.strip()
    if not 0 < len(written) <= _LONGEST_REASON:
        raise errors.Invalid(texts.marked("Say why, in at most %(most)s characters.", most=_LONGEST_REASON), field="reason")
    return written
