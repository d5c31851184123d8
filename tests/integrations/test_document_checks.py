"""Let independent programs check the documents: PDF/UA by two of them, PDF/A by our own look at the structure; each of ours fails on a planted fault."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import outloud  # type: ignore[import-untyped]
import pdfua
import pikepdf
import pytest

from integrations import papers, pdfs
from tallystick.integrations.pdf import documents

SCRIPTS = ("Ωμέγα Привет Straße", "上海发票有限公司 서울", "مرحبا بكم", "שלום עולם", "हिन्दी ไทย", "👩 ✔\ufe0f")


def checked(content: bytes, folder: Path) -> list[str]:
    """List what the checkers find."""
    file = folder / "paper.pdf"
    file.write_bytes(content)
    told = outloud.check(str(file))
    found = [f"outloud {one.rule}: {one.message}" for one in told.findings if one.severity in {"error", "warning"} and not _is_a_form(one.message)]
    report = pdfua.validate(str(file))
    found += [f"pdfua {one.rule_id}: {one.message}" for one in report.findings if one.severity >= pdfua.Severity.WARNING]
    return [*found, *pdfs.faults(content)]


def _is_a_form(message: str) -> bool:
    """Letters of Arabic have up to four forms and are the same letter: the checker takes them for a broken table of characters."""
    return "NotoSansArabic" in message and "different codes all map to" in message


@pytest.mark.parametrize("kind", papers.KINDS)
@pytest.mark.parametrize("language", papers.LANGUAGES)
def test_every_document_in_every_language_is_clean(kind: str, language: str, tmp_path: Path) -> None:
    assert checked(documents.render(kind, papers.changed(kind, language=language)).content, tmp_path) == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_names_of_every_script_are_clean(name: str, tmp_path: Path) -> None:
    assert checked(documents.render("invoice", papers.billed_to(name)).content, tmp_path) == []


def test_logo_code_signature_and_files_are_clean(tmp_path: Path) -> None:
    files = [documents.Attachment(name="factur-x.xml", content=b"<a/>", media_type="text/xml", relationship="alternative", description="As data")]
    made = documents.render("invoice", papers.changed("invoice", logo=papers.LOGO), attachments=files, qr="https://tallystick.example/v?" + "x" * 200)
    assert checked(made.content, tmp_path) == []


def test_five_hundred_lines_are_clean(tmp_path: Path) -> None:
    made = documents.render("invoice", papers.many_lines(500))
    assert checked(made.content, tmp_path) == []
    said = pdfs.text(made.content)
    assert papers.host(499) in said
    with pikepdf.open(io.BytesIO(made.content)) as pdf:
        assert f"Page {len(pdf.pages)} of {len(pdf.pages)}" in said


def _no_intent(pdf: pikepdf.Pdf) -> None:
    del pdf.Root["/OutputIntents"]


def _script(pdf: pikepdf.Pdf) -> None:
    pdf.Root["/OpenAction"] = pdf.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)"))


def _no_font(pdf: pikepdf.Pdf) -> None:
    for each in pdf.objects:
        if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/FontDescriptor":
            for key in {"/FontFile2", "/FontFile3"} & set(each.keys()):
                del each[key]


def _unrelated(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["loose.txt"] = pikepdf.AttachedFileSpec(pdf, b"loose", filename="loose.txt")  # type: ignore[call-arg]  # the rest has defaults
    if "/AF" in pdf.Root:
        del pdf.Root["/AF"]


def _not_archived(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata() as described:
        described["pdfaid:conformance"] = "B"


PLANTED: list[tuple[Callable[[pikepdf.Pdf], None], str]] = [
    (_no_intent, "no output intent"),
    (_script, "an action on opening"),
    (_script, "a script or an action"),
    (_no_font, "a font is not embedded"),
    (_unrelated, "loose.txt: not associated"),
    (_unrelated, "loose.txt: no description"),
    (_unrelated, "loose.txt: no media type"),
    (_not_archived, "XMP: not PDF/A-3a"),
]


@pytest.mark.parametrize(("plant", "fault"), PLANTED)
def test_a_planted_fault_is_found(plant: Callable[[pikepdf.Pdf], None], fault: str) -> None:
    with pikepdf.open(io.BytesIO(documents.render("invoice", papers.INVOICE).content)) as pdf:
        plant(pdf)
        written = io.BytesIO()
        pdf.save(written)
    assert any(fault in one for one in pdfs.faults(written.getvalue()))


def test_an_encrypted_one_is_found() -> None:
    with pikepdf.open(io.BytesIO(documents.render("invoice", papers.INVOICE).content)) as pdf:
        written: Any = io.BytesIO()
        pdf.save(written, encryption=pikepdf.Encryption(owner="x", user=""))
    assert "encrypted" in pdfs.faults(written.getvalue())
