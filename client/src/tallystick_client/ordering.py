"""Send purchase orders, follow them, and decide on them as the operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict, Unpack

from tallystick_client import requests
from tallystick_client.invoicing import Invoice
from tallystick_client.money import Money
from tallystick_client.requests import Call, Each, Listing, Request, Resource, Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class BillTo:
    """Name the company to bill; the country by ISO 3166-1."""

    name: str
    street: str
    city: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Name the person who processes the invoice."""

    name: str
    mail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """Order one thing."""

    description: str
    unit_price: Money
    quantity: Decimal = Decimal(1)
    order_reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDraft:
    """Write a purchase order: by lines, or by the one net amount. `signed`: it is, where its form has a place for it."""

    number: str
    division_id: str
    bill_to: BillTo
    contact: Contact
    signed: bool
    lines: Sequence[LineDraft] = ()
    amount: Money | None = None
    terms_days: int = 30
    vat_number: str | None = None
    recipients: Sequence[str] = ()
    note: str | None = None
    customer_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """Show one line."""

    description: str
    quantity: Decimal
    unit_price: Money
    net: Money
    order_reference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Show what was decided on a revision."""

    revision: int
    verdict: str
    reasons: tuple[str, ...]
    text: str | None
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrder:
    """Show a purchase order: pending, approved, rejected or withdrawn. Lists leave `decisions` and `etag` empty."""

    id: str
    number: str
    state: str
    revision: int
    customer_id: str
    division_id: str
    net: Money
    tax: Money
    gross: Money
    terms_days: int
    bill_to: BillTo
    contact: Contact
    vat_number: str | None
    recipients: tuple[str, ...]
    note: str | None
    signed: bool
    channel: str
    lines: tuple[OrderLine, ...]
    document_name: str | None
    entered_by: str
    submitted_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    invoice_id: str | None
    decisions: tuple[Decision, ...] = ()
    etag: str = ""
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Funds:
    """Show a division's figures at one moment; `available` is None without a limit."""

    balance: Money
    unpaid: Money
    available: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalPreview:
    """Show what an approval would do."""

    number: str
    issue_date: date
    due_date: date
    net: Money
    tax: Money
    gross: Money
    mailed_to: tuple[str, ...]
    funds_before: Funds
    funds_after: Funds
    funds_after_payment: Funds


class OrdersNarrowed(TypedDict, total=False):
    """Narrow a list of purchase orders; `limit` is the size of a page."""

    status: str
    division: str
    customer: str
    created_from: datetime
    created_before: datetime
    q: str
    limit: int


_PATH = "purchase-orders"


class PurchaseOrders[S](Resource[S]):
    """Send, follow and decide on purchase orders."""

    @Call
    def create(self, order: OrderDraft, *, document: Upload | None = None, idempotency_key: str | None = None) -> Request[PurchaseOrder]:
        """Send an order to be reviewed, with its document where there is one. Raises Invalid, Conflict."""
        return requests.sent(requests.at(_PATH), PurchaseOrder, order, document=document, idempotency_key=idempotency_key)

    @Each
    def list(self, **narrowed: Unpack[OrdersNarrowed]) -> Listing[PurchaseOrder]:
        """Go through purchase orders, newest first."""
        return requests.listed(requests.at(_PATH), PurchaseOrder, **narrowed)

    @Call
    def get(self, purchase_order_id: str) -> Request[PurchaseOrder]:
        """Open an order. Raises NotFound."""
        return requests.fetched(requests.at(_PATH, purchase_order_id), PurchaseOrder)

    @Call
    def document(self, purchase_order_id: str) -> Request[bytes]:
        """Fetch the document that was sent with an order. Raises NotFound."""
        return requests.downloaded(requests.at(_PATH, purchase_order_id, "document"))

    @Call
    def resubmit(
        self,
        purchase_order_id: str,
        order: OrderDraft,
        *,
        document: Upload | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Request[PurchaseOrder]:
        """Send a rejected order again, corrected. Raises Conflict, Stale."""
        path = requests.at(_PATH, purchase_order_id, "revisions")
        return requests.sent(path, PurchaseOrder, order, document=document, if_match=if_match, idempotency_key=idempotency_key)

    @Call
    def withdraw(self, purchase_order_id: str, *, if_match: str | None = None, idempotency_key: str | None = None) -> Request[PurchaseOrder]:
        """Take a pending order back. Raises Conflict, Stale."""
        path = requests.at(_PATH, purchase_order_id, "withdrawal")
        return requests.sent(path, PurchaseOrder, if_match=if_match, idempotency_key=idempotency_key)

    @Call
    def preview_approval(self, purchase_order_id: str, *, if_match: str) -> Request[ApprovalPreview]:
        """See what an approval would do; nothing is written. For programs of the operator. Raises Conflict, Stale."""
        return requests.rehearsed(requests.sent(requests.at(_PATH, purchase_order_id, "approval"), ApprovalPreview, if_match=if_match))

    @Call
    def approve(self, purchase_order_id: str, *, if_match: str, idempotency_key: str | None = None) -> Request[Invoice]:
        """Approve what was looked at, by its `etag`, and issue its invoice. For programs of the operator. Raises Conflict, Stale."""
        path = requests.at(_PATH, purchase_order_id, "approval")
        return requests.sent(path, Invoice, if_match=if_match, idempotency_key=idempotency_key)

    @Call
    def reject(
        self, purchase_order_id: str, *, reasons: Sequence[str], text: str = "", if_match: str | None = None, idempotency_key: str | None = None
    ) -> Request[PurchaseOrder]:
        """Reject an order for documented reasons. For programs of the operator. Raises Conflict, Stale."""
        path = requests.at(_PATH, purchase_order_id, "rejection")
        return requests.sent(path, PurchaseOrder, {"reasons": reasons, "text": text}, if_match=if_match, idempotency_key=idempotency_key)
