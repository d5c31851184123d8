"""Ask for credit notes, the frozen facts of documents, and their made bytes."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.invoicing import models
from tallystick.domain.invoicing.operations.refusals import CreditNoteNotFound, InvoiceNotFound
from tallystick.domain.invoicing.queries import rows
from tallystick.integrations.postgres import scope
from tallystick.integrations.storage import chosen, store
from tallystick.lib import errors, texts


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteView:
    """Show one credit note; it has a number once it is approved. Amounts in minor units."""

    id: UUID
    customer_id: int
    customer_name: str
    division_id: int
    division_name: str
    invoice_id: UUID
    invoice_number: str
    number: str
    state: str
    reason: str
    currency: str
    net_minor: int
    tax_minor: int
    gross_minor: int
    against_open_minor: int
    against_paid_minor: int
    issue_date: date | None
    requested_by: int | None
    requested_by_name: str
    requested_at: datetime
    decided_by_name: str
    decided_at: datetime | None
    decision_text: str
    document_sha256: str


_COPIED = [name for name in CreditNoteView.__dataclass_fields__ if name not in {"customer_name", "division_name", "invoice_number"}]


def credit_notes(*, viewer: Viewer, invoice_id: UUID | None = None, customer_id: int | None = None, state: str = "") -> list[CreditNoteView]:
    """List credit notes, newest first, at most 200; of one invoice, of one customer, or of one state. Raises NotAllowed."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        found = _visible(viewer, customer_id)
        if invoice_id:
            found = found.filter(invoice_id=invoice_id)
        if state:
            found = found.filter(state=state)
        return _load(list(found.order_by("-id")[:200]))


def credit_note(*, viewer: Viewer, credit_note_id: UUID) -> CreditNoteView:
    """Open one credit note. Raises NotAllowed, CreditNoteNotFound."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        return _load([_one(viewer, credit_note_id)])[0]


def credit_note_facts(*, viewer: Viewer, credit_note_id: UUID) -> dict[str, object]:
    """Give the frozen facts of an approved credit note, as integrations.pdf.facts.CreditNote. Raises CreditNoteNotFound."""
    with scope.of(viewer):
        return _drawable(_one(viewer, credit_note_id).frozen)


def invoice_facts(*, viewer: Viewer, invoice_id: UUID) -> dict[str, object]:
    """Give the frozen facts of an invoice, as integrations.pdf.facts.Invoice. Raises InvoiceNotFound."""
    with scope.of(viewer):
        frozen = rows.visible(viewer).filter(id=invoice_id).values_list("frozen", flat=True).first()
        if frozen is None:
            raise InvoiceNotFound(texts.marked("There is no such invoice."))
        return _drawable(frozen)


def _drawable(frozen: dict[str, object]) -> dict[str, object]:
    """Put the logo itself where the row has its hash: a million documents share one."""
    return {**frozen, "logo": customers.logo(sha256=str(frozen.get("logo", "")))}


def invoice_document(*, viewer: Viewer, invoice_id: UUID) -> bytes:
    """Give the PDF of an invoice. Raises NotAllowed, InvoiceNotFound, and NotFound while it is still being made."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        found = rows.visible(viewer).filter(id=invoice_id).values_list("customer_id", "document_sha256").first()
        if found is None:
            raise InvoiceNotFound(texts.marked("There is no such invoice."))
        return content(*found)


def credit_note_document(*, viewer: Viewer, credit_note_id: UUID) -> bytes:
    """Give the PDF of a credit note. Raises NotAllowed, CreditNoteNotFound, and NotFound while it is still being made."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        found = _one(viewer, credit_note_id)
        return content(found.customer_id, found.document_sha256)


@dataclass(frozen=True, slots=True)
class Replacement:
    """Name a document in which characters are drawn as U+FFFD, because no font of ours has them.

    Its invoice, or the one that it credits; a receipt or a statement has neither that nor a number here.
    """

    invoice_id: UUID | None
    number: str
    customer_name: str
    signs: str


def replaced(*, viewer: Viewer, customer_id: int, sha256: str) -> str:
    """Give the characters that a made document shows as U+FFFD; none for one that is not made yet. Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        return models.Document.objects.filter(customer_id=customer_id, sha256=sha256).values_list("replaced", flat=True).first() or ""


def replacements(*, viewer: Viewer) -> list[Replacement]:
    """List the newest documents with characters that no font has, at most 20. Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        made = list(models.Document.objects.exclude(replaced="").order_by("-made_at").only("customer_id", "subject_id", "replaced")[:20])
        if not made:
            return []
        own = {"customer_id__in": {one.customer_id for one in made}, "id__in": [one.subject_id for one in made]}
        found: dict[UUID | None, tuple[UUID | None, str]] = {
            row[0]: (row[0], row[1]) for row in models.Invoice.objects.filter(**own).values_list("id", "number")
        }
        found |= {row[0]: row[1:] for row in models.CreditNote.objects.filter(**own).values_list("id", "invoice_id", "number")}
        names = rows.customer_names({one.customer_id for one in made})
    return [Replacement(*found.get(one.subject_id, (None, "")), names[one.customer_id], one.replaced) for one in made]


def document(*, viewer: Viewer, customer_id: int, sha256: str) -> bytes:
    """Give the bytes of a document whose hash the viewer found on an invoice or credit note. Raises NotAllowed, NotFound."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        seen = [rows.visible(viewer, customer_id).filter(document_sha256=sha256), _visible(viewer, customer_id).filter(document_sha256=sha256)]
        if not sha256 or not any(found.exists() for found in seen):
            raise errors.NotFound(texts.marked("There is no such document."))
        return content(customer_id, sha256)


def content(customer_id: int, sha256: str) -> bytes:
    """Give the bytes of a document that the caller found for its viewer, inside the running scope. Raises NotFound while it is being made."""
    kept = models.Document.objects.filter(customer_id=customer_id, sha256=sha256).first()
    if kept is None:
        raise errors.NotFound(texts.marked("This document is being made. Try again in a moment."), code="document_not_made")
    return chosen.CHOSEN.get(sha256, store.Placed(content=bytes(kept.content) if kept.content is not None else None, reference=kept.reference))


def _visible(viewer: Viewer, customer_id: int | None = None) -> QuerySet[models.CreditNote]:
    found = models.CreditNote.objects.all()
    owner = viewer.customer_id or customer_id
    if owner is not None:
        found = found.filter(customer_id=owner)
    return found if viewer.division_ids is None else found.filter(division_id__in=sorted(viewer.division_ids))


def _one(viewer: Viewer, credit_note_id: UUID) -> models.CreditNote:
    found = _visible(viewer).filter(id=credit_note_id).first()
    if found is None:
        raise CreditNoteNotFound(texts.marked("There is no such credit note."))
    return found


def _load(notes: list[models.CreditNote]) -> list[CreditNoteView]:
    names = rows.customer_names({note.customer_id for note in notes})
    divisions = rows.division_names({note.division_id for note in notes})
    numbers = dict(models.Invoice.objects.filter(id__in={note.invoice_id for note in notes}).values_list("id", "number"))
    return [
        CreditNoteView(
            customer_name=names[note.customer_id],
            division_name=divisions[note.division_id],
            invoice_number=numbers[note.invoice_id],
            **{name: getattr(note, name) for name in _COPIED},
        )
        for note in notes
    ]
