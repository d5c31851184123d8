"""Seal a finished PDF: attach its signed facts, with the hash of the whole file, and change nothing any more.

The attachment is written uncompressed, with room for the hash and the signature. The hash is of the file while both rooms hold zeros; then both are
filled in place. So every byte of the file is covered, and a check needs no reader of PDF.
"""

import hashlib

from tallystick.integrations import apart
from tallystick.integrations.signatures import keys, statements
from tallystick.integrations.signatures.canonical import Value, canonical, letters
from tallystick.integrations.signatures.papers import Paper

_ATTACH = "tallystick.integrations.signatures.attaching:attach"


def sealed(content: bytes, paper: Paper, *, private: bytes, key: str) -> bytes:
    """Attach the signed facts to a finished PDF; the same bytes for the same arguments. About 10 ms. Raises ValueError for what is no PDF, UnavailableError."""
    rooms: dict[str, Value] = {
        "document": paper.shape(),
        "file": statements.HASH_ROOM.decode(),
        "format": statements.FORMAT,
        "key": key,
        "signature": statements.SIGNATURE_ROOM.decode(),
    }
    statement = canonical(rooms)
    assert len(statement) <= statements.LARGEST_STATEMENT, "names of parties are shorter"
    told, attached = apart.DRAWING.ask(_ATTACH, {"statement": statement.decode(), "day": paper.day}, content)
    if not told["pdf"]:
        raise ValueError("Only a PDF can be sealed.")
    made = bytearray(attached)
    found = statements.spot(bytes(made))
    assert found is not None, "the facts stand once in the file, uncompressed"
    assert made[found.begin : found.end] == statement, "and as they were written"
    digest = hashlib.sha256(made).hexdigest()
    signature = keys.sign(private, statements.message(paper.shape(), file_sha256=digest, key=key))
    made[found.hash_begin : found.hash_begin + len(statements.HASH_ROOM)] = digest.encode()
    made[found.signature_begin : found.signature_begin + len(statements.SIGNATURE_ROOM)] = letters(signature).encode()
    return bytes(made)
