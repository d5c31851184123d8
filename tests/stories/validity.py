"""Check the HTML of a page: the errors of the standard's parser, and what the parser does not look at: ids, references, nesting."""

from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib

_INTERACTIVE = {"a", "button", "input", "select", "textarea", "label", "details", "summary"}
_INSIDE = {"a": _INTERACTIVE - {"label"}, "button": _INTERACTIVE, "label": {"label", "a", "button"}, "summary": set(), "form": {"form"}}
"""What must not stand inside what, of the elements that people work with."""
_REFERENCES = (
    "for",
    "form",
    "list",
    "headers",
    "popovertarget",
    "aria-labelledby",
    "aria-describedby",
    "aria-controls",
    "aria-owns",
    "aria-details",
    "aria-activedescendant",
    "aria-errormessage",
)
_UNIMPLEMENTED = {"unexpected-start-tag-implies-table-voodoo"}


def faults(text: str) -> Iterator[str]:
    """Name everything that is wrong with a page."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
    root = parser.parse(text)
    for (line, column), code, facts in parser.errors:
        if code not in _UNIMPLEMENTED:
            yield f"parse error at {line}:{column}: {code} {facts}"
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    names = Counter(element.get("id") for element in elements if element.get("id") is not None)
    yield from (f"id {name} stands twice" for name, times in names.items() if times > 1)
    yield from (f"id with a blank or empty: {name!r}" for name in names if not name or name.split() != [name])
    for element in elements:
        yield from _references(element, set(names))
        if element.tag == "img" and element.get("alt") is None:
            yield f"img without alt: {element.get('src')}"
        if element.tag in _INSIDE:
            yield from _nested(element)


def _references(element: Element, names: set[str | None]) -> Iterator[str]:
    for attribute in _REFERENCES:
        for name in (element.get(attribute) or "").split():
            if name not in names:
                yield f"<{element.tag}> {attribute} names no element: {name}"


def _nested(outer: Element) -> Iterator[str]:
    for inner in outer.iter():
        if inner is not outer and inner.tag in _INSIDE[str(outer.tag)] and inner.get("type") != "hidden":
            yield f"{inner.tag} inside {outer.tag}: {' '.join(''.join(outer.itertext()).split())[:60]}"
