"""Say what a purchase order needs, and which of its states may follow which.

    pending -> approved | rejected | withdrawn
    rejected -> pending

An approval from the page waits a moment, so that it can be undone, while the order stays pending:

    waiting -> approved | cancelled | refused

Approval issues the invoice in the same transaction; a rejected order comes back as a new revision, and the old one is kept.
Source: product.md, requirements a purchase order must meet (documented), and life cycles.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tallystick.lib import texts

LONGEST_TERMS_DAYS = 30
LONGEST_NUMBER = 64
LONGEST_TEXT = 200
LONGEST_NOTE = 2000
MOST_LINES = 200
MOST_RECIPIENTS = 10

# letters of control and direction hide what a number really is
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_MAIL = re.compile(r"[^\s@<>,;\"()\[\]\\]{1,64}@[^\s@<>,;\"()\[\]\\.]+(\.[^\s@<>,;\"()\[\]\\.]+)+")


class State(StrEnum):
    """Name the states of a purchase order."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.PENDING: frozenset({State.APPROVED, State.REJECTED, State.WITHDRAWN}),
    State.APPROVED: frozenset(),
    State.REJECTED: frozenset({State.PENDING}),
    State.WITHDRAWN: frozenset(),
}

LIVE = (State.PENDING, State.APPROVED)
"""The states in which an order holds its number: no second one of that number is taken."""


UNDO_SECONDS = 8
"""How long an approval from the page can be undone before the worker takes it up."""


class ScheduleState(StrEnum):
    """Name the states of a scheduled approval; refused is one that could not be done when its time came."""

    WAITING = "waiting"
    APPROVED = "approved"
    CANCELLED = "cancelled"
    REFUSED = "refused"


SCHEDULE_TRANSITIONS: dict[ScheduleState, frozenset[ScheduleState]] = {
    ScheduleState.WAITING: frozenset({ScheduleState.APPROVED, ScheduleState.CANCELLED, ScheduleState.REFUSED}),
    ScheduleState.APPROVED: frozenset(),
    ScheduleState.CANCELLED: frozenset(),
    ScheduleState.REFUSED: frozenset(),
}


class Reason(StrEnum):
    """Name the documented reasons for a rejection: each is a requirement that is not met."""

    NOT_A_PURCHASE_ORDER = "not_a_purchase_order"
    NO_NUMBER = "no_number"
    BILL_TO = "bill_to"
    VENDOR = "vendor"
    LINES = "lines"
    TERMS = "terms"
    SIGNATURE = "signature"
    CURRENCY = "currency"
    CHANNEL = "channel"


REASON_SENTENCES: dict[Reason, str] = {
    Reason.NOT_A_PURCHASE_ORDER: texts.marked("The document does not say “purchase order”."),
    Reason.NO_NUMBER: texts.marked("The document has no purchase order number."),
    Reason.BILL_TO: texts.marked("The bill-to address or the person who processes the invoice is missing."),
    Reason.VENDOR: texts.marked("The legal name or address of the vendor is wrong or missing."),
    Reason.LINES: texts.marked("A line has no description, quantity or unit price."),
    Reason.TERMS: texts.marked("The payment terms are longer than Net 30."),
    Reason.SIGNATURE: texts.marked("The place for a signature is empty, or the signature is not valid."),
    Reason.CURRENCY: texts.marked("The currency is not accepted."),
    Reason.CHANNEL: texts.marked("The order came by a channel that is not accepted."),
}


class Channel(StrEnum):
    """Name the accepted channels by which an order comes."""

    PAGE = "page"
    API = "api"
    MAIL = "mail"
    POST = "post"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """Hold one line as it was typed; an empty unit price and quantity in all lines means that only an amount was given."""

    description: str = ""
    quantity: str = "1"
    unit_price: str = ""
    order_reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDraft:
    """Hold an order as it was typed, all text: amounts are net, decimal text; `division` is the division's id.

    `recipients` are mail addresses separated by commas, semicolons, blanks or lines. `currency` empty means the customer's.
    """

    number: str = ""
    division: str = ""
    amount: str = ""
    currency: str = ""
    lines: tuple[LineDraft, ...] = ()
    terms_days: str = "30"
    bill_to_name: str = ""
    bill_to_street: str = ""
    bill_to_city: str = ""
    bill_to_country: str = ""
    contact_name: str = ""
    contact_mail: str = ""
    vat_number: str = ""
    recipients: str = ""
    note: str = ""
    signed: bool = False
    channel: str = Channel.PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Hold one line that was read: the quantity has at most six decimals, amounts are minor units."""

    description: str
    quantity: Decimal
    unit_price_minor: int
    order_reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Hold an order that was read and found right; tax is reckoned by invoicing's calculator."""

    number: str
    number_key: str
    division_id: int
    lines: tuple[Line, ...]
    terms_days: int
    bill_to_name: str
    bill_to_street: str
    bill_to_city: str
    bill_to_country: str
    contact_name: str
    contact_mail: str
    vat_number: str
    recipients: tuple[str, ...]
    note: str
    signed: bool
    channel: Channel


def number_key(number: str) -> str:
    """Make two writings of one number equal: compatible letters, letter case and blanks count for nothing."""
    return "".join(unicodedata.normalize("NFKC", number).casefold().split())


def is_clean(text: str, *, several_lines: bool = False) -> bool:
    """Tell whether a text has no letters that control or cannot be seen."""
    return all(unicodedata.category(letter) not in _UNSEEN or (several_lines and letter in "\r\n\t") for letter in text)


def is_mail(text: str) -> bool:
    """Tell whether a text can be a mail address."""
    return len(text) <= LONGEST_TEXT and is_clean(text) and _MAIL.fullmatch(text) is not None


def recipients(text: str) -> list[str]:
    """Take the mail addresses out of a text, each once."""
    return list(dict.fromkeys(part for part in re.split(r"[\s,;]+", text) if part))


@dataclass(frozen=True, slots=True)
class Requirement:
    """Say of one documented requirement whether what was entered meets it; None leaves it to a person's eye."""

    reason: Reason
    met: bool | None


def requirements(order: Order, *, has_document: bool) -> tuple[Requirement, ...]:
    """Check what was entered against the documented list; what only the document shows is left to judge."""
    complete = bool(order.bill_to_name and order.bill_to_street and order.bill_to_city and order.bill_to_country and order.contact_name)
    return (
        Requirement(Reason.NOT_A_PURCHASE_ORDER, None if has_document else True),
        Requirement(Reason.NO_NUMBER, bool(order.number)),
        Requirement(Reason.BILL_TO, complete),
        Requirement(Reason.VENDOR, None if has_document else True),
        Requirement(Reason.LINES, all(line.description and line.quantity > 0 for line in order.lines)),
        Requirement(Reason.TERMS, order.terms_days <= LONGEST_TERMS_DAYS),
        Requirement(Reason.SIGNATURE, order.signed),
        Requirement(Reason.CURRENCY, met=True),
        Requirement(Reason.CHANNEL, met=True),
    )


def reasons(chosen: Sequence[str]) -> list[Reason]:
    """Read chosen reasons, each once; what is none is left out."""
    known = set(Reason)
    return [Reason(one) for one in dict.fromkeys(chosen) if one in known]
