"""Render invoices, credit notes, receipts and statements: PDF/A-3a and PDF/UA-1, the same bytes for the same facts.

Called after the facts are frozen; takes about 50 ms, so never inside a transaction that holds locks.
"""

import functools
import hashlib
import importlib.resources
import json
import pathlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import typst

from tallystick.integrations.pdf import glyphs, sheets

_KINDS: dict[str, Callable[[Any], sheets.Sheet]] = {
    "invoice": sheets.invoice,
    "credit_note": sheets.credit_note,
    "receipt": sheets.receipt,
    "statement": sheets.statement,
}
_PAPERS = {"a4", "us-letter"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """Hold a finished document, its SHA-256 in hexadecimal, and the characters that no font could draw (shown as U+FFFD)."""

    content: bytes
    sha256: str
    replaced: tuple[str, ...]


def render(kind: str, facts: Mapping[str, object]) -> Rendered:
    """Draw the facts of an "invoice", "credit_note", "receipt" or "statement" (shapes: facts.Invoice, CreditNote, Receipt, Statement).

    A character that no font can draw is replaced and reported; it never stops the document. Raises KeyError for an unknown kind or a missing fact.
    """
    sheet = _KINDS[kind](facts)
    if sheet["paper"] not in _PAPERS:
        sheet["paper"] = "a4"
    lost: list[str] = []
    drawn = _each_text(sheet, glyphs.drawable, lost)
    try:
        content = _compile(drawn)
    except typst.TypstError as refused:
        if "could not be displayed" not in refused.message:
            raise
        content = _compile(_each_text(drawn, glyphs.plain, lost))
    return Rendered(content=content, sha256=hashlib.sha256(content).hexdigest(), replaced=tuple(dict.fromkeys(lost)))


@functools.cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(glyphs.folders()))


def _compile(sheet: object) -> bytes:
    """Let the template draw the sheet; texts travel as JSON input, never as source."""
    facts = cast("dict[str, Any]", sheet)
    template = pathlib.Path(str(importlib.resources.files(__package__))) / "document.typ"
    compiler = typst.Compiler(template, font_paths=_fonts(), ignore_system_fonts=True, sys_inputs={"sheet": json.dumps(facts, ensure_ascii=False)})
    year, month, day = facts["day"]
    made = compiler.compile(format="pdf", pdf_standards=["a-3a", "ua-1"], timestamp=datetime(year, month, day, tzinfo=UTC))
    return cast("bytes", made)


def _each_text(value: object, mend: Callable[[str], tuple[str, list[str]]], lost: list[str]) -> object:
    """Mend every text in a nested value, collecting what was lost."""
    if isinstance(value, str):
        mended, missing = mend(value)
        lost.extend(missing)
        # the blank around a run of a sentence belongs to it
        return f"{' ' * value.startswith(' ')}{mended}{' ' * (value.endswith(' ') and bool(mended))}"
    if isinstance(value, dict):
        return {key: _each_text(item, mend, lost) for key, item in value.items()}
    if isinstance(value, list):
        return [_each_text(item, mend, lost) for item in value]
    return value
