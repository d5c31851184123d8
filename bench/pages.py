"""Look at every page that the story's people reach by links: its server time, what it transfers to a new browser, and when that has painted it."""

import contextlib
import html
import http.client
import os
import re
import shutil
import statistics
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookiejar import CookieJar

from django.urls import Resolver404, resolve
from figures import Figures
from playwright.sync_api import Browser, sync_playwright
from world import Running

_PEOPLE = ("dana@northwind.example", "helen@lanternfield.example")
"""A customer's finance manager and the operator's administrator: between them they open every page."""

_EMPTY = "/preferences/"
"""The shell and hardly anything in it."""

_MOST_TRANSFERRED = 100_000
_MOST_PAINTED_SECONDS = 1.0
_LINK = re.compile(r'href="(/[^"#]*)')
_PAINTED = """() => new Promise(told => {
  new PerformanceObserver(list => { const all = list.getEntries(); told(all[all.length - 1].startTime) })
    .observe({type: 'largest-contentful-paint', buffered: true})
  setTimeout(() => told(null), 3000)
})"""
_TRANSFERRED = "() => performance.getEntries().reduce((sum, entry) => sum + (entry.transferSize || 0), 0)"


@dataclass(frozen=True, slots=True)
class Guest:
    """Hold who is signed in: the opener with the cookies, and the cookies as a header says them."""

    opener: urllib.request.OpenerDirector
    jar: CookieJar

    @property
    def cookies(self) -> str:
        """Write the header."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.jar)


def measure(running: Running, figures: Figures, *, times: int, painted: bool) -> None:
    """Time every page with the story's data beside a view that does nothing and a page with nothing on it; `painted`: in Chromium too."""
    empty, bare, everything = None, None, []
    for email in _PEOPLE:
        guest = sign_in(running, email)
        if empty is None:
            empty = figures.add("empty Django view over HTTP", median_ms(running, "/up/", guest.cookies, times), "ms")
            bare = figures.add(
                "empty page over HTTP: the shell", median_ms(running, _EMPTY, guest.cookies, times), "ms", limit=empty, against="empty view"
            )
        pages = sorted(set(_reached(running, guest)))
        for path in pages:
            told = urllib.parse.urlsplit(path).path
            value = median_ms(running, path, guest.cookies, times)
            figures.add(f"page {_named(told)}", value, "ms", limit=bare, against="empty page", aim="<= 30 ms")
        everything.append((guest, pages))
    if painted:
        _look(running, figures, everything)


def sign_in(running: Running, email: str) -> Guest:
    """Open a person's one-time link."""
    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    opener.open(running.facts["sign_in_links"][email], timeout=20).read()
    return Guest(opener, jar)


def _named(path: str) -> str:
    """Leave the ids out: they are others in each run."""
    return re.sub(r"\b([a-z]+)_[0-9a-z]{10,}", r"\1_…", path)


def _reached(running: Running, guest: Guest) -> Iterator[str]:
    """Follow links from the first page on, one page of each route; files and what needs an answer first are no pages."""
    waiting, routes = ["/"], set()
    while waiting:
        try:
            shown = guest.opener.open(running.url + waiting.pop(0), timeout=20)
        except urllib.error.HTTPError:
            continue  # a page that asks for fresh proof, or that this person may not see
        path = shown.geturl().removeprefix(running.url)
        route = _route(path)
        if route is None or route in routes or not shown.headers["Content-Type"].startswith("text/html"):
            continue
        routes.add(route)
        yield path
        text = shown.read().decode()
        found = (html.unescape(link) for link in _LINK.findall(text))
        waiting += [link for link in found if _route(link) not in {*routes, None}]


def _route(path: str) -> str | None:
    try:
        return resolve(urllib.parse.urlsplit(path).path).route
    except Resolver404:
        return None  # a file of the front end


def median_ms(running: Running, path: str, cookies: str, times: int) -> float:
    """Ask over one kept connection, as a browser does."""
    with contextlib.closing(http.client.HTTPConnection(urllib.parse.urlsplit(running.url).netloc, timeout=20)) as connection:

        def once() -> float:
            begun = time.perf_counter()
            connection.request("GET", path, headers={"Cookie": cookies})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == http.HTTPStatus.OK, f"{path} answered {answer.status}"
            return time.perf_counter() - begun

        for _ in range(4):  # both processes have met the page
            once()
        return statistics.median(once() for _ in range(times)) * 1000


def _look(running: Running, figures: Figures, everything: list[tuple[Guest, list[str]]]) -> None:
    """Open each page in a browser that has kept nothing, and say the heaviest and the slowest."""
    program = os.environ.get("TALLYSTICK_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        print("Chromium is not here: what pages transfer and when they are painted is left out.")
        return
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        seen = [(_named(path), *_painted(browser, running, guest, path)) for guest, pages in everything for path in pages]
        browser.close()
    for path, size, seconds in seen:
        figures.add(f"transferred by {path}", size / 1000, "kB", limit=_MOST_TRANSFERRED / 1000, against="100 kB", aim="<= 1")
        figures.add(f"largest contentful paint of {path}", seconds, "s", limit=_MOST_PAINTED_SECONDS, against="1 s", aim="<= 1")


def _painted(browser: Browser, running: Running, guest: Guest, path: str) -> tuple[int, float]:
    """Give bytes and seconds of the median of three visits, each by a browser that knows nothing of the last."""
    visits = []
    for _ in range(3):
        context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
        context.add_cookies([{"name": cookie.name, "value": str(cookie.value), "url": running.url} for cookie in guest.jar])
        page = context.new_page()
        page.goto(running.url + path, wait_until="load")
        painted = page.evaluate(_PAINTED)
        assert painted is not None, f"{path} painted nothing"
        visits.append((int(page.evaluate(_TRANSFERRED)), float(painted) / 1000))
        context.close()
    return sorted(visits)[1][0], statistics.median(seconds for _, seconds in visits)
