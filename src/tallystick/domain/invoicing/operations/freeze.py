"""Freeze the facts of a document at its issue: parties, addresses, texts, rates and totals, as integrations.pdf.facts shapes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import numbers

from tallystick.domain.customers.tax_categories import REASONS, TaxCategory
from tallystick.domain.invoicing import models, rules
from tallystick.domain.invoicing.operations import exact
from tallystick.integrations.einvoicing.terms import Zero
from tallystick.integrations.pdf import facts, words
from tallystick.integrations.postgres import scope
from tallystick.lib import money

_GROUND = """
select c.currency, c.locale, d.name, c.name, c.address, c.country, c.billing_name, c.vat_number,
       e.id, e.name, e.address, e.country, e.email, e.tax_number, coalesce(b.holder, ''), coalesce(b.bank_name, ''), coalesce(b.account, ''), coalesce(b.bic, ''), e.time_zone,
       e.logo_sha256, coalesce(t.category, 'O'), coalesce(t.reason, '')
  from customers_customer c
  join customers_legalentity e on e.id = c.legal_entity_id
  left join customers_taxrate t on t.id = c.tax_rate_id and t.percent = 0
  join customers_division d on d.customer_id = c.id and d.id = %s
  left join lateral (select * from customers_bankaccount a where a.legal_entity_id = e.id and a.currency = c.currency order by a.id desc limit 1) b on true
 where c.id = %s
"""


@dataclass(frozen=True, slots=True)
class Side:
    """Name one party as its master record does; `contact` is a person or a mail address."""

    name: str
    address: str
    country: str
    contact: str
    tax_number: str

    def party(self) -> facts.Party:
        """Write it as documents take it: lines as they are, country and tax number as what they are, for the document's language to word."""
        lines = [line for line in self.address.splitlines() if line]
        return {"name": self.name, "lines": lines, "country": self.country, "contact": self.contact, "tax_number": self.tax_number}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Hold who issues to whom, in which currency and language, the bank account for that currency, the seller's logo, and why 0 % is 0 %."""

    currency: str
    locale: str
    division_name: str
    buyer: Side
    legal_entity_id: int
    seller: Side
    bank: facts.Bank | None
    zone: str
    logo_sha256: str
    zero: Zero

    def today(self, now: datetime) -> date:
        """Tell the day in the legal entity's zone."""
        return now.astimezone(ZoneInfo(self.zone)).date()


def ground(*, customer_id: int, division_id: int) -> Ground:
    """Load who issues to whom, inside the running scope, in one question: it is asked for every invoice."""
    with scope.cursor() as cursor:
        cursor.execute(_GROUND, [division_id, customer_id])
        row = cursor.fetchone()
    assert row is not None, "an invoice is for a division of its customer"
    return Ground(
        currency=row[0],
        locale=row[1],
        division_name=row[2],
        buyer=Side(*row[3:8]),
        legal_entity_id=row[8],
        seller=Side(*row[9:14]),
        bank={"holder": row[14], "bank_name": row[15], "account": row[16], "bic": row[17]} if row[16] else None,
        zone=row[18],
        logo_sha256=row[19],
        zero={"category": row[20], "reason": row[21] or REASONS[TaxCategory(row[20])]},
    )


def amount(minor: int, currency: str, locale: str) -> str:
    """Write an amount for a document in its language: "1,400.00", minus as U+2212, without currency."""
    places = money.exponent(currency)
    pattern = numbers.parse_pattern("#,##0" + ("." + "0" * places if places else ""))
    written = pattern.apply(Decimal(money.text(abs(minor), currency)), words.locale(locale))
    return f"\u2212{written}" if minor < 0 else written


def rate(percent: Decimal, locale: str) -> str:
    """Write a rate in the document's language: "19 %", "8.875 %" or "8,875 %"."""
    return f"{quantity(percent, locale)}\u00a0%"


def quantity(value: Decimal, locale: str) -> str:
    """Write a quantity without idle decimals."""
    return f"{value.normalize():f}".replace(".", numbers.get_decimal_symbol(words.locale(locale)))


def taxes(sums: Sequence[rules.RateSum], currency: str, locale: str, *, zero: Zero) -> list[facts.Tax]:
    """Write the sums of each rate, and with 0 % why it is so: whoever owes the tax in the seller's place must read that on the document."""
    written: list[facts.Tax] = []
    for one in sums:
        shown: facts.Tax = {
            "rate": rate(rules.percent(one.percent_millionths), locale),
            "base": amount(one.net_minor, currency, locale),
            "amount": amount(one.tax_minor, currency, locale),
        }
        if not one.percent_millionths and zero["reason"] != REASONS[TaxCategory.OUTSIDE]:
            shown["note"] = zero["reason"]
        written.append(shown)
    return written


def lines(drafts: Sequence[rules.Line], totals: rules.Totals, currency: str, locale: str) -> list[facts.Line]:
    """Write the lines; each shows its rate only where there is more than one."""
    several = len(totals.rates) > 1
    written: list[facts.Line] = []
    for line, net_minor in zip(drafts, totals.line_nets, strict=True):
        shown: facts.Line = {
            "description": f"{line.description} ({line.order_reference})" if line.order_reference else line.description,
            "quantity": quantity(line.quantity, locale),
            "unit_price": amount(line.unit_price_minor, currency, locale),
            "amount": amount(net_minor, currency, locale),
        }
        if several:
            shown["tax_rate"] = rate(rules.percent(line.percent_millionths), locale)
        written.append(shown)
    return written


def credit_note(note: models.CreditNote, invoice: models.Invoice, sums: Sequence[rules.RateSum], issue_date: date) -> facts.CreditNote:
    """Freeze an approved credit note from its invoice's own frozen parties."""
    locale, currency = invoice.frozen["language"], invoice.currency

    def shown(minor: int) -> str:
        return amount(minor, currency, locale)

    return {
        "number": note.number,
        "issued_on": issue_date.isoformat(),
        "currency": currency,
        "brand": invoice.frozen["brand"],
        "logo": invoice.frozen.get("logo", ""),
        "seller": invoice.frozen["seller"],
        "buyer": invoice.frozen["buyer"],
        "language": locale,
        "invoice_number": invoice.number,
        "invoice_issued_on": invoice.issue_date.isoformat(),
        "division": invoice.frozen["division"],
        "reason": note.reason,
        "net": shown(note.net_minor),
        "taxes": taxes(sums, currency, locale, zero=invoice.frozen["exact"]["zero"]),
        "gross": shown(note.gross_minor),
        "against_open": shown(note.against_open_minor) if note.against_open_minor else "",
        "against_paid": shown(note.against_paid_minor) if note.against_paid_minor else "",
        "exact": exact.of_credit_note(note, sums, zero=invoice.frozen["exact"]["zero"]),
    }
