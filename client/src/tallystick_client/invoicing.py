"""Read invoices and credit notes, fetch their documents, and correct them as the operator."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict, Unpack

from tallystick_client import requests
from tallystick_client.foreseeing import Foresight
from tallystick_client.money import Money
from tallystick_client.requests import Call, Each, Listing, Request, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """Show one line."""

    description: str
    quantity: Decimal
    unit_price: Money
    net: Money
    tax: Money
    tax_percent: Decimal
    order_reference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceTax:
    """Show what one rate of tax comes to."""

    percent: Decimal
    net: Money
    tax: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """Show an invoice with what is paid and open of it. Lists leave `lines`, `taxes` and `etag` empty."""

    id: str
    number: str
    kind: str
    state: str
    customer_id: str
    division_id: str
    purchase_order_id: str | None
    purchase_order_number: str | None
    original_number: str | None
    issue_date: date
    due_date: date
    issued_at: datetime
    net: Money
    tax: Money
    gross: Money
    paid: Money
    credited: Money
    written_off: Money
    open: Money
    disputed: bool
    has_document: bool
    lines: tuple[InvoiceLine, ...] = ()
    taxes: tuple[InvoiceTax, ...] = ()
    dispute_reason: str | None = None
    etag: str = ""
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePreview(Invoice, Foresight):
    """Show an invoice as it would be, and what would follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNote:
    """Show a credit note; it has a number once it is approved."""

    id: str
    number: str | None
    state: str
    invoice_id: str
    invoice_number: str
    customer_id: str
    division_id: str
    reason: str
    net: Money
    tax: Money
    gross: Money
    against_open: Money
    against_paid: Money
    issue_date: date | None
    requested_by: str
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision_text: str | None
    has_document: bool
    etag: str = ""
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNotePreview(CreditNote, Foresight):
    """Show a credit note as it would be, and what would follow."""


class InvoicesNarrowed(TypedDict, total=False):
    """Narrow a list of invoices; `limit` is the size of a page."""

    status: str
    division: str
    customer: str
    created_from: datetime
    created_before: datetime
    due_from: date
    due_before: date
    q: str
    limit: int


class Invoices[S](Resource[S]):
    """Read invoices, and void them as the operator."""

    @Each
    def list(self, **narrowed: Unpack[InvoicesNarrowed]) -> Listing[Invoice]:
        """Go through invoices, newest first."""
        return requests.listed(requests.at("invoices"), Invoice, **narrowed)

    @Call
    def get(self, invoice_id: str) -> Request[Invoice]:
        """Open an invoice. Raises NotFound."""
        return requests.fetched(requests.at("invoices", invoice_id), Invoice)

    @Call
    def pdf(self, invoice_id: str) -> Request[bytes]:
        """Fetch the PDF. Raises NotFound, with the code document_not_made for a moment after it was issued."""
        return requests.downloaded(requests.at("invoices", invoice_id, "pdf"))

    @Call
    def xml(self, invoice_id: str, *, syntax: str | None = None) -> Request[bytes]:
        """Fetch the XML of EN 16931: in `cii`, or in `ubl`. Raises NotFound while it is made, Conflict (einvoice_parked) where a rule forbids it."""
        return requests.downloaded(requests.at("invoices", invoice_id, "xml"), syntax=syntax)

    @Call
    def void(self, invoice_id: str, *, reason: str, if_match: str | None = None, idempotency_key: str | None = None) -> Request[Invoice]:
        """Void an invoice of which nothing is paid or credited. For programs of the operator. Raises Conflict, Stale."""
        path = requests.at("invoices", invoice_id, "void")
        return requests.sent(path, Invoice, {"reason": reason}, if_match=if_match, idempotency_key=idempotency_key)

    @Call
    def preview_void(self, invoice_id: str, *, reason: str, if_match: str | None = None) -> Request[InvoicePreview]:
        """See what voiding would do; nothing is written. For programs of the operator. Raises as void does."""
        path = requests.at("invoices", invoice_id, "void")
        return requests.rehearsed(requests.sent(path, InvoicePreview, {"reason": reason}, if_match=if_match))

    @Each
    def credit_notes(self, invoice_id: str) -> Listing[CreditNote]:
        """Go through the credit notes of an invoice, newest first."""
        return requests.listed(requests.at("invoices", invoice_id, "credit-notes"), CreditNote)

    @Call
    def request_credit_note(
        self, invoice_id: str, *, amount: Money, reason: str, if_match: str | None = None, idempotency_key: str | None = None
    ) -> Request[CreditNote]:
        """Ask for a credit note, which another person approves. For programs of the operator. Raises Conflict, Stale."""
        path = requests.at("invoices", invoice_id, "credit-notes")
        return requests.sent(path, CreditNote, {"amount": amount, "reason": reason}, if_match=if_match, idempotency_key=idempotency_key)

    @Call
    def preview_credit_note(self, invoice_id: str, *, amount: Money, reason: str, if_match: str | None = None) -> Request[CreditNotePreview]:
        """See what asking for a credit note would do; nothing is written. For programs of the operator. Raises as request_credit_note does."""
        path = requests.at("invoices", invoice_id, "credit-notes")
        return requests.rehearsed(requests.sent(path, CreditNotePreview, {"amount": amount, "reason": reason}, if_match=if_match))


class CreditNotes[S](Resource[S]):
    """Read credit notes, and decide on them as the operator."""

    @Call
    def get(self, credit_note_id: str) -> Request[CreditNote]:
        """Open a credit note. Raises NotFound."""
        return requests.fetched(requests.at("credit-notes", credit_note_id), CreditNote)

    @Call
    def pdf(self, credit_note_id: str) -> Request[bytes]:
        """Fetch the PDF of an approved credit note. Raises NotFound."""
        return requests.downloaded(requests.at("credit-notes", credit_note_id, "pdf"))

    @Call
    def xml(self, credit_note_id: str, *, syntax: str | None = None) -> Request[bytes]:
        """Fetch the XML of an approved credit note, as an invoice's. Raises NotFound, Conflict."""
        return requests.downloaded(requests.at("credit-notes", credit_note_id, "xml"), syntax=syntax)

    @Call
    def preview_approval(self, credit_note_id: str, *, if_match: str) -> Request[CreditNotePreview]:
        """See what an approval would do; nothing is written. For programs of the operator. Raises as approve does."""
        return requests.rehearsed(requests.sent(requests.at("credit-notes", credit_note_id, "approval"), CreditNotePreview, if_match=if_match))

    @Call
    def approve(self, credit_note_id: str, *, if_match: str, idempotency_key: str | None = None) -> Request[CreditNote]:
        """Approve what was looked at, by its `etag`. For programs of the operator. Raises Conflict, Stale."""
        path = requests.at("credit-notes", credit_note_id, "approval")
        return requests.sent(path, CreditNote, if_match=if_match, idempotency_key=idempotency_key)

    @Call
    def decline(self, credit_note_id: str, *, text: str = "", if_match: str | None = None, idempotency_key: str | None = None) -> Request[CreditNote]:
        """Decline a credit note. For programs of the operator. Raises Conflict, Stale."""
        path = requests.at("credit-notes", credit_note_id, "rejection")
        return requests.sent(path, CreditNote, {"text": text}, if_match=if_match, idempotency_key=idempotency_key)
