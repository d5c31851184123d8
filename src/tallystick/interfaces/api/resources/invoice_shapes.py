"""Word invoices and credit notes."""

from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from pydantic import ConfigDict, Field

from tallystick.domain.invoicing import queries
from tallystick.interfaces.api.framework import conditions, shapes
from tallystick.interfaces.api.framework.replies import Told
from tallystick.interfaces.api.framework.shapes import Body, Day, Instant, Line, Money, MoneyAsked, Shape, money
from tallystick.interfaces.api.resources import rehearsed
from tallystick.lib import ids

Reason = Line


class Syntax(StrEnum):
    """Name the two syntaxes of EN 16931: UN/CEFACT's Cross Industry Invoice, as in Factur-X and ZUGFeRD, and UBL 2.1."""

    CII = "cii"
    UBL = "ubl"


class InvoicesAsked(shapes.Paged):
    """Narrow a list of invoices."""

    status: Literal["unpaid", "part_paid", "overdue", "disputed", "paid", "voided"] | None = None
    division: str | None = Field(None, max_length=60)
    customer: str | None = Field(None, max_length=60, description="For programs of the operator.")
    created_from: shapes.Moment | None = Field(None, alias="created[gte]")
    created_before: shapes.Moment | None = Field(None, alias="created[lt]")
    due_from: Day | None = Field(None, alias="due[gte]")
    due_before: Day | None = Field(None, alias="due[lt]")
    q: Line | None = Field(None, description="Part of the number, of the purchase order's number or of an old number.")


class VoidAsked(Body):
    """Say why an invoice is voided."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Ordered twice"}]})

    reason: Reason = Field(min_length=1, examples=["Ordered twice"])


class CreditNoteAsked(Body):
    """Ask for a credit note of a gross amount."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"amount": {"amount": "50.00", "currency": "USD"}, "reason": "Two certificates were not used"}]}
    )

    amount: MoneyAsked
    reason: Reason = Field(min_length=1, examples=["Two certificates were not used"])


class DeclineAsked(Body):
    """Say why a credit note is declined."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "They were used in May."}]})

    text: Reason = ""


class InvoiceLine(Shape):
    """Show one line."""

    description: str
    quantity: str
    unit_price: Money
    net: Money
    tax: Money
    tax_percent: str
    order_reference: str | None


class InvoiceTax(Shape):
    """Show what one rate of tax comes to."""

    percent: str
    net: Money
    tax: Money


class Invoice(Shape):
    """Show an invoice with what is paid and open of it."""

    id: str
    number: str
    kind: str
    state: str
    customer_id: str
    division_id: str
    purchase_order_id: str | None
    purchase_order_number: str | None
    original_number: str | None
    issue_date: Day
    due_date: Day
    issued_at: Instant
    net: Money
    tax: Money
    gross: Money
    paid: Money
    credited: Money
    written_off: Money
    open: Money
    disputed: bool
    has_document: bool


class InvoiceInFull(Invoice):
    """Show an invoice with its lines and taxes."""

    lines: list[InvoiceLine]
    taxes: list[InvoiceTax]
    dispute_reason: str | None


class CreditNote(Shape):
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
    issue_date: Day | None
    requested_by: str
    requested_at: Instant
    decided_by: str | None
    decided_at: Instant | None
    decision_text: str | None
    has_document: bool


class InvoicePreview(InvoiceInFull, rehearsed.Rehearsed):
    """Show what an invoice would be, and what that would do."""


class CreditNotePreview(CreditNote, rehearsed.Rehearsed):
    """Show what a credit note would be and do."""


class CreditNotes(Shape):
    """Give the credit notes of an invoice, newest first: all of them."""

    rows: list[CreditNote] = Field(serialization_alias="data")


_SUMS = ("net", "tax", "gross", "paid", "credited", "written_off", "open")
_COPIED = ("number", "kind", "state", "issue_date", "due_date", "issued_at", "disputed", "has_document")


def show(row: queries.InvoiceRow) -> Invoice:
    """Show an invoice of a list."""
    return Invoice(**_shown(row))


def tag(row: queries.InvoiceRow) -> str:
    """Mark the state of an invoice."""
    return conditions.tag(row.version, row.state, int(row.has_document))


def told(found: queries.InvoiceView, *, created: bool = False) -> Told:
    """Answer with one invoice."""
    headers = {"Location": f"/api/v1/invoices/{ids.public('inv', found.id)}"} if created else {}
    return Told(content=show_in_full(found), etag=tag(found), headers=headers)


def show_in_full(found: queries.InvoiceView) -> InvoiceInFull:
    """Show one invoice."""
    currency = found.currency
    lines = [
        InvoiceLine(
            description=line.description,
            quantity=_number(line.quantity),
            unit_price=money(line.unit_price_minor, currency),
            net=money(line.net_minor, currency),
            tax=money(line.tax_minor, currency),
            tax_percent=_number(line.percent),
            order_reference=line.order_reference or None,
        )
        for line in found.lines
    ]
    taxes = [InvoiceTax(percent=_number(one.percent), net=money(one.net_minor, currency), tax=money(one.tax_minor, currency)) for one in found.taxes]
    return InvoiceInFull(**_shown(found), lines=lines, taxes=taxes, dispute_reason=found.dispute_reason or None)


def _shown(row: queries.InvoiceRow) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in _COPIED},
        **{name: money(getattr(row, f"{name}_minor"), row.currency) for name in _SUMS},
        "id": ids.public("inv", row.id),
        "customer_id": ids.public("cus", row.customer_id),
        "division_id": ids.public("div", row.division_id),
        "purchase_order_id": ids.public("po", row.purchase_order_id) if row.purchase_order_id else None,
        "purchase_order_number": row.purchase_order_number or None,
        "original_number": row.original_number or None,
    }


def show_note(note: queries.CreditNoteView) -> CreditNote:
    """Show one credit note."""
    sums: dict[str, Any] = {
        name: money(getattr(note, f"{name}_minor"), note.currency) for name in ("net", "tax", "gross", "against_open", "against_paid")
    }
    copied: dict[str, Any] = {name: getattr(note, name) for name in ("state", "invoice_number", "reason", "issue_date", "requested_at", "decided_at")}
    return CreditNote(
        **sums,
        **copied,
        id=ids.public("cn", note.id),
        number=note.number or None,
        invoice_id=ids.public("inv", note.invoice_id),
        customer_id=ids.public("cus", note.customer_id),
        division_id=ids.public("div", note.division_id),
        requested_by=note.requested_by_name,
        decided_by=note.decided_by_name or None,
        decision_text=note.decision_text or None,
        has_document=bool(note.document_sha256),
    )


def note_told(note: queries.CreditNoteView, *, created: bool = False) -> Told:
    """Answer with one credit note."""
    headers = {"Location": f"/api/v1/credit-notes/{ids.public('cn', note.id)}"} if created else {}
    return Told(content=show_note(note), etag=conditions.tag(note.state, int(bool(note.document_sha256))), headers=headers)


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}"
