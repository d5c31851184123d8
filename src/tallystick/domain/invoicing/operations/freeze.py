"""Freeze the facts of a document at its issue: parties, addresses, texts, rates and totals, as integrations.pdf.facts shapes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel import numbers

from tallystick.domain.customers import models as customers
from tallystick.domain.invoicing import models, rules
from tallystick.integrations.pdf import facts
from tallystick.lib import money


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Hold who issues to whom: the customer, its legal entity, the division's name and the bank account for its currency."""

    customer: customers.Customer
    legal_entity: customers.LegalEntity
    division_name: str
    bank: customers.BankAccount | None


def ground(*, customer_id: int, division_id: int) -> Ground:
    """Load who issues to whom, inside the running scope."""
    customer = customers.Customer.objects.get(id=customer_id)
    return Ground(
        customer=customer,
        legal_entity=customers.LegalEntity.objects.get(id=customer.legal_entity_id),
        division_name=customers.Division.objects.values_list("name", flat=True).get(customer_id=customer_id, id=division_id),
        bank=customers.BankAccount.objects.filter(legal_entity_id=customer.legal_entity_id, currency=customer.currency).order_by("id").first(),
    )


def amount(minor: int, currency: str, locale: str) -> str:
    """Write an amount for a document in its language: "1,400.00", minus as U+2212, without currency."""
    places = money.exponent(currency)
    pattern = "#,##0" + ("." + "0" * places if places else "")
    written = numbers.format_decimal(Decimal(money.text(abs(minor), currency)), format=pattern, locale=locale)
    return f"\u2212{written}" if minor < 0 else written


def rate(percent: Decimal) -> str:
    """Write a rate: "19 %", "8.875 %"."""
    return f"{percent.normalize():f} %"


def quantity(value: Decimal) -> str:
    """Write a quantity without idle decimals."""
    return f"{value.normalize():f}"


def buyer(place: Ground) -> facts.Party:
    """Name the customer as its master record does; a purchase order brings its own bill-to party instead."""
    row = place.customer
    lines = [*row.address.splitlines(), row.country, row.billing_name, f"Tax number {row.vat_number}" if row.vat_number else ""]
    return {"name": row.name, "lines": [line for line in lines if line]}


def seller(place: Ground) -> facts.Party:
    """Name the legal entity."""
    row = place.legal_entity
    lines = [*row.address.splitlines(), row.country, row.email, f"Tax number {row.tax_number}" if row.tax_number else ""]
    return {"name": row.name, "lines": [line for line in lines if line]}


def taxes(sums: Sequence[rules.RateSum], currency: str, locale: str) -> list[facts.Tax]:
    """Write the sums of each rate."""
    return [
        {
            "label": "Tax",
            "rate": rate(rules.percent(one.percent_millionths)),
            "base": amount(one.net_minor, currency, locale),
            "amount": amount(one.tax_minor, currency, locale),
        }
        for one in sums
    ]


def lines(drafts: Sequence[rules.Line], totals: rules.Totals, currency: str, locale: str) -> list[facts.Line]:
    """Write the lines; each shows its rate only where there is more than one."""
    several = len(totals.rates) > 1
    written: list[facts.Line] = []
    for line, net_minor in zip(drafts, totals.line_nets, strict=True):
        shown: facts.Line = {
            "description": f"{line.description} ({line.order_reference})" if line.order_reference else line.description,
            "quantity": quantity(line.quantity),
            "unit_price": amount(line.unit_price_minor, currency, locale),
            "amount": amount(net_minor, currency, locale),
        }
        if several:
            shown["tax_rate"] = rate(rules.percent(line.percent_millionths))
        written.append(shown)
    return written


def bank(place: Ground) -> list[facts.Named]:
    """Write the account to pay into."""
    account = place.bank
    if account is None:
        return []
    named = {"Account holder": account.holder, "Bank": account.bank_name, "Account": account.account, "BIC": account.bic}
    return [{"label": label, "value": value} for label, value in named.items() if value]


def credit_note(note: models.CreditNote, invoice: models.Invoice, sums: Sequence[rules.RateSum], issue_date: date) -> facts.CreditNote:
    """Freeze an approved credit note from its invoice's own frozen parties."""
    locale, currency = invoice.frozen["language"], invoice.currency
    shown = {side: amount(value, currency, locale) for side, value in [("open", note.against_open_minor), ("paid", note.against_paid_minor)]}
    settled = [f"{shown['open']} {currency} reduce what is open on {invoice.number}."] if note.against_open_minor else []
    settled += [f"{shown['paid']} {currency} are kept as unapplied credit."] if note.against_paid_minor else []
    return {
        "number": note.number,
        "issued_on": issue_date.isoformat(),
        "currency": currency,
        "brand": invoice.frozen["brand"],
        "seller": invoice.frozen["seller"],
        "buyer": invoice.frozen["buyer"],
        "language": locale,
        "invoice_number": invoice.number,
        "invoice_issued_on": invoice.issue_date.isoformat(),
        "division": invoice.frozen["division"],
        "reason": note.reason,
        "lines": [
            {
                "description": f"Credit on {invoice.number}, {rate(rules.percent(one.percent_millionths))} tax",
                "quantity": "1",
                "unit_price": amount(one.net_minor, currency, locale),
                "amount": amount(one.net_minor, currency, locale),
            }
            for one in sums
        ],
        "net": amount(note.net_minor, currency, locale),
        "taxes": taxes(sums, currency, locale),
        "gross": amount(note.gross_minor, currency, locale),
        "settled_by": " ".join(settled),
    }
