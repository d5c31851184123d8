"""Lay out the table of documents that script/documents makes: each tax case, rounding trap, currency, script and kind."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from integrations import papers
from tallystick.domain.invoicing import rules
from tallystick.integrations.pdf import facts

GERMAN = "german"
AMERICAN = "american"
WITHOUT_NUMBER = "without number"
_FEW_LINES = 10
LONG = "Certificate for a host with a long name and all that the order says of it: " + "renewal, validation, installation; " * 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Describe a document: who sells what to whom, how its nothing-rate is called, and what is credited of it.

    `lines` are quantity, unit price in minor units, percent. `credited_minor` makes its credit note the document. `paid_minor` and
    `rounding_minor` are what was paid before the document (BT-113) and what it is rounded by (BT-114), which no invoice of the books has but a deposit's.
    """

    name: str
    lines: tuple[tuple[str, int, str], ...] = (("1", 10_000, "19"),)
    seller: str = GERMAN
    currency: str = "EUR"
    category: str = ""
    reason: str = ""
    description: str = "TLS certificate"
    order_reference: str = ""
    order_number: str = "PO-4711"
    original_number: str = ""
    terms_days: int = 30
    kind: rules.Kind = rules.Kind.FUNDING
    is_deposit: bool = False
    buyer: facts.Party = field(default_factory=lambda: _buyer("Northwind Labs B.V."))
    credited_minor: int = 0
    recorded_minor: int = 0
    paid_minor: int = 0
    rounding_minor: int = 0

    def drafted(self) -> tuple[rules.Line, ...]:
        """Draft its lines."""
        many = len(self.lines) > _FEW_LINES  # each is another then: a checker takes what stands alike on page after page for a running head
        return tuple(
            rules.Line(
                description=f"{self.description} {papers.host(place)}" if many else self.description,
                quantity=Decimal(quantity),
                unit_price_minor=unit_minor,
                percent_millionths=rules.millionths(Decimal(percent)),
                order_reference=self.order_reference,
            )
            for place, (quantity, unit_minor, percent) in enumerate(self.lines, start=1)
        )


def _buyer(name: str, *lines: str, country: str = "NL", tax_number: str = "NL004495445B01", contact: str = "Dana Whitfield") -> facts.Party:
    return {
        "name": name,
        "lines": [*(lines or ("Elzenstraat 2140", "1017 AB Amsterdam"))],
        "country": country,
        "tax_number": tax_number,
        "contact": contact,
    }


_ABROAD = _buyer("Fjelltopp Trading Inc.", "12 Pine Street", "Portland, OR 97201", country="US", tax_number="")
_AT_HOME = _buyer("Nordlicht Handels GmbH", "Hafenweg 9", "20457 Hamburg", country="DE", tax_number="DE136695976")
_NOTHING = (("1", 10_000, "0"),)
_ONE_OF_EACH = (("1", 10_000, "19"), ("2", 5_000, "7"), ("1", 2_500, "0"))
_SCRIPTS = {
    "greek": "Ωμέγα Φωτεινή",
    "cyrillic": "Ромашка и Партнёры",
    "chinese": "上海发票有限公司",
    "japanese": "株式会社さくら商事",
    "korean": "주식회사 한빛전자",
    "arabic": "شركة النور للتجارة",
    "hebrew": "חברת אור בע״מ",
    "accents": "Žluťoučký kůň, Łódź & Şişli Ltd. <Ærø>",
    "no font": "हिन्दी व्यापार 👩‍💻",
}


def taxes() -> Iterator[Case]:
    """Give each category of tax, alone and beside others."""
    yield Case(name="standard 19 %")
    yield Case(name="standard 7 %", lines=(("3", 3_333, "7"),))
    yield Case(name="two standard rates", lines=(("1", 10_000, "19"), ("2", 5_000, "7")))
    yield Case(name="three standard rates", lines=(("1", 10_001, "19"), ("2", 5_003, "7"), ("3", 777, "5.5")))
    yield Case(name="sales tax of four decimals", seller=AMERICAN, currency="USD", lines=(("1", 12_345, "8.8750"),), buyer=_ABROAD)
    yield Case(name="sales tax of six decimals", seller=AMERICAN, currency="USD", lines=(("7", 1_999, "6.123456"),), buyer=_ABROAD)
    yield Case(name="zero rated", category="Z", lines=_NOTHING)
    yield Case(name="exempt", category="E", reason="Exempt by section 4 no. 8 UStG", lines=_NOTHING, buyer=_AT_HOME)
    yield Case(name="reverse charge", category="AE", lines=_NOTHING)
    yield Case(name="export", category="G", lines=_NOTHING, buyer=_ABROAD)
    yield Case(name="not subject to tax", category="O", lines=_NOTHING)
    yield Case(name="not subject to tax, seller without a number", seller=WITHOUT_NUMBER, currency="USD", lines=_NOTHING, buyer=_ABROAD)
    yield Case(name="standard and zero rated", category="Z", lines=_ONE_OF_EACH)
    yield Case(name="standard and exempt", category="E", reason="Exempt by section 4 no. 11 UStG", lines=_ONE_OF_EACH, buyer=_AT_HOME)
    yield Case(name="standard and reverse charge", category="AE", lines=_ONE_OF_EACH)
    yield Case(name="buyer without a number", buyer=_buyer("Jo Smit", tax_number=""))
    yield Case(name="own words for reverse charge", category="AE", reason="Steuerschuldnerschaft des Leistungsempfängers", lines=_NOTHING)


def roundings() -> Iterator[Case]:
    """Give what is rounded differently by whoever rounds elsewhere."""
    yield Case(name="a cent", lines=(("1", 1, "0"),), category="Z")
    yield Case(name="a cent with tax of nothing", lines=(("1", 1, "19"),))
    yield Case(name="tax of exactly half a cent", lines=(("1", 50, "19"), ("1", 50, "7")))
    yield Case(name="a hundred lines of a cent", lines=(("1", 1, "19"),) * 100)
    yield Case(name="a third of a piece", lines=(("0.333333", 10_000, "19"),))
    yield Case(name="half a cent of quantity", lines=(("0.5", 1, "19"), ("1.5", 3, "19")))
    yield Case(name="many pieces of little", lines=(("123456.789", 1, "19"),))
    yield Case(name="thirds that do not add up", lines=(("1", 3_333, "19"), ("1", 3_333, "19"), ("1", 3_334, "19")))
    yield Case(name="nearly a hundred million", lines=(("1", 9_999_999_999, "19"),))
    yield Case(name="a rate of a millionth", seller=AMERICAN, currency="USD", lines=(("1", 123_456_789, "0.000001"),), buyer=_ABROAD)
    yield Case(name="rounded to five cents up", rounding_minor=2, lines=(("1", 1_007, "7"),))
    yield Case(name="rounded to five cents down", rounding_minor=-2, lines=(("1", 1_002, "7"),))


def currencies() -> Iterator[Case]:
    """Give currencies of no, two and three decimals."""
    for code in ("JPY", "KRW", "CLP", "ISK"):
        yield Case(name=f"{code}, no decimals", seller=AMERICAN, currency=code, lines=(("3", 12_345, "10"), ("1", 1, "10")), buyer=_ABROAD)
    for code in ("USD", "GBP", "CHF", "PLN"):
        yield Case(name=f"{code}, two decimals", currency=code, lines=(("3", 12_345, "19"),))
    for code in ("KWD", "BHD", "TND"):
        yield Case(name=f"{code}, three decimals", seller=AMERICAN, currency=code, lines=(("3", 12_300, "10"),), buyer=_ABROAD)


def texts() -> Iterator[Case]:
    """Give names of every script, and long and hostile texts."""
    for script, name in _SCRIPTS.items():
        yield Case(name=f"in {script}", buyer=_buyer(name, name, "1"), description=f"{name}: TLS", order_reference=name)
    yield Case(name="a long description", description=LONG)
    yield Case(name="many lines of text", description="First\nsecond\n\nfourth  with   blanks\t.")
    yield Case(name="a long name", buyer=_buyer("Gesellschaft für " + "sehr " * 60 + "lange Namen mbH"))
    yield Case(name="marks of other languages", description='<script>alert("x")</script> #import "x" $y$ \\ & ]]> %s {0}', order_number="<&>\"'")
    yield Case(name="an address of many lines", buyer=_buyer("Long House", *(f"Line {place}" for place in range(9))))
    yield Case(name="a mail address as contact", buyer=_buyer("Northwind", contact="ap@northwind.example"))
    yield Case(name="no contact, no order", buyer=_buyer("Northwind", contact=""), order_number="")
    yield Case(name="an original number", original_number="D-10077")
    yield Case(name="due at once", terms_days=0)
    yield Case(name="500 lines", lines=tuple(("1", 100 + place, "19") for place in range(500)))


def settled() -> Iterator[Case]:
    """Give what is paid, part-paid, owed and credited."""
    yield Case(name="a deposit, paid in full", is_deposit=True)
    yield Case(name="a deposit at a rate of nothing", is_deposit=True, category="AE", lines=_NOTHING)
    yield Case(name="part-paid before it", paid_minor=5_000)
    yield Case(name="part-paid and rounded", paid_minor=5_001, rounding_minor=1)
    yield Case(name="part-paid after it", recorded_minor=5_950)
    yield Case(name="an amount owed", kind=rules.Kind.AMOUNT_OWED)
    yield Case(name="a correction", kind=rules.Kind.CORRECTION, lines=_NOTHING)
    credited = Case(name="", credited_minor=1_190)
    yield replace(credited, name="a credit note")
    yield replace(credited, name="a credit note of the whole", credited_minor=11_900)
    yield replace(credited, name="a credit note of a cent", credited_minor=1)
    yield replace(credited, name="a credit note on what is paid", recorded_minor=11_900)
    yield replace(credited, name="a credit note across open and paid", recorded_minor=11_000, credited_minor=5_000)
    yield replace(credited, name="a credit note of two rates", lines=(("1", 10_001, "19"), ("2", 5_003, "7")), credited_minor=3_333)
    yield replace(credited, name="a credit note of reverse charge", category="AE", lines=_NOTHING)
    yield replace(credited, name="a credit note not subject to tax", category="O", lines=_NOTHING)
    yield replace(credited, name="a credit note in yen", seller=AMERICAN, currency="JPY", lines=(("3", 12_345, "10"),), buyer=_ABROAD)
    yield replace(credited, name="a credit note on an amount owed", kind=rules.Kind.AMOUNT_OWED)


CASES: tuple[Case, ...] = (*taxes(), *roundings(), *currencies(), *texts(), *settled())
FEW = ("standard 19 %", "reverse charge", "not subject to tax", "JPY, no decimals", "part-paid and rounded", "a credit note of two rates")
"""What every run of the tests makes: one of each family; the nightly run makes all."""
