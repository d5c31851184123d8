"""Give a letter its two forms: HTML with its styles written into the elements and nothing from elsewhere, and plain text with the same words."""

import functools
import importlib.resources
import textwrap
from dataclasses import dataclass, field

import css_inline
from django.template import Context, Engine
from django.utils.safestring import mark_safe

_WIDTH = 76
"""Lines of plain text, short enough to be quoted (RFC 3676)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Hold the words of a mail in its reader's language, in their order on the page; empty ones are left out."""

    subject: str
    line: str
    heading: str
    lead: str = ""
    amount: str = ""
    currency: str = ""
    says: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    verb: str = ""
    link: str = ""
    after: tuple[str, ...] = ()
    questions: str = ""
    foot: str = ""
    stop_words: str = field(default="")
    stop: str = ""


def html(letter: Letter, *, language: str, is_leftward: bool) -> str:
    """Write a letter as a page of its own, without any address that a mail program would fetch."""
    values = {"letter": letter, "language": language, "direction": "rtl" if is_leftward else "ltr", "css": mark_safe(_css())}  # noqa: S308 - our own file
    written = _engine().get_template("letters/letter.html").render(Context(values))
    return _inliner().inline(written)


def text(letter: Letter) -> str:
    """Write the same words as plain text."""
    facts = "\n".join(f"{label}: {value}" for label, value in letter.facts)
    rows = "\n".join(" · ".join(one for one in row if one) for row in letter.rows)
    parts = [
        letter.line,
        letter.heading,
        letter.lead,
        f"{letter.amount} {letter.currency}".strip(),
        *letter.says,
        "\n".join(_filled(f"- {one}", "  ") for one in letter.points),
        facts,
        "\n".join(part for part in (" · ".join(letter.columns) if rows else "", rows) if part),
        f"{letter.verb}:\n{letter.link}" if letter.link else "",
        *letter.after,
        letter.questions,
        "-- \n" + letter.foot,
        f"{letter.stop_words}\n{letter.stop}" if letter.stop else "",
    ]
    laid = {id(facts), id(rows)}
    return "\n\n".join(part if id(part) in laid or "\n" in part else _filled(part) for part in parts if part) + "\n"


def _filled(written: str, indent: str = "") -> str:
    return textwrap.fill(written, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


@functools.cache
def _engine() -> Engine:
    return Engine(dirs=[str(importlib.resources.files(__package__) / "templates")])


@functools.cache
def _css() -> str:
    return (importlib.resources.files(__package__) / "templates" / "letters" / "letter.css").read_text(encoding="utf-8")


@functools.cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
