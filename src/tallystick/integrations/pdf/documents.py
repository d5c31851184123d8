"""Render the documents that customers get: PDF/A-3a and PDF/UA-1, the same bytes for the same facts.

Called after the facts are frozen. Drawn by a process of its own (integrations/apart), in about 50 ms, and a second for the first one: never inside a
transaction that holds locks.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils import translation

from tallystick.integrations import apart
from tallystick.integrations.pdf import accounts, codes, invoices, receipts, sheets, words

_KINDS: dict[str, Callable[[Any], sheets.Sheet]] = {
    "invoice": invoices.invoice,
    "credit_note": invoices.credit_note,
    "receipt": receipts.receipt,
    "payment_slip": receipts.payment_slip,
    "statement": accounts.statement,
    "reminder": accounts.reminder,
}
_PAPERS = {"a4", "us-letter"}
_PICTURES = ("logo", "code", "seal")
"""What a sheet holds that is no text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """Embed a file in a document: what it is to the document ("alternative": the same as data; "data": what it was made from; "supplement")."""

    name: str
    content: bytes
    media_type: str
    relationship: Literal["alternative", "data", "source", "supplement"]
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """Hold a finished document, its SHA-256 in hexadecimal, and the characters that no font could draw (shown as U+FFFD)."""

    content: bytes
    sha256: str
    replaced: tuple[str, ...]


def render(kind: str, facts: Mapping[str, object], *, attachments: Sequence[Attachment] = (), qr: str = "") -> Rendered:
    """Draw the facts of a document ("invoice", "credit_note", "receipt", "payment_slip", "statement", "reminder"; shapes: facts.py).

    `qr` is a text to draw as a code at the foot of the last page: the signature. A character that no font can draw is replaced and
    reported; it never stops the document. Raises KeyError for an unknown kind or a missing fact, ValueError for a `qr` that is too long,
    UnavailableError where the process that draws can not.
    """
    with translation.override(words.language(str(facts.get("language", words.ENGLISH)))):
        sheet = _KINDS[kind](facts)
        sheets.seal(sheet, codes.seal(qr))
    if sheet["paper"] not in _PAPERS:
        sheet["paper"] = "a4"
    pictures = {name: sheet.pop(name, None) for name in _PICTURES}  # type: ignore[misc]  # each is one of the sheet's keys
    inputs = {"pictures": _json(pictures), "attachments": _json([_enclosed(one) for one in attachments])}
    told, content = apart.DRAWING.ask("tallystick.integrations.pdf.drawing:draw", {"sheet": sheet, "inputs": inputs})
    return Rendered(content=content, sha256=hashlib.sha256(content).hexdigest(), replaced=tuple(told["replaced"]))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _enclosed(attachment: Attachment) -> dict[str, object]:
    """Send a text as a text and anything else as its bytes: inputs of the template are texts."""
    try:
        content: str | list[int] = attachment.content.decode()
    except UnicodeDecodeError:
        content = list(attachment.content)
    return {
        "name": attachment.name,
        "content": content,
        "media_type": attachment.media_type,
        "relationship": attachment.relationship,
        "description": attachment.description,
    }
