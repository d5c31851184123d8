"""Word a frozen invoice or credit note in the business terms of EN 16931 (BT-1 to BT-152).

Pure: from exact figures to texts. What the norm can not say (a third decimal, BR-DEC) is not rounded here: the check refuses it by its rule.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NotRequired, TypedDict

from stdnum.eu import vat

from tallystick.integrations.einvoicing.making import CUSTOMIZATION
from tallystick.lib import money

INVOICE, CREDIT_NOTE = "380", "381"
"""Document type codes (UNTDID 1001)."""
CREDIT_TRANSFER, SEPA_TRANSFER = "30", "58"
"""Payment means codes (UNTDID 4461)."""
PIECE = "C62"
"""The unit of a quantity without one (UN/ECE Recommendation 20)."""
EN_16931 = "urn:cen.eu:en16931:2017"
PEPPOL = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PEPPOL_PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
_MAIL_ADDRESS = "EM"
_SHOWN_NAME = 100


class Zero(TypedDict):
    """Say why nothing is taxed at 0 %: a category of UNCL 5305 (Z, E, AE, K, G or O) and its reason in words."""

    category: str
    reason: str


class Line(TypedDict):
    """Hold a line's exact figures: minor units, quantity and percent as decimal text."""

    description: str
    order_reference: str
    quantity: str
    unit_price_minor: int
    net_minor: int
    percent: str


class Rate(TypedDict):
    """Hold the sums of one rate in minor units."""

    percent: str
    net_minor: int
    tax_minor: int


class Exact(TypedDict):
    """Hold what a document says in figures, beside its words; `rounding_minor` is BT-114, `paid_minor` BT-113."""

    lines: list[Line]
    rates: list[Rate]
    net_minor: int
    tax_minor: int
    gross_minor: int
    paid_minor: int
    zero: Zero
    rounding_minor: NotRequired[int]


def terms(document: Mapping[str, Any], exact: Exact) -> dict[str, Any]:
    """Word a frozen document (facts.Invoice or facts.CreditNote) for both syntaxes. Raises KeyError for a fact that is missing."""
    currency, zero = document["currency"], exact["zero"]
    is_credit = "invoice_number" in document
    outside = all(_category(rate["percent"], zero) == "O" for rate in exact["rates"])

    def amount(minor: int) -> str:
        return _amount(minor, currency)

    due_minor = exact["gross_minor"] - exact["paid_minor"] + exact.get("rounding_minor", 0)
    worded: dict[str, Any] = {
        "BT-1": document["number"],
        "BT-2": document["issued_on"],
        "BT-3": CREDIT_NOTE if is_credit else INVOICE,
        "BT-5": currency,
        "BT-24": EN_16931,
        "BG-4": _party(document["seller"], outside=outside, seller=True),
        "BG-7": _party(document["buyer"], outside=outside, seller=False),
        "BT-106": amount(exact["net_minor"]),
        "BT-109": amount(exact["net_minor"]),
        "BT-110": amount(exact["tax_minor"]),
        "BT-112": amount(exact["gross_minor"]),
        "BT-115": amount(due_minor),
        "BG-23": [_rate(rate, zero, currency) for rate in exact["rates"]],
        "BG-25": [_line(position, line, zero, currency) for position, line in enumerate(exact["lines"], start=1)],
    }
    if exact["paid_minor"]:
        worded["BT-113"] = amount(exact["paid_minor"])
    if exact.get("rounding_minor"):
        worded["BT-114"] = amount(exact["rounding_minor"])
    worded |= _crediting(document) if is_credit else _asking(document)
    return worded


def peppol(worded: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """Say of a worded document that it follows Peppol BIS Billing 3, and at which addresses its parties are; only for one that is held against its rules."""
    parties = {term: {**worded[term], **_address(document[side])} for term, side in (("BG-4", "seller"), ("BG-7", "buyer"))}
    return {**worded, **parties, "BT-23": PEPPOL_PROCESS, CUSTOMIZATION: PEPPOL}


def _address(party: Mapping[str, Any]) -> dict[str, str]:
    contact = party["contact"]
    return {"einvoicing_addr": contact, "einvoicing_addr_schemeid": _MAIL_ADDRESS} if "@" in contact else {}


def _crediting(document: Mapping[str, Any]) -> dict[str, Any]:
    """Name the invoice that is credited, and say why; nothing is due on a credit note by a day, but the norm wants words for it (BR-CO-25)."""
    return {
        "BG-3": [{"BT-25": document["invoice_number"], "BT-26": document["invoice_issued_on"]}],
        "BG-1": [{"BT-22": document["reason"]}] if document["reason"] else [],
        "BT-20": f"Credited against invoice {document['invoice_number']}",
    }


def _asking(document: Mapping[str, Any]) -> dict[str, Any]:
    """Say by when and into which account an invoice is paid, and by which order (BT-13)."""
    worded: dict[str, Any] = {"BT-9": document["due_on"]}
    if document["terms_days"]:
        worded["BT-20"] = f"Net {document['terms_days']}"
    if document["purchase_order_number"]:
        worded["BT-13"] = document["purchase_order_number"]
    bank: Mapping[str, str] | None = document.get("bank")
    if bank:
        account = bank["account"].replace(" ", "")
        worded |= {
            "BT-81": SEPA_TRANSFER if document["currency"] == "EUR" else CREDIT_TRANSFER,
            "BT-83": document["reference"],
            "BT-84": account,
            "BT-85": bank["holder"],
        }
        if bank["bic"]:
            worded["BT-86"] = bank["bic"].replace(" ", "")
    return worded


def _party(party: Mapping[str, Any], *, outside: bool, seller: bool) -> dict[str, Any]:
    """Word a party. Its number is a VAT identifier where it is one, else a seller's registration (BR-CO-26); none where no tax applies (BR-O-02)."""
    lines: Sequence[str] = party["lines"]
    worded: dict[str, Any] = {"name": party["name"], "country_code": party["country"]}
    worded |= {f"addr_l{place}": line for place, line in enumerate([*lines[:2], ", ".join(lines[2:])], start=1) if line}
    number = party["tax_number"].strip()
    if number and vat.is_valid(number) and not outside:
        worded["vat_identifier"] = vat.compact(number)
    elif number and seller:
        worded["legal_identifier"] = number
        worded |= {} if outside else {"tax_identifier": number}
    if party["contact"]:
        worded["contacts"] = [{"email" if "@" in party["contact"] else "name": party["contact"]}]
    return worded


def _line(position: int, line: Line, zero: Zero, currency: str) -> dict[str, Any]:
    """Word a line; a name is short, and the whole description follows where it is longer."""
    description = line["description"].strip()
    name = description.splitlines()[0][:_SHOWN_NAME] if description else "-"
    worded: dict[str, Any] = {
        "BT-126": str(position),
        "BT-129": line["quantity"],
        "BT-130": PIECE,
        "BT-131": _amount(line["net_minor"], currency),
        "BT-146": _amount(line["unit_price_minor"], currency),
        "BT-151": _category(line["percent"], zero),
        "BT-153": name,
    }
    if worded["BT-151"] != "O":
        worded["BT-152"] = line["percent"]
    if description != name:
        worded["BT-154"] = description
    if line["order_reference"]:
        worded["BT-127-00"] = [{"BT-127": line["order_reference"]}]
    return worded


def _rate(rate: Rate, zero: Zero, currency: str) -> dict[str, Any]:
    category = _category(rate["percent"], zero)
    worded = {"BT-116": _amount(rate["net_minor"], currency), "BT-117": _amount(rate["tax_minor"], currency), "BT-118": category}
    if category != "O":
        worded["BT-119"] = rate["percent"]
    if category not in {"S", "Z"}:
        worded["BT-120"] = zero["reason"]
    return worded


def _category(percent: str, zero: Zero) -> str:
    return "S" if Decimal(percent) else zero["category"]


def _amount(minor: int, currency: str) -> str:
    """Write an amount as the norm does: a third decimal only where it says something, for two are the most it takes (BR-DEC)."""
    written = money.text(minor, currency)
    return written.removesuffix("0") if money.exponent(currency) > 2 else written  # noqa: PLR2004 - decimals of EN 16931
