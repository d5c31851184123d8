"""Freeze the facts of a document at its issue: parties, addresses, texts, rates and totals, as integrations.pdf.facts shapes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale, numbers

from tallystick.domain.invoicing import models, rules
from tallystick.integrations.pdf import facts
from tallystick.integrations.postgres import scope
from tallystick.lib import money

_GROUND = """
select c.currency, c.locale, d.name, c.name, c.address, c.country, c.billing_name, c.vat_number,
       e.id, e.name, e.address, e.country, e.email, e.tax_number, coalesce(b.holder, ''), coalesce(b.bank_name, ''), coalesce(b.account, ''), coalesce(b.bic, ''), e.time_zone
  from customers_customer c
  join customers_legalentity e on e.id = c.legal_entity_id
  join customers_division d on d.customer_id = c.id and d.id = %s
  left join lateral (select * from customers_bankaccount a where a.legal_entity_id = e.id and a.currency = c.currency order by a.id limit 1) b on true
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
        """Write it as it is printed."""
        lines = [*self.address.splitlines(), self.country, self.contact, f"Tax number {self.tax_number}" if self.tax_number else ""]
        return {"name": self.name, "lines": [line for line in lines if line]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Hold who issues to whom, in which currency and language, and the bank account for that currency."""

    currency: str
    locale: str
    division_name: str
    buyer: Side
    legal_entity_id: int
    seller: Side
    bank: tuple[facts.Named, ...]
    zone: str

    def today(self, now: datetime) -> date:
        """Tell the day in the legal entity's zone."""
        return now.astimezone(ZoneInfo(self.zone)).date()


def ground(*, customer_id: int, division_id: int) -> Ground:
    """Load who issues to whom, inside the running scope, in one question: it is asked for every invoice."""
    with scope.cursor() as cursor:
        cursor.execute(_GROUND, [division_id, customer_id])
        row = cursor.fetchone()
    assert row is not None, "an invoice is for a division of its customer"
    named = zip(("Account holder", "Bank", "Account", "BIC"), row[14:18], strict=True)
    return Ground(
        currency=row[0],
        locale=row[1],
        division_name=row[2],
        buyer=Side(*row[3:8]),
        legal_entity_id=row[8],
        seller=Side(*row[9:14]),
        bank=tuple({"label": label, "value": value} for label, value in named if value),
        zone=row[18],
    )


def amount(minor: int, currency: str, locale: str) -> str:
    """Write an amount for a document in its language: "1,400.00", minus as U+2212, without currency."""
    places = money.exponent(currency)
    pattern, spoken = numbers.parse_pattern("#,##0" + ("." + "0" * places if places else "")), Locale.parse(locale)
    written = pattern.apply(Decimal(money.text(abs(minor), currency)), spoken)
    return f"\u2212{written}" if minor < 0 else written


def rate(percent: Decimal) -> str:
    """Write a rate: "19 %", "8.875 %"."""
    return f"{percent.normalize():f} %"


def quantity(value: Decimal) -> str:
    """Write a quantity without idle decimals."""
    return f"{value.normalize():f}"


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
