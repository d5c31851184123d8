"""Name the frozen facts of a document: JSON that is stored beside it and drawn from, never looked up again.

Facts are what people and books said, not words: the words of a document come from the catalogues when it is drawn, in the frozen `language`.
Amounts are text, ready to be shown in that language ("1,400.00", minus as U+2212), without currency; days are ISO text ("2026-12-20").
Text of people may be anything: it goes into the drawing as values only.
"""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from tallystick.lib import texts

PAID_FROM_BALANCE = texts.marked("Paid from the balance, whose funds were taxed when they came in.")
"""The one reason of credit notes that nobody types; a document says it in its language."""

USUAL_REASONS = (texts.marked("Reverse charge"), texts.marked("Intra-community supply"), texts.marked("Export outside the EU"))
"""Why a tax is 0 % where the operator gave no words of its own; a document says it as the law of its language does."""


class Party(TypedDict):
    """Name one side: `lines` are its address, one printed line each; `country` is the two letters, `contact` a person or a mail address."""

    name: str
    lines: list[str]
    country: NotRequired[str]
    contact: NotRequired[str]
    tax_number: NotRequired[str]


class Line(TypedDict):
    """Carry one sold thing; `tax_rate` ("19 %") is shown only where the document has more than one."""

    description: str
    quantity: str
    unit_price: str
    amount: str
    tax_rate: NotRequired[str]


class Tax(TypedDict):
    """Sum one rate: `rate` "19 %", the net amount it was taken of, and, where it needs one, the reason in a few words.

    `label` is the operator's own name of the tax ("Sales tax"); without it the document says "Tax" in its language.
    """

    rate: str
    base: str
    amount: str
    label: NotRequired[str]
    note: NotRequired[str]


class Bank(TypedDict):
    """Name the account into which this currency is paid."""

    holder: str
    bank_name: str
    account: str
    bic: str


class Named(TypedDict):
    """Show a value under its name, both as they are."""

    label: str
    value: str


class Document(TypedDict):
    """Share what every kind has: its number, day, parties and currency.

    `brand` is the operator's name as a mark, shown where there is no `logo`; the logo is SVG text (in a stored row its SHA-256 stands
    instead: queries put the picture in). `footer` is the line at the foot. `exact` has the figures for electronic invoices; nothing is drawn of them.
    """

    number: str
    issued_on: str
    currency: str
    brand: str
    exact: NotRequired[Mapping[str, Any]]
    seller: Party
    buyer: Party
    logo: NotRequired[str]
    footer: NotRequired[str]
    language: NotRequired[str]
    paper: NotRequired[str]
    notes: NotRequired[list[str]]


class Invoice(Document):
    """State what is to pay, why, and what paying does.

    `paid` is what was paid before issue (a settled deposit: the whole; then `to_pay` is zero). `adds_to_funds` is the net amount that paying
    brings to `division`, empty for amount-owed and correction invoices. `kind` is "funding", "amount_owed" or "correction".
    `original_number` is the number in a system that the invoice came from. `to_pay_minor` is what the code for banking apps says.
    """

    kind: str
    division: str
    purchase_order_number: str
    original_number: NotRequired[str]
    due_on: str
    terms_days: int
    lines: list[Line]
    net: str
    taxes: list[Tax]
    gross: str
    to_pay: str
    to_pay_minor: NotRequired[int]
    paid: NotRequired[str]
    adds_to_funds: NotRequired[str]
    bank: NotRequired[Bank]
    reference: NotRequired[str]


class CreditNote(Document):
    """Take back an invoice, whole or part: its lines are its rates. `against_open` reduced the invoice, `against_paid` became unapplied credit."""

    invoice_number: str
    invoice_issued_on: str
    division: str
    reason: str
    net: str
    taxes: list[Tax]
    gross: str
    against_open: NotRequired[str]
    against_paid: NotRequired[str]


class Paid(TypedDict):
    """Say how much of a payment one invoice got, and what is still open on it."""

    invoice_number: str
    amount: str
    still_open: str


class Card(TypedDict):
    """Name a card as far as it may be named; `expiry` is "12/2030"."""

    brand: str
    last4: str
    expiry: str


class Receipt(Document):
    """Confirm money received: `method` is a code ("card", "bank_transfer", ...); `unapplied` is the surplus kept as credit."""

    division: str
    method: str
    card: NotRequired[Card]
    payments: list[Paid]
    received: str
    unapplied: NotRequired[str]
    added_to_funds: NotRequired[str]
    reference: NotRequired[str]


class Asked(TypedDict):
    """Say how much of an announced transfer is meant for one invoice."""

    invoice_number: str
    amount: str


class PaymentSlip(Document):
    """Ask for one transfer: how much, to which account, with which reference, and what it is for; a deposit has no `payments`."""

    division: str
    amount: str
    amount_minor: int
    bank: Bank
    reference: str
    payments: list[Asked]


class Unpaid(TypedDict):
    """Name one invoice that is past its due day, what is open on it, and for how many days."""

    number: str
    issued_on: str
    due_on: str
    days: int
    open: str


class Reminder(Document):
    """Remind of invoices past their due day: `level` 1 the first time, 2 again, 3 and above the last time before the operator acts.

    `total` is what is open on them, `unapplied` the credit that is set off against it ("" for none), `coming` what is announced or about to be
    credited ("" for nothing), `owed` what is left; `owed_minor` is what the code for banking apps says. `pay_by` is the day until which payment is asked for ("" for none).
    """

    division: str
    level: int
    invoices: list[Unpaid]
    total: str
    unapplied: NotRequired[str]
    coming: NotRequired[str]
    owed: str
    owed_minor: int
    pay_by: NotRequired[str]
    bank: NotRequired[Bank]
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
    logo: NotRequired[str]
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
