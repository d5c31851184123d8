"""Answer finance/receipt and finance/payment-profile: what was paid, by balance or by card, and the cards that a person has paid with."""

import zlib
from dataclasses import replace
from typing import Protocol

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Act
from tallystick.domain.funds import registers
from tallystick.domain.ledger.registers import Register
from tallystick.domain.ledger.rules import EntryKind
from tallystick.domain.payments import cards
from tallystick.domain.payments import queries as payments
from tallystick.integrations.postgres import scope
from tallystick.interfaces.services_v2 import answers, asked, door, histories, lists
from tallystick.lib import errors, money

_TYPES = {"amex": "amex", "american express": "amex", "discover": "discover", "mastercard": "mastercard", "visa": "visa"}
_PROFILE_COLUMNS = (
    *("id", "is_default", "status", "credit_card.shortened_number", "credit_card.type"),
    *("credit_card.expiration_month", "credit_card.expiration_year", "billing_email"),
)


class _Owner(Protocol):
    """Name what is shown of a customer."""

    name: str
    address: str
    country: str
    vat_number: str
    billing_name: str
    billing_email: str
    legal_entity_id: int


@door.opened("GET", "HEAD")
@door.finance("balance")
def receipt(caller: door.Caller, written: str) -> answers.Answer:
    """Show the receipt of a row: a sale or its refund, charged to the balance, or a payment by card."""
    row_id = histories.row_number(written)
    with scope.of(caller.viewer):
        row = registers.row(viewer=caller.viewer, row_id=row_id)
        used = cards.cards_of(viewer=caller.viewer, payment_ids=[row.payment_id]) if row.payment_id else {}
        card = used.get(row.payment_id) if row.payment_id and row.kind is EntryKind.INVOICE_PAID else None
        is_refund = row.kind is EntryKind.CHARGE_REFUND
        if card is None and not is_refund and not histories.is_sale(row):
            raise errors.NotFound("There is no such receipt.")
        paid, net, tax = registers.entry_sums(viewer=caller.viewer, transfer_id=row.transfer_id) if card else (0, -row.amount_minor, 0)
        owner = customers.customer(viewer=caller.viewer)
    card_minor, balance_minor = (paid, 0) if card else (0, -row.amount_minor)
    gross_minor = paid - tax if card else net
    return answers.shown(
        {
            **_amounts(caller.currency, balance_minor, card_minor, gross_minor, tax),
            "id": str(row_id),
            "date_time": lists.time(row.posted_at),
            **_card(card),
            **_billed(owner),
            "payment_method": "card" if card else "balance",
            "transaction_type": _transaction(row, is_card=card is not None),
        }
    )


@door.opened("GET", "HEAD")
@door.finance("payments", act=Act.SEE_FINANCES)
def payment_profile(caller: door.Caller) -> answers.Answer:
    """List the cards that the key's owner has paid with, last used first; none of them is kept so that it could be charged."""
    query = asked.read(caller.request.META.get("QUERY_STRING", ""))
    limit, offset = asked.page(query)
    with scope.of(caller.viewer):
        # a key that only reads sees its owner's cards too: what counts is the role
        used = payments.used_cards(viewer=replace(caller.viewer, acts=None))
        owner = customers.customer(viewer=caller.viewer)
    rows: list[lists.Row] = [_profile(card, owner, is_default=place == 0) for place, card in enumerate(used)]
    return lists.answer(caller, "profiles", rows[offset : offset + limit], _PROFILE_COLUMNS, (len(rows), limit, offset))


def _amounts(currency: str, balance_minor: int, card_minor: int, gross_minor: int, tax_minor: int) -> dict[str, object]:
    named = {"acct_amount": balance_minor, "cc_amount": card_minor, "gross_amount": gross_minor, "tax_amount": tax_minor}
    return {**{name: money.text(minor, currency) for name, minor in named.items()}, "currency": currency}


def _transaction(row: Register, *, is_card: bool) -> str:
    if is_card:
        return "deposit"
    return "purchase" if row.amount_minor < 0 else "refund"


def _card(card: cards.Card | None) -> dict[str, object]:
    if card is None:
        return {"cc_last4": "", "cc_exp_date": "", "cc_type": ""}
    month, year = _expiry(card.expiry)
    return {"cc_last4": card.last4, "cc_exp_date": f"{month:02}{year % 100:02}" if month else "", "cc_type": _type(card.brand)}


def _type(brand: str) -> str:
    return _TYPES.get(brand.strip().lower(), "other")


def _expiry(written: str) -> tuple[int, int]:
    """Read a card's month and year as the processor wrote them: 04/2029; zeros where it wrote neither."""
    month, _, year = written.partition("/")
    return (int(month), int(year)) if month.isdecimal() and year.isdecimal() else (0, 0)


def _lines(owner: _Owner) -> list[str]:
    return [line.strip() for line in owner.address.splitlines() if line.strip()]


def _billed(owner: _Owner) -> dict[str, object]:
    """Show whom a receipt is for. An address is kept as it was written: city, state and post code stand within it."""
    made: dict[str, object] = {
        "bill_name": owner.billing_name or owner.name,
        "bill_addr1": ", ".join(_lines(owner)),
        "bill_city": "",
        "bill_state": "",
        "bill_zip": "",
        "bill_country": owner.country,
        "bill_email": owner.billing_email,
        "billing_entity_id": owner.legal_entity_id,
    }
    return {**made, "vat_number": owner.vat_number} if owner.vat_number else made


def _profile(card: payments.UsedCard, owner: _Owner, *, is_default: bool) -> dict[str, object]:
    month, year = _expiry(card.expiry)
    kind = _type(card.brand)
    return {
        "id": zlib.crc32(f"{card.brand} {card.last4} {card.expiry}".encode()),
        "is_default": is_default,
        "status": "active",
        "credit_card": {
            "shortened_number": card.last4,
            "type": kind,
            "expiration_month": month,
            "expiration_year": year,
            "cardholder_name": "",
            "label": f"{card.brand} {card.last4}".strip(),
        },
        "billing_address": {"address": ", ".join(_lines(owner)), "city": "", "state": "", "zip": "", "country": owner.country},
        "billing_email": owner.billing_email,
    }
