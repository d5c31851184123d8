"""Lay the facts of a document out as one sheet: words and order; `document.typ` knows only how a sheet looks.

Words are English for now; days follow the document's language. Every other language is one more table of words here.
"""

from collections.abc import Sequence
from datetime import date
from typing import Literal, NotRequired, TypedDict

from babel import dates

from tallystick.integrations.pdf import facts

_TRANSLATED = {"en"}


class Run(TypedDict):
    """Set a piece of a sentence, strong or not."""

    text: str
    strong: bool


class Cell(TypedDict):
    """Show a value under its label in the strip of facts."""

    label: str
    value: str
    strong: bool


class Sum(TypedDict):
    """Add one row below the lines; `heavy` is the one that matters and gets the rule above it."""

    label: str
    amount: str
    heavy: bool


class Column(TypedDict):
    """Head one column of the table; figures are set to its end."""

    label: str
    figure: bool


class Box(TypedDict):
    """Say below the sums what comes of it: sentences at the start, named values at the end."""

    heading: str
    sentences: list[list[Run]]
    named: list[Cell]


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
    """Hold all that the template draws, in its order."""

    title: str
    number: str
    language: str
    paper: str
    day: list[int]
    brand: str
    parties: list[Side]
    strip: list[Cell]
    columns: list[Column]
    rows: list[list[str]]
    sums: list[Sum]
    box: Box | None
    notes: list[str]
    footer: str
    further: NotRequired[Further]


def invoice(document: facts.Invoice) -> Sheet:
    """Lay out an invoice: to pay by when, what it is for, what paying does and how."""
    strip = [
        _cell("Purchase order", document["purchase_order_number"]),
        _cell("Division", document["division"]),
        _cell("Issued", _day(document, document["issued_on"])),
        _cell("Terms", document["terms"]),
        _cell("Due", _day(document, document["due_on"]), strong=True),
    ]
    sums = _net_and_taxes(document["net"], document["taxes"])
    paid = document.get("paid", "")
    if paid:
        sums += [_sum("Total", document["gross"]), _sum("Paid", paid)]
    by = f" by {_day(document, document['due_on'], form='long')}" if document["due_on"] and not paid else ""
    sums.append(_sum(f"To pay{by}, {document['currency']}", document["to_pay"], heavy=True))
    return _sheet(
        document, title=f"Invoice {document['number']}", strip=strip, table=_lines(document, document["lines"]), sums=sums, box=_paying(document)
    )


def credit_note(document: facts.CreditNote) -> Sheet:
    """Lay out a credit note: which invoice it takes back, why, and where the amount went."""
    strip = [
        _cell("Invoice", document["invoice_number"], strong=True),
        _cell("Of", _day(document, document["invoice_issued_on"])),
        _cell("Division", document["division"]),
        _cell("Issued", _day(document, document["issued_on"])),
    ]
    sums = [*_net_and_taxes(document["net"], document["taxes"]), _sum(f"Credited, {document['currency']}", document["gross"], heavy=True)]
    sentences = [[_run(sentence)] for sentence in (document["reason"], document.get("settled_by", "")) if sentence]
    box = Box(heading="What this credit note does", sentences=sentences, named=[]) if sentences else None
    return _sheet(document, title=f"Credit note {document['number']}", strip=strip, table=_lines(document, document["lines"]), sums=sums, box=box)


def receipt(document: facts.Receipt) -> Sheet:
    """Lay out a receipt: what was received, how, and which invoices it went to."""
    currency = document["currency"]
    strip = [
        _cell("Received", _day(document, document["issued_on"]), strong=True),
        _cell("Method", document["method"]),
        _cell("Division", document["division"]),
        _cell("Reference", document.get("reference", "")),
    ]
    columns = [Column(label="Invoice", figure=False), Column(label="Still open", figure=True), Column(label=f"Paid, {currency}", figure=True)]
    rows = [[paid["invoice_number"], paid["still_open"], paid["amount"]] for paid in document["payments"]]
    sums = [_sum("Kept as unapplied credit", document["unapplied"])] if document.get("unapplied") else []
    sums.append(_sum(f"Received, {currency}", document["received"], heavy=True))
    added = document.get("added_to_funds", "")
    box = Box(heading="What this payment did", sentences=[_adds("It added", added, document)], named=[]) if added else None
    return _sheet(document, title=f"Receipt {document['number']}", strip=strip, table=(columns, rows), sums=sums, box=box)


def statement(document: facts.Statement) -> Sheet:
    """Lay out a statement of account: the movements with the balance after each, how they add up, and what was unpaid at the end."""
    ended = date.fromisoformat(document["issued_on"])
    return Sheet(
        title=document["title"],
        number=document["number"],
        language=document["language"],
        paper="a4",
        day=[ended.year, ended.month, ended.day],
        brand=document["brand"],
        parties=[Side(heading=side["heading"], name=side["name"], lines=side["lines"]) for side in document["parties"]],
        strip=[_cell(entry["label"], entry["value"]) for entry in document["strip"]],
        columns=_columns(document["columns"], 2),
        rows=document["rows"],
        sums=[_sum(entry["label"], entry["value"], heavy=entry is document["sums"][-1]) for entry in document["sums"]],
        box=None,
        notes=[],
        footer=document["brand"],
        further=Further(
            heading=document["unpaid_heading"],
            columns=_columns(document["unpaid_columns"], 1),
            rows=document["unpaid"],
            sum=_sum(document["unpaid_sum"]["label"], document["unpaid_sum"]["value"], heavy=True),
            empty=document["none_unpaid"],
        ),
    )


def _columns(labels: Sequence[str], figures: int) -> list[Column]:
    """Head columns of which the last so many are figures."""
    return [Column(label=label, figure=place >= len(labels) - figures) for place, label in enumerate(labels)]


def _sheet(
    document: facts.Document, *, title: str, strip: list[Cell], table: tuple[list[Column], list[list[str]]], sums: list[Sum], box: Box | None
) -> Sheet:
    issued = date.fromisoformat(document["issued_on"])
    parties = [
        Side(heading=heading, name=party["name"], lines=party["lines"])
        for heading, party in (("From", document["seller"]), ("Bill to", document["buyer"]))
    ]
    return Sheet(
        title=title,
        number=document["number"],
        language=_language(document),
        paper=document.get("paper", "a4"),
        day=[issued.year, issued.month, issued.day],
        brand=document["brand"],
        parties=parties,
        strip=[cell for cell in strip if cell["value"]],
        columns=table[0],
        rows=table[1],
        sums=sums,
        box=box,
        notes=document.get("notes", []),
        footer=document.get("footer", document["seller"]["name"]),
    )


def _lines(document: facts.Document, lines: Sequence[facts.Line]) -> tuple[list[Column], list[list[str]]]:
    """Show a column for tax only where there is more than one rate."""
    rates = len({line.get("tax_rate", "") for line in lines}) > 1
    names = ["Description", "Quantity", "Unit price", *(["Tax"] if rates else []), f"Amount, {document['currency']}"]
    columns = [Column(label=name, figure=name != "Description") for name in names]
    rows = [
        [line["description"], line["quantity"], line["unit_price"], *([line.get("tax_rate", "")] if rates else []), line["amount"]] for line in lines
    ]
    return columns, rows


def _net_and_taxes(net: str, taxes: Sequence[facts.Tax]) -> list[Sum]:
    rows = [_sum("Net amount", net)]
    for tax in taxes:
        note = f": {tax['note']}" if tax.get("note") else ""
        rows.append(_sum(f"{tax['label']} {tax['rate']} of {tax['base']}{note}", tax["amount"]))
    return rows


def _paying(document: facts.Invoice) -> Box | None:
    """Say what paying does, and how; nothing where nothing is left to pay."""
    sentences: list[list[Run]] = []
    added = document.get("adds_to_funds", "")
    if document.get("paid"):
        return Box(heading="What this payment did", sentences=[_adds("It added", added, document)], named=[]) if added else None
    if added:
        sentences.append([*_adds("It adds", added, document), _run(" A part payment adds its part at once.")])
    elif document["kind"] == "amount_owed":
        sentences.append(
            [_run("It settles what was bought on account. The balance of "), _run(document["division"], strong=True), _run(" does not change.")]
        )
    else:
        sentences.append([_run("It settles what this invoice corrects.")])
    sentences.append([_run("By card: sign in and open "), _run("Finances, Pay Invoice", strong=True), _run(".")])
    named = [_cell(line["label"], line["value"]) for line in document.get("bank", [])]
    if document.get("reference"):
        named.append(_cell("Reference", document["reference"], strong=True))
    return Box(heading="What paying does", sentences=sentences, named=named)


def _adds(verb: str, amount: str, document: facts.Invoice | facts.Receipt) -> list[Run]:
    return [
        _run(f"{verb} "),
        _run(f"{amount} {document['currency']}", strong=True),
        _run(" to the funds of the division "),
        _run(document["division"]),
        _run("."),
    ]


def _day(document: facts.Document, day: str, *, form: Literal["medium", "long"] = "medium") -> str:
    """Write "20 Dec 2026" in lists and "20 December 2026" in sentences; other languages in their own form."""
    if not day:
        return ""
    language = _language(document)
    pattern = {"medium": "d MMM y", "long": "d MMMM y"}[form] if language == "en" else form
    return dates.format_date(date.fromisoformat(day), format=pattern, locale=language)


def _language(document: facts.Document) -> str:
    """Choose the language of words and days together: half a translation is worse to read, and to hear, than none."""
    wanted = document.get("language", "en").replace("_", "-").split("-")[0]
    return wanted if wanted in _TRANSLATED else "en"


def _cell(label: str, value: str, *, strong: bool = False) -> Cell:
    return Cell(label=label, value=value, strong=strong)


def _sum(label: str, amount: str, *, heavy: bool = False) -> Sum:
    return Sum(label=label, amount=amount, heavy=heavy)


def _run(text: str, *, strong: bool = False) -> Run:
    return Run(text=text, strong=strong)
