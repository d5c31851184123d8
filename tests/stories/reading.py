"""Read pages as a browser without script does: their forms with what is typed in, and their text."""

import html
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

Fields = list[tuple[str, str]]
_VOID_FORMS = {"filter"}


@dataclass(slots=True)
class Form:
    """One form as it would be sent: where to, and name and value of each field; buttons apart."""

    action: str
    method: str
    id: str
    fields: Fields = field(default_factory=list)
    buttons: Fields = field(default_factory=list)

    def filled(self, typed: dict[str, str | list[str] | None] | None = None) -> dict[str, list[str]]:
        """Give the fields with others typed in; None takes a field away."""
        found: dict[str, list[str]] = {}
        for name, value in self.fields:
            found.setdefault(name, []).append(value)
        for name, wanted in (typed or {}).items():
            if wanted is None:
                found.pop(name, None)
            else:
                found[name] = [wanted] if isinstance(wanted, str) else wanted
        return found

    def value(self, name: str) -> str:
        """Give what stands in a field."""
        return next(value for known, value in self.fields if known == name)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.open: Form | None = None
        self.select = ""
        self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: C901 - one case for each kind of field
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.select = self.area = ""
            self.open = Form(said.get("action", ""), said.get("method", "get"), said.get("id", ""))
            self.forms.append(self.open)
        if said.get("form"):
            return
        match tag:
            case "input":
                self._input(said)
            case "button" if self.open and said.get("name"):
                self.open.buttons.append((said["name"], said.get("value", "")))
            case "select":
                self.select = said.get("name", "")
            case "option" if self.open and self.select and "selected" in said:
                self.open.fields.append((self.select, said.get("value", "")))
            case "textarea":
                self.area = said.get("name", "")
                if self.open:
                    self.open.fields.append((self.area, ""))

    def _input(self, said: dict[str, str]) -> None:
        kind, name = said.get("type", "text"), said.get("name", "")
        if self.open is None or not name or kind == "file" or (kind in {"checkbox", "radio"} and "checked" not in said):
            return
        self.open.fields.append((name, said.get("value", "on" if kind == "checkbox" else "")))

    def handle_data(self, data: str) -> None:
        if self.area and self.open:
            name, value = self.open.fields.pop()
            self.open.fields.append((name, value + data))

    def handle_endtag(self, tag: str) -> None:
        if self.area and self.open and tag == "textarea":
            name, value = self.open.fields.pop()
            self.open.fields.append((name, value.removeprefix("\n")))  # as HTML has it
        if tag == "form":
            self.open = None
        if tag == "select":
            self.select = ""
        if tag == "textarea":
            self.area = ""


def forms(page: str) -> list[Form]:
    """List the forms of a page."""
    reader = _Reader()
    reader.feed(page)
    return [form for form in reader.forms if form.id not in _VOID_FORMS]


def form(page: str, *, id: str = "", action: str = "") -> Form:
    """Find the form of this id, or whose address ends so."""
    found = [one for one in forms(page) if (id and one.id == id) or (action and one.action.endswith(action))]
    assert found, f"no form {id or action} on this page:\n{text(page)[:1500]}"
    return found[0]


def text(page: str) -> str:
    """Give the words of a page, its main part where it has one, in one line."""
    main = re.search(r"<main\b.*?</main>", page, re.DOTALL)
    plain = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", main.group(0) if main else page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", plain)).split())
