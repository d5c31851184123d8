"""Serve one demo for all stories, point operations at its database, and open browsers on it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Error as BrowserFailed

from stories import browsing, served, visiting
from tallystick.interfaces.cli.place import Place

_FLAGS = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_GROUP = pytest.mark.xdist_group("stories")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the stories in one worker, so that one server serves them all; name those that need a browser."""
    here = Path(__file__).parent
    for item in items:
        if not item.path.is_relative_to(here):
            continue
        item.add_marker(_GROUP)
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server() -> Iterator[served.Served]:
    """Serve the demo for the session."""
    with served.demo() as running:
        yield running


@pytest.fixture(scope="package", autouse=True)
def fresh_queue() -> None:
    """Leave the served demo's queue to its own worker."""


@pytest.fixture(scope="package", autouse=True)
def database(server: served.Served) -> Iterator[None]:
    """Point this process's operations at the served database instead of the tests' own, and back afterwards."""
    place = Place(server.folder)
    note, kept = place.note(), place.secrets()
    before = {alias: dict(connections[alias].settings_dict) for alias in connections}
    for alias in connections:
        connection = connections[alias]
        connection.close()
        password = kept[connection.settings_dict["USER"].removeprefix("tallystick_")]
        connection.settings_dict.update(HOST=note["database_host"], PORT=note["database_port"], NAME=note["database_name"], PASSWORD=password)
    yield
    for alias in connections:
        connections[alias].close()
        connections[alias].settings_dict.update({name: before[alias][name] for name in ("HOST", "PORT", "NAME", "PASSWORD")})


@pytest.fixture(scope="package")
def visits(server: served.Served, database: None) -> visiting.Visits:  # noqa: ARG001 - only its being there counts
    """Sign people in."""
    return visiting.Visits(server)


@pytest.fixture(scope="package")
def browser(database: None) -> Iterator[Browser]:  # noqa: ARG001 - closed before the database is turned back
    """Start Chromium once; without it the story is left out, but under CI that is a failure."""
    found = os.environ.get("TALLYSTICK_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        _leave_out("Chromium is not installed; install Debian's package chromium or name one with TALLYSTICK_CHROMIUM")
    # Playwright's loop runs in this thread between two calls of it, where Django fears to be called from a coroutine
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "yes"
    with sync_playwright() as driver:
        try:
            started = driver.chromium.launch(executable_path=found, args=_FLAGS)
        except BrowserFailed as problem:
            _leave_out(f"Chromium does not start: {str(problem).splitlines()[0]}")
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def _leave_out(reason: str) -> None:
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def screens(browser: Browser, visits: visiting.Visits) -> Iterator[browsing.Screens]:
    """Open windows for people, and see at the end that no page complained and nothing left the host."""
    opened = browsing.Screens(browser, visits)
    yield opened
    opened.close()
    assert not opened.complaints, "\n".join(opened.complaints)
