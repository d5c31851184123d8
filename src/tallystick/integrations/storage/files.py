"""Accept purchase order documents: PDF, PNG or JPEG of at most 10 MB, of the type that their name says, with nothing in them that acts.

Takes up to a second (the file is opened in a process of its own, with little memory and time), so never inside a transaction.
"""

import enum
import hashlib
import os
import pathlib
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from typing import Protocol

import puremagic

from tallystick.integrations.storage.verdicts import Verdict
from tallystick.lib import errors, texts

LARGEST_BYTES = 10 * 1024 * 1024
LONGEST_NAME = 150
_TIMEOUT_SECONDS = 30
_CHUNK_BYTES = 64 * 1024
_FIELD = "document"
_CLEANING = "tallystick.integrations.storage.cleaning"
"""Named, not imported: the libraries that open hostile files are never loaded into the web process."""


class Stream(Protocol):
    """Give bytes piece by piece, as an uploaded file does."""

    def read(self, size: int, /) -> bytes:
        """Read at most `size` bytes; none at the end."""
        ...


class Kind(enum.StrEnum):
    """Name what a document may be; the value is its media type, to be served with exactly this and `nosniff`."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """Hold what is safe to keep: `content` is cleaned, `sha256` (hexadecimal) and `size` are of it; `received_sha256` is of what was sent."""

    name: str
    kind: Kind
    sha256: str
    size: int
    content: bytes
    received_sha256: str


_STARTS = {b"%PDF-": Kind.PDF, b"\x89PNG\r\n\x1a\n": Kind.PNG, b"\xff\xd8\xff": Kind.JPEG}
_ENDINGS = {".pdf": Kind.PDF, ".png": Kind.PNG, ".jpg": Kind.JPEG, ".jpeg": Kind.JPEG}
_WORDS = {Kind.PDF: "PDF", Kind.PNG: texts.marked("PNG image"), Kind.JPEG: texts.marked("JPEG image")}
_SENTENCES = {
    Verdict.ENCRYPTED: ("document_encrypted", texts.marked("This PDF is protected by a password. Save it without one and choose it again.")),
    Verdict.DAMAGED: ("document_damaged", texts.marked("This file is damaged. Save it anew and choose it again.")),
    Verdict.TOO_LARGE: (
        "document_too_long",
        texts.marked("This document has too many pages or pixels. Send at most 500 pages or 50 megapixels."),
    ),
}


def accept(name: str, content: bytes | Stream) -> Accepted:
    """Look hard at an uploaded document and give back what may be kept.

    Reads at most one byte more than the limit. Raises Invalid (field "document") with codes document_empty, document_too_large,
    document_type_unknown, document_type_mismatch, document_encrypted, document_damaged, document_too_long, document_unsafe.
    """
    received = _read(content)
    shown = _clean_name(name)
    kind = _sniff(shown, received)
    cleaned = _clean(kind, received)
    if len(cleaned) > LARGEST_BYTES:
        raise _too_large()
    return Accepted(
        name=shown,
        kind=kind,
        sha256=hashlib.sha256(cleaned).hexdigest(),
        size=len(cleaned),
        content=cleaned,
        received_sha256=hashlib.sha256(received).hexdigest(),
    )


def _read(content: bytes | Stream) -> bytes:
    """Read to the limit and not beyond, whatever size the sender claims."""
    if isinstance(content, bytes):
        received = content
    else:
        pieces: list[bytes] = []
        size = 0
        while size <= LARGEST_BYTES and (piece := content.read(_CHUNK_BYTES)):
            pieces.append(piece)
            size += len(piece)
        received = b"".join(pieces)
    if len(received) > LARGEST_BYTES:
        raise _too_large()
    if not received:
        raise errors.Invalid(texts.marked("This file is empty. Choose the purchase order document."), code="document_empty", field=_FIELD)
    return received


def _too_large() -> errors.Invalid:
    return errors.Invalid(texts.marked("This file is larger than 10 MB. Send a smaller one."), code="document_too_large", field=_FIELD)


def _clean_name(name: str) -> str:
    """Keep the last part of the path, without controls and signs that turn text round, short enough to show."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(sign for sign in last if unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}).strip()
    stem, ending = pathlib.PurePosixPath(shown).stem, pathlib.PurePosixPath(shown).suffix
    return stem[: LONGEST_NAME - len(ending[:10])] + ending[:10]


def _sniff(name: str, received: bytes) -> Kind:
    """Find what the bytes are, and that the name says the same."""
    kind = next((kind for start, kind in _STARTS.items() if received.startswith(start)), None)
    if kind is None:
        raise errors.Invalid(_described(received), code="document_type_unknown", field=_FIELD)
    ending = pathlib.PurePosixPath(name).suffix.lower()
    if _ENDINGS.get(ending) is not kind:
        raise errors.Invalid(
            texts.marked(
                "The name ends in %(ending)s, but the file is a %(kind)s. Name it as what it is and choose it again.",
                ending=ending,
                kind=_WORDS[kind],
            )
            if ending
            else texts.marked("The name ends in nothing, but the file is a %(kind)s. Name it as what it is and choose it again.", kind=_WORDS[kind]),
            code="document_type_mismatch",
            field=_FIELD,
        )
    return kind


def _described(received: bytes) -> texts.Marked:
    """Say what a refused file seems to be, where that is known, and what to send."""
    try:
        found = puremagic.from_string(received[:_CHUNK_BYTES])
    except (puremagic.PureError, ValueError):
        found = ""
    if not found:
        return texts.marked("This file is neither PDF, PNG nor JPEG. Send the purchase order as PDF, PNG or JPEG.")
    return texts.marked("This file seems to be %(kind)s. Send the purchase order as PDF, PNG or JPEG.", kind=found.lstrip(".").upper())


def _clean(kind: Kind, received: bytes) -> bytes:
    """Open the file in a process of its own: a bomb ends that process, not ours. It inherits no secret of our environment."""
    try:
        ended = subprocess.run(  # noqa: S603 - our own module, no shell, the kind is an enum's
            [sys.executable, "-m", _CLEANING, kind.value],
            input=received,
            capture_output=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "LANG": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        raise _unsafe() from None
    if ended.returncode == Verdict.CLEAN:
        return ended.stdout
    if ended.returncode in _SENTENCES:
        code, sentence = _SENTENCES[Verdict(ended.returncode)]
        raise errors.Invalid(sentence, code=code, field=_FIELD)
    raise _unsafe()


def _unsafe() -> errors.Invalid:
    return errors.Invalid(
        texts.marked("This file could not be opened safely. Save it anew and choose it again."), code="document_unsafe", field=_FIELD
    )
