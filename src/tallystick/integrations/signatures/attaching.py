"""Attach signed facts to a PDF with pikepdf: loaded only by the process that `sealing` asks. No key comes here."""

import io
from typing import Any

import pikepdf

from tallystick.integrations.signatures import statements

_DESCRIPTION = "Signed facts of this document; check them with tallystick verify-document"


def attach(told: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    """Attach the statement, which is ASCII, as of its day; tell whether the bytes are a PDF. See integrations/apart."""
    try:
        return {"pdf": True}, _attached(content, told["statement"].encode(), told["day"])
    except pikepdf.PdfError:
        return {"pdf": False}, b""


def _attached(content: bytes, statement: bytes, day: str) -> bytes:
    """Add the attachment as PDF/A-3 asks for it: named, described, its relation told, its day and type known. Source: ISO 19005-3 section 6.8."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        stream = pdf.make_stream(statement)
        stream.Type = pikepdf.Name("/EmbeddedFile")
        stream.Subtype = pikepdf.Name("/application/json")
        stream.Params = pikepdf.Dictionary(ModDate=f"D:{day.replace('-', '')}000000Z", Size=len(statement))
        kept = pdf.make_indirect(stream)
        named = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name("/Filespec"),
                F=statements.NAME,
                UF=statements.NAME,
                Desc=_DESCRIPTION,
                AFRelationship=pikepdf.Name("/Data"),
                EF=pikepdf.Dictionary(F=kept, UF=kept),
            )
        )
        root = pdf.Root
        if "/Names" not in root:
            root.Names = pikepdf.Dictionary()
        if "/EmbeddedFiles" not in root.Names:
            root.Names.EmbeddedFiles = pikepdf.NameTree.new(pdf).obj
        pikepdf.NameTree(root.Names.EmbeddedFiles)[statements.NAME] = named
        root.AF = pikepdf.Array([*root.get("/AF", pikepdf.Array()), named])
        out = io.BytesIO()
        pdf.save(
            out,
            deterministic_id=True,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            fix_metadata_version=False,
        )
    return out.getvalue()
