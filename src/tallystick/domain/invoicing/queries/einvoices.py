"""Ask how documents stand as electronic invoices, and for their XML."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.invoicing import models
from tallystick.domain.invoicing.operations.refusals import InvoiceNotFound
from tallystick.domain.invoicing.queries import documents, rows
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, texts


@dataclass(frozen=True, slots=True)
class Parked:
    """Name a document that no electronic invoice can be made of in one syntax, and the rules that it breaks."""

    invoice_id: UUID
    number: str
    customer_name: str
    syntax: str
    rules: tuple[str, ...]
    text: str


def einvoices(*, viewer: Viewer, subject_id: UUID) -> Mapping[str, tuple[str, ...]]:
    """Tell by syntax which rules a document breaks; none for one that may leave, no syntax at all while it is being made."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        found = models.EInvoice.objects.filter(subject_id=subject_id).order_by("syntax").values_list("syntax", "faults")
        return {syntax: tuple(fault["rule"] for fault in faults) for syntax, faults in found}


def invoice_xml(*, viewer: Viewer, invoice_id: UUID, syntax: str) -> bytes:
    """Give an invoice as XML. Raises NotAllowed, InvoiceNotFound, NotFound while it is being made, and Conflict for one that is parked."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        customer_id = rows.visible(viewer).filter(id=invoice_id).values_list("customer_id", flat=True).first()
        if customer_id is None:
            raise InvoiceNotFound(texts.marked("There is no such invoice."))
        return _xml(customer_id, invoice_id, syntax)


def credit_note_xml(*, viewer: Viewer, credit_note_id: UUID, syntax: str) -> bytes:
    """Give a credit note as XML. Raises as invoice_xml, and CreditNoteNotFound."""
    note = documents.credit_note(viewer=viewer, credit_note_id=credit_note_id)
    with scope.of(viewer):
        return _xml(note.customer_id, credit_note_id, syntax)


def kept_xml(*, viewer: Viewer, subject_id: UUID) -> Mapping[str, bytes]:
    """Give what was made of a document before, by syntax, to the worker that makes its PDF. None where nothing was kept."""
    assert viewer.customer_id is not None, "the worker looks at one customer"
    with scope.of(viewer):
        found = models.EInvoice.objects.filter(customer_id=viewer.customer_id, subject_id=subject_id).values_list("syntax", "sha256")
        return {syntax: documents.content(viewer.customer_id, sha256) if sha256 else b"" for syntax, sha256 in found}


def parked(*, viewer: Viewer) -> list[Parked]:
    """List the newest documents that can not leave as electronic invoices, at most 20. Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        found = list(models.EInvoice.objects.exclude(faults=[]).order_by("-made_at")[:20])
        subjects = [one.subject_id for one in found]
        credited = dict(models.CreditNote.objects.filter(id__in=subjects).values_list("id", "invoice_id"))
        names = rows.customer_names({one.customer_id for one in found})
    return [
        Parked(
            invoice_id=credited.get(one.subject_id, one.subject_id),
            number=one.number,
            customer_name=names.get(one.customer_id, ""),
            syntax=one.syntax,
            rules=tuple(fault["rule"] for fault in one.faults),
            text=one.faults[0]["text"],
        )
        for one in found
    ]


def _xml(customer_id: int, subject_id: UUID, syntax: str) -> bytes:
    row = models.EInvoice.objects.filter(customer_id=customer_id, subject_id=subject_id, syntax=syntax).first()
    if row is None:
        raise errors.NotFound(texts.marked("This document is being made. Try again in a moment."), code="document_not_made")
    if not row.sha256:
        broken = ", ".join(fault["rule"] for fault in row.faults)
        sentence = texts.marked("This document can not be an electronic invoice: it breaks %(rules)s. Its PDF is complete.", rules=broken)
        raise errors.Conflict(sentence, code="einvoice_parked")
    return documents.content(customer_id, row.sha256)
