"""Look through the templates of customers' pages for texts that nobody marked for the catalogues, without rendering them."""

import html.parser
import re
from collections.abc import Iterator

from django.template.base import Lexer, TokenType

from tidy.house import Source

SPOKEN = {"title", "aria-label", "aria-description", "aria-roledescription", "placeholder", "alt", "label", "data-label", "summary"}
"""Attributes that are read aloud or shown."""
SILENT = {"script", "style", "kbd"}
NAMES = {"Tallystick", "CSV", "XLSX", "PDF", "ZIP", "API", "BIC", "IBAN", "XML", "PNG", "JPEG", "met"}
"""What every language writes so; `met` is a word for a program, of the requirements that an order meets."""
CLASSES = {"body_class"}
"""Blocks whose words are names of styles."""
_GIVEN = re.compile(r"\b(?P<name>title|says|label|text|action|word|placeholder|help)=(?P<quoted>\"[^\"]*[A-Za-z]{2}[^\"]*\"|'[^']*[A-Za-z]{2}[^']*')")
_PIECE = "\x00"
"""Stands where a tag or a variable stood."""


def unmarked(source: Source) -> Iterator[str]:
    """Name each text of a template, in an element, an attribute or a word given to a part, that does not go through the catalogue."""
    reader = _Reader()
    reader.feed(re.sub(f"(</?){_PIECE}+", r"\1", "".join(_shown(source))))
    reader.close()
    for line, text in reader.found:
        if set(re.findall(r"[^\W\d_]{2,}", text)) - NAMES:
            yield f"{source.path}:{line}: not marked for translation: {' '.join(text.replace(_PIECE, '…').split())}"
    for token in Lexer(source.text).tokenize():
        if token.token_type is TokenType.BLOCK and token.contents.startswith("include "):
            for given in _GIVEN.finditer(token.contents):
                if " " in given["quoted"] or given["quoted"][1].isupper():
                    yield f"{source.path}:{token.lineno}: not marked for translation: {given['name']}={given['quoted']}"


def _shown(source: Source) -> Iterator[str]:
    """Give what the template writes itself: each tag and variable becomes one mark, what is translated or a comment nothing; lines are kept."""
    within = ""
    for token in Lexer(source.text).tokenize():
        word = token.contents.split(" ", 1)[0] if token.token_type is TokenType.BLOCK else ""
        lines = "\n" * token.contents.count("\n")
        if within:
            within = "" if word == f"end{within}" else within
            yield lines
        elif word in {"blocktranslate", "blocktrans", "comment"} or token.contents.removeprefix("block ") in CLASSES:
            within = word
            yield _PIECE
        elif token.token_type is TokenType.TEXT:
            yield token.contents
        else:
            yield _PIECE + lines


class _Reader(html.parser.HTMLParser):
    """Gather the texts of elements and of spoken attributes, with their lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent = tag
        self.found += [(self.getpos()[0], value) for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent = "" if tag == self._silent else self._silent

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append((self.getpos()[0], data))
