"""Reach every page: the routes that the resolver knows, each with an example out of the story, or made for it (examples.py). A new page is found
without being named here.

A page is what answers HTML to somebody who asks for it. What takes only forms, or answers a file, is none.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
from django.urls import URLPattern, URLResolver, get_resolver

from stories import examples

PEOPLE = {
    "administrator": "ruth@northwind.example",
    "finance-manager": "dana@northwind.example",
    "clerk": "priya@lanternfield.example",
    "approver": "jonas@lanternfield.example",
    "staff-administrator": "helen@lanternfield.example",
}
"""Who opens pages, in a word for their pictures; each page is opened by the first of them who may."""
WITHOUT_EXAMPLE: dict[str, str] = {
    "first-run": "there is a first run only where there is no story",
    "live": "it answers open pages with a mark, no page",
    "sign-in-link": "its link is of one use",
    "payment-return": "the card page leads there once",
    "hook": "gateways speak there",
    "mail-stop": "its link stands in a mail",
    "payment-slip": "a file, of a transfer that waits; the story has none",
    "operator-reminders-letter": "a file, beside a last reminder; the story has sent none before it",
    "credit-note-document": "a file, once the worker has made it; the story's waits for approval",
}
"""Routes that no example opens, each with its reason."""
_NAMED = re.compile(r"<(?:(\w+):)?(\w+)>")
_ID = re.compile(r"/((?:cus|div|po|inv|pay|cn|usr|key|dl|wh|msg)_[0-9a-z]+)/")
_LINK = re.compile(r'(?:href|action|formaction|src)="(/[^"#]*)')
_NOBODYS = {"uuid": "018f0000-0000-7000-8000-000000000001", "int": "1", "slug": "x", "str": "x"}
_WRITTEN = dict.fromkeys(_NOBODYS, "")
"""What is written without a prefix of its kind."""
_MOST_EXAMPLES = 40
_FOLLOWED = {"administrator": 4, "finance-manager": 3, "clerk": 1, "approver": 2, "staff-administrator": 2}
"""So many pages of each shape are followed: more where what somebody sees is all that they have, fewer where a colleague sees the same."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: the route's name, an address, and who opens it (a key of PEOPLE)."""

    route: str
    address: str
    who: str


@dataclass(slots=True)
class Walk:
    """What was found: the pages, the routes that are none, and those that nobody could open."""

    pages: list[Page] = field(default_factory=list)
    no_pages: list[str] = field(default_factory=list)
    unopened: list[str] = field(default_factory=list)


def routes() -> dict[str, str]:
    """List the routes of pages by name, with their patterns; what programs ask (without a session) has no pages."""
    return dict(_routes(get_resolver().url_patterns, "/"))


def _routes(patterns: list[URLPattern | URLResolver], above: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        path = above + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, path)
        elif pattern.lookup_str.startswith("tallystick.interfaces.web."):
            assert pattern.name, f"{path} has no name"
            yield pattern.name, path


def walk(people: dict[str, httpx.Client]) -> Walk:
    """Make the examples, and open every route as the first of the people who may."""
    beside = examples.made(people)
    seen = {who: _links(client, _FOLLOWED[who]) | beside.get(who, set()) for who, client in people.items()}
    found = Walk()
    for route, pattern in routes().items():
        kind = "unopened"
        for who, client in people.items():
            address, kind = _opened(client, pattern, seen[who])
            if kind == "page":
                found.pages.append(Page(route, address, who))
            if kind != "unopened":
                break
        if kind == "no page":
            found.no_pages.append(route)
        elif kind == "unopened":
            found.unopened.append(route)
    return found


def _opened(client: httpx.Client, pattern: str, links: set[str]) -> tuple[str, str]:
    shape = re.compile(_NAMED.sub(lambda named: rf"{_WRITTEN.get(named[1], f'{named[1]}_')}[^/?]+", pattern) + r"(?:\?.*)?")
    examples = [pattern] if not _NAMED.search(pattern) else sorted(link for link in links if shape.fullmatch(link)) or list(_made(pattern, links))
    for address in examples[:_MOST_EXAMPLES]:
        answer = client.get(address)
        if answer.status_code == httpx.codes.METHOD_NOT_ALLOWED:
            return address, "no page"
        if answer.is_redirect and not answer.headers["Location"].startswith(("/person/", "/sign-in/")):
            return address, "no page"  # it leads to the page of a division
        if answer.status_code == httpx.codes.OK:
            is_page = answer.headers["Content-Type"].startswith("text/html") and "<html" in answer.text[:400]
            return address, "page" if is_page else "no page"
    return "", "unopened"


def _made(pattern: str, links: set[str]) -> Iterator[str]:
    """Write addresses that no link of the story leads to, with the ids of those that there are."""
    known = sorted({one for link in links for one in _ID.findall(link)})
    kinds = [kind for kind, _name in _NAMED.findall(pattern)]
    if len(kinds) == 1 and kinds[0] not in _NOBODYS:
        yield from (_NAMED.sub(one, pattern) for one in known if one.startswith(f"{kinds[0]}_"))
    # what takes only forms says so before it looks for what is named
    first = {kind: next((one for one in known if one.startswith(f"{kind}_")), f"{kind}_{'0' * 25}1") for kind in kinds}
    yield _NAMED.sub(lambda named: _NOBODYS.get(named[1]) or first[named[1]], pattern)


def _links(client: httpx.Client, most: int) -> set[str]:
    """Follow links from the first page on, some pages of each shape."""
    waiting, links, often = ["/"], set[str](), dict[str, int]()
    while waiting:
        answer = client.get(waiting.pop(), follow_redirects=True)
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        for link in map(html.unescape, _LINK.findall(answer.text)):
            shape = _ID.sub("/*/", link.partition("?")[0])
            if link not in links and not shape.startswith(("/static/", "/person/", "/sign-in/")) and "?" not in link:
                links.add(link)
                often[shape] = often.get(shape, 0) + 1
                if often[shape] <= most:
                    waiting.append(link)
    return links
