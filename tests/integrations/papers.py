"""Give one document of each kind as facts, and what differs between languages and scripts: what the tests of documents draw."""

import copy
from typing import Any

from tallystick.integrations.pdf import facts

SELLER: facts.Party = {
    "name": "Lanternfield GmbH",
    "lines": ["Hafenweg 88", "20457 Hamburg"],
    "country": "DE",
    "contact": "billing@lanternfield.example",
    "tax_number": "DE811907980",
}
BUYER: facts.Party = {
    "name": "Northwind Labs B.V.",
    "lines": ["Elzenstraat 2140", "1017 AB Amsterdam"],
    "country": "NL",
    "contact": "Dana Whitfield, Accounts payable",
    "tax_number": "NL003215987B02",
}
BANK: facts.Bank = {"holder": "Lanternfield GmbH", "bank_name": "Elbe Sparbank", "account": "DE89370400440532013000", "bic": "COBADEFFXXX"}
LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 87 34"><rect x="0" y="5" width="24" height="24" rx="6" fill="#1f6f5c"/>'
    '<path d="M7 23V11h3v9h7v3z" fill="#fff"/><path d="M34 11h3v9h8v3H34zM50 23l5-12h3l5 12h-3l-1-3h-5l-1 3zM68 23V11h3l6 7v-7h3v12h-3l-6-7v7z"/></svg>'
)
INVOICE: facts.Invoice = {
    "number": "INV-2026-01184",
    "kind": "funding",
    "issued_on": "2026-11-20",
    "due_on": "2026-12-20",
    "currency": "EUR",
    "brand": "Lanternfield",
    "seller": SELLER,
    "buyer": BUYER,
    "division": "Research",
    "purchase_order_number": "NWL-4502",
    "original_number": "",
    "terms_days": 30,
    "lines": [
        {"description": "TLS certificate, organization validated, 1 year", "quantity": "4", "unit_price": "185.00", "amount": "740.00"},
        {"description": "Wildcard TLS certificate, 1 year", "quantity": "1", "unit_price": "260.00", "amount": "260.00"},
    ],
    "net": "1,000.00",
    "taxes": [{"rate": "19\u00a0%", "base": "1,000.00", "amount": "190.00"}],
    "gross": "1,190.00",
    "to_pay": "1,190.00",
    "to_pay_minor": 119_000,
    "adds_to_funds": "1,000.00",
    "bank": BANK,
    "reference": "RF48INV202601184",
}
CREDIT_NOTE: facts.CreditNote = {
    "number": "CN-2026-00007",
    "issued_on": "2026-12-01",
    "currency": "EUR",
    "brand": "Lanternfield",
    "seller": SELLER,
    "buyer": BUYER,
    "invoice_number": "INV-2026-01184",
    "invoice_issued_on": "2026-11-20",
    "division": "Research",
    "reason": "The order was reduced.",
    "net": "500.00",
    "taxes": [{"rate": "19\u00a0%", "base": "500.00", "amount": "95.00"}],
    "gross": "595.00",
    "against_open": "400.00",
    "against_paid": "195.00",
}
RECEIPT: facts.Receipt = {
    "number": "RF18539007547034",
    "issued_on": "2026-12-01",
    "currency": "EUR",
    "brand": "Lanternfield",
    "seller": SELLER,
    "buyer": BUYER,
    "division": "Research",
    "method": "card",
    "card": {"brand": "Visa", "last4": "4242", "expiry": "12/2030"},
    "payments": [
        {"invoice_number": "INV-2026-01184", "amount": "1,190.00", "still_open": "0.00"},
        {"invoice_number": "INV-2026-01201", "amount": "300.00", "still_open": "890.00"},
    ],
    "received": "1,510.00",
    "unapplied": "20.00",
    "added_to_funds": "1,252.10",
    "reference": "RF18539007547034",
}
SLIP: facts.PaymentSlip = {
    "number": "RF18539007547034",
    "issued_on": "2026-11-27",
    "currency": "EUR",
    "brand": "Lanternfield",
    "seller": SELLER,
    "buyer": BUYER,
    "division": "Research",
    "amount": "1,490.00",
    "amount_minor": 149_000,
    "bank": BANK,
    "reference": "RF18539007547034",
    "payments": [{"invoice_number": "INV-2026-01184", "amount": "1,190.00"}, {"invoice_number": "INV-2026-01201", "amount": "300.00"}],
}
REMINDER: facts.Reminder = {
    "number": "",
    "issued_on": "2027-01-08",
    "currency": "EUR",
    "brand": "Lanternfield",
    "seller": SELLER,
    "buyer": BUYER,
    "division": "Research",
    "level": 1,
    "invoices": [
        {"number": "INV-2026-01184", "issued_on": "2026-11-20", "due_on": "2026-12-20", "days": 19, "open": "1,190.00"},
        {"number": "INV-2026-01201", "issued_on": "2026-12-07", "due_on": "2027-01-06", "days": 2, "open": "890.00"},
    ],
    "total": "2,080.00",
    "unapplied": "\u2212195.00",
    "owed": "1,885.00",
    "owed_minor": 188_500,
    "pay_by": "2027-01-18",
    "bank": BANK,
    "reference": "INV-2026-01184",
}
STATEMENT: facts.Statement = {
    "title": "Statement of account",
    "number": "1 Nov 2026 to 30 Nov 2026",
    "issued_on": "2026-11-30",
    "language": "en",
    "brand": "Lanternfield GmbH",
    "parties": [
        {"heading": "From", "name": "Lanternfield GmbH", "lines": ["Hafenweg 88", "20457 Hamburg"]},
        {"heading": "For", "name": "Northwind Labs B.V.", "lines": ["Elzenstraat 2140", "1017 AB Amsterdam"]},
    ],
    "strip": [
        {"label": "Division", "value": "Research"},
        {"label": "Period", "value": "1 Nov 2026 to 30 Nov 2026"},
        {"label": "Currency", "value": "EUR"},
    ],
    "columns": ["Date", "What", "Amount", "Balance"],
    "rows": [
        ["1 Nov 2026", "Balance at the start", "", "200.00"],
        ["12 Nov 2026", "Payment, INV-2026-01150, Bank transfer", "1,000.00", "1,200.00"],
        ["23 Nov 2026", "Purchase, wildcard certificate for research.northwind.example", "\u2212260.00", "940.00"],
    ],
    "sums": [
        {"label": "Balance at the start", "value": "200.00"},
        {"label": "Came in", "value": "1,000.00"},
        {"label": "Went out", "value": "\u2212260.00"},
        {"label": "Balance at the end of 30 Nov 2026, EUR", "value": "940.00"},
    ],
    "unpaid_heading": "Unpaid invoices at the end of 30 Nov 2026",
    "unpaid_columns": ["Invoice", "Issued", "Due", "Open"],
    "unpaid": [["INV-2026-01184", "20 Nov 2026", "20 Dec 2026", "1,190.00"]],
    "unpaid_sum": {"label": "Unpaid, EUR", "value": "1,190.00"},
    "none_unpaid": "Every invoice was paid.",
}
KINDS: dict[str, Any] = {
    "invoice": INVOICE,
    "credit_note": CREDIT_NOTE,
    "receipt": RECEIPT,
    "payment_slip": SLIP,
    "statement": STATEMENT,
    "reminder": REMINDER,
}
LANGUAGES = ("en", "de", "fr", "es", "it", "pt-br", "ja", "ko", "zh-hans", "zh-hant", "nl", "ar")


def changed(kind: str, **changes: object) -> Any:
    """Give a document of a kind with some facts of its own."""
    return {**copy.deepcopy(KINDS[kind]), **changes}


def billed_to(name: str) -> Any:
    """Give the invoice with another buyer."""
    return changed("invoice", buyer={"name": name, "lines": [name]})


def host(place: int) -> str:
    """Name a host by three letters: rows that differ in digits only look like a running head to who reads aloud."""
    return "".join(chr(ord("a") + place // 26**power % 26) for power in (2, 1, 0))


def many_lines(count: int) -> Any:
    """Give the invoice with so many lines."""
    lines: list[facts.Line] = [
        {"description": f"Domain certificate for {host(place)}.northwind.example, 1 year", "quantity": "1", "unit_price": "2.00", "amount": "2.00"}
        for place in range(count)
    ]
    return changed("invoice", lines=lines)


# ruff: noqa: RUF001 - letters of other scripts are what is tested
ARABIC = {
    "language": "ar",
    "seller": {"name": "شركة الفنار للتقنية", "lines": ["شارع الميناء 88", "دبي"], "country": "AE", "contact": "billing@lanternfield.example", "tax_number": "100234567800003"},
    "buyer": {"name": "Northwind Labs, Inc.", "lines": ["2140 Alder Street, Suite 300", "Portland, OR 97205"], "country": "US", "contact": "دانا وايتفيلد"},
    "brand": "الفنار",
    "division": "البحوث والتطوير",
    "lines": [
        {"description": "شهادة TLS للمؤسسات، سنة واحدة", "quantity": "4", "unit_price": "185.00", "amount": "740.00"},
        {"description": "Wildcard TLS certificate, 1 year.", "quantity": "1", "unit_price": "260.00", "amount": "260.00"},
    ],
}  # fmt: skip
JAPANESE = {
    "language": "ja",
    "seller": {"name": "ランタンフィールド株式会社", "lines": ["〒231-0002", "神奈川県横浜市中区海岸通り八丁目"], "country": "JP", "tax_number": "T1234567890123"},
    "buyer": {"name": "北風研究所株式会社", "lines": ["〒100-0005", "東京都千代田区丸の内二丁目"], "country": "JP", "contact": "経理部　山田 直子"},
    "brand": "ランタンフィールド",
    "division": "研究開発部",
    "currency": "JPY",
    "lines": [
        {"description": "TLS証明書（企業認証、1年）", "quantity": "4", "unit_price": "18,500", "amount": "74,000"},
        {"description": "ワイルドカード証明書（1年）", "quantity": "1", "unit_price": "26,000", "amount": "26,000"},
    ],
    "net": "100,000",
    "taxes": [{"rate": "10\u00a0%", "base": "100,000", "amount": "10,000"}],
    "gross": "110,000",
    "to_pay": "110,000",
    "to_pay_minor": 110_000,
    "adds_to_funds": "100,000",
    "reference": "INV-2026-01184",
}  # fmt: skip
