"""Say what each test card does. All numbers pass the check digit of ISO/IEC 7812; none belongs to anybody."""

import enum
from dataclasses import dataclass
from datetime import date

from tallystick.integrations.gateways import protocol


class Behavior(enum.StrEnum):
    """Name what happens to a payment with a card."""

    SUCCEED = "succeeds"
    DECLINE = "is declined"
    SHORT = "is declined: insufficient funds"
    AUTHENTICATE = "asks for extra authentication"
    LATE_FAILURE = "succeeds, then fails after all"
    CHARGEBACK = "succeeds, then the whole is charged back"
    PART_CHARGEBACK = "succeeds, then half is charged back"
    DISPUTE_WON = "succeeds, is charged back, and the dispute is won"
    REFUND_FAILS = "succeeds, but refunds fail"
    DOUBLED = "succeeds, and every message comes three times"
    REORDERED = "succeeds, half is charged back, and the messages come in the wrong order"


CARDS: dict[str, Behavior] = {
    "4242424242424242": Behavior.SUCCEED,
    "5555555555554444": Behavior.SUCCEED,
    "4000000000000002": Behavior.DECLINE,
    "4000000000009995": Behavior.SHORT,
    "4000002760003184": Behavior.AUTHENTICATE,
    "4000000000000341": Behavior.LATE_FAILURE,
    "4000000000000259": Behavior.CHARGEBACK,
    "4000000000002685": Behavior.PART_CHARGEBACK,
    "4000000000001976": Behavior.DISPUTE_WON,
    "4000000000005126": Behavior.REFUND_FAILS,
    "4000000000000077": Behavior.DOUBLED,
    "4000000000003055": Behavior.REORDERED,
}

_BRANDS = {"4": "Visa", "5": "Mastercard"}
_DECEMBER = 12


class CardUnusable(Exception):
    """Say what to mend in the card fields: field name and sentence."""

    def __init__(self, field: str, sentence: str) -> None:
        """Keep the field and what to do."""
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Presented:
    """Hold a card as typed and checked: what a receipt may know of it, and what it does."""

    card: protocol.Card
    behavior: Behavior


def read(number: str, expiry: str, *, today: date) -> Presented:
    """Check what was typed: a test card's number, and an expiry "MM/YY" that is not past. Raises CardUnusable."""
    digits = "".join(number.split())
    if digits not in CARDS:
        raise CardUnusable("number", "Enter the number of one of the test cards below. A real card number has no business here.")
    month, _, year = expiry.strip().partition("/")
    if not (month.isascii() and month.isdigit() and year.isascii() and year.isdigit() and len(month) == len(year) == len("12")):
        raise CardUnusable("expiry", "Enter the expiry as month and year, such as 12/30.")
    card = protocol.Card(brand=_BRANDS[digits[0]], last4=digits[-4:], expiry_month=int(month), expiry_year=2000 + int(year))
    if not 1 <= card.expiry_month <= _DECEMBER or (card.expiry_year, card.expiry_month) < (today.year, today.month):
        raise CardUnusable("expiry", "This card has expired. Enter a month that is not past.")
    return Presented(card, CARDS[digits])


def spaced(digits: str) -> str:
    """Write a number in groups of four, as on the card."""
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))
