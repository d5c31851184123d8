"""Open every page that the resolver knows, and see that its HTML is valid: parsed without error, its names and references in order."""

import contextlib
from collections.abc import Iterator

import httpx
import pytest

from stories import everywhere, served, validity


@pytest.fixture(scope="module")
def people() -> Iterator[dict[str, httpx.Client]]:
    """Sign everybody in, on a server of its own: the walk asks for much that other stories do not expect."""
    with served.demo() as server, contextlib.ExitStack() as stack:
        signed_in = {who: stack.enter_context(httpx.Client(base_url=server.url, timeout=30)) for who in everywhere.PEOPLE}
        for who, client in signed_in.items():
            client.get(server.sign_in_links[everywhere.PEOPLE[who]], follow_redirects=True)
        yield signed_in


@pytest.fixture(scope="module")
def found(people: dict[str, httpx.Client]) -> everywhere.Walk:
    """Walk once."""
    return everywhere.walk(people)


def test_every_route_is_a_page_that_is_opened_or_no_page(found: everywhere.Walk) -> None:
    """A new page is opened by itself; one that no example opens is named with its reason, and a reason that is not needed goes."""
    assert {page.route for page in found.pages} | set(found.no_pages) | set(found.unopened) == set(everywhere.routes())
    assert set(found.unopened) <= set(everywhere.WITHOUT_EXAMPLE)
    assert len(found.pages) > 40, "the story leads to many pages"


def test_every_page_is_valid_html(found: everywhere.Walk, people: dict[str, httpx.Client]) -> None:
    """The parser of the HTML standard finds no error, and our rules none."""
    faults = [f"{page.address} ({page.who}): {fault}" for page in found.pages for fault in validity.faults(people[page.who].get(page.address).text)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        ("<div><p>One</div></p>", "parse error"),
        ('<p id="a">A</p><p id="a">B</p>', "id a stands twice"),
        ('<label for="gone">Name</label>', "for names no element: gone"),
        ('<p aria-describedby="gone">A</p>', "aria-describedby names no element: gone"),
        ('<a href="/"><button>A</button></a>', "button inside a"),
        ("<img>", "img without alt"),
        ('<p id="a b">A</p>', "id with a blank"),
    ],
)
def test_what_is_wrong_is_found(broken: str, fault: str) -> None:
    """The rules see what they are for; a page without fault has none."""
    page = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>T</title></head><body>{broken}</body></html>'
    assert any(fault in one for one in validity.faults(page))
    assert list(validity.faults(page.replace(broken, "<p>Good</p>"))) == []
