"""Shape a sheet: what every kind of document is laid out as, in the order in which `document.typ` draws it.

A sheet has words and values only; how it looks is the template's. The kinds lay themselves out in invoices.py, receipts.py and accounts.py.
"""

from collections.abc import Sequence
from datetime import date
from typing import NotRequired, TypedDict

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from stdnum import iban, iso11649

from tallystick.integrations.pdf import codes, epc, facts, words
from tallystick.integrations.pdf.words import Run


class Cell(TypedDict):
    """Show a value under its label in the strip of facts, or beside it among the bank details."""

    label: str
    value: str
    strong: bool


class Sum(TypedDict):
    """Add one row below the lines; `heavy` is the one that matters and gets the rule above it; `note` stands small below the label."""

    label: str
    amount: str
    heavy: bool
    note: str


class Column(TypedDict):
    """Head one column of the table; figures are set to its end."""

    label: str
    figure: bool


class Box(TypedDict):
    """Say below the sums what comes of it: sentences at the start, named values beside them, and a word on the code where there is one."""

    heading: str
    sentences: list[list[Run]]
    named: list[Cell]
    scan: str


class Side(TypedDict):
    """Print one party under its heading."""

    heading: str
    name: str
    lines: list[str]


class Further(TypedDict):
    """Add a second table below the sums, with a sum of its own; `empty` is said where it has no rows."""

    heading: str
    columns: list[Column]
    rows: list[list[str]]
    sum: Sum
    empty: str


class Sheet(TypedDict):
    """Hold all that the template draws. `lead` is what a letter says above its table; `page` has {page} and {pages} in it."""

    title: str
    number: str
    language: str
    region: str
    rightward: bool
    paper: str
    day: list[int]
    brand: str
    logo: NotRequired[str]
    parties: list[Side]
    strip: list[Cell]
    lead: list[list[Run]]
    columns: list[Column]
    rows: list[list[str]]
    caption: str
    sums: list[Sum]
    box: Box | None
    code: NotRequired[codes.Drawn | None]
    notes: list[str]
    footer: str
    page: str
    sealed: NotRequired[str]
    seal: NotRequired[codes.Drawn | None]
    further: NotRequired[Further]


_REGIONS = {"zh-hans": "CN", "zh-hant": "TW", "pt-br": "BR"}


def sheet(
    document: facts.Document,
    *,
    title: str,
    strip: Sequence[Cell],
    table: tuple[list[Column], list[list[str]]],
    sums: list[Sum],
    box: Box | None = None,
    lead: Sequence[list[Run]] = (),
) -> Sheet:
    """Lay out what all kinds but the statement share: title, seller and buyer, the strip of facts without empty ones, the foot."""
    issued = date.fromisoformat(document["issued_on"])
    told = spoken(document.get("language", words.ENGLISH))
    return Sheet(
        language=told["language"],
        region=told["region"],
        rightward=told["rightward"],
        title=title,
        number=document["number"],
        paper=document.get("paper", "a4"),
        day=[issued.year, issued.month, issued.day],
        brand=document["brand"],
        logo=document.get("logo", ""),
        parties=[
            _side(pgettext("who issues a document", "From"), document["seller"], document),
            _side(_("Bill to"), document["buyer"], document),
        ],
        strip=[one for one in strip if one["value"]],
        lead=list(lead),
        columns=table[0],
        rows=table[1],
        caption=title,
        sums=sums,
        box=box,
        notes=document.get("notes", []),
        footer=document.get("footer", document["seller"]["name"]),
        page=page(),
    )


class Spoken(TypedDict):
    """Say in which language a sheet is, for its shapes, its direction and who reads it aloud."""

    language: str
    region: str
    rightward: bool


def spoken(wanted: str) -> Spoken:
    """Tell the language whose words are drawn, and the country whose forms its letters take."""
    language = translation.get_language() or words.ENGLISH
    base = language.split("-")[0]
    country = words.locale(wanted).territory or ""
    return Spoken(language=base, region=_REGIONS.get(language, country), rightward=base in words.RIGHT_TO_LEFT)


def page() -> str:
    """Word the count of pages, which the template fills in."""
    return _("Page %(page)s of %(pages)s") % {"page": "{page}", "pages": "{pages}"}


def seal(made: Sheet, code: codes.Drawn | None) -> None:
    """Put the code of a signature at the foot of a sheet, with a sentence beside it."""
    made["seal"] = code
    if code is not None:
        made["sealed"] = _("Signed by the issuer. This code proves that number, amounts and bank account were not changed.")


def _side(heading: str, party: facts.Party, document: facts.Document) -> Side:
    language = document.get("language", words.ENGLISH)
    tax_number = party.get("tax_number", "")
    lines = [
        *party["lines"],
        words.country(party["country"], language) if party.get("country") else "",
        party.get("contact", ""),
        _("Tax number %(number)s") % {"number": tax_number} if tax_number else "",
    ]
    return Side(heading=heading, name=party["name"], lines=[line for line in lines if line])


def unbilled(made: Sheet) -> Sheet:
    """Head the customer's side of a sheet that bills nothing: whose payment, whose account it is."""
    made["parties"][1]["heading"] = pgettext("whose account is stated", "For")
    return made


def bank(details: facts.Bank | None, reference: str) -> list[Cell]:
    """Name an account and what to write on the transfer."""
    if not details:
        return []
    named = [
        cell(_("Account holder"), details["holder"]),
        cell(_("Bank"), details["bank_name"]),
        cell(pgettext("at a bank", "Account"), grouped(details["account"]), strong=True),
        cell("BIC" if epc.BIC.fullmatch(details["bic"].replace(" ", "").upper()) else _("Routing number"), details["bic"]),
        cell(_("Reference"), grouped(reference), strong=True),
    ]
    return [one for one in named if one["value"]]


def grouped(written: str) -> str:
    """Write an IBAN or a creditor reference in groups of four, as both standards print them; anything else as it is."""
    if iban.is_valid(written):
        return str(iban.format(written))
    return str(iso11649.format(written)) if iso11649.is_valid(written) else written


def code(details: facts.Bank | None, *, amount_minor: int, currency: str, reference: str) -> codes.Drawn | None:
    """Draw the code of a transfer where there is one: in euro, to an IBAN, of an amount above zero."""
    if not details:
        return None
    return codes.drawn(epc.code(epc.Transfer(details["holder"], details["account"], details["bic"], amount_minor, currency, reference)))


def scan(made: codes.Drawn | None) -> str:
    """Say what the code of a transfer is for; nothing where there is none."""
    return _("Scan with your banking app: it fills in these details.") if made else ""


def columns(labels: Sequence[str], figures: int) -> list[Column]:
    """Head columns of which the last so many are figures."""
    return [Column(label=label, figure=place >= len(labels) - figures) for place, label in enumerate(labels)]


def cell(label: str, value: str, *, strong: bool = False) -> Cell:
    """Make one named value."""
    return Cell(label=label, value=value, strong=strong)


def total(label: str, amount: str, *, heavy: bool = False, note: str = "") -> Sum:
    """Make one row below the lines."""
    return Sum(label=label, amount=amount, heavy=heavy, note=note)
