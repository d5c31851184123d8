"""Sit at a real browser as somebody, and note what the pages complain about."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from stories import visiting

_WAIT_MILLISECONDS = 10_000
_OWN = ("data:", "blob:", "about:", "chrome:", "chrome-extension:")
"""What never leaves the browser; its PDF viewer is an extension."""
_REFUSALS = ("the server responded with a status of 4",)
"""Chromium writes every refused page to its console; a refusal is what some stories are about."""


_ABORTED = ("htmx:sendAbort", "htmx:afterRequest")
"""What htmx logs, as an error, of a question that a newer one or the next page made needless: that is how it is meant."""


@dataclass
class Screens:
    """Windows of the people of one story."""

    browser: Browser
    visits: visiting.Visits
    complaints: list[str] = field(default_factory=list)
    _open: list[BrowserContext] = field(default_factory=list)

    def of(self, email: str, *, script: bool = True, **more: Any) -> Page:
        """Open a window in which this person is signed in."""
        page = self.stranger(self.visits.server.url, java_script_enabled=script, **more)
        client = self.visits.as_(email).client
        # the HTTP visitor's session is this window's too: one sign-in for each person
        page.context.add_cookies([{"name": kept.name, "value": kept.value or "", "url": self.visits.server.url} for kept in client.cookies.jar])
        return page

    def stranger(self, base_url: str, **more: Any) -> Page:
        """Open a window of nobody's."""
        context = self.browser.new_context(base_url=base_url, reduced_motion="reduce", **more)
        self._open.append(context)
        page = context.new_page()
        page.set_default_timeout(_WAIT_MILLISECONDS)
        page.on("console", self._console)
        page.on("pageerror", lambda problem: self.complaints.append(f"script: {problem}"))
        page.on("request", self._request)
        return page

    def close(self) -> None:
        """Close all windows."""
        for context in self._open:
            context.close()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(known in message.text for known in (*_REFUSALS, *_ABORTED)):
            self.complaints.append(f"console: {message.text} at {message.location.get('url')}")

    def _request(self, request: Request) -> None:
        own = self.visits.server.url
        if not request.url.startswith((own, own.replace("127.0.0.1", "localhost"), self.visits.server.gateway_url, *_OWN)):
            self.complaints.append(f"left the host: {request.url}")
