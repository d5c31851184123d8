"""Install a language that marks every text it is asked for, and list the letters of a page that nobody asked it for."""

import html.parser
import inspect
import re
from collections.abc import Iterable

import pytest
from django.utils.translation import trans_real

from tallystick.interfaces.web import templating
from tallystick.interfaces.web.templatetags import tally

OPEN, CLOSE = "⟦", "⟧"
_CONTEXT = "\x04"
_SPOKEN = {"aria-label", "title", "placeholder", "alt", "data-one", "data-many", "data-none", "data-copied", "data-label", "label"}
_SILENT = {"script", "style", "kbd", "code"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_BUTTONS = {"submit", "button", "reset"}
_DAY = re.compile(
    r"(?:\b[A-Z][a-z]+day, )?(?:\b[0-9]{1,2} )?\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b(?: [0-9]{1,4})?(?:, [0-9:]+)?"
)
_CODE = re.compile(r"\b[A-Z]{3}\b|tsk_(?:live|test)_[\w-]+|\S*[0-9@]\S*|\b[A-Z]\b")
_LETTERS = re.compile(r"[A-Za-z]+(?:[^<>|]*[A-Za-z]+)?")


class Pseudo(trans_real.DjangoTranslation):
    """English in which every text says that it went through the catalogue."""

    def gettext(self, message: str) -> str:
        """Mark a text; where it has a context, leave that out."""
        return f"{OPEN}{message.rpartition(_CONTEXT)[2]}{CLOSE}"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Mark one or several."""
        return self.gettext(msgid1 if n == 1 else msgid2)


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let English be that language, until the test ends."""
    pseudo = Pseudo("en")
    monkeypatch.setitem(trans_real._translations, "en", pseudo)
    monkeypatch.setattr(trans_real, "_default", pseudo)
    trans_real.activate("en")
    monkeypatch.setattr(templating.Settled, "render_annotated", lambda settled, context: settled.node.render_annotated(context))
    for kept in ("_still", "_explained"):  # what was said in English before is not said from memory
        monkeypatch.setattr(tally, kept, inspect.unwrap(getattr(tally, kept)))


class _Reader(html.parser.HTMLParser):
    """Read what a page shows or says aloud; a marked text may reach over several elements."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.unmarked: list[str] = []
        self._depth = 0
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at the attributes that are said aloud."""
        if tag not in _VOID:
            self._within.append(tag)
        found = dict(attrs)
        spoken = _SPOKEN | ({"value"} if tag == "input" and found.get("type") in _BUTTONS else set())
        for name, value in attrs:
            if name in spoken and value:
                self.unmarked.append(_outside(value, 0)[0])

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        while tag in self._within and self._within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Look at a text."""
        if _SILENT & set(self._within):
            return
        left, self._depth = _outside(data, self._depth)
        self.unmarked.append(left)


def _outside(text: str, depth: int) -> tuple[str, int]:
    """Leave what stands outside of all marks."""
    left = []
    for letter in text:
        if letter == OPEN:
            depth += 1
        if not depth:
            left.append(letter)
        if letter == CLOSE:
            depth -= 1
            left.append("|")
    return "".join(left), depth


def unmarked(page: str, known: Iterable[str]) -> list[str]:
    """List what a page says in letters and did not ask the catalogue for; names, numbers, days, codes and what is `known` are left out."""
    reader = _Reader()
    reader.feed(page)
    names = re.compile("|".join(re.escape(name) for name in sorted(known, key=len, reverse=True)))
    found: list[str] = []
    for text in reader.unmarked:
        rest = _CODE.sub("", _DAY.sub("", names.sub("", " ".join(text.split()))))
        found += [said.group() for said in _LETTERS.finditer(rest)]
    return found
