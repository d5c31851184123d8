"""Seal a finished PDF: attach its signed facts, with the hash of the whole file, and change nothing any more.

The attachment is written uncompressed, with room for the hash and the signature. The hash is of the file while both rooms hold zeros; then both are
filled in place. So every byte of the file is covered, and a check needs no reader of PDF.
"""

import hashlib
import io

import pikepdf

from tallystick.integrations.signatures import keys, statements
from tallystick.integrations.signatures.canonical import Value, canonical, letters
from tallystick.integrations.signatures.papers import Paper

_DESCRIPTION = "Signed facts of this document; check them with tallystick verify-document"


def sealed(content: bytes, paper: Paper, *, private: bytes, key: str) -> bytes:
    """Attach the signed facts to a finished PDF; the same bytes for the same arguments. About 10 ms. Raises pikepdf.PdfError for what is no PDF."""
    rooms: dict[str, Value] = {
        "document": paper.shape(),
        "file": statements.HASH_ROOM.decode(),
        "format": statements.FORMAT,
        "key": key,
        "signature": statements.SIGNATURE_ROOM.decode(),
    }
    statement = canonical(rooms)
    assert len(statement) <= statements.LARGEST_STATEMENT, "names of parties are shorter"
    made = bytearray(_attached(content, statement, paper.day))
    found = statements.spot(bytes(made))
    assert found is not None, "the facts stand once in the file, uncompressed"
    assert made[found.begin : found.end] == statement, "and as they were written"
    digest = hashlib.sha256(made).hexdigest()
    signature = keys.sign(private, statements.message(paper.shape(), file_sha256=digest, key=key))
    made[found.hash_begin : found.hash_begin + len(statements.HASH_ROOM)] = digest.encode()
    made[found.signature_begin : found.signature_begin + len(statements.SIGNATURE_ROOM)] = letters(signature).encode()
    return bytes(made)


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
