"""Offer friendly and hostile files; only what is harmless and what it says it is comes through."""

import hashlib
import io
import json
import pathlib
import struct
import zlib
from typing import Any

import pikepdf
import pytest
from PIL import Image

from tallystick.integrations.storage import files, store
from tallystick.lib import errors


def pdf(*, pages: int = 1, encryption: pikepdf.Encryption | None = None, script: bool = False) -> bytes:
    """Make a PDF, with everything in it that may act where `script`."""
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page()
    if script:
        made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('hostile')"))
        made.attachments["evil.exe"] = b"MZ hostile"
        made.pages[0].Annots = pikepdf.Array(
            [
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Annot,
                    Subtype=pikepdf.Name.Link,
                    Rect=[0, 0, 9, 9],
                    A=pikepdf.Dictionary(
                        S=name,
                        **{key: pikepdf.String("hostile")},  # type: ignore[arg-type]
                    ),
                )
                for name, key in ((pikepdf.Name.URI, "URI"), (pikepdf.Name.Launch, "F"), (pikepdf.Name.SubmitForm, "F"))
            ]
        )
        made.Root.AcroForm = pikepdf.Dictionary(Fields=[], XFA=pikepdf.String("hostile"))
    out = io.BytesIO()
    made.save(out, encryption=encryption or False)
    return out.getvalue()


def image(form: str, size: tuple[int, int] = (40, 30)) -> bytes:
    """Make a picture."""
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, form)
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """Make a small PNG that says it is huge."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


class Endless:
    """Send 2 GB, and count what was read of it."""

    def __init__(self) -> None:
        self.read_bytes = 0

    def read(self, size: int, /) -> bytes:
        """Send on."""
        self.read_bytes += size
        assert self.read_bytes < 2 * 1024**3
        return (b"%PDF-1.7 " + bytes(size))[:size]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("order.pdf", pdf(), files.Kind.PDF),
        ("ORDER.PDF", pdf(pages=500), files.Kind.PDF),
        ("scan.png", image("PNG"), files.Kind.PNG),
        ("scan.jpg", image("JPEG"), files.Kind.JPEG),
        ("scan.jpeg", image("JPEG"), files.Kind.JPEG),
    ],
    ids=["pdf", "500 pages", "png", "jpg", "jpeg"],
)
def test_a_document_is_accepted_under_the_hash_of_what_is_kept(name: str, content: bytes, kind: files.Kind) -> None:
    accepted = files.accept(name, io.BytesIO(content))
    assert accepted.kind is kind
    assert accepted.size == len(accepted.content)
    assert accepted.sha256 == hashlib.sha256(accepted.content).hexdigest()
    assert accepted.received_sha256 == hashlib.sha256(content).hexdigest()
    assert files.accept(name, content).sha256 == accepted.sha256


REFUSED: list[tuple[str, Any, str]] = [
    ("order.pdf", b"", "document_empty"),
    ("order.pdf", b"%PDF-" + bytes(10 * 1024 * 1024), "document_too_large"),
    ("order.pdf", b"MZ\x90\x00" + bytes(200), "document_type_unknown"),
    ("order.pdf", b"<html><script>alert(1)</script>", "document_type_unknown"),
    ("order.pdf", b"PK\x03\x04" + bytes(100), "document_type_unknown"),
    ("order.pdf", b"\n\n%PDF-1.7 late start", "document_type_unknown"),
    ("order.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "document_type_unknown"),
    ("order.exe", pdf(), "document_type_mismatch"),
    ("order", pdf(), "document_type_mismatch"),
    ("order.pdf.html", pdf(), "document_type_mismatch"),
    ("order.png", pdf(), "document_type_mismatch"),
    ("scan.png", image("JPEG"), "document_type_mismatch"),
    ("order.pdf", pdf(encryption=pikepdf.Encryption(owner="o", user="u")), "document_encrypted"),
    ("order.pdf", pdf(encryption=pikepdf.Encryption(owner="o", user="")), "document_encrypted"),
    ("order.pdf", b"%PDF-1.7\nnothing that makes sense", "document_damaged"),
    ("order.pdf", pdf(pages=501), "document_too_long"),
    ("scan.png", image("PNG")[:60], "document_damaged"),
    ("scan.png", b"\x89PNG\r\n\x1a\n" + bytes(50), "document_damaged"),
    ("scan.png", bomb(100_000, 100_000), "document_too_long"),
    ("scan.png", bomb(8000, 7000), "document_too_long"),
    ("scan.jpg", b"\xff\xd8\xff" + bytes(50), "document_damaged"),
]


@pytest.mark.parametrize(("name", "content", "code"), REFUSED, ids=[f"{code}-{place}" for place, (_, _, code) in enumerate(REFUSED)])
def test_what_is_not_what_it_says_is_refused_with_a_sentence(name: str, content: bytes, code: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        files.accept(name, content)
    assert refused.value.code == code
    assert refused.value.field == "document"
    assert refused.value.sentence.endswith(".")


def test_two_gigabytes_are_refused_after_ten_megabytes() -> None:
    sent = Endless()
    with pytest.raises(errors.Invalid) as refused:
        files.accept("order.pdf", sent)
    assert refused.value.code == "document_too_large"
    assert sent.read_bytes < 11 * 1024 * 1024


def test_a_pdf_loses_what_acts() -> None:
    hostile = pdf(script=True)
    assert b"hostile" in hostile
    cleaned = files.accept("order.pdf", hostile).content
    with pikepdf.open(io.BytesIO(cleaned)) as opened:
        said = json.dumps([str(opened.Root.get(key)) for key in ("/OpenAction", "/AcroForm")]) + str([repr(each) for each in opened.objects])
        assert len(opened.attachments) == 0
        assert len(opened.pages[0]["/Annots"]) == 3
    assert "hostile" not in said
    assert b"hostile" not in cleaned
    assert b"JavaScript" not in cleaned


@pytest.mark.slow
def test_a_bomb_inside_a_pdf_ends_only_the_process_that_opens_it() -> None:
    # an object stream that grows to a gigabyte
    packer = zlib.compressobj(1)
    block = bytes(1024 * 1024)
    packed = b"".join(packer.compress(block) for _ in range(1024)) + packer.flush()
    content = b"%PDF-1.7\n1 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length " + str(len(packed)).encode() + b">>\nstream\n" + packed
    xref = struct.pack(">BIB", 0, 0, 255) + struct.pack(">BIB", 1, 9, 0) + struct.pack(">BIB", 2, 1, 0) + struct.pack(">BIB", 1, 0, 0)
    content += b"\nendstream\nendobj\n"
    start = len(content)
    content += b"3 0 obj\n<</Type/XRef/Size 4/W[1 4 1]/Root 2 0 R/Length " + str(len(xref)).encode() + b">>\nstream\n" + xref
    content += b"\nendstream\nendobj\nstartxref\n" + str(start).encode() + b"\n%%EOF"
    with pytest.raises(errors.Invalid) as refused:
        files.accept("order.pdf", content)
    assert refused.value.code in {"document_unsafe", "document_damaged"}


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/order.pdf", "order.pdf"),
        ("C:\\Users\\dana\\order.pdf", "order.pdf"),
        ("or\u202edpe.gnp\r\n\x00.pdf", "ordpe.gnp.pdf"),
        ("x" * 400 + ".pdf", "x" * 146 + ".pdf"),
        ("注文書.pdf", "注文書.pdf"),
    ],
)
def test_a_name_is_only_a_name(sent: str, shown: str) -> None:
    assert files.accept(sent, pdf()).name == shown


CONTENT = b"kept"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def test_a_row_keeps_its_bytes() -> None:
    placed = store.RowStore().put(SHA256, CONTENT)
    assert placed == store.Placed(content=CONTENT, reference="")
    assert store.RowStore().get(SHA256, placed) == CONTENT


def test_a_folder_keeps_files_whole_and_notices_what_is_lost(tmp_path: pathlib.Path) -> None:
    kept = store.FolderStore(tmp_path)
    placed = kept.put(SHA256, CONTENT)
    assert kept.put(SHA256, CONTENT) == placed
    assert placed.content is None
    assert kept.get(SHA256, placed) == CONTENT
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [SHA256]
    (tmp_path / SHA256[:2] / SHA256).write_bytes(b"changed")
    with pytest.raises(store.Lost):
        kept.get(SHA256, placed)
    (tmp_path / SHA256[:2] / SHA256).unlink()
    with pytest.raises(store.Lost):
        kept.get(SHA256, placed)


@pytest.mark.parametrize("sha256", ["", "../../etc/passwd", SHA256.upper(), SHA256 + "0"])
def test_a_store_takes_no_other_names(tmp_path: pathlib.Path, sha256: str) -> None:
    with pytest.raises(store.Lost):
        store.FolderStore(tmp_path).put(sha256, CONTENT)
