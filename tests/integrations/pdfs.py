"""Look into a PDF: its text as its fonts' own tables tell it, and what an archive would refuse.

Source: ISO 19005-3 (PDF/A-3, level A) and ISO 14289-1 (PDF/UA-1), the clauses that a structure can show: validators say the rest.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf

_RELATIONSHIPS = {"/Source", "/Data", "/Alternative", "/Supplement", "/EncryptedPayload", "/Unspecified"}
_ACTIONS = {"/JavaScript", "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/SetOCGState", "/Rendition", "/Trans", "/GoTo3DView"}


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


def faults(content: bytes) -> list[str]:
    """List what an archive, or who reads aloud, would refuse in a PDF."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return [*_marks(pdf), *_content(pdf), *_files(pdf)]


def _marks(pdf: pikepdf.Pdf) -> Iterator[str]:
    described = pdf.open_metadata()
    none: Any = pikepdf.Dictionary()
    intents: Any = pdf.Root.get("/OutputIntents", [])
    wanted = {
        "XMP: not PDF/A-3a": (described.get("pdfaid:part"), described.get("pdfaid:conformance")) == ("3", "A"),
        "XMP: not PDF/UA-1": described.get("pdfuaid:part") == "1",
        "XMP: no title": described.get("dc:title"),
        "XMP: compressed": "/Filter" not in pdf.Root.Metadata,
        "no output intent": any(intent.get("/S") == "/GTS_PDFA1" and "/DestOutputProfile" in intent for intent in intents),
        "not tagged": pdf.Root.get("/MarkInfo", none).get("/Marked") and "/StructTreeRoot" in pdf.Root,
        "no language": str(pdf.Root.get("/Lang", "")),
        "the title is not displayed": pdf.Root.get("/ViewerPreferences", none).get("/DisplayDocTitle"),
    }
    yield from (fault for fault, holds in wanted.items() if not holds)


def _content(pdf: pikepdf.Pdf) -> Iterator[str]:
    if pdf.is_encrypted:
        yield "encrypted"
    if "/OpenAction" in pdf.Root or "/AA" in pdf.Root:
        yield "an action on opening"
    for each in pdf.objects:
        if isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
            yield from _object(each)


def _object(each: pikepdf.Dictionary | pikepdf.Stream) -> Iterator[str]:
    kind = each.get("/Type")
    if each.get("/S") in _ACTIONS or "/JS" in each or "/JavaScript" in each:
        yield "a script or an action"
    if kind == "/FontDescriptor" and not {"/FontFile", "/FontFile2", "/FontFile3"} & set(each.keys()):
        yield f"a font is not embedded: {each.get('/FontName')}"
    if kind == "/Font" and each.get("/Subtype") == "/Type0" and "/ToUnicode" not in each:
        yield f"a font without text: {each.get('/BaseFont')}"
    if isinstance(each, pikepdf.Stream) and "/F" in each:
        yield "a stream outside of the file"


def _files(pdf: pikepdf.Pdf) -> Iterator[str]:
    associated = [file.objgen for file in pdf.Root.get("/AF", [])]
    if len(associated) != len(set(associated)):
        yield "a file is associated twice"
    for each in pdf.objects:
        if not isinstance(each, pikepdf.Dictionary) or each.get("/Type") != "/Filespec":
            continue
        name = str(each.get("/UF", each.get("/F", "?")))
        if each.objgen not in associated:
            yield f"{name}: not associated"
        if str(each.get("/AFRelationship", "")) not in _RELATIONSHIPS:
            yield f"{name}: no relationship"
        if "/Desc" not in each:
            yield f"{name}: no description"
        none: Any = pikepdf.Dictionary()
        embedded: Any = each.get("/EF", none).get("/F")
        if embedded is None or "/Subtype" not in embedded or "/ModDate" not in embedded.get("/Params", none):
            yield f"{name}: no media type or no date"
