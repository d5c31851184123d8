"""Name the frozen facts of a document: JSON that is stored beside it and drawn from, never looked up again.

Amounts are text, ready to be shown in the document's language ("1,400.00", minus as U+2212), without currency; days are ISO text ("2026-12-20").
Text of people may be anything: it goes into the drawing as values only.
"""

from typing import NotRequired, TypedDict


class Party(TypedDict):
    """Name one side: `lines` are address, contact and tax numbers, one printed line each."""

    name: str
    lines: list[str]


class Line(TypedDict):
    """Carry one sold thing; `tax_rate` ("19 %") is shown only where the document has more than one."""

    description: str
    quantity: str
    unit_price: str
    amount: str
    tax_rate: NotRequired[str]


class Tax(TypedDict):
    """Sum one rate: `label` "Sales tax", `rate` "19 %", the net amount it was taken of, and, where it needs one, the reason in a few words."""

    label: str
    rate: str
    base: str
    amount: str
    note: NotRequired[str]


class Named(TypedDict):
    """Show a value under its name (a line of bank details: "IBAN", "Routing")."""

    label: str
    value: str


class Document(TypedDict):
    """Share what every kind has: its number, day, parties and currency; `brand` is the operator's mark, `footer` the line at the foot."""

    number: str
    issued_on: str
    currency: str
    brand: str
    seller: Party
    buyer: Party
    footer: NotRequired[str]
    language: NotRequired[str]
    paper: NotRequired[str]
    notes: NotRequired[list[str]]


class Invoice(Document):
    """State what is to pay, why, and what paying does.

    `paid` is what was paid before issue (a settled deposit: the whole; then `to_pay` is zero). `adds_to_funds` is the net amount that paying
    brings to `division`, empty for amount-owed and correction invoices. `kind` is "funding", "amount_owed" or "correction".
    """

    kind: str
    division: str
    purchase_order_number: str
    due_on: str
    terms: str
    lines: list[Line]
    net: str
    taxes: list[Tax]
    gross: str
    to_pay: str
    paid: NotRequired[str]
    adds_to_funds: NotRequired[str]
    bank: NotRequired[list[Named]]
    reference: NotRequired[str]


class CreditNote(Document):
    """Take back an invoice, whole or part: `settled_by` says in one sentence where the amount went."""

    invoice_number: str
    invoice_issued_on: str
    division: str
    reason: str
    lines: list[Line]
    net: str
    taxes: list[Tax]
    gross: str
    settled_by: NotRequired[str]


class Paid(TypedDict):
    """Say how much of a payment one invoice got, and what is still open on it."""

    invoice_number: str
    amount: str
    still_open: str


class Receipt(Document):
    """Confirm money received: `method` is "Visa ending in 4242, 12/2030" or "Bank transfer"; `unapplied` is the surplus kept as credit."""

    division: str
    method: str
    payments: list[Paid]
    received: str
    unapplied: NotRequired[str]
    added_to_funds: NotRequired[str]
    reference: NotRequired[str]


class Headed(Party):
    """Name one side under a heading of its own."""

    heading: str


class Statement(TypedDict):
    """State an account for a period, every word in the reader's language; the last two columns of `rows`, and the last of `unpaid`, are amounts.

    The last of `sums` is the balance at the end.
    """

    title: str
    number: str
    issued_on: str
    language: str
    brand: str
    parties: list[Headed]
    strip: list[Named]
    columns: list[str]
    rows: list[list[str]]
    sums: list[Named]
    unpaid_heading: str
    unpaid_columns: list[str]
    unpaid: list[list[str]]
    unpaid_sum: Named
    none_unpaid: str
