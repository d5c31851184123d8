"""Draw documents and look inside: same bytes, PDF/A and PDF/UA, all text there, nothing that a name could do to them."""

import copy
import io
from typing import Any

import pikepdf
import pytest
from django.utils import translation
from fontTools import ttLib  # type: ignore[import-untyped]

from integrations import papers, pdfs
from tallystick.integrations.pdf import cmap, documents, facts, glyphs, invoices

KINDS = list(papers.KINDS.items())
ATTACHED = documents.Attachment(
    name="factur-x.xml", content="<ö/>".encode(), media_type="text/xml", relationship="alternative", description="The invoice as data"
)


@pytest.mark.parametrize(("kind", "given"), KINDS, ids=[kind for kind, _ in KINDS])
def test_the_same_facts_give_the_same_bytes(kind: str, given: Any) -> None:
    first = documents.render(kind, given)
    assert documents.render(kind, copy.deepcopy(given)) == first
    assert first.replaced == ()
    assert documents.render(kind, {**given, "number": "X-1"}).sha256 != first.sha256


@pytest.mark.parametrize(("kind", "given"), KINDS, ids=[kind for kind, _ in KINDS])
def test_a_document_says_what_it_is(kind: str, given: Any) -> None:
    with pikepdf.open(io.BytesIO(documents.render(kind, given).content)) as pdf:
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:" + given["issued_on"].replace("-", ""))
        assert str(pdf.open_metadata()["dc:title"])
        assert str(pdf.Root.Lang) == "en"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (
            "invoice",
            [
                "Invoice INV-2026-01184",
                "Northwind Labs B.V.",
                "Netherlands",
                "Tax number NL003215987B02",
                "NWL-4502",
                "Net 30",
                "20 Dec 2026",
                "Tax 19 % of 1,000.00",
                "To pay by 20 December 2026, EUR",
                "It adds 1,000.00 EUR to the funds of the division Research .",
                "DE89 3704 0044 0532 0130 00",
                "RF48 INV2 0260 1184",
                "Scan with your banking app",
                "Page 1 of 1",
            ],
        ),
        (
            "credit_note",
            ["Credit note CN-2026-00007", "The order was reduced.", "Credit on INV-2026-01184, tax 19 %", "Credited, EUR", "195.00 EUR are kept"],
        ),
        ("receipt", ["Receipt RF18539007547034", "Visa ending in 4242, 12/2030", "Kept as unapplied credit", "Received, EUR", "It added"]),
        ("payment_slip", ["Payment slip", "Invoice INV-2026-01201", "To transfer, EUR", "RF18 5390 0754 7034", "Elbe Sparbank"]),
        ("reminder", ["Payment reminder", "past their due day", "19 days", "Less your unapplied credit", "Still to pay, EUR", "18 Jan 2027"]),
        ("statement", ["Statement of account", "Balance at the end of 30 Nov 2026, EUR", "Unpaid invoices at the end of 30 Nov 2026"]),
    ],
)
def test_the_text_can_be_found(kind: str, words: list[str]) -> None:
    said = pdfs.text(documents.render(kind, papers.KINDS[kind]).content)
    assert [word for word in words if word not in said] == []


@pytest.mark.parametrize(("rates", "columns"), [(["19 %", "19 %"], 4), (["19 %", "0 %"], 5)])
def test_tax_has_a_column_only_with_more_than_one_rate(rates: list[str], columns: int) -> None:
    given = copy.deepcopy(papers.INVOICE)
    given["lines"] = [{**given["lines"][0], "tax_rate": rate} for rate in rates]
    assert len(invoices.invoice(given)["columns"]) == columns


def test_a_long_invoice_repeats_its_heads_and_counts_its_pages() -> None:
    given = copy.deepcopy(papers.INVOICE)
    given["lines"] = given["lines"] * 120
    said = pdfs.text(documents.render("invoice", given).content)
    assert said.count("Unit price") == 9
    assert "Page 9 of 9" in said


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
    assert documents.render("invoice", papers.billed_to(name)).replaced == ()


def test_what_no_font_can_draw_is_replaced_and_told() -> None:
    rendered = documents.render("invoice", papers.billed_to("ᠮᠣᠩ 𓀀 Labs"))
    assert rendered.replaced == ("ᠮ", "ᠣ", "ᠩ", "𓀀")
    assert "\ufffd\ufffd\ufffd \ufffd Labs" in pdfs.text(rendered.content)


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
    said = pdfs.text(documents.render("invoice", papers.billed_to(name)).content)
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


@pytest.mark.parametrize(
    ("language", "spoken", "words"),
    [("de_AT", "de", "20. Dezember 2026"), ("pt-br", "pt", "20 de dezembro de 2026"), ("xx", "en", "20 December 2026")],
)
def test_words_and_days_speak_one_language(language: str, spoken: str, words: str) -> None:
    """A country's form of a language has its words; a language that we have no words for is English, days included."""
    rendered = documents.render("invoice", papers.changed("invoice", language=language))
    assert words in pdfs.text(rendered.content)
    with pikepdf.open(io.BytesIO(rendered.content)) as pdf:
        assert str(pdf.Root.Lang).split("-")[0] == spoken


def test_a_paid_deposit_says_what_its_payment_did_and_asks_for_nothing() -> None:
    given = copy.deepcopy(papers.INVOICE)
    given.update({"paid": "1,190.00", "to_pay": "0.00"})
    said = pdfs.text(documents.render("invoice", given).content)
    assert "It added 1,000.00 EUR to the funds" in said
    assert "By card" not in said
    assert "To pay, EUR" in said


@pytest.mark.parametrize(
    ("kind", "words"), [("amount_owed", "settles what was bought on account"), ("correction", "settles what this invoice corrects")]
)
def test_an_invoice_that_brings_no_funds_says_so(kind: str, words: str) -> None:
    given = copy.deepcopy(papers.INVOICE)
    given.update({"kind": kind, "adds_to_funds": ""})
    assert words in pdfs.text(documents.render("invoice", given).content)


@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("us-letter", (612, 792)), ("#poster", (595, 842))])
def test_the_paper_is_one_of_two(paper: str, size: tuple[int, int]) -> None:
    given = copy.deepcopy(papers.INVOICE)
    given["paper"] = paper
    with pikepdf.open(io.BytesIO(documents.render("invoice", given).content)) as pdf:
        assert tuple(round(float(edge)) for edge in pdf.pages[0].mediabox[2:]) == size


def test_what_is_attached_is_embedded_as_it_is_and_changes_the_bytes() -> None:
    binary = documents.Attachment(name="a.bin", content=b"\xff\x00", media_type="application/octet-stream", relationship="data", description="Bytes")
    made = documents.render("invoice", papers.INVOICE, attachments=[ATTACHED, binary])
    assert made == documents.render("invoice", papers.INVOICE, attachments=[ATTACHED, binary])
    assert made.sha256 != documents.render("invoice", papers.INVOICE).sha256
    with pikepdf.open(io.BytesIO(made.content)) as pdf:
        assert {name: pdf.attachments[name].get_file().read_bytes() for name in pdf.attachments} == {
            "factur-x.xml": "<ö/>".encode(),
            "a.bin": b"\xff\x00",
        }
        related = {str(file.UF): (str(file.AFRelationship), str(file.Desc), str(file.EF.F.Subtype)) for file in pdf.Root.AF}
    assert related == {"factur-x.xml": ("/Alternative", "The invoice as data", "/text/xml"), "a.bin": ("/Data", "Bytes", "/application/octet-stream")}
    assert pdfs.faults(made.content) == []


@pytest.mark.parametrize("qr", ["https://tallystick.example/verify?s=" + "x" * 250, "短い"])
def test_a_signature_is_drawn_at_the_foot_and_said(qr: str) -> None:
    made = documents.render("invoice", papers.INVOICE, qr=qr)
    assert "Signed by the issuer." in pdfs.text(made.content)
    assert "Signed by the issuer." not in pdfs.text(documents.render("invoice", papers.INVOICE).content)
    assert pdfs.faults(made.content) == []


@pytest.mark.parametrize(
    ("level", "words"),
    [(1, ["Payment reminder", "easily overlooked"]), (2, ["Second reminder", "before"]), (3, ["Last reminder", "after two reminders"])],
)
def test_a_reminder_becomes_plainer(level: int, words: list[str]) -> None:
    said = pdfs.text(documents.render("reminder", papers.changed("reminder", level=level)).content)
    assert [word for word in words if word not in said] == []


def test_a_code_is_drawn_only_where_a_banking_app_reads_one() -> None:
    said = pdfs.text(documents.render("invoice", papers.changed("invoice", currency="USD")).content)
    assert "Scan with your banking app" not in said
    assert "RF48 INV2 0260 1184" in said


def test_the_reason_that_nobody_typed_is_said_in_the_documents_language() -> None:
    given = papers.changed("credit_note", language="de", reason=str(facts.PAID_FROM_BALANCE))
    with translation.override("de"):
        wanted = translation.gettext(facts.PAID_FROM_BALANCE)
    assert wanted in pdfs.text(documents.render("credit_note", given).content)
    given["reason"] = "Duplicate"
    assert "Duplicate" in pdfs.text(documents.render("credit_note", given).content)


def test_the_language_of_the_process_stays_what_it_was() -> None:
    with translation.override("fr"):
        documents.render("invoice", papers.changed("invoice", language="de"))
        assert translation.get_language() == "fr"


@pytest.mark.parametrize("reason", facts.USUAL_REASONS)
def test_why_a_tax_is_zero_is_said_in_the_documents_language(reason: str) -> None:
    """A usual reason by its words of the law; the operator's own as it is."""
    for note, language in ((str(reason), "de"), ("Exempt: certificate 7", "de")):
        given = papers.changed("invoice", language=language, taxes=[{"rate": "0\u00a0%", "base": "1,000.00", "amount": "0.00", "note": note}])
        with translation.override(language):
            wanted = translation.gettext(note)
        assert wanted in pdfs.text(documents.render("invoice", given).content)
