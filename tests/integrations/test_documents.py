"""Draw documents and look inside: same bytes, PDF/A and PDF/UA, all text there, nothing that a name could do to them."""

import copy
import io
import re
from typing import Any

import pikepdf
import pytest
from fontTools import ttLib  # type: ignore[import-untyped]

from tallystick.integrations.pdf import cmap, documents, facts, glyphs, sheets

INVOICE: facts.Invoice = {
    "number": "INV-2026-01184",
    "kind": "funding",
    "issued_on": "2026-11-20",
    "due_on": "2026-12-20",
    "currency": "USD",
    "brand": "Lanternfield",
    "seller": {"name": "Lanternfield, Inc.", "lines": ["88 Harbor Lane", "Salem, OR 97301, United States", "EIN 93-0001182"]},
    "buyer": {"name": "Northwind Labs, Inc.", "lines": ["Accounts payable, Dana Whitfield", "Portland, OR 97205, United States"]},
    "division": "Northwind Labs",
    "purchase_order_number": "NWL-4502",
    "terms": "Net 30",
    "lines": [{"description": "Wildcard TLS certificate, 1 year", "quantity": "2", "unit_price": "500.00", "amount": "1,000.00", "tax_rate": "19 %"}],
    "net": "1,000.00",
    "taxes": [{"label": "Sales tax", "rate": "19 %", "base": "1,000.00", "amount": "190.00"}],
    "gross": "1,190.00",
    "to_pay": "1,190.00",
    "adds_to_funds": "1,000.00",
    "bank": [{"label": "Bank", "value": "Willamette Savings Bank"}],
    "reference": "RF04 2026 0118 4",
}
CREDIT_NOTE: facts.CreditNote = {
    "number": "CN-2026-00007",
    "issued_on": "2026-12-01",
    "currency": "USD",
    "brand": "Lanternfield",
    "seller": INVOICE["seller"],
    "buyer": INVOICE["buyer"],
    "invoice_number": "INV-2026-01184",
    "invoice_issued_on": "2026-11-20",
    "division": "Northwind Labs",
    "reason": "The order was reduced.",
    "lines": INVOICE["lines"],
    "net": "1,000.00",
    "taxes": INVOICE["taxes"],
    "gross": "1,190.00",
    "settled_by": "1,190.00 USD is now unapplied credit.",
}
RECEIPT: facts.Receipt = {
    "number": "R-2026-00031",
    "issued_on": "2026-12-01",
    "currency": "USD",
    "brand": "Lanternfield",
    "seller": INVOICE["seller"],
    "buyer": INVOICE["buyer"],
    "division": "Northwind Labs",
    "method": "Visa ending in 4242, 12/2030",
    "payments": [{"invoice_number": "INV-2026-01184", "amount": "1,190.00", "still_open": "0.00"}],
    "received": "1,210.00",
    "unapplied": "20.00",
    "added_to_funds": "1,000.00",
}
KINDS: list[tuple[str, Any]] = [("invoice", INVOICE), ("credit_note", CREDIT_NOTE), ("receipt", RECEIPT)]


def text(content: bytes) -> str:
    """Read the text layer of a document through its fonts' own tables."""
    said: list[str] = []
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for page in pdf.pages:
            fonts = {name: _to_unicode(font) for name, font in page["/Resources"]["/Font"].items()}
            current: dict[int, str] = {}
            for instruction in pikepdf.parse_content_stream(page):
                operands, operator = instruction.operands, instruction.operator
                if str(operator) == "Tf":
                    current = fonts[str(operands[0])]
                elif str(operator) == "ET":
                    said.append(" ")
                elif str(operator) in {"Tj", "TJ"}:
                    for piece in operands[0] if str(operator) == "TJ" else operands:
                        if isinstance(piece, pikepdf.String):
                            codes = bytes(piece)
                            said += [current.get(int.from_bytes(codes[at : at + 2]), "") for at in range(0, len(codes), 2)]
    return re.sub(r"\s+", " ", "".join(said))


def _to_unicode(font: pikepdf.Object) -> dict[int, str]:
    found: dict[int, str] = {}
    table = font["/ToUnicode"].read_bytes().decode()
    for code, value in re.findall(r"<([0-9a-fA-F]{4})>\s+<([0-9a-fA-F]+)>", table):
        found[int(code, 16)] = bytes.fromhex(value).decode("utf-16-be")
    return found


@pytest.mark.parametrize(("kind", "given"), KINDS, ids=[kind for kind, _ in KINDS])
def test_the_same_facts_give_the_same_bytes(kind: str, given: Any) -> None:
    first = documents.render(kind, given)
    assert documents.render(kind, copy.deepcopy(given)) == first
    assert first.replaced == ()
    assert documents.render(kind, {**given, "number": "X-1"}).sha256 != first.sha256


@pytest.mark.parametrize(("kind", "given"), KINDS, ids=[kind for kind, _ in KINDS])
def test_a_document_may_be_archived_and_read_aloud(kind: str, given: Any) -> None:
    with pikepdf.open(io.BytesIO(documents.render(kind, given).content)) as pdf:
        described = pdf.open_metadata()
        assert (described["pdfaid:part"], described["pdfaid:conformance"], described["pdfuaid:part"]) == ("3", "A", "1")
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:" + given["issued_on"].replace("-", ""))
        assert given["number"] in str(described["dc:title"])
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "en"
        assert "/OutputIntents" in pdf.Root
        assert not pdf.is_encrypted
        assert "/OpenAction" not in pdf.Root
        descriptors = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/FontDescriptor"]
        assert descriptors
        assert all("/FontFile2" in each or "/FontFile3" in each for each in descriptors)


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        (
            "invoice",
            INVOICE,
            [
                "Invoice INV-2026-01184",
                "Northwind Labs, Inc.",
                "NWL-4502",
                "20 Dec 2026",
                "Sales tax 19 % of 1,000.00",
                "To pay by 20 December 2026, USD",
                "It adds",
                "RF04 2026 0118 4",
                "Page 1 of 1",
            ],
        ),
        ("credit_note", CREDIT_NOTE, ["Credit note CN-2026-00007", "The order was reduced.", "Credited, USD", "unapplied credit"]),
        ("receipt", RECEIPT, ["Receipt R-2026-00031", "Visa ending in 4242", "Kept as unapplied credit", "Received, USD", "It added"]),
    ],
    ids=["invoice", "credit_note", "receipt"],
)
def test_the_text_can_be_found(kind: str, given: Any, words: list[str]) -> None:
    said = text(documents.render(kind, given).content)
    assert [word for word in words if word not in said] == []


@pytest.mark.parametrize(("rates", "columns"), [(["19 %", "19 %"], 4), (["19 %", "0 %"], 5)])
def test_tax_has_a_column_only_with_more_than_one_rate(rates: list[str], columns: int) -> None:
    given = copy.deepcopy(INVOICE)
    given["lines"] = [{**given["lines"][0], "tax_rate": rate} for rate in rates]
    assert len(sheets.invoice(given)["columns"]) == columns


def test_a_long_invoice_repeats_its_heads_and_counts_its_pages() -> None:
    given = copy.deepcopy(INVOICE)
    given["lines"] = given["lines"] * 120
    said = text(documents.render("invoice", given).content)
    assert said.count("Unit price") == 5
    assert "Page 5 of 5" in said


@pytest.mark.parametrize(
    "name",
    [
        "Ωμέγα Привет Straße Đặng",
        "上海发票有限公司 東京都 서울",
        "مرحبا שלום हिन्दी ไทย ქართული Հայերեն",
        "👩\u200d👩\u200d👧 ✔\ufe0f",
    ],
)
def test_names_in_many_scripts_are_drawn_as_they_are(name: str) -> None:
    assert documents.render("invoice", _billed_to(name)).replaced == ()


def test_what_no_font_can_draw_is_replaced_and_told() -> None:
    rendered = documents.render("invoice", _billed_to("ᠮᠣᠩ 𓀀 Labs"))
    assert rendered.replaced == ("ᠮ", "ᠣ", "ᠩ", "𓀀")
    assert "\ufffd\ufffd\ufffd \ufffd Labs" in text(rendered.content)


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ('#set page(fill: red)\n#read("/etc/passwd") $x$ *b* @ref <a> // c', '#set page(fill: red) #read("/etc/passwd") $x$ *b* @ref <a> // c'),
        ("12\u202e00.1\u202c\x00\x1b[31m", "1200.1 [31m"),
        ('"}],"to_pay":"0.00', '"}],"to_pay":"0.00'),
        ("\u200b\ufeff", ""),
        ("x" * 300, None),
    ],
)
def test_a_name_is_drawn_and_never_obeyed(name: str, drawn: str | None) -> None:
    said = text(documents.render("invoice", _billed_to(name)).content)
    assert "1,190.00" in said
    if drawn is not None:
        assert drawn in said


def test_every_font_comes_from_a_package_may_be_embedded_and_is_read_rightly() -> None:
    for folder in glyphs.folders():
        assert "site-packages" in folder.parts
        for path in folder.glob("*.[ot]tf"):
            with ttLib.TTFont(path, lazy=True) as font:
                assert font["OS/2"].fsType & 0x2 == 0, path.name
                assert {point for points in cmap.characters(path) for point in points} == set(font.getBestCmap()), path.name


def _billed_to(name: str) -> facts.Invoice:
    given = copy.deepcopy(INVOICE)
    given["buyer"] = {"name": name, "lines": [name]}
    return given


def test_words_and_days_speak_one_language() -> None:
    given = copy.deepcopy(INVOICE)
    given["language"] = "de_AT"
    rendered = documents.render("invoice", given)
    assert "To pay by 20 December 2026" in text(rendered.content)
    with pikepdf.open(io.BytesIO(rendered.content)) as pdf:
        assert str(pdf.Root.Lang) == "en"


def test_a_paid_deposit_says_what_its_payment_did_and_asks_for_nothing() -> None:
    given = copy.deepcopy(INVOICE)
    given.update({"paid": "1,190.00", "to_pay": "0.00"})
    said = text(documents.render("invoice", given).content)
    assert "It added 1,000.00 USD to the funds" in said
    assert "By card" not in said
    assert "To pay, USD" in said


@pytest.mark.parametrize(
    ("kind", "words"), [("amount_owed", "settles what was bought on account"), ("correction", "settles what this invoice corrects")]
)
def test_an_invoice_that_brings_no_funds_says_so(kind: str, words: str) -> None:
    given = copy.deepcopy(INVOICE)
    given.update({"kind": kind, "adds_to_funds": ""})
    assert words in text(documents.render("invoice", given).content)


@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("us-letter", (612, 792)), ("#poster", (595, 842))])
def test_the_paper_is_one_of_two(paper: str, size: tuple[int, int]) -> None:
    given = copy.deepcopy(INVOICE)
    given["paper"] = paper
    with pikepdf.open(io.BytesIO(documents.render("invoice", given).content)) as pdf:
        assert tuple(round(float(edge)) for edge in pdf.pages[0].mediabox[2:]) == size
