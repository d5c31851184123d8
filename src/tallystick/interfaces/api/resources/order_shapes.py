"""Word purchase orders: as they are sent, as they are shown, and the draft that the domain reads."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from tallystick.domain.purchasing import queries, rules
from tallystick.interfaces.api.framework import shapes
from tallystick.interfaces.api.framework.shapes import Body, Instant, Line, Money, MoneyAsked, Shape, Text, money
from tallystick.lib import errors, ids

State = Literal["pending", "approved", "rejected", "withdrawn"]
Reason = Literal["not_a_purchase_order", "no_number", "bill_to", "vendor", "lines", "terms", "signature", "currency", "channel"]


_ORDER: dict[str, Any] = {
    "number": "PO-2026-118",
    "division_id": "div_0000000000001",
    "lines": [{"description": "Funds for certificates", "quantity": "2", "unit_price": {"amount": "250.00", "currency": "USD"}}],
    "bill_to": {"name": "Northwind Labs Inc.", "street": "1 Harbor Way", "city": "Portland, OR 97201", "country": "US"},
    "contact": {"name": "Dana Reyes", "mail": "ap@northwind.example"},
    "signed": True,
}


class BillTo(Body):
    """Name the company to bill."""

    name: Line = Field(examples=["Northwind Labs Inc."])
    street: Line = Field(examples=["1 Harbor Way"])
    city: Line = Field(examples=["Portland, OR 97201"])
    country: str = Field(pattern="^[A-Z]{2}$", examples=["US"], description="ISO 3166-1.")


class Contact(Body):
    """Name the person who processes the invoice."""

    name: Line = Field(examples=["Dana Reyes"])
    mail: Line = Field(examples=["ap@northwind.example"])


class LineAsked(Body):
    """Order one thing."""

    description: Text = Field(examples=["Funds for certificates"])
    quantity: str = Field("1", pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$", max_length=16, examples=["1"])
    unit_price: MoneyAsked
    order_reference: Line | None = None


class OrderAsked(Body):
    """Send a purchase order: by lines, or by the one net amount."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ORDER]})

    number: Line = Field(examples=["PO-2026-118"])
    division_id: Line
    amount: MoneyAsked | None = Field(None, description="Net; may be left out where there are lines.")
    lines: list[LineAsked] = Field(default_factory=list, max_length=rules.MOST_LINES)
    terms_days: int = Field(30, ge=0, le=rules.LONGEST_TERMS_DAYS)
    bill_to: BillTo
    contact: Contact
    vat_number: Line | None = None
    recipients: list[Line] = Field(default_factory=list, max_length=rules.MOST_RECIPIENTS, description="Further addresses that get the invoice.")
    note: Text | None = None
    signed: bool = Field(description="That the order is signed where its form has a place for it.", examples=[True])
    customer_id: Line | None = Field(None, description="For programs of the operator: whose order it is.")
    channel: Literal["api", "mail", "post"] = "api"


class RejectionAsked(Body):
    """Say why an order is rejected."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reasons": ["signature"], "text": "Page 2 is not signed."}]})

    reasons: list[Reason] = Field(min_length=1, max_length=len(rules.Reason), examples=[["signature"]])
    text: Text = ""


class OrderLine(Shape):
    """Show one line."""

    description: str
    quantity: str
    unit_price: Money
    net: Money
    order_reference: str | None


class Decision(Shape):
    """Show what was decided on a revision."""

    revision: int
    verdict: str
    reasons: list[str]
    text: str | None
    decided_by: str
    decided_at: Instant


class PurchaseOrder(Shape):
    """Show a purchase order as its latest revision states it."""

    id: str
    number: str
    state: State
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
    recipients: list[str]
    note: str | None
    signed: bool
    channel: str
    lines: list[OrderLine]
    document_name: str | None
    entered_by: str
    submitted_at: Instant
    decided_by: str | None
    decided_at: Instant | None
    invoice_id: str | None


class PurchaseOrderInFull(PurchaseOrder):
    """Show a purchase order with what was decided on it, oldest first."""

    decisions: list[Decision]


class OrdersAsked(shapes.Paged):
    """Narrow a list of purchase orders."""

    status: State | None = None
    division: str | None = Field(None, max_length=60)
    customer: str | None = Field(None, max_length=60, description="For programs of the operator.")
    created_from: shapes.Moment | None = Field(None, alias="created[gte]")
    created_before: shapes.Moment | None = Field(None, alias="created[lt]")
    q: Line | None = Field(None, description="Part of the number.")


def draft(asked: OrderAsked) -> rules.OrderDraft:
    """Write what was sent as the domain reads it. Raises NotFound for a division that cannot be one."""
    prices = [line.unit_price.currency for line in asked.lines] + ([asked.amount.currency] if asked.amount else [])
    currency = prices[0] if len(set(prices)) == 1 else "several" if prices else ""
    return rules.OrderDraft(
        number=asked.number,
        division=_division(asked.division_id),
        amount=asked.amount.amount if asked.amount else "",
        currency=currency,
        lines=tuple(
            rules.LineDraft(
                description=line.description, quantity=line.quantity, unit_price=line.unit_price.amount, order_reference=line.order_reference or ""
            )
            for line in asked.lines
        ),
        terms_days=str(asked.terms_days),
        bill_to_name=asked.bill_to.name,
        bill_to_street=asked.bill_to.street,
        bill_to_city=asked.bill_to.city,
        bill_to_country=asked.bill_to.country,
        contact_name=asked.contact.name,
        contact_mail=asked.contact.mail,
        vat_number=asked.vat_number or "",
        recipients=", ".join(asked.recipients),
        note=asked.note or "",
        signed=asked.signed,
        channel=asked.channel,
    )


def _division(written: str) -> str:
    """Read the division; one that cannot be any is refused like one that is out of sight."""
    try:
        return str(ids.parse_integer("div", written))
    except errors.NotFound:
        return ""


def pointers(asked: OrderAsked) -> dict[str, str]:
    """Say where in the body each field of the domain's draft stands."""
    found = {"division": "division_id", "currency": "amount/currency" if asked.amount else "lines/0/unit_price/currency", "amount": "amount/amount"}
    found |= {f"bill_to_{part}": f"bill_to/{part}" for part in BillTo.model_fields}
    found |= {f"contact_{part}": f"contact/{part}" for part in Contact.model_fields}
    for place in range(len(asked.lines)):
        found |= {f"lines-{place}-{part}": f"lines/{place}/{part}" for part in ("description", "quantity", "order_reference")}
        found[f"lines-{place}-unit_price"] = f"lines/{place}/unit_price/amount"
    return found


def show(order: queries.Order) -> PurchaseOrder:
    """Show an order of a list."""
    return PurchaseOrder(**_shown(order))


def show_in_full(order: queries.OrderView) -> PurchaseOrderInFull:
    """Show one order."""
    decisions = [
        Decision(
            revision=one.revision,
            verdict=one.verdict,
            reasons=[str(sentence) for sentence in one.reasons],
            text=one.text or None,
            decided_by=one.person_name,
            decided_at=one.decided_at,
        )
        for one in order.decisions
    ]
    return PurchaseOrderInFull(**_shown(order), decisions=decisions)


def _shown(order: queries.Order) -> dict[str, Any]:
    copied = ("number", "state", "revision", "terms_days", "recipients", "signed", "channel", "entered_by", "submitted_at", "decided_at")
    sums = {name: money(getattr(order, f"{name}_minor"), order.currency) for name in ("net", "tax", "gross")}
    return {
        **{name: getattr(order, name) for name in copied},
        **sums,
        "id": ids.public("po", order.id),
        "customer_id": ids.public("cus", order.customer_id),
        "division_id": ids.public("div", order.division_id),
        "bill_to": BillTo.model_construct(
            name=order.bill_to_name, street=order.bill_to_street, city=order.bill_to_city, country=order.bill_to_country
        ),
        "contact": Contact.model_construct(name=order.contact_name, mail=order.contact_mail),
        "vat_number": order.vat_number or None,
        "note": order.note or None,
        "lines": [_line(line, order.currency) for line in order.lines],
        "document_name": order.document_name or None,
        "decided_by": order.decided_by or None,
        "invoice_id": ids.public("inv", order.invoice_id) if order.invoice_id else None,
    }


def _line(line: queries.Line, currency: str) -> OrderLine:
    return OrderLine(
        description=line.description,
        quantity=f"{line.quantity.normalize():f}",
        unit_price=money(line.unit_price_minor, currency),
        net=money(line.net_minor, currency),
        order_reference=line.order_reference or None,
    )
