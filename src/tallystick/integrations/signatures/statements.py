"""Write the signed facts that a document carries, and find them in the bytes of a file. Knows no PDF."""

import enum
from dataclasses import dataclass

from tallystick.integrations.signatures.canonical import Value, canonical

NAME = "tallystick-signature.json"
FORMAT = "tallystick-signature/1"
HASH_ROOM = b"0" * 64
SIGNATURE_ROOM = b"0" * 86
BEGIN = b'{"document":{'
MIDDLE = b'","format":"tallystick-signature/1","key":"'
BEFORE_FILE = b',"file":"'
BEFORE_SIGNATURE = b'","signature":"'
END = b'"}'
LARGEST_STATEMENT = 16_384


@dataclass(frozen=True, slots=True)
class Spot:
    """Say where in a file the signed facts stand, and in them the two rooms; all are offsets of the file."""

    begin: int
    hash_begin: int
    signature_begin: int
    end: int

    def emptied(self, content: bytes) -> bytes:
        """Give the file as it was hashed: with zeros in both rooms."""
        made = bytearray(content)
        made[self.hash_begin : self.hash_begin + len(HASH_ROOM)] = HASH_ROOM
        made[self.signature_begin : self.signature_begin + len(SIGNATURE_ROOM)] = SIGNATURE_ROOM
        return bytes(made)


def spot(content: bytes) -> Spot | None:
    """Find the signed facts in the bytes of a file; None where there are none, or more than one could be meant."""
    middle = content.find(MIDDLE)
    if middle < 0 or content.find(MIDDLE, middle + 1) >= 0:
        return None
    hash_begin = middle - len(HASH_ROOM)
    begin = content.rfind(BEGIN, max(0, middle - LARGEST_STATEMENT), middle)
    signature_at = content.find(BEFORE_SIGNATURE, middle + len(MIDDLE), middle + len(MIDDLE) + 200)
    signature_begin = signature_at + len(BEFORE_SIGNATURE)
    end = signature_begin + len(SIGNATURE_ROOM) + len(END)
    if begin < 0 or signature_at < 0 or content[end - len(END) : end] != END or content[hash_begin - len(BEFORE_FILE) : hash_begin] != BEFORE_FILE:
        return None
    return Spot(begin, hash_begin, signature_begin, end)


def message(paper: Value, *, file_sha256: str, key: str) -> bytes:
    """Write what is signed."""
    return canonical({"document": paper, "file": file_sha256, "format": FORMAT, "key": key})


class Found(enum.IntEnum):
    """Name what a search in a PDF found, as the exit code of the process that searched; any other means that its limits ended it."""

    STATEMENT = 0
    NOTHING = 10
    DAMAGED = 11
    ENCRYPTED = 12
